"""A conflict: what both sides changed differently, held until an editor settles it."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Conflict(models.Model):
    """Git's text beside ours. While it is open it holds back its own post's changes, and nothing else."""

    class Kind(models.TextChoices):
        TEXT = "text", _("both changed the text")
        DELETED = "deleted", _("deleted in the repository, changed here")
        UNREADABLE = "unreadable", _("the file in the repository cannot be read")
        CREATED_TWICE = "created_twice", _("created here and in the repository")

    post = models.ForeignKey("posts.Post", on_delete=models.PROTECT, related_name="conflicts")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    base = models.ForeignKey(
        "posts.Revision", verbose_name=_("before"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    theirs = models.TextField(_("the other's text"), blank=True)
    theirs_blob = models.CharField(max_length=64, blank=True)
    theirs_author = models.CharField(_("the other"), max_length=200, blank=True)
    theirs_commit = models.CharField(max_length=64, blank=True)
    passes = models.ForeignKey("posts.Revision", null=True, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(_("since"))
    settled_at = models.DateTimeField(_("settled"), null=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("conflict")
        verbose_name_plural = _("conflicts")
        default_permissions = ("view",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["post"], condition=models.Q(settled_at=None), name="one_open_conflict_per_post"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.pk}"
