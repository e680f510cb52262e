"""What is asked of the search index: the posts that a query finds, and how near the top each belongs."""

import datetime
import re
from bisect import bisect_right
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import Case, F, Func, IntegerField, QuerySet, Value, When
from django.db.models.expressions import Combinable, RawSQL

from posts import fields
from posts.fields import Kind
from posts.models import LINKS, Post
from posts.paths import path_key
from posts.search_index import FIELDS_APART, MARKS, TOO_LONG
from posts.search_queries import COLUMNS, IN_TEXT, Query, Wanted
from taxonomy.models import VOCABULARIES
from taxonomy.words import Phrase

_MOST_LISTED = 5_000
"""More keys than a query should hold."""

_MOST_WEIGHED = 20
"""So many phrases of a query count for the order. SQLite's parser fails at a sum of some seventy."""

_AND_SOME = 50
"""So many texts more than shall be shown are looked into at once: some will not say what is wanted."""

_WILD = re.compile(r"[\\%_]")

Terms = list[tuple[str, str]]
"""Queries for posts by their terms, or their path, each with its parameter."""


def found_by(posts: QuerySet[Post], query: Query) -> QuerySet[Post]:
    """Those of `posts` that `query` finds; with its faults none."""
    if query.faults:
        return posts.none()
    return _on_conditions(_that_say(posts, query.wanted, [_of_terms(each) for each in query.wanted]), query)


def by_nearness(posts: QuerySet[Post], query: Query) -> QuerySet[Post]:
    """`posts` with what `query` says in the title first, then in the summary or the terms; the newest first in each."""
    if not query.wanted:
        return posts.order_by("-date", "-pk")
    return _in_order(posts, _far(query, surely=True))


def nearest(posts: QuerySet[Post], query: Query, most: int) -> QuerySet[Post]:
    """Of those of `posts` that `query` finds the nearest, in order, and no more than `most` of them if that is faster.

    For what is shown in pages: they are asked for once, and what counts and shows them then asks for their keys.
    PostgreSQL would look into every text that may say a phrase, to show a few of them.
    """
    if not query.wanted or query.faults or most > _MOST_LISTED:
        return by_nearness(found_by(posts, query), query)
    with suppress(EmptyResultSet):
        if connection.vendor == "postgresql":
            pks = _nearest_keys(posts, query, most)
        else:
            pks = list(by_nearness(found_by(posts, query), query).values_list("pk", flat=True)[:most])
        return posts.filter(pk__in=pks).order_by(_place_in(pks))
    return posts.none()


def _place_in(pks: Sequence[int]) -> Func:
    """Where the key of a post stands among `pks`, which has it."""
    listed = ",".join(map(str, pks))
    if connection.vendor == "postgresql":
        asked, separator = f"{{{listed}}}", "::bigint[], "
        return Func(Value(asked), F("pk"), function="array_position", arg_joiner=separator, output_field=IntegerField())
    template = "instr(%(expressions)s || ',')"
    return Func(Value(f",{listed},"), F("pk"), template=template, arg_joiner=", ',' || ", output_field=IntegerField())


def _nearest_keys(posts: QuerySet[Post], query: Query, most: int) -> list[int]:
    """The keys, by looking into the texts of the first of those that may be the nearest, until there are enough."""
    of_terms = [_of_terms(each) for each in query.wanted]
    maybe = _on_conditions(_that_say(posts, query.wanted, of_terms, surely=False), query)
    maybe_in_order: QuerySet[Any, Any] = _in_order(maybe, _far(query, surely=False))
    maybe_in_order = maybe_in_order.values_list("pk", "far", "date")
    looks: list[str] = ["TRUE"]
    looks_said: list[Any] = []
    for wanted, terms in zip(query.wanted, of_terms, strict=True):
        look, values = _look(wanted)
        if look:
            looks.append(f"({' OR '.join([look, *(f'o.id IN ({each})' for each, _name in terms)])})")
            looks_said += [*values, *(name for _each, name in terms)]
    far, far_said = _far_by_text(query)
    inner, said = maybe_in_order.query.sql_with_params()
    found: list[tuple[int, bool, int, int]] = []
    with transaction.atomic(savepoint=False), connection.chunked_cursor() as cursor:
        cursor.execute(
            # OFFSET keeps PostgreSQL from looking into the texts before it has them in order; it looks as we read.
            f"SELECT o.id, o.date, o.far, {far}, {' AND '.join(looks)} FROM ({inner} OFFSET 0) AS o(id, far, date)"  # noqa: S608
            " ORDER BY o.far, o.date DESC NULLS LAST, o.id DESC",
            (*far_said, *looks_said, *said),
        )
        while rows := cursor.fetchmany(most + _AND_SOME):
            found += [_place(text_far, date, pk) for pk, date, _far, text_far, says in rows if says]
            found.sort()
            # A post is as near as the index says, or farther: none that was not looked into stands before the last.
            pk, date, index_far, *_ = rows[-1]
            if bisect_right(found, _place(index_far, date, pk)) >= most:
                break
    return [-pk for _far, _undated, _day, pk in found[:most]]


