"""Changes of fields, the same for many posts: set, add, remove, replace; told as plain data, done to a document.

What is asked comes from a form and is kept as JSON, so it is checked here once, and again nowhere.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from posts import fields
from posts.document.document import Document
from posts.errors import EvergreenError
from posts.fields import EDITABLE, Field, FieldValue, Kind

_Value = list[object] | FieldValue

CHANGEABLE: Mapping[str, Field] = {each.key: each for each in EDITABLE}
"""The keys that such a change may touch."""


class Do(StrEnum):
    """What is done to a key: take this value; add or take away names of its list; one value in place of another."""

    SET = "set"
    ADD = "add"
    REMOVE = "remove"
    REPLACE = "replace"


class ListMoved(EvergreenError):
    """A list that was to be set as a whole has been changed since it was looked at."""


class BadChange(EvergreenError):
    """Such a change of fields makes no sense."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One change of one key. `values` are the names of a list, or the one value; `old` is what a REPLACE looks for."""

    key: str
    do: Do
    values: tuple[str, ...] = ()
    old: str = ""

    def as_data(self) -> dict[str, object]:
        """The change as JSON can hold it."""
        return {"key": self.key, "do": str(self.do), "values": list(self.values), "old": self.old}


def field_changes(data: Iterable[Mapping[str, object]]) -> tuple[FieldChange, ...]:
    """The changes that `data` (of `FieldChange.as_data`, or of a form) asks for, checked.

    Raises `BadChange`: "nothing_asked", "unknown_field", "no_list", "value_missing", "not_a_date", "name_too_long",
    "asked_twice".
    """
    changes = tuple(_checked(each) for each in data)
    if not changes:
        raise BadChange("nothing_asked")
    alone = [change.key for change in changes if change.do is Do.SET]
    for key in alone:
        if sum(change.key == key for change in changes) > 1:
            raise BadChange("asked_twice", key=key)
    return changes


def changed(document: Document, changes: Sequence[FieldChange]) -> Document:
    """`document` with `changes` made in order; the lines of every other key stay. Raises `EditRefused`."""
    asked: dict[str, _Value] = {}
    for change in changes:
        asked[change.key] = _value(asked.get(change.key, _said(document, change.key)), change)
    return document.replace(fields.changes_onto(document, asked), key_order=fields.KEY_ORDER)


def changed_since(before: Document, there: Document, changes: Sequence[FieldChange]) -> Document:
    """`there`, which was `before` when the `changes` were looked at, with what they did to the lists of `before`.

    A name gives way where it still stands; what was taken out meanwhile stays out, what came in stays in. A list that
    is set as a whole is just what was asked. Raises `ListMoved` ("bulk_clash") where somebody changed that very list.
    """
    asked: dict[str, _Value] = {}
    for key in {change.key for change in changes}:
        then, now = _said(before, key), _said(there, key)
        if not isinstance(then, list) or not isinstance(now, list):
            continue
        for change in (each for each in changes if each.key == key):
            after = _value(then, change)
            if change.do is Do.SET and now not in (then, after):
                raise ListMoved("bulk_clash", keys=[key])
            now, then = _value(now, _as_it_worked(change, then)), after
        asked[key] = now
    return there.replace(fields.changes_onto(there, asked), key_order=fields.KEY_ORDER)


def taken_back(written: Document, found: Document, there: Document, together: Document) -> Document:
    """`together`, the merged undo of a step on the text `there`, with no name given back that lost its place.

    `found` is the text before the step, `written` the one after it. Where all that the step wrote into a list in place
    of other names was taken out since, that list stays as somebody made it.
    """
    asked: dict[str, _Value] = {}
    for key in CHANGEABLE:
        old, new, now = (fields.read_one(each, key) for each in (found, written, there))
        if not (isinstance(old, list) and isinstance(new, list) and isinstance(now, list)):
            continue
        came = set(new) - set(old)
        if came and set(old) - set(new) and not came & set(now):
            asked[key] = _said(there, key)
    return together.replace(fields.changes_onto(together, asked), key_order=fields.KEY_ORDER)


def _said(document: Document, key: str) -> _Value:
    """What `document` says for `key`, with the empty items of a list; one that holds more than names is not changed."""
    value = fields.listed(document, key)
    more = isinstance(value, list) and any(isinstance(item, list | dict) for item in value)
    return fields.read_one(document, key) if more else value


def _as_it_worked(change: FieldChange, then: _Value) -> FieldChange:
    """`change` without what it did not do to the list `then`: that was not looked at."""
    if not isinstance(then, list):
        return change
    had = set(map(fields.as_text, then))
    match change.do:
        case Do.ADD:
            return replace(change, values=tuple(name for name in change.values if name not in had))
        case Do.REMOVE:
            return replace(change, values=tuple(name for name in change.values if name in had))
        case Do.REPLACE if change.old not in had:
            return replace(change, do=Do.ADD, values=())
    return change


def _checked(data: Mapping[str, object]) -> FieldChange:
    field = CHANGEABLE.get(str(data.get("key")))
    if field is None:
        raise BadChange("unknown_field", key=str(data.get("key"))[:50])
    try:
        do = Do(str(data.get("do")))
    except ValueError as error:
        raise BadChange("nothing_asked") from error
    told = data.get("values")
    cleaned = (_clean(str(value), field) for value in (told if isinstance(told, list | tuple) else ()))
    values = tuple(dict.fromkeys(value for value in cleaned if value))
    old = _clean(str(data.get("old") or ""), field)
    if do in (Do.ADD, Do.REMOVE) and field.kind is not Kind.TERMS:
        raise BadChange("no_list", key=field.key)
    if (do in (Do.ADD, Do.REMOVE) and not values) or (do is Do.REPLACE and not old):
        raise BadChange("value_missing", key=field.key)
    if field.kind is not Kind.TERMS and len(values) > 1:
        raise BadChange("value_missing", key=field.key)
    for value in values:
        _check(value, field)
    return FieldChange(field.key, do, values, old if do is Do.REPLACE else "")


def _clean(value: str, field: Field) -> str:
    text = value.replace("\r\n", "\n").replace("\r", "\n").strip()
    return text if field.kind is Kind.LONG_TEXT else " ".join(text.split("\n"))


def _check(value: str, field: Field) -> None:
    if "\0" in value:
        raise BadChange("body_not_text")
    if field.kind is Kind.DATE and fields.day(value) is None:
        raise BadChange("not_a_date", value=value[:100])
    if field.kind in (Kind.TERM, Kind.TERMS) and fields.is_too_long(value):
        raise BadChange("name_too_long", limit=fields.LONGEST_TERM)


def _value(now: _Value, change: FieldChange) -> _Value:
    if not isinstance(now, list):
        value = change.values[0] if change.values else ""
        return value if change.do is Do.SET or now == change.old else now
    match change.do:
        case Do.SET:
            return list(change.values)
        case Do.ADD:
            return [*now, *(name for name in change.values if name not in map(fields.as_text, now))]
        case Do.REMOVE:
            return [item for item in now if fields.as_text(item) not in change.values]
        case Do.REPLACE:
            # In its place; a name that is there already stays where it is.
            there = {name for name in map(fields.as_text, now) if name != change.old}
            news = [name for name in change.values if name not in there]
            return [each for item in now for each in (news if fields.as_text(item) == change.old else [item])]
