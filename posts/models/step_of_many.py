"""A step of many: one step of the review over a fixed list of posts, each in the text that was looked at."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class StepOfMany(models.Model):
    """Without a `run` nobody said yet that it shall be taken. With one, its posts are of the run's collection."""

    transition = models.CharField(_("step"), max_length=30)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("made by"), on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField(_("made"))
    run = models.OneToOneField("posts.Sync", null=True, on_delete=models.CASCADE, related_name="step_of_many")

    class Meta:
        verbose_name = _("step of many posts")
        verbose_name_plural = _("steps of many posts")
        default_permissions: ClassVar = ()
        ordering: ClassVar = ["-pk"]

    def __str__(self) -> str:
        return f"{self.transition} #{self.pk}"


class ChosenPost(models.Model):
    """One post of a step of many. `looked_at` is the text that its maker saw, empty where they saw none; `images_seen`
    has the keys of the replacements of images that they saw with it.

    `foreseen` says what the step would do, once that was looked at for the counts (`posts.many_proposing`).
    """

    class Foreseen(models.TextChoices):
        POSSIBLE = "possible", _("possible")
        REFUSED = "refused", _("not possible")

    step = models.ForeignKey(StepOfMany, on_delete=models.CASCADE, related_name="rows")
    post = models.ForeignKey("posts.Post", on_delete=models.CASCADE, related_name="+")
    looked_at = models.ForeignKey("posts.Revision", null=True, on_delete=models.CASCADE, related_name="+")
    images_seen = models.JSONField(default=list)
    foreseen = models.CharField(max_length=10, choices=Foreseen.choices, blank=True, default="")

    class Meta:
        default_permissions: ClassVar = ()
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["step", "post"], name="one_row_per_post_of_a_step_of_many")
        ]

    def __str__(self) -> str:
        return f"{self.step_id}: {self.post_id}"