def _place(far: int, date: datetime.date | None, pk: int) -> tuple[int, bool, int, int]:
    """What posts are sorted by."""
    return far, date is None, -date.toordinal() if date else 0, -pk


def _far_by_text(query: Query) -> tuple[str, list[str]]:
    """How far the post `o` is from the top, as SQL; where the index knows, what it says."""
    weighed = _weighed(query)
    if all(len(each.phrase.words) == 1 for each in weighed):
        return "o.far", []
    parts = [f"split_part(text.said, '{FIELDS_APART}', {place})" for place in (1, 2)]
    farness, said = [], list[str]()
    for each in weighed:
        title, summary = (f"{_where_said(part, each.phrase)} > 0" for part in parts)
        farness.append(f"CASE WHEN {title} THEN 0 WHEN {summary} THEN 1 ELSE 2 END")
        said += [way.in_a_text for way in each.phrase.ways] * 2
    # A copy, so that a text is unpacked once for all that is asked of it.
    text = "(SELECT whole.said || '' AS said FROM posts_searchedtext whole WHERE whole.post_id = o.id OFFSET 0) AS text"
    # A post that has such a term is found, be its text in the index or not.
    return f"COALESCE((SELECT {' + '.join(farness)} FROM {text}), o.far)", said  # noqa: S608


def _on_conditions(posts: QuerySet[Post], query: Query) -> QuerySet[Post]:
    """Those of `posts` that say nothing unwanted and of which the conditions are true."""
    for wanted in query.unwanted:
        posts = posts.exclude(pk__in=_places(wanted, _of_terms(wanted), surely=True))
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


def _in_order(posts: QuerySet[Post], far: Combinable) -> QuerySet[Post]:
    return posts.annotate(far=far).order_by("far", F("date").desc(nulls_last=True), "-pk")


def _weighed(query: Query) -> list[Wanted]:
    return [each for each in query.wanted if not each.where][:_MOST_WEIGHED]


def _far(query: Query, *, surely: bool) -> Combinable:
    """How far from the top: for each of the first phrases 0 with it in the title, 1 in the summary, 2 elsewhere.

    Not `surely`: it may be farther.
    """
    far: Combinable = Value(0)
    for wanted in _weighed(query):
        far = far + Case(
            When(pk__in=_about_in(wanted.phrase, "title", surely=surely), then=Value(0)),
            When(pk__in=_about_in(wanted.phrase, "summary", surely=surely), then=Value(1)),
            default=Value(2),
            output_field=IntegerField(),
        )
    return far


def posts_saying(phrase: Phrase) -> QuerySet[Post]:
    """The posts whose title, summary or body says `phrase`."""
    return Post.objects.filter(pk__in=RawSQL(*_text_query([Wanted(phrase)], surely=True))).order_by()  # noqa: S611


def _that_say(
    posts: QuerySet[Post], wanted: Sequence[Wanted], of_terms: Sequence[Terms], *, surely: bool = True
) -> QuerySet[Post]:
    """Those of `posts` that say all that is wanted; not `surely`: and some that may not."""
    together = []
    for each, terms in zip(wanted, of_terms, strict=True):
        if terms or each.where not in ("", *IN_TEXT):
            posts = posts.filter(pk__in=_places(each, terms, surely=surely))
        else:
            together.append(each)
    # As one question the index answers it; of two, PostgreSQL would take one and read the texts for the other.
    return posts.filter(pk__in=RawSQL(*_text_query(together, surely=surely))) if together else posts  # noqa: S611


def _places(wanted: Wanted, terms: Terms, *, surely: bool) -> RawSQL:
    """The keys of the posts that say what is wanted where it is wanted, or have such a term."""
    queries: list[str] = [each for each, _name in terms]
    said: list[object] = [name for _each, name in terms]
    if wanted.where in ("", *IN_TEXT):
        text, text_said = _text_query([wanted], surely=surely)
        queries, said = [text, *queries], [*text_said, *said]
    if not queries:
        return RawSQL("SELECT id FROM posts_post WHERE FALSE", [])
    return RawSQL(" UNION ".join(queries), said)  # noqa: S611 (put together of our own names; the words are parameters)


def _about_in(phrase: Phrase, where: str, *, surely: bool) -> RawSQL:
    """The keys of the posts that say `phrase` in their title or summary; not `surely`: and some that may not."""
    sql, said = _text_query([Wanted(phrase, where)], surely=False)
    if surely and connection.vendor == "postgresql" and len(phrase.words) > 1:
        field = f"split_part(said, '{FIELDS_APART}', {IN_TEXT.index(where) + 1})"
        sql, said = f"{sql} AND {_where_said(field, phrase)} > 0", [*said, *(way.in_a_text for way in phrase.ways)]
    return RawSQL(sql, said)  # noqa: S611


