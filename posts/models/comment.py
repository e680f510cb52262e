"""What is said about a post: remarks with their replies, and the links by which people without an account say some."""

import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class OutsideLink(models.Model):
    """An address under which somebody without an account reads one post and remarks on it, until it ends.

    Of its secret part only a digest is kept: what is in the database opens nothing.
    """

    post = models.ForeignKey("posts.Post", on_delete=models.PROTECT, related_name="outside_links")
    digest = models.CharField(max_length=64, unique=True)
    name = models.CharField(_("for whom"), max_length=80)
    may_suggest = models.BooleanField(_("may suggest changes"), default=False)
    ends_at = models.DateTimeField(_("ends"))
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(_("made"))
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True)

    class Meta:
        verbose_name = _("link for people without an account")
        verbose_name_plural = _("links for people without an account")
        default_permissions: ClassVar = ()
        ordering: ClassVar = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.post_id}: {self.name}"

    @property
    def last_day(self) -> datetime.date:
        """The last day on which it opens its post."""
        return timezone.localtime(self.ends_at - datetime.timedelta(microseconds=1)).date()


class OutsideVisit(models.Model):
    """That somebody opened a link, or left a remark by it; `place` is a digest of where they came from."""

    link = models.ForeignKey(OutsideLink, on_delete=models.CASCADE, related_name="visits")
    at = models.DateTimeField(_("when"))
    remark = models.BooleanField(default=False)
    name = models.CharField(max_length=80, blank=True)
    place = models.CharField(max_length=64)

    class Meta:
        default_permissions: ClassVar = ()
        ordering: ClassVar = ["-at", "-pk"]
        indexes: ClassVar = [models.Index(fields=["link", "at"], name="outside_visit")]

    def __str__(self) -> str:
        return f"{self.link_id}: {self.at}"


class CommentQuerySet(models.QuerySet["Comment"]):
    """Which remarks there are."""

    def threads(self) -> "CommentQuerySet":
        """Remarks, without the replies to them."""
        return self.filter(parent=None)

    def open(self) -> "CommentQuerySet":
        """Remarks that nobody has settled."""
        return self.filter(parent=None, resolved_at=None)


class Comment(models.Model):
    """A remark on a post, on one of its fields or on a passage of its body; or a reply to one.

    The passage is kept as it stood in `revision`; where it stands now is worked out (`posts.passages`). With a
    `replacement` it is a suggestion: what should stand in place of the passage, or be the field's value.
    """

    post = models.ForeignKey("posts.Post", on_delete=models.PROTECT, related_name="comments")
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="replies")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    link = models.ForeignKey(OutsideLink, null=True, on_delete=models.PROTECT, related_name="comments")
    outside_name = models.CharField(max_length=80, blank=True)
    at = models.DateTimeField(_("when"))
    text = models.TextField(_("text"), blank=True)
    field = models.CharField(max_length=200, blank=True)
    revision = models.ForeignKey("posts.Revision", null=True, on_delete=models.PROTECT, related_name="+")
    start = models.PositiveIntegerField(null=True)
    end = models.PositiveIntegerField(null=True)
    quote = models.TextField(blank=True)
    replacement = models.TextField(null=True)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    applied = models.ForeignKey("posts.Revision", null=True, on_delete=models.PROTECT, related_name="+")

    objects = CommentQuerySet.as_manager()

    class Meta:
        verbose_name = _("remark")
        verbose_name_plural = _("remarks")
        default_permissions: ClassVar = ()
        ordering: ClassVar = ["at", "pk"]
        indexes: ClassVar = [
            models.Index(
                fields=["post"], name="open_remark", condition=models.Q(parent__isnull=True, resolved_at__isnull=True)
            )
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="said_by_somebody",
                condition=models.Q(by__isnull=False, link__isnull=True)
                | (models.Q(by__isnull=True, link__isnull=False) & ~models.Q(outside_name="")),
            )
        ]

    def __str__(self) -> str:
        return f"{self.post_id}: {self.text[:40]}"

    @property
    def who(self) -> str:
        """The name to show for who said it."""
        return (self.by.get_full_name() or self.by.get_username()) if self.by else self.outside_name
