"""Merging lists as ordered sets: what either side added is in, what either side took out is out."""

from collections.abc import Container, Hashable, Sequence
from typing import TypeVar

from posts.document.values import Value

T = TypeVar("T", bound=Hashable)

EMPTY = (None, "", "[]")
"""How files say "no items" without a list: `people:`, `people: ''`, `people: '[]'`."""


def items_in(value: object) -> list[Value] | None:
    """The items of a list, or of what stands for an empty one; None for anything else."""
    if isinstance(value, list):
        return value
    return [] if value in EMPTY else None


def merged_lists(base: Sequence[Value], ours: Sequence[Value], theirs: Sequence[Value]) -> list[Value]:
    """The items in the order of `theirs`, each once; what only `ours` added comes at its place there."""
    # Items may be lists or mappings, and True is not 1: they are told apart by how they print.
    items = {repr(item): item for item in [*theirs, *ours]}
    was, here, there = ({repr(item): None for item in side} for side in (base, ours, theirs))
    wanted = {name for name in items if (name in here and name in there) or name not in was}
    return [items[name] for name in with_added([name for name in there if name in wanted], list(here), wanted)]


def with_added(order: Sequence[T], source: Sequence[T], wanted: Container[T]) -> list[T]:
    """`order` with those of `source` that are `wanted` and not in it: each behind its neighbour before it in
    `source`, else before the one after it.
    """
    result = list(order)
    there = set(result)
    for position, item in enumerate(source):
        if item in wanted and item not in there:
            before = next((one for one in reversed(source[:position]) if one in there), None)
            after = next((one for one in source[position + 1 :] if one in there), None)
            if before is not None:
                result.insert(result.index(before) + 1, item)
            else:
                result.insert(result.index(after) if after is not None else len(result), item)
            there.add(item)
    return result
