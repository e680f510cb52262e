"""Editing a flow list item by item: `[ /old/path , "/another" ]`, also over several lines, with comments.

Where one item gives way to another, what stands beside it stays.
"""

import re
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from yaml import SequenceNode

from posts.document.block_lists import common_quote, quote_of, written_item
from posts.document.edits import Edit
from posts.document.front_matter import FrontMatter
from posts.document.scalars import Surroundings
from posts.document.spans import Entry, item_spans
from posts.document.values import Value, value_of

# Possessive: a comma inside a comment must not be found by giving a part of the comment back.
_COMMA = re.compile(r"(?P<before>(?:[ \t\r\n]|#[^\r\n]*+)*+),(?P<comment>[ \t]+#[^\r\n]*)?")
_COMMENT = re.compile(r"[ \t]+#[^\r\n]*")
_LINE_END = re.compile(r"\r\n|\r|\n")
_LAST_LINE = re.compile(r"(?:\r\n|\r|\n)[ \t]*\Z")
_BLANKS_AND_COMMENTS = re.compile(r"(?:[ \t\r\n]|#[^\r\n]*+)*+")


@dataclass(frozen=True, slots=True)
class _Item:
    """One item as it stands: what is before it, itself, what is before its comma, the comment behind that.

    `before_comma` is None where no comma stands behind it, as of the last one, or one that is new.
    """

    lead: str
    source: str
    before_comma: str | None
    comment: str


@dataclass(frozen=True, slots=True)
class _Layout:
    items: list[_Item]
    has_trailing_comma: bool
    closing: str
    newline: str

    @property
    def usual_lead(self) -> str:
        """What stands between a comma and the next item, for items that are new."""
        lead = self.items[-1].lead
        if len(self.items) == 1 and "\n" not in lead:
            return " "
        return _without_comments(lead)

    @property
    def line_break(self) -> str:
        """A line end and the margin of an item that begins a line."""
        found = next((found for item in self.items if (found := _LAST_LINE.search(item.lead))), None)
        return found[0] if found else self.newline + "  "

    @property
    def usual_before_comma(self) -> str:
        """What stands between an item and its comma, for items that had none."""
        return _without_comments(self.items[0].before_comma or "")


def edited_flow_list(front: FrontMatter, entry: Entry, items: list[Value]) -> Edit | None:
    """The edit that makes the flow list of `entry` hold `items`; None where that needs a rewrite."""
    if not isinstance(entry.node, SequenceNode) or not entry.node.value or not items:
        return None
    layout = _layout(front, entry)
    if layout is None:
        return None
    usual_quote = common_quote(entry.node)
    surroundings = Surroundings(quote=front.quote, newline=front.fences.newline, in_flow=True)
    had = [repr(value_of(item, front.block)) for item in entry.node.value]
    wanted = [repr(item) for item in items]
    result: list[_Item] = []
    left = ""
    for kind, old_from, old_to, new_from, new_to in SequenceMatcher(None, had, wanted, autojunk=False).get_opcodes():
        if kind == "equal":
            for index in range(old_from, old_to):
                item = layout.items[index]
                lead = item.lead if index else _first_lead(layout, result)
                result.append(replace(item, lead=_lead_behind(left, lead)))
                left = ""
            continue
        for offset in range(max(old_to - old_from, new_to - new_from)):
            gone = layout.items[old_from + offset] if old_from + offset < old_to else None
            if new_from + offset >= new_to:
                left += _comments_above(gone)
                continue
            item_asked = items[new_from + offset]
            if repr(item_asked) in had:
                written = layout.items[had.index(repr(item_asked))].source
            elif not isinstance(item_asked, str):
                return None
            elif gone is not None:
                written = written_item(item_asked, quote_of(entry.node.value[old_from + offset]), surroundings)
                result.append(replace(gone, source=written))
                continue
            else:
                written = written_item(item_asked, usual_quote, surroundings)
            left += _comments_above(gone)
            result.append(_Item(_lead_behind(left, layout.usual_lead), written, None, ""))
            left = ""
    if result[0].lead != layout.items[0].lead and "#" not in result[0].lead:
        result[0] = replace(result[0], lead=layout.items[0].lead)
    layout = replace(layout, closing=_lead_behind(left, layout.closing))
    return Edit(entry.value_start, entry.value_end, _joined(result, layout))


