"""Mailing what people are told: at least once, by one worker at a time, none lost to a failing server (DESIGN §4)."""

import datetime
from collections.abc import Sequence

import structlog
from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import Min
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from posts.inviting import LETTERS, letter
from posts.mail_answers import is_of_one_mail
from posts.models import Notice, Profile
from posts.notice_words import address_of, quote_of, title_of, words_of

_log = structlog.get_logger(__name__)

MOST_NAMED = 30
"""So many notices stand in one mail; of the rest it says how many there are."""

_FIRST_WAIT = datetime.timedelta(minutes=5)
_MOST_DOUBLINGS = 6
_LEAVES_NOTHING = ("console", "dummy")


def mails_leave() -> bool:
    """Whether a mail server is set, so that a mail reaches somebody."""
    return settings.EMAIL_BACKEND.split(".")[-2] not in _LEAVES_NOTHING


def mail_notices() -> int:
    """Mail each person what is due, in one mail; gives how many mails went out.

    A row is claimed by the time of its next try, which grows with each: so two workers never send the same, and what a
    worker that died or a server that failed left is tried again. What was taken by the server is noted after that; who
    dies between the two leaves a mail that goes out twice. Mails without a transaction, which others would wait for.
    """
    mails = 0
    due = Notice.objects.filter(mail_at__lte=timezone.now()).values("person").annotate(first=Min("mail_at"))
    for pk in due.order_by("first", "person").values_list("person", flat=True):
        claimed = _claim(pk, timezone.now())
        if not claimed:
            continue
        person = claimed[0].person
        profile = Profile.objects.of(person)
        for notices in _by_mail(claimed):
            try:
                get_connection().send_messages([mail_for(person, profile, notices)])
            except (OSError, ValueError) as error:
                # smtplib's errors are among OSError.
                _log.warning("notices not mailed", person=pk, error=type(error).__name__)
                if is_of_one_mail(error):
                    continue
                now = timezone.now()
                Notice.objects.filter(mail_at__lte=now).update(mail_at=now + _FIRST_WAIT)
                return mails
            pks = [notice.pk for notice in notices]
            Notice.objects.filter(pk__in=pks).update(mail_at=None, mailed_at=timezone.now())
            mails += 1
    return mails


@transaction.atomic
def _claim(person: int, now: datetime.datetime) -> list[Notice]:
    """The due notices of a person, for this worker alone; what nobody can get is not tried again."""
    waiting = Notice.objects.select_for_update().filter(person=person, mail_at__lte=now).order_by("pk")
    rows = list(waiting.values_list("pk", "mail_tries"))
    if not rows:
        return []
    mine = Notice.objects.filter(pk__in=[pk for pk, _tries in rows])
    if not User.objects.filter(pk=person, is_active=True).exclude(email="").exists():
        mine.update(mail_at=None)
        return []
    tries = max(tries for _pk, tries in rows)
    mine.update(mail_at=now + _FIRST_WAIT * 2 ** min(tries, _MOST_DOUBLINGS), mail_tries=tries + 1)
    return list(mine.select_related("person", "post").order_by("pk"))


def _by_mail(notices: Sequence[Notice]) -> list[list[Notice]]:
    """What goes into one mail: a letter by itself, and all the rest together."""
    letters = [[notice] for notice in notices if notice.code in LETTERS]
    rest = [notice for notice in notices if notice.code not in LETTERS]
    return [*letters, rest] if rest else letters


def mail_for(person: User, profile: Profile, notices: Sequence[Notice]) -> EmailMessage:
    """The mail that tells `person` of `notices`: in their language, or in every one of the site if it is not known."""
    subjects, parts = [], []
    for language in profile.languages():
        with translation.override(language), timezone.override(profile.tzinfo()):
            if notices[0].code in LETTERS:
                subject, part = letter(notices[0], person)
            else:
                subject, part = _subject(notices), _part(notices, person)
            subjects.append(subject)
            parts.append(part)
    return EmailMessage(
        subject=f"Evergreen: {' / '.join(subjects)}",
        body=f"\n\n{'-' * 60}\n\n".join(parts) + "\n",
        to=[person.email],
        headers={"Auto-Submitted": "auto-generated"},
    )


def _subject(notices: Sequence[Notice]) -> str:
    if len(notices) == 1:
        return f"{title_of(notices[0])[:80]}: {' '.join(words_of(notices[0]).split())[:120]}"
    return ngettext("%(count)s notice", "%(count)s notices", len(notices)) % {"count": len(notices)}


def _part(notices: Sequence[Notice], person: User) -> str:
    told = [_told(notice, person) for notice in notices[:MOST_NAMED]]
    more = len(notices) - MOST_NAMED
    if more > 0:
        told.append(ngettext("And %(count)s more.", "And %(count)s more.", more) % {"count": more})
    return "\n\n".join(
        [
            *told,
            _("All that you were told: %(address)s") % {"address": _whole(reverse("my_notices"))},
            _("What you get by mail is for you to choose: %(address)s") % {"address": _whole(reverse("my_settings"))},
        ]
    )


def _told(notice: Notice, person: User) -> str:
    lines = [title_of(notice), words_of(notice)]
    lines += [f"> {line}" for line in quote_of(notice).splitlines()]
    address = address_of(notice, person)
    return "\n".join([*lines, _whole(address)] if address else lines)


def _whole(path: str) -> str:
    return settings.SITE_ADDRESS + path
