"""The form on which a step is set for a date and time."""

import datetime
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy

from posts.admin.post_words import STEPS
from posts.errors import EvergreenError
from posts.models import Schedule
from posts.planning import moment_of
from posts.wording import worded_error
from posts.workflow import Transition

_MORNING = datetime.time(9)


class ScheduleForm(forms.Form):
    """Which step, and when: a day and a time as the clocks of the site show them."""

    step = forms.ChoiceField(label=gettext_lazy("What is to happen"), widget=forms.RadioSelect)
    day = forms.DateField(
        label=gettext_lazy("Date"),
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "date", "class": "eg-input"}, format="%Y-%m-%d"),
    )
    clock = forms.TimeField(
        label=gettext_lazy("Time"),
        input_formats=["%H:%M", "%H:%M:%S"],
        widget=forms.TimeInput(attrs={"type": "time", "class": "eg-input"}, format="%H:%M"),
    )
    set_date = forms.BooleanField(label=gettext_lazy("Set the date to that day when it is published"), required=False)

    def __init__(self, *args: Any, steps: Sequence[Transition], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(steps)

    def offer(self, steps: Sequence[Transition]) -> None:
        """Let the choice be among `steps`."""
        choices = [(str(step), STEPS[step].button) for step in steps]
        self.fields["step"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any] | None:
        """The moment, in `at`."""
        cleaned: dict[str, Any] = super().clean() or {}
        if "day" in cleaned and "clock" in cleaned:
            try:
                cleaned["at"] = moment_of(cleaned["day"], cleaned["clock"], timezone.get_default_timezone())
            except EvergreenError as error:
                self.add_error("clock", worded_error(error))
        return cleaned


def initial_time(step: str, plan: Schedule | None) -> dict[str, Any]:
    """The time that is set already, or the next morning."""
    zone = timezone.get_default_timezone()
    if plan is not None:
        at = plan.at.astimezone(zone)
        return {"step": step, "day": at.date(), "clock": at.time(), "set_date": plan.set_date}
    return {"step": step, "day": timezone.localdate(timezone=zone) + datetime.timedelta(days=1), "clock": _MORNING}
