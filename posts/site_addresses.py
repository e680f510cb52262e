"""Where a post is on the site: the site's address, and a pattern with parts of the post's path. Pure."""

import datetime
import re
from collections.abc import Callable
from functools import cache
from pathlib import PurePosixPath
from urllib.parse import quote, urlsplit

_PART = re.compile(r"\{([^{}]*)\}")
_UNFIT = re.compile(r"[{}\\\s\x00-\x1f\x7f]")
_LEADING_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}-(?=.)")
_OF_AN_ADDRESS = "/:@!$&'()*+,;=?#%-._~"

_FROM_PATH: dict[str, Callable[[PurePosixPath], str]] = {
    "path": lambda path: str(path.with_suffix("")),
    "folder": lambda path: path.parent.name,
    "stem": lambda path: path.stem,
    "slug": lambda path: without_date(path.stem),
}
_BY_NAME = ("stem", "slug", "path", "folder")
_FROM_DATE = ("year", "month", "day")
PARTS = (*_FROM_PATH, *_FROM_DATE)
"""What may stand in braces: the path without its ending, its last folder, the file's name without ending, the same
without a leading date, and the year, month and day of the post's date."""


def is_site(url: str) -> bool:
    """Whether `url` can stand before a post's address: http or https, with a host and nothing that hides another."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    host = parts.netloc
    return parts.scheme in ("https", "http") and bool(host) and "@" not in host and not re.search(r"[?#]", url)


def why_bad_pattern(pattern: str) -> str | None:
    """What makes `pattern` unfit: "start", "braces", "nameless", or the name in braces that is no part; else None.

    It must begin with a slash, or it would go on with the name of the site's host.
    """
    if not pattern.startswith("/"):
        return "start"
    if _UNFIT.search(_PART.sub("", pattern)):
        return "braces"
    named = _PART.findall(pattern)
    unknown = [name for name in named if name not in PARTS]
    if unknown:
        return unknown[0] or "braces"
    return None if set(named) & set(_FROM_PATH) else "nameless"


def without_date(stem: str) -> str:
    """The name of a file without its ending, and without a date in front: what generators call its slug."""
    return _LEADING_DATE.sub("", stem)


def named_at(pattern: str, address: str) -> str | None:
    """What of a post's path `address`, a decoded path without a last slash, names; None for what is no post's.

    A pattern that pages of any kind fit (`/{slug}/`) tells nothing apart: then it is always None.
    """
    reader = _reader(pattern)
    found = reader.fullmatch(address) if reader else None
    return found["named"] if found else None


@cache
def _reader(pattern: str) -> re.Pattern[str] | None:
    if not pattern or why_bad_pattern(pattern):
        return None
    pieces = _PART.split(pattern.removesuffix("index.html").rstrip("/"))
    literals, parts = pieces[::2], pieces[1::2]
    first = next(at for at, part in enumerate(parts) if part in _FROM_PATH)
    if not any(literal.strip("/") for literal in literals[: first + 1]) and not set(parts) & set(_FROM_DATE):
        return None
    named = next(name for name in _BY_NAME if name in parts)
    digits = {"year": r"\d{4}", "month": r"\d{2}", "day": r"\d{2}"}
    written = re.escape(literals[0])
    for part, literal in zip(parts, literals[1:], strict=True):
        signs = digits.get(part, ".+" if part == "path" else "[^/]+")
        written += (f"(?P<named>{signs})" if part == named else signs) + re.escape(literal)
        named = "" if part == named else named
    return re.compile(written)


def address_on_site(site_url: str, pattern: str, path: str, date: datetime.date | None) -> str:
    """The full address of the post at `path`, each part encoded; "" if it cannot be said (no date, no pattern)."""
    if not pattern or not is_site(site_url) or why_bad_pattern(pattern):
        return ""
    named = set(_PART.findall(pattern))
    if date is None and named & set(_FROM_DATE):
        return ""
    place = PurePosixPath(path)
    told = {name: tell(place) for name, tell in _FROM_PATH.items()}
    parts = {name: quote(value, safe="/" if name == "path" else "") for name, value in told.items()}
    if date is not None:
        # strftime leaves out the zeros of an early year on some systems.
        parts |= {"year": f"{date.year:04}", "month": f"{date.month:02}", "day": f"{date.day:02}"}
    written = [
        parts[piece] if place_of % 2 else quote(piece, safe=_OF_AN_ADDRESS)
        for place_of, piece in enumerate(_PART.split(pattern))
    ]
    return site_url.rstrip("/") + "".join(written)
