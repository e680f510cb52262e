"""When an evergreen post is to be looked at again (DESIGN §3). Pure."""

import datetime
import zlib

_DAYS_A_MONTH = 30.44


def first_review_by(
    written: datetime.date | None, months: int, *, today: datetime.date, spread: str = ""
) -> datetime.date:
    """The review-by date of a post that becomes evergreen: `months` after it was written, if that is to come.

    One that would be overdue at once is due `months` from today; with `spread` (the post's path, at an import)
    on a day of those months that depends on it alone, so that not all fall due together.
    """
    span = max(1, round(months * _DAYS_A_MONTH))
    # A year that somebody mistyped may be the calendar's last.
    due = min(written or today, datetime.date.max - datetime.timedelta(days=span)) + datetime.timedelta(days=span)
    if due > today:
        return due
    days = 1 + zlib.crc32(spread.encode()) % span if spread else span
    return today + datetime.timedelta(days=days)


def next_review_by(months: int, *, today: datetime.date) -> datetime.date:
    """The review-by date after somebody confirmed a post today."""
    return today + datetime.timedelta(days=max(1, round(months * _DAYS_A_MONTH)))
