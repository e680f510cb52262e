"""The field table: what each known front-matter key holds, and its value in and out of a document.

The twenty keys and their order are those of the customer's sample post. A document may hold more: unknown
keys live in the text alone. Nothing in here changes a text; what is odd about a value is told as a fault.
"""

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from posts.document.document import Document
from posts.document.errors import DocumentError
from taxonomy.names import normal

LONGEST_TERM = 255


class Kind(StrEnum):
    """What a key holds, and so how it is read, shown and written."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    DATE = "date"
    DRAFT = "draft"
    TERM = "term"
    TERMS = "terms"


@dataclass(frozen=True, slots=True)
class Field:
    """One known key: its kind and, for terms, the vocabulary (a model's name in `taxonomy`)."""

    key: str
    kind: Kind
    vocabulary: str = ""


FIELDS: tuple[Field, ...] = (
    Field("author", Kind.TEXT),
    Field("date", Kind.DATE),
    Field("guest", Kind.TEXT),
    Field("layout", Kind.TEXT),
    Field("source", Kind.TEXT),
    Field("speaker", Kind.TEXT),
    Field("tags", Kind.TERMS, "tag"),
    Field("title", Kind.TEXT),
    Field("summary", Kind.LONG_TEXT),
    Field("insight", Kind.LONG_TEXT),
    Field("draft", Kind.DRAFT),
    Field("series", Kind.TERM, "series"),
    Field("category", Kind.TERM, "category"),
    Field("area", Kind.TERM, "area"),
    Field("project", Kind.TERMS, "project"),
    Field("people", Kind.TERMS, "person"),
    Field("companies_orgs", Kind.TERMS, "organisation"),
    Field("products_models", Kind.TERMS, "product"),
    Field("media_books", Kind.TERMS, "mediawork"),
    Field("status", Kind.TEXT),
)
BY_KEY: Mapping[str, Field] = {each.key: each for each in FIELDS}
KEY_ORDER: tuple[str, ...] = tuple(BY_KEY)

WRITTEN_BY_TRANSITIONS = frozenset({"draft", "status"})
"""Keys that no form, upload or bulk step writes (DESIGN §2.10)."""

EDITABLE: tuple[Field, ...] = tuple(each for each in FIELDS if each.key not in WRITTEN_BY_TRANSITIONS)

TERM_LISTS = frozenset(each.key for each in FIELDS if each.kind is Kind.TERMS)
"""Keys whose lists are merged item by item (DESIGN §2.7)."""

FieldValue = str | bool | list[str]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is odd about one key's value: a stable code, the key, its line in the file, and facts for the wording."""

    code: str
    key: str
    line: int | None
    facts: dict[str, object] = field(default_factory=dict)


Reading = tuple[dict[str, FieldValue], list[Fault]]
"""What `read` gives."""

FAULTS = ("list_as_text", "scalar_for_list", "wrong_kind", "empty_item", "not_a_date", "name_too_long")


def read(document: Document) -> Reading:
    """Every known key of `document` as a typed value, and the faults found on the way.

    Text and dates come as `str` (a date as its literal), `draft` as the site reads it (DESIGN §1, "live"),
    a single term as its name ("" for none), lists of terms as names in the file's order without repetitions.
    """
    values: dict[str, FieldValue] = {}
    faults: list[Fault] = []
    known = document.values
    for each in FIELDS:
        raw = known.get(each.key)
        if each.kind is Kind.DRAFT:
            values[each.key] = document.truthy(each.key)
            # A text is true in JavaScript, whatever it says: `maybe`, and `"false"` too, make a draft.
            if isinstance(raw, list | dict) or (isinstance(raw, str) and raw.strip() not in ("", "true")):
                faults.append(_fault("wrong_kind", each.key, document))
        elif each.kind is Kind.TERMS:
            names, found = _names(raw)
            values[each.key] = names
            faults += [_fault(code, each.key, document, **facts) for code, facts in found]
        elif isinstance(raw, list | dict):
            values[each.key] = ""
            faults.append(_fault("wrong_kind", each.key, document))
        else:
            text = as_text(raw)
            values[each.key] = text
            if each.kind is Kind.DATE and text and day(text) is None:
                faults.append(_fault("not_a_date", each.key, document, value=text[:100]))
            if each.kind is Kind.TERM and is_too_long(text):
                faults.append(_fault("name_too_long", each.key, document, limit=LONGEST_TERM))
    return values, faults


_A_LIST = re.compile(r"\[\s*(?:[\"'].*[\"']\s*)?\]")
"""A list written as text among the names of one; `[简]` may be a name."""


def read_one(document: Document, key: str) -> FieldValue:
    """The typed value of one known key, as `read` gives it."""
    raw = document.values.get(key)
    kind = BY_KEY[key].kind
    if kind is Kind.DRAFT:
        return document.truthy(key)
    if kind is Kind.TERMS:
        return _names(raw)[0]
    return "" if isinstance(raw, list | dict) else as_text(raw)


def listed(document: Document, key: str) -> list[object] | FieldValue:
    """What `document` says for one known key: a list of terms as it stands there, with its empty items and what is in
    it twice; else the typed value.
    """
    raw = document.values.get(key)
    return list[object](raw) if isinstance(raw, list) and BY_KEY[key].kind is Kind.TERMS else read_one(document, key)


def day(literal: str) -> datetime.date | None:
    """The calendar day of a date or date-time literal as it is written there (never moved to UTC), or None."""
    try:
        return datetime.date.fromisoformat(literal[:10])
    except ValueError:
        return None


def is_too_long(name: str) -> bool:
    """Whether a vocabulary cannot hold `name`: in itself, or in the normal form, where one sign can become eighteen."""
    return len(name) > LONGEST_TERM or (len(name) > LONGEST_TERM // 18 and len(normal(name)) > LONGEST_TERM)


def changes_onto(document: Document, asked: Mapping[str, object]) -> dict[str, object]:
    """The part of `asked` (key to typed value) that differs from what `document` says, ready for `replace`.

    An asked value that reads the same as the document's leaves the key alone, however it is spelt there
    (`people: '[]'` is an empty list, `title: 2024` is the text 2024). Dates may be given as `datetime.date`.
    Unknown keys are passed on as they are.
    """
    changes: dict[str, object] = {}
    for key, value in asked.items():
        wanted = value.isoformat() if isinstance(value, datetime.date) else value
        if isinstance(wanted, tuple):
            wanted = list(wanted)
        if isinstance(wanted, str):
            wanted = wanted.replace("\r\n", "\n").replace("\r", "\n")
        if key in BY_KEY:
            if key not in document.keys and not wanted:
                continue
            if read_one(document, key) == wanted:
                continue
        changes[key] = wanted
    return changes


def _fault(code: str, key: str, document: Document, **facts: object) -> Fault:
    return Fault(code, key, document.line_of(key), facts)


def as_text(raw: object) -> str:
    """A single value of a front matter, an item of a list too, as the text that it is for us."""
    if isinstance(raw, str) and "\0" not in raw:
        return raw
    if raw is None:
        return ""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    # An escape in double quotes can make a NUL, which no column of PostgreSQL holds; the text keeps it as written.
    return str(raw).replace("\0", "\N{REPLACEMENT CHARACTER}")


def _names(raw: object) -> tuple[list[str], list[tuple[str, dict[str, object]]]]:
    faults: list[tuple[str, dict[str, object]]] = []
    if isinstance(raw, str) and raw.strip().startswith("[") and raw.strip().endswith("]"):
        listed = _list_in(raw.strip())
        if listed is not None:
            faults.append(("list_as_text", {"value": raw[:100]}))
            raw = listed
    if isinstance(raw, dict):
        return [], [("wrong_kind", {})]
    if raw is None or raw == "":
        return [], faults
    if not isinstance(raw, list):
        faults.append(("scalar_for_list", {"value": as_text(raw)[:100]}))
        raw = [raw]
    names: dict[str, None] = {}
    for item in raw:
        if isinstance(item, list | dict):
            faults.append(("wrong_kind", {}))
            continue
        name = as_text(item)
        if not name.strip():
            faults.append(("empty_item", {}))
        elif is_too_long(name):
            faults.append(("name_too_long", {"limit": LONGEST_TERM}))
        else:
            if _A_LIST.fullmatch(name.strip()) and _list_in(name.strip()) is not None:
                faults.append(("list_as_text", {"value": name[:100]}))
            names[name] = None
    return list(names), faults


def listed_apart(names: Sequence[str]) -> list[str]:
    """`names` with the items of a list that stands among them as text (`["A"]`) in its place, each once."""
    found: dict[str, None] = {}
    for name in names:
        items = _list_in(name.strip()) if _A_LIST.fullmatch(name.strip()) else None
        for each in [name] if items is None else items:
            if not isinstance(each, list | dict) and as_text(each).strip():
                found[as_text(each)] = None
    return list(found)


def _list_in(text: str) -> list[object] | None:
    if text == "[]":
        return []
    if "\n" in text:
        return None
    try:
        value = Document.from_text(f"---\nitems: {text}\n---\n").values["items"]
    except DocumentError:
        return None
    return list(value) if isinstance(value, list) else None
