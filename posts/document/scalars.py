"""A text as YAML in the style of the value it replaces, so that every reader takes it as that same text.

Each function that writes returns None where its style cannot carry the text; `scalar_candidates` offers what can,
the best first, and the gate takes the first one that reads back as asked.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from posts.document.schemas import is_timestamp, may_be_typed

FOLD_AT = 80
"""Where PyYAML folds, whose files have folded values: behind the first word that passes this column."""

# What must be escaped: controls (a tab too), DEL and C1, lone surrogates, the byte order mark, non-characters, and
# U+0085, U+2028 and U+2029, which are line breaks to YAML 1.1 and not to 1.2.
_MUST_ESCAPE = re.compile(
    "[^\\x20-\\x7e\\xa0-\\u2027\\u202a-\\ud7ff\\ue000-\\ufdcf\\ufdf0-\\ufefe\\uff00-\\ufffd\\U00010000-\\U0010ffff]"
    "|[" + "".join(f"\\U{plane:04x}fffe\\U{plane:04x}ffff" for plane in range(1, 17)) + "]"
)
_SHORT_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0"}
_INDICATORS = "-?:,[]{}#&*!|>'\"%@`"
_SINGLE_SPACE = re.compile(r"(?<=[^ ]) (?=[^ ])")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the place of a scalar asks of it."""

    quote: str = "'"
    newline: str = "\n"
    in_flow: bool = False
    parent_indent: int = 0


@dataclass(frozen=True, slots=True)
class OldScalar:
    """The scalar that is replaced: how it was written, where on its line it started, and its text."""

    style: str
    source: str
    column: int
    text: str


def plain(text: str, in_flow: bool = False) -> str | None:
    """`text` without quotes, or None where any reader would take it as something else."""
    if not text or text[0] in _INDICATORS or text != text.strip() or may_be_typed(text):
        return None
    if ": " in text or " #" in text or text[-1] == ":" or _MUST_ESCAPE.search(text):
        return None
    if in_flow and any(character in ",[]{}:?" for character in text):
        return None
    return text


def single_quoted(text: str) -> str | None:
    """`text` in single quotes, or None where it holds what only double quotes can escape."""
    return None if _MUST_ESCAPE.search(text) else "'" + text.replace("'", "''") + "'"


def double_quoted(text: str) -> str:
    """`text` in double quotes, with escapes for all that is not plainly printable. Carries everything."""
    return '"' + _escaped(text) + '"'


def _escaped(text: str) -> str:
    text = text.replace("\\", "\\\\").replace('"', '\\"')
    return _MUST_ESCAPE.sub(lambda found: _escape(found[0]), text)


def _escape(character: str) -> str:
    code = ord(character)
    if character in _SHORT_ESCAPES:
        return _SHORT_ESCAPES[character]
    return f"\\x{code:02X}" if code < 0x100 else f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"


def quoted(text: str, quote: str) -> str:
    """`text` in the quotes asked for, in double quotes where single ones cannot carry it."""
    return (single_quoted(text) if quote == "'" else None) or double_quoted(text)


def plain_or_quoted(text: str, surroundings: Surroundings) -> str:
    """`text` as a new value on one line."""
    return plain(text, surroundings.in_flow) or quoted(text, surroundings.quote)


def scalar_candidates(text: str, old: OldScalar | None, surroundings: Surroundings) -> Iterator[str]:
    """Ways to write `text` where `old` stood (None: where no scalar stood), the most faithful first."""
    if old is not None:
        in_old_style = _as(old, text, surroundings)
        if in_old_style is not None:
            yield in_old_style
    if old is None or not old.style:
        yield plain_or_quoted(text, surroundings)
    yield quoted(text, surroundings.quote)
    yield double_quoted(text)