def _first_lead(layout: _Layout, result: list[_Item]) -> str:
    """The blanks before the old list's first item: its own as long as it is the first, else as between items."""
    return layout.usual_lead if result else layout.items[0].lead


def _comments_above(gone: _Item | None) -> str:
    """The lines of comment above an item that goes, which stay."""
    return gone.lead[: gone.lead.rfind("\n")].rstrip("\r") if gone is not None and "#" in gone.lead else ""


def _lead_behind(comments: str, lead: str) -> str:
    """What stands before the next item, behind the `comments` that an item left; only a new line ends these."""
    return comments + lead if _starts_a_line(lead) else lead


def _without_comments(blanks: str) -> str:
    """`blanks`, or of those with comments in them the last line end and what follows it."""
    found = _LAST_LINE.search(blanks) if "#" in blanks else None
    return found[0] if found else blanks


def _layout(front: FrontMatter, entry: Entry) -> _Layout | None:
    text = front.text
    if not text.startswith("[", entry.value_start):
        return None  # an anchor or a tag stands before it
    spans = item_spans(text, front.fences.start, entry.node, entry.value_start + 1)
    items = []
    done = entry.value_start + 1
    comma = None
    for start, end in spans:
        lead = text[done:start]
        if start < done or start == end or not _BLANKS_AND_COMMENTS.fullmatch(lead):
            return None
        comma = _COMMA.match(text, end, entry.value_end)
        if comma:
            items.append(_Item(lead, text[start:end], comma["before"], comma["comment"] or ""))
            done = comma.end()
        else:
            comment = _COMMENT.match(text, end, entry.value_end)
            items.append(_Item(lead, text[start:end], None, comment[0] if comment else ""))
            done = comment.end() if comment else end
    closing = text[done : entry.value_end - 1]
    return (
        _Layout(items, comma is not None, closing, front.fences.newline)
        if _BLANKS_AND_COMMENTS.fullmatch(closing)
        else None
    )


def _joined(items: list[_Item], layout: _Layout) -> str:
    made, behind = "[", ""
    for number, item in enumerate(items):
        is_last = number == len(items) - 1
        made += _not_in_a_comment(item.lead, behind, layout) + item.source
        behind = _behind_last(item) if is_last and not layout.has_trailing_comma else _behind(item, layout)
        made += behind
    return made + _not_in_a_comment(layout.closing, behind, layout) + "]"


def _behind(item: _Item, layout: _Layout) -> str:
    """What stands between an item and the next one's lead."""
    if item.before_comma is not None:
        return item.before_comma + "," + item.comment
    before = layout.usual_before_comma
    # Where commas begin a line, what is said of an item stands before its comma.
    return item.comment + before + "," if _starts_a_line(before) else before + "," + item.comment


def _behind_last(item: _Item) -> str:
    """The same where no comma follows; what is said of the item before one stays."""
    before = item.before_comma or ""
    return before.rstrip(" \t\r\n") + item.comment if "#" in before else item.comment


def _not_in_a_comment(lead: str, behind: str, layout: _Layout) -> str:
    """`lead`, or where what is `behind` the item before ends with a comment, a new line and `lead`."""
    ends_with_comment = "#" in _LINE_END.split(behind)[-1]
    return layout.line_break + lead.lstrip(" \t") if ends_with_comment and not _starts_a_line(lead) else lead


def _starts_a_line(blanks: str) -> bool:
    return blanks.lstrip(" \t").startswith(("\n", "\r"))
