"""What is wrong among posts: the same source, title, summary, text or address as another one's. Pure: over rows."""

import re
import unicodedata
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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

# What tells the other side whence somebody came changes nothing of what is shown. Only what means this everywhere:
# `feature` and `si`, which a video's address has, may be what another site shows.
_TRACKS = re.compile(r"(?:utm_\w+|fbclid|gclid|dclid|msclkid|igshid|igsh|mc_[ce]id|ref_src|spm)(?:=|\Z)", re.I)
_NO_SCHEME = re.compile(r"(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}(?:/|\Z)")

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
    room: int = 0
    """The key of its collection."""
    room_name: str = ""


def source_key(source: str) -> str:
    """What two addresses of the same source have in common: the video, or the address without its small differences."""
    said = source.strip()
    if _NO_SCHEME.match(said):
        said = f"https://{said}"
    try:
        video = video_of(said)
        parts = urlsplit(said)
    except ValueError:
        return said.casefold()
    if video:
        return f"video:{video}"
    if not parts.netloc:
        return said.casefold()
    asked = "&".join(each for each in parts.query.split("&") if not _TRACKS.match(each))
    query = f"?{asked}" if asked else ""
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
    """What is found of each post of `rows`, by its key. Each finding names the first other one.

    Of its own collection, if there is one: that is what its editors can look at.
    """
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
        firsts: dict[int, list[Row]] = defaultdict(list)
        for row in group:
            if len(firsts[row.room]) < 2:
                firsts[row.room].append(row)
        for row in group:
            other = next(each for each in (*firsts[row.room], *group[:2]) if each is not row)
            facts: dict[str, object] = {"count": len(group)}
            if code == "address_twice":
                facts["address"] = said[:200]
            yield row.post, _like(row, other, code, severity, key, facts)


def _like(row: Row, other: Row, code: str, severity: Severity, key: str, facts: Mapping[str, object]) -> Finding:
    """What is found of `row`, with the words for where `other` is.

    Dismissed is that it is like this one other: like a third one, it is found again. Of another collection's nothing
    is said in the passage, which is searched by people whom that collection is closed to.
    """
    named = {**facts, "path": other.path, "post": other.post}
    if row.room == other.room:
        return Finding(code, severity, key, passage=other.path[:200], facts=named)
    named |= {"room": other.room, "room_name": other.room_name}
    return Finding(code, severity, key, passage=f"#{other.post}", facts=named)


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
        ranked = ((likeness(row.sketch, rows[at].sketch), rows[at].room == row.room, -at) for at in candidates)
        best = max(ranked, default=(0.0, False, 0))
        if best[0] >= ALIKE:
            other = rows[-best[2]]
            for one, two in ((row, other), (other, row)):
                if one.post not in told:
                    told.add(one.post)
                    yield one.post, _like(one, two, "text_alike", Severity.DOUBT, "", {"percent": round(best[0] * 100)})
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
