"""Rows for who must know, written in the caller's transaction (DESIGN §4); `posts/mailing.py` mails them later."""

import datetime
from collections.abc import Iterable, Mapping, Set

from django.contrib.auth.models import User
from django.utils import timezone

from posts.access import may_enter
from posts.models import Notice, Post, Profile
from posts.notice_kinds import KINDS, Mailing, NoticeKind, kind_of
from posts.standing_in import stand_ins

DIGEST_HOUR = 8
"""When the daily mail goes out, in the reader's own zone."""


def tell(
    people: Iterable[User | None],
    code: str,
    *,
    post: Post | None = None,
    facts: Mapping[str, object] | None = None,
    at: datetime.datetime | None = None,
    by: User | None = None,
    but: Set[int] = frozenset(),
) -> set[int]:
    """Tell each of `people` once that `code` happened to `post`, as each wishes; `facts` go into the words.

    `by` did it, and is not told; nor is whoever may not see the post, or whose key is in `but`: who was told of it
    already, in other words. Gives the keys of those who are told. A request goes to the stand-in of somebody who is
    away as well. The fact "address", a path of this site, is where the notice leads to in place of the post.
    """
    others = (person for person in people if person is not None and person != by and person.pk not in but)
    once = {person.pk: person for person in others if person.is_active}
    if not once:
        return set()
    kind, now = kind_of(code), timezone.now()
    profiles = Profile.objects.by_person(once.values())
    told: dict[int, tuple[Profile, dict[str, object]]] = {pk: (profiles[pk], dict(facts or {})) for pk in once}
    if kind.request:
        for pk, profile in profiles.items():
            for stand_in in _in_their_place(once[pk], profile, now):
                if stand_in.person != by and stand_in.person_id not in but:
                    told.setdefault(stand_in.person_id, (stand_in, {**(facts or {}), "instead_of": called(once[pk])}))
    rows = [
        _notice(profile, code, kind, post, given, at or now, now)
        for profile, given in told.values()
        if post is None or may_enter(profile.person, post.collection_id)
    ]
    Notice.objects.bulk_create([row for row in rows if row.shown or row.mail_at is not None])
    return {row.person_id for row in rows}


def tell_of_many(people: Iterable[User | None], code: str, *, step: int, facts: Mapping[str, object], by: User) -> None:
    """Tell each of `people` as `tell` does, but one time for the bulk step with the key `step`: it counts the posts.

    Whoever has not looked at the notice yet finds one post more in its fact "count".
    """
    once = {person.pk: person for person in people if person is not None and person != by}
    for person in once.values():
        notice = Notice.objects.filter(person=person, code=code, facts__step=step, seen_at=None).first()
        if notice is None:
            tell([person], code, facts={**facts, "step": step, "count": 1}, by=by)
        else:
            notice.facts = {**notice.facts, "count": notice.facts["count"] + 1}
            notice.save(update_fields=["facts"])


def called(person: User | None) -> str:
    """How a person is called where a name must be kept; "" for nobody."""
    return (person.get_full_name() or person.get_username()) if person is not None else ""


def settle(post: Post, codes: Iterable[str]) -> None:
    """What was asked with `codes` about `post` is done: nobody need look at it, or get it by mail, any more."""
    open_still = Notice.objects.filter(post=post, code__in=list(codes), seen_at=None)
    open_still.update(seen_at=timezone.now(), mail_at=None)


def settle_release(step: int) -> None:
    """The bulk step with this key waits for no release any more: nobody need look at it, or get it by mail."""
    open_still = Notice.objects.filter(code="to_release", facts__step=step, seen_at=None)
    open_still.update(seen_at=timezone.now(), mail_at=None)


def mark_seen(person: User, pks: Iterable[int] | None = None) -> None:
    """Note that `person` has seen their notices: those in `pks`, or all. What was seen is not mailed any more."""
    unseen = Notice.objects.filter(person=person, seen_at=None)
    if pks is not None:
        unseen = unseen.filter(pk__in=list(pks))
    unseen.update(seen_at=timezone.now(), mail_at=None)


def wants_alerts(person: User) -> bool:
    """Whether `person` wants alerts by mail."""
    return Profile.objects.want_alerts().filter(person=person).exists()


def wish_for_alerts(person: User, wanted: bool) -> None:
    """Note whether `person` wants alerts by mail; a wish to get them daily stays one."""
    if wanted != wants_alerts(person):
        profile = Profile.objects.of(person)
        profile.wishes = {**profile.wishes, "alert": str(Mailing.NOW if wanted else Mailing.OFF)}
        profile.save()


def wish(profile: Profile, mailings: Mapping[str, str], shown: Mapping[str, bool]) -> None:
    """Set on `profile`, for the caller to save, when each kind is mailed and whether it is shown in here."""
    profile.wishes = {name: str(Mailing(mailings[name])) for name in KINDS if name in mailings}
    hidden = {name: not shown[name] for name in KINDS if name in shown}
    profile.hidden = {**{name: told for name, told in profile.hidden.items() if name not in KINDS}, **hidden}


def next_digest(profile: Profile, now: datetime.datetime) -> datetime.datetime:
    """When the next daily mail to this person is due."""
    local = now.astimezone(profile.tzinfo())
    due = local.replace(hour=DIGEST_HOUR, minute=0, second=0, microsecond=0)
    return due if due > local else due + datetime.timedelta(days=1)


def _in_their_place(person: User, profile: Profile, now: datetime.datetime) -> Iterable[Profile]:
    """The profiles of who stands in for `person`."""
    # Who named nobody has nobody, which needs no question.
    keys = stand_ins(person.pk, now=now) if profile.stand_in_id is not None else []
    people = User.objects.in_bulk(keys)
    return Profile.objects.by_person(people[pk] for pk in keys).values() if keys else ()


def _notice(
    profile: Profile,
    code: str,
    kind: NoticeKind,
    post: Post | None,
    facts: dict[str, object],
    at: datetime.datetime,
    now: datetime.datetime,
) -> Notice:
    mail_at = {Mailing.NOW: now, Mailing.DAILY: next_digest(profile, now), Mailing.OFF: None}[profile.mailing_of(kind)]
    return Notice(
        person_id=profile.person_id,
        post=post,
        code=code,
        facts=facts,
        at=at,
        shown=profile.shows(kind),
        mail_at=mail_at,
    )
