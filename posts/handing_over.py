"""Everything that is one person's, given to another: counted and shown first, then done in one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet

from posts.access import is_limited, within
from posts.assigning import AssignmentRefused, can_work, hand
from posts.events import record_event
from posts.models import Post, Schedule
from posts.notifying import called, tell
from posts.people import people_who_may
from posts.requests import ask_again, can_review
from posts.saving import record
from posts.situations import lock
from posts.workflow import PUBLISH_POST, State

FIRST = 8
"""How many posts of each kind a preview names."""

CHANGE_USER = "auth.change_user"


@dataclass(frozen=True, slots=True)
class Holding:
    """Things of one kind that are a person's: how many, and the first of the posts that they are about."""

    kind: str
    count: int
    posts: tuple[Post, ...]


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of thing that can be handed over: which posts it is about, who could get it, and how it is given."""

    of: Callable[[User], QuerySet[Post]]
    able: Callable[[int | None], QuerySet[User]]
    give: Callable[[QuerySet[Post], User, User, User], int]


def holdings(person: User, *, by: User) -> list[Holding]:
    """What is `person`'s and `by` may see, but for the kinds of which nothing is.

    Two queries a kind, whatever the number of posts.
    """
    found = []
    for name, kind in KINDS.items():
        posts = within(by, kind.of(person))
        count = posts.count()
        if count:
            named = posts.order_by("-changed_at", "-pk").only("title", "path")[:FIRST]
            found.append(Holding(name, count, tuple(named)))
    return found


def may_hand_over(person: User, *, by: User) -> bool:
    """Whether `by` may give away what is `person`'s: their own, or anybody's for who may change people."""
    return by.pk == person.pk or (by.has_perm(CHANGE_USER) and not is_limited(by))


def can_take_over(person: User, *, by: User) -> QuerySet[User]:
    """Whoever could get everything of `person`'s that `by` may see, by name; a query for each kind that there is."""
    able = can_work(None).exclude(pk=person.pk)
    for name, kind in KINDS.items():
        for collection in _collections(within(by, kind.of(person))):
            able = able.filter(pk__in=KINDS[name].able(collection).order_by().values("pk"))
    return able


@transaction.atomic
def hand_over(person: User, to: User, *, by: User) -> dict[str, int]:
    """Give everything that is `person`'s to `to`; gives how many of each kind it was.

    Raises `AssignmentRefused` where `by` may not, or `to` could not take all of it; then nothing is changed.
    """
    if not may_hand_over(person, by=by):
        raise AssignmentRefused("no_permission", permission=CHANGE_USER)
    if to.pk == person.pk:
        raise AssignmentRefused("hand_to_other")
    given = {}
    for name, kind in KINDS.items():
        posts = within(by, kind.of(person))
        collections = _collections(posts)
        if not all(kind.able(collection).filter(pk=to.pk).exists() for collection in collections):
            raise AssignmentRefused("cannot_take_over", name=called(to))
        if collections:
            given[name] = kind.give(posts, person, to, by)
    return given


def _collections(posts: QuerySet[Post]) -> list[int]:
    return list(posts.order_by().values_list("collection", flat=True).distinct())


def _assigned(person: User) -> QuerySet[Post]:
    return Post.objects.filter(assignee=person)


def _drafts(person: User) -> QuerySet[Post]:
    """What somebody wrote or submitted that nobody is said to work on: it waits for them all the same."""
    theirs = Q(present__by=person) | Q(submitted_by=person)
    return Post.objects.filter(theirs, assignee=None, state__in=(State.DRAFT, State.CHANGES_REQUESTED))


def _evergreens(person: User) -> QuerySet[Post]:
    """Those of which they are reminded, as `evergreens.owner_of` has it; whoever is not active is passed over there."""
    unassigned, unapproved, unsubmitted = (
        Q(**{column: None}) | Q(**{f"{column}__is_active": False})
        for column in ("assignee", "approved_by", "submitted_by")
    )
    wrote = unsubmitted & Q(present__by=person)
    theirs = Q(approved_by=person) | unapproved & (Q(submitted_by=person) | wrote)
    return Post.objects.filter(unassigned & theirs, state=State.EVERGREEN).exclude(assignee=person)


def _asked(person: User) -> QuerySet[Post]:
    return Post.objects.filter(reviewer=person)


def _give_assigned(held: QuerySet[Post], _person: User, to: User, by: User) -> int:
    return len(hand(held, to, by=by))


def _give_asked(held: QuerySet[Post], person: User, to: User, by: User) -> int:
    posts = []
    for found in held.order_by("pk"):
        post = lock(found)
        if post.reviewer_id == person.pk:
            note = f"{called(person)} → {called(to)}"
            facts = {"from": called(person), "to": called(to)}
            record_event(post, "ask_other", by=by, note=note, facts=facts)
            posts.append(record(post, {"reviewer": to}))
    _tell_asked(posts, to, by)
    return len(posts)


def _scheduled(person: User) -> QuerySet[Post]:
    return Post.objects.filter(pk__in=Schedule.objects.open().filter(by=person).values("post"))


def _can_publish(collection: int | None) -> QuerySet[User]:
    # What is done at its hour is done as whoever it belongs to, who must be allowed to then.
    return people_who_may(f"posts.{PUBLISH_POST}", collection)


def _give_scheduled(held: QuerySet[Post], person: User, to: User, by: User) -> int:
    given = 0
    for found in held.order_by("pk"):
        post = lock(found)
        changed = Schedule.objects.open().filter(post=post, by=person).update(by=to)
        if changed:
            record_event(post, "hand_schedule", by=by, note=f"{called(person)} → {called(to)}")
            given += changed
    return given


def _tell_asked(posts: Sequence[Post], to: User, by: User) -> None:
    if len(posts) > FIRST:
        tell([to], "asked_many", facts={"by": called(by), "count": len(posts)}, by=by)
    else:
        ask_again(posts, to, by=by)


KINDS: Mapping[str, _Kind] = {
    "assigned": _Kind(_assigned, can_work, _give_assigned),
    "drafts": _Kind(_drafts, can_work, _give_assigned),
    "evergreens": _Kind(_evergreens, can_work, _give_assigned),
    "asked": _Kind(_asked, can_review, _give_asked),
    "scheduled": _Kind(_scheduled, _can_publish, _give_scheduled),
}
"""What can be handed over. Whoever adds something that is a person's adds it here, and its words at the door."""
