"""The forms of people and roles: the choices by their names, and one e-mail address for each person."""

from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib.auth.forms import ReadOnlyPasswordHashWidget
from django.contrib.auth.hashers import is_password_usable
from django.contrib.auth.models import Group, Permission, User
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.forms import UserChangeForm, UserCreationForm
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from posts.models import Collection, Profile
from posts.notifying import called, wants_alerts
from posts.people import no_reply_at, people_at

ROLE_NAMES = {
    "Writer": _("Writer"),
    "Reviewer": _("Reviewer"),
    "Publisher": _("Publisher"),
    "Curator": _("Curator"),
    "Administrator": _("Administrator"),
}
"""The names of our own roles in the reader's language; a site's own roles are named by the site."""

PERMISSION_NAMES = {
    "add": _("Can add %(name)s"),
    "change": _("Can change %(name)s"),
    "delete": _("Can delete %(name)s"),
    "view": _("Can view %(name)s"),
}
"""What Django's own permissions of a model allow."""


def role_name(group: Group) -> str:
    """The name of a role in the reader's language."""
    return str(ROLE_NAMES.get(group.name, group.name))


def permission_name(permission: Permission) -> str:
    """What a permission allows, in the reader's language: Django keeps its words for it in the database, in English."""
    model = permission.content_type.model_class()
    verb, _dash, rest = permission.codename.partition("_")
    if model is not None and rest == model._meta.model_name and verb in PERMISSION_NAMES:
        return str(PERMISSION_NAMES[verb]) % {"name": model._meta.verbose_name}
    # The models of ours that have others mark them.
    return gettext(permission.name)


class PermissionChoice(forms.ModelMultipleChoiceField):
    """Permissions to tick."""

    widget = UnfoldAdminCheckboxSelectMultipleWidget

    def label_from_instance(self, obj: Any) -> str:
        """By the reader's name for it."""
        return permission_name(obj)


class RoleChoice(forms.ModelMultipleChoiceField):
    """Roles to tick."""

    widget = UnfoldAdminCheckboxSelectMultipleWidget

    def label_from_instance(self, obj: Any) -> str:
        """By the reader's name for it."""
        return role_name(obj)


def free_address(address: str, *, of: User | None = None) -> str:
    """An address that nobody else has, the deactivated included, in small or capital letters, nor a machine; or raises.

    Whoever shared an address with another would be taken for the other in git, and could approve their own text.
    """
    if people_at([address], but=of):
        raise forms.ValidationError(_("Another person has this e-mail address already."), code="unique")
    if of is not None and of.email.lower() == address.lower():
        return address
    for collection in Collection.objects.exclude(machine_authors="").order_by("name"):
        if address.lower() in collection.machine_addresses:
            told = _("The collection %(name)s lists this e-mail address as a machine’s.")
            raise forms.ValidationError(told, code="machine", params={"name": collection.name})
    return address


class OneAddressEach(forms.ModelForm):
    """A form of a person, whose address nobody else has."""

    def clean_email(self) -> str:
        """One that is free."""
        return free_address(self.cleaned_data["email"], of=self.instance)


class MachinesOnly(forms.ModelForm):
    """A form of a collection, whose machine authors are no people here.

    Whoever counted as nobody could approve what they pushed themselves.
    """

    def clean_machine_authors(self) -> str:
        """Addresses, one a line, none of them a person's."""
        told: str = self.cleaned_data["machine_authors"]
        known = people_at(Collection(machine_authors=told).machine_addresses)
        if known:
            said = gettext("These are addresses of people here, not of machines: %(addresses)s")
            listed = gettext(", ").join(f"{address} ({called(known[address])})" for address in sorted(known))
            raise forms.ValidationError(said % {"addresses": listed}, code="person")
        return told


