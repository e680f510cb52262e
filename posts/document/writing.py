"""The edits that give one key a new value, the most faithful first, and those that add a key.

Every function here only proposes. The gate (`gate.py`) reads the result back and decides.
"""

from collections.abc import Iterator, Mapping, Sequence

from yaml import CollectionNode, Node, ScalarNode, SequenceNode

from posts.document.asked import Asked, is_collection
from posts.document.block_lists import edited_block_list
from posts.document.edits import Edit
from posts.document.errors import EditRefused
from posts.document.flow_lists import edited_flow_list
from posts.document.front_matter import DEFAULT_LIST_INDENT, FrontMatter
from posts.document.nodes import children
from posts.document.scalars import (
    OldScalar,
    Surroundings,
    double_quoted,
    plain,
    plain_or_quoted,
    quoted,
    scalar_candidates,
)
from posts.document.spans import Entry, line_end
from posts.document.values import Value, value_of

LONGEST_KEY = 1000
"""YAML lets a `key:` on one line be 1024 characters long."""


def edits_of_value(front: FrontMatter, entry: Entry, asked: Asked) -> Iterator[Edit]:
    """Ways to make the key of `entry` read as `asked`.

    Raises EditRefused: unusual_key, anchor_in_use, nested_items.
    """
    if entry.colon is None:
        raise EditRefused("unusual_key", key=entry.key)
    _refuse_anchor_in_use(front, entry)
    if isinstance(asked.value, list):
        yield from _edits_of_list(front, entry, asked.value)
        return
    for written in _scalar_texts(front, asked, _old_scalar(front, entry)):
        yield _placed(front, entry, entry.colon, written)


def edits_of_new_key(front: FrontMatter, key: str, asked: Asked, offset: int) -> Iterator[Edit]:
    """Ways to add `key` as lines of its own at `offset`.

    Raises EditRefused: flow_mapping, unusual_key.
    """
    if front.in_braces:
        raise EditRefused("flow_mapping", key=key)
    if len(key) > LONGEST_KEY or "\n" in key or "\r" in key:
        raise EditRefused("unusual_key", key=key)
    newline = front.fences.newline
    margin = " " * front.indent
    name = plain(key) or quoted(key, front.quote)
    indent = front.list_indent
    if isinstance(asked.value, list):
        values = [
            _block_list(front, items, indent) if asked.value and indent is not None else " " + _flow_list(items)
            for items in _item_texts(front, asked.value, in_flow=indent is None)
        ]
    else:
        values = [" " + written if written else "" for written in _scalar_texts(front, asked, None)]
    for value in values:
        yield Edit(offset, offset, f"{margin}{name}:{value}{newline}")


def place_of_new_key(front: FrontMatter, key: str, key_order: Sequence[str], added: Mapping[str, int]) -> int:
    """Where a new key goes: behind the nearest key before it in `key_order` that the file has, else before the first
    one after it, else (and if `key_order` doesn't know it) behind the last key. An offset at the start of a line.

    `added` are keys to be added in the same step, with their offsets: they count as keys that the file has.
    """
    if not front.entries:
        return front.fences.end
    if key in key_order:
        position = list(key_order).index(key)
        for earlier in reversed(key_order[:position]):
            if earlier in added:
                return added[earlier]
            if earlier in front.by_key:
                return front.by_key[earlier].end
        for later in key_order[position + 1 :]:
            if later in front.by_key:
                return front.by_key[later].lead
    return front.entries[-1].end


def _refuse_anchor_in_use(front: FrontMatter, entry: Entry) -> None:
    """Refuse to overwrite a value that aliases elsewhere repeat: libyaml makes each alias the anchor's own node."""
    if entry.is_alias or "*" not in front.block:
        return
    own = _ids_below(entry.node, front.fences.start, entry.value_start, set())
    for other in front.entries:
        if other is not entry and not own.isdisjoint(
            _ids_below(other.node, 0, -1, set()) | _ids_below(other.key_node, 0, -1, set())
        ):
            raise EditRefused("anchor_in_use", key=entry.key)


def _ids_below(node: Node, base: int, start: int, found: set[int]) -> set[int]:
    """The identities of the nodes at and below `node` that are written at `start` or later."""
    if id(node) not in found and base + node.start_mark.index >= start:
        found.add(id(node))
        for child in children(node):
            _ids_below(child, base, start, found)
    return found


