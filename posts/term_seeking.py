"""Which known terms a text mentions and its post does not list, and the other way round: rows kept with the checks.

They are made anew whenever a text is checked. What the vocabularies gain, lose or rename concerns few texts: those
alone are checked again (`ask_again_for_names`), found by the search index and by the rows themselves.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

from django.db import transaction
from django.db.models import CharField, Count, Max, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce, Length

from posts import fields
from posts.checks.hits import PARTS, Searched, text_of
from posts.document.document import Document
from posts.models import CheckedText, IgnoredTerm, Post, SoughtNames, SuggestedTerm
from posts.questions import Question
from posts.searching import posts_saying
from posts.term_changes import KEY_OF, takes_a_list
from taxonomy.mentions import Finder, Mention, TermName, unmentioned
from taxonomy.models import VOCABULARIES
from taxonomy.names import normal
from taxonomy.words import phrase_of, plain

SOUGHT = tuple(name for name in VOCABULARIES if takes_a_list(KEY_OF[name]))
_EXPECTED = ("person", "organisation", "product", "mediawork")
"""Vocabularies of names that a text says itself; a tag sums up what it never says."""

_BATCH = 200
_MOST_PASSAGES = 2
_MANY_NAMES = 300
"""When more of them changed, it is less work to check every text again."""

Ignored = frozenset[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Unmentioned:
    """A term that a post lists, under `name`, and that its text never mentions."""

    vocabulary: str
    pk: int
    name: str


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What a text mentions and its post does not list, the most often mentioned first; and what it lists in vain."""

    missing: tuple[Mention, ...] = ()
    unmentioned: tuple[Unmentioned, ...] = ()


@dataclass(frozen=True, slots=True)
class KnownNames:
    """All names of the vocabularies that are sought: to be found in a text, and with what they mean."""

    finder: Finder
    term_of: Mapping[tuple[str, str], int]
    names_of: Mapping[tuple[str, int], Sequence[str]]


_known: dict[str, tuple[tuple[object, ...], KnownNames]] = {}
_making = Lock()


def known_names() -> KnownNames:
    """All names, made ready once in a process, and again when the vocabularies changed."""
    now = _mark()
    with _making:
        had = _known.get("names")
        if had is not None and had[0] == now:
            return had[1]
        names = _all_names()
        names_of: dict[tuple[str, int], list[str]] = defaultdict(list)
        for each in names:
            names_of[each.vocabulary, each.pk].append(each.name)
        term_of = {(each.vocabulary, normal(each.name)): each.pk for each in names}
        made = KnownNames(Finder(names), term_of, dict(names_of))
        _known["names"] = (now, made)
        return made


def sought_in(document: Document, known: KnownNames, ignored: Ignored = frozenset()) -> Suggestions:
    """What is suggested for `document`, but for the terms that are ignored. Asks nobody."""
    text, seen = prose(document)
    listed = {name: _listed(document, name) for name in SOUGHT}
    terms = {
        (name, each): pk
        for name, names in listed.items()
        for each in names
        if (pk := known.term_of.get((name, normal(each)))) is not None
    }
    linked = {(vocabulary, pk) for (vocabulary, _name), pk in terms.items()}
    # Spellings of one name that nobody merged yet are one for this: to suggest the other would make it worse.
    covered = {(term[0], plain(name)) for term in linked for name in known.names_of[term]}
    missing = []
    for each in known.finder.mentions(text, seen):
        term, spelling = (each.vocabulary, each.pk), (each.vocabulary, plain(each.name))
        if term not in linked and term not in ignored and spelling not in covered:
            covered.add(spelling)
            missing.append(each)
    expected = {name: listed[name] for name in _EXPECTED}
    never = unmentioned(expected, {pair: known.names_of[pair[0], pk] for pair, pk in terms.items()}, text)
    found = (Unmentioned(pair[0], terms[pair], pair[1]) for pair in never if pair in terms)
    return Suggestions(tuple(missing), tuple(each for each in found if (each.vocabulary, each.pk) not in ignored))


def prose(document: Document) -> tuple[str, str]:
    """What is searched for names: title, summary and body; and the same with code, tags and addresses blanked."""
    searched = Searched(document)
    text = "\n\n".join(text_of(document, part) for part in PARTS)
    return text, "\n\n".join(map(searched.prose, PARTS))


def keep_suggested(texts: Mapping[int, Document]) -> None:
    """Let the rows of the posts with these keys be what their `texts` mention.

    A constant number of queries. The caller holds the transaction and the posts' locks.
    """
    known, ignored = known_names(), ignored_of(texts)
    had: dict[int, list[SuggestedTerm]] = defaultdict(list)
    for row in SuggestedTerm.objects.filter(post__in=list(texts)).order_by("pk"):
        had[row.post_id].append(row)
    gone, made = [], []
    for post, document in texts.items():
        rows = _rows(post, sought_in(document, known, ignored[post]))
        if [_told(row) for row in rows] != [_told(row) for row in had[post]]:
            gone += [row.pk for row in had[post]]
            made += rows
    SuggestedTerm.objects.filter(pk__in=gone).delete()
    SuggestedTerm.objects.bulk_create(made, batch_size=500)


