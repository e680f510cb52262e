"""Days and times as the pages show them: said here alone, in the reader's zone, with the exact moment on hovering.

The forms are those of `cms/formats`; a test forbids any other in the templates and in the rest of the admin.
"""

import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

NEVER = "–"


def day_of(of: datetime.date | None) -> str:
    """A day, or that of a moment in the reader's zone; a dash for none."""
    return date_format(_here(of), "DATE_FORMAT") if of is not None else NEVER


def clock_of(moment: datetime.datetime) -> str:
    """The time of the day."""
    return date_format(_here(moment), "TIME_FORMAT")


def seconds_of(moment: datetime.datetime) -> str:
    """The time of the day to the second, for what takes no longer than that."""
    return date_format(_here(moment), "H:i:s")


def written(moment: datetime.datetime, zone: datetime.tzinfo | None = None) -> str:
    """Day and time, in the reader's zone if not in `zone`."""
    return date_format(timezone.localtime(moment, zone), "DATETIME_FORMAT")


def exact(moment: datetime.datetime) -> str:
    """Day and time to the second, with the reader's zone."""
    return f"{date_format(_here(moment), 'Y-m-d H:i:s')} ({timezone.get_current_timezone_name()})"


def month_of(of: datetime.date) -> str:
    """The month of a day, by its name."""
    return date_format(of, "YEAR_MONTH_FORMAT")


def day_in_year(of: datetime.date) -> str:
    """A day without its year, where that is plain from what stands around."""
    return date_format(of, "MONTH_DAY_FORMAT")


def told(moment: datetime.datetime | None, words: str) -> SafeString | str:
    """`words` for a moment, with the exact one on hovering; a dash for never."""
    if moment is None:
        return NEVER
    return format_html('<time datetime="{}" title="{}">{}</time>', moment.isoformat(), exact(moment), words)


def ago(moment: datetime.datetime | None) -> SafeString | str:
    """How long ago `moment` was; a dash for never."""
    if moment is None:
        return NEVER
    if timezone.now() - moment < datetime.timedelta(minutes=1):
        return told(moment, _("just now"))
    return told(moment, _("%(time)s ago") % {"time": timesince(moment, depth=1)})


def _here(of: datetime.date) -> datetime.date:
    return timezone.localtime(of) if isinstance(of, datetime.datetime) else of
