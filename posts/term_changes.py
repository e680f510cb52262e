"""One name of a term for another in a document, in lists and single values, line by line; told as plain data. Pure.

A list keeps whatever is no name of the term, as it stands: an empty item, a name that stands there twice.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from posts import fields
from posts.document.document import Document
from posts.document.errors import EditRefused
from posts.fields import BY_KEY, FieldValue, Kind
from taxonomy.names import normal

KEY_OF: Mapping[str, str] = {each.vocabulary: each.key for each in fields.FIELDS if each.vocabulary}
"""The front-matter key of each vocabulary."""

Moved = Mapping[tuple[str, str], tuple[str, str]]
"""Names that belong to another vocabulary: by vocabulary and normal form, the other vocabulary and the name there."""


@dataclass(frozen=True, slots=True)
class TermChange:
    """`into` in the place of every name of `key` whose normal form is among `names`; with none, they go away.

    With another `into_key` the names go away from `key`, and `into` comes to that key.
    """

    key: str
    names: frozenset[str]
    into: tuple[str, ...]
    into_key: str


def term_change(definition: Mapping[str, object]) -> TermChange:
    """The change that the definition of a bulk step asks for."""
    names, into, key = definition["names"], definition["into"], str(definition["key"])
    if not (isinstance(names, list) and isinstance(into, list)):
        raise TypeError(definition)
    into_key = str(definition.get("into_key") or key)
    return TermChange(key, frozenset(map(str, names)), tuple(map(str, into)), into_key)


def retermed(document: Document, change: TermChange) -> Document:
    """`document` with `change` made; the lines of every other key stay. Raises `EditRefused`.

    A name that is spelt as it shall be stays as it is; one that was written stands nowhere else in the list. A single
    value that is taken already is not overwritten by a name that comes from another key.
    """
    now = fields.listed(document, change.key)
    asked: dict[str, object] = {}
    if change.into_key == change.key:
        asked[change.key] = _in_place(now, change)
    elif _is_hit(now, change):
        asked[change.key] = [item for item in now if _key(item) not in change.names] if isinstance(now, list) else ""
        asked[change.into_key] = _added(fields.listed(document, change.into_key), change.into)
    return document.replace(fields.changes_onto(document, asked), key_order=fields.KEY_ORDER)


def given_back(written: Document, found: Document, now: Document, change: TermChange) -> Document:
    """`now` with the names that `found` had before `change` made `written` of it, where the new ones stand, however
    they are spelt; the lines of every other key stay. Raises `EditRefused`.

    What somebody took out since stays out.
    """
    into = {normal(each) for each in change.into}
    new = set(_keys(written, change.key)) & into
    old = [name for name in _names(fields.read_one(found, change.key)) if normal(name) in change.names | into]
    there = fields.listed(now, change.key)
    others = set(_keys(now, change.key)) - new
    items: list[object] = []
    left = [name for name in old if normal(name) not in others]
    for item in there if isinstance(there, list) else [there]:
        items += left if _key(item) in new else [item]
        left = [] if _key(item) in new else left
    asked = items if isinstance(there, list) else "".join(map(str, items))
    return now.replace(fields.changes_onto(now, {change.key: asked}), key_order=fields.KEY_ORDER)


def stands_still(written: Document, found: Document, now: Document, change: TermChange) -> bool:
    """Whether `now` still has what `change`, which made `written` of `found`, brought to another key, if anything."""
    brought = set(_keys(written, change.into_key)) - set(_keys(found, change.into_key))
    return not brought or bool(brought & set(_keys(now, change.into_key)))


@dataclass(frozen=True, slots=True)
class TermAddition:
    """`name` to be added to the list of `key`, unless one of `names`, normal forms of the same term, stands there."""

    key: str
    name: str
    names: frozenset[str]


def term_additions(definition: Mapping[str, object]) -> tuple[TermAddition, ...]:
    """The additions among which each post of a bulk step has its own."""
    told = definition["terms"]
    if not isinstance(told, list):
        raise TypeError(definition)
    return tuple(TermAddition(each["key"], each["name"], frozenset(each["names"])) for each in told)


def listing(document: Document, additions: Iterable[TermAddition]) -> Document:
    """`document` with the terms of `additions` at the ends of their lists. Raises `EditRefused`."""
    asked: dict[str, object] = {}
    for each in additions:
        now = asked.get(each.key, fields.listed(document, each.key))
        if isinstance(now, list) and not any(_key(item) in each.names for item in now):
            asked[each.key] = [*now, each.name]
    return document.replace(fields.changes_onto(document, asked), key_order=fields.KEY_ORDER)


def unlisting(document: Document, terms: Iterable[TermAddition]) -> Document:
    """`document` without `terms` in their lists, under whatever name. Raises `EditRefused`."""
    asked: dict[str, object] = {}
    for each in terms:
        now = asked.get(each.key, fields.listed(document, each.key))
        if isinstance(now, list):
            asked[each.key] = [item for item in now if _key(item) not in each.names]
    return document.replace(fields.changes_onto(document, asked), key_order=fields.KEY_ORDER)


def names_in(document: Document) -> dict[str, list[str]]:
    """For each vocabulary of which `document` has names, these names."""
    found: dict[str, list[str]] = {}
    for vocabulary, key in KEY_OF.items():
        names = _names(fields.read_one(document, key))
        if names:
            found[vocabulary] = names
    return found


def filed(values: Mapping[str, FieldValue], moved: Moved) -> dict[str, FieldValue]:
    """`values` of a text, with each name that was moved to another vocabulary under the key of that one."""
    there = dict(values)
    for vocabulary, key in KEY_OF.items():
        for name in _names(values[key]):
            into = moved.get((vocabulary, normal(name)))
            if into is None:
                continue
            left = there[key]
            there[key] = [each for each in left if each != name] if isinstance(left, list) else ""
            there[KEY_OF[into[0]]] = _added(there[KEY_OF[into[0]]], (into[1],))
    return there


def moved_out(document: Document, moved: Moved) -> Document:
    """`document` with each name that was moved to another vocabulary under that one's key.

    What cannot be written there is left as it is.
    """
    for vocabulary, names in names_in(document).items():
        for name in names:
            into = moved.get((vocabulary, normal(name)))
            if into is not None:
                change = TermChange(KEY_OF[vocabulary], frozenset({normal(name)}), (into[1],), KEY_OF[into[0]])
                with suppress(EditRefused):
                    document = retermed(document, change)
    return document


def written_out(document: Document, meant: Mapping[str, Mapping[str, str]]) -> Document:
    """`document` with the own names of terms for their aliases: `meant` has them by vocabulary and normal form.

    A name that was written stands nowhere else in the list. A key that cannot be written is left as it is.
    """
    for vocabulary, names in meant.items():
        for alias, name in names.items():
            key = KEY_OF[vocabulary]
            with suppress(EditRefused):
                document = retermed(document, TermChange(key, frozenset({alias}), (name,), key))
    return document


def _key(item: object) -> str:
    """The normal form of an item of a list; of what is no name, nothing."""
    return "" if isinstance(item, list | dict) else normal(fields.as_text(item))


def _names(value: FieldValue) -> list[str]:
    return value if isinstance(value, list) else [str(value)] if value else []


def _keys(document: Document, key: str) -> list[str]:
    return [normal(name) for name in _names(fields.read_one(document, key))]


def _is_hit(now: list[object] | FieldValue, change: TermChange) -> bool:
    return any(_key(item) in change.names for item in (now if isinstance(now, list) else [now]))


def _in_place(now: list[object] | FieldValue, change: TermChange) -> list[object] | FieldValue:
    if not isinstance(now, list):
        return (change.into[0] if change.into else "") if _is_hit(now, change) else now
    if not any(_key(item) in change.names and item not in change.into for item in now):
        return now
    wanted = {normal(each) for each in change.into}
    there: set[str] = set()
    written: set[str] = set()
    items: list[object] = []
    for item in now:
        key = _key(item)
        if key in change.names:
            into = [each for each in change.into if normal(each) not in there | written]
            items += into
            written |= {normal(each) for each in into}
        elif key not in written:
            items.append(item)
            there |= {key} & wanted
    return items


def _added(now: list[object] | FieldValue, into: tuple[str, ...]) -> Any:
    """`now` with the names `into` that it has not; a single value that is taken stays."""
    if not isinstance(now, list):
        return now or (into[0] if into else "")
    there = set(map(_key, now))
    return [*now, *(each for each in into if normal(each) not in there)]


def takes_a_list(key: str) -> bool:
    """Whether `key` holds a list of terms, and not one."""
    return BY_KEY[key].kind is Kind.TERMS
