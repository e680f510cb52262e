"""An image that was brought in here, until git has it and as the record of who brought it."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ImageQuerySet(models.QuerySet["Image"]):
    """The questions asked of images."""

    def waiting(self) -> "ImageQuerySet":
        """Those that git has not got yet."""
        return self.filter(sent_at=None)

    def may_leave(self) -> "ImageQuerySet":
        """Those that leave with the next text that they belong to."""
        return self.waiting().filter(Q(post=None) | ~Q(cleared_at=None))


class ImageUse(models.Model):
    """One image that one text mentions, by its path in the repository. An index: `posts.image_uses` keeps it."""

    post = models.ForeignKey("posts.Post", on_delete=models.CASCADE, related_name="+")
    revision = models.ForeignKey("posts.Revision", on_delete=models.CASCADE, related_name="+", db_index=False)
    path = models.TextField()

    class Meta:
        default_permissions: ClassVar = ()
        constraints: ClassVar = [models.UniqueConstraint(fields=["revision", "path"], name="one_use_per_text")]
        indexes: ClassVar = [models.Index(fields=["path", "post"], name="image_use_by_path")]

    def __str__(self) -> str:
        return self.path


class Image(models.Model):
    """One image for the repository of a collection: a new one, or a replacement of one that is there.

    A new one belongs to no post: it leaves in the first commit of a cleared text that mentions it. A replacement
    belongs to the post that it was made from, and leaves when that post is published next (`cleared_at`). The bytes
    are kept until git has them. `commit` names the commit that it departed in, and once `sent_at` is set, the one that
    has it.
    """

    collection = models.ForeignKey("posts.Collection", on_delete=models.CASCADE, related_name="images")
    path = models.TextField(_("path"))
    blob = models.CharField(max_length=64)
    data = models.BinaryField()
    size = models.PositiveIntegerField(_("size in bytes"))
    width = models.PositiveIntegerField(_("width"))
    height = models.PositiveIntegerField(_("height"))
    post = models.ForeignKey("posts.Post", null=True, on_delete=models.CASCADE, related_name="replacements")
    replaces = models.CharField(max_length=64, blank=True)
    cleared_at = models.DateTimeField(null=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("brought by"), on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(_("brought at"))
    commit = models.CharField(max_length=64, blank=True)
    sent_at = models.DateTimeField(null=True)

    objects = ImageQuerySet.as_manager()

    class Meta:
        verbose_name = _("image")
        verbose_name_plural = _("images")
        default_permissions: ClassVar = ()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["collection", "path"], condition=Q(post=None), name="one_image_per_path"),
            models.UniqueConstraint(
                fields=["collection", "path"],
                condition=Q(post__isnull=False, sent_at=None),
                name="one_replacement_waits_per_path",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["collection"], condition=Q(sent_at=None), name="image_waits"),
            models.Index(fields=["by", "at"], name="image_by_day"),
        ]

    def __str__(self) -> str:
        return self.path
