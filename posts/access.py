"""Who may be where: in every collection, or in those that somebody is limited to (docs/decisions/0033).

Whoever is limited neither sees nor changes anything of another collection, and is told of nothing there. The practice
collection is open to everybody. Superusers are never limited. Every room asks here; none looks at the limit itself.
"""

from typing import Any, TypeVar

from django.contrib.auth.models import User
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Exists, Q, QuerySet

from posts.models import Collection, Profile
from posts.questions import Question

Rows = TypeVar("Rows", bound=QuerySet[Any])

_NOWHERE: frozenset[int] = frozenset()
_PRACTICE = Question(lambda: Collection.objects.filter(practice=True).values_list("pk"))


def collections_of(person: Any) -> frozenset[int] | None:
    """The keys of the collections that `person` may enter; None for one without a limit. At most two queries, once."""
    if not person.is_authenticated:
        return _NOWHERE
    if person.is_superuser:
        return None
    try:
        profile = person.profile
    except ObjectDoesNotExist:
        return None
    return profile.rooms if profile.limited else None


def is_limited(person: Any) -> bool:
    """Whether `person` is limited to some collections."""
    return collections_of(person) is not None


def may_enter(person: Any, collection: int | None) -> bool:
    """Whether `person` may see and change what is in the collection with this key; None is no collection's."""
    rooms = collections_of(person)
    return rooms is None or collection is None or collection in rooms


def may(person: Any, permission: str, collection: int | None) -> bool:
    """Whether `person` holds `permission` ("app.codename") in the collection with this key."""
    return bool(person.has_perm(permission)) and may_enter(person, collection)


def within(person: Any, rows: Rows, to: str = "collection") -> Rows:
    """Those of `rows` that `person` may see; `to` leads from a row to its collection ("pk": the rows are these)."""
    return _in_rooms(collections_of(person), rows, to)


def _in_rooms(rooms: frozenset[int] | None, rows: Rows, to: str) -> Rows:
    return rows if rooms is None else rows.filter(**{f"{to}__in": rooms})


def as_free(people: QuerySet[User], person: User) -> QuerySet[User]:
    """Those of `people`, but for `person`, who may enter every collection that `person` may."""
    others = people.exclude(pk=person.pk)
    rooms = collections_of(person)
    if rooms is None:
        return others.filter(Q(is_superuser=True) | Q(profile=None) | Q(profile__limited=False))
    for room in sorted(rooms):
        others = who_may_enter(others, room)
    return others


class Counted:
    """What counts as the work of one person and of everybody: what they may see, without what is there for practice.

    For somebody who is limited to what is there for practice it is just that. Asks once, for several lists.
    Two that let the same rows count are equal, so that a `Question` may depend on one.
    """

    def __init__(self, person: Any) -> None:
        self._rooms = collections_of(person)
        practice = frozenset(pk for [pk] in _PRACTICE.ask())
        # Who may be nowhere else works there.
        self._practice = frozenset() if self._rooms is not None and self._rooms <= practice else practice

    def __eq__(self, other: object) -> bool:
        """Whether the other one lets the same count."""
        return isinstance(other, Counted) and self._key == other._key

    def __hash__(self) -> int:
        """As `__eq__` compares."""
        return hash(self._key)

    @property
    def _key(self) -> tuple[frozenset[int] | None, frozenset[int]]:
        return self._rooms, self._practice

    def counts(self, collection: int) -> bool:
        """Whether what is in the collection with this key counts; that it may be seen is known."""
        return collection not in self._practice

    def visible(self, rows: Rows, to: str = "collection") -> Rows:
        """Those of `rows` that the person may see, what is there for practice with them; `to` as for `within`."""
        return _in_rooms(self._rooms, rows, to)

    def of(self, rows: Rows, to: str = "collection") -> Rows:
        """Those of `rows` that count; `to` as for `within`."""
        if self._rooms is not None:
            return _in_rooms(self._rooms - self._practice, rows, to)
        return rows.exclude(**{f"{to}__in": self._practice}) if self._practice else rows


def who_may_enter(people: QuerySet[User], collection: int | None) -> QuerySet[User]:
    """Those of `people` who may see what is in the collection with this key; for None all of them."""
    if collection is None:
        return people
    let_in = Profile.objects.filter(Q(limited=False) | Q(collections=collection)).values("person")
    open_to_all = Exists(Collection.objects.filter(pk=collection, practice=True))
    return people.filter(Q(is_superuser=True) | Q(profile=None) | Q(pk__in=let_in) | open_to_all)
