"""Evergreen posts: another review-by date, and reminders when one is near and when it has come."""

import datetime
import functools
import operator
from collections.abc import Container, Mapping
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, QuerySet, When
from django.utils import timezone

from posts.assigning import can_work
from posts.errors import EvergreenError
from posts.events import record_event
from posts.models import Collection, Post, Reminder
from posts.notifying import tell
from posts.planning import FARTHEST
from posts.requests import can_review
from posts.saving import record
from posts.situations import lock, permissions_of
from posts.workflow import REVIEW_POST, State

_NEAR = datetime.timedelta(days=7)
_AT_ONCE = 500
_ANSWERING = ("assignee", "approved_by", "submitted_by", "present__by")
"""Who answers for a post, the first before the others."""


@transaction.atomic
def set_review_by(post: Post, day: datetime.date, *, by: User, today: datetime.date | None = None) -> Post:
    """Let an evergreen post be looked at again by `day`; noted in its history.

    Raises EvergreenError("no_permission"), ("no_review_by"), ("day_passed") or ("too_far").
    """
    post = lock(post)
    check_review_by(post, by=by)
    today = today or timezone.localdate(timezone=timezone.get_default_timezone())
    if day <= today:
        raise EvergreenError("day_passed")
    if day - today > FARTHEST:
        raise EvergreenError("too_far")
    if day == post.review_by:
        return post
    before = post.review_by.isoformat() if post.review_by else ""
    record_event(post, "review_by", by=by, note=f"{before} → {day.isoformat()}")
    return record(post, {"review_by": day})


def check_review_by(post: Post, *, by: User) -> None:
    """Raise EvergreenError("no_permission") or ("no_review_by") unless `by` may change the date of `post`."""
    if REVIEW_POST not in permissions_of(by, post.collection_id):
        raise EvergreenError("no_permission", permission=REVIEW_POST)
    if post.state != State.EVERGREEN:
        raise EvergreenError("no_review_by")


def owner_of(post: Post, able: Container[int]) -> User | None:
    """Who answers for `post`: works on it, else approved, submitted or wrote it last, and is in `able` by key.

    `able` are those who can work on posts of its collection (`assigning.can_work`). None: nobody in particular, so
    whoever may review there.
    """
    # As `_ANSWERING` has it; who wrote last is a question of its own, asked only where it matters.
    people = (post.assignee, post.approved_by, post.submitted_by)
    found = next((person for person in people if person is not None and person.pk in able), None)
    if found is None and post.present is not None and post.present.by_id in able:
        found = post.present.by
    return found


def answered_for_by(person: User) -> QuerySet[Post]:
    """The evergreen posts whose `owner_of` is `person`, who counts as able to work on them even if they are not now."""
    named = [Q(**{column: person}) for column in _ANSWERING]
    posts = Post.objects.filter(functools.reduce(operator.or_, named), state=State.EVERGREEN)
    cases = []
    for collection in posts.order_by().values_list("collection", flat=True).distinct():
        able = User.objects.filter(Q(pk=person.pk) | Q(pk__in=can_work(collection).order_by().values("pk")))
        for column in _ANSWERING:
            found = {f"{column}__in": able.values("pk")}
            cases.append(When(collection=collection, **found, then=F(column)))
    return posts.alias(owner=Case(*cases, output_field=IntegerField())).filter(owner=person.pk)


def remind(*, now: datetime.datetime | None = None) -> int:
    """Tell the owners once when a review-by date is a week away, and once when it has come; give how many dates."""
    moment = now or timezone.now()
    today = timezone.localdate(moment, timezone.get_default_timezone())
    rooms = {collection.pk: _Room.of(collection) for collection in Collection.objects.all()}
    due = [
        _remind(pk, Reminder.Kind.DUE, "review_due", moment, rooms)
        for pk in _to_remind(Reminder.Kind.DUE, None, today, rooms)
    ]
    near = [
        _remind(pk, Reminder.Kind.NEAR, "review_near", moment, rooms)
        for pk in _to_remind(Reminder.Kind.NEAR, today, today + _NEAR, rooms)
    ]
    return sum(due) + sum(near)


@dataclass(frozen=True, slots=True)
class _Room:
    """Who can answer for the posts of one collection, and who is told of those that nobody answers for."""

    able: frozenset[int]
    instead: tuple[User, ...]

    @classmethod
    def of(cls, collection: Collection) -> "_Room":
        able = tuple(can_work(collection.pk))
        # What is there for practice is no task of everybody's.
        instead = () if collection.practice else tuple(can_review(collection.pk)) or able
        return cls(frozenset(person.pk for person in able), instead)


def _to_remind(
    kind: Reminder.Kind, after: datetime.date | None, until: datetime.date, rooms: Mapping[int, _Room]
) -> list[int]:
    told = Reminder.objects.filter(post=OuterRef("pk"), day=OuterRef("review_by"), kind=kind)
    # Those of which nobody is to be told would stand before all others each time.
    tellable = Q(collection__in=[pk for pk, room in rooms.items() if room.instead])
    for pk, room in rooms.items():
        if not room.instead:
            for column in _ANSWERING:
                tellable |= Q(collection=pk, **{f"{column}__in": room.able})
    posts = Post.objects.filter(tellable, state=State.EVERGREEN, review_by__lte=until).exclude(Exists(told))
    if after is not None:
        posts = posts.filter(review_by__gt=after)
    return list(posts.order_by("review_by", "pk").values_list("pk", flat=True)[:_AT_ONCE])


@transaction.atomic
def _remind(pk: int, kind: Reminder.Kind, code: str, moment: datetime.datetime, rooms: Mapping[int, _Room]) -> bool:
    post = (
        Post.objects.select_related("assignee", "approved_by", "submitted_by", "present__by")
        .defer("present__text")
        .get(pk=pk)
    )
    if post.review_by is None or post.state != State.EVERGREEN:
        return False
    reminder, made = Reminder.objects.get_or_create(post=post, day=post.review_by, kind=kind)
    if not made:
        return False
    room = rooms[post.collection_id]
    owner = owner_of(post, room.able)
    people = [owner] if owner is not None else room.instead
    told = tell(people, code, post=post, facts={"day": post.review_by.isoformat()}, at=moment)
    if not told:
        # Somebody may answer for it later.
        reminder.delete()
    return bool(told)
