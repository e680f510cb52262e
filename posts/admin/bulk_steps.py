"""The pages of bulk steps: looked at before, started, watched, released and undone. The rules are in `posts.bulk`."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.functional import Promise
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe
from unfold.decorators import display
from unfold.views import ChangeList

from posts import bulk, bulk_proposing
from posts.admin.bulk_hits import HitsPage, hits_address, list_before, words_of_totals
from posts.admin.bulk_terms import list_of_terms, terms_of
from posts.admin.bulk_words import PLANNED, counted, lines_of, saved_with, saved_words, title_of
from posts.admin.post_history import Section, sections
from posts.admin.post_words import name_of
from posts.admin.reading import RUN_COLOURS, ReadOnlyAdmin, asking, label, whole_number
from posts.admin.rooms import OwnRooms
from posts.admin.run_report import Report
from posts.bulk_counting import planned_of
from posts.bulk_planning import Planned, What, plan, rows_of, whole_rows
from posts.bulk_proposing import COUNTED_AT_ONCE
from posts.bulk_succession import undo_of
from posts.errors import EvergreenError
from posts.models import BulkPost, BulkStep, Outcome, Post, Sync
from posts.moments import ago
from posts.replacing import totals_of
from posts.wording import worded, worded_error
from posts.workflow import State

_A_PAGE = 50

Verb = Callable[..., object]
_VERBS: Mapping[str, Verb] = {
    "release": bulk.release,
    "withdraw": bulk.withdraw,
    "stop": bulk.stop,
    "go_on": bulk.go_on,
}


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """One post of a proposal, or of what waits for release, in words and with its differences."""

    post: Post
    short: Promise
    colour: str
    words: str
    live: bool
    differences: tuple[tuple[str, list[Section]], ...]


class BulkStepList(ChangeList):
    """The list of steps, with what each did: one query more for a whole page."""

    def get_results(self, request: HttpRequest) -> None:
        """Count the outcomes of the steps on this page."""
        super().get_results(request)
        steps: list[Any] = list(self.result_list)
        counts: dict[int, dict[str, int]] = defaultdict(dict)
        told = Outcome.objects.filter(sync__in=[step.run_id for step in steps]).order_by()
        for pk, result, number in told.values_list("sync", "result").annotate(number=Count("pk")):
            counts[pk][result] = number
        for step in steps:
            step.counts = counts[step.run_id]
        self.result_list: Any = steps


@admin.register(BulkStep)
class BulkStepAdmin(OwnRooms, HitsPage, ReadOnlyAdmin):
    """The pages of bulk steps."""

    list_display = ("what", "shown_state", "outcome", "when", "who")
    list_display_links = ("what",)
    list_per_page = 50
    list_select_related = ("run", "made_by", "undoes")
    show_full_result_count = False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """The list with the counts."""
        return BulkStepList

    def get_queryset(self, request: HttpRequest) -> QuerySet[BulkStep]:
        """What somebody asked for; a proposal is seen by its maker alone, where it was made."""
        return super().get_queryset(request).exclude(run=None).select_related("run", "made_by", "undoes")

    @display(description=_("bulk step"), ordering="pk")
    def what(self, step: BulkStep) -> str:
        """What it does."""
        return title_of(step)

    @display(description=_("state"))
    def shown_state(self, step: BulkStep) -> SafeString | str:
        """The state of its run, coloured."""
        return label(step.run.get_state_display(), RUN_COLOURS[step.run.state]) if step.run else ""

    @display(description=_("posts"))
    def outcome(self, step: Any) -> SafeString | str:
        """How many posts came out how."""
        told = counted(step.counts)
        return (
            format_html_join(gettext(", "), '<span class="whitespace-nowrap">{} <b>{}</b></span>', told)
            if told
            else "–"
        )

    @display(description=_("when"), ordering="made_at")
    def when(self, step: BulkStep) -> SafeString | str:
        """How long ago it was made."""
        return ago(step.made_at)

    @display(description=_("made by"))
    def who(self, step: BulkStep) -> str:
        """Who made it."""
        return name_of(step.made_by)

    # --- The pages of one step

    def get_urls(self) -> list[URLPattern]:
        """Ours, before Django's own."""
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/start/", view(self.start_view), name="posts_bulkstep_start"),
            path("<int:pk>/undo/", view(self.undo_view), name="posts_bulkstep_undo"),
            path("<int:pk>/do/<slug:verb>/", view(self.do_view), name="posts_bulkstep_do"),
            *super().get_urls(),
        ]

    @method_decorator(require_safe)
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What a step would do, or does, or did."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if not (object_id.isascii() and object_id.isdecimal()):
            raise Http404(object_id)
        step = get_object_or_404(_steps(), pk=int(object_id))
        if step.run is not None:
            return self._run_page(request, step, step.run)
        if step.made_by_id != request.user.pk:
            raise PermissionDenied
        return self._proposal_page(request, step)

    @method_decorator(require_POST)
    def start_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Start a proposal, without those of its posts on this page that are not ticked; or only leave these out."""
        step = self._step(request, pk)
        shown, ticked = _numbers(request, "shown"), _numbers(request, "post")
        left_out = [each for each in shown if each not in ticked]
        here, hits = reverse("admin:posts_bulkstep_change", args=[pk]), hits_address(step)
        to_hits = "hits" in request.POST and bool(hits)
        try:
            if "leave_out" in request.POST or to_hits:
                bulk_proposing.leave_out(step, left_out, by=asking(request))
                here = hits if to_hits else here
                told = ngettext("%(count)s post was left out.", "%(count)s posts were left out.", len(left_out))
                if left_out or not to_hits:
                    self.message_user(request, told % {"count": len(left_out)}, messages.SUCCESS)
            else:
                bulk.start(step, by=asking(request), without=left_out)
                known = saved_words(step.definition)
                if known:
                    self.message_user(request, known, messages.SUCCESS)
        except EvergreenError as error:
            self.message_user(request, worded_error(error), messages.ERROR)
        return HttpResponseRedirect(here)

    @method_decorator(require_POST)
    def undo_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Propose the undoing of a step: it is looked at before, as every step is."""
        step = self._step(request, pk)
        try:
            undo = bulk.propose_undo(step, by=asking(request))
        except EvergreenError as error:
            self.message_user(request, worded_error(error), messages.ERROR)
            return HttpResponseRedirect(reverse("admin:posts_bulkstep_change", args=[pk]))
        return HttpResponseRedirect(reverse("admin:posts_bulkstep_change", args=[undo.pk]))

    @method_decorator(require_POST)
    def do_view(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        """Release, withdraw, stop or go on."""
        step = self._step(request, pk)
        if verb not in _VERBS:
            raise Http404(verb)
        try:
            _VERBS[verb](step, by=asking(request))
        except EvergreenError as error:
            self.message_user(request, worded_error(error), messages.ERROR)
        return HttpResponseRedirect(reverse("admin:posts_bulkstep_change", args=[pk]))

    def _step(self, request: HttpRequest, pk: int) -> BulkStep:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return get_object_or_404(_steps(), pk=pk)

    def _proposal_page(self, request: HttpRequest, step: BulkStep) -> HttpResponse:
        rows = rows_of(step)
        page = Paginator(rows, _A_PAGE).get_page(request.GET.get("page"))
        by = asking(request)
        whole = len(rows) <= COUNTED_AT_ONCE
        planned = list(plan(step, whole_rows(rows if whole else list(page.object_list)), by=by))
        shown, terms = {row.pk for row in page.object_list}, terms_of(step, by)
        counts = Counter(each.what for each in planned) if whole else Counter(planned_of(step))
        counted = sum(counts.values())
        alone = bulk.may_release_own_undo(step, by)
        on_site = [each for each in planned if each.what is What.CHANGED and each.live is not None]
        undoes_many = not whole and step.undoes is not None and bulk_proposing.may_publish(step, by)
        context = {
            **self._page(request, step, page),
            "title": gettext("Look at it first"),
            "total": len(rows),
            "whole": whole,
            "counted": counted,
            "left_to_count": 0 if whole or step.kind == BulkStep.Kind.REPLACE else len(rows) - counted,
            "counts": {str(what): number for what, number in counts.items()},
            "to_release": 0 if alone or undoes_many else _to_release(step, planned, whole=whole),
            "gives_back": undoes_many or any(alone or each.gives_back for each in on_site),
            "rest_waits": undoes_many and not alone,
            "loses_approval": (
                sum(each.takes_approval_back for each in planned)
                if whole
                else step.rows.filter(live_base=None, post__state=State.APPROVED).count()
            ),
            "hits": words_of_totals(totals_of(step)) if step.kind == BulkStep.Kind.REPLACE else "",
            "rows": [_planned_row(each) for each in planned if each.row.pk in shown],
            "hits_url": hits_address(step),
            "known": saved_with(step.definition),
            "possible": counted < len(rows) or counts[What.CHANGED] > 0 or "of_terms" in terms,
            **terms,
            "cancel": (
                reverse("admin:posts_bulkstep_change", args=[step.undoes_id])
                if step.undoes_id
                else list_of_terms(step) or list_before(step)
            ),
        }
        return TemplateResponse(request, "admin/posts/bulkstep/proposal.html", context)

    def _run_page(self, request: HttpRequest, step: BulkStep, run: Sync) -> HttpResponse:
        report, by = Report(run, request.GET.get("result", ""), request.GET.get("page")), asking(request)
        undo, why_not_undo = undo_of(step), bulk.why_not_undo(step, by)
        context = {
            **self._page(request, step, report.page),
            "title": str(step),
            "run": run,
            "report": report,
            "state_colour": RUN_COLOURS[run.state],
            "released_by": name_of(run.released_by),
            "may_stop": bulk.why_not_stop(step, by) is None and not run.stop_requested,
            "may_go_on": bulk.why_not_go_on(step, by) is None,
            "may_undo": why_not_undo is None,
            "undo_later": worded_error(why_not_undo) if why_not_undo and why_not_undo.code == bulk.LATER_FIRST else "",
            "undo": undo,
            "undone_by": name_of(undo.made_by) if undo else "",
            "chosen": _changed(run, request.GET.get("post", "")),
            **self._waiting(request, step, run, by),
        }
        return TemplateResponse(request, "admin/posts/bulkstep/run.html", context)

    def _waiting(self, request: HttpRequest, step: BulkStep, run: Sync, by: User) -> dict[str, Any]:
        """The posts that wait for a release, with what it would do to them."""
        if run.state != Sync.State.TO_RELEASE:
            return {}
        refused = bulk.why_not_release(step, by)
        done = Outcome.objects.filter(sync=run).values("post")
        rows = BulkPost.objects.filter(step=step).exclude(post__in=done).order_by("pk").only("pk", "post_id")
        page = Paginator(rows, _A_PAGE).get_page(request.GET.get("waiting"))
        planned = plan(step, whole_rows(list(page.object_list)), by=step.made_by)
        return {
            "waiting": [_planned_row(each) for each in planned],
            "waiting_page": page,
            "waiting_pages": page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1),
            "may_release": refused is None,
            "why_not_release": worded_error(refused) if refused else "",
            "may_withdraw": bulk.why_not_withdraw(step, by) is None,
        }

    def _page(self, request: HttpRequest, step: BulkStep, page: Page) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": step,
            "step": step,
            "heading": title_of(step),
            "lines": lines_of(step),
            "maker": name_of(step.made_by),
            "page": page,
            "pages": page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1),
        }


