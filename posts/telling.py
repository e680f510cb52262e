"""Mailing alerts, each once to each who wants to know, and again if it comes back (DESIGN §4)."""

import datetime
from collections.abc import Sequence

import structlog
from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import EmailMessage, get_connection
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from posts.alert_words import posts_waiting, remedy_of, server_words_of, speaker_of, title_of
from posts.alerts import OF_SYNC, Alert, Code, current_alerts, people_told, visible_to
from posts.mail_answers import is_of_one_mail
from posts.models import Profile, ToldAlert
from posts.moments import written
from posts.notice_kinds import KINDS, Mailing
from posts.notifying import DIGEST_HOUR

_log = structlog.get_logger(__name__)

# One at a time tells. The row is the turn to do so: it is given back, or runs out where somebody died or where the
# mail server is away; so that is tried every few minutes and not all the time.
_TURN = "turn"
_TURN_LASTS = datetime.timedelta(minutes=5)
# Whose mail was not taken has a row of their own with this and their key: for so long they are left alone.
_NOT_TAKEN = "not taken by "
_UP_TO = " up to "
_AGAIN_AFTER = datetime.timedelta(hours=1)
# The log of a build is long, and what went wrong stands at its end.
_LONGEST_WORDS = 2000


def tell_alerts() -> int:
    """Mail each alert once to each person who wants to know and may act on it; gives how many mails went out.

    Whoever wants them daily gets the new ones of a day in one mail, at the hour of the digest or as soon as it can be.
    What was mailed is noted after the server took it: a server that fails loses none. Whoever dies between the two
    leaves a mail that goes out twice. Whose mail is not taken is tried again later, and behind all others. Mails
    without a transaction, which others would wait for.
    """
    turn = _take_turn(timezone.now())
    if turn is None:
        return 0
    alerts = [alert for alert in current_alerts() if alert.code != Code.NOBODY]
    rows = list(ToldAlert.objects.exclude(key=_TURN))
    not_taken = {row.key: row.at for row in rows if row.key.startswith(_NOT_TAKEN)}
    people = sorted(people_told().order_by("pk"), key=lambda person: _not_taken(person) in not_taken)
    profiles = Profile.objects.by_person(people)
    wanted = [(person, visible_to(person, alerts)) for person in people]
    lasting = {_key(alert, person) for person, mine in wanted for alert in mine}
    lasting |= {_not_taken(person) for person, mine in wanted if mine}
    ToldAlert.objects.filter(pk__in=[row.pk for row in rows if _told_of(row)[0] not in lasting]).delete()
    told = {key: (newest, row) for row in rows for key, newest in (_told_of(row),)}
    mails = 0
    for person, mine in wanted:
        new = [alert for alert in mine if _is_news(alert, told.get(_key(alert, person)))]
        profile, now = profiles[person.pk], timezone.now()
        if not new or not _is_time(profile, now) or _is_left_alone(not_taken.get(_not_taken(person)), now):
            continue
        try:
            get_connection().send_messages([mail_for(person, new, profile)])
        except (OSError, ValueError) as error:
            # smtplib's errors are among OSError.
            _log.warning("alerts not mailed", person=person.pk, error=type(error).__name__)
            ToldAlert.objects.update_or_create(key=_not_taken(person), defaults={"at": timezone.now()})
            if is_of_one_mail(error):
                continue
            return mails
        now = timezone.now()
        earlier = [told[_key(alert, person)][1].pk for alert in new if _key(alert, person) in told]
        ToldAlert.objects.filter(Q(pk__in=earlier) | Q(key=_not_taken(person))).delete()
        ToldAlert.objects.bulk_create([ToldAlert(key=_row_key(alert, person), at=now) for alert in new])
        Profile.objects.filter(pk=profile.pk).update(alerts_mailed_on=_today(profile, now))
        mails += 1
        if not ToldAlert.objects.filter(key=_TURN, at=turn).update(at=now):
            return mails
        turn = now
    ToldAlert.objects.filter(key=_TURN, at=turn).delete()
    return mails


