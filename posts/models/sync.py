"""A sync: one run between git (or a folder, or a zip) and the database, with its report."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Sync(models.Model):
    """The truth about a piece of long work; the message to the worker is only a wake-up (DESIGN §4)."""

    class Kind(models.TextChoices):
        SYNC = "sync", _("sync with the repository")
        UPLOAD = "upload", _("upload")
        DOWNLOAD = "download", _("download")
        PREVIEW = "preview", _("preview of a sync")
        UNDO = "undo", _("undoing of a sync")
        BULK = "bulk", _("bulk step")
        STEP = "step", _("step of many posts")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        NOTHING_NEW = "nothing_new", _("nothing new")
        PARTLY = "partly", _("done, with problems")
        STOPPED = "stopped", _("stopped")
        FAILED = "failed", _("failed")
        TO_RELEASE = "to_release", _("waits for release")

    NOT_OVER = (State.WAITING, State.RUNNING, State.TO_RELEASE)

    class Step(models.TextChoices):
        WAIT = "wait", _("waiting for another sync to end")
        FETCH = "fetch", _("fetching")
        IMPORT = "import", _("importing")
        EXPORT = "export", _("sending")
        UNDO = "undo", _("undoing")
        BULK = "bulk", _("changing the posts")
        TAKE = "take", _("taking the step")

    collection = models.ForeignKey(
        "posts.Collection", verbose_name=_("collection"), on_delete=models.CASCADE, related_name="syncs"
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices, default=Kind.SYNC)
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.WAITING)
    step = models.CharField(_("step"), max_length=20, choices=Step.choices, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(null=True)
    stop_requested = models.BooleanField(default=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("asked by"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField(_("asked"))
    started_at = models.DateTimeField(_("started"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    before = models.CharField(max_length=64, blank=True)
    after = models.CharField(max_length=64, blank=True)
    file = models.FileField(_("file"), upload_to="runs/", blank=True, max_length=300)
    selection = models.JSONField(default=list)
    steps = models.JSONField(default=list)
    released = models.CharField(max_length=64, blank=True)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("let go on by"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    undoes = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="undone_by")
    error_code = models.CharField(max_length=40, blank=True)
    error_facts = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("sync")
        verbose_name_plural = _("syncs")
        default_permissions = ("view",)
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["collection"], condition=Q(state="waiting", kind="sync"), name="one_waiting_sync_per_collection"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["asked_at"], condition=Q(state__in=["waiting", "running"]), name="sync_unfinished"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.pk}"

    @property
    def unfinished(self) -> bool:
        """Whether it waits or runs."""
        return self.state in (self.State.WAITING, self.State.RUNNING)


class Outcome(models.Model):
    """What a run did with one file."""

    class Result(models.TextChoices):
        NEW = "new", _("new")
        CHANGED = "changed", _("changed")
        SAME = "same", _("unchanged")
        RENAMED = "renamed", _("renamed")
        DELETED = "deleted", _("deleted in the repository")
        HELD = "held", _("held back")
        PROBLEM = "problem", _("problem")
        SENT = "sent", _("sent")
        MERGED = "merged", _("brought together")
        UNDONE = "undone", _("undone")
        TAKEN = "taken", _("done")
        REFUSED = "refused", _("not done")

    sync = models.ForeignKey(Sync, on_delete=models.CASCADE, related_name="outcomes")
    post = models.ForeignKey("posts.Post", null=True, on_delete=models.CASCADE, related_name="+")
    path = models.TextField(_("path"))
    result = models.CharField(_("result"), max_length=10, choices=Result.choices)
    code = models.CharField(max_length=40, blank=True)
    facts = models.JSONField(default=dict)
    before = models.ForeignKey("posts.Revision", null=True, on_delete=models.PROTECT, related_name="+")
    after = models.ForeignKey("posts.Revision", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("outcome")
        verbose_name_plural = _("outcomes")
        default_permissions: ClassVar = ()
        indexes: ClassVar = [models.Index(fields=["sync", "result"], name="outcome_by_result")]

    def __str__(self) -> str:
        return f"{self.result} {self.path}"
