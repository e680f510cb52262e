"""The form of a bulk edit: for each field, what is to be done with it in many posts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from posts.admin.bulk_words import label_of
from posts.field_changes import CHANGEABLE
from posts.fields import Field, Kind
from posts.forms import GROUPS
from posts.widgets import NameSelect, NamesSelect, text_area, text_input

_LEAVE = ("", _("Leave as it is"))
_LISTS = (
    _LEAVE,
    ("add", _("Add")),
    ("remove", _("Remove")),
    ("replace", _("Replace one")),
    ("set", _("Replace the whole list")),
    ("empty", _("Empty")),
)
_SINGLE = (_LEAVE, ("set", _("Set")), ("replace", _("Replace where it is")), ("empty", _("Empty")))


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One field of the form: what to do, which value is looked for, and the new one."""

    key: str
    label: str
    does: forms.BoundField
    old: forms.BoundField
    value: forms.BoundField


@dataclass(frozen=True, slots=True)
class ChangeGroup:
    """Fields that stand together."""

    title: str | Promise
    rows: list[ChangeRow]


class FieldChangesForm(forms.Form):
    """Every field that a bulk step may change; what is asked is checked by `posts.field_changes`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for each in CHANGEABLE.values():
            label = label_of(each.key)
            choices = _LISTS if each.kind is Kind.TERMS else _SINGLE
            does = forms.ChoiceField(choices=choices, required=False, label=label, widget=UnfoldAdminSelectWidget)
            self.fields[f"do_{each.key}"] = does
            self.fields[f"old_{each.key}"] = _value_field(each, old=True)
            self.fields[f"value_{each.key}"] = _value_field(each)

    def groups(self) -> list[ChangeGroup]:
        """The fields as they are laid out, as in the form of a post."""
        return [
            ChangeGroup(title or _("What it is"), [self._row(key) for key in keys if key in CHANGEABLE])
            for _name, title, keys in GROUPS
        ]

    def asked(self) -> list[dict[str, object]]:
        """What is to be done, as plain data: of those fields that are not left as they are."""
        return [data for key in CHANGEABLE if (data := self._asked_of(key)) is not None]

    def _asked_of(self, key: str) -> dict[str, object] | None:
        told: Mapping[str, Any] = self.cleaned_data
        does = told.get(f"do_{key}")
        if not does:
            return None
        if does == "empty":
            return {"key": key, "do": "set", "values": []}
        value, old = told.get(f"value_{key}"), told.get(f"old_{key}")
        values = list(value) if isinstance(value, list) else [value] if str(value or "").strip() else []
        # An emptied field is asked for by its own choice: nothing typed is a slip, not a wish.
        if does == "set" and not values:
            return {"key": key, "do": "add" if CHANGEABLE[key].kind is Kind.TERMS else "replace", "values": []}
        first = old[0] if isinstance(old, list) and old else old or ""
        return {"key": key, "do": does, "values": values, "old": first}

    def _row(self, key: str) -> ChangeRow:
        return ChangeRow(key, label_of(key), self[f"do_{key}"], self[f"old_{key}"], self[f"value_{key}"])


class _Names(forms.Field):
    """Names as the widget gives them."""

    def to_python(self, value: Any) -> list[str]:
        """A list of names."""
        return list(value or [])


def _value_field(each: Field, *, old: bool = False) -> forms.Field:
    label = capfirst(_("the value that is looked for")) if old else capfirst(_("the new value"))
    if each.kind is Kind.TERMS and not old:
        return _Names(label=label, required=False, widget=NamesSelect(each.vocabulary))
    if each.kind in (Kind.TERM, Kind.TERMS):
        return _Names(label=label, required=False, widget=NameSelect(each.vocabulary))
    widget = text_area() if each.kind is Kind.LONG_TEXT else text_input()
    widget.attrs["aria-label"] = label
    if each.kind is Kind.DATE:
        widget.attrs["placeholder"] = "2026-02-13"
    return forms.CharField(label=label, required=False, strip=False, widget=widget)
