"""When the machinery was last seen at work, written by itself."""

import datetime

from django.utils import timezone

from posts.models import Heartbeat

_MACHINERY = "machinery"


def note_heartbeat() -> None:
    """Note that right now beat asked for something and a worker does it."""
    Heartbeat.objects.update_or_create(name=_MACHINERY, defaults={"at": timezone.now()})


def last_heartbeat() -> datetime.datetime | None:
    """When a worker last did what beat asked for; None if never."""
    return Heartbeat.objects.filter(name=_MACHINERY).values_list("at", flat=True).first()
