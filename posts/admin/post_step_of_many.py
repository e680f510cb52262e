"""Steps of the review over several posts: chosen in the list, looked at before, taken, watched.

The rules are in `posts.many_proposing` and `posts.many_running`.
"""

import re
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.admin import action
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from posts.access import within
from posts.admin.images import Replacement, waiting_replacements
from posts.admin.post_chosen import ChosenPosts, all_are_chosen
from posts.admin.post_history import Section, sections
from posts.admin.post_words import STEPS, name_of, state_label
from posts.admin.reading import asking, list_where, whole_number
from posts.admin.run_report import Report, words_of
from posts.many_proposing import (
    FORESEEN_AT_ONCE,
    Foreseen,
    StepRefused,
    foresee,
    foreseen_of,
    leave_out_of_step,
    propose_step,
)
from posts.many_running import (
    go_on_with_step,
    start_step,
    stop_step,
    why_not_go_on_with_step,
    why_not_stop_step,
)
from posts.models import ChosenPost, Outcome, Post, StepOfMany, Sync
from posts.situations import text_on_site
from posts.wording import worded_error, worded_refusals
from posts.workflow import Transition

_A_PAGE = 50
_WITH_DIFFERENCES = (Transition.SUBMIT, Transition.APPROVE, Transition.PUBLISH)
_GRAVE = (Transition.UNPUBLISH, Transition.ARCHIVE)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_FORESEEN = ChosenPost.Foreseen


