"""Steps set for a date and time: set, move, cancel, and take what is due, as whoever set it."""

import datetime
from collections.abc import Iterable

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from posts import workflow
from posts.access import may_enter
from posts.errors import EvergreenError
from posts.models import Event, Post, Schedule
from posts.notifying import called, tell
from posts.planning import PlanRefused, check_moment, refusals_to_plan, waits
from posts.plans import hour_of
from posts.reviewing import TransitionRefused, perform
from posts.situations import lock, situation_of
from posts.waking import wake_for_schedule
from posts.workflow import Refusal, State, Transition

LATE = datetime.timedelta(minutes=5)
"""From this long after its hour on it is said that a step was late: nobody was at work."""

_BEFORE = datetime.timedelta(days=1)
_AT_ONCE = 500


# --- Set, move, cancel


@transaction.atomic
def set_schedule(
    post: Post,
    transition: str,
    at: datetime.datetime,
    *,
    by: User,
    set_date: bool = False,
    now: datetime.datetime | None = None,
) -> Schedule:
    """Set a step of `post` for `at`, as `by`; one that is set already is moved, and one that was refused replaced.

    Publishing is done as soon as the post is approved and `at` has come. Raises `PlanRefused`, and
    EvergreenError("time_passed") or ("too_far").
    """
    moment = now or timezone.now()
    step = Transition(transition)
    post = lock(post)
    refuse_unless_plannable(post, step, by)
    check_moment(at, now=moment)
    plans = Schedule.objects.filter(post=post, transition=step)
    plans.filter(state=Schedule.State.REFUSED).update(state=Schedule.State.CANCELLED, ended_at=moment, ended_by=by)
    told = {"at": at, "by": by, "set_date": set_date, "made_at": moment, "warned_at": None, "waited_at": None}
    schedule, _made = plans.update_or_create(
        state=Schedule.State.OPEN, defaults=told, create_defaults={"post": post, "transition": step, **told}
    )
    return schedule


@transaction.atomic
def move(schedule: Schedule, at: datetime.datetime, *, by: User, now: datetime.datetime | None = None) -> Schedule:
    """Set another time for `schedule`; from now on it is done as `by`. Raises as `set_schedule`, and ("plan_over")."""
    post = lock(schedule.post)
    found = _unsettled(schedule)
    return set_schedule(post, found.transition, at, by=by, set_date=found.set_date, now=now)


@transaction.atomic
def cancel(schedule: Schedule, *, by: User, now: datetime.datetime | None = None) -> Schedule:
    """Take back `schedule`, or dismiss one that was refused. Raises `PlanRefused` and EvergreenError("plan_over")."""
    lock(schedule.post)
    found = _unsettled(schedule)
    reasons = refusals_to_cancel(found, by)
    if reasons:
        raise PlanRefused(reasons)
    found.state, found.ended_at, found.ended_by = Schedule.State.CANCELLED, now or timezone.now(), by
    found.save(update_fields=["state", "ended_at", "ended_by"])
    return found


def refusals_to_cancel(schedule: Schedule, person: User) -> tuple[Refusal, ...]:
    """Why `person` may not cancel: whoever set it may, and whoever may take the step."""
    if person.pk == schedule.by_id and may_enter(person, schedule.post.collection_id):
        return ()
    reasons = workflow.refusals(Transition(schedule.transition), situation_of(schedule.post, person))
    return tuple(reason for reason in reasons if reason.code == "no_permission")


def refuse_unless_plannable(post: Post, step: Transition, person: User) -> None:
    """Raise `PlanRefused` unless `person` may set `step` of `post` for later."""
    reasons = why_not_plan(post, step, person)
    if reasons:
        raise PlanRefused(reasons)


def why_not_plan(post: Post, step: Transition, person: User) -> tuple[Refusal, ...]:
    """Why `person` may not set `step` of `post` for later. Empty: they may."""
    planned = Schedule.objects.open().filter(post=post, transition=Transition.PUBLISH).exists()
    return refusals_to_plan(step, situation_of(post, person), publication_planned=planned)


def _unsettled(schedule: Schedule) -> Schedule:
    """The row as it is now, locked. The lock on its post comes first, as for a step by hand."""
    rows = Schedule.objects.unsettled().select_for_update(of=("self",)).filter(pk=schedule.pk)
    found = rows.select_related("post__collection", "by").first()
    if found is None:
        raise EvergreenError("plan_over")
    return found


# --- Take what is due


def wake_due(*, now: datetime.datetime | None = None) -> int:
    """Wake a worker for each schedule that is due, and tell how many.

    Each is a message of its own, so that one which fails in an unknown way never keeps the others from their hour.
    """
    pks = list(Schedule.objects.due(now or timezone.now()).values_list("pk", flat=True)[:_AT_ONCE])
    for pk in pks:
        wake_for_schedule(pk)
    return len(pks)


