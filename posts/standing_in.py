"""Who does the work of whom while they are away: the stand-in, and theirs if they are away too."""

import datetime
from collections.abc import Iterator

from django.db.models import DateField, Q, QuerySet
from django.utils import timezone

from posts.models import Profile
from posts.questions import Given, RowQuestion

_MOST = 5
"""So many people in a row may be away."""

_DAY = datetime.timedelta(days=1)


def stand_ins(of: int, *, now: datetime.datetime | None = None) -> list[int]:
    """The keys of who stands in for the person with the key `of` now: nobody if they are here. One query."""
    return list(_chain(of, _absent(now or timezone.now())))


def stands_in_for(person: int, *, now: datetime.datetime | None = None) -> frozenset[int]:
    """The keys of the people of whom `stand_ins` now has the one with the key `person`. One query."""
    absent = _absent(now or timezone.now())
    return frozenset(each for each in absent if person in _chain(each, absent))


def _chain(start: int, absent: dict[int, int]) -> Iterator[int]:
    seen, at = {start}, start
    while at in absent and absent[at] not in seen and len(seen) <= _MOST:
        at = absent[at]
        seen.add(at)
        yield at


def _absent(now: datetime.datetime) -> dict[int, int]:
    """Who is away, each by the days of their own zone, and who stands in."""
    # No zone is farther than a day from the one that is asked with.
    day = now.astimezone(datetime.UTC).date()
    found = _AWAY.ask(earliest=day - _DAY, latest=day + _DAY)
    here = {profile.person_id: now.astimezone(profile.tzinfo()).date() for profile in found}
    return {
        profile.person_id: profile.stand_in_id
        for profile in found
        if profile.stand_in_id is not None and profile.is_away(here[profile.person_id])
    }


def _away() -> QuerySet[Profile]:
    over = Q(away_to=None) | Q(away_to__gte=Given("earliest", DateField()))
    return Profile.objects.filter(over, away_from__lte=Given("latest", DateField()), stand_in__is_active=True)


# Nearly always nobody is.
_AWAY = RowQuestion(Profile, _away)
