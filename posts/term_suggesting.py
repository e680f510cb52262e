"""Known terms that a post's text mentions and its lists do not have, and the other way round."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, Max, Q, Sum
from django.db.models.functions import Length
from django.utils import timezone

from posts import fields
from posts.document.document import Document
from posts.merging import document_of
from posts.models import IgnoredTerm, Post
from posts.term_changes import KEY_OF, takes_a_list
from taxonomy.mentions import Finder, Mention, TermName, unmentioned
from taxonomy.models import VOCABULARIES
from taxonomy.names import normal
from taxonomy.words import plain

_SOUGHT = tuple(name for name in VOCABULARIES if takes_a_list(KEY_OF[name]))
_EXPECTED = ("person", "organisation", "product", "mediawork")
"""Vocabularies of names that a text says itself; a tag sums up what it never says."""


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What a text mentions and its post does not list, and names that it lists and never mentions, with their keys."""

    missing: tuple[tuple[str, Mention], ...]
    unmentioned: tuple[tuple[str, str], ...]


def suggestions(post: Post) -> Suggestions:
    """What is suggested for the present text of `post`, in a fixed number of queries: known terms alone."""
    document = document_of(post.present)
    text = prose(document)
    listed = {name: _listed(document, name) for name in _SOUGHT}
    had = {name: {normal(each) for each in names} for name, names in listed.items()}
    aliases = _names_of(had)
    ignored = set(IgnoredTerm.objects.filter(Q(post=post) | Q(post=None)).values_list("vocabulary", "term"))
    linked = {(vocabulary, pk) for vocabulary, pk, _name in aliases}
    # Spellings of one name that nobody merged yet are one for this: to suggest the other would make it worse.
    covered = {(vocabulary, plain(name)) for vocabulary, _pk, name in aliases}
    found = []
    for each in finder().mentions(text):
        term, spelling = (each.vocabulary, each.pk), (each.vocabulary, plain(each.name))
        if term not in linked and term not in ignored and spelling not in covered:
            covered.add(spelling)
            found.append((KEY_OF[each.vocabulary], each))
    by_name: dict[tuple[str, str], list[str]] = defaultdict(list)
    names_of: dict[tuple[str, int], list[str]] = defaultdict(list)
    for vocabulary, pk, name in aliases:
        names_of[vocabulary, pk].append(name)
    for vocabulary, pk, name in aliases:
        by_name[vocabulary, normal(name)] = names_of[vocabulary, pk]
    expected = {name: listed[name] for name in _EXPECTED}
    known = {(name, each): by_name[name, normal(each)] for name, names in expected.items() for each in names}
    never = unmentioned(expected, known, text)
    return Suggestions(tuple(found), tuple((KEY_OF[vocabulary], name) for vocabulary, name in never))


def prose(document: Document) -> str:
    """What is searched for names: title, summary and body."""
    parts = (str(fields.read_one(document, "title")), str(fields.read_one(document, "summary")), document.body)
    return "\n\n".join(parts)


@transaction.atomic
def ignore(post: Post | None, vocabulary: str, term: int, *, by: User) -> None:
    """Suggest the term no more: for `post`, or without one for any."""
    IgnoredTerm.objects.get_or_create(
        vocabulary=vocabulary, term=term, post=post, defaults={"by": by, "at": timezone.now()}
    )


_known: dict[str, tuple[tuple[object, ...], Finder]] = {}
_making = Lock()


def finder() -> Finder:
    """What finds all names of the vocabularies; made once in a process, and again when the vocabularies changed."""
    now = _fingerprint()
    with _making:
        had = _known.get("finder")
        if had is not None and had[0] == now:
            return had[1]
        made = Finder(_all_names())
        _known["finder"] = (now, made)
        return made


def _fingerprint() -> tuple[object, ...]:
    """What changes with the vocabularies, cheaply: a name of the same length in the place of another is not seen.

    Whatever renames a term keeps the old name as an alias, so that the number of rows tells.
    """
    told = []
    for name in _SOUGHT:
        rows = VOCABULARIES[name]._default_manager.order_by()
        counted = rows.aggregate(rows=Count("pk"), newest=Max("pk"), aliases=Sum("alias_of"), signs=Sum(Length("name")))
        told.append(tuple(counted.values()))
    return tuple(told)


def _all_names() -> list[TermName]:
    names = []
    for vocabulary in _SOUGHT:
        rows = VOCABULARIES[vocabulary]._default_manager.order_by("pk")
        for pk, name, alias_of, own in rows.values_list("pk", "name", "alias_of", "alias_of__name"):
            names.append(TermName(vocabulary, alias_of or pk, own or name, name))
    return names


def _listed(document: Document, vocabulary: str) -> list[str]:
    listed = fields.read_one(document, KEY_OF[vocabulary])
    return listed if isinstance(listed, list) else []


def _names_of(had: Mapping[str, set[str]]) -> list[tuple[str, int, str]]:
    """Vocabulary, term and name of all names of those terms that the post lists."""
    found = []
    for vocabulary, keys in had.items():
        if not keys:
            continue
        rows = VOCABULARIES[vocabulary]._default_manager
        pks = {alias_of or pk for pk, alias_of in rows.filter(key__in=keys).values_list("pk", "alias_of")}
        for pk, name, alias_of in rows.filter(Q(pk__in=pks) | Q(alias_of__in=pks)).values_list(
            "pk", "name", "alias_of"
        ):
            found.append((vocabulary, alias_of or pk, name))
    return found
