"""The table of the list of posts. Unfold's own makes all headers anew in each row: half of the page's time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import Any

from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.db.models import ForeignKey
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from unfold.templatetags.unfold_list import CHECKBOX_CLASSES, LINK_CLASSES, ROW_CLASSES, result_headers

from posts.models import Post


@dataclass(frozen=True, slots=True)
class Column:
    """One column: how its cells begin and end, and what a post has there; `links` leads to the post."""

    begin: SafeString
    end: SafeString
    shown: Callable[[Post], Any]
    links: bool


class PostTable:
    """Headers and rows of a list of posts, in Unfold's looks."""

    def __init__(self, changelist: Any) -> None:
        self._list = changelist

    @cached_property
    def headers(self) -> list[dict[str, Any]]:
        """What stands above the columns, as Unfold's template wants it."""
        return list(result_headers(self._list))

    @property
    def sorted_by(self) -> int:
        """By how many columns the list is sorted."""
        return sum(bool(header["sortable"] and header["sorted"]) for header in self.headers)

    def rows(self) -> Iterator[SafeString]:
        """The cells of each post."""
        named = zip(self._list.list_display, self.headers, strict=True)
        columns = [self._column(name, header["text"]) for name, header in named]
        for post in self._list.result_list:
            row = SafeString()
            for column in columns:
                cell = conditional_escape(column.shown(post))
                row += column.begin + (self._linked(post, cell) if column.links else cell) + column.end
            yield row

    def _column(self, name: str, title: object) -> Column:
        admin, links = self._list.model_admin, name in self._list.list_display_links
        tag, classes = ("th" if links else "td"), [f"field-{name}", *ROW_CLASSES]
        empty = admin.get_empty_value_display()
        if name == "action_checkbox":
            classes, title = CHECKBOX_CLASSES, _("Select record")
        if hasattr(admin, name):
            method = getattr(admin, name)

            def shown(post: Post) -> Any:
                told = method(post)
                return empty if told is None else told
        else:
            value = attrgetter(name)
            if isinstance(self._list.opts.get_field(name), ForeignKey):
                classes = [*classes, "nowrap"]

            def shown(post: Post) -> Any:
                return value(post) or empty

        begin = format_html('<{} class="{}" data-label="{}">', tag, " ".join(classes), title)
        return Column(begin, format_html("</{}>", tag), shown, links)

    def _linked(self, post: Post, cell: SafeString) -> SafeString:
        kept = {"preserved_filters": self._list.preserved_filters, "opts": self._list.opts}
        address = add_preserved_filters(kept, self._list.url_for_result(post))
        return format_html('<a href="{}" class="{}">{}</a>', address, " ".join(LINK_CLASSES), cell)
