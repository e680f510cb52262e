"""The difference of two texts, line by line and inside the lines word by word, to be shown. Pure.

A word is a run of letters and digits; of Chinese, Japanese and Korean each character is a word by itself. Line ends
are CRLF, LF and a lone CR, and a text that ends without one is a difference like any other.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from enum import StrEnum

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_CJK = "\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = re.compile(rf"[^\W{_CJK}]+|\s+|.", re.DOTALL)
_ENDINGS = {"\n": "LF", "\r\n": "CRLF", "\r": "CR", "": ""}

# Beyond these the matching is made coarser rather than slow: its cost grows with the product of the lengths.
_MANY_STEPS = 20_000_000
_MANY_CHARACTERS = 2_000
_MANY_LINES = 5_000
_MANY_PAIRS = 10_000
_MANY_WORDS = 4_000_000
_ALIKE = 0.5
_KEY = re.compile(r"[\w-]+:(?=\s|$)")


class Kind(StrEnum):
    """What became of a line; a gap stands for unchanged lines that are left out."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a line; a changed one is what makes the line differ from its counterpart."""

    text: str
    changed: bool = False


Span = tuple[int, int]
"""Characters of a text, from and to."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line, without its end, with its number in either text.

    `ending` names the line end (LF, CRLF, CR) where it is the difference, and is "none" for a last line without one.
    `hidden` is how many lines a gap stands for.
    """

    kind: Kind
    parts: tuple[Part, ...] = ()
    old: int | None = None
    new: int | None = None
    ending: str = ""
    hidden: int = 0


@dataclass(frozen=True, slots=True)
class Difference:
    """Lines to show, and how many were added and removed."""

    lines: tuple[Line, ...]
    added: int
    removed: int

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)


def difference(old: str, new: str, *, context: int | None = 3, first: tuple[int, int] = (1, 1)) -> Difference:
    """What was removed from `old` and added to make `new`, with `context` unchanged lines around (None: all).

    `first` are the numbers of the first lines, for a text that is a part of a larger one.
    """
    lines = list(_lines(_LINE.findall(old), _LINE.findall(new), first))
    added = sum(line.kind is Kind.ADDED for line in lines)
    removed = sum(line.kind is Kind.REMOVED for line in lines)
    return Difference(tuple(lines if context is None else _with_gaps(lines, context)), added, removed)


def differing(old: str, new: str) -> tuple[list[Span], list[Span]]:
    """Where the two texts differ, as spans of each, in order: word by word inside lines that became one another."""
    before, after = _LINE.findall(old), _LINE.findall(new)
    removed: list[Span] = []
    added: list[Span] = []
    at_old = at_new = 0
    for same, old_from, old_to, new_from, new_to in runs(before, after):
        gone, come = before[old_from:old_to], after[new_from:new_to]
        if same:
            at_old, at_new = at_old + sum(map(len, gone)), at_new + sum(map(len, come))
            continue
        # A single line for a single line is always the same one, however little is left of it.
        pairs = [(gone[0], come[0])] if len(gone) == len(come) == 1 else _paired(gone, come)
        for was, now in pairs:
            of_old, of_new = _parts(was, now)
            alone = was is None or now is None
            at_old = _mark(removed, at_old, was or "", of_old, alone)
            at_new = _mark(added, at_new, now or "", of_new, alone)
    return removed, added


def in_parts(text: str, spans: Sequence[Span]) -> tuple[Part, ...]:
    """`text` in pieces, with those changed that lie in one of `spans`; these may overlap and come in any order."""
    parts: list[Part] = []
    at = 0
    for start, end in sorted(spans):
        start = max(start, at)
        if start >= end:
            continue
        if parts and parts[-1].changed and start == at:
            parts[-1] = Part(parts[-1].text + text[start:end], True)
        else:
            parts += [each for each in (Part(text[at:start]), Part(text[start:end], True)) if each.text]
        at = end
    return (*parts, Part(text[at:])) if text[at:] else tuple(parts)


def _mark(spans: list[Span], at: int, line: str, parts: Sequence[Part], alone: bool) -> int:
    """Add the changed parts of the line that begins `at`, and give where the next one begins."""
    start = at
    for part in parts:
        if alone or part.changed:
            spans.append((start, start + len(part.text)))
        start += len(part.text)
    return at + len(line)


