"""Bold that the site shows as asterisks: `**真，**她` is none in CommonMark, beside full-width punctuation."""

import re
from collections.abc import Iterable, Iterator

from markdown_it.token import Token

from posts.checks.bodies import MARKDOWN, Body
from posts.checks.findings import BodyFix, Finding, Severity

_PUNCTUATION = "，。：；！？、…—·,.!?:;"
_OPENING, _CLOSING = '“‘（《「『【〈("', '”’）》」』】〉)"'
_LITERAL = re.compile(r"(?<![\\\s])\*\*|(?<!\\)\*\*(?!\s)")
# What stands between two pairs of asterisks, in one line.
_BOLD = re.compile(r"\*\*(?!\s)([^*\n]+?)(?<!\s)\*\*|\*\*([^*\n]+?)\*\*")


def literal_asterisks(body: Body) -> Iterator[Finding]:
    """Each pair of asterisks that stays one on the site, with the mend that makes it bold where there is one."""
    for token in body.tokens:
        if token.type != "inline" or not token.map or "**" not in token.content:
            continue
        if not _shown(token.children or ()):
            continue
        start, end = body.start_of(token.map[0]), body.start_of(token.map[1])
        found = False
        for (first, last), mended in _mends(body.text[start:end]):
            found = True
            first, last = start + first, start + last
            yield Finding(
                "literal_asterisks",
                Severity.WRONG,
                line=body.line_at(first),
                passage=body.around(first, last, 4),
                fix=BodyFix(first, last, mended),
            )
        if not found:
            place = max(start, body.text.find("**", start, end))
            yield Finding(
                "literal_asterisks", Severity.WRONG, line=body.line_at(place), passage=body.around(place, place + 2)
            )


def _literals(markdown: str) -> int:
    """How many pairs of asterisks of one block the site would show."""
    [inline] = MARKDOWN.parseInline(markdown)
    return _shown(inline.children or ())


def _shown(tokens: Iterable[Token]) -> int:
    return sum(len(_LITERAL.findall(each.content)) for each in tokens if each.type in ("text", "text_special"))


def _mends(block: str) -> Iterator[tuple[tuple[int, int], str]]:
    """Places of `block`, from left to right, each with what to write there so that fewer asterisks are shown."""
    left = _literals(block)
    moved = 0
    for bold in list(_BOLD.finditer(block)):
        if not left:
            return
        start, end = bold.start() + moved, bold.end() + moved
        for mended in _without_punctuation(bold[1] or bold[2]):
            tried = block[:start] + mended + block[end:]
            after = _literals(tried)
            if after < left:
                yield (bold.start(), bold.end()), mended
                moved += len(tried) - len(block)
                block, left = tried, after
                break


def _without_punctuation(inner: str) -> Iterator[str]:
    """The same words in bold, with what stands at their ends outside of it."""
    stripped = inner.strip()
    core = stripped.rstrip(_PUNCTUATION)
    if core and core != stripped:
        yield f"**{core}**{stripped[len(core) :]}"
    if len(core) > 2 and core[0] in _OPENING and core[-1] in _CLOSING:
        yield f"{core[0]}**{core[1:-1]}**{core[-1]}{stripped[len(core) :]}"
    if stripped != inner and core:
        yield f"**{stripped}**"
