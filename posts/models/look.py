"""That somebody looked at a text: what "since I last looked" means on the review page."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Look(models.Model):
    """One person had one text of one post before them, first at this time."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    post = models.ForeignKey("posts.Post", on_delete=models.CASCADE, related_name="+")
    revision = models.ForeignKey("posts.Revision", on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("look")
        verbose_name_plural = _("looks")
        default_permissions: ClassVar = ()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "post", "revision"], name="one_look_per_text"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} → {self.revision_id}"
