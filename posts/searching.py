"""What is asked of the search index: the posts that a query finds, and how near the top each belongs."""

from collections.abc import Iterable

from django.db import connection
from django.db.models import Case, F, IntegerField, QuerySet, Value, When
from django.db.models.expressions import Combinable, RawSQL

from posts import fields
from posts.fields import Kind
from posts.models import LINKS, Post
from posts.search_index import LONGEST_PHRASE
from posts.search_queries import COLUMNS, IN_TEXT, Query, Wanted
from taxonomy.models import VOCABULARIES
from taxonomy.words import Phrase


def found_by(posts: QuerySet[Post], query: Query) -> QuerySet[Post]:
    """Those of `posts` that `query` finds; with its faults none."""
    if query.faults:
        return posts.none()
    for wanted in query.wanted:
        posts = posts.filter(pk__in=_places(wanted))
    for wanted in query.unwanted:
        posts = posts.exclude(pk__in=_places(wanted))
    for condition in query.conditions:
        if condition.name in COLUMNS:
            asked: dict[str, object] = {f"{condition.name}__icontains": condition.value}
        elif condition.name == "is":
            asked = {condition.value: True}
        elif condition.name == "collection":
            asked = {"collection__name": condition.value.lower()}
        else:
            asked = {"state": condition.value}
        posts = posts.exclude(**asked) if condition.negated else posts.filter(**asked)
    for days in query.days:
        within: dict[str, object] = {}
        if days.first is not None:
            within["date__gte"] = days.first
        if days.end is not None:
            within["date__lt"] = days.end
        posts = posts.exclude(**within) if days.negated else posts.filter(**within)
    return posts


def by_nearness(posts: QuerySet[Post], query: Query) -> QuerySet[Post]:
    """`posts` with what `query` says in the title first, then in the summary or the terms; the newest first in each."""
    if not query.wanted:
        return posts.order_by("-date", "-pk")
    far: Combinable = Value(0)
    for wanted in query.wanted:
        if wanted.where:
            continue
        far = far + Case(
            When(pk__in=_in_text(wanted.phrase, "title"), then=Value(0)),
            When(pk__in=_in_text(wanted.phrase, "summary"), then=Value(1)),
            default=Value(2),
            output_field=IntegerField(),
        )
    return posts.annotate(far=far).order_by("far", F("date").desc(nulls_last=True), "-pk")


def posts_saying(phrase: Phrase) -> QuerySet[Post]:
    """The posts whose title, summary or body says `phrase`."""
    return Post.objects.filter(pk__in=_in_text(phrase, "")).order_by()


def _places(wanted: Wanted) -> RawSQL:
    """The keys of the posts that say what is wanted where it is wanted."""
    if wanted.where in IN_TEXT:
        return _in_text(wanted.phrase, wanted.where)
    vocabularies = [wanted.where] if wanted.where else list(VOCABULARIES)
    queries, said = _of_terms(wanted.phrase, vocabularies)
    if not wanted.where:
        text, text_said = _text_query(wanted.phrase, "")
        queries, said = [text, *queries], [*text_said, *said]
    return RawSQL(" UNION ".join(queries), said)  # noqa: S611 (put together of our own names; the words are parameters)


def _in_text(phrase: Phrase, where: str) -> RawSQL:
    sql, said = _text_query(phrase, where)
    return RawSQL(sql, said)  # noqa: S611


def _text_query(phrase: Phrase, where: str) -> tuple[str, list[object]]:
    if connection.vendor == "postgresql":
        columns = [f"{each}_words" for each in ([where] if where else IN_TEXT)]
        says = " OR ".join(f"{column} @@ %s::tsquery" for column in columns)
        pieces = _postgresql_phrases(phrase)
        # The pieces of a long phrase may be in parts that follow one another.
        one = f"SELECT post_id FROM posts_searchedtext WHERE {says}"  # noqa: S608
        return " INTERSECT ".join([one] * len(pieces)), [piece for piece in pieces for _column in columns]
    asked = f'"{" ".join(phrase.words)}"' + (" *" if phrase.open else "")
    if where:
        asked = f"{{{where}}} : {asked}"
    return "SELECT rowid FROM posts_words WHERE posts_words MATCH %s", [asked]


def _postgresql_phrases(phrase: Phrase) -> list[str]:
    """`phrase` as tsqueries, all of which must hold: in pieces that are no longer than what two parts share."""
    words = [f"'{word}'" for word in phrase.words]
    if phrase.open:
        words[-1] += ":*"
    step = LONGEST_PHRASE // 2
    starts = range(0, max(1, len(words) - step), step)
    return [" <-> ".join(words[start : start + LONGEST_PHRASE]) for start in starts]


def _of_terms(phrase: Phrase, vocabularies: Iterable[str]) -> tuple[list[str], list[object]]:
    """For each key that holds terms: the posts with one of which the name, or an alias, says the phrase."""
    queries: list[str] = []
    asked = set(vocabularies)
    for each in fields.FIELDS:
        if each.vocabulary not in asked:
            continue
        terms = VOCABULARIES[each.vocabulary]._meta.db_table
        # All names are ours, none of them typed by anybody.
        found = f"SELECT COALESCE(alias_of_id, id) FROM {terms} WHERE words LIKE %s"  # noqa: S608
        if each.kind is Kind.TERMS:
            links = LINKS[each.key]._meta.db_table
            queries.append(f"SELECT content_object_id FROM {links} WHERE tag_id IN ({found})")  # noqa: S608
        else:
            queries.append(f"SELECT id FROM posts_post WHERE {each.key}_id IN ({found})")  # noqa: S608
    return queries, [f"%{phrase.in_a_name}%"] * len(queries)
