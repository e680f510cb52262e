"""Where the page of a term is on the site, by the collection's patterns, and which terms have none of their own. Pure.

A pattern is a line such as `tags: /tags/{name}/`. `{slug}` is the slug that the term has here, `{written}` its name as
it stands, and `{name}` what Eleventy's own filter `slugify` makes of the name: of a Chinese one nothing at all.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from posts.site_addresses import is_site
from posts.term_changes import KEY_OF

PARTS = ("name", "slug", "written")
KEYS = frozenset(KEY_OF.values())

_LINE = re.compile(r"\s*([\w-]+)\s*[:：]\s*(\S+)\s*")
_PART = re.compile(r"\{([^{}]*)\}")
_CHINESE = re.compile(r"[\u3005-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]")
_CONTRACTED = re.compile(r"([a-z\d]+)'([ts])(\s|$)")
_SPELT_OUT = str.maketrans(
    {
        **{"&": " and ", "🦄": " unicorn ", "♥": " love ", "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l"},
        **{"đ": "d", "ð": "d", "þ": "th", "ä": "ae", "ö": "oe", "ü": "ue"},
    }
)


@dataclass(frozen=True, slots=True)
class AddressFault:
    """Why a term has no address of its own: "term_address_missing", or "term_address_shared" with the other's name."""

    code: str
    address: str = ""
    other: str = ""


def term_patterns(lines: str) -> dict[str, str]:
    """For each key the pattern of its terms' addresses; lines that are none are left out."""
    found = (_LINE.fullmatch(line) for line in lines.splitlines() if why_bad_line(line) is None)
    return {each[1]: each[2] for each in found if each is not None}


def why_bad_line(line: str) -> str | None:
    """What makes `line` no pattern: "form", "key", "start", "braces", "nameless"; None for one, or for a blank line."""
    if not line.strip():
        return None
    read = _LINE.fullmatch(line)
    if read is None:
        return "form"
    key, pattern = read[1], read[2]
    if key not in KEYS:
        return "key"
    if not pattern.startswith("/"):
        return "start"
    named = _PART.findall(pattern)
    if set(named) - set(PARTS) or re.search(r"[{}]", _PART.sub("", pattern)):
        return "braces"
    return None if named else "nameless"


def slugified(name: str) -> str | None:
    """`name` as Eleventy's `slugify` has it; None for letters of which we do not know what it makes."""
    folded = unicodedata.normalize("NFC", name).lower().translate(_SPELT_OUT)
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(sign))
    if any(sign.isalpha() and not sign.isascii() and not _CHINESE.match(sign) for sign in plain):
        return None
    return re.sub(r"[^a-z\d]+", "-", _CONTRACTED.sub(r"\1\2\3", plain)).strip("-")


def term_path(pattern: str, name: str, slug: str) -> str | None:
    """The address of a term behind that of the site; "" if nothing is left of its name, None if it is not known."""
    told = {"name": slugified(name), "slug": slug, "written": quote(name, safe="")}
    parts = [told[each] for each in _PART.findall(pattern)]
    if any(part is None for part in parts):
        return None
    if not all(parts):
        return ""
    return _PART.sub(lambda found: told[found[1]] or "", pattern)


def term_address(site_url: str, pattern: str, name: str, slug: str) -> str:
    """The full address of a term; "" where there is none, or it cannot be said."""
    path = term_path(pattern, name, slug)
    return site_url.rstrip("/") + path if path and is_site(site_url) else ""


def address_faults(pattern: str, terms: Iterable[Sequence[object]]) -> Mapping[int, AddressFault]:
    """Which of `terms` (key, name, slug) have no address of their own under `pattern`, by their keys."""
    by_path: dict[str, list[tuple[int, str]]] = defaultdict(list)
    found: dict[int, AddressFault] = {}
    for pk, name, slug in terms:
        path = term_path(pattern, str(name), str(slug))
        if path:
            by_path[path].append((int(str(pk)), str(name)))
        elif path is not None:
            found[int(str(pk))] = AddressFault("term_address_missing")
    for path, there in by_path.items():
        for pk, _name in there if len(there) > 1 else ():
            other = next(name for other, name in there if other != pk)
            found[pk] = AddressFault("term_address_shared", path, other)
    return found