def mail_for(person: User, alerts: Sequence[Alert], profile: Profile) -> EmailMessage:
    """The mail that tells `person` of `alerts`: in their language, or in every one of the site if it is not known."""
    subjects, parts = [], []
    for language in profile.languages():
        with translation.override(language), timezone.override(profile.tzinfo()):
            subjects.append(_subject(alerts))
            parts.append(_part(alerts))
    return EmailMessage(
        subject=f"Evergreen: {' / '.join(subjects)}",
        body=f"\n\n{'-' * 60}\n\n".join(parts) + "\n",
        to=[person.email],
        headers={"Auto-Submitted": "auto-generated"},
    )


def _is_time(profile: Profile, now: datetime.datetime) -> bool:
    """Whether alerts may be mailed to this person now: always, or for a digest once a day from its hour on."""
    if profile.mailing_of(KINDS["alert"]) is not Mailing.DAILY:
        return True
    local = now.astimezone(profile.tzinfo())
    return local.hour >= DIGEST_HOUR and profile.alerts_mailed_on != local.date()


def _today(profile: Profile, now: datetime.datetime) -> datetime.date:
    return now.astimezone(profile.tzinfo()).date()


def _take_turn(now: datetime.datetime) -> datetime.datetime | None:
    row, made = ToldAlert.objects.get_or_create(key=_TURN, defaults={"at": now})
    if made:
        return now
    # One from the future is from before the clock was set back.
    over = Q(at__lt=now - _TURN_LASTS) | Q(at__gt=now + _TURN_LASTS)
    return now if ToldAlert.objects.filter(over, key=_TURN, at=row.at).update(at=now) else None


def _not_taken(person: User) -> str:
    return f"{_NOT_TAKEN}{person.pk}"


def _is_left_alone(not_taken: datetime.datetime | None, now: datetime.datetime) -> bool:
    return not_taken is not None and not_taken <= now < not_taken + _TURN_LASTS


def _key(alert: Alert, person: User) -> str:
    return f"{alert.key} to {person.pk}"


def _row_key(alert: Alert, person: User) -> str:
    key = _key(alert, person)
    return f"{key}{_UP_TO}{alert.newest}" if alert.newest else key


def _told_of(row: ToldAlert) -> tuple[str, int]:
    """Which alert the row says was told to whom, and up to what newest thing in it."""
    key, _, newest = row.key.partition(_UP_TO)
    return key, int(newest or 0)


def _is_news(alert: Alert, told: tuple[int, ToldAlert] | None) -> bool:
    """Whether it was not told yet, or something joined it since: that is told no more than once an hour."""
    if told is None:
        return True
    newest, row = told
    waits = row.at <= timezone.now() < row.at + _AGAIN_AFTER
    return alert.newest > newest and not waits


def _subject(alerts: Sequence[Alert]) -> str:
    if len(alerts) == 1:
        return _headline(alerts[0])
    many = ngettext("%(count)s alert", "%(count)s alerts", len(alerts))
    return many % {"count": len(alerts)}


def _headline(alert: Alert) -> str:
    return f"{alert.collection}: {title_of(alert)}" if alert.collection is not None else title_of(alert)


def _part(alerts: Sequence[Alert]) -> str:
    home = settings.SITE_ADDRESS + reverse("admin:index")
    mine = settings.SITE_ADDRESS + reverse("my_settings")
    return "\n\n".join(
        [
            *(_told(alert) for alert in alerts),
            _("See it, with what to press: %(address)s") % {"address": home},
            _("You get this because you chose so in your settings: %(address)s") % {"address": mine},
        ]
    )


def _told(alert: Alert) -> str:
    lines = [_headline(alert)]
    if alert.since is not None:
        moment = written(alert.since)
        lines.append(
            _("Since %(moment)s (%(zone)s).") % {"moment": moment, "zone": timezone.get_current_timezone_name()}
        )
    lines.append(remedy_of(alert))
    words = server_words_of(alert)
    if words:
        lines.append(speaker_of(alert))
        lines += [f"> {line}" for line in words[-_LONGEST_WORDS:].splitlines()]
    if alert.code in OF_SYNC and alert.count:
        lines.append(posts_waiting(alert))
    if alert.posts:
        titles = [str(post) for post in alert.posts]
        lines.append(_("Posts: %(titles)s") % {"titles": " · ".join(titles)})
    return "\n".join(lines)
