"""What is wrong among posts: the same source, title, summary, text or address as another one's. Pure: over rows."""

import re
import unicodedata
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from heapq import nsmallest
from urllib.parse import urlsplit
from zlib import crc32

from posts.checks.findings import Finding, Severity
from posts.checks.front_matter import video_of
from taxonomy.words import plain, words_of

SITE_CODES = ("source_twice", "title_twice", "summary_twice", "text_alike", "address_twice")
"""Every code that comparing posts can give."""

SIGNS = 64
"""Of a sketch: so many of the smallest numbers that its shingles have."""

ALIKE = 0.8
_SHINGLE = 3
_FEWEST_SHINGLES = 40
_LOOKED_UP_BY = 6
_SHARED_AT_LEAST = 2
_MOST_COMPARED = 50


@dataclass(frozen=True, slots=True)
class Row:
    """What of one post is compared; "" and nothing for what it does not say."""

    post: int
    path: str
    source: str = ""
    title: str = ""
    summary: str = ""
    address: str = ""
    sketch: bytes = b""


def source_key(source: str) -> str:
    """What two addresses of the same source have in common: the video, or the address without its small differences."""
    said = source.strip()
    try:
        video = video_of(said)
        parts = urlsplit(said)
    except ValueError:
        return said.casefold()
    if video:
        return f"video:{video}"
    if not parts.netloc:
        return said.casefold()
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.netloc.lower().removeprefix('www.')}{parts.path.rstrip('/')}{query}"


def words_key(text: str) -> str:
    """The same for two texts that differ in nothing but width, case, punctuation and Traditional signs."""
    said = "".join(sign for sign in plain(text) if unicodedata.category(sign)[0] in "LN")
    return blake2b(said.encode(), digest_size=16).hexdigest() if said else ""


def sketch_of(body: str) -> bytes:
    """The smallest numbers of the shingles of `body`: of two texts as many agree as the texts do.

    Empty for a text too short to be compared.
    """
    words = words_of(body)
    joined = [" ".join(words[at : at + _SHINGLE]) for at in range(len(words) - _SHINGLE + 1)]
    # The check sum's bits are not mixed enough to choose by; the multiplication mixes them.
    numbers = {crc32(shingle.encode()) * 2654435761 & 0xFFFFFFFF for shingle in joined}
    if len(numbers) < _FEWEST_SHINGLES:
        return b""
    return array("I", nsmallest(SIGNS, numbers)).tobytes()


def likeness(one: bytes, other: bytes) -> float:
    """How much of two texts is the same, from 0 to 1, as far as their sketches tell; 0 for well below `ALIKE`."""
    ours, theirs = set(_numbers(one)), set(_numbers(other))
    if len(ours & theirs) < ALIKE * min(len(ours), len(theirs)):
        # Not alike, whatever the exact figure is: nobody asks for it.
        return 0.0
    together = nsmallest(SIGNS, ours | theirs)
    return sum(number in ours and number in theirs for number in together) / len(together) if together else 0.0


def compare(rows: Sequence[Row]) -> Iterator[tuple[int, Finding]]:
    """What is found of each post of `rows`, by its key. Each finding names the first other one."""
    for code, key, of in (
        ("source_twice", "source", lambda row: row.source),
        ("title_twice", "title", lambda row: row.title),
        ("summary_twice", "summary", lambda row: row.summary),
    ):
        yield from _same(rows, code, Severity.DOUBT, key, of)
    yield from _same(rows, "address_twice", Severity.BREAKS, "", lambda row: row.address)
    yield from _alike(rows)


def _same(
    rows: Iterable[Row], code: str, severity: Severity, key: str, of: Callable[[Row], str]
) -> Iterator[tuple[int, Finding]]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if of(row):
            groups[of(row)].append(row)
    for said, group in groups.items():
        if len(group) < 2:
            continue
        for row in group:
            other = group[1] if row is group[0] else group[0]
            facts = {"path": other.path, "post": other.post, "count": len(group)}
            if code == "address_twice":
                facts["address"] = said[:200]
            # Dismissed is that it is like this one other: like a third one, it is found again.
            yield row.post, Finding(code, severity, key, passage=other.path[:200], facts=facts)


def _alike(rows: Sequence[Row]) -> Iterator[tuple[int, Finding]]:
    """Texts that are nearly the same; the candidates are those that share some of their smallest numbers."""
    seen: dict[int, list[int]] = defaultdict(list)
    told: set[int] = set()
    for place, row in enumerate(rows):
        if not row.sketch:
            continue
        numbers = _numbers(row.sketch)[:_LOOKED_UP_BY]
        shared = Counter(at for number in numbers for at in seen.get(number, ()))
        candidates = [at for at, count in shared.items() if count >= _SHARED_AT_LEAST]
        best = max(((likeness(row.sketch, rows[at].sketch), -at) for at in candidates), default=(0.0, 0))
        if best[0] >= ALIKE:
            other = rows[-best[1]]
            for one, two in ((row, other), (other, row)):
                if one.post not in told:
                    told.add(one.post)
                    facts = {"path": two.path, "post": two.post, "percent": round(best[0] * 100)}
                    yield one.post, Finding("text_alike", Severity.DOUBT, passage=two.path[:200], facts=facts)
        for number in numbers:
            # A number that very many share (of a text that all posts quote) tells nothing, and would cost a lot.
            if len(seen[number]) < _MOST_COMPARED:
                seen[number].append(place)


def _numbers(sketch: bytes) -> list[int]:
    numbers = array("I")
    numbers.frombytes(sketch)
    return list(numbers)


def address_key(address: str) -> str:
    """An address as two posts would clash in it: `/a/`, `/a` and `/a/index.html` are one file on the site."""
    return re.sub(r"(?:/index\.html|/)$", "", address.strip()) or "/"
