"""Punctuation and blanks as Chinese typesetting wants them."""

import re
from collections.abc import Iterator

from posts.checks.bodies import Body
from posts.checks.findings import BodyFix, Finding, Severity
from taxonomy.words import CJK

_HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_MARKS = r"(?:\*{1,3}|_{1,3}|~~)?"
_CLOSING, _OPENING = "”’》」』】）〉", "“‘《「『【（〈"
_HALF_WIDTH = re.compile(
    # Behind Chinese, and before Chinese, the end of a line, or a Latin word without a blank.
    rf"(?<=[{_HAN}{_CLOSING}*_~])[,;:!?](?=[ \t]?{_MARKS}[{_HAN}{_OPENING}{_CLOSING}]|[ \t]*(?:\n|\Z)|{_MARKS}[A-Za-z])"
    # Between a Latin word or a number and Chinese.
    rf"|(?<=[A-Za-z0-9%])[,;:!?](?={_MARKS}[{_HAN}{_OPENING}])"
    rf"|(?<=[{_HAN}])\.(?=\s*\n\s*\n|\s*\Z|[{_HAN}])"
    rf"|(?<=[{_HAN}])\.{{3,6}}(?=[{_HAN}{_CLOSING}\n]|\Z)"
)
# Brackets with Chinese in them, and quotation marks right around it.
_HALF_WIDTH_PAIR = re.compile(
    rf"(?<!\\)\((?=[^()\n]*[{_HAN}])([^()\n]*)(?<!\\)\)|\"(?=[{_HAN}])([^\"\n]*[{_HAN}，。！？…])\""
)
_PAIRED = re.compile(r"[\"(]")
_LINE = re.compile(r".+")
_FULL = str.maketrans(",;:!?.", "，；：！？。")
_SMILEY = re.compile(r":[a-z0-9_+-]+:")
_FULL_WIDTH = re.compile(r"(?<=[A-Za-z])([，；：！？。])(?=[ \t]?[A-Za-z])[ \t]?")
_HALF = str.maketrans("，；：！？。", ",;:!?.")
_CHINESE = re.compile(f"[{CJK}]")
_NO_BLANK = re.compile(
    # One capital before a Chinese word is part of it, a number before that, too: A股, K线, U盘, 3D打印, 5G网络.
    rf"(?<=[{_HAN}])(?=(?:{_MARKS})(?!\d{{0,2}}[A-Z][{_HAN}])[A-Za-z0-9])"
    r"|(?:(?<=[a-z0-9%])|(?<=[A-Za-z0-9][A-Z])(?<!(?<![A-Za-z0-9])\d[A-Z])(?<!(?<![A-Za-z0-9])\d\d[A-Z]))"
    rf"(?=(?:{_MARKS})[{_HAN}])"
)


def half_width(body: Body) -> Iterator[Finding]:
    """Half-width punctuation in Chinese text."""
    text = body.prose
    for found in _HALF_WIDTH.finditer(text):
        if not _is_chinese(text, found):
            continue
        start, end = found.span()
        # The blank behind it was there for its width.
        end += 1 if re.match(rf"[ \t]{_MARKS}[{_HAN}{_OPENING}]", text[end : end + 6]) else 0
        full = "……" if found[0].startswith("...") else found[0].translate(_FULL)
        yield _finding(body, "half_width_punctuation", found, found[0], BodyFix(start, end, full))
    for line in _LINE.finditer(text):
        if _PAIRED.search(line[0]):
            yield from _pairs(body, *line.span())


def _pairs(body: Body, line_start: int, line_end: int) -> Iterator[Finding]:
    # Quotation marks may pair otherwise where their number is odd.
    even = body.prose.count('"', line_start, line_end) % 2 == 0
    for found in _HALF_WIDTH_PAIR.finditer(body.prose, line_start, line_end):
        start, end = found.span()
        sign = found[0][0]
        left, right = "（）" if sign == "(" else "“”"
        mended = f"{left}{body.text[start + 1 : end - 1].strip()}{right}"
        fix = BodyFix(start, end, mended) if sign == "(" or even else None
        yield _finding(body, "half_width_punctuation", found, sign, fix)


def full_width(body: Body) -> Iterator[Finding]:
    """Full-width punctuation between Latin words, in a line without Chinese."""
    for line in _LINE.finditer(body.prose):
        if _CHINESE.search(line[0]):
            continue
        for found in _FULL_WIDTH.finditer(body.prose, *line.span()):
            fix = BodyFix(*found.span(), found[1].translate(_HALF) + " ")
            yield _finding(body, "full_width_punctuation", found, found[1], fix)


def _is_chinese(text: str, found: re.Match[str]) -> bool:
    start = found.start()
    if found[0] == ":" and _SMILEY.match(text, start):
        return False
    before = text[max(0, start - 4) : start].rstrip("*_~")
    # Behind a mark of emphasis it is what stands before the mark that counts.
    return text[start - 1] not in "*_~" or bool(re.search(rf"[{_HAN}{_CLOSING}]$", before))


def _finding(body: Body, code: str, found: re.Match[str], sign: str, fix: BodyFix | None) -> Finding:
    start, end = found.span()
    passage = body.around(start, end, 6)
    return Finding(code, Severity.DOUBT, line=body.line_at(start), passage=passage, facts={"sign": sign}, fix=fix)


def blanks(body: Body) -> Iterator[Finding]:
    """No blank between Chinese and Latin: one finding for the text, as whole texts are written so."""
    found = _NO_BLANK.finditer(body.prose)
    first = next(found, None)
    if first is not None:
        at = first.start()
        yield Finding(
            "no_blank_beside_latin",
            Severity.ADVICE,
            line=body.line_at(at),
            passage=body.around(at, at, 6),
            facts={"count": 1 + sum(1 for _ in found)},
        )
