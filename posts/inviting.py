"""How somebody comes in: an invitation, a new password, and the mails with the links to them."""

import datetime
import hashlib
from collections.abc import Sequence

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from posts.limiting import limit
from posts.models import Collection, Notice, PasswordAsked, Profile
from posts.notifying import called
from posts.waking import wake_for_mail

INVITED, FORGOTTEN = "invited", "password"
LETTERS = frozenset({INVITED, FORGOTTEN})
"""The codes of what is mailed as a letter of its own, to whoever has the address."""

_HOUR = datetime.timedelta(hours=1)
MOST_OF_ADDRESS = 3
MOST_FROM_PLACE = 30
"""How often an hour a new password is asked for: for one address, and from one place."""


@transaction.atomic
def invite(
    username: str,
    email: str,
    *,
    name: tuple[str, str],
    groups: Sequence[Group],
    language: str,
    rooms: Sequence[Collection] | None = None,
    by: User,
) -> User:
    """Add somebody without a password who sets one by the link that is mailed to them; `name` is first and last.

    `rooms` are the collections that they are limited to; None: they are not.

    Which roles `by` may give is for the door to have asked.
    """
    person = User(username=username, email=email, first_name=name[0], last_name=name[1], is_staff=True)
    person.set_unusable_password()
    person.save()
    person.groups.set(groups)
    Profile.objects.create(person=person, language=language)
    if rooms is not None:
        limit(person, rooms, by=by)
    invite_again(person, by=by)
    return person


def invite_again(person: User, *, by: User) -> None:
    """Mail the link once more to somebody who has not come in yet."""
    if person.email:
        _ask_for_mails([person], INVITED, by=called(by))


def has_not_come_in(person: User) -> bool:
    """Whether `person` was invited and has set no password yet."""
    return person.is_active and not person.has_usable_password() and person.last_login is None


def link_for(person: User) -> str:
    """The address where `person` sets a password: signed, good until it is used or ends."""
    uid = urlsafe_base64_encode(force_bytes(person.pk))
    path = reverse("password_reset_confirm", args=[uid, default_token_generator.make_token(person)])
    return settings.SITE_ADDRESS + path


def letter(notice: Notice, person: User) -> tuple[str, str]:
    """Subject and text of the mail with the link that `notice` is about, made now, in the language that is active."""
    days = settings.PASSWORD_RESET_TIMEOUT // 86400
    ends = ngettext("The link works once, for %(days)s day.", "The link works once, for %(days)s days.", days)
    if notice.code == INVITED:
        subject = _("Come in")
        first = _("%(name)s invites you to work on the posts of this site.") % {"name": notice.facts.get("by") or "–"}
        asks = _("Choose a password here: %(address)s")
    else:
        subject = _("A new password")
        first = _("Somebody, perhaps you, asked for a new password. If it was not you, you need not do anything.")
        asks = _("Choose a new password here: %(address)s")
    user_name = _("Your user name: %(name)s") % {"name": person.get_username()}
    return subject, "\n\n".join([first, asks % {"address": link_for(person)}, ends % {"days": days}, user_name])


def ask_for_password(address: str, *, place: str) -> None:
    """Mail a link for a new password to whoever has `address`, if anybody does; asked from `place`, too often for none.

    Nothing tells whether somebody has it: neither the answer nor how long it takes.
    """
    now, wanted = timezone.now(), address.strip().lower()
    keys = {f"to {wanted}": MOST_OF_ADDRESS, f"from {place}": MOST_FROM_PLACE}
    PasswordAsked.objects.filter(at__lt=now - _HOUR).delete()
    digests = {hashlib.sha256(key.encode()).hexdigest(): most for key, most in keys.items()}
    allowed = all(PasswordAsked.objects.filter(key=key).count() < most for key, most in digests.items())
    if not allowed or not wanted:
        return
    PasswordAsked.objects.bulk_create([PasswordAsked(key=key, at=now) for key in digests])
    with transaction.atomic():
        people = User.objects.filter(is_active=True).annotate(address=Lower("email")).filter(address=wanted)
        # Several may have it: each gets a letter, which names them.
        if found := list(people.order_by("pk")):
            _ask_for_mails(found, FORGOTTEN)


def _ask_for_mails(people: Sequence[User], code: str, **facts: object) -> None:
    """A row for the mailer for each; the link is made when it is mailed, and stands nowhere.

    As many queries for several as for one: how long it takes tells nothing of how many there are.
    """
    now = timezone.now()
    Notice.objects.filter(person__in=people, code=code, mailed_at=None).delete()
    rows = [
        Notice(person=each, code=code, facts=facts, at=now, shown=False, seen_at=now, mail_at=now) for each in people
    ]
    Notice.objects.bulk_create(rows)
    wake_for_mail()
