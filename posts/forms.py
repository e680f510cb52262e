"""The forms of a post, made from the field table. What may be written, and how, is decided by `posts.editing`."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from posts import fields
from posts.access import within
from posts.composing import suggested_path, why_no_path
from posts.document.document import Document
from posts.editing import new_document
from posts.fields import EDITABLE, FieldValue, Kind
from posts.models import Collection, Post, PostTemplate
from posts.widgets import BodyWidget, NameSelect, NamesSelect, text_area, text_input
from posts.wording import worded
from taxonomy.names import normal

BODY = "body"
GROUPS: tuple[tuple[str, Any, tuple[str, ...]], ...] = (
    ("main", "", ("title", "date", "speaker", "guest", "author", "summary", "insight")),
    ("places", _("Where it belongs"), ("area", "category", "series", "tags", "project")),
    ("names", _("Who and what it names"), ("people", "companies_orgs", "products_models", "media_books")),
    ("site", _("For the site"), ("source", "layout")),
)
"""How the form is laid out: a name for the style sheet, a heading, and keys of the field table."""

_ZONE = r"(?:[Zz]|[+-]\d{1,2}(?::?\d{2})?)"
_TIME = rf"\d{{1,2}}:\d{{2}}(?::\d{{2}}(?:\.\d+)?)?\s*{_ZONE}?"
_DATE = re.compile(rf"\d{{4}}-\d{{2}}-\d{{2}}(?:[Tt ]\s*{_TIME})?")


class NamesField(forms.Field):
    """A list of names; new ones are welcome."""

    def __init__(self, vocabulary: str, **kwargs: Any) -> None:
        super().__init__(widget=NamesSelect(vocabulary), required=False, **kwargs)

    def to_python(self, value: Any) -> list[str]:
        """The names in their order, each once, with the line ends that they have in a file."""
        return list(dict.fromkeys(_with_line_feeds(each) for each in value or []))


class NameField(forms.Field):
    """One name, or none."""

    def __init__(self, vocabulary: str, **kwargs: Any) -> None:
        super().__init__(widget=NameSelect(vocabulary), required=False, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """The widget takes a list."""
        return [value] if isinstance(value, str) and value else value or []

    def to_python(self, value: Any) -> str:
        """The name, or nothing."""
        listed = [value] if isinstance(value, str) else list(value or [])
        if len(listed) > 1:
            raise ValidationError(_("Choose one name."))
        return _with_line_feeds(listed[0]) if listed else ""


class PostForm(forms.Form):
    """Every editable field of the table and the body, opened on one text of a post."""

    onto = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, document: Document, *args: Any, read_only: bool = False, **kwargs: Any) -> None:
        self.document = document
        self.opened = fields.read(document)[0]
        kwargs["initial"] = {**self.opened, BODY: document.body, **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        for each in EDITABLE:
            self.fields[each.key] = field_for(each, self.opened[each.key])
        self.fields[BODY] = forms.CharField(label=_("Text"), required=False, strip=False, widget=BodyWidget())
        for field in self.fields.values():
            field.disabled = field.disabled or read_only

    def changes(self) -> dict[str, FieldValue]:
        """What was typed that differs from the text that the form was opened on, by key."""
        return {key: value for key, value in self._typed() if value != _plain(self.opened[key])}

    def new_body(self) -> str | None:
        """The body, or None where it is as it was; line ends are the browser's and make no difference."""
        if BODY not in self.data:
            return None
        body: str = self.cleaned_data.get(BODY, "")
        return None if _with_line_feeds(body) == _with_line_feeds(self.document.body) else body

    def clean(self) -> dict[str, Any]:
        """Look at what was changed; what the file has already is not to be corrected by way of another field."""
        cleaned: dict[str, Any] = super().clean() or {}
        changed = self.changes()
        date = changed.get("date")
        if date:
            for told in wrong_date(str(date)):
                self.add_error("date", told)
        for each in EDITABLE:
            if each.kind in (Kind.TERM, Kind.TERMS) and each.key in changed:
                self._check_names(each.key, changed[each.key])
        return cleaned

    def _typed(self) -> Iterator[tuple[str, FieldValue]]:
        for each in EDITABLE:
            widget = self.fields[each.key].widget
            omitted = widget.value_omitted_from_data(self.data, self.files, self.add_prefix(each.key))
            if each.key in self.cleaned_data and not omitted:
                yield each.key, _plain(self.cleaned_data[each.key])

    def _check_names(self, key: str, value: FieldValue) -> None:
        had = self.opened[key]
        names = value if isinstance(value, list) else [str(value)] if value else []
        for told in wrong_names(set(names) - set(had if isinstance(had, list) else [str(had)])):
            self.add_error(key, told)


