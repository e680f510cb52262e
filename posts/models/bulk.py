"""A bulk step: one change over a fixed list of posts, kept as what to do and to which texts."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class BulkStep(models.Model):
    """One list of differences (DESIGN §2.11). Without a `run` nobody said yet that it shall be done.

    `definition` says what is to be done to each post, in the words of its `kind` (`posts.bulk_kinds`).
    """

    class Kind(models.TextChoices):
        FIELDS = "fields", _("change of fields")
        TERMS = "terms", _("change of a term")
        MEND = "mend", _("mending of one kind of fault")
        SUGGESTED = "suggested", _("adding of suggested terms")
        REPLACE = "replace", _("find and replace")
        UNDO = "undo", _("undoing of a bulk step")

    collection = models.ForeignKey(
        "posts.Collection", verbose_name=_("collection"), on_delete=models.CASCADE, related_name="bulk_steps"
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    definition = models.JSONField(default=dict)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("made by"), on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField(_("made"))
    run = models.OneToOneField("posts.Sync", null=True, on_delete=models.PROTECT, related_name="bulk")
    undoes = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="undone_by")
    released_at = models.DateTimeField(_("released"), null=True)

    class Meta:
        verbose_name = _("bulk step")
        verbose_name_plural = _("bulk steps")
        default_permissions = ("view",)
        permissions: ClassVar = [("bulk_post", _("Can change many posts in one step"))]
        ordering: ClassVar = ["-pk"]

    def __str__(self) -> str:
        # The number is that of the run, which the commit names, too.
        return f"{self.get_kind_display()} #{self.run_id}" if self.run_id else str(self.get_kind_display())

    @property
    def root(self) -> "tuple[BulkStep, bool]":
        """The step that this one undoes or does again, itself if it is no undo; and whether this one does it."""
        step, forward = self, True
        while step.undoes is not None:
            step, forward = step.undoes, not forward
        return step, forward


class BulkPost(models.Model):
    """One post of a bulk step: the texts that the differences were taken from.

    `base` is its present text when it was asked for, `live_base` what the site showed then. The step is the difference
    from these to what its definition makes of them, or to `target` and `live_target` where there are such. What the
    step found on the site and left there is kept (`live_before`, `live_after`), so that it can be undone.
    Of a find and replace, `hits` and `ticked` say how many there are and are to be exchanged; empty: not counted yet.
    Of a proposal of many posts `planned` says what it would do to this one, once that was looked at for the counts.
    """

    step = models.ForeignKey(BulkStep, on_delete=models.CASCADE, related_name="rows")
    post = models.ForeignKey("posts.Post", on_delete=models.CASCADE, related_name="+")
    base = models.ForeignKey("posts.Revision", on_delete=models.PROTECT, related_name="+")
    live_base = models.ForeignKey("posts.Revision", null=True, on_delete=models.PROTECT, related_name="+")
    target = models.ForeignKey("posts.Revision", null=True, on_delete=models.PROTECT, related_name="+")
    live_target = models.ForeignKey("posts.Revision", null=True, on_delete=models.PROTECT, related_name="+")
    choice = models.JSONField(default=dict)
    hits = models.PositiveIntegerField(null=True)
    ticked = models.PositiveIntegerField(null=True)
    planned = models.CharField(max_length=10, blank=True, default="")
    live_before = models.ForeignKey("posts.Revision", null=True, on_delete=models.PROTECT, related_name="+")
    live_after = models.ForeignKey("posts.Revision", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        default_permissions: ClassVar = ()
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["step", "post"], name="one_row_per_post_of_a_bulk_step")
        ]

    def __str__(self) -> str:
        return f"{self.step_id}: {self.post_id}"
