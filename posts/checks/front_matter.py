"""What the front matter says, and what it does not."""

import datetime
import re
from collections.abc import Iterator
from difflib import get_close_matches
from urllib.parse import urlsplit

from posts import fields
from posts.checks.findings import Context, Finding, KeyFix, Severity
from posts.checks.markup import is_of_the_build
from posts.document.document import Document
from taxonomy.names import normal

_STATUSES = ("draft", "published", "evergreen", "archived")
# At the beginning of a file's name, at its end, or in the folders right above it. `2024.1.2` is a version.
_DAY_IN_NAME = re.compile(
    r"(?:^|/)(\d{4})(?:([-_])(\d{1,2})\2(\d{1,2})|([. ])(\d\d)\5(\d\d)|(\d\d)(\d\d))(?!\d)[^/]*$"
    r"|(?<=[-_. ])((?:19|20)\d\d)([-_. ]?)(\d\d)\11(\d\d)\.[A-Za-z]+$"
    r"|(?:^|/)((?:19|20)\d\d)(?:([-_/])(\d{1,2})\15(\d{1,2})|\.(\d\d)\.(\d\d))/[^/]*$"
)
_NO_ONE_NAME = re.compile(r"[、，,；;|\[\]{}\"]|^\s*[-*]|^\s*$")
_NOBODY = frozenset({"none", "null", "n/a", "na", "nil", "no", "false", "true", "nan", "undefined", "无", "没有"})
_YEAR_OF_FOLDER = re.compile(r"(?:^|/)((?:19|20)\d\d)(?=/)")
_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)+\.?")
_NEARLY = 0.8
_VIDEO = re.compile(r"[\w-]{11}")
_VIDEO_HOSTS = frozenset(
    {
        *("youtube.com", "www.youtube.com", "m.youtube.com", "music.youtube.com", "youtu.be"),
        *("youtube-nocookie.com", "www.youtube-nocookie.com"),
    }
)


def required_keys(document: Document, context: Context) -> Iterator[Finding]:
    """Keys that the collection demands and that say nothing."""
    known = [key for key in fields.KEY_ORDER if key in context.required]
    for key in [*known, *sorted(context.required.difference(known))]:
        if _says_nothing(document, key):
            yield Finding("key_empty", Severity.WRONG, key[:40], document.line_of(key))


def _says_nothing(document: Document, key: str) -> bool:
    value = fields.read_one(document, key) if key in fields.TERM_LISTS else document.values.get(key)
    items = value if isinstance(value, list) else [value]
    return all(item is None or item == {} or (isinstance(item, str) and not item.strip()) for item in items)


def kinds_of_values(document: Document) -> Iterator[Finding]:
    """Values of another kind than the key holds; a list that was written as text has a mend."""
    values, faults = fields.read(document)
    for fault in faults:
        value = values[fault.key]
        value = fields.listed_apart(value) if isinstance(value, list) else value
        fix = KeyFix(fault.key, value) if fault.code == "list_as_text" else None
        if fault.code == "scalar_for_list" and (names := _names_in(str(document.values[fault.key]))):
            fix = KeyFix(fault.key, names)
        yield Finding(fault.code, Severity.WRONG, fault.key, fault.line, facts=fault.facts, fix=fix)


def _names_in(said: str) -> list[str]:
    """The names that a text in the place of a list surely means: a list of lines, or one name. None if unclear."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    if lines and all(line.startswith("- ") and not _NO_ONE_NAME.search(line[2:]) for line in lines):
        return list(dict.fromkeys(line[2:].strip() for line in lines))
    return [] if len(lines) != 1 or _NO_ONE_NAME.search(said) or normal(said) in _NOBODY else [said]


def vocabularies(document: Document, context: Context) -> Iterator[Finding]:
    """A category or an area that is none of the known ones."""
    for key, known in (("category", context.categories), ("area", context.areas)):
        name = str(fields.read_one(document, key))
        if known is not None and name and normal(name) not in known:
            yield Finding(
                f"{key}_unknown", Severity.DOUBT, key, document.line_of(key), name[:200], {"name": name[:200]}
            )


def nesting(document: Document, context: Context) -> Iterator[Finding]:
    """A category that belongs to another area than the post's."""
    category, area = (str(fields.read_one(document, key)) for key in ("category", "area"))
    belongs, names = context.nesting.get(normal(category), ("", frozenset()))
    if area and names and normal(area) not in names:
        facts = {"category": category[:200], "area": area[:200], "belongs": belongs[:200]}
        passage = f"{category[:100]} / {area[:100]}"
        line = document.line_of("category")
        yield Finding("category_of_other_area", Severity.DOUBT, "category", line, passage, facts)