def _as(old: OldScalar, text: str, surroundings: Surroundings) -> str | None:
    if old.style in ("|", ">"):
        return _block_scalar(old, text, surroundings)
    if not text and not old.style:
        return None
    if not old.style and is_timestamp(old.text) and is_timestamp(text):
        return text
    if old.style == '"':
        whole: str | None = double_quoted(text)
    elif old.style == "'":
        whole = single_quoted(text)
    else:
        whole = plain(text, surroundings.in_flow)
    if whole is None or not ("\n" in old.source or "\r" in old.source):
        return whole
    return _folded(whole, text, old, surroundings)


def _folded(whole: str, text: str, old: OldScalar, surroundings: Surroundings) -> str:
    """`whole` (`text` as YAML on one line) broken over lines at single spaces, as the old value was."""
    if _MUST_ESCAPE.search(text):
        return whole  # an escape beside a break is read differently here and there
    margin = re.split(r"\r\n|\n|\r", old.source)[-1]
    indent = margin[: len(margin) - len(margin.lstrip(" \t"))]
    if not indent:
        return whole
    lines: list[str] = []
    column = old.column
    line = ""
    for word in _SINGLE_SPACE.split(whole):
        if line and column + len(line) > FOLD_AT:
            lines.append(line)
            column, line = 0, indent + word
        else:
            line = f"{line} {word}" if line else word
    return surroundings.newline.join([*lines, line])


_HEADER = re.compile(r"(?:[!&][^\s]*[ \t]+)*[|>](?P<marks>[0-9+-]*)(?P<comment>[ \t]+#[^\r\n]*)?")
_LEADING_BLANK = re.compile(r"\n*[ \t]")


def _block_scalar(old: OldScalar, text: str, surroundings: Surroundings) -> str | None:
    """`text` as a block scalar with the old one's style, indentation and header comment."""
    content = text.rstrip("\n")
    if not content or _MUST_ESCAPE.search(text.replace("\n", "").replace("\t", "")):
        return None
    header = _HEADER.match(old.source)
    lines = re.split(r"\r\n|\n|\r", old.source)[1:]
    if header is None or any(line.isspace() for line in text.split("\n") if line):
        return None
    indent = _block_indent(header["marks"], lines, surroundings)
    explicit = _LEADING_BLANK.match(text) is not None
    if explicit and (old.style == ">" or not 0 < indent - surroundings.parent_indent < 10):
        return None
    tail = len(text) - len(content)
    marks = (str(indent - surroundings.parent_indent) if explicit else "") + ("-" if not tail else "+" * (tail > 1))
    new_lines = content.split("\n") if old.style == "|" else _folded_lines(content, lines, indent)
    if new_lines is None:
        return None
    new_lines += [""] * (tail - 1)
    indented = [" " * indent + line if line else "" for line in new_lines]
    return surroundings.newline.join([old.style + marks + (header["comment"] or ""), *indented])


def _block_indent(marks: str, lines: list[str], surroundings: Surroundings) -> int:
    digits = marks.strip("+-")
    if digits:
        return surroundings.parent_indent + int(digits)
    for line in lines:
        if line.strip():
            return len(line) - len(line.lstrip(" "))
    return surroundings.parent_indent + 2


def _folded_lines(content: str, old_lines: list[str], indent: int) -> list[str] | None:
    """The lines of a folded block scalar: a line end in the text is a blank line there."""
    paragraphs = re.split(r"(\n+)", content)
    if any(part.startswith((" ", "\t")) for part in paragraphs) or content.startswith("\n"):
        return None  # an indented line is not folded, and neither are its neighbours
    was_wrapped = any(one.strip() and other.strip() for one, other in pairwise(old_lines))
    lines: list[str] = []
    for part in paragraphs:
        if part.startswith("\n"):
            lines += [""] * len(part)
        else:
            lines += _wrapped(part, FOLD_AT - indent) if was_wrapped else [part]
    return lines


def _wrapped(paragraph: str, width: int) -> list[str]:
    lines = [""]
    for word in _SINGLE_SPACE.split(paragraph):
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}" if lines[-1] else word
    return lines
