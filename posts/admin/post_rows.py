"""The form of a post as rows: each field with what is wrong in the file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.forms import BoundField

from posts.admin.post_suggestions import AtField
from posts.document.document import Document
from posts.fields import BY_KEY
from posts.forms import GROUPS, PostForm
from posts.models import Problem
from posts.wording import worded


@dataclass(frozen=True, slots=True)
class Row:
    """One field."""

    field: BoundField
    key: str
    problems: Sequence[str] = ()
    suggested: AtField | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that stand together."""

    name: str
    title: Any
    rows: Sequence[Row]


def groups(
    form: PostForm,
    problems: Sequence[Problem] = (),
    findings: Mapping[str, Sequence[str]] | None = None,
    suggested: Mapping[str, AtField] | None = None,
) -> list[Group]:
    """The fields of `form` but for the body, as they stand on the page; `findings` are words for each key."""
    at = suggested or {}
    said: dict[str, list[str]] = {key: list(words) for key, words in (findings or {}).items()}
    for problem in problems:
        if problem.key:
            said.setdefault(problem.key, []).append(worded(problem.code, problem.facts))
    return [
        Group(name, title, [Row(form[key], key, said.get(key, ()), at.get(key)) for key in keys])
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