def _old_scalar(front: FrontMatter, entry: Entry) -> OldScalar | None:
    if not isinstance(entry.node, ScalarNode) or entry.is_alias or entry.value_start == entry.value_end:
        return None
    line_start = front.text.rfind("\n", 0, entry.value_start) + 1
    source = front.text[entry.value_start : entry.value_end]
    return OldScalar(entry.node.style or "", source, entry.value_start - line_start, entry.node.value)


def _scalar_texts(front: FrontMatter, asked: Asked, old: OldScalar | None) -> Iterator[str]:
    value = asked.value
    if value is None:
        yield ""
        yield "null"  # `{a: , b: 1}` needs something between
    elif isinstance(value, bool):
        yield "true" if value else "false"
    elif isinstance(value, str):
        surroundings = Surroundings(front.quote, front.fences.newline, front.in_braces, front.indent)
        yield from [value] if asked.number else scalar_candidates(value, old, surroundings)


def _placed(front: FrontMatter, entry: Entry, colon: int, written: str) -> Edit:
    """`written` in the place of the entry's value, with the blanks and comments around it as they were."""
    text = front.text
    gap = " " if text.startswith("#", entry.value_end) and entry.value_end > colon else ""
    if entry.value_start == entry.value_end:
        behind = text[colon : line_end(text, colon)]
        uses_blank = behind[:1] in (" ", "\t") and (not behind.strip() or behind[1:2] in (" ", "\t"))
        return Edit(colon, colon + uses_blank, " " + written)
    if not written:
        return Edit(colon, entry.value_end, _comment_behind_colon(front, entry, colon) + gap)
    if isinstance(entry.node, CollectionNode) and not entry.node.flow_style and not entry.is_alias:
        return Edit(colon, entry.value_end, f" {written}{_comment_behind_colon(front, entry, colon)}{gap}")
    before = " " if entry.value_start == colon else ""
    return Edit(entry.value_start, entry.value_end, before + written + gap)


def _comment_behind_colon(front: FrontMatter, entry: Entry, colon: int) -> str:
    """The comment on the key's line when its value starts on a later one."""
    end = line_end(front.text, colon)
    behind = front.text[colon:end]
    return behind.rstrip() if entry.value_start > end and "#" in behind else ""


def _edits_of_list(front: FrontMatter, entry: Entry, items: list[Value]) -> Iterator[Edit]:
    colon = entry.colon or 0
    own_list = entry.node if isinstance(entry.node, SequenceNode) and not entry.is_alias else None
    if own_list is not None:
        kept = {repr(item) for item in items}
        if any(is_collection(item) and repr(value_of(item, front.block)) not in kept for item in own_list.value):
            raise EditRefused("nested_items", key=entry.key)
        item_by_item = edited_flow_list if own_list.flow_style else edited_block_list
        edit = item_by_item(front, entry, items)
        if edit is not None:
            yield edit
    if any(isinstance(item, list | dict) for item in items):
        return
    in_flow = front.in_braces or not items
    if own_list is not None and own_list.value:
        in_flow = in_flow or bool(own_list.flow_style)
    elif front.list_indent is None:
        in_flow = True
    for written in _item_texts(front, items, in_flow=in_flow):
        if in_flow:
            yield _placed(front, entry, colon, _flow_list(written))
        else:
            value_line_end = line_end(front.text, max(colon, entry.value_end))
            behind = front.text[max(colon, entry.value_end) : value_line_end]
            comment = behind.rstrip() if behind.lstrip().startswith("#") else ""
            if comment.startswith("#"):
                comment = " " + comment
            lead = _comment_behind_colon(front, entry, colon)
            yield Edit(colon, value_line_end, lead + comment + _block_list(front, written, front.list_indent))


def _item_texts(front: FrontMatter, items: list[Value], *, in_flow: bool) -> Iterator[list[str]]:
    """The items written one by one, in the file's habit and then all in double quotes."""
    surroundings = Surroundings(front.quote, front.fences.newline, in_flow)
    words = {None: "null", True: "true", False: "false"}
    yield [
        plain_or_quoted(item, surroundings) if isinstance(item, str) else words[item]  # type: ignore[index]
        for item in items
    ]
    yield [double_quoted(item) if isinstance(item, str) else words[item] for item in items]  # type: ignore[index]


def _flow_list(items: list[str]) -> str:
    return "[" + ", ".join(items) + "]"


def _block_list(front: FrontMatter, items: list[str], indent: int | None) -> str:
    """The items as lines to follow `key:`, without the last line's end."""
    newline = front.fences.newline
    margin = " " * (front.indent + (DEFAULT_LIST_INDENT if indent is None else indent))
    return "".join(f"{newline}{margin}- {item}" for item in items)
