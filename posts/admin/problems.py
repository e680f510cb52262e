"""Problems: what is wrong with which file, and the remedy. They are computed, and vanish with their cause."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from posts.access import within
from posts.admin.reading import ReadOnlyAdmin, post_link
from posts.admin.rooms import CollectionFilter, CountedRooms
from posts.models import Problem
from posts.wording import worded

# A code in two or three words, for the filter; the list has the sentence with the remedy.
KINDS = {
    "broken_yaml": _("front matter cannot be read"),
    "duplicate_key": _("key stands twice"),
    "not_a_mapping": _("front matter is no list of keys"),
    "fence_not_closed": _("front matter not closed"),
    "fence_unclear": _("end of the front matter unclear"),
    "not_utf8": _("not UTF-8"),
    "nul": _("NUL character"),
    "too_large": _("file too large"),
    "front_matter_language": _("front matter is not YAML"),
    "too_many_aliases": _("too many aliases"),
    "recursive_alias": _("anchor contains itself"),
    "too_deep": _("nested too deep"),
    "our_fault": _("fault of Evergreen's own"),
    "symlink": _("symbolic link"),
    "submodule": _("submodule"),
    "path_not_utf8": _("name not UTF-8"),
    "path_outside": _("path leads outside"),
    "path_length": _("path too long"),
    "path_control_character": _("control character in the name"),
    "differs_only_by_case": _("path differs only by letter case"),
    "list_as_text": _("list written as text"),
    "scalar_for_list": _("single value for a list"),
    "wrong_kind": _("value of a wrong kind"),
    "empty_item": _("empty item in a list"),
    "not_a_date": _("not a date"),
    "name_too_long": _("name too long"),
}


class CodeFilter(DropdownFilter):
    """By what is wrong, of what there is."""

    title = _("what is wrong")
    parameter_name = "code"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, Any]]:
        """The codes that occur."""
        codes = within(request.user, Problem.objects.all()).order_by("code").values_list("code", flat=True).distinct()
        return [(code, KINDS.get(code, code)) for code in codes]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Only what was chosen."""
        return queryset.filter(code=self.value()) if self.value() else queryset


class BlocksFilter(DropdownFilter):
    """By whether it stands in the way of a review."""

    title = _("in the way of a review")
    parameter_name = "blocks"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, Any]]:
        """What can be chosen."""
        return [("yes", _("Yes, it must be mended first")), ("no", _("No"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Only what was chosen."""
        return queryset.filter(blocks=self.value() == "yes") if self.value() else queryset


@admin.register(Problem)
class ProblemAdmin(CountedRooms, ReadOnlyAdmin):
    """The list of problems."""

    list_display = ("place", "words", "post_title", "shown_blocks", "collection")
    list_filter = (CodeFilter, BlocksFilter, ("collection", CollectionFilter))
    list_filter_submit = True
    list_per_page = 50
    list_select_related = ("collection", "post")
    search_fields = ("path",)
    search_help_text = _("A part of the path")
    ordering = ("-blocks", "path", "line", "pk")
    list_before_template = "admin/posts/other_findings.html"
    fields = ("collection", "path", "line", "words", "key", "post_title", "blocks")

    @display(description=_("file"), ordering="path")
    def place(self, problem: Problem) -> str:
        """Path and line."""
        return f"{problem.path}:{problem.line}" if problem.line else problem.path

    @display(description=_("what is wrong, and the remedy"))
    def words(self, problem: Problem) -> str:
        """The sentence for it."""
        return worded(problem.code, {"key": problem.key, **problem.facts})

    @display(description=_("post"))
    def post_title(self, problem: Problem) -> SafeString | str:
        """A link to its post."""
        return post_link(problem.post) if problem.post else "–"

    @display(description=_("in the way"), label={True: "danger"})
    def shown_blocks(self, problem: Problem) -> tuple[bool, Any] | str:
        """Whether it must be mended before a review."""
        return (True, _("blocks")) if problem.blocks else ""
