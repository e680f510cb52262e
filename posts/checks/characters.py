"""Signs that nobody sees, and punctuation and blanks as Chinese typesetting wants them."""

import re
import unicodedata
from collections.abc import Iterator

from posts.checks.bodies import Body
from posts.checks.findings import BodyFix, Finding, Severity
from taxonomy.words import TRADITIONAL

_HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
# Joiners (U+200C, U+200D) are left alone: emoji and several scripts are written with them.
_INVISIBLE = re.compile(r"[\u00ad\u200b\u2060\u2061-\u2064\ufeff\U000e0000-\U000e007f]+")
_BIDIRECTIONAL = re.compile(r"[\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]+")
_PAIRS = {"《": "》", "「": "」", "『": "』", "（": "）", "【": "】", "“": "”"}
_OPENED_BY = {closing: opening for opening, closing in _PAIRS.items()}
_HALF_WIDTH = re.compile(
    rf"(?<=[{_HAN}])[,;:!?](?=\s?[{_HAN}]|\s*\n|\s*\Z)|(?<=[{_HAN}])\.(?=\s*\n\s*\n|\s*\Z|[{_HAN}])"
)
_FULL = str.maketrans(",;:!?.", "，；：！？。")
_NO_BLANK = re.compile(rf"(?<=[{_HAN}])(?=[A-Za-z0-9])|(?<=[A-Za-z0-9%])(?=[{_HAN}])")
_ENOUGH_OF_BOTH = 5


def invisible(body: Body) -> Iterator[Finding]:
    """Signs without a shape, which break searching and links, and those that turn the direction of writing."""
    for code, pattern in (("invisible", _INVISIBLE), ("bidirectional", _BIDIRECTIONAL), ("control", _CONTROL)):
        for found in pattern.finditer(body.text):
            names = ", ".join(dict.fromkeys(f"U+{ord(sign):04X}" for sign in found[0]))
            yield Finding(
                f"{code}_signs",
                Severity.WRONG,
                line=body.line_at(found.start()),
                passage=_seen(body.around(found.start(), found.end())),
                facts={"signs": names},
                fix=BodyFix(found.start(), found.end(), ""),
            )


def _seen(text: str) -> str:
    return "".join(f"⟨{ord(sign):04X}⟩" if unicodedata.category(sign) in ("Cf", "Cc") else sign for sign in text)[:200]


def unbalanced(body: Body) -> Iterator[Finding]:
    """《》「」『』（）【】“” that are opened and not closed in their paragraph, or closed and not opened."""
    for start, end in _paragraphs(body.prose):
        open_ones: list[int] = []
        for at in range(start, end):
            sign = body.prose[at]
            if sign in _PAIRS:
                open_ones.append(at)
            elif sign in _OPENED_BY:
                if open_ones and body.prose[open_ones[-1]] == _OPENED_BY[sign]:
                    open_ones.pop()
                else:
                    yield _one(body, "bracket_not_opened", at)
                    break
        else:
            if open_ones:
                yield _one(body, "bracket_not_closed", open_ones[-1])


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    for gap in re.finditer(r"\n[ \t]*\n", text):
        yield at, gap.start()
        at = gap.end()
    yield at, len(text)


def _one(body: Body, code: str, at: int) -> Finding:
    return Finding(
        code, Severity.DOUBT, line=body.line_at(at), passage=body.around(at, at + 1), facts={"sign": body.text[at]}
    )


def half_width(body: Body) -> Iterator[Finding]:
    """Half-width punctuation in Chinese text."""
    for found in _HALF_WIDTH.finditer(body.prose):
        blank = re.match(r" ?", body.prose[found.end() :])
        end = found.end() + (len(blank[0]) if blank and re.match(rf" [{_HAN}]", body.prose[found.end() :]) else 0)
        yield Finding(
            "half_width_punctuation",
            Severity.DOUBT,
            line=body.line_at(found.start()),
            passage=body.around(found.start(), found.end(), 6),
            facts={"sign": found[0]},
            fix=BodyFix(found.start(), end, found[0].translate(_FULL)),
        )


def blanks(body: Body) -> Iterator[Finding]:
    """No blank between Chinese and Latin: one finding for the text, as whole texts are written so."""
    places = [found.start() for found in _NO_BLANK.finditer(body.prose)]
    if places:
        at = places[0]
        yield Finding(
            "no_blank_beside_latin",
            Severity.ADVICE,
            line=body.line_at(at),
            passage=body.around(at, at, 6),
            facts={"count": len(places)},
        )


def mixed_scripts(body: Body) -> Iterator[Finding]:
    """Traditional and Simplified signs in one text, enough of both that it is no name."""
    traditional = [at for at, sign in enumerate(body.prose) if sign in TRADITIONAL]
    simplified = sum(1 for sign in body.prose if sign in _SIMPLIFIED_ONLY)
    if len(traditional) >= _ENOUGH_OF_BOTH and simplified >= _ENOUGH_OF_BOTH and simplified > len(traditional):
        at = traditional[0]
        yield Finding(
            "traditional_in_simplified",
            Severity.DOUBT,
            line=body.line_at(at),
            passage=body.around(at, at + 1),
            facts={
                "count": len(traditional),
                "signs": "".join(dict.fromkeys(body.prose[at] for at in traditional))[:20],
            },
        )


_SIMPLIFIED_ONLY = frozenset(TRADITIONAL.values()) - frozenset(TRADITIONAL)
