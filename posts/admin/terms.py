"""The vocabularies' pages with what they say of posts: how many have a term, which, and what may not be deleted."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from taggit.models import Tag as TaggitTag
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from posts.admin.reading import asking, link
from posts.admin.term_duplicates import TermDuplicates
from posts.admin.term_page import page_of, posts_address
from posts.admin.term_steps import TermSteps
from posts.term_uses import uses, with_aliases, with_uses
from taxonomy.admin import AliasFilter, NewFilter, TermAdmin
from taxonomy.models import VOCABULARIES, Term


class UseFilter(DropdownFilter):
    """Those that no post has, or only one."""

    title = _("use")
    parameter_name = "use"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, Any]]:
        """What can be chosen."""
        return [("none", _("Unused")), ("once", _("Used once")), ("some", _("Used by posts"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Only what was chosen."""
        match self.value():
            case "none":
                return queryset.filter(post_count=0)
            case "once":
                return queryset.filter(post_count=1)
            case "some":
                return queryset.filter(post_count__gt=0)
        return queryset


class OtherNamesFilter(DropdownFilter):
    """Those that have other names, or none."""

    title = _("aliases")
    parameter_name = "aliases"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, Any]]:
        """What can be chosen."""
        return [("none", _("Without aliases")), ("some", _("With aliases"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Only what was chosen."""
        if not self.value():
            return queryset
        others = queryset.model._default_manager.filter(alias_of=OuterRef("pk"))
        return queryset.filter(Exists(others) if self.value() == "some" else ~Exists(others))


class CountedTermAdmin(TermSteps, TermDuplicates, TermAdmin):
    """A vocabulary with its posts."""

    list_display = ("name", "mark", "posts", "first", "last", "alias_names")
    list_filter = (NewFilter, UseFilter, OtherNamesFilter, AliasFilter)
    ordering = ("-is_new", "name")
    change_form_outer_after_template = "admin/posts/term/page.html"
    list_before_template = "admin/posts/term/tools.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With the number of posts, and the days of the first and the last."""
        return with_uses(super().get_queryset(request), by=asking(request))

    @display(description=_("first use"), ordering="first_use", empty_value="–")
    def first(self, term: Any) -> Any:
        """The date of the oldest post that has it."""
        return term.first_use

    @display(description=_("last use"), ordering="last_use", empty_value="–")
    def last(self, term: Any) -> Any:
        """The date of the newest post that has it."""
        return term.last_use

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A name that posts have is changed together with them, by the steps below the form."""
        fixed = super().get_readonly_fields(request, obj)
        in_use = obj is not None and uses(self.model, obj.alias_of_id or obj.pk).exists()
        return (*fixed, "name", "alias_of") if in_use else fixed

    @display(description=_("posts"), ordering="post_count")
    def posts(self, term: Any) -> SafeString | int:
        """How many, with a link to them."""
        return link(posts_address(term), term.post_count) if term.post_count else 0

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """With the first posts that have the term, what stands beside it, and what may be done with it."""
        term = context.get("original")
        may_see = request.user.has_perm("posts.view_post") or request.user.has_perm("posts.change_post")
        if term is not None and may_see:
            context |= page_of(term, asking(request)) | self.steps_of(request, term)
        return super().render_change_form(request, context, *args, **kwargs)

    # --- Deleting

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Delete what nobody uses; say why not where somebody does."""
        term = self.get_object(request, object_id)
        if term is not None and self.has_delete_permission(request, term):
            used = uses(self.model, with_aliases(self.model, [term])).count()
            if used:
                self.message_user(request, _refusal(term, used), messages.ERROR)
                address = reverse(f"admin:taxonomy_{self.opts.model_name}_change", args=[term.pk])
                return HttpResponseRedirect(address)
        return super().delete_view(request, object_id, extra_context)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[Any]]:
        """What deleting `objs` would delete, and which of them posts use, without listing every link of every post."""
        terms = list(objs)
        doomed = list(with_aliases(self.model, terms))
        protected = []
        for term in with_uses(self.model._default_manager.filter(pk__in=[each.pk for each in doomed])):
            if term.post_count:
                protected.append(_refusal(term, term.post_count))
        missing = set() if self.has_delete_permission(request) else {str(self.opts.verbose_name)}
        counts = {str(self.opts.verbose_name_plural): len(doomed)}
        return [str(each) for each in doomed], counts, missing, protected


def _refusal(term: Term, number: int) -> SafeString:
    said = ngettext(
        "“{}” cannot be deleted: {} post has it. Take it out of that post first.",
        "“{}” cannot be deleted: {} posts have it. Take it out of those posts first.",
        number,
    )
    return format_html(said, term.name, number)


for _vocabulary in VOCABULARIES.values():
    admin.site.register(_vocabulary, CountedTermAdmin)

# Taggit's own vocabulary is not in use here.
admin.site.unregister(TaggitTag)
