"""Merging bodies: by lines, and inside the lines that both sides changed by sentences.

A Chinese paragraph is one long line, so lines alone would make every two corrections of it a conflict.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from posts.document.bodies import body_with_own_line_ends, normalised
from posts.document.merge_matching import Matcher
from posts.document.merge_sequences import Changed, Clash, merged_sequences

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_LINE_END = re.compile(r"\r\n|\r|\n")
# A full stop ends a sentence only before a blank or the line's end: `3.5` and `example.org` are one piece. The blanks
# between two sentences belong to neither, so that taking one out or adding one changes no other.
_FULL_STOP = r"(?:[。！？；]+[”’」』）】》〉]*|[.!?]+[”’」』）】》〉\"')\]]*(?=\s|\Z))"
_SENTENCE = re.compile(rf"\n|[^\S\n]+|(?=\S)(?:[^\n。！？；.!?]++|(?!{_FULL_STOP})[.!?])*+{_FULL_STOP}?")


@dataclass(frozen=True, slots=True)
class Passage:
    """A place in the body that both sides changed differently, with its three texts."""

    base: str
    ours: str
    theirs: str

    @property
    def sides(self) -> tuple[str, str, str]:
        """All three texts."""
        return self.base, self.ours, self.theirs


Piece: TypeAlias = str | Passage
"""A part of a merged body: text that is settled, or a passage that is open."""


@dataclass(frozen=True, slots=True)
class MergedBody:
    """`text` has ours in the open passages. `pieces` is the whole body, or nothing if no passage is open; line ends
    are line feeds there.
    """

    text: str
    pieces: tuple[Piece, ...] = ()


def merged_bodies(base: str, ours: str, theirs: str, newline: str) -> MergedBody:
    """The merged body; `newline` is for a body that has no line end to go by.

    Line ends do not count as a difference: who changed nothing else changed nothing but the line ends.
    """
    if ours == theirs or theirs == base:
        return MergedBody(ours)
    if ours == base:
        return MergedBody(theirs)
    if "\r" not in base + ours + theirs:
        return _merged(base, ours, theirs)
    was, here, there = normalised(base), normalised(ours), normalised(theirs)
    if here == there:
        return MergedBody(ours)
    merged = _merged(was, here, there)
    has_the_line_ends = ours if _line_ends(theirs) == _line_ends(base) or here == was else theirs
    return replace(merged, text=body_with_own_line_ends(has_the_line_ends, merged.text, newline))


def settled(pieces: Sequence[Piece], choices: Sequence[str] | None = None) -> str:
    """The body with a text for each open passage in turn; without `choices` ours in all of them."""
    texts = iter(choices) if choices is not None else (each.ours for each in pieces if isinstance(each, Passage))
    return "".join(each if isinstance(each, str) else next(texts) for each in pieces)


def sentences(text: str) -> list[str]:
    """`text` in sentences, blanks and line feeds, with nothing left out."""
    return _SENTENCE.findall(text)


def _holding_both(base: str, ours: str, theirs: str, together: str) -> str:
    """The side that has all of what the other did, where `together` has twice what both added; "" if none has.

    So it is if what was merged already is merged again, and a blank line lies where the two would meet.
    """
    was, here, there, now = (Counter(filter(str.strip, sentences(side))) for side in (base, ours, theirs, together))
    twice = any(now[each] > max(here[each], there[each]) for each in (here & there) - was)
    holding = [ours] * (twice and _holds(here, there, was)) + [theirs] * (twice and _holds(there, here, was))
    # Of two that differ in order alone, the one that moved something.
    return max(holding, key=lambda side: (-_left_in_place(base, side), side), default="")


def _left_in_place(base: str, side: str) -> int:
    matched = Matcher(None, sentences(base), sentences(side)).get_matching_blocks()
    return sum(length for _, _, length in matched)


def _holds(one: Counter[str], other: Counter[str], base: Counter[str]) -> bool:
    """Whether `one` has what `other` added, and has not what it took out."""
    added, taken_out = other - base, base - other
    return all(one[each] >= other[each] for each in added) and all(one[each] <= other[each] for each in taken_out)


def _line_ends(text: str) -> set[str]:
    return set(_LINE_END.findall(text))


def _merged(base: str, ours: str, theirs: str) -> MergedBody:
    """The merged body. Whether the last line has a line end is merged by itself, so that adding lines behind one that
    has none does not change that one.
    """
    sides = (base, ours, theirs)
    was, here, there = (not side or side.endswith("\n") for side in sides)
    lines = (_LINE.findall(side if not side or side.endswith("\n") else side + "\n") for side in sides)
    pieces: list[Piece] = []
    changed: list[str] = []
    for stretch in merged_sequences(*lines):
        if isinstance(stretch, Clash):
            for part in merged_sequences(*(sentences("".join(side)) for side in stretch)):
                _add(pieces, Passage(*map("".join, part)) if isinstance(part, Clash) else "".join(part))
                changed += part if isinstance(part, Changed) else []
        else:
            _add(pieces, "".join(stretch))
            changed += sentences("".join(stretch)) if isinstance(stretch, Changed) else []
    if pieces:
        pieces.append(_with_own_end(pieces.pop(), pieces, was, here, there))
    text = settled(pieces)
    if any(isinstance(each, Passage) for each in pieces):
        return MergedBody(text, tuple(each for each in pieces if each))
    written = [each for each in changed if not each.isspace()]
    if len(written) > len(set(written)):
        text = _holding_both(base, ours, theirs, text) or text
    return MergedBody(text)


def _with_own_end(last: Piece, before: list[Piece], was: bool, here: bool, there: bool) -> Piece:
    """The last piece with or without a line end, as it is in base, ours and theirs."""
    passage = before[-1] if before else ""
    if isinstance(last, str) and last.isspace() and isinstance(passage, Passage):
        before.pop()  # an open passage at the end goes to the very end
        last = Passage(*(side + last for side in passage.sides))
    if isinstance(last, Passage):
        ends = list(zip(last.sides, (was, here, there), strict=True))
        above = before[-1] if before else ""
        if isinstance(above, str) and above.endswith("\n") and ("", False) in ends:
            before[-1] = above[:-1]  # the line end that this side does not have is the one above
            ends = [("\n" + side, has_end) for side, has_end in ends]
        return Passage(*(side if has_end else side.removesuffix("\n") for side, has_end in ends))
    text = last.rstrip("\n")
    return text + (last[len(text) :] or "\n") * (there if here == was else here)


def _add(pieces: list[Piece], piece: Piece) -> None:
    if isinstance(piece, str) and pieces and isinstance(pieces[-1], str):
        pieces[-1] += piece
    elif piece:
        pieces.append(piece)
