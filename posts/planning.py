"""What may be planned for a date and time, and what a plan waits for at its hour. Pure."""

import datetime

from posts.errors import EvergreenError
from posts.workflow import Refusal, Situation, State, Transition, refusals

PLANNABLE = (Transition.PUBLISH, Transition.UNPUBLISH, Transition.CONFIRM)
"""The steps that can be set for a date and time, in the order of the choice."""

FARTHEST = datetime.timedelta(days=3660)

_ON_THE_WAY = frozenset({State.DRAFT, State.IN_REVIEW, State.CHANGES_REQUESTED})
_UNTIL_APPROVED = frozenset({"wrong_state", "approval_void"})
_MAY_STILL_COME = _UNTIL_APPROVED | {"checklist"}


class PlanRefused(EvergreenError):
    """This person may not plan this step; `refusals` has every reason."""

    def __init__(self, reasons: tuple[Refusal, ...]) -> None:
        super().__init__(reasons[0].code, **reasons[0].facts)
        self.refusals = reasons


def refusals_to_plan(
    transition: Transition, situation: Situation, *, publication_planned: bool = False
) -> tuple[Refusal, ...]:
    """Why this person may not set this step for later. Empty: they may.

    What can still come true by then is no reason: publishing may be planned before the approval, and taking off the
    site before a publication that is planned itself.
    """
    reasons = refusals(transition, situation)
    if transition not in PLANNABLE:
        return (Refusal("not_plannable"), *reasons)
    if transition is Transition.PUBLISH and situation.state in _ON_THE_WAY | {State.APPROVED}:
        return tuple(reason for reason in reasons if reason.code not in _MAY_STILL_COME)
    if transition is Transition.UNPUBLISH and publication_planned:
        return tuple(reason for reason in reasons if reason.code != "not_live")
    return reasons


def waits(transition: Transition, situation: Situation, reasons: tuple[Refusal, ...]) -> bool:
    """Whether the step, refused for `reasons`, goes on waiting: only the approval of a text on its way is missing."""
    if transition is not Transition.PUBLISH or situation.state not in _ON_THE_WAY | {State.APPROVED}:
        return False
    codes = {reason.code for reason in reasons}
    return bool(codes & _UNTIL_APPROVED) and codes <= _MAY_STILL_COME


def moment_of(day: datetime.date, clock: datetime.time, zone: datetime.tzinfo) -> datetime.datetime:
    """The moment at which a clock in `zone` shows this day and time; the first of two where it is put back.

    Raises EvergreenError("no_such_time") where the clock is put forward over it.
    """
    told = datetime.datetime.combine(day, clock.replace(second=0, microsecond=0, tzinfo=None), zone)
    try:
        moment = told.astimezone(datetime.UTC)
    except OverflowError as error:
        raise EvergreenError("too_far") from error
    if moment.astimezone(zone).replace(tzinfo=None) != told.replace(tzinfo=None):
        raise EvergreenError("no_such_time")
    return moment


def check_moment(at: datetime.datetime, *, now: datetime.datetime) -> None:
    """Raise EvergreenError("time_passed") or ("too_far") unless `at` is to come, within ten years."""
    if at <= now:
        raise EvergreenError("time_passed")
    if at - now > FARTHEST:
        raise EvergreenError("too_far")
