"""Where some words stand in the title, the summary and the body of a document, and other words in their place.

The words are literal, never a pattern, and width and script count: what goes away is what somebody typed.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from posts import fields
from posts.checks.bodies import TAG, Body, Bracket, blanked, blanked_at, paired, without_addresses, without_code_spans
from posts.document.document import Document
from posts.errors import EvergreenError
from taxonomy.words import CJK

BODY = "body"
PARTS: tuple[str, ...] = ("title", "summary", BODY)
"""The parts of a document that are searched, in the order of a reader."""

LONGEST = 200
"""Signs of what is looked for, and of what comes in its place."""

_AROUND = 30
_KNOWN_BY = 12
"""Signs beside a hit that are shown, and those that it is known again by."""
_CHINESE = re.compile(rf"[{CJK}]")
# Each of them reads a sign but a few times, whatever the text: one that does not makes a page of a long text hang.
_OF_CODE = re.compile(r"<(/?)(code|pre|kbd|samp|script|style)\b[^<>]*>", re.IGNORECASE)
_OF_TEMPLATES = re.compile(r"(\{\{|\{%)|\}\}|%\}")
_CLOSED_BY = {"{{": "}}", "{%": "%}"}
_LEFT_OUT = (
    TAG,
    re.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]++(?:\.[\w-]++)+", re.ASCII),
    re.compile(r"(?<=\])\[[^\]\n]*\](?!\()"),
)
_DEFINED = re.compile(r"^ {0,3}\[([^\]\n^][^\]\n]*)\]:", re.MULTILINE)
_LABEL = re.compile(r"\[([^\[\]\n]+)\](?!\()")


Place = tuple[str, int, int]
"""A part, and start and end in it."""

Span = tuple[int, int, str]
"""Start and end in a part, and what stands there instead."""


class BadExchange(EvergreenError):
    """These words cannot be looked for, or not be put in place of others."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """`by` in the place of `find`, in these parts of a document.

    `whole_words`: a Latin word or number is not found within a longer one; Chinese has no such borders.
    `everywhere`: also in code, in tags, and in addresses.
    """

    find: str
    by: str
    parts: tuple[str, ...] = PARTS
    match_case: bool = True
    whole_words: bool = True
    everywhere: bool = False

    def as_data(self) -> dict[str, object]:
        """It as JSON can hold it."""
        return {
            "find": self.find,
            "by": self.by,
            "parts": list(self.parts),
            "match_case": self.match_case,
            "whole_words": self.whole_words,
            "everywhere": self.everywhere,
        }

    @property
    def anchor(self) -> str:
        """The longest piece of `find` that any database compares rightly in either case; "" for none."""
        if self.match_case:
            return self.find
        plain = (sign if sign.isascii() or sign.lower() == sign.upper() else "\0" for sign in self.find)
        return max("".join(plain).split("\0"), key=len)


@dataclass(frozen=True, slots=True)
class Hit:
    """Words that were found: in which part and line of the file, with what stands before and behind them.

    `passage` stands for what is written there; `number` tells it from those before with the same passage.
    """

    part: str
    start: int
    end: int
    line: int | None
    before: str
    found: str
    after: str
    passage: str
    number: int

    @property
    def mark(self) -> str:
        """What it is known by in this text, and in any other that has its passage as often."""
        return f"{self.passage}:{self.number}"


def exchange_of(data: Mapping[str, object]) -> Exchange:
    """The exchange that `data` (of `Exchange.as_data`, or of a form) asks for, checked.

    Raises `BadExchange`: "words_missing", "words_same", "words_too_long", "words_not_text", "no_part_chosen".
    """
    find, by = str(data.get("find") or ""), str(data.get("by") or "")
    told = data.get("parts")
    chosen = set(map(str, told)) if isinstance(told, list | tuple) else set()
    parts = tuple(part for part in PARTS if part in chosen)
    if not find.strip():
        raise BadExchange("words_missing")
    if max(len(find), len(by)) > LONGEST:
        raise BadExchange("words_too_long", limit=LONGEST)
    if any(unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp") for sign in find + by):
        raise BadExchange("words_not_text")
    if not parts:
        raise BadExchange("no_part_chosen")
    match_case = bool(data.get("match_case"))
    if find == by and match_case:
        raise BadExchange("words_same")
    return Exchange(find, by, parts, match_case, bool(data.get("whole_words")), bool(data.get("everywhere")))


class Searched:
    """One document, whose parts are read once for however many exchanges."""

    def __init__(self, document: Document, body: Body | None = None) -> None:
        self.document = document
        self.body = body or Body(document)
        self._texts = {part: self.body.text if part == BODY else text_of(document, part) for part in PARTS}
        self._lowered: dict[str, str] = {}
        self._prose: dict[str, str] = {}

    def places(self, exchange: Exchange) -> Iterator[Place]:
        """Where the words of `exchange` are found, in order. What reads already as it should is no hit."""
        for part in exchange.parts:
            if self._may_have(part, exchange):
                for start, end in self._spans(part, exchange):
                    yield part, start, end

    def told(self, places: Iterable[Place]) -> Iterator[Hit]:
        """`places`, the first of this document or all, each as a hit with its passage and its mark."""
        seen: Counter[str] = Counter()
        for place in places:
            yield self._hit(*place, seen)

    def hits(self, exchange: Exchange) -> list[Hit]:
        """All places as hits."""
        return list(self.told(self.places(exchange)))

    def exchanged(self, hits: Sequence[Hit], exchange: Exchange) -> tuple[dict[str, str], str | None]:
        """The values of keys, and the body (None: it stays), with `hits`, of `exchange`, exchanged."""
        changes: dict[str, str] = {}
        body = None
        for part in PARTS:
            spans = [(hit.start, hit.end, exchange.by) for hit in hits if hit.part == part]
            if not spans:
                continue
            text = spliced(self._texts[part], spans)
            if part == BODY:
                body = text
            else:
                changes[part] = text
        return changes, body

    def _may_have(self, part: str, exchange: Exchange) -> bool:
        if exchange.match_case:
            return exchange.find in self._texts[part]
        if part not in self._lowered:
            self._lowered[part] = self._texts[part].lower()
        return exchange.find.lower() in self._lowered[part]

    def _spans(self, part: str, exchange: Exchange) -> Iterator[tuple[int, int]]:
        text = self._texts[part]
        pattern = re.compile(re.escape(exchange.find), 0 if exchange.match_case else re.IGNORECASE)
        inside = [found.start() for found in pattern.finditer(exchange.by)] if exchange.by else []
        at = 0
        while (found := pattern.search(text, at)) is not None:
            start, end = found.span()
            done = any(start >= k and text.startswith(exchange.by, start - k) for k in inside)
            alone = not exchange.whole_words or _borders(text, start, end)
            if not done and alone and (exchange.everywhere or self._is_prose(part, start, end)):
                yield start, end
                at = end
            else:
                at = start + 1

    def prose(self, part: str) -> str:
        """The text of a part with code, tags, addresses and what names a link blanked: each sign is where it was."""
        if part not in self._prose:
            code_out = self.body.without_code if part == BODY else without_code_spans(self._texts[part])
            self._prose[part] = _prose(code_out)
        return self._prose[part]

    def _is_prose(self, part: str, start: int, end: int) -> bool:
        return self.prose(part)[start:end] == self._texts[part][start:end]

    def _hit(self, part: str, start: int, end: int, seen: Counter[str]) -> Hit:
        text = self._texts[part]
        before, after = text[max(0, start - _AROUND) : start], text[end : end + _AROUND]
        passage = "\0".join((before[-_KNOWN_BY:], text[start:end], after[:_KNOWN_BY]))
        digest = f"{part}:{blake2b(passage.encode('utf-8', 'surrogatepass'), digest_size=8).hexdigest()}"
        seen[digest] += 1
        line = self._line(part, start)
        before, after = before.rpartition("\n")[2], after.partition("\n")[0]
        ahead = "…" + before if len(before) == _AROUND < start else before
        behind = after + "…" if len(after) == _AROUND < len(text) - end else after
        return Hit(part, start, end, line, ahead, text[start:end], behind, digest, seen[digest])

    def _line(self, part: str, start: int) -> int | None:
        return self.body.line_at(start) if part == BODY else self.document.line_of(part)


def hits(document: Document, exchange: Exchange) -> list[Hit]:
    """Where the words of `exchange` are found in `document`."""
    return Searched(document).hits(exchange)


def exchanged(document: Document, exchange: Exchange, *, leaving: Collection[str] = ()) -> Document:
    """`document` with `exchange` made, but for the hits whose marks are in `leaving`. Raises `EditRefused`."""
    searched = Searched(document)
    found = [hit for hit in searched.hits(exchange) if hit.mark not in leaving]
    if not found:
        return document
    changes, body = searched.exchanged(found, exchange)
    return document.replace(fields.changes_onto(document, changes), body=body, key_order=fields.KEY_ORDER)


def text_of(document: Document, part: str) -> str:
    """A part of `document` as it is searched; the body with line feeds for line ends."""
    if part == BODY:
        return document.body.replace("\r\n", "\n").replace("\r", "\n")
    value = fields.read_one(document, part)
    return value if isinstance(value, str) else ""


def spliced(text: str, spans: Iterable[Span]) -> str:
    """`text` with other words from each start to each end. Of spans that overlap the first is made alone."""
    pieces, at = [], 0
    for start, end, by in sorted(spans, key=lambda span: span[:2]):
        if start >= at:
            pieces += [text[at:start], by]
            at = end
    return "".join([*pieces, text[at:]])


def _prose(code_out: str) -> str:
    text = code_out
    for found_in in (_elements, _templates):
        text = blanked_at(text, paired(found_in(text)))
    for pattern in _LEFT_OUT:
        text = pattern.sub(lambda found: blanked(found[0]), text)
    labels = {_label(found[1]) for found in _DEFINED.finditer(text)}
    if labels:
        text = _LABEL.sub(lambda found: blanked(found[0]) if _label(found[1]) in labels else found[0], text)
    return without_addresses(text)


def _elements(text: str) -> list[Bracket]:
    found = ((tag, tag[2].lower()) for tag in _OF_CODE.finditer(text))
    return [(*tag.span(), None, name) if tag[1] else (*tag.span(), name, None) for tag, name in found]


def _templates(text: str) -> list[Bracket]:
    signs = _OF_TEMPLATES.finditer(text)
    return [(*sign.span(), _CLOSED_BY[sign[0]], None) if sign[1] else (*sign.span(), None, sign[0]) for sign in signs]


def _label(words: str) -> str:
    return " ".join(words.split()).casefold()


def _borders(text: str, start: int, end: int) -> bool:
    """Whether what stands there is no part of a longer Latin word or number."""
    before, after = text[start - 1 : start], text[end : end + 1]
    goes_on = after and (_in_word(text[end - 1]) and (_in_word(after) or unicodedata.combining(after)))
    return not goes_on and not (before and _in_word(before) and _in_word(text[start]))


def _in_word(sign: str) -> bool:
    return sign.isalnum() and not _CHINESE.match(sign)
