"""The door to the steps of the review: a page that says what a step will do, and the POST that takes it."""

import datetime
from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin

from posts.access import within
from posts.admin.images import waiting_replacements
from posts.admin.plan_words import site_time, zone_name
from posts.admin.post_actions import images_named, revision_named
from posts.admin.post_panel import GRAVE, asked_twice, reviewers_to_choose
from posts.admin.post_words import APPROVE_AND_PUBLISH, STEPS, state_label
from posts.admin.schedule_form import ScheduleForm, initial_time
from posts.errors import EvergreenError
from posts.models import Post, Revision
from posts.planning import PLANNABLE
from posts.plans import plans_of
from posts.requests import Request
from posts.reviewing import GIVES_UP, TransitionRefused, approve_and_publish, perform
from posts.situations import CHECKED, earlier_approved, situation_of
from posts.wording import worded, worded_error
from posts.workflow import Refusal, Situation, Transition, may_approve_and_publish, refusals, target, writes

_PUBLISHING = frozenset({Transition.PUBLISH, Transition.MAKE_EVERGREEN})
_ASKED_FOR = frozenset({"note_missing", "reason_missing"})
"""What the page of a step asks for itself."""
_ABOUT_THE_REQUEST = frozenset({"cannot_review", "due_passed"})
_TYPED = {
    "note": gettext_lazy("Note"),
    "look_at": gettext_lazy("What to look at"),
    "reason": gettext_lazy("Why is it no fault?"),
}
"""What is typed on the way to a step, by the name of its field: no refusal loses it."""
_LONGEST = 2000
_APPROVING = frozenset({Transition.APPROVE, APPROVE_AND_PUBLISH})
_TOWARDS_THE_SITE = frozenset({Transition.SUBMIT}) | _APPROVING | _PUBLISHING
"""The steps that a replacement of an image is taken along by."""


