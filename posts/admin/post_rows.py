"""The form of a post as rows: each field with what is wrong in the file, and after a clash with what others wrote."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.forms import BoundField

from posts.differences import Difference, difference
from posts.document.document import Document
from posts.fields import BY_KEY, FieldValue, read_one
from posts.forms import BODY, GROUPS, PostForm
from posts.models import Problem
from posts.wording import worded


@dataclass(frozen=True, slots=True)
class Row:
    """One field."""

    field: BoundField
    key: str
    problems: Sequence[str] = ()
    now: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that stand together."""

    name: str
    title: Any
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Clash:
    """What the others wrote meanwhile where this person typed, too: by key, and the difference of the bodies."""

    now: Mapping[str, str]
    body: Difference | None = None


NO_CLASH = Clash({})


def clash_over(keys: Sequence[str], present: Document, typed_body: str) -> Clash:
    """What `present` says under `keys`, which somebody typed onto an older text."""
    now = {key: _shown(read_one(present, key)) for key in keys if key in BY_KEY}
    body = difference(_plain(present.body), _plain(typed_body)) if BODY in keys else None
    return Clash(now, body)


def groups(form: PostForm, problems: Sequence[Problem] = (), clash: Clash = NO_CLASH) -> list[Group]:
    """The fields of `form` but for the body, as they stand on the page."""
    said: dict[str, list[str]] = {}
    for problem in problems:
        if problem.key:
            said.setdefault(problem.key, []).append(worded(problem.code, problem.facts))
    return [
        Group(name, title, [Row(form[key], key, said.get(key, ()), clash.now.get(key)) for key in keys])
        for name, title, keys in GROUPS
    ]


def fixed_keys(document: Document) -> list[tuple[str, str]]:
    """What only the steps of the review write, as it stands in the file."""
    return [(key, _as_written(document, key)) for key in ("draft", "status")]


def other_keys(document: Document) -> list[tuple[str, str]]:
    """The keys that the form has no field for, with their own lines."""
    return [(key, document.lines_of(key).rstrip("\r\n")) for key in document.keys if key not in BY_KEY]


def _as_written(document: Document, key: str) -> str:
    if key not in document.keys:
        return ""
    value = document.values.get(key)
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _shown(value: FieldValue) -> str:
    return "\n".join(value) if isinstance(value, list) else str(value)


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
