"""An event: the record of one transition."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Event(models.Model):
    """Who took which step with a post, when, on which text, and what they said."""

    post = models.ForeignKey("posts.Post", on_delete=models.PROTECT, related_name="events")
    transition = models.CharField(_("step"), max_length=30)
    from_state = models.CharField(_("from"), max_length=20)
    to_state = models.CharField(_("to"), max_length=20)
    revision = models.ForeignKey("posts.Revision", null=True, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(_("when"))
    by_another = models.BooleanField(
        _("by another"),
        default=True,
        help_text=_("Whether who took the step had neither written nor submitted the text."),
    )
    note = models.TextField(_("note"), blank=True)
    # What goes into its words: of an assignment "to" and "from" by name, of a submission what was asked of whom.
    facts = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        default_permissions = ("view",)
        ordering: ClassVar = ["-at", "-pk"]
        indexes: ClassVar = [models.Index(fields=["at"], name="event_at")]

    def __str__(self) -> str:
        return f"{self.transition} {self.post_id}"
