"""Signs that nobody sees, and those that turn the direction of writing, in the text and in what the keys say."""

import re
import unicodedata
from collections.abc import Iterator

from posts import fields
from posts.checks.bodies import Body
from posts.checks.findings import BodyFix, Finding, KeyFix, Severity, WordsFix
from posts.checks.hits import text_of
from posts.checks.markup import is_of_the_build
from posts.document.document import Document
from taxonomy.words import CJK

# Joiners (U+200C, U+200D) are part of emoji and of several scripts, but not of Chinese and Latin words. A flag may
# carry letters that nobody sees; it is the one match without a group.
_INVISIBLE = re.compile(
    "\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f"
    "|([\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u2028\u2029\u2060-\u2064\u206a-\u206f\u3164\ufeff\uffa0"
    "\ufff9-\ufffb\U000e0000-\U000e007f]+"
    rf"|(?<=[{CJK}A-Za-z0-9])[\u200c\u200d]+(?=[{CJK}A-Za-z0-9])"
    # It chooses the picture of a sign that has one; a digit has one on a key (U+20E3).
    rf"|(?<=[{CJK}A-Za-z])\ufe0f+|(?<=[0-9])\ufe0f+(?!\u20e3))"
)
_BIDIRECTIONAL = re.compile("([\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+)")
_CONTROL = re.compile(r"([\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]+)")
_KINDS = (("invisible_signs", _INVISIBLE), ("bidirectional_signs", _BIDIRECTIONAL), ("control_signs", _CONTROL))
_ENDS_A_LINE = re.compile("[\x85\u2028\u2029]")
# All that any of them looks for: most texts have none.
_ANY = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def invisible(body: Body) -> Iterator[Finding]:
    """Signs without a shape, which break searching and links, and those that turn the direction of writing."""
    for code, found in _found_in(body.text):
        start, end = found.span(1)
        yield Finding(
            code,
            Severity.WRONG,
            line=body.line_at(start),
            passage=_seen(body.around(start, end)),
            facts={"signs": _names([found])},
            fix=BodyFix(start, end, _instead(found)),
        )


def invisible_in_keys(document: Document) -> Iterator[Finding]:
    """The same in titles, summaries, terms and all else that a known key says."""
    for key in fields.KEY_ORDER:
        if key in fields.TERM_LISTS:
            yield from _in_terms(document, key)
            continue
        said = text_of(document, key)
        for code, found in _found_in(said):
            start, end = found.span(1)
            passage = _seen(said[max(0, start - 12) : end + 12])
            fix = WordsFix(key, start, end, _instead(found))
            line, facts = document.line_of(key), {"signs": _names([found])}
            yield Finding(code, Severity.WRONG, key, line, passage, facts, fix)


def invisible_in_other_keys(document: Document) -> Iterator[Finding]:
    """The same in texts of keys that are not known here, however deep; of a text alone there is a mend."""
    for key, value in document.values.items():
        if key in fields.BY_KEY:
            continue
        found = [each for said in _texts(value) for each in _found_in(said)]
        for code in dict.fromkeys(code for code, _each in found):
            of_kind = [each for named, each in found if named == code]
            pattern = dict(_KINDS)[code]
            fix = None
            if isinstance(value, str) and not is_of_the_build(key):
                fix = KeyFix(key, pattern.sub(lambda each: _instead(each) if each[1] else each[0], value))
            passage = _seen(of_kind[0].string[max(0, of_kind[0].start() - 12) : of_kind[0].end() + 12])
            facts = {"signs": _names(of_kind)}
            yield Finding(code, Severity.WRONG, key[:40], document.line_of(key), passage, facts, fix)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(key)
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _in_terms(document: Document, key: str) -> Iterator[Finding]:
    """One finding of each kind for a whole list, as it is mended as a whole."""
    names = fields.read_one(document, key)
    if not isinstance(names, list) or not any(_ANY.search(name) for name in names):
        return
    for code, pattern in _KINDS:
        found = [each for name in names for each in pattern.finditer(name) if each[1]]
        if found:
            mended = [pattern.sub(lambda each: _instead(each) if each[1] else each[0], name).strip() for name in names]
            passage = _seen(", ".join(dict.fromkeys(each.string for each in found)))
            fix = KeyFix(key, [name for name in dict.fromkeys(mended) if name])
            yield Finding(code, Severity.WRONG, key, document.line_of(key), passage, {"signs": _names(found)}, fix)


def _found_in(text: str) -> Iterator[tuple[str, re.Match[str]]]:
    if _ANY.search(text):
        for code, pattern in _KINDS:
            yield from ((code, found) for found in pattern.finditer(text) if found[1])


def _instead(found: re.Match[str]) -> str:
    return " " if _ENDS_A_LINE.search(found[1]) else ""


def _names(found: list[re.Match[str]]) -> str:
    return ", ".join(dict.fromkeys(f"U+{ord(sign):04X}" for each in found for sign in each[1]))


def _seen(text: str) -> str:
    return "".join(
        f"⟨{ord(sign):04X}⟩" if _ANY.match(sign) or unicodedata.category(sign) == "Cf" else sign for sign in text
    )[:200]