def _steps() -> QuerySet[BulkStep]:
    return BulkStep.objects.select_related(
        "collection", "made_by", "undoes", "run__collection", "run__asked_by", "run__released_by"
    )


def _to_release(step: BulkStep, planned: Sequence[Planned], *, whole: bool) -> int:
    return sum(each.needs_release for each in planned) if whole else step.rows.exclude(live_base=None).count()


def _numbers(request: HttpRequest, name: str) -> set[int]:
    """The keys that the form has under `name`; nonsense is left out."""
    return set(map(whole_number, request.POST.getlist(name))) - {0}


def _planned_row(planned: Planned) -> PlannedRow:
    short, colour = PLANNED[planned.what]
    words = worded(planned.code, planned.facts) if planned.what is What.REFUSED else ""
    on_site = planned.what is What.CHANGED and planned.live is not None
    return PlannedRow(planned.post, short, colour, words, on_site, _differences(planned.texts, planned))


def _differences(texts: Sequence[tuple[str, str]], planned: Planned) -> tuple[tuple[str, list[Section]], ...]:
    """The differences of one post; of two, which text is which is said."""
    if len(texts) == 1:
        return (("", sections(*texts[0])),)
    names = (gettext("The present text, which nobody has published yet"), gettext("The text on the site"))
    return tuple((name, sections(*pair)) for name, pair in zip(names, texts, strict=False))


def _changed(run: Sync, asked: str) -> dict[str, Any] | None:
    """The exact difference of the one post of the report whose fold was opened."""
    outcome = Outcome.objects.filter(sync=run, post=whole_number(asked)).select_related("before", "after").first()
    if outcome is None or outcome.before is None or outcome.after is None:
        return None
    return {"post": outcome.post_id, "sections": sections(outcome.before.text, outcome.after.text)}
