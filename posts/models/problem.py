"""A problem: what is wrong with one file, where, and (worded at the door) the remedy."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class Problem(models.Model):
    """Computed anew whenever its file or text is read; it vanishes when its cause does."""

    collection = models.ForeignKey(
        "posts.Collection", verbose_name=_("collection"), on_delete=models.CASCADE, related_name="problems"
    )
    post = models.ForeignKey("posts.Post", null=True, on_delete=models.CASCADE, related_name="problems")
    path = models.TextField(_("path"))
    code = models.CharField(_("kind"), max_length=40)
    key = models.CharField(_("field"), max_length=40, blank=True)
    line = models.PositiveIntegerField(_("line"), null=True)
    facts = models.JSONField(default=dict)
    blocks = models.BooleanField(_("blocks"), default=False)

    class Meta:
        verbose_name = _("problem")
        verbose_name_plural = _("problems")
        default_permissions = ("view",)
        indexes: ClassVar = [
            models.Index(fields=["collection", "path"], name="problem_by_path"),
            models.Index(fields=["-blocks", "-id"], name="problem_gravest"),
            models.Index(fields=["collection", "path"], condition=models.Q(blocks=True), name="problem_blocking"),
        ]

    def __str__(self) -> str:
        return f"{self.path}:{self.line}" if self.line else self.path
