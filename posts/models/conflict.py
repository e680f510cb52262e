"""A conflict: what was changed twice, differently, until an editor settles it."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ConflictQuerySet(models.QuerySet["Conflict"]):
    """The questions asked of conflicts."""

    def unsettled(self) -> "ConflictQuerySet":
        """Those that still wait for somebody."""
        return self.filter(settled_at=None)

    def holding(self) -> "ConflictQuerySet":
        """The unsettled ones between git and here, which hold back their post; a stale form holds back nothing."""
        return self.unsettled().exclude(kind=Conflict.Kind.FORM)

    def forms_of(self, person_pk: int | None) -> "ConflictQuerySet":
        """The stale forms of one person that they have not settled yet."""
        return self.unsettled().filter(kind=Conflict.Kind.FORM, owner=person_pk)


class Conflict(models.Model):
    """The texts of both sides and the one before; none of them is ever changed or dropped (DESIGN §2.7, §2.8).

    Between git and here `theirs` is git's text, and ours is the post's present text. Of a stale form `ours` is what
    its `owner` typed, and theirs is the present text.
    """

    class Kind(models.TextChoices):
        TEXT = "text", _("both changed the text")
        DELETED = "deleted", _("deleted in the repository, changed here")
        UNREADABLE = "unreadable", _("the file in the repository cannot be read")
        UNMERGEABLE = "unmergeable", _("both changed the text, and it cannot be brought together part by part")
        CREATED_TWICE = "created_twice", _("created here and in the repository")
        FORM = "form", _("saved onto an older text")

    post = models.ForeignKey("posts.Post", on_delete=models.PROTECT, related_name="conflicts")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    base = models.ForeignKey(
        "posts.Revision", verbose_name=_("before"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    ours = models.ForeignKey(
        "posts.Revision", verbose_name=_("what was typed"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    theirs = models.ForeignKey(
        "posts.Revision", verbose_name=_("the other's text"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    unreadable = models.TextField(_("the other's text, as far as it can be shown"), blank=True)
    theirs_blob = models.CharField(max_length=64, blank=True)
    theirs_author = models.CharField(_("the other"), max_length=200, blank=True)
    theirs_commit = models.CharField(max_length=64, blank=True)
    theirs_at = models.DateTimeField(_("when the other changed it"), null=True)
    # The keys of all the people who pushed into it, one after the other.
    pushed_by = models.JSONField(default=list)
    passes = models.ForeignKey("posts.Revision", null=True, on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("whose form it was"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    opened_at = models.DateTimeField(_("since"))
    settled_at = models.DateTimeField(_("settled"), null=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects = ConflictQuerySet.as_manager()

    class Meta:
        verbose_name = _("conflict")
        verbose_name_plural = _("conflicts")
        default_permissions = ("view",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["post"],
                condition=Q(settled_at=None) & ~Q(kind="form"),
                name="one_open_conflict_per_post",
            ),
            models.CheckConstraint(
                condition=~Q(kind="form") | Q(owner__isnull=False, ours__isnull=False), name="a_form_has_an_owner"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["post"], condition=Q(settled_at=None), name="conflict_unsettled"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.pk}"
