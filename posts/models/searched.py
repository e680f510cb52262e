"""What of a post the search index holds. The words themselves are in a form of the database's own."""

from typing import ClassVar

from django.db import models


class SearchedText(models.Model):
    """One part of one post's text in the index, of which revision and by which version of the rules it was made.

    On PostgreSQL the table has three columns more, `title_words`, `summary_words` and `body_words`, each a tsvector,
    and a body has as many parts as it needs. On SQLite the words are in the table `posts_words` of FTS5, under the
    post's key, and each post has one part.
    """

    post = models.ForeignKey("posts.Post", on_delete=models.CASCADE, related_name="+")
    part = models.PositiveSmallIntegerField(default=0)
    revision = models.ForeignKey("posts.Revision", on_delete=models.PROTECT, related_name="+")
    version = models.PositiveSmallIntegerField()

    class Meta:
        default_permissions: ClassVar = ()
        constraints: ClassVar = [models.UniqueConstraint(fields=["post", "part"], name="one_searched_part")]

    def __str__(self) -> str:
        return f"{self.post_id}/{self.part}"
