"""A passage of a text, and where it stands in a later text: what a comment holds on to. Pure.

Places are counted in characters of a text whose lines end with LF alone (`plain`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from posts.differences import runs

_WORD = re.compile(r"[^\W\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]+|\s+|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Passage:
    """From where to where it stands in a text, and what it says there."""

    start: int
    end: int
    quote: str

    def stands_in(self, text: str) -> bool:
        """Whether `text` has it at its place."""
        return 0 <= self.start < self.end and text[self.start : self.end] == self.quote


def plain(text: str) -> str:
    """`text` with LF at the end of each line."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def found(quote: str, text: str) -> tuple[Passage | None, bool]:
    """`quote` where it stands in `text`, if that is one place; and whether it stands at several."""
    start = text.find(quote) if quote else -1
    if start < 0:
        return None, False
    if text.find(quote, start + 1) >= 0:
        return None, True
    return Passage(start, start + len(quote), quote), False


_MARKS = r"(?:[*_~`\\\[]|\]\([^()\s]*\))*"
_BETWEEN = r"\s+(?:(?:[>#*+-]+|\d+[.)])\s+)*"


def found_as_shown(shown: str, text: str) -> tuple[Passage | None, bool]:
    """As `found`, for words as the site shows them: marks of Markdown that `text` has among them are passed over."""
    pieces = re.findall(r"\s+|\S", shown.strip())
    if not pieces:
        return None, False
    pattern = _MARKS.join(_BETWEEN if piece.isspace() else re.escape(piece) for piece in pieces)
    places = re.finditer(pattern, text)
    first, second = next(places, None), next(places, None)
    if first is None or second is not None:
        return None, second is not None
    return Passage(first.start(), first.end(), first.group()), False


def carried_over(passage: Passage, old: str, new: str) -> Passage | None:
    """Where `passage` of `old` stands in `new`; None if it was changed or taken out.

    What is found always says the same as before. It is sought by what became of the text around it; a passage that was
    moved elsewhere, by its words, as long as they stand once in either text.
    """
    if passage.stands_in(old):
        for start in _shifted(passage, old, new):
            there = Passage(start, start + len(passage.quote), passage.quote)
            if there.stands_in(new):
                return there
        if old.count(passage.quote) > 1:
            return None
    return found(passage.quote, new)[0]


def with_replacement(passage: Passage, text: str, replacement: str) -> str:
    """`text` with `replacement` in place of `passage`."""
    return text[: passage.start] + replacement + text[passage.end :]


def _shifted(passage: Passage, old: str, new: str) -> Iterator[int]:
    """Where it could stand now: in what both texts begin or end with, then by their difference."""
    if old[: passage.end] == new[: passage.end]:
        yield passage.start
    rest = old[passage.start :]
    if new.endswith(rest):
        yield len(new) - len(rest)
    for old_from, old_to, new_from in _joined(_same(old, new)):
        if old_from <= passage.start and passage.end <= old_to:
            yield new_from + passage.start - old_from


def _same(old: str, new: str) -> Iterator[tuple[int, int, int]]:
    """Stretches that both texts have, by lines and inside the changed lines by words: from, to, and from in `new`."""
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    for same, old_from, old_to, new_from, new_to in _in_characters(before, after):
        if same:
            yield old_from, old_to, new_from
            continue
        words = _WORD.findall(old[old_from:old_to]), _WORD.findall(new[new_from:new_to])
        for alike, inner_from, inner_to, inner_new, _end in _in_characters(*words):
            if alike:
                yield old_from + inner_from, old_from + inner_to, new_from + inner_new


def _in_characters(old: list[str], new: list[str]) -> Iterator[tuple[bool, int, int, int, int]]:
    old_at, new_at = ([0, *accumulate(len(piece) for piece in pieces)] for pieces in (old, new))
    for same, old_from, old_to, new_from, new_to in runs(old, new):
        yield same, old_at[old_from], old_at[old_to], new_at[new_from], new_at[new_to]


def _joined(stretches: Iterator[tuple[int, int, int]]) -> Iterator[tuple[int, int, int]]:
    """Stretches that follow each other in both texts as one."""
    held: tuple[int, int, int] | None = None
    for old_from, old_to, new_from in stretches:
        if held is not None and held[1] == old_from and held[2] + held[1] - held[0] == new_from:
            held = (held[0], old_to, held[2])
            continue
        if held is not None:
            yield held
        held = (old_from, old_to, new_from)
    if held is not None:
        yield held
