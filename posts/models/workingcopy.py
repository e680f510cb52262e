"""What somebody typed and has not saved, and who has which post open: both beside the posts, never part of them."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class WorkingCopy(models.Model):
    """What one person typed into the form of one post, or of a new one: theirs alone, and nothing of it leaves.

    `typed` has the fields of the form by name, each a list of values as the browser sent them. `onto` is the text
    that the form was opened on, `window` the browser's window in which it was typed.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="working_copies")
    post = models.ForeignKey("posts.Post", null=True, on_delete=models.CASCADE, related_name="working_copies")
    onto = models.ForeignKey("posts.Revision", null=True, on_delete=models.PROTECT, related_name="+")
    window = models.CharField(max_length=40, blank=True)
    typed = models.JSONField(default=dict)
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("working copy")
        verbose_name_plural = _("working copies")
        default_permissions: ClassVar = ()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "post"], name="one_working_copy_per_post"),
            models.UniqueConstraint(
                fields=["person"], condition=models.Q(post=None), name="one_working_copy_of_a_new_post"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.post_id or 'new'}"

    @property
    def mark(self) -> str:
        """What a form says to show that it knows this very copy."""
        return self.at.isoformat()


class Presence(models.Model):
    """That one person has the form of one post open, as far as their browser says so every few seconds."""

    post = models.ForeignKey("posts.Post", on_delete=models.CASCADE, related_name="presences")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField()
    seen_at = models.DateTimeField(db_index=True)

    class Meta:
        default_permissions: ClassVar = ()
        constraints: ClassVar = [models.UniqueConstraint(fields=["post", "person"], name="present_once_per_post")]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.post_id}"
