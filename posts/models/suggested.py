"""What the vocabularies make of a post's present text: terms that it mentions and does not list, and the other way."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class SuggestedTerm(models.Model):
    """A known term that the checked text of `post` mentions and does not list; or, if `listed`, never mentions.

    Kept with the findings of the checks, and for the same text. What somebody ignores has no row.
    """

    post = models.ForeignKey(
        "posts.Post", verbose_name=_("post"), on_delete=models.CASCADE, related_name="suggested", db_index=False
    )
    vocabulary = models.CharField(max_length=20)
    term = models.BigIntegerField()
    listed = models.BooleanField(default=False)
    name = models.CharField(max_length=255)
    count = models.PositiveIntegerField(default=0)
    passages = models.JSONField(default=list)

    class Meta:
        default_permissions: ClassVar = ()
        constraints: ClassVar = [
            # In this order it also answers which posts have any.
            models.UniqueConstraint(fields=["post", "listed", "vocabulary", "term"], name="suggested_once_per_post")
        ]
        indexes: ClassVar = [models.Index(fields=["vocabulary", "term"], name="suggested_by_term")]

    def __str__(self) -> str:
        return f"{self.vocabulary} {self.name}: {self.post_id}"


class SoughtNames(models.Model):
    """The names for which all checked texts have been looked through: one row, to tell which are new."""

    mark = models.TextField()
    names = models.JSONField(default=dict)

    class Meta:
        default_permissions: ClassVar = ()

    def __str__(self) -> str:
        return str(len(self.names))
