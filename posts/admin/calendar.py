"""The calendar: what is scheduled, asked for and to be looked at again, by month or week, and moving it."""

import calendar
import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.decorators import method_decorator
from django.utils.formats import get_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin

from posts.access import within
from posts.admin.plan_words import TO_COME, schedule_address, site_time, zone_name
from posts.admin.post_review_dates import told_due, told_review_by
from posts.admin.post_steps import is_ours
from posts.admin.post_words import STEPS
from posts.admin.reading import post_address
from posts.datebook import SOURCES, Entry, Span, entries
from posts.errors import EvergreenError
from posts.evergreens import set_review_by
from posts.models import Collection, Post, Schedule
from posts.moments import day_in_year, day_of, month_of
from posts.planning import PlanRefused, moment_of
from posts.requests import set_review_due
from posts.reviewing import TransitionRefused
from posts.scheduling import move
from posts.wording import worded_error, worded_refusals
from posts.workflow import CHANGE_POST, PUBLISH_POST, REVIEW_POST, TABLE, Transition

_IN_A_CELL = 5
_WEEK = datetime.timedelta(days=7)
_DAY = datetime.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of date is called and looks, who may move it, and whether to this very day."""

    words: Promise
    colour: str
    icon: str
    permission: str
    today: bool = True


KINDS: Mapping[str, Kind] = {
    "scheduled": Kind(gettext_lazy("Scheduled"), "blue", "schedule", PUBLISH_POST),
    "review_due": Kind(gettext_lazy("Review asked for"), "violet", "rate_review", CHANGE_POST),
    "review_by": Kind(gettext_lazy("Review by"), "green", "eco", REVIEW_POST, today=False),
}
"""One for each of `posts.datebook.SOURCES`."""


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """One date in its day."""

    kind: str
    key: int
    title: str
    address: str
    what: str
    clock: str
    colour: str
    icon: str
    odd: bool
    movable: bool
    move: str


@dataclass(slots=True)
class Day:
    """One day of the calendar."""

    day: datetime.date
    label: str
    outside: bool
    today: bool
    past: bool
    closed: str
    """The kinds of dates that cannot be moved to it."""
    shown: list[ShownEntry] = field(default_factory=list)
    more: int = 0
    week: str = ""


class PostCalendar(ModelAdmin):
    """The page, and the POST that moves a date. Whether it may be moved is decided by the services."""

    def calendar_view(self, request: Any) -> HttpResponse:
        """A month or a week, filtered by kind and collection."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        chosen = _Chosen(request)
        found, left_out = entries(Span(chosen.first, chosen.last, chosen.collection), chosen.kinds, by=request.user)
        here = request.get_full_path()
        weeks = _weeks(chosen, [(entry, _shown(entry, request.user, here)) for entry in found])
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Calendar"),
            "weeks": weeks,
            "weekdays": _weekdays(),
            "heading": chosen.heading,
            "by_week": chosen.by_week,
            "before": chosen.link(day=chosen.before),
            "after": chosen.link(day=chosen.after),
            "now": chosen.link(day=chosen.today),
            "as_month": chosen.link(view="month"),
            "as_week": chosen.link(view="week"),
            "kinds": [(name, KINDS[name], name in chosen.kinds) for name in SOURCES],
            "collections": within(request.user, Collection.objects.order_by("name"), "pk").only("name"),
            "collection": chosen.collection,
            "day": chosen.day,
            "left_out": left_out,
            "nothing": not found,
            "here": here,
            "zone": zone_name(),
        }
        return TemplateResponse(request, "admin/posts/post/calendar.html", context)

    @method_decorator(require_POST)
    def calendar_move_view(self, request: Any) -> HttpResponse:
        """Move one date to another day: a schedule keeps its time of the day."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        kind, key, day = (request.POST.get(name, "") for name in ("kind", "key", "day"))
        moved_to = _date(day)
        if kind not in _MOVES or not (key.isascii() and key.isdecimal() and len(key) < 19) or moved_to is None:
            return HttpResponseBadRequest()
        try:
            told = _MOVES[kind](int(key), moved_to, request.user)
        except (PlanRefused, TransitionRefused) as refusal:
            messages.error(request, worded_refusals(refusal.refusals))
        except EvergreenError as error:
            messages.error(request, worded_error(error))
        else:
            messages.success(request, told)
        back = request.POST.get("next", "")
        if not is_ours(request, back):
            back = reverse("admin:posts_post_calendar")
        return HttpResponseRedirect(back)


class _Chosen:
    """What is asked for, with what it does not understand left out."""

    def __init__(self, request: HttpRequest) -> None:
        self.today = timezone.localdate(timezone=timezone.get_default_timezone())
        self.by_week = request.GET.get("view") == "week"
        self.day = _date(request.GET.get("day", "")) or self.today
        told = request.GET.get("collection", "")
        self.collection = int(told) if told.isascii() and told.isdecimal() and len(told) < 10 else 0
        kinds = [kind for kind in request.GET.getlist("kind") if kind in SOURCES]
        self.kinds: Sequence[str] = kinds or list(SOURCES)
        starts = _first_weekday()
        start = self.day if self.by_week else self.day.replace(day=1)
        last = start
        if not self.by_week:
            last = start.replace(day=calendar.monthrange(start.year, start.month)[1])
        self.first = start - _DAY * ((start.weekday() - starts) % 7)
        self.last = last + _DAY * ((starts - 1 - last.weekday()) % 7)
        self.before = self.day - _WEEK if self.by_week else start - _DAY
        self.after = self.day + _WEEK if self.by_week else last + _DAY

    @property
    def heading(self) -> str:
        """The month, or the first and the last day of the week."""
        if not self.by_week:
            return month_of(self.day)
        return f"{day_of(self.first)} – {day_of(self.last)}"

    def link(self, **other: object) -> str:
        """The address of this page with something else chosen."""
        told: dict[str, Any] = {"view": "week" if self.by_week else "month", "day": self.day, **other}
        if len(self.kinds) < len(SOURCES):
            told["kind"] = self.kinds
        if self.collection:
            told["collection"] = self.collection
        return f"?{urlencode(told, doseq=True)}"


def _weeks(chosen: _Chosen, found: Sequence[tuple[Entry, ShownEntry]]) -> list[list[Day]]:
    count = (chosen.last - chosen.first).days + 1
    days = {}
    for number in range(count):
        day = chosen.first + number * _DAY
        outside = not chosen.by_week and day.month != chosen.day.month
        label = f"{WEEKDAYS[day.weekday()]} {day_in_year(day)}"
        days[day] = Day(day, label, outside, day == chosen.today, day < chosen.today, _closed(day, chosen.today))
    for entry, shown in found:
        place = days[entry.day]
        if chosen.by_week or len(place.shown) < _IN_A_CELL:
            place.shown.append(shown)
        else:
            place.more += 1
            place.week = chosen.link(view="week", day=entry.day)
    listed = list(days.values())
    return [listed[start : start + 7] for start in range(0, count, 7)]


def _closed(day: datetime.date, today: datetime.date) -> str:
    if day > today:
        return ""
    return " ".join(name for name, kind in KINDS.items() if day < today or not kind.today)


def _shown(entry: Entry, person: Any, here: str) -> ShownEntry:
    kind = KINDS[entry.kind]
    step = TABLE[Transition(entry.step)].permission if entry.step else kind.permission
    if entry.kind == "scheduled":
        address = f"{schedule_address(entry.post.pk, entry.step)}&{urlencode({'next': here})}"
    else:
        address = f"{reverse(f'admin:posts_post_{entry.kind}', args=[entry.post.pk])}?{urlencode({'next': here})}"
    return ShownEntry(
        kind=entry.kind,
        key=entry.key,
        title=str(entry.post),
        address=post_address(entry.post.pk),
        what=str(STEPS[entry.step].button if entry.step else kind.words),
        clock=entry.clock.isoformat("minutes") if entry.clock else "",
        colour=("red" if entry.step else "orange") if entry.odd else kind.colour,
        icon=STEPS[entry.step].icon if entry.step else kind.icon,
        odd=entry.odd,
        movable=person.has_perm(f"posts.{step}"),
        move=address,
    )


def _move_schedule(key: int, day: datetime.date, person: Any) -> str:
    schedule = get_object_or_404(within(person, Schedule.objects.select_related("post"), "post__collection"), pk=key)
    zone = timezone.get_default_timezone()
    moved = move(schedule, moment_of(day, schedule.at.astimezone(zone).time(), zone), by=person)
    return _("“%(post)s”: %(what)s %(when)s (%(zone)s).") % {
        "post": str(schedule.post)[:80],
        "what": TO_COME[moved.transition],
        "when": site_time(moved.at),
        "zone": zone_name(),
    }


def _move_review(key: int, day: datetime.date, person: Any) -> str:
    return told_review_by(set_review_by(get_object_or_404(within(person, Post.objects.all()), pk=key), day, by=person))


def _move_due(key: int, day: datetime.date, person: Any) -> str:
    return told_due(set_review_due(get_object_or_404(within(person, Post.objects.all()), pk=key), day, by=person))


_MOVES = {"scheduled": _move_schedule, "review_due": _move_due, "review_by": _move_review}


def _first_weekday() -> int:
    """On which day a week starts for whoever reads; 0 is Monday. Django counts from Sunday."""
    return (int(get_format("FIRST_DAY_OF_WEEK")) - 1) % 7


def _weekdays() -> list[tuple[str, str]]:
    """The names of the days, short and whole, in the order of the reader's week."""
    order = [(_first_weekday() + number) % 7 for number in range(7)]
    return [(str(WEEKDAYS_ABBR[number]), str(WEEKDAYS[number])) for number in order]


def _date(told: str) -> datetime.date | None:
    try:
        day = datetime.date.fromisoformat(told)
    except ValueError:
        return None
    return day if 1900 < day.year < 2200 else None
