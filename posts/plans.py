"""What a step that is taken does to what was planned for the post."""

import datetime
from collections.abc import Mapping

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import IntegerField
from django.utils import timezone

from posts.models import Post, Schedule
from posts.questions import Given, Question
from posts.workflow import Transition

_ENDS_ALL = frozenset({Transition.ARCHIVE, Transition.DISCARD, Transition.REMOVE})
_DOES: Mapping[Transition, Transition] = {
    Transition.PUBLISH: Transition.PUBLISH,
    Transition.MAKE_EVERGREEN: Transition.PUBLISH,
    Transition.UNPUBLISH: Transition.UNPUBLISH,
    Transition.CONFIRM: Transition.CONFIRM,
}


def end_plans(post: Post, step: Transition, *, by: User, at: datetime.datetime) -> None:
    """End what `step` leaves nothing of: what it did itself, and everything where it takes the post out of the work.

    Edits and the other steps leave the plans as they are. The caller holds the lock on the post.
    """
    plans = Schedule.objects.unsettled().filter(post=post)
    if step in _DOES:
        plans = plans.filter(transition=_DOES[step])
    elif step not in _ENDS_ALL:
        return
    plans.update(state=Schedule.State.CANCELLED, ended_at=at, ended_by=by)


def hour_of(schedule: Schedule) -> dict[str, object]:
    """When `schedule` is to happen, as the facts "when" and "zone" of a notice."""
    # In the site's zone: it is what the page on which it was set had said.
    when = schedule.at.astimezone(timezone.get_default_timezone())
    return {"when": f"{when:%Y-%m-%d %H:%M}", "zone": settings.TIME_ZONE}


def plans_of(post: Post) -> list[Schedule]:
    """What is planned for `post`, or was refused and not dealt with, the first to come first."""
    planned = [pk for [pk] in _PLANNED.ask(post=post.pk)]
    # Most posts have none: then the question that is put into SQL once is all.
    return list(Schedule.objects.filter(pk__in=planned).select_related("by").order_by("at", "pk")) if planned else []


_PLANNED = Question(
    lambda: Schedule.objects.unsettled().filter(post=Given("post", IntegerField())).order_by().values_list("pk")
)