def _text_query(wanted: Sequence[Wanted], *, surely: bool) -> tuple[str, list[object]]:
    if connection.vendor != "postgresql":
        return "SELECT rowid FROM posts_words WHERE posts_words MATCH %s", [" AND ".join(map(_for_sqlite, wanted))]
    sql, said = "SELECT post_id FROM posts_searchedtext found WHERE words @@ %s::tsquery", [_for_postgresql(wanted)]
    looks = [_look(each, "found.post_id") for each in wanted] if surely else []
    return " AND ".join([sql, *(look for look, _ in looks if look)]), [
        *said,
        *(each for _, more in looks for each in more),
    ]


def _for_sqlite(wanted: Wanted) -> str:
    ways = [f'"{" ".join(way.words)}"' + (" *" if way.open else "") for way in wanted.phrase.ways]
    asked = ways[0] if len(ways) == 1 else f"({' OR '.join(ways)})"
    return f"{{{wanted.where}}} : {asked}" if wanted.where else asked


def _for_postgresql(wanted: Sequence[Wanted]) -> str:
    phrases = []
    for each in wanted:
        ways = [_words_for_postgresql(way, each.where) for way in each.phrase.ways]
        # The words of title and summary come first, and are all there.
        rest = [f"'{TOO_LONG}'"] if each.where in ("", "body") else []
        phrases.append(f"({' | '.join([*ways, *rest])})")
    return " & ".join(phrases)


def _words_for_postgresql(phrase: Phrase, where: str) -> str:
    words = [f"'{MARKS[where]}{word}'" for word in phrase.words]
    if phrase.open:
        words[-1] += ":*"
    return " & ".join([*words, *(f"'{joint}'" for joint in phrase.joints)])


def _where_said(text: str, phrase: Phrase) -> str:
    """SQL for where `text` says `phrase`, 0 for nowhere; each of its ways is a parameter."""
    return f"GREATEST({', '.join([f'strpos({text}, %s)'] * len(phrase.ways))})"


def _look(wanted: Wanted, post: str = "o.id") -> tuple[str, list[object]]:
    """Whether the text of a post does say what is wanted, as SQL; nothing where the index alone tells.

    `post` is the column with its key.
    """
    phrase, where = wanted.phrase, wanted.where
    if where not in ("", *IN_TEXT) or (len(phrase.words) == 1 and where in ("title", "summary")):
        return "", []
    text = f"split_part(looked.said, '{FIELDS_APART}', {IN_TEXT.index(where) + 1})" if where else "looked.said"
    # A subquery and no join, so that it is asked post by post.
    sql = f"(SELECT {_where_said(text, phrase)} FROM posts_searchedtext looked WHERE looked.post_id = {post}) > 0"  # noqa: S608
    if len(phrase.words) == 1 and not where:
        # The index alone tells, but of the few texts that it has not whole.
        long = "SELECT post_id FROM posts_searchedtext WHERE words @@ %s::tsquery"
        return f"({post} NOT IN ({long}) OR {sql})", [f"'{TOO_LONG}'", phrase.in_a_text]
    return sql, [way.in_a_text for way in phrase.ways]


def _of_terms(wanted: Wanted) -> Terms:
    """Queries for the posts with a term of which the name, or an alias, says what is wanted; each with its parameter.

    And one for those that have it in their path, if it may be meant so. Of the terms it is one for each key whose
    vocabulary has such a term: to ask all posts for the others would take long for nothing.
    """
    if wanted.where in IN_TEXT:
        return []
    asked = [wanted.where] if wanted.where else list(VOCABULARIES)
    terms = [each for way in wanted.phrase.ways for each in _of_names(f"%{way.in_a_name}%", asked)]
    if wanted.path:
        in_path = _WILD.sub(r"\\\g<0>", path_key(wanted.path))
        terms.append(("SELECT id FROM posts_post WHERE path_key LIKE %s ESCAPE '\\'", f"%{in_path}%"))
    return terms


def _of_names(name: str, asked: Sequence[str]) -> Terms:
    # All names of tables are ours, none of them typed by anybody.
    tables = {each: VOCABULARIES[each]._meta.db_table for each in asked}
    with connection.cursor() as cursor:
        cursor.execute(
            " UNION ALL ".join(
                f"SELECT '{each}' WHERE EXISTS (SELECT 1 FROM {table} WHERE words LIKE %s)"  # noqa: S608
                for each, table in tables.items()
            ),
            [name] * len(tables),
        )
        there = {each for (each,) in cursor.fetchall()}
    queries = []
    for each in fields.FIELDS:
        if each.vocabulary not in there:
            continue
        found = f"SELECT COALESCE(alias_of_id, id) FROM {tables[each.vocabulary]} WHERE words LIKE %s"  # noqa: S608
        if each.kind is Kind.TERMS:
            links = LINKS[each.key]._meta.db_table
            queries.append(f"SELECT content_object_id FROM {links} WHERE tag_id IN ({found})")  # noqa: S608
        else:
            queries.append(f"SELECT id FROM posts_post WHERE {each.key}_id IN ({found})")  # noqa: S608
    return [(query, name) for query in queries]
