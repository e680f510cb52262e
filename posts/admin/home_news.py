"""What is new to one person: posts that came from the repository since their last visit, and how the desk works."""

import datetime

from django.contrib.auth.models import User
from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpRequest
from django.utils import timezone

from posts.admin.reading import asking
from posts.models import Profile

WELCOME = "welcome"
"""The name of the first page's introduction among what a profile hides."""

_AWAY = datetime.timedelta(minutes=30)
_NOTED_EVERY = datetime.timedelta(minutes=5)
_AT_FIRST = datetime.timedelta(days=7)


def last_visit(request: HttpRequest) -> datetime.datetime:
    """When this person was here before this visit, which a pause of half an hour begins; a week ago at the first.

    Kept with the person: whoever logs out, or goes on at another screen, has not been away.
    """
    now, profile = timezone.now(), _profile_of(asking(request))
    seen, before = profile.here_at, profile.here_before or now - _AT_FIRST
    if seen is None or now - seen > _AWAY:
        before = seen or before
    elif now - seen < _NOTED_EVERY:
        return before
    Profile.objects.update_or_create(person=asking(request), defaults={"here_at": now, "here_before": before})
    return before


def wants_introduction(person: User) -> bool:
    """Whether the first page still says how one works here: until this person has dismissed it."""
    return not _profile_of(person).hidden.get(WELCOME)


def _profile_of(person: User) -> Profile:
    """As the middleware has found it for this visit."""
    try:
        return person.profile
    except ObjectDoesNotExist:
        return Profile()


def dismiss_introduction(person: User) -> None:
    """Never show it to this person again."""
    profile = Profile.objects.of(person)
    profile.hidden = {**profile.hidden, WELCOME: True}
    profile.save()
