"""What was done, how long it took, what waits, and what is overdue: counted in SQL, over a bounded period."""

import datetime
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Count, F, Max, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, TruncWeek
from django.utils import timezone

from posts.models import Event, Post
from posts.situations import LEAVING
from posts.workflow import State, Transition

WEEKS = (4, 13, 26, 52)
"""How many weeks a report may look back."""

MOST_PUBLICATIONS = 5000
"""Of how many publications, the newest, the times are computed; a period with more is told by these as well."""

WAITING = (State.CHANGES_REQUESTED, State.IN_REVIEW, State.APPROVED)
_COUNTED = (
    Transition.SUBMIT,
    Transition.APPROVE,
    Transition.REQUEST_CHANGES,
    Transition.PUBLISH,
    Transition.MAKE_EVERGREEN,
    Transition.CONFIRM,
)


@dataclass(frozen=True, slots=True)
class Activity:
    """What one person did in one week (its Monday): the steps they took, by kind, and all of them."""

    week: datetime.date
    name: str
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
    """How many posts wait in one state, and since when the one that waits longest."""

    state: str
    count: int
    oldest: datetime.datetime | None


def since(weeks: int, *, now: datetime.datetime | None = None) -> datetime.datetime:
    """The Monday, at midnight of the site, with which the last `weeks` weeks begin, this one with them."""
    zone = timezone.get_default_timezone()
    today = timezone.localdate(now or timezone.now(), zone)
    monday = today - datetime.timedelta(days=today.weekday(), weeks=weeks - 1)
    return datetime.datetime.combine(monday, datetime.time.min, zone)


def activity(start: datetime.datetime, *, collection: int = 0) -> list[Activity]:
    """The steps that people took since `start`, by week (newest first) and person. One query."""
    events = _of(collection, Event.objects.filter(at__gte=start, by__isnull=False), "post__collection")
    zone = timezone.get_default_timezone()
    counts = {name: Count("pk", filter=Q(transition=name)) for name in _COUNTED}
    rows = (
        events.order_by()
        .annotate(week=TruncWeek("at", tzinfo=zone))
        .values("week", "by", "by__first_name", "by__last_name", "by__username")
        .annotate(all=Count("pk"), **counts)
    )
    found = [
        Activity(
            week=row["week"].date(),
            name=f"{row['by__first_name']} {row['by__last_name']}".strip() or row["by__username"],
            submitted=row[Transition.SUBMIT],
            approved=row[Transition.APPROVE],
            asked=row[Transition.REQUEST_CHANGES],
            published=row[Transition.PUBLISH] + row[Transition.MAKE_EVERGREEN],
            confirmed=row[Transition.CONFIRM],
            all=row["all"],
        )
        for row in rows
    ]
    return sorted(found, key=lambda each: (-each.week.toordinal(), -each.all, each.name))


def times(start: datetime.datetime, *, collection: int = 0) -> list[Took]:
    """How long it took from the first to the last step of each publication since `start`. One query.

    "writing" is from when the post came, or was last published, to its submission; "review" from there to the
    approval; "publishing" from there to the publication; "all" is the whole.
    """
    published = Event.objects.filter(at__gte=start, transition__in=(Transition.PUBLISH, Transition.MAKE_EVERGREEN))
    published = _of(collection, published, "post__collection")
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


def waiting(*, collection: int = 0) -> list[Waiting]:
    """How many posts wait in each state of the review, and since when. One query."""
    posts = _of(collection, Post.objects.filter(state__in=WAITING), "collection").order_by()
    found = {row["state"]: row for row in posts.values("state").annotate(count=Count("pk"), oldest=Min("changed_at"))}
    return [
        Waiting(state, found[state]["count"], found[state]["oldest"]) if state in found else Waiting(state, 0, None)
        for state in WAITING
    ]


def waiting_posts(most: int, *, collection: int = 0) -> Iterator[tuple[Post, datetime.datetime]]:
    """The posts that wait longest since their last step or change, with since when. One query."""
    steps = Event.objects.filter(post=OuterRef("pk"), to_state=OuterRef("state")).exclude(from_state=F("to_state"))
    posts = _of(collection, Post.objects.filter(state__in=WAITING), "collection")
    posts = posts.select_related("submitted_by").order_by("changed_at", "pk")
    columns = ("title", "path", "state", "changed_at", "submitted_by")
    posts = posts.annotate(since=Subquery(steps.order_by().values("post").annotate(at=Max("at")).values("at")))
    rows = [(post, post.since or post.changed_at) for post in posts.only(*columns)[:most]]
    yield from sorted(rows, key=lambda row: row[1])


def overdue(*, collection: int = 0, today: datetime.date | None = None) -> QuerySet[Post]:
    """The evergreen posts whose review-by date has come, the oldest first."""
    day = today or timezone.localdate(timezone=timezone.get_default_timezone())
    posts = Post.objects.filter(state=State.EVERGREEN, review_by__lte=day)
    return _of(collection, posts, "collection").order_by("review_by", "pk")


def _of(collection: int, rows: QuerySet, column: str) -> QuerySet:
    return rows.filter(**{column: collection}) if collection else rows