class PostActions(ChosenPosts):
    """The bulk actions of the list. What may be done is decided post by post, as for the buttons."""

    def has_submit_permission(self, request: HttpRequest) -> bool:
        """For the action's place in the menu."""
        return request.user.has_perm("posts.submit_post")

    def has_review_permission(self, request: HttpRequest) -> bool:
        """For the action's place in the menu."""
        return request.user.has_perm("posts.review_post")

    def has_publish_permission(self, request: HttpRequest) -> bool:
        """For the action's place in the menu."""
        return request.user.has_perm("posts.publish_post")

    @action(description=_("Submit for review"), permissions=["submit"])
    def submit_posts(self, request: HttpRequest, queryset: QuerySet[Post]) -> HttpResponse | None:
        """Submit the chosen posts."""
        return self._propose(request, queryset, Transition.SUBMIT)

    @action(description=_("Approve"), permissions=["review"])
    def approve_posts(self, request: HttpRequest, queryset: QuerySet[Post]) -> HttpResponse | None:
        """Approve the chosen posts, each in the text that the list was showing."""
        return self._propose(request, queryset, Transition.APPROVE)

    @action(description=_("Publish"), permissions=["publish"])
    def publish_posts(self, request: HttpRequest, queryset: QuerySet[Post]) -> HttpResponse | None:
        """Publish the chosen posts."""
        return self._propose(request, queryset, Transition.PUBLISH)

    @action(description=_("Unpublish"), permissions=["publish"])
    def unpublish_posts(self, request: HttpRequest, queryset: QuerySet[Post]) -> HttpResponse | None:
        """Take the chosen posts off the site."""
        return self._propose(request, queryset, Transition.UNPUBLISH)

    @action(description=_("Archive"), permissions=["publish"])
    def archive_posts(self, request: HttpRequest, queryset: QuerySet[Post]) -> HttpResponse | None:
        """Archive the chosen posts."""
        return self._propose(request, queryset, Transition.ARCHIVE)

    @action(description=_("Still right (confirm)"), permissions=["review"])
    def confirm_posts(self, request: HttpRequest, queryset: QuerySet[Post]) -> HttpResponse | None:
        """Say of the chosen evergreen posts that they are still right."""
        return self._propose(request, queryset, Transition.CONFIRM)

    def _propose(self, request: HttpRequest, queryset: QuerySet[Post], transition: Transition) -> HttpResponse | None:
        # Of all that are found the list showed one page: what is looked at is what the next page shows of each.
        seen = None if all_are_chosen(request) else _seen(request)
        posts = Post.objects.filter(pk__in=queryset.order_by().values("pk"))
        try:
            step = propose_step(posts, transition, by=asking(request), seen=seen)
        except StepRefused as error:
            self.message_user(request, worded_error(error), messages.ERROR)
            return None
        return HttpResponseRedirect(_address(request, step))

    @method_decorator(require_safe)
    def many_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What a step would do to each of its posts; once it is taken, how far it is and what became of each."""
        step = self._step_of_many(request, pk)
        return self._many_taken(request, step, step.run) if step.run else self._many_proposed(request, step)

    @method_decorator(require_POST)
    def many_do_view(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        """Take the step with the posts that are ticked, leave out the others, stop, or go on."""
        step, by = self._step_of_many(request, pk), asking(request)
        try:
            match verb:
                case "start":
                    return self._start(request, step)
                case "leave-out":
                    leave_out_of_step(step, _not_ticked(request), by=by)
                case "stop":
                    stop_step(_run_of(step), by=by)
                case "go-on":
                    go_on_with_step(_run_of(step), by=by)
                case _:
                    raise Http404(verb)
        except StepRefused as error:
            self.message_user(request, worded_error(error), messages.ERROR)
        return HttpResponseRedirect(_address(request, step))

    def _step_of_many(self, request: HttpRequest, pk: int) -> StepOfMany:
        """A step that was asked for, of a collection that may be entered, or one's own proposal."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        by = asking(request)
        taken = within(by, StepOfMany.objects.exclude(run=None), "run__collection")
        visible = StepOfMany.objects.filter(Q(run=None, made_by=by) | Q(pk__in=taken.values("pk")))
        return get_object_or_404(visible.select_related("made_by", "run__collection", "run__asked_by"), pk=pk)

    def _start(self, request: HttpRequest, step: StepOfMany) -> HttpResponse:
        ticked = _numbers(request, "post")
        runs = start_step(step, by=asking(request), without=_not_ticked(request), ticked=ticked)
        for run in runs:
            run.refresh_from_db()
        if any(run.unfinished for run in runs):
            if len(runs) > 1:
                told = gettext("It is done in %(count)s runs, one for each collection.") % {"count": len(runs)}
                self.message_user(request, told, messages.INFO)
                return HttpResponseRedirect(list_where("sync", kind__exact=Sync.Kind.STEP))
            return HttpResponseRedirect(_address(request, step))
        outcomes = Outcome.objects.filter(sync__in=runs)
        for outcome in outcomes.filter(result=Outcome.Result.REFUSED).select_related("post").order_by("pk"):
            told = gettext("“%(post)s”: %(why)s") % {"post": str(outcome.post)[:80], "why": words_of(outcome)}
            self.message_user(request, told, messages.WARNING)
        done = outcomes.filter(result=Outcome.Result.TAKEN).count()
        if done:
            self.message_user(request, _done(step, done), messages.SUCCESS)
        return HttpResponseRedirect(_back(request))

    def _many_proposed(self, request: HttpRequest, step: StepOfMany) -> HttpResponse:
        rows = step.rows.select_related("looked_at").defer("looked_at__text")
        total, by = rows.count(), asking(request)
        whole = total <= FORESEEN_AT_ONCE
        # Those for which it is not possible come first, and those after them that a worker did not look at yet.
        page = Paginator(rows.order_by("-foreseen", "pk"), total or 1 if whole else _A_PAGE)
        shown = page.get_page(request.GET.get("page"))
        foreseen = list(foresee(step, list(shown.object_list), by=by))
        counts = Counter(_in_short(each) for each in foreseen) if whole else Counter(foreseen_of(step))
        counted = sum(counts.values())
        context = {
            **self._many(request, step, shown),
            "rows": sorted((_foreseen_row(each, step) for each in foreseen), key=lambda row: not row.why_not),
            "total": total,
            "possible": counts[_FORESEEN.POSSIBLE],
            "refused": counts[_FORESEEN.REFUSED],
            "counted": counted,
            "left_to_count": 0 if whole else total - counted,
            "may_start": counts[_FORESEEN.POSSIBLE] > 0 or (not whole and counted < total),
            "grave": step.transition in _GRAVE,
        }
        return TemplateResponse(request, "admin/posts/post/step_of_many.html", context)

    def _many_taken(self, request: HttpRequest, step: StepOfMany, run: Sync) -> HttpResponse:
        report, by = Report(run, request.GET.get("result", ""), request.GET.get("page")), asking(request)
        number = run.total or 0
        heading = ngettext("%(step)s: %(count)s post", "%(step)s: %(count)s posts", number)
        context = {
            **self._many(request, step, report.page),
            "title": heading % {"step": STEPS[step.transition].button, "count": number},
            "outcome": [] if run.unfinished else _outcome(step, report),
            "run": run,
            "report": report,
            "maker": name_of(step.made_by),
            "may_stop": why_not_stop_step(run, by) is None and not run.stop_requested,
            "may_go_on": why_not_go_on_with_step(run, by) is None,
        }
        return TemplateResponse(request, "admin/posts/post/step_of_many_run.html", context)

    def _many(self, request: HttpRequest, step: StepOfMany, page: Page) -> dict[str, Any]:
        """What both pages have."""
        return {
            **self.context_of(request, str(STEPS[step.transition].button)),
            "back": _back(request),
            "filters": _filters(request),
            "step": step,
            "words": STEPS[step.transition],
            "page": page,
            "pages": page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1),
        }


