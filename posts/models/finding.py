"""Findings of the checks: what is wrong or doubtful in a post's present text, and what somebody dismissed of it."""

import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from posts.checks import Severity
from posts.workflow import State


class Dismissal(models.Model):
    """Somebody said of one fault in one passage of one post that it is none. It holds as long as that passage stays.

    `place` tells it from others with the same passage; an old dismissal without one is of all of them.
    """

    post = models.ForeignKey("posts.Post", on_delete=models.CASCADE, related_name="+")
    code = models.CharField(max_length=40)
    key = models.CharField(max_length=40, blank=True)
    passage = models.TextField(blank=True)
    place = models.CharField(max_length=40, blank=True, default="", editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    at = models.DateTimeField(_("when"))
    reason = models.TextField(_("reason"))

    class Meta:
        default_permissions: ClassVar = ()

    def __str__(self) -> str:
        return f"{self.code} {self.post_id}"


class FindingQuerySet(models.QuerySet["Finding"]):
    """The questions asked of findings."""

    def open(self) -> "FindingQuerySet":
        """What nobody dismissed, of posts that are not put away."""
        return self.filter(dismissal=None).exclude(post__state=State.ARCHIVED)

    def new(self, since: datetime.datetime) -> "FindingQuerySet":
        """What texts brought that were written since then; not what was there before anything was checked."""
        return self.open().filter(found_at__gte=since)


class Finding(models.Model):
    """Computed anew whenever a post's text is checked; it keeps its row, and its time, for as long as it is found."""

    class Level(models.TextChoices):
        BREAKS = Severity.BREAKS, _("breaks the build")
        WRONG = Severity.WRONG, _("wrong")
        DOUBT = Severity.DOUBT, _("doubtful")
        ADVICE = Severity.ADVICE, _("advice")

    post = models.ForeignKey("posts.Post", verbose_name=_("post"), on_delete=models.CASCADE, related_name="findings")
    code = models.CharField(_("kind"), max_length=40)
    severity = models.CharField(_("severity"), max_length=10, choices=Level.choices)
    key = models.CharField(_("field"), max_length=40, blank=True)
    line = models.PositiveIntegerField(_("line"), null=True)
    passage = models.TextField(_("passage"), blank=True)
    place = models.CharField(max_length=40, blank=True, default="", editable=False)
    facts = models.JSONField(default=dict)
    has_fix = models.BooleanField(_("can be mended"), default=False)
    among_posts = models.BooleanField(default=False)
    found_at = models.DateTimeField(
        _("found"), null=True, help_text=_("Empty for what was there before it was looked for.")
    )
    dismissal = models.ForeignKey(Dismissal, null=True, on_delete=models.SET_NULL, related_name="+")

    objects = FindingQuerySet.as_manager()

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        default_permissions: ClassVar = ()
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(severity__in=[each.value for each in Severity]), name="a_known_severity"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["code", "severity"], name="finding_by_code"),
            models.Index(fields=["-found_at", "id"], name="finding_newest_first"),
        ]

    def __str__(self) -> str:
        return f"{self.code}:{self.line}" if self.line else self.code


class CheckedText(models.Model):
    """Which text of a post was checked, under which rules and settings, and what of it is compared with others."""

    post = models.OneToOneField("posts.Post", on_delete=models.CASCADE, primary_key=True, related_name="checked")
    revision = models.ForeignKey("posts.Revision", on_delete=models.PROTECT, related_name="+")
    path = models.TextField()
    stamp = models.CharField(max_length=64)
    head = models.CharField(max_length=64, blank=True)
    day = models.DateField()
    at = models.DateTimeField(db_index=True)
    source = models.TextField(blank=True)
    title = models.CharField(max_length=32, blank=True)
    summary = models.CharField(max_length=32, blank=True)
    address = models.TextField(blank=True)
    sketch = models.BinaryField(default=bytes)

    class Meta:
        default_permissions: ClassVar = ()

    def __str__(self) -> str:
        return str(self.post_id)


class ComparedPosts(models.Model):
    """What the posts of a collection, and of all others of its site, were when they were last compared."""

    collection = models.OneToOneField("posts.Collection", on_delete=models.CASCADE, primary_key=True, related_name="+")
    stamp = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        default_permissions: ClassVar = ()

    def __str__(self) -> str:
        return str(self.collection_id)
