"""Two texts of a post side by side, for somebody who reviews: fields by kind, the body by words. Pure.

Where `posts.differences` shows lines of a file, this shows what changed of a post: a name that came or went, the words
of a sentence; as Markdown or as the site shows it; in two columns or in one.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from posts import fields
from posts.differences import Kind as LineKind
from posts.differences import Line, Part, difference, differing, in_parts, runs
from posts.document.document import Document
from posts.document.errors import DocumentError
from posts.fields import BY_KEY, KEY_ORDER, Kind
from posts.marking import Block, blocks_of

_CONTEXT = 2
_WORTH_FOLDING = 3
_OTHER = "other"
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


class Change(StrEnum):
    """What became of a piece of text."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text, or a name, and what became of it."""

    text: str
    change: Change = Change.SAME


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One key: its names or its text, in two columns (`old`, `new`) and in one (`line`).

    `kind` is that of the field table, "other" for a key that it does not have. `changed` is not so in a whole text.
    """

    key: str
    kind: str
    chips: tuple[Piece, ...] = ()
    old: tuple[Part, ...] = ()
    new: tuple[Part, ...] = ()
    line: tuple[Piece, ...] = ()
    changed: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the body, or of what it was; a fold (`hidden` lines of `text`) stands for what is alike.

    `old` and `new` are None in a column that has nothing there.
    """

    change: str
    old: tuple[Part, ...] | None = None
    new: tuple[Part, ...] | None = None
    line: tuple[Piece, ...] = ()
    text: str = ""
    hidden: int = 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is shown of two texts. `rows` or `blocks`, by what was asked for."""

    fields: tuple[FieldChange, ...]
    rows: tuple[Row, ...]
    blocks: tuple[Block, ...]
    body_changed: bool
    spelling_changed: bool

    def __bool__(self) -> bool:
        return self.body_changed or self.spelling_changed or any(each.changed for each in self.fields)


def compare(old: str, new: str, *, render: Callable[[str], str] | None = None) -> Comparison:
    """What changed from `old` to `new`, two whole files. With `render` the body is shown as it makes it.

    `spelling_changed` is a front matter that says the same in another way: quotes, order, comments.
    """
    before, after = _parsed(old), _parsed(new)
    changed = tuple(_field_changes(before, after))
    old_body, new_body = _body(before, old), _body(after, new)
    differs = _plain(old_body) != _plain(new_body)
    return Comparison(
        fields=changed,
        rows=tuple(_folded(_rows(old_body, new_body))) if differs and render is None else (),
        blocks=tuple(blocks_of(_plain(old_body), _plain(new_body), render)) if differs and render is not None else (),
        body_changed=differs,
        spelling_changed=_respelt(before, after, {each.key for each in changed})
        or (old != new and not changed and not differs),
    )


def whole(text: str, *, render: Callable[[str], str] | None = None) -> Comparison:
    """A text by itself, with nothing marked."""
    document = _parsed(text)
    body = _body(document, text)
    return Comparison(
        fields=tuple(_whole_fields(document)) if document else (),
        rows=tuple(_all_rows(body)) if render is None else (),
        blocks=(Block("same", new=render(body)),) if render is not None and body else (),
        body_changed=False,
        spelling_changed=False,
    )


# --- Front matter


def _field_changes(before: Document | None, after: Document | None) -> Iterator[FieldChange]:
    old, new = _values(before), _values(after)
    for key in _in_order({**old, **new}):
        if old.get(key) != new.get(key):
            yield _field(key, old.get(key), new.get(key))


def _whole_fields(document: Document) -> Iterator[FieldChange]:
    values = _values(document)
    for key in _in_order(values):
        kind = BY_KEY[key].kind if key in BY_KEY else _OTHER
        if kind in (Kind.TERM, Kind.TERMS):
            yield FieldChange(key, kind, chips=tuple(map(Piece, _names(values[key]))), changed=False)
        else:
            told = _told(values[key])
            yield FieldChange(key, kind, new=(Part(told),), line=(Piece(told),), changed=False)


def _field(key: str, old: object, new: object) -> FieldChange:
    kind = BY_KEY[key].kind if key in BY_KEY else _OTHER
    if kind in (Kind.TERM, Kind.TERMS):
        return FieldChange(key, kind, chips=tuple(_chips(_names(old), _names(new))))
    before, after = _told(old), _told(new)
    removed, added = differing(before, after)
    olds, news = in_parts(before, removed), in_parts(after, added)
    return FieldChange(key, kind, old=olds, new=news, line=tuple(_woven(olds, news)))


def _chips(old: Sequence[str], new: Sequence[str]) -> Iterator[Piece]:
    """The names in the new order, those that went after those that they stood beside."""
    for same, old_from, old_to, new_from, new_to in runs(old, new):
        if same:
            yield from (Piece(name) for name in new[new_from:new_to])
            continue
        yield from (Piece(name, Change.REMOVED) for name in old[old_from:old_to] if name not in new)
        # A name that only changed its place is neither new nor gone.
        yield from (Piece(name, Change.SAME if name in old else Change.ADDED) for name in new[new_from:new_to])


def _values(document: Document | None) -> dict[str, object]:
    """Every key that says something, with a value that can be compared; unknown keys by their own lines."""
    if document is None:
        return {}
    read, _faults = fields.read(document)
    known = {key: value for key, value in read.items() if key in document.keys and value not in ("", [])}
    lines = {key: document.lines_of(key).rstrip("\r\n") for key in document.keys if key not in BY_KEY}
    return {**known, **lines}


def _respelt(before: Document | None, after: Document | None, changed: set[str]) -> bool:
    """Whether a key that says the same is written in another way."""
    if before is None or after is None:
        return False
    both = set(before.keys) & set(after.keys) - changed
    return any(_plain(before.lines_of(key)) != _plain(after.lines_of(key)) for key in both)


def _in_order(keys: dict[str, object]) -> list[str]:
    """The order of the field table, with the title first: it is what a reader looks for."""
    order = {key: at for at, key in enumerate(("title", *(key for key in KEY_ORDER if key != "title")))}
    return sorted(keys, key=lambda key: (order.get(key, len(order)), key))


def _names(value: object) -> list[str]:
    if isinstance(value, list):
        return [str(each) for each in value]
    return [str(value)] if value else []


def _told(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


# --- The body as Markdown


def _rows(old: str, new: str) -> Iterator[Row]:
    lines = list(difference(_plain(old), _plain(new), context=None).lines)
    at = 0
    while at < len(lines):
        line = lines[at]
        following = lines[at + 1] if at + 1 < len(lines) else None
        if line.kind is LineKind.SAME:
            yield _same(line)
        elif line.kind is LineKind.REMOVED and following is not None and _became(line, following):
            yield Row("changed", line.parts, following.parts, tuple(_woven(line.parts, following.parts)))
            at += 1
        elif line.kind is LineKind.REMOVED:
            yield Row("removed", line.parts, None, tuple(Piece(part.text, Change.REMOVED) for part in line.parts))
        else:
            yield Row("added", None, line.parts, tuple(Piece(part.text, Change.ADDED) for part in line.parts))
        at += 1


def _became(line: Line, following: Line) -> bool:
    """Whether a removed line is shown as one with the added one after it: they have something in common."""
    if following.kind is not LineKind.ADDED:
        return False
    was, now = ("".join(part.text for part in each.parts if not part.changed) for each in (line, following))
    return was == now and bool(was.strip())


def _same(line: Line) -> Row:
    return Row("same", line.parts, line.parts, tuple(Piece(part.text) for part in line.parts))


def _all_rows(body: str) -> Iterator[Row]:
    for line in _LINE.findall(_plain(body)):
        text = line.rstrip("\n")
        yield Row("same", (Part(text),), (Part(text),), (Piece(text),))


def _folded(rows: Iterator[Row]) -> Iterator[Row]:
    """The rows, with long stretches that are alike folded up to the lines beside a change."""
    groups = [(same, list(group)) for same, group in groupby(rows, lambda row: row.change == "same")]
    for at, (same, group) in enumerate(groups):
        start = _CONTEXT if at else 0
        end = len(group) - (_CONTEXT if at < len(groups) - 1 else 0)
        if not same or end - start < _WORTH_FOLDING:
            yield from group
            continue
        hidden = group[start:end]
        yield from group[:start]
        yield Row("fold", text="\n".join(piece.text for row in hidden for piece in _line_of(row)), hidden=len(hidden))
        yield from group[end:]


def _line_of(row: Row) -> tuple[Piece, ...]:
    return (Piece("".join(piece.text for piece in row.line)),)


def _woven(old: Sequence[Part], new: Sequence[Part]) -> Iterator[Piece]:
    """Two columns in one: what went, then what came, between what both have."""
    common = [list(old), list(new)]
    changes = Change.REMOVED, Change.ADDED
    while any(common):
        for side, change in zip(common, changes, strict=True):
            while side and side[0].changed:
                part = side.pop(0)
                if part.text:
                    yield Piece(part.text, change)
        heads = [side[0].text for side in common if side]
        if not heads:
            return
        length = min(map(len, heads))
        yield Piece(heads[-1][:length])
        for side in common:
            if side:
                text = side.pop(0).text[length:]
                side[:0] = [Part(text)] if text else []


# --- Both


def _parsed(text: str) -> Document | None:
    try:
        return Document.from_text(text)
    except DocumentError:
        return None


def _body(document: Document | None, text: str) -> str:
    return text if document is None else document.body


def _plain(text: str) -> str:
    """With one kind of line end, and one at the end: a reviewer reads words."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    return plain + "\n" if plain else ""
