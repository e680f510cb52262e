"""A body as the rules read it: its blocks as the site's Markdown has them, and its prose with all else blanked out."""

import re
from bisect import bisect_right
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from html.parser import HTMLParser
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from posts.document.document import Document

# As the site and the preview read it (`posts.previewing`).
# What is escaped stays a token of its own, so that it can be told from what is meant as a mark.
MARKDOWN = MarkdownIt("js-default", {"html": True}).disable(["code", "text_join"])
# The blocks alone: most of the work is in their lines.
_BLOCKS = MarkdownIt("js-default", {"html": True}).disable(["code", "text_join", "inline"])
TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9-]*(?=[\s/>])(?:[^<>\n]|\n(?![ \t>]*\n))*+>")
"""An HTML tag, which no blank line is in."""

# As a browser takes it: in quotes `>` ends nothing, and `/` parts like a blank. A backslash before it makes it text.
_ELEMENT = re.compile(r"(?<!\\)<([A-Za-z][A-Za-z0-9-]*)(?=[\s/>])(?:[^<>\"'\n]|\n(?![ \t>]*\n)|\"[^\"]*\"|'[^']*')*+>")
_TICKS = re.compile(r"`+")
_PARAGRAPH = re.compile(r"(?:[^\n]|\n(?![ \t>]*(?:\n|\Z)))+")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_DESTINATION = re.compile(
    r"(?<=\])\((?:<[^<>\n]*>|[^()\s]*+(?:\([^()\s]*+\)[^()\s]*+)*+)[^()\n]*+\)"
    r"|(?m:^\s{0,3}\[[^\]\n^][^\]\n]*\]:\s*\S+.*$)"
)
# Chinese has no blanks: an address begins behind any of its signs, and ends at its punctuation. Its own letters may be
# part of a path (`/wiki/美股`), and Latin ones in brackets, too.
_OF_ADDRESS = r"(?!~~)[^\s<>|*\"'`“”‘’（）()《》「」『』【】，。；：！？、…—\]]"
ADDRESS = re.compile(
    r"(?:(?:[Hh][Tt][Tt][Pp][Ss]?|[Ff][Tt][Pp])://|(?<![A-Za-z0-9@])www\.)"
    rf"(?:{_OF_ADDRESS}|\*(?=/)|\([!-'*-~]*\))+"
)
"""A web address as it stands in a text; signs at its end may be the sentence's."""

AUTOLINK = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*>")
"""An address between angle brackets, which the site makes a link of."""

_NOT_A_LINE_END = re.compile(r"[^\n]")

Bracket = tuple[int, int, object, object]
"""Start and end of a mark in a text, what it opens and what it closes; None for nothing."""


@dataclass(frozen=True, slots=True)
class Element:
    """An element of HTML where it opens: its start and end in the body, its tag, and its attributes, decoded."""

    start: int
    end: int
    tag: str
    attributes: tuple[tuple[str, str], ...]


def blanked(text: str) -> str:
    """As many blanks as `text` has signs; its line ends stay."""
    return _NOT_A_LINE_END.sub(" ", text)


