"""A revision: one immutable text of a post."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Whence(models.TextChoices):
    """Where a revision came from."""

    EDIT = "edit", _("edited here")
    IMPORT = "import", _("came from the repository")
    UPLOAD = "upload", _("uploaded")
    MERGE = "merge", _("merged")
    TRANSITION = "transition", _("written by a step of the review")
    BULK = "bulk", _("written by a bulk step")
    RESTORE = "restore", _("restored from the history")


class Revision(models.Model):
    """One text of a post, who made it, when, and whence. Never changed once written, but for the commit it left as."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    post = models.ForeignKey("posts.Post", on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField(_("number"))
    text = models.TextField(_("text"))
    blob = models.CharField(_("blob id"), max_length=64)
    says_draft = models.BooleanField(_("says that it is a draft"))
    whence = models.CharField(_("whence"), max_length=20, choices=Whence.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    # The keys of people who had pushed parts of it before its author did; NULL for nobody, as nearly always.
    co_writers = models.JSONField(null=True)
    author_name = models.CharField(_("author in git"), max_length=200, blank=True)
    author_email = models.CharField(_("author's address in git"), max_length=254, blank=True)
    at = models.DateTimeField(_("when"))
    beside = models.BooleanField(
        _("beside the post's own texts"),
        default=False,
        help_text=_("The other side of a merge, or what was typed onto an older text: kept for the record."),
    )
    bulk_step = models.ForeignKey("posts.Sync", null=True, on_delete=models.PROTECT, related_name="revisions")
    commit = models.CharField(_("commit"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        default_permissions = ("view",)
        constraints: ClassVar = [models.UniqueConstraint(fields=["post", "number"], name="one_revision_per_number")]
        indexes: ClassVar = [
            models.Index(fields=["commit"], name="revision_by_commit"),
            # What was done lately: by people here one by one, and by whoever pushed. The first has all that a count
            # of what people edited asks for, so that it reads no texts.
            models.Index(
                fields=["-at", "whence", "beside", "by", "post"],
                condition=models.Q(by__isnull=False),
                name="revision_by_hand",
            ),
            models.Index(fields=["whence", "-at"], name="revision_by_whence"),
        ]

    def __str__(self) -> str:
        return f"{self.post_id}#{self.number}"

    @property
    def who(self) -> str:
        """The name to show for who made it: the person here, else the author in git."""
        return (self.by.get_full_name() or self.by.get_username()) if self.by else self.author_name
