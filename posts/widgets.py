"""The widgets of the post form: names of a vocabulary, and the body with its preview."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django import forms
from django.contrib.admin.widgets import get_select2_language
from django.forms.utils import flatatt
from django.urls import reverse_lazy
from django.utils.datastructures import MultiValueDict
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from markdownx.widgets import MarkdownxWidget
from unfold.widgets import BASE_INPUT_CLASSES

INPUT_CLASSES = " ".join(BASE_INPUT_CLASSES)


class NamesSelect(forms.SelectMultiple):
    """Names of one vocabulary, in the order of the file; select2 suggests known ones and takes new ones.

    The values are the names themselves, so commas, quotes and blanks in them mean nothing. A hidden empty value
    goes with them: a form that does not hold the field at all is told from one where every name was taken out.
    """

    most = 0

    def __init__(self, vocabulary: str) -> None:
        super().__init__(
            {
                "class": "eg-names admin-autocomplete",
                "data-theme": "admin-autocomplete",
                "data-suggest": reverse_lazy("admin:posts_post_suggest", args=[vocabulary]),
                "data-placeholder": _("Type to find or add a name"),
                "data-new": _("new"),
            }
        )
        self.attrs["data-most"] = self.most

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """The select, after the hidden empty value. Without templates: a form has nine of these.

        The names of the post are all the options there are; the others come by suggestion.
        """
        names = ((each,) for each in self.format_value(value) if each)
        return format_html(
            '<input type="hidden" name="{0}" value=""><select name="{0}"{1} multiple>{2}</select>',
            name,
            flatatt(self.build_attrs(self.attrs, attrs)),
            format_html_join("", '<option value="{0}" selected>{0}</option>', names),
        )

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        """Whether the form did not hold this field."""
        return name not in data

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> list[str]:
        """The names, without the empty value that goes with them."""
        listed: Iterable[str] = data.getlist(name) if isinstance(data, MultiValueDict) else data.get(name) or []
        return [each for each in listed if each]

    @property
    def media(self) -> forms.Media:
        """Django's own select2, which must come before the script that gives jQuery its name in the admin."""
        language = get_select2_language()
        return forms.Media(
            css={"screen": ["admin/css/vendor/select2/select2.min.css", "admin/css/autocomplete.css"]},
            js=[
                "admin/js/vendor/jquery/jquery.min.js",
                "admin/js/vendor/select2/select2.full.min.js",
                *([f"admin/js/vendor/select2/i18n/{language}.js"] if language else []),
                "admin/js/jquery.init.js",
                "posts/names.js",
            ],
        )


class NameSelect(NamesSelect):
    """One name of a vocabulary, or none."""

    most = 1


class BodyWidget(MarkdownxWidget):
    """markdownx's text area, in our looks; the tools and the preview around it are the page's.

    Its own script takes keys away from input methods and from the browser's undo, so ours stand in its place.
    """

    template_name = "django/forms/widgets/textarea.html"

    def __init__(self) -> None:
        super().__init__({"class": f"{INPUT_CLASSES} eg-body-source", "spellcheck": "true", "rows": 24})

    class Media:
        extend = False
        css: ClassVar = {"screen": ["posts/editor.css"]}
        js: ClassVar = [
            "posts/editor.js",
            "posts/editor_marks.js",
            "posts/editor_text.js",
            "posts/editor_undo.js",
            "posts/editor_paste.js",
            "posts/editor_find.js",
            "posts/editor_preview.js",
            "posts/editor_facts.js",
            "posts/editor_front_matter.js",
        ]


def text_input(**attrs: object) -> forms.TextInput:
    """A single line in the admin's looks."""
    return forms.TextInput({"class": INPUT_CLASSES, **attrs})


def text_area(**attrs: object) -> forms.Textarea:
    """Several lines in the admin's looks, growing with their text."""
    return forms.Textarea({"class": f"{INPUT_CLASSES} eg-growing", "rows": 2, **attrs})
