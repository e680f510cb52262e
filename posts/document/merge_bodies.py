"""Merging bodies: by lines, and inside the lines that both sides changed by sentences.

A Chinese paragraph is one long line, so lines alone would make every two corrections of it a conflict.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from posts.document.bodies import body_with_own_line_ends, normalised
from posts.document.merge_sequences import Clash, merged_sequences

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_LINE_END = re.compile(r"\r\n|\r|\n")
# A full stop ends a sentence only before a blank or the line's end: `3.5` and `example.org` are one piece. The blanks
# between two sentences belong to neither, so that taking one out or adding one changes no other.
_SENTENCE = re.compile(
    r"\n|[^\S\n]+|(?=\S)(?:[^\n]*?(?:[。！？；]+[”’」』）】》〉]*|[.!?]+[”’」』）】》〉\"')\]]*(?=\s|\Z))|[^\n]+)"
)


@dataclass(frozen=True, slots=True)
class Passage:
    """A place in the body that both sides changed differently, with its three texts."""

    base: str
    ours: str
    theirs: str


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
        pieces = _merged(base, ours, theirs)
        return MergedBody(settled(pieces), pieces if _is_open(pieces) else ())
    was, here, there = normalised(base), normalised(ours), normalised(theirs)
    if here == there:
        return MergedBody(ours)
    pieces = _merged(was, here, there)
    has_the_line_ends = ours if _line_ends(theirs) == _line_ends(base) or here == was else theirs
    text = body_with_own_line_ends(has_the_line_ends, settled(pieces), newline)
    return MergedBody(text, pieces if _is_open(pieces) else ())


def settled(pieces: Sequence[Piece], choices: Sequence[str] | None = None) -> str:
    """The body with a text for each open passage in turn; without `choices` ours in all of them."""
    texts = iter(choices) if choices is not None else (each.ours for each in pieces if isinstance(each, Passage))
    return "".join(each if isinstance(each, str) else next(texts) for each in pieces)


def sentences(text: str) -> list[str]:
    """`text` in sentences, blanks and line feeds, with nothing left out."""
    return _SENTENCE.findall(text)


def _is_open(pieces: Sequence[Piece]) -> bool:
    return any(isinstance(each, Passage) for each in pieces)


def _line_ends(text: str) -> set[str]:
    return set(_LINE_END.findall(text))


def _merged(base: str, ours: str, theirs: str) -> tuple[Piece, ...]:
    """The pieces. Whether the last line has a line end is merged by itself, so that adding lines behind one that has
    none does not change that one.
    """
    sides = (base, ours, theirs)
    was, here, there = (not side or side.endswith("\n") for side in sides)
    lines = (_LINE.findall(side if not side or side.endswith("\n") else side + "\n") for side in sides)
    pieces: list[Piece] = []
    for stretch in merged_sequences(*lines):
        if isinstance(stretch, Clash):
            for part in merged_sequences(*(sentences("".join(side)) for side in stretch)):
                _add(pieces, Passage(*map("".join, part)) if isinstance(part, Clash) else "".join(part))
        else:
            _add(pieces, "".join(stretch))
    if pieces and not (there if here == was else here):
        pieces[-1] = _without_line_end(pieces[-1])
    return tuple(each for each in pieces if each)


def _add(pieces: list[Piece], piece: Piece) -> None:
    if isinstance(piece, str) and pieces and isinstance(pieces[-1], str):
        pieces[-1] += piece
    elif piece:
        pieces.append(piece)


def _without_line_end(piece: Piece) -> Piece:
    if isinstance(piece, str):
        return piece.removesuffix("\n")
    return Passage(*(side.removesuffix("\n") for side in (piece.base, piece.ours, piece.theirs)))
