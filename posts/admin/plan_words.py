"""What is planned for a post, in words: the step, when in the site's zone, by whom, and what stands in its way."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.timesince import timesince, timeuntil
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from posts.admin.post_words import STEPS, name_of
from posts.models import Post, Schedule
from posts.moments import written
from posts.planning import PLANNABLE, refusals_to_plan
from posts.plans import plans_of
from posts.wording import worded
from posts.workflow import Situation, State, Transition

TO_COME: Mapping[str, Promise] = {
    Transition.PUBLISH: gettext_lazy("To be published"),
    Transition.UNPUBLISH: gettext_lazy("To be taken off the site"),
    Transition.CONFIRM: gettext_lazy("To be confirmed as still right"),
}


@dataclass(frozen=True, slots=True)
class ShownPlan:
    """One plan: what, when, how long until then, by whom; `trouble` is why it was refused or what it waits for."""

    pk: int
    title: str
    icon: str
    at: datetime.datetime
    when: str
    until: str
    by: str
    trouble: str
    refused: bool
    move: str
    may_move: bool
    may_cancel: bool


def shown_plans(post: Post, person: User, situation: Situation) -> list[ShownPlan]:
    """What is planned for `post`, as `person` may see and change it; `situation` is that of the person."""
    plans = plans_of(post)
    planned = publication_planned(plans)
    shown = []
    for plan in plans:
        step = Transition(plan.transition)
        reasons = refusals_to_plan(step, situation, publication_planned=planned)
        shown.append(
            ShownPlan(
                pk=plan.pk,
                title=str(TO_COME.get(plan.transition, plan.transition)),
                icon=STEPS[plan.transition].icon,
                at=plan.at,
                when=site_time(plan.at),
                until=until(plan.at),
                by=name_of(plan.by),
                trouble=_trouble(plan, situation),
                refused=plan.state == Schedule.State.REFUSED,
                move=schedule_address(post.pk, plan.transition),
                may_move=not reasons,
                may_cancel=plan.by_id == person.pk or all(reason.code != "no_permission" for reason in reasons),
            )
        )
    return shown


def plannable(situation: Situation, *, planned: bool) -> list[Transition]:
    """The steps that may be set for later by the person of `situation`."""
    return [step for step in PLANNABLE if not refusals_to_plan(step, situation, publication_planned=planned)]


def publication_planned(plans: Sequence[Schedule]) -> bool:
    """Whether one of `plans` is to publish the post."""
    return any(plan.transition == Transition.PUBLISH and plan.state == Schedule.State.OPEN for plan in plans)


def schedule_address(pk: int, step: str = "") -> str:
    """Where a step of the post is set for later."""
    address = reverse("admin:posts_post_schedule", args=[pk])
    return f"{address}?step={step}" if step else address


def site_time(moment: datetime.datetime) -> str:
    """A moment as the clocks of the site show it."""
    return written(moment, timezone.get_default_timezone())


def zone_name() -> str:
    """The site's zone, by the name under which it is known."""
    return settings.TIME_ZONE


def until(moment: datetime.datetime) -> str:
    """How long until `moment`, or since."""
    now = timezone.now()
    if abs(moment - now) < datetime.timedelta(minutes=1):
        return _("in a moment") if moment > now else _("just now")
    if moment > now:
        return _("in %(time)s") % {"time": timeuntil(moment, now, depth=1)}
    return _("%(time)s ago") % {"time": timesince(moment, now, depth=1)}


def saved_while_planned(plans: Sequence[ShownPlan]) -> str:
    """What saving does to what is planned; "" where nothing is."""
    coming = next((plan for plan in plans if not plan.refused), None)
    if coming is None:
        return ""
    return _("What is scheduled stays so (%(what)s %(when)s).") % {"what": coming.title, "when": coming.when}


def how_it_was_planned(plan: Schedule | None) -> str:
    """What the history says of a step that was taken by itself; "" for one that somebody took."""
    if plan is None:
        return ""
    told = _("scheduled for %(when)s") if not plan.late else _("scheduled for %(when)s, done late")
    return told % {"when": site_time(plan.at)}


def _trouble(plan: Schedule, situation: Situation) -> str:
    if plan.state == Schedule.State.REFUSED:
        return worded(plan.code, plan.facts)
    if plan.transition == Transition.PUBLISH and situation.state not in (State.APPROVED, State.ARCHIVED):
        if plan.at <= timezone.now():
            return _("Its time has come, but it is not approved. It is published as soon as it is.")
        return _("It is not approved yet. If it is not by then, it is published as soon as it is.")
    return ""