def ignored_of(posts: Iterable[int]) -> dict[int, Ignored]:
    """For each of the posts with these keys the terms that are not to be suggested: there, or anywhere."""
    pks = list(posts)
    everywhere: set[tuple[str, int]] = set()
    of_posts: dict[int, set[tuple[str, int]]] = defaultdict(set)
    for row in IgnoredTerm.objects.filter(Q(post__in=pks) | Q(post=None)):
        (everywhere if row.post_id is None else of_posts[row.post_id]).add((row.vocabulary, row.term))
    return {pk: frozenset(everywhere | of_posts[pk]) for pk in pks}


def ask_again_for_names() -> int:
    """Let those texts be checked again that names concern which the vocabularies gained, lost or renamed since.

    Gives how many. Not for use inside a transaction.
    """
    mark = repr(_mark())
    had = SoughtNames.objects.first()
    if had is not None and had.mark == mark:
        return 0
    rows = _rows_of_names()
    names: dict[str, list[object]] = {f"{vocabulary} {pk}": [name, of] for vocabulary, pk, name, of in rows}
    posts: set[int] = set()
    if had is not None:
        changed = [
            (key, names.get(key), had.names.get(key))
            for key in sorted({*names, *had.names})
            if names.get(key) != had.names.get(key)
        ]
        posts = _concerned(changed) if len(changed) <= _MANY_NAMES else _all_checked()
    for start in range(0, len(posts), _BATCH):
        _check_again(sorted(posts)[start : start + _BATCH])
    # Only now: who dies before this asks for the same once more.
    SoughtNames.objects.update_or_create(pk=1, defaults={"mark": mark, "names": names})
    return len(posts)


def _concerned(changed: Sequence[tuple[str, list[object] | None, list[object] | None]]) -> set[int]:
    """The posts that may mention a name that came, went, or means another term now."""
    posts: set[int] = set()
    for key, now, before in changed:
        vocabulary, _blank, pk = key.partition(" ")
        told = [each for each in (now, before) if each is not None]
        terms = {int(pk), *(int(str(each[1])) for each in told if each[1] is not None)}
        posts.update(SuggestedTerm.objects.filter(vocabulary=vocabulary, term__in=terms).values_list("post", flat=True))
        for name in {str(each[0]) for each in told}:
            phrase = phrase_of(name)
            if phrase is not None:
                posts.update(posts_saying(phrase).values_list("pk", flat=True))
    return posts


def _all_checked() -> set[int]:
    return set(CheckedText.objects.values_list("post", flat=True))


@transaction.atomic
def _check_again(pks: Sequence[int]) -> None:
    # As the checks do it: one that is at work at this moment is waited for, and its text asked for again.
    Post.objects.filter(pk__in=pks).lock_in_order()
    CheckedText.objects.filter(post__in=pks).update(stamp="")


def _mark() -> tuple[object, ...]:
    """What changes with the vocabularies, cheaply: a name of the same length in the place of another is not seen.

    Whatever renames a term keeps the old name as an alias, so that the number of rows tells.
    """
    return tuple(sorted(_MARKS.ask()))


def _marks() -> QuerySet[Any]:
    """A row for each vocabulary that has terms, in one query."""
    first, *others = (
        VOCABULARIES[name]
        ._default_manager.order_by()
        .annotate(vocabulary=Value(name, output_field=CharField()))
        .values_list("vocabulary")
        .annotate(rows=Count("pk"), newest=Max("pk"), aliases=Coalesce(Sum("alias_of"), 0), signs=Sum(Length("name")))
        for name in SOUGHT
    )
    return first.union(*others, all=True)


_MARKS = Question(_marks)


def _rows_of_names() -> list[tuple[str, int, str, int | None]]:
    found = []
    for vocabulary in SOUGHT:
        rows = VOCABULARIES[vocabulary]._default_manager.order_by("pk")
        found += [(vocabulary, *row) for row in rows.values_list("pk", "name", "alias_of")]
    return found


def _all_names() -> list[TermName]:
    rows = _rows_of_names()
    own = {(vocabulary, pk): name for vocabulary, pk, name, _of in rows}
    return [TermName(vocabulary, of or pk, own[vocabulary, of or pk], name) for vocabulary, pk, name, of in rows]


def _listed(document: Document, vocabulary: str) -> list[str]:
    listed = fields.read_one(document, KEY_OF[vocabulary])
    return listed if isinstance(listed, list) else []


def _rows(post: int, found: Suggestions) -> list[SuggestedTerm]:
    missing = (
        SuggestedTerm(
            post_id=post,
            vocabulary=each.vocabulary,
            term=each.pk,
            name=each.term,
            count=each.count,
            passages=[list(passage) for passage in each.passages[:_MOST_PASSAGES]],
        )
        for each in found.missing
    )
    # One term under two names of the list is one row.
    never = {(each.vocabulary, each.pk): each for each in reversed(found.unmentioned)}
    return [
        *missing,
        *(
            SuggestedTerm(post_id=post, vocabulary=each.vocabulary, term=each.pk, name=each.name, listed=True)
            for each in found.unmentioned
            if never[each.vocabulary, each.pk] is each
        ),
    ]


def _told(row: SuggestedTerm) -> tuple[object, ...]:
    return row.vocabulary, row.term, row.listed, row.name, row.count, row.passages
