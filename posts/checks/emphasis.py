"""Emphasis that the site shows as asterisks, or in the wrong place: `**真，**她` is none in CommonMark.

What the parser left over as text is looked at: it alone knows what the site makes of a mark.
"""

import re
from collections.abc import Iterable, Iterator

from markdown_it.common.utils import isMdAsciiPunct, isPunctChar
from markdown_it.token import Token

from posts.checks.bodies import MARKDOWN, TAG, Body, blanked
from posts.checks.findings import BodyFix, Finding, Severity

_PUNCTUATION = "，。：；！？、…—·,.!?:;"
_FULL_WIDTH = "，。：；！？、…—"
_OPENING, _CLOSING = '“‘（《「『【〈("', '”’）》」』】〉)"'
_OTHER_THAN_TEXT = "\ufffc"

# No mark has four asterisks: `138****1234` hides something. One between letters, alone, is a sum or a word left out.
_LITERAL = re.compile(r"(?<!\*)\*{2,3}(?!\*)")
_WITHIN_A_WORD = re.compile(r"[^*]*[A-Za-z0-9)]\*\*[A-Za-z0-9(][^*]*")
# A single asterisk may be a note's or a product's; two are meant as marks where what they hold ends as Chinese does.
_SINGLE = re.compile(
    rf"(?<!\*)\*(?![\s*{re.escape(_CLOSING + _PUNCTUATION)}])"
    rf"(?:(?![{_OPENING}])[^*\n]*[{_FULL_WIDTH}]|[{_OPENING}][^*\n]*[{_CLOSING}][{_FULL_WIDTH}]?)\*(?!\*)"
)
# What stands between two marks, in one line.
_MARKED = re.compile(r"(?<!\*)(?:(\*{1,3})(?![\s*])([^*\n]+?)(?<!\s)\1(?!\*)|(\*\*)([^*\n]+?)\*\*)")
_NAMED_SIGN = re.compile(r"&#?[A-Za-z0-9]+\Z")
_ESCAPED = re.compile(r"\\[\\*]")
_BOLD_IN_HTML = re.compile(r"(?<!\*)\*\*(?![\s*])[^*\n]+?(?<!\s)\*\*(?!\*)")
_NO_PROSE = re.compile(r"<!--.*?(?:-->|\Z)|<(pre|code|kbd|script|style)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE)


def literal_asterisks(body: Body) -> Iterator[Finding]:
    """Each pair of asterisks that stays one on the site, with the mend that makes it bold where there is one."""
    if "*" not in body.text:
        return
    seen = set()
    for token in body.tokens:
        if not token.map or "*" not in token.content:
            continue
        start, end = body.start_of(token.map[0]), body.start_of(token.map[1])
        if token.type == "html_block":
            yield from _in_html(body, start, end)
        # The cells of a row stand in one line, which is looked at once.
        elif token.type == "inline" and (start, end) not in seen and _faults(token.children or ()):
            seen.add((start, end))
            yield from _in_block(body, start, end)


def _in_block(body: Body, start: int, end: int) -> Iterator[Finding]:
    found = False
    for (first, last), mended in _mends(body.text[start:end], body.without_code[start:end]):
        found = True
        yield _finding(body, start + first, start + last, mended)
    if not found:
        single = _SINGLE.search(body.text, start, end)
        place = body.text.find("**", start, end)
        place = place if place >= 0 else single.start() if single else start
        yield _finding(body, place, place + 2)


def _in_html(body: Body, start: int, end: int) -> Iterator[Finding]:
    """Between HTML tags without a blank line nothing is Markdown: there, every mark is shown."""
    text = _NO_PROSE.sub(lambda found: blanked(found[0]), body.text[start:end])
    text = TAG.sub(lambda found: blanked(found[0]), text)
    for bold in _BOLD_IN_HTML.finditer(text):
        yield _finding(body, start + bold.start(), start + bold.end())


def _finding(body: Body, first: int, last: int, mended: str | None = None) -> Finding:
    return Finding(
        "literal_asterisks",
        Severity.WRONG,
        line=body.line_at(first),
        passage=body.around(first, last, 0 if mended is None else 4),
        fix=None if mended is None else BodyFix(first, last, mended),
    )


def _faults_of(markdown: str) -> int:
    """How many marks of one block the site would show, or take for others."""
    [inline] = MARKDOWN.parseInline(markdown)
    return _faults(inline.children or ())


def _faults(tokens: Iterable[Token]) -> int:
    tokens = list(tokens)
    text = "".join(_as_shown(each) for each in tokens)
    if "*" not in text:
        return _bold_in_bold(tokens)
    literal = 0 if _WITHIN_A_WORD.fullmatch(text) else sum(not _apart(text, each) for each in _LITERAL.finditer(text))
    return literal + len(_SINGLE.findall(text)) + _bold_in_bold(tokens)


def _as_shown(token: Token) -> str:
    if token.type == "text":
        return token.content
    if token.type in ("softbreak", "hardbreak"):
        return "\n"
    # What is escaped, code, an image or a tag is no mark; nor does it end the line.
    return "" if token.nesting else _OTHER_THAN_TEXT


def _apart(text: str, mark: re.Match[str]) -> bool:
    """Whether blanks stand on both sides, as around a sign of a sum."""
    before, after = text[: mark.start()][-1:], text[mark.end() :][:1]
    return not (before.strip() or after.strip())


def _bold_in_bold(tokens: Iterable[Token]) -> int:
    """How often bold begins within bold: there, the next marks closed what the ones before had left open."""
    depth = found = 0
    before = ""
    for each in tokens:
        if each.type == "strong_open" and each.markup == "**":
            found += depth > 0 and before != "strong_open"
            depth += 1
        elif each.type == "strong_close" and each.markup == "**":
            depth -= 1
        if each.type != "text" or each.content:
            before = each.type
    return found


def _mends(block: str, prose: str) -> list[tuple[tuple[int, int], str]]:
    """Places of `block`, in order, each with what to write there; none if that would not make it better.

    `prose` is the block with all that is no prose blanked.
    """
    mends = []
    for marked in _MARKED.finditer(_ESCAPED.sub("xx", prose)):
        mark, inner = marked[1] or marked[3], block[slice(*marked.span(2 if marked[1] else 4))]
        if mark == "*" and not _SINGLE.fullmatch(marked[0]):
            continue
        before, after = block[: marked.start()][-1:], block[marked.end() :][:1]
        if not _comes_out(before, f"{mark}{inner}{mark}", after, mark):
            better = (each for each in without_punctuation(mark, inner) if _comes_out(before, each, after, mark))
            mends += [(marked.span(), mended) for mended in [next(better, None)] if mended is not None]
    mended, moved = block, 0
    for (start, end), each in mends:
        mended = mended[: start + moved] + each + mended[end + moved :]
        moved += len(each) - (end - start)
    return mends if mends and _faults_of(mended) < _faults_of(block) else []


def _comes_out(before: str, words: str, after: str, mark: str) -> bool:
    """Whether the two marks in `words` open and close what is between them, by CommonMark's rule of flanking."""
    text = f"{before}{words}{after}"
    first, last = text.find(mark, len(before)), text.rfind(mark, 0, len(text) - len(after))
    opens = _flanks(text[first + len(mark)], text[first - 1 : first] if first else "")
    return opens and _flanks(text[last - 1], text[last + len(mark) :][:1])


def _flanks(inside: str, outside: str) -> bool:
    """Whether a mark belongs to the sign on its one side, with `outside` ("" for an end of the text) on the other."""
    if not inside.strip():
        return False
    return not _is_punctuation(inside) or not outside.strip() or _is_punctuation(outside)


def _is_punctuation(sign: str) -> bool:
    return isMdAsciiPunct(ord(sign)) or isPunctChar(sign)


def without_punctuation(mark: str, inner: str) -> Iterator[str]:
    """The same words between the same marks, with what stands at their ends outside of it; the likeliest first."""
    stripped = inner.strip()
    core = stripped.rstrip(_PUNCTUATION)
    if stripped[len(core) :].startswith(";") and _NAMED_SIGN.search(core):
        core += ";"
    if core and core != stripped:
        yield f"{mark}{core}{mark}{stripped[len(core) :]}"
    if len(core) > 2 and core[0] in _OPENING and core[-1] in _CLOSING:
        yield f"{core[0]}{mark}{core[1:-1]}{mark}{core[-1]}{stripped[len(core) :]}"
    if stripped != inner and core:
        yield f"{mark}{stripped}{mark}"