class PostSteps(ModelAdmin):
    """GET asks, POST takes the step. Whether it may be taken is decided by `posts.reviewing` alone."""

    def step_view(self, request: Any, post_id: int, transition: str) -> HttpResponse:
        """One step with one post."""
        post = self.opened(request, post_id)
        if transition not in STEPS:
            raise Http404(transition)
        if request.method == "POST":
            return self._taken(request, post, transition)
        situation = situation_of(post, request.user)
        reasons = _refusals(transition, situation)
        if reasons:
            return self.refused(request, post, in_words(reasons), step=transition)
        return self._asked(request, post, transition, situation)

    def opened(self, request: HttpRequest, post_id: int) -> Post:
        """The post with its present text, for somebody who may see posts. Raises 404 and 403."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        related = (
            "collection",
            "present",
            "git_text",
            "cleared",
            "submitted_by",
            "approved_by",
            "assignee",
            "reviewer",
        )
        posts = within(request.user, Post.objects.select_related(*related))
        return get_object_or_404(posts, pk=post_id, present__isnull=False)

    def page(
        self, request: HttpRequest, post: Post, template: str, title: str, context: dict[str, Any], status: int = 200
    ) -> TemplateResponse:
        """A page about one post, in the frame of the admin."""
        told = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": post,
            "post": post,
            "title": title,
            "subtitle": str(post),
            "post_url": reverse("admin:posts_post_change", args=[post.pk]),
            **context,
        }
        return TemplateResponse(request, f"admin/posts/post/{template}.html", told, status=status)

    def refused(
        self, request: HttpRequest, post: Post, why: Sequence[str], *, step: str = "", status: int = 403
    ) -> HttpResponse:
        """The page that says why not; nothing was changed, and what was typed stands there to be taken along."""
        typed = [(name, label, text) for name, label in _TYPED.items() if (text := request.POST.get(name, "")).strip()]
        context = {"why": why, "words": STEPS.get(step), "typed": typed}
        return self.page(request, post, "refused", _("Not possible now"), context, status)

    def _asked(
        self, request: Any, post: Post, step: str, situation: Situation, *, error: str = "", status: int = 200
    ) -> HttpResponse:
        plain = Transition.PUBLISH if step == APPROVE_AND_PUBLISH else Transition(step)
        # Whoever had to save first comes with what they had filled in already.
        told = request.POST if request.method == "POST" else request.GET
        context = {
            "words": STEPS[step],
            "step": step,
            "error": error,
            "note": told.get("note", ""),
            "state_now": state_label(post.state),
            "state_then": state_label(target(plain, situation)),
            "written": [(key, _yaml(value)) for key, value in writes(plain, situation).items()],
            "brings_back": earlier_approved(post) if step == Transition.ROLL_BACK else None,
            "reviewers": reviewers_to_choose(post, request.user) if step == Transition.SUBMIT else [],
            "chosen_reviewer": _key(told.get("reviewer", "")) or post.reviewer_id,
            "chosen_due": told.get("due", ""),
            "chosen_look_at": told.get("look_at", ""),
            "may_set_date": step in _PUBLISHING,
            "note_wanted": step == Transition.REQUEST_CHANGES or (situation.findings and plain in CHECKED),
            "asked_twice": asked_twice(step),
            "grave": step in GRAVE,
            "replacements": waiting_replacements(post),
            "replaces": step in _TOWARDS_THE_SITE,
            "drops": plain in GIVES_UP,
            **_later(post, step),
        }
        return self.page(request, post, "step", str(STEPS[step].button), context, status)

    def _taken(self, request: Any, post: Post, step: str) -> HttpResponse:
        looked_at = revision_named(post, request.POST.get("looked_at", ""))
        if looked_at is None and step in _APPROVING:
            # An approval names the text that was looked at (DESIGN §2.9): one that names none approves nothing.
            return self.refused(request, post, [worded("text_moved")], step=step)
        if asked_twice(step) and "sure" not in request.POST:
            situation = situation_of(post, request.user)
            reasons = _refusals(step, situation)
            if reasons:
                return self.refused(request, post, in_words(reasons), step=step)
            return self._asked(request, post, step, situation, error=_("Tick the box if you are sure."), status=400)
        try:
            self._perform(request, post, step, looked_at)
        except TransitionRefused as refusal:
            if {each.code for each in refusal.refusals} <= _ASKED_FOR:
                situation = situation_of(post, request.user)
                return self._asked(
                    request, post, step, situation, error=" ".join(in_words(refusal.refusals)), status=403
                )
            if {each.code for each in refusal.refusals} <= _ABOUT_THE_REQUEST:
                situation = situation_of(post, request.user)
                said = " ".join(in_words(refusal.refusals))
                return self._asked(request, post, step, situation, error=said, status=403)
            return self.refused(request, post, in_words(refusal.refusals), step=step)
        except EvergreenError as error:
            return self.refused(request, post, [worded_error(error)], step=step, status=409)
        told = _("“%(post)s”: %(done)s.") % {"post": str(post)[:80], "done": STEPS[step].done}
        self.message_user(request, told, messages.SUCCESS)
        return HttpResponseRedirect(back_to(request, post))

    @transaction.atomic
    def _perform(self, request: Any, post: Post, step: str, looked_at: Revision | None) -> None:
        by: User = request.user
        note = request.POST.get("note", "").replace("\r\n", "\n")
        seen: dict[str, Any] = {"looked_at": looked_at, "images_seen": images_named(request.POST)}
        if step == APPROVE_AND_PUBLISH:
            taken = approve_and_publish(post, by=by, note=note, **seen)
        else:
            set_date = "set_date" in request.POST
            asked = _request(request.POST) if step == Transition.SUBMIT else None
            taken = perform(post, step, by=by, note=note, set_date=set_date, request=asked, **seen)
        self.log_change(request, taken, str(STEPS[step].done))


def _request(sent: QueryDict) -> Request | None:
    """What a form asks of the reviewers; None where it does not say, as of a form without these fields."""
    if "reviewer" not in sent:
        return None
    key = _key(sent.get("reviewer", ""))
    try:
        due = datetime.date.fromisoformat(sent.get("due", ""))
    except ValueError:
        due = None
    reviewer = User.objects.filter(pk=key).first() if key is not None else None
    return Request(reviewer, due, sent.get("look_at", "").replace("\r\n", "\n")[:_LONGEST])


def _key(told: str) -> int | None:
    return int(told) if told.isascii() and told.isdecimal() and len(told) < 19 else None


def back_to(request: HttpRequest, post: Post) -> str:
    """Where whoever asks came from, if that is a page of ours; else the post."""
    told = request.POST.get("next", "") or request.GET.get("next", "")
    return told if told and is_ours(request, told) else reverse("admin:posts_post_change", args=[post.pk])


def is_ours(request: HttpRequest, address: str) -> bool:
    """Whether `address`, which a browser sent, leads to a page of ours."""
    return url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())


def in_words(reasons: Iterable[Refusal]) -> list[str]:
    """Every reason, each in its own words."""
    return [worded(reason.code, reason.facts) for reason in reasons]


def _refusals(step: str, situation: Situation) -> tuple[Refusal, ...]:
    """Why the step may not be taken; a note is asked for on the page."""
    if step == APPROVE_AND_PUBLISH:
        return may_approve_and_publish(situation)
    reasons = refusals(Transition(step), situation)
    return tuple(reason for reason in reasons if reason.code not in _ASKED_FOR)


def _later(post: Post, step: str) -> dict[str, Any]:
    """The fields to set the step for a date and time instead, where that can be."""
    if step not in PLANNABLE:
        return {}
    plan = next((plan for plan in plans_of(post) if plan.transition == step), None)
    form = ScheduleForm(steps=[Transition(step)], initial=initial_time(step, plan))
    return {"form": form, "zone": zone_name(), "now": site_time(timezone.now()), "plan": plan}


def _yaml(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
