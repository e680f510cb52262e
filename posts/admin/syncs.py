"""Runs: the list of syncs, uploads and downloads, the page of each, its progress, its stop and its zip."""

from collections import defaultdict
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display
from unfold.views import ChangeList

from posts.admin.post_words import name_of
from posts.admin.previews import PreviewPages
from posts.admin.reading import RUN_COLOURS, asking, label
from posts.admin.rooms import CollectionFilter, OwnRooms
from posts.admin.run_remedies import remedies
from posts.admin.run_report import SHORT, Report, progress_of
from posts.admin.undos import UndoPages
from posts.braking import BRAKES, NotLetGoOn, let_go_on
from posts.models import Outcome, Sync
from posts.moments import ago, day_of
from posts.runs import request_stop
from posts.wording import worded, worded_error

_SYNC = "posts.sync_collection"


class RunList(ChangeList):
    """The list of runs, with what each did: one query more for a whole page."""

    def get_results(self, request: HttpRequest) -> None:
        """Count the outcomes of the runs on this page."""
        super().get_results(request)
        runs: list[Any] = list(self.result_list)
        counts: dict[int, dict[str, int]] = defaultdict(dict)
        told = Outcome.objects.filter(sync__in=[run.pk for run in runs]).exclude(result=Outcome.Result.SAME)
        for pk, result, number in (
            told.order_by().values_list("sync", "result").annotate(number=Count("pk")).order_by("result")
        ):
            counts[pk][result] = number
        for run in runs:
            run.counts = counts[run.pk]
        self.result_list: Any = runs


