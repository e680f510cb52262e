"""The door to what is planned: a page on which a step is set for a date and time, moved or cancelled."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from posts.admin.plan_words import TO_COME, plannable, publication_planned, shown_plans, site_time, zone_name
from posts.admin.post_steps import PostSteps, back_to, in_words
from posts.admin.schedule_form import ScheduleForm, initial_time
from posts.errors import EvergreenError
from posts.models import Post, Schedule
from posts.planning import PLANNABLE, PlanRefused
from posts.plans import plans_of
from posts.scheduling import cancel, set_schedule, why_not_plan
from posts.situations import situation_of
from posts.wording import worded_error
from posts.workflow import State, Transition


class PostSchedules(PostSteps):
    """Setting a step for later. Whether it may be set is decided by `posts.scheduling` alone."""

    def step_view(self, request: Any, post_id: int, transition: str) -> HttpResponse:
        """As ever; or, where the page of the step was sent with a time, the step is set for then."""
        if request.method == "POST" and request.POST.get("when") == "later" and transition in PLANNABLE:
            return self._schedule(request, self.opened(request, post_id), transition)
        return super().step_view(request, post_id, transition)

    def schedule_view(self, request: Any, post_id: int) -> HttpResponse:
        """GET asks which step and when; POST sets it, or cancels what is named."""
        post = self.opened(request, post_id)
        if request.method == "POST":
            if "cancel" in request.POST:
                return self._cancel(request, post, request.POST["cancel"])
            return self._schedule(request, post, request.POST.get("step", ""))
        return self._schedule_page(request, post, request.GET.get("step", ""))

    def _schedule(self, request: Any, post: Post, step: str) -> HttpResponse:
        data = request.POST.copy()
        data["step"] = step
        form = ScheduleForm(data, steps=list(PLANNABLE))
        if step not in PLANNABLE or not form.is_valid():
            return self._schedule_page(request, post, step, form, status=400)
        try:
            schedule = self._set(request, post, step, form)
        except PlanRefused as refusal:
            return self.refused(request, post, in_words(refusal.refusals), step=step)
        except EvergreenError as error:
            form.add_error("day", worded_error(error))
            return self._schedule_page(request, post, step, form, status=400)
        told = _("“%(post)s”: %(what)s %(when)s (%(zone)s).") % {
            "post": str(post)[:80],
            "what": TO_COME[step],
            "when": site_time(schedule.at),
            "zone": zone_name(),
        }
        self.message_user(request, told, messages.SUCCESS)
        return HttpResponseRedirect(back_to(request, post))

    @transaction.atomic
    def _set(self, request: Any, post: Post, step: str, form: ScheduleForm) -> Schedule:
        told = form.cleaned_data
        schedule = set_schedule(post, step, told["at"], by=request.user, set_date=told["set_date"])
        self.log_change(request, post, str(TO_COME[step]))
        return schedule

    def _cancel(self, request: Any, post: Post, key: str) -> HttpResponse:
        if not (key.isascii() and key.isdecimal() and len(key) < 19):
            raise Http404(key)
        schedule = get_object_or_404(Schedule.objects.select_related("post"), pk=int(key), post=post)
        try:
            cancel(schedule, by=request.user)
        except PlanRefused as refusal:
            return self.refused(request, post, in_words(refusal.refusals))
        except EvergreenError as error:
            return self.refused(request, post, [worded_error(error)], status=409)
        self.message_user(request, _("“%(post)s”: cancelled.") % {"post": str(post)[:80]}, messages.SUCCESS)
        return HttpResponseRedirect(back_to(request, post))

    def _schedule_page(
        self, request: Any, post: Post, step: str, form: ScheduleForm | None = None, *, status: int = 200
    ) -> HttpResponse:
        situation = situation_of(post, request.user)
        plans = plans_of(post)
        steps = plannable(situation, planned=publication_planned(plans))
        chosen = step if step in steps else next(iter(steps), "")
        if not chosen:
            reasons = why_not_plan(post, Transition(step) if step in PLANNABLE else PLANNABLE[0], request.user)
            return self.refused(request, post, in_words(reasons), step=step)
        set_already = next((plan for plan in plans if plan.transition == chosen), None)
        if form is None:
            form = ScheduleForm(steps=steps, initial=initial_time(chosen, set_already))
        else:
            form.offer(steps)
        context = {
            "form": form,
            "zone": zone_name(),
            "now": site_time(timezone.now()),
            "moves": set_already is not None,
            "plans": shown_plans(post, request.user, situation),
            "unapproved": situation.state != State.APPROVED and Transition.PUBLISH in steps,
            "publishes": Transition.PUBLISH in steps,
            "back": back_to(request, post),
            "next": request.POST.get("next", request.GET.get("next", "")),
        }
        return self.page(request, post, "schedule", _("Set for a date and time"), context, status)