@dataclass(frozen=True, slots=True)
class ForeseenRow:
    """One of the chosen posts: what the step makes of its state and puts beside the site, or why it cannot be taken.

    `whole` is whether that is all of its text, because nothing of it is on the site.
    """

    post: Post
    before: str
    after: str
    why_not: str
    sections: Sequence[Section] = ()
    whole: bool = False
    replacements: Sequence[Replacement] = ()


def _foreseen_row(foreseen: Foreseen, step: StepOfMany) -> ForeseenRow:
    post, before = foreseen.post, state_label(foreseen.post.state)
    if foreseen.refusals:
        return ForeseenRow(post, before, "", worded_refusals(foreseen.refusals))
    after = state_label(foreseen.target)
    images = waiting_replacements(post) if foreseen.row.images_seen else []
    if step.transition not in _WITH_DIFFERENCES or post.present is None:
        return ForeseenRow(post, before, after, "", replacements=images)
    shown = text_on_site(post)
    parts = sections(shown.text if shown is not None else "", post.present.text)
    return ForeseenRow(post, before, after, "", parts, shown is None, images)


def _done(step: StepOfMany, number: int) -> str:
    told = ngettext("%(count)s post: %(done)s.", "%(count)s posts: %(done)s.", number)
    return told % {"count": number, "done": STEPS[step.transition].done}


def _outcome(step: StepOfMany, report: Report) -> list[str]:
    """What became of the posts of a run that is over, in a line or two."""
    done, refused = (report.counts.get(result, 0) for result in (Outcome.Result.TAKEN, Outcome.Result.REFUSED))
    left = ngettext(
        "%(count)s post stays as it is; the list says why.",
        "%(count)s posts stay as they are; the list says why.",
        refused,
    )
    return [_done(step, done), *([left % {"count": refused}] if refused else [])]


def _in_short(foreseen: Foreseen) -> str:
    return _FORESEEN.REFUSED if foreseen.refusals else _FORESEEN.POSSIBLE


def _filters(request: HttpRequest) -> str:
    """The filters of the list, which the addresses of a step keep for the way back."""
    filters = request.GET.copy()
    for own in ("page", "result"):
        filters.pop(own, None)
    return filters.urlencode()


def _back(request: HttpRequest) -> str:
    return f"{reverse('admin:posts_post_changelist')}?{_filters(request)}"


def _address(request: HttpRequest, step: StepOfMany) -> str:
    return f"{reverse('admin:posts_post_many', args=[step.pk])}?{_filters(request)}"


def _run_of(step: StepOfMany) -> Sync:
    if step.run is None:
        raise Http404(step.pk)
    return step.run


def _numbers(request: HttpRequest, name: str) -> set[int]:
    return set(map(whole_number, request.POST.getlist(name)))


def _not_ticked(request: HttpRequest) -> set[int]:
    """The posts that the page showed and that have no tick, or could have none."""
    return _numbers(request, "shown") - _numbers(request, "post")


def _seen(request: HttpRequest) -> dict[int, uuid.UUID]:
    """The revision of each post that the list showed when the boxes were ticked; nonsense is left out."""
    named = {name.removeprefix("seen-"): str(told) for name, told in request.POST.items() if name.startswith("seen-")}
    return {whole_number(post): uuid.UUID(told) for post, told in named.items() if _UUID.fullmatch(told)}
