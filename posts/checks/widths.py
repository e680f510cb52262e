"""Punctuation and blanks as Chinese typesetting wants them."""

import re
from bisect import bisect
from collections.abc import Iterator

from posts.checks.bodies import Body
from posts.checks.findings import BodyFix, Finding, PairFix, Severity
from posts.checks.hits import BODY, Searched
from posts.checks.latin_signs import HAN as _HAN
from posts.checks.latin_signs import belongs_to_latin, in_name_of_file, may_end_a_name
from posts.document.document import Document
from taxonomy.words import CJK

_MARKS = r"(?:\*{1,3}|_{1,3}|~~)?"
_CLOSING, _OPENING = "”’》」』】）〉", "“‘《「『【（〈"
# Each begins with the sign that it is about: a pattern that looks behind first looks behind every letter.
_HALF_WIDTH = re.compile(
    r"[,;:!?.](?:"
    # Behind Chinese, and before Chinese, a link, a Latin word or number, or the end of a line. `![` is an image.
    rf"(?<=[{_HAN}{_CLOSING}*_~][,;:!?])[!?]*(?!(?<=!)\[)(?!!(?!\[))"
    rf"(?=[ \t]?{_MARKS}(?:[ \t]?(?:[{_HAN}{_OPENING}{_CLOSING}\[]|!\[)|[A-Za-z])|[ \t]{_MARKS}[0-9]|[ \t]*(?:\n|\Z))"
    # Between a Latin word or a number and Chinese.
    rf"|(?<=[A-Za-z0-9%*_~][,;:!?])[!?]*+(?=[ \t]?{_MARKS}[{_HAN}{_OPENING}])"
    rf"|(?<=[{_HAN}]\.)(?:(?=\s*\n\s*\n|\s*\Z|[ \t]?[{_HAN}])|\.{{2,5}}(?=[{_HAN}{_CLOSING}\n]|\Z))"
    r")"
)
# The blank behind a half-width sign was there for its width.
_BLANK = re.compile(rf"[ \t](?={_MARKS}[{_HAN}{_OPENING}A-Za-z0-9\[])")
_PAIRED = re.compile(r"[\"(]")
# Beside a colon it is a face.
_BRACKET = re.compile(r"(?<![\\:;])\(|(?<=[:;])\((?=\S)|(?<!\\)\)")
_QUOTE = re.compile(r"(?<!\\)\"")
_QUOTED = re.compile(rf"\"(?=[{_HAN}])[^\"\n]*[{_HAN}，。！？…]\"")
_HAN_SIGN, _LATIN_WORD, _LONGER_WORD = re.compile(f"[{_HAN}]"), re.compile("[A-Za-z]+"), re.compile("[A-Za-z]{2,}")
_LETTER = re.compile(f"[{_HAN}A-Za-z0-9]")
_GLOSSED = re.compile(rf"[（(][^（()）{_HAN}\n]+\Z")
_LINE = re.compile(r".+")
_FULL = str.maketrans(",;:!?.", "，；：！？。")
# Names of signs and of emoji, faces, formulas, and code: what looks like punctuation there is none.
_NAMES = re.compile(
    r"[&:;$={(](?:"
    r"(?<=&)(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});"
    r"|(?<=:)[a-z0-9_+-]+:"
    rf"|(?<=[:;])[DPp](?![A-Za-z0-9{_HAN}])"
    r"|(?<==)\"[^\"\n]*\""
    r"|(?<=\{)(?:[^{}\n]|\{[^{}\n]*\})*+\}"
    r"|(?<=[A-Za-z0-9_]\()(?=[\"'])[^()\n]*\)"
    r"|(?<=\$)(?:\$[^$\n]+\$\$|(?=[^\s$])[^$\n]*(?<!\s)\$(?!\d))"
    r")"
)
_NEAR = 300
_LONGEST_NUMBER = 6
_NO_SIGN = "\ufffc"
_FULL_WIDTH = re.compile(r"(?<=[A-Za-z])([，；：！？。])(?=[ \t]?[A-Za-z])[ \t]?")
_HALF = str.maketrans("，；：！？。", ",;:!?.")
_CHINESE = re.compile(f"[{CJK}]")
_NO_BLANK = re.compile(
    # One capital before a Chinese word is part of it, a number before that, too: A股, K线, U盘, 3D打印, 5G网络.
    rf"(?<=[{_HAN}])(?=(?:{_MARKS})(?!\d{{0,2}}[A-Z][{_HAN}])[A-Za-z0-9])"
    r"|(?:(?<=[a-z0-9%])|(?<=[A-Za-z0-9][A-Z])(?<!(?<![A-Za-z0-9])\d[A-Z])(?<!(?<![A-Za-z0-9])\d\d[A-Z]))"
    rf"(?=(?:{_MARKS})[{_HAN}])"
)


Pair = tuple[int, int, bool]
"""Where two half-width signs stand that belong together, and whether that is sure."""


