"""What a person chose for themselves, and who asked for a new password lately."""

import datetime
import zoneinfo
from collections.abc import Iterable
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from posts.models.collection import Collection
from posts.notice_kinds import Mailing, NoticeKind
from posts.questions import Given, RowQuestion


def validate_zone(name: str) -> None:
    """Refuse what is the name of no time zone."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError(_("There is no time zone of this name."))


class ProfileQuerySet(models.QuerySet["Profile"]):
    """The questions asked of profiles."""

    def of(self, person: User) -> "Profile":
        """The profile of `person`; one that is not saved yet for somebody who chose nothing."""
        profile = next(iter(_OF.ask(person=person.pk)), None) or Profile()
        # The person has it at hand then, and nobody asks for it once more.
        profile.person = person
        return profile

    def by_person(self, people: Iterable[User]) -> dict[int, "Profile"]:
        """The profile of each of `people` by the person's key, with the stand-in; one query."""
        wanted = list(people)
        found = {profile.person_id: profile for profile in self.filter(person__in=wanted).select_related("stand_in")}
        told = {}
        for person in wanted:
            told[person.pk] = found.get(person.pk) or Profile()
            told[person.pk].person = person
        return told

    def want_alerts(self) -> "ProfileQuerySet":
        """Of those who want alerts by mail, at once or daily."""
        return self.filter(models.Q(wishes__alert=Mailing.NOW) | models.Q(wishes__alert=Mailing.DAILY))


class Profile(models.Model):
    """What one person chose: language, zone, the name in git, what they are told and how, and their absence.

    `limited` and `collections` are not theirs to choose: where they may be (`posts.access`).
    """

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="profile")
    language = models.CharField(_("language"), max_length=10, blank=True, choices=settings.LANGUAGES)
    zone = models.CharField(_("time zone"), max_length=64, blank=True, validators=[validate_zone])
    commit_name = models.CharField(_("name on commits"), max_length=100, blank=True)
    no_reply = models.BooleanField(_("keep my e-mail address out of the commits"), default=False)
    wishes = models.JSONField(default=dict)
    hidden = models.JSONField(default=dict)
    away_from = models.DateField(_("away from"), null=True, blank=True)
    away_to = models.DateField(_("away until"), null=True, blank=True)
    stand_in = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("stand-in"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    shortcuts = models.BooleanField(_("keyboard shortcuts"), default=True)
    alerts_mailed_on = models.DateField(null=True, editable=False)
    # On the first page: now, and before the visit that this belongs to.
    here_at = models.DateTimeField(null=True, editable=False)
    here_before = models.DateTimeField(null=True, editable=False)
    limited = models.BooleanField(_("limited to some collections"), default=False, editable=False)
    collections = models.ManyToManyField("posts.Collection", related_name="+", editable=False)

    objects = ProfileQuerySet.as_manager()

    class Meta:
        verbose_name = _("profile")
        verbose_name_plural = _("profiles")
        default_permissions: ClassVar = ()

    def __str__(self) -> str:
        return str(self.person_id)

    @cached_property
    def rooms(self) -> frozenset[int]:
        """The keys of the collections that a limited person may enter: theirs, and what is there for practice."""
        theirs = models.Q(pk__in=self.collections.values("pk")) if self.pk else models.Q(pk__in=[])
        return frozenset(Collection.objects.filter(theirs | models.Q(practice=True)).values_list("pk", flat=True))

    def mailing_of(self, kind: NoticeKind) -> Mailing:
        """When a notice of `kind` is mailed to this person."""
        wished = self.wishes.get(kind.name)
        return Mailing(wished) if wished in list(Mailing) else kind.mailing

    def shows(self, kind: NoticeKind) -> bool:
        """Whether a notice of `kind` is shown to this person in here."""
        return not self.hidden.get(kind.name, not kind.shown)

    def tzinfo(self) -> datetime.tzinfo:
        """The zone that this person's times are told in."""
        try:
            return zoneinfo.ZoneInfo(self.zone) if self.zone else timezone.get_default_timezone()
        except (zoneinfo.ZoneInfoNotFoundError, ValueError):
            # A server may have fewer zones than the one that it was chosen on.
            return timezone.get_default_timezone()

    def is_away(self, day: datetime.date) -> bool:
        """Whether this person is away on `day`; without an end, from the beginning on."""
        return self.away_from is not None and self.away_from <= day and (self.away_to is None or day <= self.away_to)

    def languages(self) -> list[str]:
        """The languages to write to this person in: the one chosen, or every one of the site."""
        known = [code for code, _name in settings.LANGUAGES]
        return [self.language] if self.language in known else known


class PasswordAsked(models.Model):
    """That somebody asked for a new password: for which address, and from where, as a digest of it."""

    key = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        default_permissions: ClassVar = ()
        indexes: ClassVar = [models.Index(fields=["key", "at"], name="password_asked")]

    def __str__(self) -> str:
        return self.key[:8]


# Asked for on every page.
_OF = RowQuestion(Profile, lambda: Profile.objects.filter(person=Given("person", models.IntegerField())))
