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
_BLANKS_AND_COMMENTS = re.compile(r"(?:[ \t\r\n]|#[^\r\n]*+)*+")


@dataclass(frozen=True, slots=True)
class _Item:
    """One item as it stands: the blanks before it, itself, the blanks before its comma, the comment behind it."""

    lead: str
    source: str
    before_comma: str
    comment: str


@dataclass(frozen=True, slots=True)
class _Layout:
    items: list[_Item]
    has_trailing_comma: bool
    closing: str

    @property
    def usual_lead(self) -> str:
        """What stands between a comma and the next item, for items that are new."""
        lead = self.items[-1].lead
        if len(self.items) == 1 and "\n" not in lead:
            return " "
        if "#" not in lead:
            return lead
        return lead[max(lead.rfind("\n"), 0) :]


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
                result.append(item if index else _Item(_first_lead(layout, result), *_rest(item)))
                left = _behind_comments(left, result)
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
                result.append(_Item(gone.lead, written, gone.before_comma, gone.comment))
                continue
            else:
                written = written_item(item_asked, usual_quote, surroundings)
            left += _comments_above(gone)
            result.append(_Item(layout.usual_lead, written, layout.items[0].before_comma, ""))
            left = _behind_comments(left, result)
    if result[0].lead != layout.items[0].lead and "#" not in result[0].lead:
        result[0] = _Item(layout.items[0].lead, *_rest(result[0]))
    joined = _joined(result, replace(layout, closing=_lead_behind(left, layout.closing)))
    return None if joined is None else Edit(entry.value_start, entry.value_end, joined)


def _first_lead(layout: _Layout, result: list[_Item]) -> str:
    """The blanks before the old list's first item: its own as long as it is the first, else as between items."""
    return layout.usual_lead if result else layout.items[0].lead


def _comments_above(gone: _Item | None) -> str:
    """The lines of comment above an item that goes, which stay."""
    return gone.lead[: gone.lead.rfind("\n")].rstrip("\r") if gone is not None and "#" in gone.lead else ""


def _lead_behind(comments: str, lead: str) -> str:
    """What stands before the next item, behind the `comments` that an item left; only a new line ends these."""
    return comments + lead if lead.lstrip(" \t").startswith(("\n", "\r")) else lead


def _behind_comments(comments: str, result: list[_Item]) -> str:
    """Puts `comments` before the last item of `result`; none are left then."""
    result[-1] = _Item(_lead_behind(comments, result[-1].lead), *_rest(result[-1]))
    return ""


def _rest(item: _Item) -> tuple[str, str, str]:
    return item.source, item.before_comma, item.comment


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
            before = items[0].before_comma if items else ""
            items.append(_Item(lead, text[start:end], before, comment[0] if comment else ""))
            done = comment.end() if comment else end
    closing = text[done : entry.value_end - 1]
    return _Layout(items, comma is not None, closing) if _BLANKS_AND_COMMENTS.fullmatch(closing) else None


def _joined(items: list[_Item], layout: _Layout) -> str | None:
    parts = ["["]
    for number, item in enumerate(items):
        is_last = number == len(items) - 1
        follows = layout.closing if is_last else items[number + 1].lead
        if item.comment and not follows.lstrip(" \t").startswith(("\n", "\r")):
            return None  # what follows would become part of the comment
        comma = item.before_comma + ","
        if is_last and not layout.has_trailing_comma:
            # No comma follows, and what is said of the item before one stays.
            comma = item.before_comma.rstrip(" \t\r\n") if "#" in item.before_comma else ""
        parts += [item.lead, item.source, comma, item.comment]
    return "".join([*parts, layout.closing, "]"])
