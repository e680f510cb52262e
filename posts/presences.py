"""Presence: who has the form of a post open just now. Browsers say so every few seconds, and when they leave."""

import datetime
from collections.abc import Sequence

from django.contrib.auth.models import User
from django.utils import timezone

from posts.models import Post, Presence

GONE_AFTER = datetime.timedelta(seconds=75)
"""Browsers wake a page in the background only once a minute: it is open all the same."""


def note_presence(post: Post, *, by: User) -> None:
    """Note that `by` has `post` open now; since when stays as it was, unless they had been away."""
    now = timezone.now()
    there = Presence.objects.filter(post=post, person=by, seen_at__gte=now - GONE_AFTER)
    if not there.update(seen_at=now):
        Presence.objects.update_or_create(post=post, person=by, defaults={"since": now, "seen_at": now})


def note_left(post: Post, *, by: User) -> None:
    """Note that `by` closed the form of `post`. A second window of theirs says within seconds that it is there."""
    Presence.objects.filter(post=post, person=by).delete()


def others_at(post: Post, *, by: User) -> Sequence[Presence]:
    """Who else has `post` open, with the person, the first to come first."""
    seen_since = timezone.now() - GONE_AFTER
    present = Presence.objects.filter(post=post, seen_at__gte=seen_since).exclude(person=by)
    return list(present.select_related("person").order_by("since"))


def forget_absent() -> int:
    """Delete the rows of who has gone; gives how many."""
    return Presence.objects.filter(seen_at__lt=timezone.now() - GONE_AFTER).delete()[0]
