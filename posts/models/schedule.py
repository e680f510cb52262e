"""What is planned for a post: a step at a date and time, and what was said of its review-by date."""

import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ScheduleQuerySet(models.QuerySet["Schedule"]):
    """The questions asked of schedules."""

    def open(self) -> "ScheduleQuerySet":
        """Those that are still to come, or wait for an approval."""
        return self.filter(state=Schedule.State.OPEN)

    def due(self, moment: datetime.datetime) -> "ScheduleQuerySet":
        """Those whose hour has come, the oldest first."""
        return self.open().filter(at__lte=moment).order_by("at", "pk")

    def unsettled(self) -> "ScheduleQuerySet":
        """Those that somebody may still move or cancel: to come, waiting, or refused at their hour."""
        return self.filter(state__in=(Schedule.State.OPEN, Schedule.State.REFUSED))


class Schedule(models.Model):
    """A step that is to be taken with a post, not before `at`, as `by`, who set it.

    `waited_at`: when its hour had come and the post was not approved; `late`: it was done long after its hour because
    nobody was at work. `code` and `facts` say why it was refused.
    """

    class State(models.TextChoices):
        OPEN = "open", _("scheduled")
        DONE = "done", _("done")
        REFUSED = "refused", _("refused")
        CANCELLED = "cancelled", _("cancelled")

    post = models.ForeignKey("posts.Post", on_delete=models.CASCADE, related_name="schedules")
    transition = models.CharField(_("step"), max_length=30)
    at = models.DateTimeField(_("not before"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), on_delete=models.PROTECT, related_name="schedules"
    )
    set_date = models.BooleanField(default=False)
    made_at = models.DateTimeField(_("set"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPEN)
    warned_at = models.DateTimeField(null=True)
    waited_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    late = models.BooleanField(_("late"), default=False)
    code = models.CharField(_("reason"), max_length=40, blank=True)
    facts = models.JSONField(default=dict)
    event = models.OneToOneField("posts.Event", null=True, on_delete=models.SET_NULL, related_name="schedule")

    objects = ScheduleQuerySet.as_manager()

    class Meta:
        verbose_name = _("schedule")
        verbose_name_plural = _("schedules")
        default_permissions: ClassVar = ()
        ordering: ClassVar = ["at", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["post", "transition"], condition=Q(state="open"), name="one_open_schedule_per_step"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["at"], condition=Q(state="open"), name="schedule_to_come"),
            models.Index(fields=["state", "at"], name="schedule_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.transition} {self.post_id} {self.at:%Y-%m-%d %H:%M}"


class Reminder(models.Model):
    """That somebody was reminded of a review-by date: once when it is near, and once when it has come."""

    class Kind(models.TextChoices):
        NEAR = "near", _("a week before")
        DUE = "due", _("on the day")

    post = models.ForeignKey("posts.Post", on_delete=models.CASCADE, related_name="reminders")
    day = models.DateField()
    kind = models.CharField(max_length=4, choices=Kind.choices)

    class Meta:
        default_permissions: ClassVar = ()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["post", "day", "kind"], name="one_reminder_per_date"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.post_id} {self.day}"
