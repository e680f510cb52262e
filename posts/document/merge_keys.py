"""Which lines each key of a merged front matter gets, and which keys both sides changed differently.

The lines that one side left as in base are the other's. Only where both changed the lines, values are compared:

    equal values                    ours: the lines stay as they are
    only one side changed it        that value, written into the other side's lines
    both changed it, both lists     what either side added is in, what either took out is out, written into theirs
    both changed it                 a clash, and ours until it is settled: theirs where that is settled already

The comments before a key are merged for themselves, by lines.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from yaml import Node

from posts.document.document import Document
from posts.document.errors import EditRefused
from posts.document.merge_lists import items_in, merged_lists, with_added
from posts.document.merge_sides import Absent, Key, Lines, MaybeValue, Side, lines_of, merged_comments
from posts.document.schemas import is_text_everywhere, is_timestamp
from posts.document.values import Value, is_plain

_Keys: TypeAlias = Mapping[Key, Lines]


@dataclass(frozen=True, slots=True)
class MergedKeys:
    """The lines that each key gets, in the order of the merged front matter, and the keys that clash.

    `nodes` are what a key's lines may be read as: a line that nobody changed may refer to one that somebody did.
    """

    lines: dict[Key, Lines]
    nodes: dict[Key, tuple[Node, ...]]
    clashes: list[Key]


@dataclass(slots=True)
class _Plan:
    """What is to be taken as it stands, and which values are to be written into whose lines."""

    taken: dict[Key, Side] = field(default_factory=dict)
    into_ours: dict[Key, Value] = field(default_factory=dict)
    into_theirs: dict[Key, Value] = field(default_factory=dict)
    clashes: list[Key] = field(default_factory=list)


def merged_keys(
    base: Side, ours: Side, theirs: Side, is_term_list: Callable[[str], bool], theirs_for: Collection[str] = ()
) -> MergedKeys:
    """The front matter's keys merged. A key for which `is_term_list` does not hold is never merged item by item; one
    in `theirs_for` that clashes is taken from theirs.
    """
    plan = _Plan()
    for key in dict.fromkeys([*ours.lines, *theirs.lines]):
        _decide(plan, key, base, ours, theirs, is_term_list(key[0]))
    own = {key: found for key, side in plan.taken.items() if (found := side.lines.get(key))}
    _write(plan, own, ours, theirs)
    own |= {key: theirs.lines[key] for key in plan.clashes if key[0] in theirs_for and key in theirs.lines}
    plan.clashes = [key for key in plan.clashes if key[0] not in theirs_for]
    own |= {key: ours.lines[key] for key in plan.clashes if key in ours.lines}
    lines = {
        key: own[key]._replace(comments=_comments(key, base, ours, theirs))
        for key in _order(base.lines, ours.lines, theirs.lines, own)
    }
    return MergedKeys(lines, {key: _readings(key, lines[key], ours, theirs) for key in lines}, plan.clashes)


def _decide(plan: _Plan, key: Key, base: Side, ours: Side, theirs: Side, is_term_list: bool) -> None:
    was, here, there = base.own(key), ours.own(key), theirs.own(key)
    if here == there or there == was:
        plan.taken[key] = ours
        return
    if here == was:
        plan.taken[key] = theirs
        return
    old, mine, other = base.value(key), ours.value(key), theirs.value(key)
    if mine == other:
        plan.taken[key] = ours
    elif other == old:
        plan.taken[key] = ours
        _carry_over(plan.into_theirs, key, ours, theirs)
    elif mine == old:
        plan.taken[key] = theirs
        _carry_over(plan.into_ours, key, theirs, ours)
    else:
        items = _merged_items(old, mine, other) if is_term_list else None
        if items is None:
            plan.clashes.append(key)
        elif items == other:
            plan.taken[key] = theirs
        elif items == mine and not isinstance(other, list):
            plan.taken[key] = ours
        else:
            plan.into_theirs[key] = items


def _carry_over(into: dict[Key, Value], key: Key, source: Side, onto: Side) -> None:
    """Only `source` changed the value, both the lines: it goes into the lines of `onto` where they can carry it."""
    value = source.value(key)
    if isinstance(value, Absent) or key[1]:
        return
    if not _would_lose_its_type(source.lines[key].node, onto.lines[key].node):
        into[key] = value


def _would_lose_its_type(node: Node, onto: Node) -> bool:
    """Whether `node` is a bare 1.10 or 2024, that would get quotes in the place of another such one."""
    if not is_plain(node) or not is_plain(onto) or is_text_everywhere(node.value):
        return False
    return not (is_timestamp(node.value) and is_timestamp(onto.value))


def _merged_items(old: MaybeValue, mine: MaybeValue, other: MaybeValue) -> list[Value] | None:
    """The merged list, or None if one side is none. One that only stands empty some other way is one."""
    if not isinstance(mine, list) and not isinstance(other, list):
        return None
    here, there = items_in(mine), items_in(other)
    if here is None or there is None:
        return None
    was = items_in(old)
    return merged_lists([old] if was is None and isinstance(old, str) else was or [], here, there)


def _write(plan: _Plan, own: dict[Key, Lines], ours: Side, theirs: Side) -> None:
    """Write the values of the plan and put the lines they got into `own`. A merged list that cannot be written into
    theirs goes into ours, and where that cannot be done either, the key clashes.
    """
    for side, wanted in ((theirs, plan.into_theirs), (ours, plan.into_ours)):
        document, refused = _with_values(side.document, {key[0]: value for key, value in wanted.items()})
        own |= {
            (entry.key, 0): lines_of(document, entry)
            for entry in document.entries
            if entry.is_scalar_key and (entry.key, 0) in wanted and entry.key not in refused
        }
        for key in [key for key in wanted if key[0] in refused and key not in plan.taken]:
            if side is theirs and key in ours.lines:
                plan.into_ours[key] = wanted[key]
            else:
                plan.clashes.append(key)


def _with_values(document: Document, values: Mapping[str, Value]) -> tuple[Document, set[str]]:
    """`document` with the values that can be written there, and the keys of the others."""
    if not values:
        return document, set()
    try:
        return document.replace(values), set()
    except EditRefused:
        refused = set()
    for key, value in values.items():
        try:
            document = document.replace({key: value})
        except EditRefused:
            refused.add(key)
    return document, refused


def _comments(key: Key, base: Side, ours: Side, theirs: Side) -> str:
    before, here, there = base.lines.get(key), ours.lines.get(key), theirs.lines.get(key)
    if here is None or there is None:
        found = here or there
        return found.comments if found else ""
    return merged_comments(before.comments if before else "", here.comments, there.comments)


def _readings(key: Key, lines: Lines, ours: Side, theirs: Side) -> tuple[Node, ...]:
    if ours.own(key) == theirs.own(key):
        return (ours.lines[key].node, theirs.lines[key].node)
    return (lines.node,)


def _order(base: _Keys, ours: _Keys, theirs: _Keys, wanted: _Keys) -> list[Key]:
    """The keys in the order of ours if theirs kept base's, else of theirs; what only the other has, at its place."""
    kept = [key for key in base if key in theirs] == [key for key in theirs if key in base]
    first, second = (ours, theirs) if kept else (theirs, ours)
    return with_added([key for key in first if key in wanted], list(second), wanted)
