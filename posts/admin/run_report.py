"""A run as its page shows it: how far it is, what it did with each file, and why it failed."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, IntegerField, Value, When
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from posts.admin.reading import worded_with_details
from posts.many_running import refusals_of
from posts.models import Conflict, Outcome, Sync
from posts.wording import worded_refusals

PER_PAGE = 100
_Result = Outcome.Result
COLOURS: Mapping[str, str] = {
    _Result.NEW: "success",
    _Result.CHANGED: "info",
    _Result.SAME: "",
    _Result.RENAMED: "info",
    _Result.DELETED: "warning",
    _Result.HELD: "warning",
    _Result.PROBLEM: "danger",
    _Result.SENT: "primary",
    _Result.MERGED: "info",
    _Result.UNDONE: "success",
    _Result.TAKEN: "success",
    _Result.REFUSED: "danger",
}
# In a word or two, where the whole label would be a sentence.
SHORT: Mapping[str, Any] = {
    _Result.NEW: _("new"),
    _Result.CHANGED: _("changed"),
    _Result.SAME: _("unchanged"),
    _Result.RENAMED: _("renamed"),
    _Result.DELETED: _("deleted"),
    _Result.HELD: _("held"),
    _Result.PROBLEM: _("problem"),
    _Result.SENT: _("sent"),
    _Result.MERGED: _("brought together"),
    _Result.UNDONE: _("undone"),
    _Result.TAKEN: _("done"),
    _Result.REFUSED: _("not done"),
}
# What asks for somebody's attention comes first, what is as it was comes last.
ORDER = (
    _Result.PROBLEM,
    _Result.HELD,
    _Result.REFUSED,
    _Result.NEW,
    _Result.CHANGED,
    _Result.MERGED,
    _Result.RENAMED,
    _Result.DELETED,
    _Result.SENT,
    _Result.UNDONE,
    _Result.TAKEN,
    _Result.SAME,
)
_STEPS: Mapping[str, Sequence[tuple[str, Any]]] = {
    Sync.Kind.SYNC: (
        (Sync.Step.FETCH, _("Fetch from the repository")),
        (Sync.Step.IMPORT, _("Bring in what changed there")),
        (Sync.Step.EXPORT, _("Send what changed here")),
    ),
    Sync.Kind.UPLOAD: ((Sync.Step.IMPORT, _("Read the files")),),
    Sync.Kind.DOWNLOAD: ((Sync.Step.EXPORT, _("Pack the posts")),),
    Sync.Kind.PREVIEW: ((Sync.Step.FETCH, _("Fetch from the repository")), (Sync.Step.IMPORT, _("See what it does"))),
    Sync.Kind.UNDO: ((Sync.Step.UNDO, _("Undo it post by post")),),
    Sync.Kind.BULK: ((Sync.Step.BULK, _("Change the posts")),),
    Sync.Kind.STEP: ((Sync.Step.TAKE, _("Post by post")),),
}
_SUMMARIES: Mapping[str, Any] = {
    Sync.State.DONE: _("Everything went through."),
    Sync.State.PARTLY: _("It went through, but for the files that stand first in the list: they wait for somebody."),
    Sync.State.NOTHING_NEW: _("Nothing was new on either side."),
    Sync.State.STOPPED: _("Somebody stopped it. What was done until then stays done, and the next one goes on there."),
    Sync.State.TO_RELEASE: _("What changes posts on the site waits until somebody else releases it."),
}


@dataclass(frozen=True)
class Step:
    """One step of a run: `state` is done, now or ahead; when it began, how long it took, how many files it did."""

    name: str
    title: Any
    state: str
    at: datetime.datetime | None = None
    took: str = ""
    done: int = 0


@dataclass(frozen=True)
class Row:
    """What a run did with one file."""

    outcome: Outcome
    short: Any
    colour: str
    words: str = ""
    line: int | None = None
    commit: str = ""
    conflict: int | None = None


@dataclass(frozen=True)
class Tab:
    """One choice of the filter by result."""

    result: str
    title: Any
    count: int
    chosen: bool


@dataclass
class Report:
    """A run with what its page shows. `result` is the filter, `number` the page of files."""

    run: Sync
    result: str = ""
    number: str | int | None = 1
    steps: list[Step] = field(init=False)

    def __post_init__(self) -> None:
        self.steps = steps_of(self.run)
        if self.result not in _Result.values:
            self.result = ""

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many files came out how."""
        return counts_of(self.run)

    @property
    def tabs(self) -> list[Tab]:
        """The filter: everything, and each result that there is."""
        every = Tab("", _("all files"), sum(self.counts.values()), not self.result)
        there = [result for result in ORDER if self.counts.get(result)]
        return [every, *(Tab(each, SHORT[each], self.counts[each], each == self.result) for each in there)]

    @cached_property
    def page(self) -> Page:
        """One page of the chosen files, with their outcomes."""
        outcomes = Outcome.objects.filter(sync=self.run)
        if self.result:
            outcomes = outcomes.filter(result=self.result).order_by("pk")
        else:
            place = [When(result=result, then=Value(number)) for number, result in enumerate(ORDER)]
            outcomes = outcomes.order_by(Case(*place, output_field=IntegerField()), "pk")
        paginator = Paginator(outcomes.select_related("post"), PER_PAGE)
        # Counted already for the tabs.
        paginator.__dict__["count"] = self.counts.get(self.result, 0) if self.result else sum(self.counts.values())
        return paginator.get_page(self.number)

    @property
    def pages(self) -> list[int | str]:
        """The numbers to choose from, with gaps."""
        return list(self.page.paginator.get_elided_page_range(self.page.number, on_each_side=2, on_ends=1))

    @cached_property
    def rows(self) -> list[Row]:
        """The files of this page in words."""
        outcomes = list(self.page.object_list)
        held = [outcome.post_id for outcome in outcomes if outcome.result == _Result.HELD and outcome.post_id]
        open_ones = Conflict.objects.holding().filter(post__in=held) if held else Conflict.objects.none()
        conflicts = dict(open_ones.values_list("post_id", "pk"))
        return [
            Row(
                outcome,
                SHORT.get(outcome.result, outcome.result),
                COLOURS.get(outcome.result, ""),
                words_of(outcome),
                outcome.facts.get("line"),
                str(outcome.facts.get("commit") or "")[:10],
                conflicts.get(outcome.post_id) if outcome.result == _Result.HELD else None,
            )
            for outcome in outcomes
        ]

    @property
    def failure(self) -> SafeString | str:
        """Why it failed, in plain words first; empty if it did not."""
        return worded_with_details(self.run.error_code, self.run.error_facts) if self.run.error_code else ""

    @property
    def summary(self) -> str:
        """How it ended, in a sentence; empty where something else says it."""
        return "" if self.run.error_code else str(_SUMMARIES.get(self.run.state, ""))

    @property
    def taken(self) -> list[Step]:
        """The steps that it took, with when and how long."""
        return [step for step in self.steps if step.at is not None]

    @property
    def took(self) -> str:
        """How long it took, in the largest unit."""
        if self.run.started_at is None or self.run.ended_at is None:
            return ""
        return lasted(self.run.started_at, self.run.ended_at)

    @property
    def percent(self) -> int | None:
        """How far the present step is, None where that cannot be told."""
        return percent_of(self.run)


