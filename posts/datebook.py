"""What falls on which day: a list of sources, each a kind of date with its own query."""

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.utils import timezone

from posts.access import Counted, Rows, within
from posts.models import Post, Schedule
from posts.workflow import State

MOST = 400
"""How many dates of one kind are shown at once; a calendar with more could not be read."""


@dataclass(frozen=True, slots=True)
class Span:
    """The days that are asked for, both with, and the collection, 0 for all."""

    first: datetime.date
    last: datetime.date
    collection: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """One date: of which kind, on which day and at which time of the site, and of which post.

    `key` is that of the row which holds the date, `step` the step of a schedule. `odd` marks what is refused, waits,
    or is overdue.
    """

    kind: str
    day: datetime.date
    post: Post
    key: int
    clock: datetime.time | None = None
    step: str = ""
    odd: bool = False


Source = Callable[[Span, User], Iterator[Entry]]


def _scheduled(span: Span, by: User) -> Iterator[Entry]:
    zone = timezone.get_default_timezone()
    start = datetime.datetime.combine(span.first, datetime.time.min, zone)
    end = datetime.datetime.combine(span.last + datetime.timedelta(days=1), datetime.time.min, zone)
    plans = Schedule.objects.unsettled().filter(at__gte=start, at__lt=end)
    plans = _in_rooms(span, plans, "post__collection", by)
    columns = ("transition", "at", "state", "waited_at", "post__title", "post__path")
    for plan in plans.select_related("post").only(*columns).order_by("at", "pk")[: MOST + 1]:
        at = plan.at.astimezone(zone)
        odd = plan.state == Schedule.State.REFUSED or plan.waited_at is not None
        yield Entry("scheduled", at.date(), plan.post, plan.pk, at.time(), plan.transition, odd)


def _days_of(column: str, state: State) -> Source:
    """The days in `column` of the posts in `state`, by the name of the column."""

    def source(span: Span, by: User) -> Iterator[Entry]:
        today = timezone.localdate(timezone=timezone.get_default_timezone())
        within_span = {f"{column}__gte": span.first, f"{column}__lte": span.last}
        posts = _in_rooms(span, Post.objects.filter(state=state, **within_span), "collection", by)
        for post in posts.only("title", "path", column).order_by(column, "pk")[: MOST + 1]:
            day = getattr(post, column)
            yield Entry(column, day, post, post.pk, odd=day < today)

    return source


def _in_rooms(span: Span, rows: Rows, to: str, by: User) -> Rows:
    """Those of the collection that is asked for, else of all that count for `by`."""
    if span.collection:
        return within(by, rows.filter(**{to: span.collection}), to)
    return Counted(by).of(rows, to)


SOURCES: Mapping[str, Source] = {
    "scheduled": _scheduled,
    "review_due": _days_of("review_due", State.IN_REVIEW),
    "review_by": _days_of("review_by", State.EVERGREEN),
}
"""Every kind of date by its name. A kind more is a function more."""


def entries(span: Span, kinds: Sequence[str], *, by: User) -> tuple[list[Entry], bool]:
    """The dates of `kinds` in `span` that `by` may see, by day and time, and whether some were left out.

    Two queries a kind.
    """
    found: list[Entry] = []
    more = False
    for kind in kinds:
        of_kind = list(SOURCES[kind](span, by))
        more = more or len(of_kind) > MOST
        found += of_kind[:MOST]
    return sorted(found, key=lambda entry: (entry.day, entry.clock or datetime.time.min)), more