def half_width(document: Document, body: Body) -> Iterator[Finding]:
    """Half-width punctuation in Chinese text."""
    text = _without_names(body.prose)
    if next(_signs(text), None) is None and next(_pairs(text), None) is None:
        return
    # Few texts come so far, and what is no prose there is sought with more care.
    text = _without_names(Searched(document, body).prose(BODY))
    full = list(text)
    for start, end, sure in _pairs(text):
        if _is_in_latin(text, start, end):
            continue
        sign = text[start]
        left, right = "（）" if sign == "(" else "“”"
        if sure:
            full[start], full[end] = left, right
        inner = body.text[start + 1 : end]
        # The blanks beside them were there for their width, too.
        blank_before = start >= 2 and text[start - 1] == " " and _LETTER.match(text, start - 2)
        blank_behind = text[end + 1 : end + 2] == " " and _LETTER.match(text, end + 2)
        opening = BodyFix(start - bool(blank_before), end - len(inner.lstrip()), left)
        closing = BodyFix(start + 1 + len(inner.rstrip()), end + 1 + bool(blank_behind), right)
        pair = PairFix(opening, closing) if sure else None
        yield _finding(body, "half_width_punctuation", start, end + 1, sign, pair)
    # Beside brackets as they will be: what is mended once is mended for good.
    mended_text = "".join(full)
    for found in _signs(mended_text):
        start, end = found.span()
        blank = _BLANK.match(mended_text, end)
        mended = "……" if found[0].startswith("...") else found[0].translate(_FULL)
        fix = BodyFix(start, blank.end() if blank else end, mended)
        sure = not may_end_a_name(mended_text, start, end)
        yield _finding(body, "half_width_punctuation", start, end, found[0], fix if sure else None)


def _without_names(text: str) -> str:
    return _NAMES.sub(lambda found: _NO_SIGN * len(found[0]), text)


def _signs(text: str) -> Iterator[re.Match[str]]:
    return (found for found in _HALF_WIDTH.finditer(text) if _is_of_chinese(text, *found.span()))


def _pairs(text: str) -> Iterator[Pair]:
    """Brackets with Chinese in them, and quotation marks right around it, in one line."""
    for line in _LINE.finditer(text):
        if _PAIRED.search(line[0]) and _HAN_SIGN.search(line[0]):
            yield from _brackets(text, *line.span())
            yield from _quotes(text, *line.span())


def _brackets(text: str, line_start: int, line_end: int) -> Iterator[Pair]:
    chinese = [found.start() for found in _HAN_SIGN.finditer(text, line_start, line_end)]
    open_ones: list[int] = []
    for found in _BRACKET.finditer(text, line_start, line_end):
        if found[0] == "(":
            open_ones.append(found.start())
        elif open_ones:
            start = open_ones.pop()
            if bisect(chinese, start) < bisect(chinese, found.start()):
                # A face may end what the bracket seems to.
                yield start, found.start(), text[found.start() - 1] not in ":;"


def _quotes(text: str, line_start: int, line_end: int) -> Iterator[Pair]:
    places = [found.start() for found in _QUOTE.finditer(text, line_start, line_end)]
    if len(places) % 2:
        # One is missing: they may pair otherwise.
        for found in _QUOTED.finditer(text, line_start, line_end):
            yield found.start(), found.end() - 1, False
        return
    for start, end in zip(places[::2], places[1::2], strict=True):
        if _QUOTED.fullmatch(text, start, end + 1):
            yield start, end, True


def full_width(body: Body) -> Iterator[Finding]:
    """Full-width punctuation between Latin words, in a line without Chinese."""
    for line in _LINE.finditer(body.prose):
        if _CHINESE.search(line[0]):
            continue
        for found in _FULL_WIDTH.finditer(body.prose, *line.span()):
            fix = BodyFix(*found.span(), found[1].translate(_HALF) + " ")
            yield _finding(body, "full_width_punctuation", *found.span(), found[1], fix)


def _is_of_chinese(text: str, start: int, end: int) -> bool:
    """Whether the sign belongs to Chinese: of a mark of emphasis beside it, what stands beyond the mark counts."""
    if text[start] == ".":
        if text[end : end + 1] not in (" ", "\t") or not _HAN_SIGN.match(text, end + 1):
            return not in_name_of_file(text, start)
        # What is short may be the number of a list: `第一章. 引言`.
        return start >= _LONGEST_NUMBER and "\n" not in text[start - _LONGEST_NUMBER : start]
    behind = text[max(0, start - 4) : start].rstrip("*_~")[-1:] if text[start - 1] in "*_~" else text[start - 1]
    ahead = text[end : end + 6].lstrip(" \t*_~")[:1]
    blank = text[end : end + 1] in (" ", "\t")
    if _HAN_SIGN.match(behind) or (behind and behind in _CLOSING):
        latin = ahead.isascii() and ahead.isalnum()
        return not (latin and blank) or _is_chinese_line(text, start)
    if not (behind.isascii() and behind.isalnum()) and behind != "%":
        return False
    if not _HAN_SIGN.match(ahead) and (not ahead or ahead not in _OPENING):
        return False
    if belongs_to_latin(text, start, end):
        return False
    if not blank:
        return True
    # A quotation with a blank before it may be one in English, and what explains a word in brackets is a style.
    glossed = text[start] == ":" and _GLOSSED.search(text[max(0, start - 100) : start])
    return ahead not in "“‘" and not glossed and _is_chinese_line(text, start)


def _is_chinese_line(text: str, place: int) -> bool:
    """Whether a line, as far as it is near, is Chinese with some Latin words, and not the other way round."""
    before, behind = text[max(0, place - _NEAR) : place], text[place : place + _NEAR]
    line = before.rpartition("\n")[2] + behind.partition("\n")[0]
    return len(_HAN_SIGN.findall(line)) > len(_LATIN_WORD.findall(line))


def _is_in_latin(text: str, start: int, end: int) -> bool:
    """Whether what stands around a pair of signs, in its line and near, is Latin: `Guanxi (关系) matters`."""
    before, behind = text[max(0, start - _NEAR) : start], text[end + 1 : end + _NEAR]
    around = before.rpartition("\n")[2] + " " + behind.partition("\n")[0]
    words = len(_LONGER_WORD.findall(around))
    return words > 1 and words >= len(_HAN_SIGN.findall(around))


def _finding(body: Body, code: str, start: int, end: int, sign: str, fix: BodyFix | PairFix | None) -> Finding:
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
