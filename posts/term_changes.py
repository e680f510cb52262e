"""One name of a term for another in a document, in lists and single values, line by line; told as plain data. Pure."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from posts import fields
from posts.document.document import Document
from posts.document.errors import EditRefused
from posts.fields import BY_KEY, FieldValue, Kind
from taxonomy.names import normal

KEY_OF: Mapping[str, str] = {each.vocabulary: each.key for each in fields.FIELDS if each.vocabulary}
"""The front-matter key of each vocabulary."""


@dataclass(frozen=True, slots=True)
class TermChange:
    """`into` in the place of every name of `key` whose normal form is among `names`.

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

    A name that is spelt as it shall be stays as it is; a name that the list has already is not listed twice. A single
    value that is taken already is not overwritten by a name that comes from another key.
    """
    now = fields.read_one(document, change.key)
    asked: dict[str, FieldValue] = {}
    if change.into_key == change.key:
        asked[change.key] = _in_place(now, change)
    elif _is_hit(now, change):
        asked[change.key] = [name for name in now if normal(name) not in change.names] if isinstance(now, list) else ""
        asked[change.into_key] = _added(fields.read_one(document, change.into_key), change.into)
    return document.replace(fields.changes_onto(document, asked), key_order=fields.KEY_ORDER)


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
    asked: dict[str, FieldValue] = {}
    for each in additions:
        now = asked.get(each.key, fields.read_one(document, each.key))
        if isinstance(now, list) and not any(normal(name) in each.names for name in now):
            asked[each.key] = [*now, each.name]
    return document.replace(fields.changes_onto(document, asked), key_order=fields.KEY_ORDER)


def unlisting(document: Document, terms: Iterable[TermAddition]) -> Document:
    """`document` without `terms` in their lists, under whatever name. Raises `EditRefused`."""
    asked: dict[str, FieldValue] = {}
    for each in terms:
        now = asked.get(each.key, fields.read_one(document, each.key))
        if isinstance(now, list):
            asked[each.key] = [name for name in now if normal(name) not in each.names]
    return document.replace(fields.changes_onto(document, asked), key_order=fields.KEY_ORDER)


def names_in(document: Document) -> dict[str, list[str]]:
    """For each vocabulary of which `document` has names, these names."""
    found: dict[str, list[str]] = {}
    for vocabulary, key in KEY_OF.items():
        now = fields.read_one(document, key)
        names = now if isinstance(now, list) else [str(now)] if now else []
        if names:
            found[vocabulary] = names
    return found


def written_out(document: Document, meant: Mapping[str, Mapping[str, str]]) -> Document:
    """`document` with the own names of terms for their aliases: `meant` has them by vocabulary and normal form.

    A name that the list has already is not listed twice. A key that cannot be written is left as it is.
    """
    for vocabulary, names in meant.items():
        key = KEY_OF[vocabulary]
        now = fields.read_one(document, key)
        told = [names.get(normal(each), each) for each in (now if isinstance(now, list) else [str(now)])]
        asked: FieldValue = list({normal(each): each for each in reversed(told)}.values())[::-1]
        with suppress(EditRefused):
            wanted = asked if isinstance(now, list) else told[0]
            document = document.replace(fields.changes_onto(document, {key: wanted}), key_order=fields.KEY_ORDER)
    return document


def _is_hit(now: FieldValue, change: TermChange) -> bool:
    names = now if isinstance(now, list) else [str(now)]
    return any(normal(name) in change.names for name in names)


def _in_place(now: FieldValue, change: TermChange) -> FieldValue:
    if not isinstance(now, list):
        return change.into[0] if normal(str(now)) in change.names and change.into else now
    if not any(normal(name) in change.names and name not in change.into for name in now):
        return now
    wanted = {normal(each): each for each in change.into}
    seen: set[str] = set()
    names: list[str] = []
    for name in now:
        for each in change.into if normal(name) in change.names else (name,):
            key = normal(each)
            # What is no name of the term stays as it is written, twice or not.
            if key in wanted and key in seen:
                continue
            seen.add(key)
            names.append(each)
    return names


def _added(now: FieldValue, into: tuple[str, ...]) -> FieldValue:
    if not isinstance(now, list):
        return now or (into[0] if into else "")
    there = {normal(name) for name in now}
    return [*now, *(each for each in into if normal(each) not in there)]


def takes_a_list(key: str) -> bool:
    """Whether `key` holds a list of terms, and not one."""
    return BY_KEY[key].kind is Kind.TERMS