class NewPostForm(PostForm):
    """A post that is to be, from a template or from nothing: its collection and path besides."""

    collection = forms.ModelChoiceField(
        Collection.objects.all(), label=_("Collection"), empty_label=None, widget=UnfoldAdminSelectWidget
    )
    path = forms.CharField(
        label=_("Path"),
        required=False,
        widget=text_input(),
        help_text=_("Where the file will stand in the repository. Left empty, it is made from date and title."),
    )

    def __init__(
        self,
        *args: Any,
        by: Any,
        template: PostTemplate | None = None,
        document: Document | None = None,
        **kwargs: Any,
    ) -> None:
        self.template = template
        start = document if document is not None else new_document(template.document if template else None)
        initial: dict[str, Any] = {"collection": template.collection_id} if template else {}
        if not fields.read_one(start, "date"):
            initial["date"] = timezone.localdate().isoformat()
        super().__init__(start, *args, initial={**initial, **(kwargs.pop("initial", None) or {})}, **kwargs)
        choice = self.fields["collection"]
        assert isinstance(choice, forms.ModelChoiceField)
        choice.queryset = within(by, Collection.objects.order_by("practice", "name"), "pk")

    def clean(self) -> dict[str, Any]:
        """A path is suggested where none was given."""
        cleaned = super().clean()
        collection = cleaned.get("collection")
        if collection is None:
            return cleaned
        if self.template is not None and self.template.collection_id != collection.pk:
            self.add_error("collection", _("The template belongs to another collection. Choose that one."))
        if not cleaned.get("path"):
            told = str(cleaned.get("date", "")), str(cleaned.get("title", ""))
            cleaned["path"] = suggested_path(collection, *told)
            if not cleaned["path"]:
                self.add_error("path", worded(why_no_path(collection, *told)))
        return cleaned


def wrong_date(text: str) -> Iterator[ValidationError]:
    """What is wrong with a date as it was typed."""
    if not _DATE.fullmatch(text) or fields.day(text) is None:
        yield ValidationError(_("Write the date as 2026-02-13, or with a time as 2026-02-13T09:30:00+08:00."))


def wrong_names(names: Iterable[str]) -> Iterator[ValidationError]:
    """What is wrong with names that were typed."""
    for name in names:
        if not normal(name):
            yield ValidationError(_("A name cannot be blank."))
        elif len(name) > fields.LONGEST_TERM:
            error = _("“%(name)s…” is longer than %(limit)s characters.")
            yield ValidationError(error, params={"name": name[:30], "limit": fields.LONGEST_TERM})


def field_for(each: fields.Field, value: FieldValue) -> forms.Field:
    """The form field of one known key; `value` is what it says at first."""
    label = capfirst(getattr(Post._meta.get_field(each.key), "verbose_name", each.key))
    if each.kind is Kind.TERMS:
        return NamesField(each.vocabulary, label=label)
    if each.kind is Kind.TERM:
        return NameField(each.vocabulary, label=label)
    # A browser takes the line ends out of a single line: text that has some must come back as it was.
    several = each.kind is Kind.LONG_TEXT or "\n" in str(value) or "\r" in str(value)
    widget = text_area() if several else text_input()
    if each.kind is Kind.DATE:
        widget.attrs["placeholder"] = "2026-02-13"
    return forms.CharField(label=label, required=False, strip=False, widget=widget)


def _plain(value: FieldValue) -> FieldValue:
    """`value` as it comes back from a browser that changed nothing."""
    if isinstance(value, list):
        return [_with_line_feeds(each) for each in value]
    return _with_line_feeds(value) if isinstance(value, str) else value


def _with_line_feeds(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