def words_of(outcome: Outcome) -> str:
    """What there is to say of `outcome`: every reason where there are several; "" for nothing."""
    return worded_refusals(refusals_of(outcome))


def lasted(start: datetime.datetime, end: datetime.datetime) -> str:
    """The time between the two in words, in the largest unit."""
    seconds = max(0, round((end - start).total_seconds()))
    if seconds < 60:
        return ngettext("%(count)d second", "%(count)d seconds", seconds) % {"count": seconds}
    return timesince(start, end)


def steps_of(run: Sync) -> list[Step]:
    """The steps of such a run, and which of them are behind it, with their times; one taken again counts as one."""
    steps = _STEPS.get(run.kind, ())
    taken = _taken(run)
    if run.kind == Sync.Kind.SYNC and (run.step == Sync.Step.WAIT or Sync.Step.WAIT in taken):
        steps = ((Sync.Step.WAIT, _("Wait for another sync to end")), *steps)
    names = [name for name, _title in steps]
    here = names.index(run.step) if run.step in names else -1
    found = []
    for place, (name, title) in enumerate(steps):
        at, spent, done = taken.get(name, (None, datetime.timedelta(), 0))
        took = lasted(at, at + spent) if at is not None else ""
        state = "now" if place == here else "done" if place < here else "ahead"
        found.append(Step(name, title, state, at, took, run.done if state == "now" else done))
    return found


def _taken(run: Sync) -> dict[str, tuple[datetime.datetime, datetime.timedelta, int]]:
    """For each step when it began first, how long it took in all, and how many files it did."""
    began = [datetime.datetime.fromisoformat(each["at"]) for each in run.steps]
    ends = [*began[1:], run.ended_at or timezone.now()]
    taken: dict[str, tuple[datetime.datetime, datetime.timedelta, int]] = {}
    for each, start, end in zip(run.steps, began, ends, strict=False):
        at, spent, done = taken.get(each["step"], (start, datetime.timedelta(), 0))
        taken[each["step"]] = (at, spent + (end - start), done + each["done"])
    return taken


def percent_of(run: Sync) -> int | None:
    """How far the present step of `run` is, None where that cannot be told."""
    return min(100, run.done * 100 // run.total) if run.total else None


def counts_of(run: Sync) -> dict[str, int]:
    """How many files came out how, one query."""
    rows = Outcome.objects.filter(sync=run).order_by().values_list("result").annotate(number=Count("pk"))
    return dict(rows)


def progress_of(run: Sync) -> dict[str, Any]:
    """The same for the script that moves the bar, in the reader's language."""
    steps = steps_of(run)
    return {
        "state": run.state,
        "label": str(run.get_state_display()),
        "unfinished": run.unfinished,
        "stopping": run.stop_requested and run.unfinished,
        "steps": {step.name: step.state for step in steps},
        "took": {step.name: step.took for step in steps},
        "done": run.done,
        "total": None if run.step == Sync.Step.FETCH else run.total,
        "percent": percent_of(run),
    }