def status(document: Document) -> Iterator[Finding]:
    """A status that is none, and one that says archived of what the site shows."""
    said = str(fields.read_one(document, "status"))
    line = document.line_of("status")
    if said and said not in _STATUSES:
        known = ", ".join(_STATUSES)
        yield Finding(
            "status_unknown", Severity.WRONG, "status", line, said[:200], {"value": said[:100], "known": known}
        )
    if said == "archived" and not document.truthy("draft"):
        yield Finding("live_and_archived", Severity.WRONG, "status", line)


def date(document: Document, context: Context) -> Iterator[Finding]:
    """A date that is still to come, or another than the file's name says, or of another year than its folder."""
    literal = str(fields.read_one(document, "date"))
    day = fields.day(literal)
    if day is None:
        return
    line = document.line_of("date")
    if day > context.today + datetime.timedelta(days=1):
        yield Finding("date_in_future", Severity.DOUBT, "date", line, literal[:40], {"date": literal[:40]})
    named = _DAY_IN_NAME.search(context.path)
    in_name = "-".join(part.zfill(2) for part in named.groups() if part and part.isdecimal()) if named else ""
    if named and fields.day(in_name) not in (None, day):
        facts = {"date": literal[:40], "named": in_name}
        yield Finding("date_unlike_name", Severity.DOUBT, "date", line, literal[:40], facts)
    years = _YEAR_OF_FOLDER.findall(context.path)
    # Where it is written in another time zone, the last day of a year may be the first of the next.
    last, first = (day.month, day.day) == (12, 31), (day.month, day.day) == (1, 1)
    if not named and years and not day.year - first <= int(years[-1]) <= day.year + last:
        facts = {"date": literal[:40], "named": years[-1]}
        yield Finding("date_unlike_name", Severity.DOUBT, "date", line, literal[:40], facts)


def source(document: Document) -> Iterator[Finding]:
    """A source that is no address, or an address of the video site that is no video."""
    said = str(fields.read_one(document, "source")).strip()
    if not said:
        return
    line, facts = document.line_of("source"), {"value": said[:200]}
    try:
        parts = urlsplit(said)
        host = parts.hostname or ""
    except ValueError:
        host = ""
    if not _HOST.fullmatch(host) or parts.scheme not in ("http", "https") or re.search(r"\s", said):
        yield Finding("source_malformed", Severity.WRONG, "source", line, said[:200], facts)
    elif host in _VIDEO_HOSTS and video_of(said) is None:
        yield Finding("source_no_video", Severity.DOUBT, "source", line, said[:200], facts)


def video_of(address: str) -> str | None:
    """The key of the video that a YouTube address names, or None."""
    parts = urlsplit(address.strip())
    if (parts.hostname or "") not in _VIDEO_HOSTS:
        return None
    asked = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
    steps = [step for step in parts.path.split("/") if step]
    if parts.hostname == "youtu.be":
        found = steps[0] if steps else ""
    elif steps[:1] == ["watch"]:
        found = asked.get("v", "")
    else:
        found = steps[1] if len(steps) > 1 and steps[0] in ("live", "shorts", "embed", "v") else ""
    return found if _VIDEO.fullmatch(found) else None


def _meant(key: str, document: Document) -> str:
    """The known key that is spelt nearly like `key` and is not in `document` besides."""
    near = get_close_matches(key[:40].lower(), fields.KEY_ORDER, 1, _NEARLY)
    return near[0] if near and near[0] not in document.keys else ""


def lengths(document: Document, context: Context) -> Iterator[Finding]:
    """A title or summary too long for where the site shows it."""
    for key, longest in (("title", context.longest_title), ("summary", context.longest_summary)):
        said = str(fields.read_one(document, key))
        if len(said) > longest:
            facts = {"signs": len(said), "most": longest}
            yield Finding(f"{key}_long", Severity.ADVICE, key, document.line_of(key), said[:200], facts)


def unknown_keys(document: Document, context: Context) -> Iterator[Finding]:
    """Keys that neither we nor the collection know; one that is a known key misspelt names it."""
    known = {each.lower(): each for each in fields.KEY_ORDER}
    for key in document.keys:
        if key in fields.BY_KEY or key in context.other_keys or is_of_the_build(key):
            continue
        meant = known.get(key.lower().strip().replace("-", "_"), "") or _meant(key, document)
        code, severity = ("key_misspelt", Severity.WRONG) if meant else ("key_unknown", Severity.ADVICE)
        yield Finding(code, severity, key[:40], document.line_of(key), key[:200], {"key": key[:100], "meant": meant})
