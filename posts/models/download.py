"""Which text of a post somebody took home: what a file that they bring back was made from."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Download(models.Model):
    """That one person has one text of one post as a file, since `at` at the latest."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    post = models.ForeignKey("posts.Post", on_delete=models.CASCADE, related_name="+")
    revision = models.ForeignKey("posts.Revision", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("when"))

    class Meta:
        default_permissions: ClassVar = ()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "post", "revision"], name="one_download_per_text")
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.post_id}"
