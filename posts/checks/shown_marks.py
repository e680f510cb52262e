"""Underscores and tildes that were meant as marks and that the site shows: `__真，__她` and `~~真，~~她`."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice

from markdown_it.token import Token

from posts.checks.bodies import MARKDOWN, Body
from posts.checks.emphasis import without_punctuation
from posts.checks.findings import BodyFix, Finding, Severity
from taxonomy.words import CJK

# Around Chinese: Latin names may begin and end with two underscores.
_MARKED = re.compile(
    rf"(?<![\\_~])(?:(__)(?![\s_])([^_\n]*[{CJK}][^_\n]*)(?<!\s)__(?!_)|(~~)(?![\s~])([^~\n]*[{CJK}][^~\n]*)(?<!\s)~~(?!~))"
)

# Whether the site shows a mark is known from the whole block, which is read again for each.
_MOST, _LONGEST = 10, 5_000


def literal_marks(body: Body) -> Iterator[Finding]:
    """Each pair of them around Chinese, with the mend after which the site shows none of the two."""
    if "__" not in body.text and "~~" not in body.text:
        return
    seen = set()
    for token in body.tokens:
        if token.type != "inline" or not token.map or not _shown(token.children or ()):
            continue
        start, end = body.start_of(token.map[0]), body.start_of(token.map[1])
        if (start, end) not in seen and end - start < _LONGEST:
            seen.add((start, end))
            yield from _in_block(body, start, end)


def _in_block(body: Body, start: int, end: int) -> Iterator[Finding]:
    block = body.text[start:end]
    before = _shown_of(block)
    for marked in islice(_MARKED.finditer(body.prose, start, end), _MOST):
        first, last = marked.span()
        mark = marked[1] or marked[3]
        inner = body.text[first + 2 : last - 2]
        as_words = block[: first - start] + "\ufffc" * (last - first) + block[last - start :]
        if _shown_of(as_words) == before:
            # It is a mark already; what is shown in this block is another.
            continue
        mended = _mended(block, first - start, last - start, mark, inner, before)
        yield Finding(
            "literal_marks",
            Severity.WRONG,
            line=body.line_at(first),
            passage=body.around(first, last, 4),
            facts={"sign": mark},
            fix=None if mended is None else BodyFix(first, last, mended),
        )


def _mended(block: str, start: int, end: int, mark: str, inner: str, before: int) -> str | None:
    """The words with marks of which the site shows two less; None if there are none."""
    kinds = ("__", "**") if mark == "__" else ("~~",)
    for kind in kinds:
        for words in (f"{kind}{inner}{kind}", *without_punctuation(kind, inner)):
            if _shown_of(block[:start] + words + block[end:]) == before - 2:
                return words
    return None


def _shown_of(markdown: str) -> int:
    [inline] = MARKDOWN.parseInline(markdown)
    return _shown(inline.children or ())


def _shown(tokens: Iterable[Token]) -> int:
    """How many of the marks the site would show, asterisks among them."""
    return sum(len(re.findall(r"__|~~|\*\*", each.content)) for each in tokens if each.type == "text")
