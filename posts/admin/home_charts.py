"""The first page's small charts: posts by state, and what was submitted and published in the last weeks."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Count

from posts import reports
from posts.access import Counted
from posts.admin.post_words import STATE_COLOURS, state_label
from posts.admin.reading import posts_where
from posts.models import Post
from posts.moments import day_in_year
from posts.questions import Question
from posts.workflow import State, Transition

WEEKS = 8
_HIGH = 64
_BAR, _GAP, _PAIR = 12, 2, 40


@dataclass(frozen=True, slots=True)
class StateBar:
    """How many posts are in one state, as a bar of so many hundredths."""

    name: str
    count: int
    share: int
    colour: str
    address: str


@dataclass(frozen=True, slots=True)
class Week:
    """What was done in one week, and where its two bars stand in the picture."""

    monday: str
    submitted: int
    published: int
    x: int
    high_submitted: int
    high_published: int

    @property
    def bars(self) -> Sequence[tuple[str, int, int, int]]:
        """Kind, left, top and height of each."""
        return (
            ("submitted", self.x, _HIGH - self.high_submitted, self.high_submitted),
            ("published", self.x + _BAR + _GAP, _HIGH - self.high_published, self.high_published),
        )


@dataclass(frozen=True, slots=True)
class Work:
    """The last weeks, oldest first."""

    weeks: list[Week] = field(default_factory=list)
    width: int = _PAIR * WEEKS
    height: int = _HIGH
    bar: int = _BAR

    @property
    def submitted(self) -> int:
        """Over all weeks."""
        return sum(week.submitted for week in self.weeks)

    @property
    def published(self) -> int:
        """Over all weeks."""
        return sum(week.published for week in self.weeks)


@dataclass(frozen=True, slots=True)
class Stock:
    """How many posts there are, by collection and state."""

    counts: Mapping[tuple[int, str], int]

    def of(self, collection: int) -> int:
        """How many the collection with this key has."""
        return sum(count for (pk, _state), count in self.counts.items() if pk == collection)


# Not the rows but all of them: an index has collection and state alone.
_STOCK = Question(
    lambda counted: counted.visible(Post.objects.order_by()).values_list("collection", "state").annotate(n=Count("*"))
)


def stock_of(counted: Counted) -> Stock:
    """How many posts somebody may see, what is there for practice with them. One query."""
    return Stock({(collection, state): count for collection, state, count in _STOCK.ask(counted)})


def by_state(stock: Stock, counted: Counted) -> list[StateBar]:
    """One bar for each state that has posts that count, in the order of the workflow."""
    counts: dict[str, int] = {}
    for (collection, state), count in stock.counts.items():
        if counted.counts(collection):
            counts[state] = counts.get(state, 0) + count
    most = max(counts.values(), default=0)
    return [
        StateBar(
            name=state_label(state),
            count=counts[state],
            share=max(1, round(100 * counts[state] / most)),
            colour=STATE_COLOURS[state],
            address=posts_where(state__exact=state),
        )
        for state in State
        if counts.get(state)
    ]


def last_weeks(counted: Counted, now: datetime.datetime | None = None) -> Work | None:
    """The work of the last weeks; nothing where none was done. One query."""
    start = reports.since(WEEKS, now=now)
    done: dict[datetime.date, tuple[int, int]] = {}
    for (week, _person), steps in reports.steps_of_weeks(start, counted, now=now).items():
        submitted, published = done.get(week, (0, 0))
        done[week] = submitted + steps.get(Transition.SUBMIT, 0), published + reports.published_of(steps)
    most = max((max(pair) for pair in done.values()), default=0)
    if not most:
        return None
    weeks = []
    for number in range(WEEKS):
        monday = start.date() + datetime.timedelta(weeks=number)
        submitted, published = done.get(monday, (0, 0))
        weeks.append(
            Week(
                monday=day_in_year(monday),
                submitted=submitted,
                published=published,
                x=_PAIR * number + (_PAIR - 2 * _BAR - _GAP) // 2,
                high_submitted=_high(submitted, most),
                high_published=_high(published, most),
            )
        )
    return Work(weeks)


def _high(count: int, most: int) -> int:
    return max(2, round(_HIGH * count / most)) if count else 0
