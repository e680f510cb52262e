"""Everything that is one person's, given to another: counted and shown first, then done in one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet

from posts.access import is_limited, within
from posts.assigning import AssignmentRefused, can_work, hand
from posts.events import record_event
from posts.evergreens import answered_for_by
from posts.granting import is_mightier_than_roles
from posts.models import Post, Schedule
from posts.notifying import called, tell
from posts.people import holders, people_who_may
from posts.planning import PLANNABLE
from posts.plans import hour_of
from posts.requests import ask_again, ask_anybody, can_review, could_approve
from posts.saving import record
from posts.situations import lock
from posts.workflow import TABLE, State, Transition

FIRST = 8
"""How many posts of each kind a preview names."""

CHANGE_USER = "auth.change_user"

OF_ANYBODY = "asked_of_anybody"
"""For what reviews are counted that whoever takes over could not give: `hand_over` asks any reviewer for them."""

STAYS = "scheduled_stays"
"""For what steps are counted that stay: neither whose they are nor whoever hands over could take them now."""


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
    able: Callable[[User, int], QuerySet[User]]
    give: Callable[[QuerySet[Post], User, User, User], "_Given"]


class _Given(NamedTuple):
    """How many things were given, and how many of them are now asked of anybody in their place."""

    things: int
    of_anybody: int = 0


def holdings(person: User, *, by: User) -> list[Holding]:
    """What is `person`'s and `by` may see, but for the kinds of which nothing is.

    Two queries a kind and one for the evergreens' collections, whatever the number of posts.
    """
    kinds = ((name, within(by, kind.of(person))) for name, kind in _kinds(by).items())
    return [held for name, posts in kinds if (held := _holding(name, posts)).count]


def staying(person: User, *, by: User) -> Holding | None:
    """What is set for later in the name of `person` and stays so when `by` hands over the rest; None for nothing."""
    steps = _plans(person).exclude(pk__in=_going(person, by).order_by().values("pk"))
    held = _holding(STAYS, within(by, Post.objects.filter(pk__in=steps.order_by().values("post"))))
    return held if held.count else None


def _holding(name: str, posts: QuerySet[Post]) -> Holding:
    count = posts.count()
    named = posts.order_by("-changed_at", "-pk").only("title", "path")[:FIRST] if count else ()
    return Holding(name, count, tuple(named))


def may_hand_over(person: User, *, by: User) -> bool:
    """Whether `by` may give away what is `person`'s: their own, or that of anybody whom they may change."""
    if by.pk == person.pk:
        return True
    changes = by.has_perm(CHANGE_USER) and not is_limited(by)
    return changes and (by.is_superuser or not is_mightier_than_roles(person))


def can_take_over(person: User, *, by: User) -> QuerySet[User]:
    """Whoever could get everything of `person`'s that `by` may see, by name.

    A query for each kind that there is, and one for each collection with steps that are set for later.
    """
    able = can_work(None).exclude(pk=person.pk)
    for kind in _kinds(by).values():
        for collection in _collections(within(by, kind.of(person))):
            able = able.filter(pk__in=kind.able(person, collection).order_by().values("pk"))
    return able


@transaction.atomic
def hand_over(person: User, to: User, *, by: User) -> dict[str, int]:
    """Give everything that is `person`'s to `to`; gives how many of each kind it was.

    A review of a text that `to` could not approve, because they wrote or submitted it, is asked of any reviewer: how
    many those are stands under "asked_of_anybody". A step that is set for later and that neither `person` nor `by`
    could take now stays `person`'s, to be refused at its hour: how many stands under "scheduled_stays".

    Raises `AssignmentRefused` where `by` may not, or `to` could not take all of it; then nothing is changed.
    """
    if not may_hand_over(person, by=by):
        raise AssignmentRefused("no_permission", permission=CHANGE_USER)
    if to.pk == person.pk:
        raise AssignmentRefused("hand_to_other")
    given: dict[str, int] = {}
    stays = staying(person, by=by)
    for name, kind in _kinds(by).items():
        posts = within(by, kind.of(person))
        collections = _collections(posts)
        if not all(kind.able(person, collection).filter(pk=to.pk).exists() for collection in collections):
            raise AssignmentRefused("cannot_take_over", name=called(to))
        if collections:
            count, of_anybody = kind.give(posts, person, to, by)
            given[name] = count
            if of_anybody:
                given[OF_ANYBODY] = of_anybody
    return given | ({STAYS: stays.count} if stays is not None else {})


def _collections(posts: QuerySet[Post]) -> list[int]:
    return list(posts.order_by().values_list("collection", flat=True).distinct())


def _assigned(person: User) -> QuerySet[Post]:
    return Post.objects.filter(assignee=person)


