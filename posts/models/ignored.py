"""That somebody does not want a term to be suggested: for one post, or for all."""

from typing import ClassVar

from django.conf import settings
from django.db import models


class IgnoredTerm(models.Model):
    """A term of `vocabulary`, by its key, that is not suggested for `post`; without a post for none."""

    vocabulary = models.CharField(max_length=20)
    term = models.BigIntegerField()
    post = models.ForeignKey("posts.Post", null=True, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        default_permissions: ClassVar = ()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["vocabulary", "term", "post"], name="ignored_once_per_post"),
            models.UniqueConstraint(
                fields=["vocabulary", "term"], condition=models.Q(post=None), name="ignored_once_for_all"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.vocabulary} {self.term}: {self.post_id or 'all'}"