@admin.register(Sync)
class SyncAdmin(OwnRooms, PreviewPages, UndoPages):
    """The pages of runs."""

    list_display = ("run", "collection", "shown_state", "outcome", "when", "who")
    list_filter = (
        ("collection", CollectionFilter),
        ("kind", ChoicesDropdownFilter),
        ("state", ChoicesDropdownFilter),
    )
    list_filter_submit = True
    list_per_page = 50
    list_select_related = ("collection", "asked_by")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """The list with the counts."""
        return RunList

    # --- The list

    @display(description=_("run"), ordering="pk")
    def run(self, run: Sync) -> str:
        """What it is, with its number."""
        return str(run)

    @display(description=_("state"), ordering="state")
    def shown_state(self, run: Sync) -> SafeString:
        """Its state, coloured."""
        return label(run.get_state_display(), RUN_COLOURS[run.state])

    @display(description=_("files"))
    def outcome(self, run: Any) -> SafeString | str:
        """How many files came out how, but for those that are as they were."""
        told = [(SHORT.get(result, result), number) for result, number in run.counts.items()]
        return (
            format_html_join(gettext(", "), '<span class="whitespace-nowrap">{} <b>{}</b></span>', told)
            if told
            else "–"
        )

    @display(description=_("when"), ordering="asked_at")
    def when(self, run: Sync) -> SafeString | str:
        """How long ago somebody asked for it."""
        return ago(run.asked_at)

    @display(description=_("asked by"))
    def who(self, run: Sync) -> str:
        """Who asked for it."""
        return asker(run)

    # --- The page

    def get_urls(self) -> list[URLPattern]:
        """Django's own, and the page's companions."""
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/progress/", view(self.progress_view), name="posts_sync_progress"),
            path("<int:pk>/stop/", view(self.stop_view), name="posts_sync_stop"),
            path("<int:pk>/release/", view(self.release_view), name="posts_sync_release"),
            path("<int:pk>/file/", view(self.file_view), name="posts_sync_file"),
            *super().get_urls(),
        ]

    @method_decorator(require_safe)
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What a run does or did, file by file."""
        run = self.get_object(request, object_id)
        if not self.has_view_permission(request, run):
            raise PermissionDenied
        if run is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if run.kind == Sync.Kind.PREVIEW and run.state in (Sync.State.DONE, Sync.State.NOTHING_NEW):
            return HttpResponseRedirect(reverse("admin:posts_sync_preview", args=[run.pk]))
        if run.kind == Sync.Kind.BULK and hasattr(run, "bulk"):
            return HttpResponseRedirect(reverse("admin:posts_bulkstep_change", args=[run.bulk.pk]))
        if run.kind == Sync.Kind.STEP:
            return HttpResponseRedirect(reverse("admin:posts_post_many", args=[run.step_of_many.pk]))
        report = Report(run, request.GET.get("result", ""), request.GET.get("page"))
        context = {
            **self.admin_site.each_context(request),
            "title": str(run),
            "opts": self.opts,
            "original": run,
            "media": self.media,
            "run": run,
            "asker": asker(run),
            "report": report,
            "remedies": remedies(run, report.counts, asking(request)),
            "released_by": name_of(run.released_by),
            "state_colour": RUN_COLOURS[run.state],
            "may_stop": run.unfinished and not run.stop_requested and request.user.has_perm(_SYNC),
            "may_fetch": may_fetch(request, run),
            **self.undo_context(request, run),
            "may_see_posts": request.user.has_perm("posts.view_post") or request.user.has_perm("posts.change_post"),
            "may_see_conflicts": request.user.has_perm("posts.view_conflict"),
        }
        return TemplateResponse(request, "admin/posts/sync/run.html", context)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With what every page shows."""
        return super().get_queryset(request).select_related("collection", "asked_by", "released_by")

    @method_decorator(require_safe)
    @method_decorator(never_cache)
    @method_decorator(permission_required("posts.view_sync", raise_exception=True))
    def progress_view(self, request: HttpRequest, pk: int) -> JsonResponse:
        """How far it is, for the script that moves the bar."""
        return JsonResponse(progress_of(get_object_or_404(Sync, pk=pk)))

    @method_decorator(require_POST)
    @method_decorator(permission_required(_SYNC, raise_exception=True))
    def stop_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask it to stop."""
        run = get_object_or_404(Sync, pk=pk)
        request_stop(run)
        run.refresh_from_db()
        if run.state == Sync.State.STOPPED:
            self.message_user(request, gettext("Stopped before it began."), messages.SUCCESS)
        elif run.unfinished:
            self.message_user(request, gettext("It stops in a moment."), messages.SUCCESS)
        else:
            self.message_user(request, gettext("It was over already."), messages.INFO)
        return HttpResponseRedirect(reverse("admin:posts_sync_change", args=[pk]))

    @method_decorator(permission_required("posts.publish_post", raise_exception=True))
    def release_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Let a sync that stopped at the brake go on, once it was asked whether that is meant."""
        run = get_object_or_404(Sync.objects.select_related("collection"), pk=pk, error_code__in=BRAKES)
        if request.method != "POST":
            context = {
                **self.admin_site.each_context(request),
                "title": str(run),
                "opts": self.opts,
                "run": run,
                "failure": worded(run.error_code, run.error_facts),
            }
            return TemplateResponse(request, "admin/posts/sync/release.html", context)
        try:
            released = let_go_on(run, by=asking(request))
        except NotLetGoOn as error:
            self.message_user(request, worded_error(error), messages.ERROR)
            return HttpResponseRedirect(reverse("admin:posts_sync_change", args=[pk]))
        return HttpResponseRedirect(reverse("admin:posts_sync_change", args=[released.pk]))

    @method_decorator(require_safe)
    @method_decorator(never_cache)
    def file_view(self, request: HttpRequest, pk: int) -> FileResponse:
        """The zip of a download, for who asked for it."""
        if not request.user.has_perm(_SYNC):
            raise PermissionDenied
        run = get_object_or_404(Sync.objects.select_related("collection"), pk=pk, kind=Sync.Kind.DOWNLOAD)
        if not may_fetch(request, run):
            raise PermissionDenied
        if run.state != Sync.State.DONE or not run.file.name or not run.file.storage.exists(run.file.name):
            raise Http404
        return FileResponse(
            run.file.open("rb"),
            as_attachment=True,
            filename=f"{run.collection.name}-{day_of(run.asked_at)}.zip",
            content_type="application/zip",
        )


def may_fetch(request: HttpRequest, run: Sync) -> bool:
    """Whether this person gets the zip of `run`: who asked for it, or a Publisher."""
    if run.kind != Sync.Kind.DOWNLOAD or not request.user.has_perm(_SYNC):
        return False
    return run.asked_by_id == request.user.pk or request.user.has_perm("posts.publish_post")


def asker(run: Sync) -> str:
    """Who asked for `run`, in words."""
    return name_of(run.asked_by) or gettext("by itself")