def _drafts(person: User) -> QuerySet[Post]:
    """What somebody wrote or submitted that nobody is said to work on: it waits for them all the same."""
    theirs = Q(present__by=person) | Q(submitted_by=person)
    return Post.objects.filter(theirs, assignee=None, state__in=(State.DRAFT, State.CHANGES_REQUESTED))


def _evergreens(person: User) -> QuerySet[Post]:
    """Those of which they are reminded, but for what they are said to work on."""
    return answered_for_by(person).exclude(assignee=person)


def _asked(person: User) -> QuerySet[Post]:
    return Post.objects.filter(reviewer=person)


def _can_work(_person: User, collection: int) -> QuerySet[User]:
    return can_work(collection)


def _give_assigned(held: QuerySet[Post], _person: User, to: User, by: User) -> _Given:
    return _Given(len(hand(held, to, by=by)))


def _can_review(_person: User, collection: int) -> QuerySet[User]:
    return can_review(collection)


def _give_asked(held: QuerySet[Post], person: User, to: User, by: User) -> _Given:
    given: list[Post] = []
    of_anybody: list[Post] = []
    for found in held.order_by("pk"):
        post = lock(found)
        if post.reviewer_id != person.pk:
            continue
        able = could_approve(post, to, post.submitted_by)
        name = called(to) if able else ""
        facts = {"from": called(person), "to": name}
        record_event(post, "ask_other", by=by, note=f"{called(person)} → {name or '–'}", facts=facts)
        (given if able else of_anybody).append(record(post, {"reviewer": to if able else None}))
    _tell_asked(given, to, by)
    ask_anybody(of_anybody, by=by)
    return _Given(len(given), len(of_anybody))


def _plans(person: User) -> QuerySet[Schedule]:
    return Schedule.objects.open().filter(by=person)


def _going(person: User, by: User) -> QuerySet[Schedule]:
    """What is set for later in the name of `person` and goes over: steps that they, or `by`, could take there now.

    With any other, whoever lost a right would use that of somebody who agreed to nothing.
    """
    theirs, bys = Q(pk=None), Q(pk=None)
    for step in PLANNABLE:
        permission = f"posts.{TABLE[step].permission}"
        # Somebody who was deactivated is asked about as if they were not: theirs is what is handed over most.
        theirs |= Q(transition=step, by__in=holders(permission).order_by().values("pk"))
        if by.has_perm(permission):
            bys |= Q(transition=step)
    plans, to = _plans(person), "post__collection"
    return within(person, plans.filter(theirs), to) | within(by, plans.filter(bys), to)


def _scheduled(person: User, *, by: User) -> QuerySet[Post]:
    return Post.objects.filter(pk__in=_going(person, by).order_by().values("post"))


def _can_take_the_steps(person: User, collection: int, *, by: User) -> QuerySet[User]:
    # What is done at its hour is done as whoever it belongs to, who must be allowed to then.
    steps = _going(person, by).filter(post__collection=collection).order_by()
    needed = {TABLE[Transition(step)].permission for step in steps.values_list("transition", flat=True).distinct()}
    able = User.objects.all()
    for permission in sorted(needed):
        able = able.filter(pk__in=people_who_may(f"posts.{permission}", collection).order_by().values("pk"))
    return able


def _give_scheduled(held: QuerySet[Post], person: User, to: User, by: User) -> _Given:
    given: list[Schedule] = []
    for found in held.order_by("pk"):
        post = lock(found)
        plans = list(_going(person, by).filter(post=post).order_by("at", "pk"))
        if plans:
            Schedule.objects.filter(pk__in=[plan.pk for plan in plans]).update(by=to)
            record_event(post, "hand_schedule", by=by, note=f"{called(person)} → {called(to)}")
            given += plans
    _tell_scheduled(given, to, by)
    return _Given(len(given))


def _tell_scheduled(plans: Sequence[Schedule], to: User, by: User) -> None:
    if len(plans) > FIRST:
        tell([to], "schedules_given", facts={"by": called(by), "count": len(plans)}, by=by)
        return
    for plan in plans:
        tell([to], "schedule_given", post=plan.post, facts={"by": called(by), **hour_of(plan)}, by=by)


def _tell_asked(posts: Sequence[Post], to: User, by: User) -> None:
    if len(posts) > FIRST:
        tell([to], "asked_many", facts={"by": called(by), "count": len(posts)}, by=by)
    else:
        ask_again(posts, to, by=by)


def _kinds(by: User) -> Mapping[str, _Kind]:
    """What `by` can hand over. Whoever adds something that is a person's adds it here, and its words at the door."""
    return {
        "assigned": _Kind(_assigned, _can_work, _give_assigned),
        "drafts": _Kind(_drafts, _can_work, _give_assigned),
        "evergreens": _Kind(_evergreens, _can_work, _give_assigned),
        "asked": _Kind(_asked, _can_review, _give_asked),
        "scheduled": _Kind(partial(_scheduled, by=by), partial(_can_take_the_steps, by=by), _give_scheduled),
    }
