"""The forms of a person's own page: who they are here, what they are told and how, and when they are away."""

import zoneinfo
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.models import User
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminDateWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from posts.access import as_free
from posts.assigning import can_work
from posts.models import Profile
from posts.notice_kinds import KINDS, Mailing, NoticeKind
from posts.notice_words import KIND_WORDS
from posts.notifying import called, wish

MAILINGS = (
    (Mailing.NOW, _("at once")),
    (Mailing.DAILY, _("once a day")),
    (Mailing.OFF, _("not by mail")),
)


class PersonChoice(forms.ModelChoiceField):
    """One person, by name."""

    widget = UnfoldAdminSelectWidget

    def label_from_instance(self, obj: Any) -> str:
        """The name."""
        return called(obj)


@lru_cache(maxsize=1)
def zones() -> tuple[str, ...]:
    """The time zones that are named by a place."""
    regions = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
    found = (name for name in zoneinfo.available_timezones() if name.partition("/")[0] in regions)
    return ("UTC", *sorted(found))


class MySettingsForm(forms.Form):
    """What one person sets for themselves."""

    first_name = forms.CharField(
        label=_("first name"), max_length=150, required=False, widget=UnfoldAdminTextInputWidget
    )
    last_name = forms.CharField(label=_("last name"), max_length=150, required=False, widget=UnfoldAdminTextInputWidget)
    language = forms.ChoiceField(
        label=_("language"),
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text=_("Of these pages and of the mails to you."),
    )
    zone = forms.ChoiceField(label=_("time zone"), required=False, widget=UnfoldAdminSelectWidget)
    commit_name = forms.CharField(
        label=_("name on commits"),
        max_length=100,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Whoever can read the repository sees it. If it is empty, your name stands there."),
    )
    no_reply = forms.BooleanField(
        label=_("keep my e-mail address out of the commits"), required=False, widget=UnfoldBooleanSwitchWidget
    )
    shortcuts = forms.BooleanField(
        label=_("keys without Ctrl, as g h for the first page"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=_("Press ? on any page to see them all. They do nothing while you type."),
    )
    away_from = forms.DateField(label=_("away from"), required=False, widget=UnfoldAdminDateWidget)
    away_to = forms.DateField(
        label=_("away until"),
        required=False,
        widget=UnfoldAdminDateWidget,
        help_text=_("The last day. If it is empty, until you take the dates away."),
    )
    stand_in = PersonChoice(
        label=_("stand-in"),
        queryset=User.objects.none(),
        required=False,
        help_text=_("Gets what is asked of you and your reminders meanwhile, and sees your reviews on the first page."),
    )

    def __init__(self, data: Any = None, *, profile: Profile) -> None:
        self.profile, self.person = profile, profile.person
        initial: dict[str, Any] = {
            name: getattr(profile, name)
            for name in ("language", "zone", "commit_name", "no_reply", "shortcuts", "away_from", "away_to", "stand_in")
        }
        initial |= {"first_name": self.person.first_name, "last_name": self.person.last_name}
        super().__init__(data, initial=initial)
        choices: dict[str, forms.Field] = self.fields
        languages = [("", gettext("as the browser asks for it")), *settings.LANGUAGES]
        site = gettext("as the site: %(zone)s") % {"zone": settings.TIME_ZONE}
        kept = [(profile.zone, profile.zone)] if profile.zone and profile.zone not in zones() else []
        choices["language"].choices = languages  # type: ignore[attr-defined]
        choices["zone"].choices = [("", site), *kept, *((name, name) for name in zones())]  # type: ignore[attr-defined]
        choices["stand_in"].queryset = as_free(can_work(None), self.person)  # type: ignore[attr-defined]
        choices["stand_in"].empty_label = gettext("nobody")  # type: ignore[attr-defined]
        for kind in KINDS.values():
            label = str(KIND_WORDS[kind.name][0])
            choices[f"mail_{kind.name}"] = forms.ChoiceField(
                label=gettext("%(kind)s, by mail") % {"kind": label},
                choices=MAILINGS,
                initial=profile.mailing_of(kind),
                widget=UnfoldAdminSelectWidget,
            )
            if kind.name != "alert":
                choices[f"here_{kind.name}"] = forms.BooleanField(
                    label=gettext("%(kind)s, here") % {"kind": label},
                    initial=profile.shows(kind),
                    required=False,
                    widget=UnfoldBooleanSwitchWidget,
                )

        for field in choices.values():
            field.label = capfirst(field.label or "")

    def kinds(self) -> Iterator[tuple[NoticeKind, Any, Any, Any, Any]]:
        """Each kind with its name, what it is, and its two fields, for the table."""
        for kind in KINDS.values():
            name, what = KIND_WORDS[kind.name]
            here = self[f"here_{kind.name}"] if kind.name != "alert" else None
            yield kind, name, what, here, self[f"mail_{kind.name}"]

    def clean(self) -> dict[str, Any]:
        """Nobody comes back before they go, and mail needs an address."""
        given = super().clean() or self.cleaned_data
        start, end = given.get("away_from"), given.get("away_to")
        if end is not None and (start is None or end < start):
            self.add_error("away_to", gettext("The last day must not be before the first."))
        if given.get("mail_alert") != Mailing.OFF and not self.person.email and "mail_alert" in given:
            self.add_error("mail_alert", gettext("There is no e-mail address to send them to."))
        return given

    def save(self) -> Profile:
        """Keep what was chosen."""
        given, profile = self.cleaned_data, self.profile
        self.person.first_name, self.person.last_name = given["first_name"], given["last_name"]
        self.person.save(update_fields=["first_name", "last_name"])
        for name in (
            "language",
            "zone",
            "commit_name",
            "no_reply",
            "shortcuts",
            "away_from",
            "away_to",
            "stand_in",
        ):
            setattr(profile, name, given[name])
        mailings = {name: given[f"mail_{name}"] for name in KINDS}
        wish(profile, mailings, {name: given[f"here_{name}"] for name in KINDS if name != "alert"})
        profile.save()
        return profile


class HandOverForm(forms.Form):
    """To whom everything goes."""

    to = PersonChoice(label=_("Hand over to"), queryset=User.objects.none())

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = people  # type: ignore[attr-defined]
