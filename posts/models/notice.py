"""What somebody must be told, and what is known of how alerts are told."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Notice(models.Model):
    """One thing that one person is told once: a code and its facts, worded at the door."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    post = models.ForeignKey("posts.Post", null=True, on_delete=models.CASCADE, related_name="+")
    code = models.CharField(_("kind"), max_length=40)
    facts = models.JSONField(default=dict)
    at = models.DateTimeField(_("when"))
    seen_at = models.DateTimeField(_("seen"), null=True)
    # Not shown in here to somebody who wants it by mail alone.
    shown = models.BooleanField(default=True)
    # When it is to be mailed next: gone when it was, or need not be any more.
    mail_at = models.DateTimeField(null=True)
    mail_tries = models.PositiveSmallIntegerField(default=0)
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        default_permissions: ClassVar = ()
        ordering: ClassVar = ["-pk"]
        indexes: ClassVar = [
            models.Index(fields=["person"], condition=models.Q(seen_at=None), name="notice_unseen"),
            models.Index(fields=["person", "-id"], condition=models.Q(shown=True), name="notice_of_person"),
            models.Index(fields=["mail_at"], condition=models.Q(mail_at__isnull=False), name="notice_to_mail"),
        ]

    def __str__(self) -> str:
        return f"{self.code} → {self.person_id}"


class ToldAlert(models.Model):
    """An alert that was mailed, so that it is mailed once; gone when its cause is. Alerts themselves are computed.

    `posts/telling.py` keeps its turn here, and whose mailbox took nothing.
    """

    key = models.CharField(max_length=200, unique=True)
    at = models.DateTimeField()

    class Meta:
        default_permissions: ClassVar = ()

    def __str__(self) -> str:
        return self.key


class Heartbeat(models.Model):
    """When a part of the machinery was last seen at work."""

    name = models.CharField(max_length=20, unique=True)
    at = models.DateTimeField()

    class Meta:
        default_permissions: ClassVar = ()

    def __str__(self) -> str:
        return self.name
