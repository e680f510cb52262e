"""A saved view: filters and order of the list of posts, under a name."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class SavedView(models.Model):
    """The question to the list of posts, of one person, or of everybody if it is `shared`."""

    name = models.CharField(_("name"), max_length=60)
    query = models.TextField(_("filters"), blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("owner"), on_delete=models.CASCADE, related_name="saved_views"
    )
    shared = models.BooleanField(_("shared with everybody"), default=False)
    made_at = models.DateTimeField(_("made"))

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        default_permissions: ClassVar = ()
        ordering: ClassVar = ["name", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "name"], name="one_saved_view_per_name_and_owner")
        ]

    def __str__(self) -> str:
        return self.name
