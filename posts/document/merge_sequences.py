"""The three-way merge of sequences: of lines, then of the sentences in the lines that both sides changed.

`merge3` finds what both changed. To it two changes clash as soon as nothing unchanged lies between them; here
neighbours are no clash: who corrects one sentence does not stand in the way of who corrects the next one.
"""

from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import NamedTuple, TypeAlias

from merge3 import Merge3

from posts.document.merge_matching import Matcher


class Clash(NamedTuple):
    """A place where both sides changed the same items differently."""

    base: list[str]
    ours: list[str]
    theirs: list[str]


class Changed(list[str]):
    """The items that are to stand where one side, or both in agreement, changed something."""


Stretch: TypeAlias = list[str] | Clash
"""A part of a merged sequence: the items that are to stand there (`Changed` or as they were), or a clash."""


class _Change(NamedTuple):
    """`base[start:end]`, which is `old`, became `new`."""

    start: int
    end: int
    old: list[str]
    new: list[str]
    is_ours: bool

    @property
    def grows(self) -> bool:
        return len(self.new) > len(self.old)

    @property
    def adds(self) -> bool:
        return _is_blank(self.old)

    @property
    def cuts(self) -> bool:
        return _is_blank(self.new)


def merged_sequences(base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]) -> Iterator[Stretch]:
    """The stretches of the merged sequence, in order."""
    for kind, *items in Merge3(base, ours, theirs, sequence_matcher=Matcher).merge_groups():
        if kind == "conflict":
            yield from _parted(*map(list, items))
        else:
            yield list(items[0]) if kind == "unchanged" else Changed(items[0])


def _parted(base: list[str], ours: list[str], theirs: list[str]) -> Iterator[Stretch]:
    """What `merge3` calls one conflict, parted into what only one side changed and what both did."""
    changes = sorted([*_changes(base, ours, True), *_changes(base, theirs, False)], key=lambda each: each[:2])
    done = 0
    for group in _groups(changes):
        start, end = group[0].start, max(each.end for each in group)
        yield base[done:start]
        both = _agreed(base[start:end], _made(base, start, end, group, True), _made(base, start, end, group, False))
        yield both if isinstance(both, Clash) else Changed(both)
        done = end
    yield base[done:]


def _changes(base: list[str], side: list[str], is_ours: bool) -> Iterator[_Change]:
    i = j = 0
    for i_next, j_next, length in [*Matcher(None, base, side).get_matching_blocks(), (len(base), len(side), 0)]:
        if i < i_next or j < j_next:
            yield _Change(i, i_next, base[i:i_next], side[j:j_next], is_ours)
        i, j = i_next + length, j_next + length


def _groups(changes: list[_Change]) -> Iterator[list[_Change]]:
    """The changes, those together that hang together with one of the other side."""
    group: list[_Change] = []
    last: dict[bool, _Change] = {}
    for change in changes:
        # One side's changes never meet, so of the other side only the last can reach this one.
        other = last.get(not change.is_ours)
        if group and not (other and _overlap(other, change)):
            yield group
            group, last = [], {}
        group.append(change)
        last[change.is_ours] = change
    if group:
        yield group


def _overlap(first: _Change, second: _Change) -> bool:
    """Whether two changes, the one that starts earlier first, are about the same place.

    Where they only touch, they are not, as a rule: who corrects a sentence and who corrects the next one, or adds one
    behind it. But it cannot be told what is meant where one adds beside what the other takes out, or where both take
    out the same (of two blank lines, say), and nothing that both added may get in twice.
    """
    if first.end != second.start:
        return first.end > second.start
    if (first.adds and second.cuts) or (first.cuts and second.adds) or (first.grows and second.grows):
        return True
    if first.old and first.old[-1:] == second.old[:1]:
        return True
    return not {item for item in first.new if not item.isspace()}.isdisjoint(second.new)


def _made(base: list[str], start: int, end: int, group: list[_Change], is_ours: bool) -> list[str]:
    """`base[start:end]` with one side's changes of the group made."""
    items: list[str] = []
    done = start
    for change in group:
        if change.is_ours == is_ours:
            items += base[done : change.start] + change.new
            done = change.end
    return items + base[done:end]


def _agreed(base: list[str], ours: list[str], theirs: list[str]) -> Stretch:
    if ours in (base, theirs) or _holds(ours, theirs, base):
        return theirs if ours == base else ours
    if theirs == base or _holds(theirs, ours, base):
        return ours if theirs == base else theirs
    if len(base) == len(ours) == len(theirs):
        # The same number of items: changed in place, and none of them by both. What moved was not changed in place.
        each = list(zip(base, ours, theirs, strict=True))
        if all(o == t or b in (o, t) for b, o, t in each) and not _moves(base, ours) and not _moves(base, theirs):
            return [t if o == b else o for b, o, t in each]
    if all(map(_is_blank, (base, ours, theirs))):
        return max(ours, theirs, key=lambda side: (len("".join(side)), side))  # nobody wants to be asked about blanks
    return Clash(base, ours, theirs)


def _moves(base: list[str], side: list[str]) -> bool:
    return any(item != old and item in base and not item.isspace() for item, old in zip(side, base, strict=True))


def _is_blank(items: list[str]) -> bool:
    return all(map(str.isspace, items))


def _holds(one: list[str], other: list[str], base: list[str]) -> bool:
    """Whether `one` has all of what `other` changed, and more: at its end, or at its beginning."""
    return _ends_alike(one, other, base) or _ends_alike(one[::-1], other[::-1], base[::-1])


def _ends_alike(one: list[str], other: list[str], base: list[str]) -> bool:
    """Whether `other` begins as `base` does, and goes on with something new that `one` ends with."""
    alike = sum(
        1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(reversed(one), reversed(other), strict=False))
    )
    # What was there before is not new, though `one` may have the like of it in front of its end.
    kept = max(len(other) - alike, 1 if base else 0)
    if other[:kept] != base[:kept] or base[-1:] == other[-1:]:
        return False
    return not _is_blank(other[kept:])
