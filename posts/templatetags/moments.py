"""Times in the templates: `{{ at|moment }}`, or shorter `{{ at|moment:"day" }}`. See `posts.moments`."""

import datetime
from collections.abc import Callable

from django import template
from django.utils.safestring import SafeString

from posts import moments

register = template.Library()

_SHORTER: dict[str, Callable[[datetime.datetime], str]] = {
    "": moments.written,
    "day": moments.day_of,
    "clock": moments.clock_of,
    "seconds": moments.seconds_of,
}


@register.filter
def moment(at: datetime.datetime | None, shorter: str = "") -> SafeString | str:
    """Day and time (`shorter`: "day", "clock" or "seconds") with the exact moment on hovering; a dash for never."""
    return moments.told(at, _SHORTER[shorter](at)) if at else moments.NEVER


@register.filter
def moment_as(at: datetime.datetime, words: str) -> SafeString | str:
    """`words` for a moment, with the exact one on hovering."""
    return moments.told(at, words)


@register.filter
def written(at: datetime.datetime) -> str:
    """Day and time without more, for an attribute."""
    return moments.written(at)
