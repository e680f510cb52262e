"""A departure: a text on its way to git, written down before the push and gone once the answer is noted."""

from typing import ClassVar

from django.db import models


class Departure(models.Model):
    """What one commit of a push carries for one post.

    After a crash, or an answer that got lost, these rows tell whether git has what was sent: if `head` is among its
    commits, it has all of them (DESIGN §2.6).
    """

    collection = models.ForeignKey("posts.Collection", on_delete=models.CASCADE, related_name="departures")
    post = models.ForeignKey("posts.Post", on_delete=models.CASCADE, related_name="+")
    revision = models.ForeignKey("posts.Revision", null=True, on_delete=models.PROTECT, related_name="+")
    path = models.TextField()
    commit = models.CharField(max_length=64)
    head = models.CharField(max_length=64)

    class Meta:
        default_permissions: ClassVar = ()

    def __str__(self) -> str:
        return f"{self.commit[:10]} {self.path}"
