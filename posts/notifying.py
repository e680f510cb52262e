"""Rows for who must know, written in the caller's transaction (DESIGN §4)."""

import datetime
from collections.abc import Iterable, Mapping

from django.contrib.auth.models import User
from django.utils import timezone

from posts.models import MailWish, Notice, Post


def tell(
    people: Iterable[User | None],
    code: str,
    *,
    post: Post,
    facts: Mapping[str, object] | None = None,
    at: datetime.datetime | None = None,
) -> None:
    """Tell each of `people` once that `code` happened to `post`; `facts` go into the words."""
    once = {person.pk: person for person in people if person is not None and person.is_active}
    moment = at or timezone.now()
    Notice.objects.bulk_create(
        [Notice(person=person, post=post, code=code, facts=dict(facts or {}), at=moment) for person in once.values()]
    )


def mark_seen(person: User, pks: Iterable[int] | None = None) -> None:
    """Note that `person` has seen their notices: those in `pks`, or all."""
    unseen = Notice.objects.filter(person=person, seen_at=None)
    if pks is not None:
        unseen = unseen.filter(pk__in=list(pks))
    unseen.update(seen_at=timezone.now())


def wants_alerts(person: User) -> bool:
    """Whether `person` wants alerts by mail."""
    return MailWish.objects.filter(person=person, alerts=True).exists()


def wish_for_alerts(person: User, wanted: bool) -> None:
    """Note whether `person` wants alerts by mail."""
    MailWish.objects.update_or_create(person=person, defaults={"alerts": wanted})
