"""When the machinery was last seen at work, written by itself; and whose turn it is with what one at a time does."""

import datetime

from django.db.models import Q
from django.utils import timezone

from posts.models import Heartbeat
from posts.questions import Question

_MACHINERY = "machinery"
_TURN_LASTS = datetime.timedelta(minutes=3)


def note_heartbeat() -> None:
    """Note that right now beat asked for something and a worker does it."""
    Heartbeat.objects.update_or_create(name=_MACHINERY, defaults={"at": timezone.now()})


def last_heartbeat() -> datetime.datetime | None:
    """When a worker last did what beat asked for; None if never."""
    return next((at for [at] in _LAST.ask()), None)


_LAST = Question(lambda: Heartbeat.objects.filter(name=_MACHINERY).values_list("at")[:1])


def take_turn(name: str) -> datetime.datetime | None:
    """Take the turn with `name`; None while another worker has it. It runs out by itself where that one died."""
    now = timezone.now()
    row, made = Heartbeat.objects.get_or_create(name=name, defaults={"at": now})
    if made:
        return now
    # One from the future is from before the clock was set back.
    over = Q(at__lt=now - _TURN_LASTS) | Q(at__gt=now + _TURN_LASTS)
    return now if Heartbeat.objects.filter(over, name=name, at=row.at).update(at=now) else None


def keep_turn(name: str, turn: datetime.datetime) -> datetime.datetime | None:
    """Have the turn for some minutes more; None where it ran out and another one has it."""
    now = timezone.now()
    return now if Heartbeat.objects.filter(name=name, at=turn).update(at=now) else None


def give_back_turn(name: str, turn: datetime.datetime) -> None:
    """Let the next one have it."""
    Heartbeat.objects.filter(name=name, at=turn).delete()
