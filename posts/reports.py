"""What was done, how long it took, what waits, and what is overdue: counted in SQL, over a bounded period."""

import datetime
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Case, Count, DateField, F, Max, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from posts.access import Counted, Rows, within
from posts.models import Event, Post, Revision, Whence
from posts.notifying import called
from posts.questions import Question
from posts.situations import LEAVING
from posts.workflow import State, Transition

WEEKS = (4, 13, 26, 52)
"""How many weeks a report may look back."""

MOST_PUBLICATIONS = 5000
"""Of how many publications, the newest, the times are computed; a period with more is told by these as well."""

_BY_HAND = (Whence.EDIT, Whence.UPLOAD, Whence.RESTORE)

WAITING = (State.CHANGES_REQUESTED, State.IN_REVIEW, State.APPROVED)


@dataclass(frozen=True, slots=True)
class Activity:
    """What one person did in one week (its Monday): the posts they edited, the steps they took, by kind, and all."""

    week: datetime.date
    name: str
    edited: int
    submitted: int
    approved: int
    asked: int
    published: int
    confirmed: int
    all: int


@dataclass(frozen=True, slots=True)
class Took:
    """How long one stretch of the way to the site took: of how many publications, the half and 90 of 100 within."""

    stretch: str
    count: int
    median: datetime.timedelta | None
    ninety: datetime.timedelta | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many posts wait in one state."""

    state: str
    count: int


def since(weeks: int, *, now: datetime.datetime | None = None) -> datetime.datetime:
    """The Monday, at midnight of the site, with which the last `weeks` weeks begin, this one with them."""
    zone = timezone.get_default_timezone()
    today = timezone.localdate(now or timezone.now(), zone)
    monday = today - datetime.timedelta(days=today.weekday(), weeks=weeks - 1)
    return datetime.datetime.combine(monday, datetime.time.min, zone)


def _steps(mondays: tuple[datetime.datetime, ...], collection: int, counted: Counted) -> QuerySet[Any]:
    events = Event.objects.filter(at__gte=mondays[0], by__isnull=False).order_by()
    events = _counting(events, collection, counted).annotate(week=_week_of(mondays))
    return events.values_list("week", "by", "transition").annotate(Count("pk"))


def _edits(mondays: tuple[datetime.datetime, ...], collection: int, counted: Counted) -> QuerySet[Any]:
    # In the terms of the index `revision_by_hand`, which has all that is asked for: no text is read.
    edits = Revision.objects.filter(at__gte=mondays[0], by__isnull=False, beside=False, whence__in=_BY_HAND).order_by()
    edits = _counting(edits, collection, counted).annotate(week=_week_of(mondays))
    return edits.values_list("week", "by").annotate(Count("post", distinct=True))


def _counting(rows: Rows, collection: int, counted: Counted) -> Rows:
    if collection:
        return counted.visible(rows.filter(post__collection=collection), "post__collection")
    return counted.of(rows, "post__collection")


def _week_of(mondays: tuple[datetime.datetime, ...]) -> Case:
    # Compared as they are: to ask for the week of each moment would be a call of Python for each row on SQLite.
    return Case(*(When(at__gte=at, then=Value(at.date())) for at in reversed(mondays)), output_field=DateField())


_STEPS, _EDITS = Question(_steps), Question(_edits)


def steps_of_weeks(
    start: datetime.datetime, counted: Counted, *, collection: int = 0, now: datetime.datetime | None = None
) -> dict[tuple[datetime.date, int], dict[str, int]]:
    """How often who took which step since `start`, a Monday: by week and the key of the person. One query."""
    counts: dict[tuple[datetime.date, int], dict[str, int]] = {}
    for monday, pk, transition, count in _STEPS.ask(_mondays(start, now), collection, counted):
        counts.setdefault((monday, pk), {})[transition] = count
    return counts


def activity(
    start: datetime.datetime, counted: Counted, *, collection: int = 0, now: datetime.datetime | None = None
) -> list[Activity]:
    """What people did since `start`, a Monday, by week (newest first) and person. Three queries."""
    counts = steps_of_weeks(start, counted, collection=collection, now=now)
    edits = {(monday, pk): count for monday, pk, count in _EDITS.ask(_mondays(start, now), collection, counted)}
    people = User.objects.in_bulk({pk for _week, pk in counts | edits})
    found = []
    for monday, pk in counts | edits:
        done = counts.get((monday, pk), {})
        each = Activity(
            week=monday,
            name=called(people[pk]),
            edited=edits.get((monday, pk), 0),
            submitted=done.get(Transition.SUBMIT, 0),
            approved=done.get(Transition.APPROVE, 0),
            asked=done.get(Transition.REQUEST_CHANGES, 0),
            published=published_of(done),
            confirmed=done.get(Transition.CONFIRM, 0),
            all=sum(done.values()),
        )
        found.append(each)
    return sorted(found, key=lambda each: (-each.week.toordinal(), -each.all, -each.edited, each.name))


def published_of(done: Mapping[str, int]) -> int:
    """How many of the steps in `done` were publications."""
    return done.get(Transition.PUBLISH, 0) + done.get(Transition.MAKE_EVERGREEN, 0)


def _mondays(start: datetime.datetime, now: datetime.datetime | None) -> tuple[datetime.datetime, ...]:
    """Each Monday at midnight of the site until `now`, whatever the clocks do in between."""
    day, until, found = start.date(), now or timezone.now(), []
    while (at := datetime.datetime.combine(day, datetime.time.min, timezone.get_default_timezone())) <= until:
        found.append(at)
        day += datetime.timedelta(weeks=1)
    return tuple(found)


def times(start: datetime.datetime, *, by: User, collection: int = 0) -> list[Took]:
    """How long it took from the first to the last step of each publication since `start`. Two queries.

    "writing" is from when the post came, or was last published, to its submission; "review" from there to the
    approval; "publishing" from there to the publication; "all" is the whole.
    """
    published = Event.objects.filter(at__gte=start, transition__in=(Transition.PUBLISH, Transition.MAKE_EVERGREEN))
    published = _of(collection, by, published, "post__collection")
    before = Event.objects.filter(post=OuterRef("post"), pk__lt=OuterRef("pk")).order_by("-pk")
    rows = (
        published.order_by("-at", "-pk")
        .annotate(
            began=Coalesce(Subquery(before.filter(transition__in=LEAVING).values("at")[:1]), F("post__created_at")),
            submitted=Subquery(before.filter(transition=Transition.SUBMIT).values("at")[:1]),
            approved=Subquery(before.filter(transition=Transition.APPROVE).values("at")[:1]),
        )
        .values_list("began", "submitted", "approved", "at")[:MOST_PUBLICATIONS]
    )
    stretches: dict[str, list[datetime.timedelta]] = {"writing": [], "review": [], "publishing": [], "all": []}
    for began, submitted, approved, at in rows:
        # What belongs to an earlier publication is no part of this one.
        submitted = submitted if submitted is not None and submitted >= began else None
        approved = approved if approved is not None and approved >= (submitted or began) else None
        for stretch, one, other in [
            ("writing", began, submitted),
            ("review", submitted, approved),
            ("publishing", approved, at),
            ("all", began, at),
        ]:
            if one is not None and other is not None:
                stretches[stretch].append(other - one)
    return [
        Took(stretch, len(found), percentile(found, 50), percentile(found, 90)) for stretch, found in stretches.items()
    ]


def percentile(values: Sequence[datetime.timedelta], share: int) -> datetime.timedelta | None:
    """The smallest of `values` within which `share` of 100 of them lie; None of none."""
    if not values:
        return None
    return sorted(values)[math.ceil(len(values) * share / 100) - 1]


def waiting(*, by: User, collection: int = 0) -> list[Waiting]:
    """How many posts wait in each state of the review. Two queries."""
    posts = _of(collection, by, Post.objects.filter(state__in=WAITING), "collection").order_by()
    found = dict(posts.values_list("state").annotate(Count("pk")))
    return [Waiting(state, found.get(state, 0)) for state in WAITING]


def waiting_posts(most: int, *, by: User, collection: int = 0) -> Iterator[tuple[Post, datetime.datetime]]:
    """The posts that wait longest in their state, with since when. Two queries."""
    steps = Event.objects.filter(post=OuterRef("pk"), to_state=OuterRef("state")).exclude(from_state=F("to_state"))
    posts = _of(collection, by, Post.objects.filter(state__in=WAITING), "collection")
    columns = ("title", "path", "state", "changed_at", "submitted_by")
    since_step = Subquery(steps.order_by().values("post").annotate(at=Max("at")).values("at"))
    posts = posts.annotate(since=Coalesce(since_step, F("changed_at"))).order_by("since", "pk")
    for post in posts.select_related("submitted_by").only(*columns)[:most]:
        yield post, post.since


def overdue(*, by: User, collection: int = 0, today: datetime.date | None = None) -> QuerySet[Post]:
    """The evergreen posts whose review-by date has come, the oldest first."""
    day = today or timezone.localdate(timezone=timezone.get_default_timezone())
    posts = Post.objects.filter(state=State.EVERGREEN, review_by__lte=day)
    return _of(collection, by, posts, "collection").order_by("review_by", "pk")


def _of(collection: int, by: User, rows: Rows, column: str) -> Rows:
    """Those of the collection that is asked for, else of all that count for `by`."""
    return within(by, rows.filter(**{column: collection}), column) if collection else Counted(by).of(rows, column)
