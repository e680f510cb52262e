"""A build of the site, as whatever builds it tells us."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class Build(models.Model):
    """The site was built from `commit`, or could not be.

    `delivery`: which one told of it, if whatever builds the site says so. `taken_at`: when the posts got to know what a
    good one put on the site, or a newer one made that needless.
    """

    collection = models.ForeignKey("posts.Collection", on_delete=models.CASCADE, related_name="builds")
    delivery = models.CharField(max_length=200, blank=True, editable=False)
    commit = models.CharField(_("commit"), max_length=64)
    ok = models.BooleanField(_("went well"))
    log = models.TextField(_("what it said"), blank=True)
    at = models.DateTimeField(_("when"))
    taken_at = models.DateTimeField(_("noted on the posts"), null=True, editable=False)
    taken_head = models.CharField(max_length=64, blank=True, editable=False)
    taken_globs = models.TextField(blank=True, editable=False)

    class Meta:
        verbose_name = _("build")
        verbose_name_plural = _("builds")
        default_permissions: ClassVar = ()
        ordering: ClassVar = ["-pk"]

    def __str__(self) -> str:
        return f"{self.commit[:10]} {'ok' if self.ok else 'failed'}"