def blanked_at(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """`text` with blanks in `spans`, which come in order."""
    pieces, at = [], 0
    for start, end in spans:
        pieces += [text[at:start], blanked(text[start:end])]
        at = end
    return "".join([*pieces, text[at:]])


def paired(marks: Sequence[Bracket]) -> Iterator[tuple[int, int]]:
    """Where what `marks` open is, up to the next that closes it; what is never closed opens nothing.

    In one pass: a text of openers alone takes no longer than another.
    """
    nearest: dict[object, int] = {}
    closers: list[int | None] = [None] * len(marks)
    for number in range(len(marks) - 1, -1, -1):
        _start, _end, opens, closes = marks[number]
        closers[number] = nearest.get(opens) if opens is not None else None
        if closes is not None:
            nearest[closes] = number
    number = 0
    while number < len(marks):
        closer = closers[number]
        if closer is not None:
            yield marks[number][0], marks[closer][1]
            number = closer
        number += 1


def without_code_spans(text: str) -> str:
    """`text` with code spans, which end with their paragraph, and comments blanked."""
    if "`" in text:
        text = blanked_at(text, _code_spans(text))
    return _COMMENT.sub(lambda found: blanked(found[0]), text)


def without_addresses(text: str) -> str:
    """`text`, which has no code, with addresses, bare or of links, and tags blanked."""
    text = _DESTINATION.sub(lambda found: blanked(found[0]), text)
    if "://" in text or "www." in text:
        text = AUTOLINK.sub(lambda found: blanked(found[0]), text)
        text = ADDRESS.sub(lambda found: blanked(found[0]), text)
    return TAG.sub(lambda found: blanked(found[0]), text)


@lru_cache(maxsize=1024)
def _attributes(tag: str) -> tuple[tuple[str, str], ...]:
    reader = _Attributes()
    reader.feed(tag)
    return reader.found


class _Attributes(HTMLParser):
    """The attributes of one opening tag."""

    found: tuple[tuple[str, str], ...] = ()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep them: names in small letters, and values decoded."""
        self.found = tuple((name, value or "") for name, value in attrs)


def _code_spans(text: str) -> Iterator[tuple[int, int]]:
    for paragraph in _PARAGRAPH.finditer(text):
        runs = _TICKS.finditer(text, *paragraph.span())
        yield from paired([(*run.span(), len(run[0]), len(run[0])) for run in runs])


class Body:
    """The body of one document, with line feeds for line ends."""

    def __init__(self, document: Document) -> None:
        self.text = document.body.replace("\r\n", "\n").replace("\r", "\n")
        before = document.text[: len(document.text) - len(document.body)]
        self.lines_before = len(re.findall(r"\r\n|\r|\n", before))

    @cached_property
    def tokens(self) -> list[Token]:
        """The blocks, as markdown-it gives them."""
        return MARKDOWN.parse(self.text, self._found_beside)

    @cached_property
    def _found_beside(self) -> dict[str, Any]:
        return {}

    @property
    def link_names(self) -> Container[str]:
        """The names that lines like `[1]: https://…` give to addresses, as markdown-it compares them."""
        return self._found_beside.get("references", ()) if self.tokens else ()

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(found.end() for found in re.finditer(r"\n", self.text))]

    def line_at(self, place: int) -> int:
        """The line of the file in which the sign at `place` stands."""
        return self.lines_before + bisect_right(self._starts, place)

    def is_html(self, place: int) -> bool:
        """Whether what stands at `place` is part of a block of HTML, in which nothing is Markdown."""
        line = bisect_right(self._starts, place) - 1
        blocks = (each.map for each in self.tokens if each.type == "html_block" and each.map)
        return any(first <= line < behind for first, behind in blocks)

    def start_of(self, line: int) -> int:
        """Where the body's line number `line`, counted from 0, starts."""
        return self._starts[line] if line < len(self._starts) else len(self.text)

    @cached_property
    def without_fences(self) -> str:
        """The text with blocks of code blanked: every place is where it was."""
        if "```" not in self.text and "~~~" not in self.text:
            return self.text
        pieces, at = [], 0
        for token in _BLOCKS.parse(self.text):
            if token.type == "fence" and token.map:
                start, end = self.start_of(token.map[0]), self.start_of(token.map[1])
                if start >= at:
                    pieces += [self.text[at:start], blanked(self.text[start:end])]
                    at = end
        return "".join([*pieces, self.text[at:]])

    @cached_property
    def without_code(self) -> str:
        """The text with code and comments blanked."""
        return without_code_spans(self.without_fences)

    @cached_property
    def without_destinations(self) -> str:
        """The same with the addresses of links and images in Markdown blanked."""
        return _DESTINATION.sub(lambda found: blanked(found[0]), self.without_code)

    @cached_property
    def elements(self) -> list[Element]:
        """What of HTML opens in the text."""
        found = _ELEMENT.finditer(self.without_destinations)
        return [Element(*tag.span(), tag[1].lower(), _attributes(tag[0])) for tag in found]

    @cached_property
    def prose(self) -> str:
        """The text with code, comments, tags and addresses blanked."""
        return without_addresses(self.without_code)

    def around(self, start: int, end: int, beside: int = 12) -> str:
        """The passage from `start` to `end` with a few signs around it, in one line."""
        line_start = self.text.rfind("\n", 0, start) + 1
        line_end = self.text.find("\n", end)
        line_end = len(self.text) if line_end < 0 else line_end
        return self.text[max(line_start, start - beside) : min(line_end, end + beside)].replace("\n", " ")[:200]
