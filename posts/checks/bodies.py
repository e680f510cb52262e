"""A body as the rules read it: its blocks as the site's Markdown has them, and its prose with all else blanked out."""

import re
from bisect import bisect_right
from functools import cached_property

from markdown_it import MarkdownIt
from markdown_it.token import Token

from posts.document.document import Document

# As the site and the preview read it (`posts.previewing`).
MARKDOWN = MarkdownIt("js-default", {"html": True}).disable("code")
_CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_TAG = re.compile(r"</?[A-Za-z][^<>\n]*>")
_DESTINATION = re.compile(
    r"(?<=\])\((?:<[^<>\n]*>|[^()\s]*(?:\([^()\s]*\)[^()\s]*)*)[^()\n]*\)|(?m:^\s{0,3}\[[^\]\n^][^\]\n]*\]:\s*\S+.*$)"
)
_ADDRESS = re.compile(r"<?\b(?:https?|ftp)://[^\s<>\"'（）()，。；：！？、”’」』》\]]+>?")
_NOT_A_LINE_END = re.compile(r"[^\n]")


def blanked(text: str) -> str:
    """As many blanks as `text` has signs; its line ends stay."""
    return _NOT_A_LINE_END.sub(" ", text)


def without_code_spans(text: str) -> str:
    """`text` with code spans and comments blanked."""
    text = _CODE.sub(lambda found: blanked(found[0]), text)
    return _COMMENT.sub(lambda found: blanked(found[0]), text)


def without_addresses(text: str) -> str:
    """`text`, which has no code, with addresses, bare or of links, and tags blanked."""
    text = _DESTINATION.sub(lambda found: blanked(found[0]), text)
    text = _ADDRESS.sub(lambda found: blanked(found[0]), text)
    return _TAG.sub(lambda found: blanked(found[0]), text)


class Body:
    """The body of one document, with line feeds for line ends."""

    def __init__(self, document: Document) -> None:
        self.text = document.body.replace("\r\n", "\n").replace("\r", "\n")
        before = document.text[: len(document.text) - len(document.body)]
        self._lines_before = len(re.findall(r"\r\n|\r|\n", before))

    @cached_property
    def tokens(self) -> list[Token]:
        """The blocks, as markdown-it gives them."""
        return MARKDOWN.parse(self.text)

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(found.end() for found in re.finditer(r"\n", self.text))]

    def line_at(self, place: int) -> int:
        """The line of the file in which the sign at `place` stands."""
        return self._lines_before + bisect_right(self._starts, place)

    def start_of(self, line: int) -> int:
        """Where the body's line number `line`, counted from 0, starts."""
        return self._starts[line] if line < len(self._starts) else len(self.text)

    @cached_property
    def without_code(self) -> str:
        """The text with code and comments blanked: every place is where it was."""
        if "```" not in self.text and "~~~" not in self.text:
            return without_code_spans(self.text)
        pieces, at = [], 0
        for token in self.tokens:
            if token.type == "fence" and token.map:
                start, end = self.start_of(token.map[0]), self.start_of(token.map[1])
                if start >= at:
                    pieces += [self.text[at:start], blanked(self.text[start:end])]
                    at = end
        return without_code_spans("".join([*pieces, self.text[at:]]))

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
