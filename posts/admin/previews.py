"""A sync tried out first: what it would change, the exact difference of each file, and the choice of what to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.db.models import Case, IntegerField, Value, When
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from posts.admin.post_history import Section, sections
from posts.admin.reading import ReadOnlyAdmin, asking
from posts.admin.run_report import COLOURS, ORDER, SHORT, counts_of
from posts.git import GitError
from posts.models import Collection, Outcome, Sync
from posts.moments import ago
from posts.rehearsing import BOTH, IN, OUT, SYNC, NotChosen, ask_for_chosen, ask_for_preview, sides_of
from posts.wording import worded, worded_ahead, worded_error

_A_PAGE = 200
_Result = Outcome.Result
_SIDES: Mapping[str, Promise] = {IN: _("here"), OUT: _("in the repository"), BOTH: _("on both sides")}
_WORDS: Mapping[str, Promise] = {
    _Result.NEW: _("It becomes a new post here."),
    _Result.CHANGED: _("Its text here becomes the one of the repository."),
    _Result.RENAMED: _("It moves here as it did in the repository."),
    _Result.DELETED: _("Its file is gone in the repository: it is archived here."),
    _Result.HELD: _("It was changed differently on both sides: it is held back until somebody settles it."),
    _Result.MERGED: _("It was changed on both sides, and what each changed is kept."),
    _Result.SENT: _("Its file in the repository becomes the text from here."),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One file of the preview, in words."""

    outcome: Outcome
    short: Any
    colour: str
    side: Any
    words: str
    line: object
    can_be_chosen: bool


class PreviewPages(ReadOnlyAdmin):
    """The pages of a preview, beside those of runs."""

    def get_urls(self) -> list[URLPattern]:
        """Ours, before the others."""
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/preview/", view(self.preview_view), name="posts_sync_preview"),
            path("<int:pk>/preview/<int:number>/", view(self.preview_file_view), name="posts_sync_preview_file"),
            path("<int:pk>/chosen/", view(self.chosen_view), name="posts_sync_chosen"),
            *super().get_urls(),
        ]

    @method_decorator(require_safe)
    @method_decorator(permission_required("posts.view_sync", raise_exception=True))
    def preview_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What a sync would do, file by file, with the buttons to do all of it, or only some."""
        run = get_object_or_404(Sync.objects.select_related("collection"), pk=pk, kind=Sync.Kind.PREVIEW)
        place = [When(result=result, then=Value(number)) for number, result in enumerate(ORDER)]
        outcomes = Outcome.objects.filter(sync=run).select_related("post")
        ordered = outcomes.order_by(Case(*place, default=Value(len(ORDER)), output_field=IntegerField()), "pk")
        page = Paginator(ordered, _A_PAGE).get_page(request.GET.get("page"))
        counts = counts_of(run)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("What a sync would do"),
            "opts": self.opts,
            "original": run,
            "run": run,
            "page": page,
            "pages": page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1),
            "rows": [_row(outcome) for outcome in page.object_list],
            "counts": [(SHORT.get(result, result), counts[result]) for result in ORDER if counts.get(result)],
            "all_ticked": "all" in request.GET,
            "asked": ago(run.asked_at),
            "is_old": _is_old(run),
            "ahead": worded_ahead(run.error_facts),
            "may_sync": request.user.has_perm(SYNC),
            "may_see_posts": request.user.has_perm("posts.view_post") or request.user.has_perm("posts.change_post"),
        }
        return TemplateResponse(request, "admin/posts/sync/preview.html", context)

    @method_decorator(require_safe)
    @method_decorator(permission_required(("posts.view_sync", "posts.view_post"), raise_exception=True))
    def preview_file_view(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        """The exact difference that a sync would make to one file, here and in the repository."""
        run = get_object_or_404(Sync.objects.select_related("collection"), pk=pk, kind=Sync.Kind.PREVIEW)
        outcome = get_object_or_404(Outcome.objects.select_related("post", "before", "after"), sync=run, pk=number)
        context = {
            **self.admin_site.each_context(request),
            "title": outcome.path,
            "opts": self.opts,
            "original": run,
            "run": run,
            "row": _row(outcome),
        }
        try:
            sides = sides_of(outcome, run.collection)
        except GitError as error:
            context["failure"] = worded_error(error)
        else:
            named = (
                (_("Here"), sides.here),
                (_("In the repository"), sides.there),
                (_("What changed there"), sides.pushed),
            )
            context |= {"moved_on": sides.moved_on, "sides": [_side(title, texts) for title, texts in named if texts]}
        return TemplateResponse(request, "admin/posts/sync/preview_file.html", context)

    @method_decorator(require_POST)
    @method_decorator(permission_required(SYNC, raise_exception=True))
    def chosen_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask for a sync of the files that were ticked, and show it."""
        preview = get_object_or_404(Sync.objects.select_related("collection"), pk=pk, kind=Sync.Kind.PREVIEW)
        ticked = [int(value) for value in request.POST.getlist("file") if value.isascii() and value.isdecimal()]
        try:
            run = ask_for_chosen(preview, ticked, by=asking(request))
        except NotChosen as refused:
            self.message_user(request, worded_error(refused), messages.ERROR)
            return HttpResponseRedirect(reverse("admin:posts_sync_preview", args=[pk]))
        return HttpResponseRedirect(reverse("admin:posts_sync_change", args=[run.pk]))


def start_preview(request: HttpRequest, collection: Collection) -> HttpResponse:
    """Ask for a preview, and show how far it is. The caller has asked for permission."""
    run = ask_for_preview(collection, by=asking(request))
    return HttpResponseRedirect(reverse("admin:posts_sync_change", args=[run.pk]))


def _is_old(run: Sync) -> bool:
    """Whether a sync has run since, so that the list may not be true any more."""
    later = Sync.objects.filter(collection=run.collection_id, kind=Sync.Kind.SYNC, ended_at__gt=run.asked_at)
    return later.exclude(state=Sync.State.NOTHING_NEW).exists()


def _row(outcome: Outcome) -> Row:
    facts = outcome.facts
    words = worded(outcome.code, facts) if outcome.code else str(_WORDS.get(outcome.result, ""))
    if outcome.result == _Result.SENT and facts.get("removed"):
        words = gettext("Its file is deleted in the repository.")
    elif outcome.result == _Result.SENT and outcome.before_id is None:
        words = gettext("It becomes a new file in the repository.")
    if facts.get("old_path"):
        words += " " + gettext("It was at %(path)s.") % {"path": facts["old_path"]}
    if facts.get("settles"):
        words += " " + gettext("Its conflict is settled by that.")
    return Row(
        outcome,
        SHORT.get(outcome.result, outcome.result),
        COLOURS.get(outcome.result, ""),
        _SIDES.get(str(facts.get("side", ""))) if outcome.result not in (_Result.HELD, _Result.PROBLEM) else "",
        words.strip(),
        facts.get("line"),
        outcome.result != _Result.PROBLEM,
    )


def _side(title: Promise, texts: tuple[str, str]) -> dict[str, Any]:
    found: list[Section] = sections(*texts)
    return {"title": title, "sections": found}
