"""The reports on the screen and as CSV: activity, times, what waits, and evergreens that are overdue."""

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.admin import ModelAdmin

from posts import reports
from posts.access import Counted, within
from posts.admin.post_panel import step_address
from posts.admin.post_words import name_of, state_label
from posts.admin.reading import post_address
from posts.assigning import can_work
from posts.evergreens import owner_of
from posts.models import Collection, Post
from posts.spreadsheets import csv_of
from posts.workflow import Transition

_ON_A_PAGE = 50
_IN_A_FILE = 10_000
_STRETCHES: Mapping[str, Promise] = {
    "writing": gettext_lazy("From the first text, or the last publication, to the submission"),
    "review": gettext_lazy("From the submission to the approval"),
    "publishing": gettext_lazy("From the approval to the publication"),
    "all": gettext_lazy("The whole way"),
}


@dataclass(frozen=True, slots=True)
class Table:
    """One report: its columns and rows. A row has an address where it is about a post, and a step to take at once."""

    columns: Sequence[str]
    rows: list[Sequence[object]]
    addresses: list[str] = field(default_factory=list)
    steps: list[tuple[str, str]] = field(default_factory=list)
    more: bool = False
    summary: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked for: since when, of which collection, and as a file or a page."""

    start: datetime.datetime
    collection: int
    by: User
    as_file: bool

    @property
    def most(self) -> int:
        return _IN_A_FILE if self.as_file else _ON_A_PAGE


def may_see_reports(person: Any) -> bool:
    """Publishers see how the work goes, Administrators how the site is used."""
    return bool(person.has_perm("posts.publish_post") or person.has_perm("posts.change_collection"))


class PostReports(ModelAdmin):
    """One page of four reports, each also a file."""

    def reports_view(self, request: Any) -> HttpResponse:
        """The report that is asked for: `report`, `weeks`, `collection`, and `format=csv` for the file."""
        if not (self.has_view_permission(request) and may_see_reports(request.user)):
            raise PermissionDenied
        name = request.GET.get("report", "")
        name = name if name in REPORTS else next(iter(REPORTS))
        weeks = _one_of(request, "weeks", reports.WEEKS, reports.WEEKS[1])
        collections = list(within(request.user, Collection.objects.order_by("name"), "pk").only("name"))
        collection = _one_of(request, "collection", [each.pk for each in collections], 0)
        as_file = request.GET.get("format") == "csv"
        table = REPORTS[name].table(_Asked(reports.since(weeks), collection, request.user, as_file))
        if as_file:
            return _file(name, table)
        chosen = {"weeks": weeks, "collection": collection or ""}
        may_confirm = request.user.has_perm("posts.review_post")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Reports"),
            "tabs": [(each, REPORTS[each].title, f"?{urlencode({'report': each, **chosen})}") for each in REPORTS],
            "name": name,
            "report": REPORTS[name],
            "table": table,
            "rows": _shown_rows(table, may_confirm=may_confirm),
            "may_confirm": may_confirm and bool(table.steps),
            "weeks": weeks,
            "all_weeks": [
                (each, ngettext("the last %(n)s week", "the last %(n)s weeks", each) % {"n": each})
                for each in reports.WEEKS
            ],
            "collections": collections,
            "collection": collection,
            "file": f"?{urlencode({'report': name, **chosen, 'format': 'csv'})}",
            "here": request.get_full_path(),
        }
        return TemplateResponse(request, "admin/posts/post/reports.html", context)


def _shown_rows(table: Table, *, may_confirm: bool) -> list[dict[str, Any]]:
    rows = []
    for number, cells in enumerate(table.rows):
        address = table.addresses[number] if table.addresses else ""
        confirm, seen = table.steps[number] if table.steps and may_confirm else ("", "")
        rows.append({"first": cells[0], "cells": cells[1:], "address": address, "confirm": confirm, "seen": seen})
    return rows


def _file(name: str, table: Table) -> HttpResponse:
    today = timezone.localdate(timezone=timezone.get_default_timezone())
    answer = HttpResponse(csv_of(table.columns, table.rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}-{today}.csv"'
    return answer


def _activity(asked: _Asked) -> Table:
    found = reports.activity(asked.start, Counted(asked.by), collection=asked.collection)
    columns = (
        _("Person"),
        _("Week from"),
        _("Posts edited"),
        _("Submitted"),
        _("Approved"),
        _("Changes requested"),
        _("Published"),
        _("Confirmed"),
        _("All steps"),
    )
    rows: list[Sequence[object]] = [
        (
            each.name,
            each.week.isoformat(),
            each.edited,
            each.submitted,
            each.approved,
            each.asked,
            each.published,
            each.confirmed,
            each.all,
        )
        for each in found
    ]
    return Table(columns, rows[: 10 * asked.most], more=len(rows) > 10 * asked.most)


def _times(asked: _Asked) -> Table:
    columns = (_("Stretch"), _("Publications"), _("Half within"), _("90 of 100 within"))
    rows: list[Sequence[object]] = [
        (
            str(_STRETCHES[took.stretch]),
            took.count,
            _days(took.median, asked),
            _days(took.ninety, asked),
        )
        for took in reports.times(asked.start, collection=asked.collection, by=asked.by)
    ]
    if asked.as_file:
        columns = (*columns[:2], _("Half within (hours)"), _("90 of 100 within (hours)"))
    return Table(columns, rows)


def _waiting(asked: _Asked) -> Table:
    found = list(reports.waiting_posts(asked.most + 1, collection=asked.collection, by=asked.by))
    shown = found[: asked.most]
    columns = (_("Post"), _("State"), _("Waits since"), _("For how long"), _("Submitted by"))
    rows: list[Sequence[object]] = [
        (
            str(post),
            state_label(post.state),
            _day(since),
            _days(timezone.now() - since, asked),
            name_of(post.submitted_by),
        )
        for post, since in shown
    ]
    if asked.as_file:
        columns = (*columns[:3], _("For how long (hours)"), columns[4])
    counts = [
        f"{state_label(each.state)}: {each.count}"
        for each in reports.waiting(collection=asked.collection, by=asked.by)
        if each.count
    ]
    addresses = [post_address(post.pk) for post, _since in shown]
    return Table(columns, rows, addresses, more=len(found) > asked.most, summary=counts)


def _overdue(asked: _Asked) -> Table:
    posts = reports.overdue(collection=asked.collection, by=asked.by).select_related(
        "assignee", "approved_by", "submitted_by", "present__by"
    )
    people = ("assignee", "approved_by", "submitted_by", "present__by")
    columns = ("title", "path", "collection", "review_by", *people, "date")
    found: list[Post] = list(posts.only(*columns)[: asked.most + 1])
    shown = found[: asked.most]
    today = timezone.localdate(timezone=timezone.get_default_timezone())
    able = {pk: frozenset(can_work(pk).values_list("pk", flat=True)) for pk in {post.collection_id for post in shown}}
    rows: list[Sequence[object]] = [
        (
            str(post),
            post.review_by.isoformat() if post.review_by else "",
            (today - post.review_by).days if post.review_by else "",
            name_of(owner_of(post, able[post.collection_id])) or _("whoever may review"),
            post.path,
        )
        for post in shown
    ]
    return Table(
        (_("Post"), _("Review by"), _("Days overdue"), _("Owner"), _("File")),
        rows,
        [post_address(post.pk) for post in shown],
        [(step_address(post, Transition.CONFIRM), str(post.present_id)) for post in shown],
        more=len(found) > asked.most,
    )


@dataclass(frozen=True, slots=True)
class Report:
    """One report: what it is called, what it says, and its rows."""

    title: Promise
    says: Promise
    empty: Promise
    table: Callable[[_Asked], Table]
    of_a_period: bool = True


REPORTS: Mapping[str, Report] = {
    "activity": Report(
        gettext_lazy("Activity"),
        gettext_lazy("The posts that each person edited, and the steps that they took, week by week."),
        gettext_lazy("Nobody edited a post or took a step in this time."),
        _activity,
    ),
    "times": Report(
        gettext_lazy("From draft to live"),
        gettext_lazy("How long the posts took that were published in this time, stretch by stretch."),
        gettext_lazy("Nothing was published in this time."),
        _times,
    ),
    "waiting": Report(
        gettext_lazy("What waits"),
        gettext_lazy("The posts that wait in the review, the longest first."),
        gettext_lazy("Nothing waits in the review."),
        _waiting,
        of_a_period=False,
    ),
    "overdue": Report(
        gettext_lazy("Overdue evergreens"),
        gettext_lazy("The evergreen posts whose review-by date has come, the oldest first."),
        gettext_lazy("No evergreen post is overdue."),
        _overdue,
        of_a_period=False,
    ),
}


def _day(moment: datetime.datetime) -> str:
    return timezone.localdate(moment, timezone.get_default_timezone()).isoformat()


def _days(span: datetime.timedelta | None, asked: _Asked) -> object:
    """In words on the page, in hours in a file."""
    if span is None:
        return None if asked.as_file else "–"
    if asked.as_file:
        return round(span.total_seconds() / 3600, 1)
    now = timezone.now()
    return timesince(now - span, now, depth=2)


def _one_of(request: HttpRequest, name: str, allowed: Sequence[int], default: int) -> int:
    told = request.GET.get(name, "")
    number = int(told) if told.isascii() and told.isdecimal() and len(told) < 10 else default
    return number if number in allowed else default
