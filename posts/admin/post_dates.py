"""The dates to choose from above the list.

Django's own date hierarchy looks at every row for the years; here the first and the last date are enough.
"""

import datetime
from dataclasses import dataclass
from typing import Any

from django.utils.dates import MONTHS
from django.utils.translation import gettext as _

_MOST_YEARS = 30
_FIRST = datetime.date(1, 1, 1)


@dataclass(frozen=True, slots=True)
class DateChoice:
    """One link: its words, its address, and whether it is what the list shows."""

    title: str
    link: str
    chosen: bool = False


class DateChoices:
    """The years of the list; with a year chosen its months, with a month chosen its days."""

    def __init__(self, changes: Any) -> None:
        self._changes = changes
        self._year, self._month, self._day = (_number(changes.params.get(f"date__{part}")) for part in _PARTS)

    @property
    def back(self) -> list[DateChoice]:
        """The way out again: all dates, the year, the month."""
        if not self._year:
            return []
        trail = [DateChoice(_("All dates"), self._link()), DateChoice(str(self._year), self._link(self._year))]
        if self._month:
            trail.append(DateChoice(str(MONTHS[self._month]), self._link(self._year, self._month)))
        if self._day:
            trail.append(DateChoice(str(self._day), "", chosen=True))
        return trail

    @property
    def choices(self) -> list[DateChoice]:
        """What may be chosen next."""
        if self._day or not self._changes.result_count:
            return []
        rows = self._changes.queryset
        if self._year and self._month:
            days = rows.dates("date", "day")
            return [DateChoice(str(day.day), self._link(self._year, self._month, day.day)) for day in days]
        if self._year:
            months = rows.dates("date", "month")
            return [DateChoice(str(MONTHS[day.month]), self._link(self._year, day.month)) for day in months]
        return [DateChoice(str(year), self._link(year)) for year in self._years()]

    def _years(self) -> list[int]:
        # Each by its own query: the smallest and the largest in one would read the whole index.
        dated = self._changes.queryset.filter(date__gte=_FIRST).values_list("date", flat=True)
        last = dated.order_by("-date").first()
        first = dated.order_by("date").first()
        if first is None or last is None:
            return []
        return list(range(last.year, max(first.year, last.year - _MOST_YEARS) - 1, -1))

    def _link(self, *chosen: int) -> str:
        given = {f"date__{part}": value for part, value in zip(_PARTS, chosen, strict=False)}
        dropped = [f"date__{part}" for part in _PARTS[len(chosen) :]]
        link: str = self._changes.get_query_string(given, dropped)
        return link


_PARTS = ("year", "month", "day")


def _number(value: Any) -> int:
    told = value[0] if isinstance(value, list) and value else value
    return int(told) if isinstance(told, str) and told.isdecimal() and len(told) <= 4 else 0