def limited_field() -> forms.BooleanField:
    """Whether a person is limited to some collections."""
    return forms.BooleanField(
        label=_("Only in these collections"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=_("Everything of other collections is hidden from them then. Off: all collections, later ones too."),
    )


def rooms_field() -> forms.ModelMultipleChoiceField:
    """Which collections these are."""
    return forms.ModelMultipleChoiceField(
        Collection.objects.filter(practice=False).order_by("name"),
        label=_("Collections"),
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("The practice collection is open to everybody. None ticked: they are in that one alone."),
    )


def rooms_of(form: forms.Form | forms.ModelForm) -> list[Collection] | None:
    """To which collections the person of a form that was filled in is limited; None for no limit."""
    return list(form.cleaned_data["rooms"]) if form.cleaned_data.get("limited") else None


class InvitationForm(forms.Form):
    """Whom to invite, as what, and in which language."""

    email = forms.EmailField(label=_("email address"), widget=UnfoldAdminTextInputWidget)
    username = forms.CharField(
        label=_("username"),
        required=False,
        max_length=150,
        widget=UnfoldAdminTextInputWidget,
        validators=[UnicodeUsernameValidator()],
        help_text=_("To log in with. If it is empty, what stands before the @ of the address."),
    )
    first_name = forms.CharField(
        label=_("first name"), required=False, max_length=150, widget=UnfoldAdminTextInputWidget
    )
    last_name = forms.CharField(label=_("last name"), required=False, max_length=150, widget=UnfoldAdminTextInputWidget)
    language = forms.ChoiceField(label=_("language"), choices=settings.LANGUAGES, widget=UnfoldAdminSelectWidget)
    limited = limited_field()
    rooms = rooms_field()

    def __init__(self, *args: Any, roles: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["groups"] = roles
        for field in self.fields.values():
            field.label = capfirst(field.label or "")

    def clean_email(self) -> str:
        """One that is free."""
        return free_address(self.cleaned_data["email"])

    def clean(self) -> dict[str, Any]:
        """With a user name that is free."""
        given = super().clean() or self.cleaned_data
        told = given.get("username") or given.get("email", "").partition("@")[0]
        if "username" not in self.errors and told:
            given["username"] = User.normalize_username(told)
            if User.objects.filter(username__iexact=given["username"]).exists():
                self.add_error("username", _("Somebody has this user name already. Choose another one."))
        return given


class NewPersonForm(OneAddressEach, UserCreationForm):
    """The form of somebody who is added."""


def alerts_field() -> forms.BooleanField:
    """Whether a person is told by mail of what is wrong; whoever saves the form keeps the wish."""
    return forms.BooleanField(
        label=_("Gets alerts by mail"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=_(
            "Each is mailed once, when it comes up: all of them to Publishers and Administrators, old conflicts and "
            "problems in files to whoever else may change posts."
        ),
    )


def check_address(form: forms.Form | forms.ModelForm, address: str) -> None:
    """Put an error at the wish for alerts of somebody without an address to mail them to."""
    if form.cleaned_data.get("gets_alerts") and not address:
        form.add_error("gets_alerts", forms.ValidationError(_("There is no e-mail address to send them to.")))


class PasswordShown(ReadOnlyPasswordHashWidget):
    """Whether there is a password; nobody has a use for how it is kept."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """Whether there is one, and the way to another."""
        return render_to_string("admin/people/password.html", {"is_set": bool(value) and is_password_usable(value)})


class PersonForm(OneAddressEach, UserChangeForm):
    """The form of a person, with what our use of Django's fields is."""

    gets_alerts = alerts_field()
    limited = limited_field()
    rooms = rooms_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "password" in self.fields:
            self.fields["password"].widget, self.fields["password"].help_text = PasswordShown(), ""
        profile = Profile.objects.filter(person=self.instance.pk).first()
        if profile is not None and profile.limited:
            self.fields["limited"].initial = True
            self.fields["rooms"].initial = list(profile.collections.all())
        self.fields["gets_alerts"].initial = self.instance.pk is not None and wants_alerts(self.instance)

    def clean_username(self) -> str:
        """One whose no-reply address is nobody else's: by that address what they commit is known as theirs."""
        username: str = self.cleaned_data["username"]
        # What they are called already stays: whoever may have to be deactivated is not to be renamed first.
        if username != self.instance.get_username() and people_at([no_reply_at(username)], but=self.instance):
            raise forms.ValidationError(_("Somebody has this user name already. Choose another one."), code="unique")
        return username

    def clean(self) -> dict[str, Any] | None:
        """Alerts need an address; on one's own page it is not among the fields."""
        cleaned = super().clean()
        check_address(self, self.cleaned_data.get("email", self.instance.email))
        return cleaned

    class Meta(UserChangeForm.Meta):
        help_texts: ClassVar = {
            "email": _("Commits carry it, and who commits with it in the repository is known as this person."),
            "is_active": _("Untick it in place of deleting somebody: the name stays in the history."),
        }


_THEIRS_BY_IT = _("What you commit in the repository is known as yours by it, so somebody else has to change it.")


class OwnForm(PersonForm):
    """The form of a person on their own page."""

    class Meta(PersonForm.Meta):
        help_texts: ClassVar = {
            **PersonForm.Meta.help_texts,
            "username": _THEIRS_BY_IT,
            "email": _THEIRS_BY_IT,
        }
