"""Which terms are out of somebody's reach: a term belongs to every collection in which a post has it (decision 33).

Whoever is limited to some collections changes no term that a post of another one has. What nobody uses is anybody's.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from posts.access import collections_of
from posts.models import LINKS, Post
from posts.term_uses import key_of
from taxonomy.models import VOCABULARIES, Term

_BATCH = 500


def out_of_reach(vocabulary: type[Term], terms: Iterable[int], by: User) -> dict[int, str]:
    """Of the terms with the keys `terms` those that `by` may not change, each with its name.

    An alias counts as the term that it is another name for. No query for one without a limit.
    """
    rooms = collections_of(by)
    pks, found = list(terms), dict[int, str]()
    if rooms is None:
        return found
    for start in range(0, len(pks), _BATCH):
        rows = vocabulary._default_manager.filter(pk__in=pks[start : start + _BATCH])
        rows = rows.annotate(of=Coalesce("alias_of", "pk")).filter(of__in=_used_outside(vocabulary, rooms))
        found |= dict(rows.values_list("pk", Coalesce("alias_of__name", "name")))
    return found


def within_reach(terms: "QuerySet[Term]", by: User) -> "QuerySet[Term]":
    """Those of `terms`, which are no aliases, that `by` may change."""
    rooms = collections_of(by)
    return terms if rooms is None else terms.exclude(pk__in=_used_outside(terms.model, rooms))


def may_change(term: Term, by: User) -> bool:
    """Whether `term`, or what it is another name for, is within the reach of `by`."""
    return term.pk is None or not out_of_reach(type(term), [term.pk], by)


def changed_out_of_reach(definition: Mapping[str, Any], by: User) -> str:
    """The name of a term that a step with this `definition`, or its undo, changes and `by` may not; "" for none.

    To split a term, to delete it, or to write its own name out changes posts; the term stays as it is elsewhere.
    """
    vocabulary = VOCABULARIES[definition["vocabulary"]]
    if collections_of(by) is None or definition["do"] in ("split", "delete"):
        return ""
    terms = definition.get("terms") or [definition[each] for each in ("term", "target") if each in definition]
    if definition["into"] == [definition["name"]] and definition["do"] == "rename":
        terms = list(vocabulary._default_manager.filter(pk__in=terms, is_new=True).values_list("pk", flat=True))
    return next(iter(out_of_reach(vocabulary, terms, by).values()), "")


def _used_outside(vocabulary: type[Term], rooms: Iterable[int]) -> QuerySet[Any, Any]:
    key = key_of(vocabulary)
    if key in LINKS:
        return LINKS[key].objects.exclude(content_object__collection__in=rooms).values("tag")
    return Post.objects.exclude(collection__in=rooms).exclude(**{key: None}).order_by().values(key)
