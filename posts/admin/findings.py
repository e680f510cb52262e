"""All findings of the checks, of all posts: a list to filter, beside that of problems in files."""

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.decorators import display

from posts.admin.not_checked import tell_what_is_not_checked
from posts.admin.paging import BoundedPaginator, page_asked_for
from posts.admin.post_filters import NEW_FOR, YesNoFilter
from posts.admin.post_findings import SEVERITY_COLOURS
from posts.admin.reading import ReadOnlyAdmin, link
from posts.admin.rooms import CollectionFilter, CountedRooms
from posts.check_words import kinds_of_findings
from posts.checks import Severity
from posts.finding_facts import facts_for
from posts.models import Finding
from posts.moments import ago
from posts.wording import worded


class FindingPaginator(BoundedPaginator):
    """With the words for findings."""

    template_name = "admin/posts/finding_pagination.html"


class KindFilter(DropdownFilter):
    """By what was found."""

    title = _("what was found")
    parameter_name = "code"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, Any]]:
        """Every kind: which of them occur, only a look at all findings would tell."""
        return kinds_of_findings()

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Only what was chosen."""
        return queryset.filter(code=self.value()) if self.value() else queryset


class Dismissed(YesNoFilter):
    title = _("dismissed")
    parameter_name = "dismissed"

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """By whether somebody dismissed it; without a choice, what nobody did."""
        return queryset.filter(dismissal__isnull=self.value() != "1")


class IsNew(YesNoFilter):
    title = _("new within a week")
    parameter_name = "new"

    def narrowed(self, request: HttpRequest, queryset: QuerySet[Any], *, so: bool) -> QuerySet[Any]:
        """By whether a text of the last days brought it."""
        new = Q(found_at__gte=timezone.now() - NEW_FOR)
        return queryset.filter(new) if so else queryset.exclude(new)


@admin.register(Finding)
class FindingAdmin(CountedRooms, ReadOnlyAdmin):
    """The list; a finding's own page is that of its post."""

    room = "post__collection"

    class Media:
        css: ClassVar = {"all": ("posts/checks.css",)}

    list_display = ("shown_severity", "words", "post_title", "where", "found")
    list_display_links = None
    list_filter = (
        ("severity", ChoicesDropdownFilter),
        KindFilter,
        IsNew,
        Dismissed,
        ("post__collection", CollectionFilter),
    )
    list_filter_submit = True
    list_per_page = 50
    list_select_related = ("post",)
    search_fields = ("post__path", "passage")
    search_help_text = _("A part of the path or of the passage")
    show_full_result_count = False
    ordering = (F("found_at").desc(nulls_last=True), "pk")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, with what the checks have still to look at."""
        if request.method == "GET" and self.has_view_permission(request):
            tell_what_is_not_checked(self, request, comparing=True)
        return super().changelist_view(request, extra_context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """On to what was found in its post."""
        finding = self.get_object(request, unquote(object_id))
        if finding is None or not self.has_view_permission(request, finding):
            return super().change_view(request, object_id, form_url, extra_context)
        return redirect("admin:posts_post_findings", finding.post_id)

    def get_paginator(
        self,
        request: HttpRequest,
        queryset: Any,
        per_page: int,
        orphans: int = 0,
        allow_empty_first_page: bool = True,
    ) -> Paginator:
        """One that does not count every row."""
        return FindingPaginator(queryset, per_page, orphans, allow_empty_first_page, page=page_asked_for(request))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """For whoever may see posts: a finding is about their text."""
        return request.user.has_perm("posts.view_post")

    def has_module_permission(self, request: HttpRequest) -> bool:
        """As for seeing one."""
        return self.has_view_permission(request)

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """With no word of a post that is closed to whoever asks; the foot alone has the number, which is bounded."""
        changelist = super().get_changelist_instance(request)
        changelist.full_result_count = changelist.result_count
        for finding in changelist.result_list:
            finding.facts = facts_for(request.user, finding.facts)
        return changelist

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Without the long fields of the posts."""
        return super().get_queryset(request).only(*_NEEDED)

    @display(description=_("severity"), ordering="severity")
    def shown_severity(self, finding: Finding) -> SafeString:
        """In its colour."""
        colour = SEVERITY_COLOURS[Severity(finding.severity)]
        return format_html('<span class="eg-label eg-{}">{}</span>', colour, Finding.Level(finding.severity).label)

    @display(description=_("what is wrong, and the remedy"))
    def words(self, finding: Finding) -> SafeString | str:
        """The sentence for it, and the passage."""
        said = worded(finding.code, finding.facts)
        if not finding.passage or finding.among_posts:
            return said
        return format_html('{}<span class="eg-passage">{}</span>', said, finding.passage)

    @display(description=_("post"))
    def post_title(self, finding: Finding) -> SafeString:
        """A link to what was found in its post."""
        title = format_html('<span class="ck-post">{}</span>', str(finding.post)[:80])
        return link(reverse("admin:posts_post_findings", args=[finding.post_id]), title)

    @display(description=_("where"))
    def where(self, finding: Finding) -> str:
        """Field and line."""
        line = _("line {line}").format(line=finding.line) if finding.line else ""
        return " · ".join(part for part in (finding.key, str(line)) if part) or "–"

    @display(description=_("new since"), ordering="found_at")
    def found(self, finding: Finding) -> SafeString | str:
        """When a text brought it; a dash for what was there before anything was checked."""
        return ago(finding.found_at)


_NEEDED = (
    "code",
    "severity",
    "key",
    "line",
    "passage",
    "facts",
    "among_posts",
    "found_at",
    "post__title",
    "post__path",
)
