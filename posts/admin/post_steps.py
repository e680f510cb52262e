"""The door to the steps of the review: a page that says what a step will do, and the POST that takes it."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin

from posts.admin.post_actions import revision_named
from posts.admin.post_panel import GRAVE, asked_twice
from posts.admin.post_words import APPROVE_AND_PUBLISH, STEPS, state_label
from posts.errors import EvergreenError
from posts.models import Post, Revision
from posts.reviewing import TransitionRefused, approve_and_publish, perform
from posts.situations import earlier_approved, situation_of
from posts.wording import worded, worded_error
from posts.workflow import CHECKED, Refusal, Situation, Transition, may_approve_and_publish, refusals, target, writes

_PUBLISHING = frozenset({Transition.PUBLISH, Transition.MAKE_EVERGREEN})
_ASKED_FOR = frozenset({"note_missing", "reason_missing"})
"""What the page of a step asks for itself."""
_APPROVING = frozenset({Transition.APPROVE, APPROVE_AND_PUBLISH})


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
        related = ("collection", "present", "git_text", "cleared", "submitted_by", "approved_by")
        return get_object_or_404(Post.objects.select_related(*related), pk=post_id, present__isnull=False)

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
        """The page that says why not; nothing was changed."""
        return self.page(
            request, post, "refused", _("Not possible now"), {"why": why, "words": STEPS.get(step)}, status
        )

    def _asked(
        self, request: HttpRequest, post: Post, step: str, situation: Situation, *, error: str = "", status: int = 200
    ) -> HttpResponse:
        plain = Transition.PUBLISH if step == APPROVE_AND_PUBLISH else Transition(step)
        context = {
            "words": STEPS[step],
            "step": step,
            "error": error,
            "note": request.POST.get("note", ""),
            "state_now": state_label(post.state),
            "state_then": state_label(target(plain, situation)),
            "written": [(key, _yaml(value)) for key, value in writes(plain, situation).items()],
            "brings_back": earlier_approved(post) if step == Transition.ROLL_BACK else None,
            "may_set_date": step in _PUBLISHING,
            "note_wanted": step == Transition.REQUEST_CHANGES or (situation.findings and plain in CHECKED),
            "asked_twice": asked_twice(step),
            "grave": step in GRAVE,
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
            return self.refused(request, post, in_words(refusal.refusals), step=step)
        except EvergreenError as error:
            return self.refused(request, post, [worded_error(error)], step=step, status=409)
        told = _("“%(post)s”: %(done)s.") % {"post": str(post)[:80], "done": STEPS[step].done}
        self.message_user(request, told, messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:posts_post_change", args=[post.pk]))

    @transaction.atomic
    def _perform(self, request: Any, post: Post, step: str, looked_at: Revision | None) -> None:
        by: User = request.user
        note = request.POST.get("note", "").replace("\r\n", "\n")
        if step == APPROVE_AND_PUBLISH:
            taken = approve_and_publish(post, by=by, note=note, looked_at=looked_at)
        else:
            set_date = "set_date" in request.POST
            taken = perform(post, step, by=by, note=note, looked_at=looked_at, set_date=set_date)
        self.log_change(request, taken, str(STEPS[step].done))


def in_words(reasons: Iterable[Refusal]) -> list[str]:
    """Every reason, each in its own words."""
    return [worded(reason.code, reason.facts) for reason in reasons]


def _refusals(step: str, situation: Situation) -> tuple[Refusal, ...]:
    """Why the step may not be taken; a note is asked for on the page."""
    if step == APPROVE_AND_PUBLISH:
        return may_approve_and_publish(situation)
    reasons = refusals(Transition(step), situation)
    return tuple(reason for reason in reasons if reason.code not in _ASKED_FOR)


def _yaml(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
