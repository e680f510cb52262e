"""Dates that the site's builder cannot read: Eleventy 2 and 3 then fail the whole build.

Their `Template.getMappedDate` (https://github.com/11ty/eleventy/blob/v3.0.0/src/Template.js) takes nothing and what is
false in JavaScript for no date, a date of YAML as it is (js-yaml 3, `type/timestamp.js`; a day that does not exist is
one of the next month), four names, and of any other text what luxon's `DateTime.fromISO` reads (`impl/regexParser.js`,
`impl/conversions.js`). A number, a list and a mapping have no `toLowerCase`, which fails as well. In doubt (zones by
name) nothing is found. A site that reads its dates in a way of its own (`addDateParsing`) switches the check off.
"""

import calendar
import re
from collections.abc import Iterator

from posts.checks.findings import Finding, Severity
from posts.document.document import Document

_NAMES = frozenset({"last modified", "created", "git last modified", "git created"})
_YAML_DATE = re.compile(
    r"\d{4}-\d\d-\d\d|\d{4}-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?))?",
    re.ASCII,
)
_TIME = (
    r"(?P<hour>\d\d)(?::?(?P<minute>\d\d)(?::?(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,30}))?)?)?"
    r"(?:[Zz]|[+-]\d\d(?::?\d\d)?)?(?:\[[A-Za-z0-9_+:/-]+\])?"
)
# In luxon's own order: the first form that fits decides.
_FORMS = tuple(
    re.compile(form, re.ASCII)
    for form in (
        rf"(?P<year>[+-]\d{{6}}|\d{{4}})(?:-?(?P<month>\d\d)(?:-?(?P<day>\d\d))?)?(?:[Tt]{_TIME})?",
        rf"(?P<week_year>\d{{4}})-?W(?P<week>\d\d)(?:-?(?P<weekday>\d))?(?:[Tt]{_TIME})?",
        rf"(?P<year>\d{{4}})-?(?P<ordinal>\d{{3}})(?:[Tt]{_TIME})?",
        _TIME,
    )
)
_JAVASCRIPT_YEARS = range(-271_820, 275_760)


def build_stopped_by_date(document: Document) -> Iterator[Finding]:
    """A date for which Eleventy fails."""
    if document.truthy("date") and not _is_read(document):
        said = document.values["date"]
        passage = said[:40] if isinstance(said, str) else ""
        yield Finding("date_stops_build", Severity.BREAKS, "date", document.line_of("date"), passage)


def _is_read(document: Document) -> bool:
    said, kind = document.values["date"], document.kind_on_site("date")
    if not isinstance(said, str) or kind not in ("str", "timestamp"):
        return False
    if kind == "timestamp" and _YAML_DATE.fullmatch(said):
        return True
    return said.lower() in _NAMES or _is_iso(said)


def _is_iso(text: str) -> bool:
    """Whether luxon's `DateTime.fromISO` reads `text`: a date by months, weeks or days of the year, or a time alone."""
    for form in _FORMS:
        found = form.fullmatch(text)
        if found:
            told = {name: int(value) for name, value in found.groupdict().items() if value is not None}
            return _is_day(told) and _is_time(told)
    return False


def _is_day(told: dict[str, int]) -> bool:
    if "week" in told:
        return 1 <= told["week"] <= _weeks_of(told["week_year"]) and 1 <= told.get("weekday", 1) <= 7
    if "year" not in told:
        return True
    year, month = told["year"], told.get("month", 1)
    if "ordinal" in told:
        return 1 <= told["ordinal"] <= (366 if calendar.isleap(year) else 365)
    if year not in _JAVASCRIPT_YEARS or not 1 <= month <= 12:
        return False
    # The calendar is the same again every 400 years, and Python's begins with the year 1.
    return 1 <= told.get("day", 1) <= calendar.monthrange(2000 + year % 400, month)[1]


def _weeks_of(year: int) -> int:
    """How many weeks a year has by ISO 8601: 53 where it begins, or a leap year with two days, on a Thursday."""
    begins = calendar.weekday(2000 + year % 400, 1, 1)
    return 53 if begins == calendar.THURSDAY or (begins == calendar.WEDNESDAY and calendar.isleap(year)) else 52


def _is_time(told: dict[str, int]) -> bool:
    hour, rest = told.get("hour", 0), (told.get("minute", 0), told.get("second", 0), told.get("fraction", 0))
    return (hour < 24 and rest[0] < 60 and rest[1] < 60) or (hour == 24 and not any(rest))