def _lines(old: Sequence[str], new: Sequence[str], first: tuple[int, int]) -> Iterator[Line]:
    for same, old_from, old_to, new_from, new_to in runs(old, new):
        if same:
            for offset in range(old_to - old_from):
                text = old[old_from + offset]
                yield _line(Kind.SAME, text, first[0] + old_from + offset, first[1] + new_from + offset)
            continue
        at_old, at_new = first[0] + old_from, first[1] + new_from
        for before, after in _paired(old[old_from:old_to], new[new_from:new_to]):
            removed, added = _parts(before, after)
            ends_differ = before is not None and after is not None and _ending(before) != _ending(after)
            if before is not None:
                line = _line(Kind.REMOVED, before, at_old, None, ends_differ=ends_differ)
                yield replace(line, parts=removed)
                at_old += 1
            if after is not None:
                line = _line(Kind.ADDED, after, None, at_new, ends_differ=ends_differ)
                yield replace(line, parts=added)
                at_new += 1


def runs(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[bool, int, int, int, int]]:
    """Runs of lines (or other pieces) that are the same, or became one another: whether so, and from, to in each."""
    if _is_costly(old, new):
        head, tail = _common(old, new)
        yield True, 0, head, 0, head
        yield False, head, len(old) - tail, head, len(new) - tail
        yield True, len(old) - tail, len(old), len(new) - tail, len(new)
        return
    if len(old) + len(new) <= _MANY_LINES:
        for tag, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            yield tag == "equal", old_from, old_to, new_from, new_to
        return
    at_old = at_new = 0
    for anchor_old, anchor_new in [*_anchors(old, new), (len(old), len(new))]:
        between_old, between_new = old[at_old:anchor_old], new[at_new:anchor_new]
        if len(between_old) + len(between_new) > _MANY_LINES:
            head, tail = _common(between_old, between_new)
            yield True, at_old, at_old + head, at_new, at_new + head
            yield False, at_old + head, anchor_old - tail, at_new + head, anchor_new - tail
            yield True, anchor_old - tail, anchor_old, anchor_new - tail, anchor_new
        elif between_old or between_new:
            for same, old_from, old_to, new_from, new_to in runs(between_old, between_new):
                yield same, at_old + old_from, at_old + old_to, at_new + new_from, at_new + new_to
        if anchor_old < len(old):
            yield True, anchor_old, anchor_old + 1, anchor_new, anchor_new + 1
        at_old, at_new = anchor_old + 1, anchor_new + 1


def _is_costly(old: Sequence[str], new: Sequence[str]) -> bool:
    """Whether so much is repeated on both sides that looking for the best match would hang the page.

    `SequenceMatcher` looks at every pair of equal pieces, once more for each stretch that it finds.
    """
    in_new = Counter(new)
    pairs = sum(count * in_new[piece] for piece, count in Counter(old).items())
    return pairs * min(len(old), len(new)) > _MANY_STEPS


