"""One of the three documents of a merge, taken apart: its fences, its keys with their comments, its body."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, NamedTuple, TypeAlias

from yaml import Node

from posts.document.bodies import normalised
from posts.document.document import Document
from posts.document.errors import MergeRefused
from posts.document.merge_sequences import Clash, merged_sequences
from posts.document.spans import Entry, split
from posts.document.values import Value

Key: TypeAlias = tuple[str, int]
"""A key's name and 0; for a key that is no text (a merge key, `{{ x }}`), which one of that name it is, from 1."""


class Absent(Enum):
    """Instead of a value: the key isn't there."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT

MaybeValue: TypeAlias = "Value | Absent"


class Lines(NamedTuple):
    """A key's lines: the comments and blank lines before it, and its own, with the nodes they are read as."""

    comments: str
    own: str
    key_node: Node
    node: Node


@dataclass(frozen=True, slots=True)
class Side:
    """A document in parts. `mark` is the byte order mark; `tail` the comments between the last key and the fence."""

    document: Document
    mark: str
    opening: str
    lines: dict[Key, Lines]
    tail: str
    closing: str
    body: str

    def own(self, key: Key) -> str | None:
        """The key's own lines; None if it isn't there."""
        found = self.lines.get(key)
        return None if found is None else found.own

    def value(self, key: Key) -> MaybeValue:
        """The key's value; of a key that is no text its lines."""
        found = self.lines.get(key)
        if found is None:
            return ABSENT
        return found.own if key[1] else self.document.values[key[0]]


def side_of(document: Document) -> Side:
    """`document` in parts. Raises MergeRefused: merge_in_braces."""
    text = document.text
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    fences = split(text)
    if fences is None:
        return Side(document, mark, "", {}, "", "", text[len(mark) :])
    entries = document.entries
    if entries and entries[0].lead != fences.start:
        raise MergeRefused("merge_in_braces")
    return Side(
        document=document,
        mark=mark,
        opening=text[len(mark) : fences.start],
        lines={key: lines_of(document, entry) for key, entry in zip(keys_of(entries), entries, strict=True)},
        tail=text[entries[-1].end if entries else fences.start : fences.end],
        closing=text[fences.end : fences.head_end],
        body=text[fences.head_end :],
    )


def keys_of(entries: Sequence[Entry]) -> list[Key]:
    """The keys of the entries, each different from all others."""
    counts: dict[str, int] = {}
    keys = []
    for entry in entries:
        if entry.is_scalar_key:
            keys.append((entry.key, 0))
        else:
            counts[entry.key] = counts.get(entry.key, 0) + 1
            keys.append((entry.key, counts[entry.key]))
    return keys


def lines_of(document: Document, entry: Entry) -> Lines:
    """The lines of one entry of `document`."""
    return Lines(
        document.text[entry.lead : entry.start], document.text[entry.start : entry.end], entry.key_node, entry.node
    )


def merged_comments(base: str, ours: str, theirs: str) -> str:
    """Comments and blank lines, merged by lines; where both changed the same ones, both sides' stay, ours first."""
    if ours == theirs or theirs == base:
        return ours
    if ours == base:
        return theirs
    merged: list[str] = []
    for stretch in merged_sequences(*(normalised(side).split("\n") for side in (base, ours, theirs))):
        if isinstance(stretch, Clash):
            merged += stretch.ours + [line for line in stretch.theirs if line not in stretch.ours]
        else:
            merged += stretch
    text = "\n".join(merged)
    return ours if text == normalised(ours) else theirs if text == normalised(theirs) else text
