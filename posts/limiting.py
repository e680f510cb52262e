"""To which collections a person is limited: set by whoever manages people, with what follows from it at once."""

from collections.abc import Iterable

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q

from posts.access import is_limited, within
from posts.assigning import hand
from posts.errors import EvergreenError
from posts.events import record_event
from posts.models import Collection, Notice, Post, Profile
from posts.notifying import called
from posts.saving import record
from posts.situations import lock

CHANGE_USER = "auth.change_user"


class LimitRefused(EvergreenError):
    """This person may not be limited so, or not by whoever asks; the code says why."""


@transaction.atomic
def limit(person: User, collections: Iterable[Collection] | None, *, by: User) -> Profile:
    """Let `person` be in `collections` alone, besides the practice collection; None lifts the limit.

    What of other collections was theirs to do is nobody's then, and their notices of it go. Steps that they set for
    later there are refused at their hour. Raises `LimitRefused`: "no_permission", and "limit_self".
    """
    if not by.has_perm(CHANGE_USER) or is_limited(by):
        raise LimitRefused("no_permission", permission="change_user")
    if by.pk == person.pk:
        raise LimitRefused("limit_self")
    profile = Profile.objects.of(person)
    profile.limited = collections is not None
    profile.save()
    profile.collections.set(collections or [])
    # Asked for afresh from now on: what the person could see before was remembered with it.
    profile = Profile.objects.of(person)
    if profile.limited and not person.is_superuser:
        _let_go(person, by)
    return profile


def _let_go(person: User, by: User) -> None:
    everywhere = Post.objects.all()
    outside = everywhere.exclude(pk__in=within(person, everywhere).values("pk"))
    hand(outside.filter(assignee=person), None, by=by)
    for found in outside.filter(reviewer=person).order_by("pk"):
        post = lock(found)
        if post.reviewer_id == person.pk:
            record_event(
                post, "ask_other", by=by, note=f"{called(person)} → –", facts={"from": called(person), "to": ""}
            )
            record(post, {"reviewer": None})
    # What waits for a release is on the first page as well, for those who still may.
    Notice.objects.filter(Q(post__in=outside) | Q(code="to_release"), person=person).delete()
