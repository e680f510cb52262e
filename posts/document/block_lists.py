"""Editing a block list item by item: what stays, stays byte for byte, with its comments.

Where one item gives way to another, what stands beside it stays.

tags:
  - kept          # and so is this note
  # a line of comment stays even when the item below it goes
  - gone
"""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from yaml import Node, ScalarNode, SequenceNode

from posts.document.edits import Edit
from posts.document.front_matter import FrontMatter
from posts.document.scalars import Surroundings, plain_or_quoted, quoted
from posts.document.spans import Entry, item_spans, line_end, next_line, skip_blanks_and_comments
from posts.document.values import Value, value_of

_DASH = re.compile(r" *-[ \t]+")


@dataclass(frozen=True, slots=True)
class _Row:
    """An item with the comments and blank lines above it, both as whole lines; `item` is where it is in its lines."""

    above: str
    lines: str
    item: slice

    def saying(self, written: str) -> str:
        """The lines with `written` in the place of the item, and what stands before and behind it."""
        blank = " " if self.item.start == self.item.stop else ""  # nothing stands behind the dash
        return self.lines[: self.item.start] + blank + written + self.lines[self.item.stop :]


def edited_block_list(front: FrontMatter, entry: Entry, items: list[Value]) -> Edit | None:
    """The edit that makes the block list of `entry` hold `items`; None if it isn't laid out line by line."""
    if entry.colon is None or not isinstance(entry.node, SequenceNode):
        return None
    first_line = next_line(front.text, entry.colon)
    rows = _rows(front, entry, first_line)
    if rows is None:
        return None
    if not items:
        behind_colon = front.text[entry.colon : line_end(front.text, entry.colon)]
        comment = behind_colon.rstrip() if "#" in behind_colon else ""
        line_break = front.text[line_end(front.text, entry.colon) : first_line]
        return Edit(entry.colon, entry.end, f" []{comment}{line_break}" + "".join(row.above for row in rows))
    had = [repr(value_of(item, front.block)) for item in entry.node.value]
    old = dict(zip(had, rows, strict=True))
    if any(repr(item) not in old and not isinstance(item, str) for item in items):
        return None
    margin, surroundings = _margin(rows[0]), Surroundings(quote=front.quote, newline=front.fences.newline)
    usual_quote = common_quote(entry.node)
    wanted = [repr(item) for item in items]
    parts: list[str] = []
    for kind, old_from, old_to, new_from, new_to in SequenceMatcher(None, had, wanted, autojunk=False).get_opcodes():
        if kind == "equal":
            parts += [row.above + row.lines for row in rows[old_from:old_to]]
            continue
        for offset in range(max(old_to - old_from, new_to - new_from)):
            if old_from + offset < old_to:
                parts.append(rows[old_from + offset].above)
            if new_from + offset >= new_to:
                continue
            item = items[new_from + offset]
            if not isinstance(item, str) or repr(item) in old:
                parts.append(old[repr(item)].lines)
            elif old_from + offset < old_to:
                quote = quote_of(entry.node.value[old_from + offset])
                parts.append(rows[old_from + offset].saying(written_item(item, quote, surroundings)))
            else:
                parts.append(margin + written_item(item, usual_quote, surroundings) + front.fences.newline)
    return Edit(first_line, entry.end, "".join(parts))


def _rows(front: FrontMatter, entry: Entry, first_line: int) -> list[_Row] | None:
    text = front.text
    if entry.value_start < first_line or not text.startswith("-", entry.value_start):
        return None  # an anchor or a tag stands before the first dash, or the list starts behind `? key\n:`
    rows = []
    done = first_line
    for start, end in item_spans(text, front.fences.start, entry.node, entry.value_start):
        line = skip_blanks_and_comments(text, done, start)
        if not text[line:start].lstrip(" ").startswith("-"):
            return None
        rows.append(_Row(text[done:line], text[line : next_line(text, end)], slice(start - line, end - line)))
        done = next_line(text, end)
    return rows if done == entry.end else None


def _margin(neighbour: _Row) -> str:
    """What stands before an item that is new."""
    dash = _DASH.match(neighbour.lines)
    return dash[0] if dash else neighbour.lines[: neighbour.lines.index("-")] + "- "


def written_item(item: str, quote: str, surroundings: Surroundings) -> str:
    """`item` in the quotes asked for; with none, in those that it needs."""
    return quoted(item, quote) if quote else plain_or_quoted(item, surroundings)


def common_quote(sequence: SequenceNode) -> str:
    """The quote that all items of a list are written in, or nothing if they are not all alike."""
    quotes = {quote_of(item) for item in sequence.value}
    return quotes.pop() if len(quotes) == 1 else ""


def quote_of(item: Node) -> str:
    """The quote that an item is written in, or nothing."""
    return item.style if isinstance(item, ScalarNode) and item.style in ("'", '"') else ""
