"""Two bodies as the site shows them, with what differs marked in the HTML of both. Pure."""

import html
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from zlib import crc32

from markdown_it import MarkdownIt

from posts.differences import Span, differing, in_parts, runs

# How many paragraphs around a change are shown with it, and how many others are worth folding.
_CONTEXT = 1
_WORTH_FOLDING = 3
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
# A `>` may stand in a quoted value: what took it for the tag's end would let a text out of its quotes.
_TAG_OR_TEXT = re.compile(r'<(?:"[^"]*"|[^>"])*>|[^<]+')
_IMAGES = 0xF0000  # the first of Unicode's private signs that no text is likely to hold
_REFERENCE = re.compile(r"^ {0,3}\[[^\]\n]+\]:[^\n]*$", re.MULTILINE)
# Only where the paragraphs begin; what is in them is the renderer's business.
_SHAPE = MarkdownIt("js-default", {"html": True}).disable("code")
_SHAPE.core.ruler.enableOnly(["normalize", "block"])


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of the body as the site shows it: sanitised HTML of both, with what differs in `<del>` and `<ins>`."""

    change: str
    old: str = ""
    new: str = ""
    hidden: int = 0


def blocks_of(old: str, new: str, render: Callable[[str], str]) -> Iterator[Block]:
    """Two bodies as one row of stretches: what is alike (what is far from a change folded), and what became what.

    `render` makes sanitised HTML of Markdown; the marks are put into what it gives.
    """
    before, after = _paragraphs(old), _paragraphs(new)
    references = _references(old), _references(new)
    found = list(runs(before, after))
    for at, (same, old_from, old_to, new_from, new_to) in enumerate(found):
        if not same:
            was = render("".join(before[old_from:old_to]) + references[0])
            now = render("".join(after[new_from:new_to]) + references[1])
            yield _marked(was, now)
            continue
        start = new_from + (_CONTEXT if at else 0)
        end = new_to - (_CONTEXT if at < len(found) - 1 else 0)
        if end - start < _WORTH_FOLDING:
            start = end = new_to
        for change, first, last in (("same", new_from, start), ("fold", start, end), ("same", end, new_to)):
            if first < last:
                shown = render("".join(after[first:last]) + references[1])
                yield Block(change, new=shown, hidden=last - first if change == "fold" else 0)


def _paragraphs(body: str) -> list[str]:
    """The body in its paragraphs, lists, tables and blocks of HTML, each with the blank lines after it."""
    lines = _LINE.findall(body)
    starts = sorted({token.map[0] for token in _SHAPE.parse(body) if token.map is not None and token.level == 0})
    starts = [0, *(start for start in starts if 0 < start < len(lines))]
    ends = [*starts[1:], len(lines)]
    return ["".join(lines[start:end]) for start, end in zip(starts, ends, strict=True) if start < end]


def _references(body: str) -> str:
    """The addresses that links name, so that a stretch by itself shows the same links."""
    return "".join(f"\n\n{each}" for each in _REFERENCE.findall(body))


def _marked(old: str, new: str) -> Block:
    """Both with what differs in their words marked; a tag is never torn."""
    removed, added = differing(_words_of(old), _words_of(new))
    return Block("changed", _with_marks(old, removed, "del"), _with_marks(new, added, "ins"))


def _words_of(markup: str) -> str:
    return "".join(_words(each) for each in _TAG_OR_TEXT.findall(markup))


def _words(tag_or_text: str) -> str:
    """What is compared of a piece of HTML: of a text its words, of an image a sign of its own, else nothing."""
    if tag_or_text.startswith("<img"):
        return chr(_IMAGES + crc32(tag_or_text.encode()) % 0xFFFE)
    return "" if tag_or_text.startswith("<") else html.unescape(tag_or_text)


def _with_marks(markup: str, spans: Sequence[Span], tag: str) -> str:
    made: list[str] = []
    at = first = 0
    for each in _TAG_OR_TEXT.findall(markup):
        text = _words(each)
        if not text:
            made.append(each)
            continue
        end = at + len(text)
        while first < len(spans) and spans[first][1] <= at:
            first += 1
        here = []
        for start, stop in spans[first:]:
            if start >= end:
                break
            here.append((max(start, at) - at, min(stop, end) - at))
        for part in in_parts(text, here):
            told = each if each.startswith("<") else html.escape(part.text)
            # Blank text between two blocks is no place for a mark: a table's rows may hold nothing but cells.
            made.append(f"<{tag}>{told}</{tag}>" if part.changed and part.text.strip() else told)
        at = end
    return "".join(made)