@transaction.atomic
def fire(pk: int, *, now: datetime.datetime | None = None) -> Schedule | None:
    """Take the step of the schedule with key `pk`, if it is due; None if another worker did, or it was moved.

    One transaction, under the locks of the post and of the schedule: it is done once and noted, or not at all.
    A refusal is noted with its reason, and told to whoever set it; a post that is not approved yet goes on waiting.
    """
    moment = now or timezone.now()
    known = Schedule.objects.filter(pk=pk).select_related("post").first()
    if known is None:
        return None
    post = lock(known.post)
    rows = Schedule.objects.open().select_for_update(of=("self",)).filter(pk=pk, at__lte=moment)
    schedule = rows.select_related("by").first()
    if schedule is None:
        return None
    step, situation = Transition(schedule.transition), situation_of(post, schedule.by)
    # Said for itself: that a role may not do this would be no help to somebody who set it long ago.
    gone = _why_not_as_the_planner(schedule, workflow.refusals(step, situation))
    if gone is not None:
        return _refuse(schedule, post, gone, moment)
    try:
        perform(post, step, by=schedule.by, set_date=schedule.set_date)
    except TransitionRefused as refusal:
        if waits(step, situation, refusal.refusals):
            return _wait(schedule, post, moment)
        return _refuse(schedule, post, refusal.refusals[0], moment)
    except EvergreenError as error:
        return _refuse(schedule, post, Refusal(error.code, error.facts), moment)
    schedule.state, schedule.ended_at, schedule.ended_by = Schedule.State.DONE, moment, schedule.by
    schedule.late = schedule.waited_at is None and moment - schedule.at > LATE
    schedule.event = Event.objects.filter(post=post, transition=step).order_by("-pk").first()
    schedule.save()
    return schedule


def _why_not_as_the_planner(schedule: Schedule, reasons: Iterable[Refusal]) -> Refusal | None:
    by = called(schedule.by)
    if not schedule.by.is_active:
        return Refusal("planner_left", {"by": by})
    if any(reason.code in ("no_permission", "not_yours") for reason in reasons):
        return Refusal("planner_lost_right", {"by": by})
    return None


def _refuse(schedule: Schedule, post: Post, why: Refusal, moment: datetime.datetime) -> Schedule:
    # "Load the page again", as the button says of another state, would help nobody here.
    code = "state_at_hour" if why.code == "wrong_state" else why.code
    schedule.state, schedule.ended_at = Schedule.State.REFUSED, moment
    schedule.code, schedule.facts = code, dict(why.facts)
    schedule.save()
    _tell(schedule, post, "schedule_failed", moment, why=code, why_facts=schedule.facts)
    return schedule


def _wait(schedule: Schedule, post: Post, moment: datetime.datetime) -> Schedule:
    """Its hour has come and the post is not approved: said once, and tried again until it is."""
    if schedule.waited_at is None:
        schedule.waited_at = moment
        schedule.save(update_fields=["waited_at"])
        _tell(schedule, post, "schedule_waits", moment)
    return schedule


def warn_of_unapproved(*, now: datetime.datetime | None = None) -> int:
    """Tell once, a day before, that a post which is set to be published is not approved yet; give how many."""
    moment = now or timezone.now()
    soon = Schedule.objects.open().filter(
        transition=Transition.PUBLISH, warned_at=None, waited_at=None, at__gt=moment, at__lte=moment + _BEFORE
    )
    soon = soon.exclude(post__state=State.APPROVED)
    pks = list(soon.order_by("at", "pk").values_list("pk", flat=True)[:_AT_ONCE])
    return sum(_warn(pk, moment) for pk in pks)


@transaction.atomic
def _warn(pk: int, moment: datetime.datetime) -> bool:
    rows = Schedule.objects.open().select_for_update(of=("self",)).filter(pk=pk, warned_at=None)
    schedule = rows.select_related("post__collection", "by").first()
    if schedule is None:
        return False
    reasons = workflow.refusals(Transition.PUBLISH, situation_of(schedule.post, schedule.by))
    if not any(reason.code in ("wrong_state", "approval_void") for reason in reasons):
        return False
    schedule.warned_at = moment
    schedule.save(update_fields=["warned_at"])
    _tell(schedule, schedule.post, "schedule_unapproved", moment)
    return True


def concerned(schedule: Schedule, post: Post) -> list[User | None]:
    """Who is told about a schedule: whoever set it, and who works on the post."""
    return [schedule.by, post.assignee, post.submitted_by]


def _tell(schedule: Schedule, post: Post, code: str, moment: datetime.datetime, **more: object) -> None:
    by = called(schedule.by)
    facts = {"step": schedule.transition, **hour_of(schedule), "by": by, **more}
    tell(concerned(schedule, post), code, post=post, facts=facts, at=moment)