def _anchors(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Lines that stand once in both texts, as many of them as come in the same order."""
    once_in_old, once_in_new = _once(old), _once(new)
    pairs = [(at, once_in_new[line]) for line, at in once_in_old.items() if line in once_in_new]
    # The longest rising row of places in the new text: the last of each length, and what came before it.
    ends: list[int] = []
    rows: list[int] = []
    before: list[int] = []
    for index, (_, place) in enumerate(pairs):
        length = bisect_left(ends, place)
        before.append(rows[length - 1] if length else -1)
        ends[length : length + 1] = [place]
        rows[length : length + 1] = [index]
    found = []
    index = rows[-1] if rows else -1
    while index >= 0:
        found.append(pairs[index])
        index = before[index]
    return found[::-1]


def _once(lines: Sequence[str]) -> dict[str, int]:
    counted = Counter(lines)
    return {line: at for at, line in enumerate(lines) if counted[line] == 1}


def _line(kind: Kind, text: str, old: int | None, new: int | None, *, ends_differ: bool = False) -> Line:
    ending = _ending(text)
    told = "none" if not ending else _ENDINGS[ending] if ends_differ else ""
    return Line(kind, (Part(text.removesuffix(ending)),), old, new, told)


def _ending(text: str) -> str:
    return text[len(text.rstrip("\r\n")) :]


def _paired(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str | None, str | None]]:
    """The lines of a changed block in order, those that became one another together."""
    partners = _partners(old, new)
    next_new = 0
    for index, line in enumerate(old):
        partner = partners.get(index)
        if partner is None:
            yield line, None
            continue
        for between in new[next_new:partner]:
            yield None, between
        yield line, new[partner]
        next_new = partner + 1
    for rest in new[next_new:]:
        yield None, rest


def _partners(old: Sequence[str], new: Sequence[str]) -> dict[int, int]:
    if len(old) * len(new) > _MANY_PAIRS:
        return {}
    partners: dict[int, int] = {}
    start = 0
    for index, line in enumerate(old):
        for candidate in range(start, len(new)):
            if _alike(line, new[candidate]):
                partners[index], start = candidate, candidate + 1
                break
    return partners


def _alike(old: str, new: str) -> bool:
    """Whether one line became the other: the same key of a front matter, or most of the text."""
    old_key, new_key = _KEY.match(old), _KEY.match(new)
    if old_key and new_key:
        return old_key.group() == new_key.group()
    old, new = (text[:_MANY_CHARACTERS].strip(" -*\r\n") for text in (old, new))
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return matcher.real_quick_ratio() >= _ALIKE and matcher.quick_ratio() >= _ALIKE


def _parts(old: str | None, new: str | None) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    if old is None or new is None:
        return _whole(old), _whole(new)
    before, after = (_WORD.findall(text.removesuffix(_ending(text))) for text in (old, new))
    start, end = _common(before, after)
    middles = before[start : len(before) - end], after[start : len(after) - end]
    old_middle, new_middle = _middle_parts(*middles)
    head, tail = "".join(before[:start]), "".join(before[len(before) - end :])
    return _joined(head, old_middle, tail), _joined(head, new_middle, tail)


def _middle_parts(before: list[str], after: list[str]) -> tuple[list[Part], list[Part]]:
    if len(before) * len(after) > _MANY_WORDS or _is_costly(before, after):
        return [Part("".join(before), True)], [Part("".join(after), True)]
    removed: list[Part] = []
    added: list[Part] = []
    for tag, old_from, old_to, new_from, new_to in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        old_text, new_text = "".join(before[old_from:old_to]), "".join(after[new_from:new_to])
        # A blank that two changes have in common would only tear them apart.
        changed = tag != "equal" or not old_text.strip()
        removed.append(Part(old_text, changed))
        added.append(Part(new_text, changed))
    return removed, added


def _joined(head: str, middle: list[Part], tail: str) -> tuple[Part, ...]:
    joined: list[Part] = []
    for part in (Part(head), *middle, Part(tail)):
        if not part.text:
            continue
        if joined and joined[-1].changed == part.changed:
            joined[-1] = Part(joined[-1].text + part.text, part.changed)
        else:
            joined.append(part)
    return tuple(joined)


def _common(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """How many pieces both begin with, and how many of the others both end with."""
    most = min(len(old), len(new))
    start = next((at for at in range(most) if old[at] != new[at]), most)
    end = next((at for at in range(most - start) if old[-1 - at] != new[-1 - at]), most - start)
    return start, end


def _whole(text: str | None) -> tuple[Part, ...]:
    return () if text is None else (Part(text.removesuffix(_ending(text))),)


def _with_gaps(lines: Sequence[Line], context: int) -> Iterator[Line]:
    """`lines` without the unchanged ones that are farther than `context` from a change."""
    near: set[int] = set()
    for index, line in enumerate(lines):
        if line.kind is not Kind.SAME:
            near.update(range(index - context, index + context + 1))
    hidden = 0
    for index, line in enumerate(lines):
        if index in near:
            if hidden:
                yield Line(Kind.GAP, hidden=hidden)
            hidden = 0
            yield line
        else:
            hidden += 1
    if hidden and len(lines) > hidden:
        yield Line(Kind.GAP, hidden=hidden)
