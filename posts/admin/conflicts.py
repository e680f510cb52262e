"""Conflicts: what was changed here and in the repository differently, to be read. Settling comes later."""

import difflib
import itertools
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.decorators import method_decorator
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.decorators import display

from posts.admin.reading import ReadOnlyAdmin, ago, label
from posts.models import Conflict, Revision

_AROUND = 3
_LONGEST_COMPARED = 6000  # lines: what is longer is shown without marks rather than late

_EXPLANATIONS = {
    Conflict.Kind.TEXT: _(
        "The same part of this post was changed here and, differently, in the repository. The marked lines are those "
        "that each side changed."
    ),
    Conflict.Kind.DELETED: _("The file was deleted in the repository, while the post has changes here."),
    Conflict.Kind.UNREADABLE: _(
        "The file in the repository cannot be read as a post any more, so it could not be brought together with the "
        "text here. It is shown as it is."
    ),
    Conflict.Kind.CREATED_TWICE: _("A file with this path was made here and in the repository, with different texts."),
}


@dataclass(frozen=True)
class Run:
    """Lines that follow each other: `marked` ones were changed by this side, `folded` ones are alike and many."""

    lines: list[str]
    marked: bool = False
    folded: bool = False


@dataclass(frozen=True)
class Pane:
    """One of the three texts."""

    title: Any
    who: str
    runs: list[Run]
    empty: Any


class OpenFilter(DropdownFilter):
    """Those that are open, which is what one looks for, or the settled ones."""

    title = _("state")
    parameter_name = "settled"
    all_option = None

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, Any]]:
        """What can be chosen."""
        return [("no", _("Open")), ("yes", _("Settled")), ("all", _("Both"))]

    def value(self) -> str:
        """The choice, the open ones by default."""
        return super().value() or "no"

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Only what was chosen."""
        return queryset if self.value() == "all" else queryset.filter(settled_at__isnull=self.value() == "no")


@admin.register(Conflict)
class ConflictAdmin(ReadOnlyAdmin):
    """The list of conflicts, and the page of each with its three texts."""

    list_display = ("title", "kind", "theirs_author", "since", "shown_state", "collection")
    list_filter = (OpenFilter, ("kind", ChoicesDropdownFilter))
    list_filter_submit = True
    list_select_related = ("post__collection",)
    ordering = ("-opened_at", "-pk")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Also by collection, which the pages of collections link to."""
        return lookup == "post__collection__id__exact" or super().lookup_allowed(lookup, value, request)

    @display(description=_("post"), ordering="post__title")
    def title(self, conflict: Conflict) -> str:
        """The post's title."""
        return str(conflict.post)

    @display(description=_("since"), ordering="opened_at")
    def since(self, conflict: Conflict) -> SafeString | str:
        """How long it has been open."""
        return ago(conflict.opened_at)

    @display(description=_("state"))
    def shown_state(self, conflict: Conflict) -> SafeString:
        """Open or settled."""
        return label(_("settled"), "success") if conflict.settled_at else label(_("open"), "warning")

    @display(description=_("collection"))
    def collection(self, conflict: Conflict) -> str:
        """Where the post is."""
        return conflict.post.collection.name

    @method_decorator(require_safe)
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The three texts side by side."""
        conflict = self.get_object(request, object_id)
        if not self.has_view_permission(request, conflict):
            raise PermissionDenied
        if conflict is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        context = {
            **self.admin_site.each_context(request),
            "title": str(conflict.post),
            "opts": self.opts,
            "original": conflict,
            "media": self.media,
            "conflict": conflict,
            "explanation": _EXPLANATIONS.get(Conflict.Kind(conflict.kind), ""),
            "panes": panes(conflict),
        }
        return TemplateResponse(request, "admin/posts/conflict/texts.html", context)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Without the texts, which only the page of one needs."""
        return super().get_queryset(request).select_related("post__collection").exclude(kind=Conflict.Kind.FORM)


def panes(conflict: Conflict) -> list[Pane]:
    """What was before, what is here, and what is in the repository, by the other's name."""
    base, present = conflict.base, conflict.post.present
    before, here, there = (
        _lines(text)
        for text in (base.text if base else "", _text(present), _text(conflict.theirs) or conflict.unreadable)
    )
    compared = bool(before) and len(before) + max(len(here), len(there)) <= _LONGEST_COMPARED
    old_here, new_here = _changed(before, here) if compared else (set(), set())
    old_there, new_there = _changed(before, there) if compared and there else (set(), set())
    return [
        Pane(
            _("Before"),
            base.who if base else "",
            _runs(before, old_here | old_there),
            _("No text: both sides began on their own."),
        ),
        Pane(_("Yours: here"), present.who if present else "", _runs(here, new_here), _("No text.")),
        Pane(
            _("The other's: in the repository"),
            conflict.theirs_author,
            _runs(there, new_there),
            _("No text: the file is not in the repository any more."),
        ),
    ]


def _text(revision: Revision | None) -> str:
    return revision.text if revision else ""


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").split("\n") if text else []


def _changed(before: list[str], after: list[str]) -> tuple[set[int], set[int]]:
    """The numbers of the lines of each that are not in the other at their place."""
    old: set[int] = set()
    new: set[int] = set()
    for tag, old_start, old_end, start, end in difflib.SequenceMatcher(None, before, after).get_opcodes():
        if tag != "equal":
            old |= set(range(old_start, old_end))
            new |= set(range(start, end))
    return old, new


def _runs(lines: list[str], marked: set[int]) -> list[Run]:
    """`lines` in runs; what is alike is folded but for some lines around what is marked, if anything is."""
    runs: list[Run] = []
    for is_marked, numbers in itertools.groupby(range(len(lines)), key=lambda number: number in marked):
        run = [lines[number] for number in numbers]
        if is_marked or not marked or len(run) <= 2 * _AROUND + 2:
            runs.append(Run(run, marked=is_marked))
            continue
        head = run[:_AROUND] if runs else []
        last = len(lines) == sum(len(each.lines) for each in runs) + len(run)
        tail = [] if last else run[-_AROUND:]
        middle = run[len(head) : len(run) - len(tail)]
        runs += [part for part in (Run(head), Run(middle, folded=True), Run(tail)) if part.lines]
    return runs
