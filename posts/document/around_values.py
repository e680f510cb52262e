"""What a front matter says beside the values of its keys: comments, spelling and order of keys, tags, its fences."""

import re
from collections.abc import Iterator

from yaml import Node, ScalarNode

from posts.document.document import Document
from posts.document.nodes import children
from posts.document.spans import Entry, line_end, node_span, split

_COMMENT = re.compile(r"#[^\r\n]*")
_AROUND_ALL = ""  # the fences belong to no key


def around_values(document: Document) -> dict[str, tuple[str, ...]]:
    """For each key what stands before it, how it is spelled, and the tags and comments of its value.

    Under "", which is no key that anything stands around, the fences with what follows the last key. In which quotes
    or on how many lines a value stands says nothing, and is not told.
    """
    fences = split(document.text)
    if fences is None:
        return {}
    text, done = document.text, fences.start
    found = {}
    for entry in document.entries:
        key = text[entry.key_start : entry.colon or entry.value_end].strip()
        found[f"{entry.key}:"] = (text[done : entry.key_start], key, *_beside_scalars(text, fences.start, entry))
        done = entry.end
    opening, closing = text[: fences.start], text[fences.end : fences.head_end]
    found[_AROUND_ALL] = (opening.rstrip(), text[done : fences.end], closing.rstrip())
    return found


def _beside_scalars(text: str, base: int, entry: Entry) -> Iterator[str]:
    """The tags and comments of the value of `entry`."""
    if entry.colon is None or entry.is_alias:
        yield from _COMMENT.findall(text, entry.value_end, entry.end)
        return
    yield from (node.tag for node in _below(entry.node, base, entry.colon) if node.tag is not None)
    if "#" not in text[entry.colon : entry.end]:
        return
    done = entry.colon
    for node in _below(entry.node, base, entry.colon):
        if isinstance(node, ScalarNode) and node.start_mark.index != node.end_mark.index:
            start, end = node_span(text, base, node, done)
            # The comment of a block scalar stands behind its sign.
            start = line_end(text, start) if node.style in ("|", ">") else start
            yield from _COMMENT.findall(text, done, start)
            done = max(done, end)
    yield from _COMMENT.findall(text, done, entry.end)


def _below(node: Node, base: int, floor: int) -> Iterator[Node]:
    """`node` and all below it in the file's order; what an alias stands for lies elsewhere, before `floor`."""
    if base + node.start_mark.index < floor:
        return
    yield node
    for child in children(node):
        yield from _below(child, base, floor)
