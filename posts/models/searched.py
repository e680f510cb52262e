"""What of a post the search index holds. The words themselves are in a form of the database's own."""

from typing import ClassVar

from django.db import models


class SearchedText(models.Model):
    """What of one post's text is in the index: of which revision, and by which version of the rules it was made.

    On PostgreSQL `said` is the levelled text, and the table has a column more, the tsvector `words`. On SQLite the
    words are in the table `posts_words` of FTS5, under the post's key, and `said` is empty.
    """

    post = models.OneToOneField("posts.Post", on_delete=models.CASCADE, related_name="searched")
    revision = models.ForeignKey("posts.Revision", on_delete=models.PROTECT, related_name="+")
    version = models.PositiveSmallIntegerField()
    said = models.TextField(default="")

    class Meta:
        default_permissions: ClassVar = ()

    def __str__(self) -> str:
        return str(self.post_id)
