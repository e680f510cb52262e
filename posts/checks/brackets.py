"""Brackets and quotation marks that are opened and not closed, or closed and not opened."""

import re
from collections.abc import Iterator

from posts.checks.bodies import Body
from posts.checks.findings import Finding, Severity
from taxonomy.words import CJK

_PAIRS = {"《": "》", "〈": "〉", "「": "」", "『": "』", "（": "）", "【": "】", "〔": "〕", "“": "”"}
# These are other things beside Latin words and numbers: they count where Chinese begins in them, and close no more
# than what was opened.
_LATIN_TOO = {"(": ")", "[": "]", "‘": "’"}
_CLOSED_BY = _PAIRS | _LATIN_TOO
_OPENED_BY = {closing: opening for opening, closing in _CLOSED_BY.items()}
_SIGNS = re.compile(rf"(?<!\\)(?:[{re.escape(''.join(_PAIRS) + ''.join(_OPENED_BY))}]|[(\[‘](?=[{CJK}《〈「『“]))")
# Each speech of several paragraphs opens each of them, and closes the last alone.
_QUOTES = "“「『‘"
# A number with its bracket counts off (`1）`, `第 2）`, `a）`, `一）`); beside a colon it smiles.
_COUNTS = re.compile(
    r"(?:(?<![\d.,%A-Za-z])\d{1,3}|(?<![A-Za-z0-9])[A-Za-z]|(?:^|[\s，。；：、#>])[一二三四五六七八九十]{1,3}|[:;：；])$"
)
_GAP = re.compile(r"(?:\n[ \t>]*)+\n|\n(?=[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]|#{1,6}[ \t]|\|))")
_CELL = re.compile(r"(?<!\\)\|")


def unbalanced(body: Body) -> Iterator[Finding]:
    """Brackets and quotation marks without their fellow in the same paragraph, item of a list, or cell of a table."""
    text = body.prose
    pieces = list(_pieces(text))
    for number, (start, end) in enumerate(pieces):
        open_ones: list[int] = []
        for found in _SIGNS.finditer(text, start, end):
            at, sign = found.start(), found[0]
            if sign in _CLOSED_BY:
                open_ones.append(at)
            elif open_ones and text[open_ones[-1]] == _OPENED_BY[sign]:
                open_ones.pop()
            elif sign in _LATIN_TOO.values() or (sign == "）" and not _of_an_open_one(text, open_ones, at)):
                continue
            elif sign == "”" and text[at - 1 : at].isdecimal() and all(text[each] != "“" for each in open_ones):
                # Inches, and seconds: 9.7”, 5’10”.
                continue
            else:
                yield _one(body, "bracket_not_opened", at)
                break
        else:
            if open_ones and not _goes_on(text, open_ones, pieces[number + 1 : number + 2]):
                yield _one(body, "bracket_not_closed", open_ones[-1])


def _of_an_open_one(text: str, open_ones: list[int], at: int) -> bool:
    """Whether a bracket closes something, and does not count off."""
    return any(text[each] == "（" for each in open_ones) or not _COUNTS.search(text[max(0, at - 6) : at])


def _goes_on(text: str, open_ones: list[int], following: list[tuple[int, int]]) -> bool:
    """Whether all that is open is a quotation that the next paragraph opens once more."""
    sign = text[open_ones[0]]
    if len(open_ones) > 1 or sign not in _QUOTES or not following:
        return False
    return _first(text, following[0][0]) == sign


def _first(text: str, start: int) -> str:
    """The first sign of a line, but for what makes it a quotation."""
    return text[start : start + 20].lstrip(" \t>")[:1]


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """Where each paragraph, item of a list, heading and cell of a table starts and ends."""
    at = 0
    for gap in _GAP.finditer(text):
        yield from _cells(text, at, gap.start())
        at = gap.end()
    yield from _cells(text, at, len(text))


def _cells(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    first = _first(text, start)
    if first == "|":
        for wall in _CELL.finditer(text, start, end):
            yield start, wall.start()
            start = wall.end()
    elif first == "#" and (line_end := text.find("\n", start, end)) >= 0:
        # A heading ends with its line.
        yield start, line_end
        start = line_end
    if text[start:end].strip():
        yield start, end


def _one(body: Body, code: str, at: int) -> Finding:
    facts = {"sign": body.text[at]}
    return Finding(code, Severity.DOUBT, line=body.line_at(at), passage=body.around(at, at + 1), facts=facts)
