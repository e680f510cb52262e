"""The vocabularies' pages with what they say of posts: how many have a term, which, and what may not be deleted."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, F, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from taggit.models import Tag as TaggitTag
from unfold.contrib.filters.admin import DropdownFilter, RelatedDropdownFilter
from unfold.decorators import display

from posts.admin.reading import asking, link
from posts.admin.term_duplicates import TermDuplicates
from posts.admin.term_order import TermOrder, order_address
from posts.admin.term_page import page_of, posts_address
from posts.admin.term_steps import TermSteps
from posts.admin.term_tables import TermTables
from posts.bulk import start
from posts.errors import EvergreenError
from posts.models import BulkStep
from posts.retagging import propose_delete, propose_delete_unused
from posts.term_reach import may_change, out_of_reach, within_reach
from posts.term_sites import TermPlace, faults_in, places_of
from posts.term_uses import uses, with_aliases, with_uses
from posts.wording import worded, worded_error
from taxonomy.admin import AliasFilter, NewFilter, TermAdmin
from taxonomy.models import VOCABULARIES, Category, OrderedTerm, Term


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


class AddressFilter(DropdownFilter):
    """Those that have no page of their own on a site."""

    title = _("address on the site")
    parameter_name = "address"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, Any]]:
        """What can be chosen."""
        return [("none", _("No page of its own"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Only what was chosen."""
        return queryset.filter(pk__in=list(faults_in(queryset.model))) if self.value() == "none" else queryset


class CountedTermAdmin(TermSteps, TermDuplicates, TermTables, TermAdmin):
    """A vocabulary with its posts."""

    list_display: tuple[str, ...] = ("name", "mark", "posts", "first", "last", "alias_names")
    list_filter: Any = (NewFilter, UseFilter, OtherNamesFilter, AddressFilter, AliasFilter)
    ordering: Any = ("-is_new", "name")
    change_form_outer_after_template = "admin/posts/term/page.html"
    list_before_template = "admin/posts/term/tools.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With the number of posts, and the days of the first and the last."""
        return with_uses(super().get_queryset(request), by=asking(request))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A term, or an alias of one, is changed by whoever may enter all collections that have it."""
        return super().has_change_permission(request, obj) and (obj is None or may_change(obj, asking(request)))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As for changing."""
        return super().has_delete_permission(request, obj) and (obj is None or may_change(obj, asking(request)))

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Another name is given only to a term that its giver may change."""
        if db_field.name == "alias_of":
            kwargs["queryset"] = within_reach(self.model._default_manager.all(), asking(request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """With the addresses of a term that is there, where a site has such."""
        shown = super().get_fields(request, obj)
        if obj is None or obj.alias_of_id is not None or not places_of(obj):
            return shown
        return [each for name in shown for each in ((name, "site_addresses") if name == "slug" else (name,))]

    @display(description=_("on the site"))
    def site_addresses(self, term: Term) -> SafeString:
        """Where each site has it, and what is wrong with that."""
        return format_html_join("", '<p class="eg-term-place">{}{}</p>', map(_in_words, places_of(term)))

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
        fixed = (*super().get_readonly_fields(request, obj), "site_addresses")
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

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, with the ways to its other pages, and how many terms the site has no page for."""
        address = reverse(f"admin:taxonomy_{self.opts.model_name}_duplicates")
        more = {"duplicates_url": address, "address_faults": len(faults_in(self.model)), **self.tables_of(request)}
        return super().changelist_view(request, {**(extra_context or {}), **more})

    # --- Deleting

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Delete what nobody uses, as a bulk step that can be undone; say why not where somebody uses it."""
        term = self.get_object(request, object_id)
        if term is not None and self.has_delete_permission(request, term):
            used = uses(self.model, with_aliases(self.model, [term])).count()
            if used:
                self.message_user(request, _refusal(term, used), messages.ERROR)
                address = reverse(f"admin:taxonomy_{self.opts.model_name}_change", args=[term.pk])
                return HttpResponseRedirect(address)
            if request.method == "POST" and term.alias_of_id is None and self._may(request):
                return self._deleted(request, term)
        return super().delete_view(request, object_id, extra_context)

    def _deleted(self, request: HttpRequest, term: Term) -> HttpResponse:
        """The button of the last page was the confirmation: what deletes is the step, for its undo."""
        here = reverse(f"admin:taxonomy_{self.opts.model_name}_changelist")
        try:
            step = _delete(term, asking(request))
        except EvergreenError as error:
            self.message_user(request, worded_error(error), messages.ERROR)
            return HttpResponseRedirect(here)
        said = gettext("“{}” is deleted.")
        if step is None:
            self.message_user(request, said.format(term.name), messages.SUCCESS)
            return HttpResponseRedirect(here)
        self.message_user(request, format_html("{} {}", said.format(term.name), _undo(step)), messages.SUCCESS)
        return HttpResponseRedirect(here)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        """Many from the list: as one step, for its undo; other names alone go at once."""
        terms = queryset.filter(alias_of=None)
        if self._may(request) and terms.exists():
            try:
                step = propose_delete_unused(terms, by=asking(request))
                if step is not None:
                    start(step, by=asking(request))
            except EvergreenError as error:
                # Django's own page would go on to say that they are deleted.
                raise PermissionDenied(worded_error(error)) from error
            if step is not None:
                self.message_user(request, _undo(step), messages.SUCCESS)
            queryset = queryset.exclude(alias_of=None)
        super().delete_queryset(
            request, self.model._default_manager.filter(pk__in=[each.pk for each in queryset.all()])
        )

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[Any]]:
        """What deleting `objs` would delete, and which of them posts use, without listing every link of every post."""
        terms = list(objs)
        doomed = list(with_aliases(self.model, terms))
        protected: list[str] = []
        for term in with_uses(self.model._default_manager.filter(pk__in=[each.pk for each in doomed])):
            if term.post_count:
                protected.append(_refusal(term, term.post_count))
        elsewhere = out_of_reach(self.model, [each.pk for each in doomed], asking(request))
        protected += [worded("term_elsewhere", {"name": name}) for name in elsewhere.values()]
        missing = set() if self.has_delete_permission(request) else {str(self.opts.verbose_name)}
        counts = {str(self.opts.verbose_name_plural): len(doomed)}
        return [str(each) for each in doomed], counts, missing, protected


class OrderedTermAdmin(TermOrder, CountedTermAdmin):
    """A vocabulary with an order, which has a page of its own; without scripts, each term has a number."""

    list_display: tuple[str, ...] = ("name", "position", "mark", "posts", "first", "last", "alias_names")
    ordering: Any = ("-is_new", F("position").asc(nulls_last=True), "name")
    fields: tuple[str, ...] = ("name", "slug", "position", "alias_of", "is_new")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, with the way to the page of the order."""
        told = {"order_url": order_address(self.model)} if self.has_change_permission(request) else {}
        return super().changelist_view(request, {**(extra_context or {}), **told})


class CategoryAdmin(OrderedTermAdmin):
    """Categories, which may be part of an area."""

    list_display = ("name", "position", "area", "mark", "posts", "first", "last", "alias_names")
    list_filter = (NewFilter, UseFilter, ("area", RelatedDropdownFilter), OtherNamesFilter, AddressFilter, AliasFilter)
    list_select_related = ("area",)
    autocomplete_fields = ("alias_of", "area")
    fields = ("name", "slug", "area", "position", "alias_of", "is_new")


def _in_words(place: TermPlace) -> tuple[SafeString | str, SafeString | str]:
    """An address as a link, or as it is, and what is wrong with it."""
    address: SafeString | str = place.address
    if address.startswith("http"):
        address = format_html('<a href="{0}" rel="noopener" target="_blank">{0}</a>', address)
    if place.fault is None:
        return address, ""
    said = worded(place.fault.code, {"other": place.fault.other})
    return address, format_html(' <span class="eg-error">{}</span>', said)


def _undo(step: BulkStep) -> SafeString:
    return link(reverse("admin:posts_bulkstep_change", args=[step.pk]), gettext("Undo it here"))


def _delete(term: Term, by: User) -> BulkStep | None:
    """Delete `term` by a step, and give that; None where there is no collection, and it is done."""
    step = propose_delete(term, by=by)
    if step is not None:
        start(step, by=by)
    return step


def _refusal(term: Term, number: int) -> SafeString:
    said = ngettext(
        "“{}” cannot be deleted here: {} post has it. “Delete…” on its page takes it out of that post, too.",
        "“{}” cannot be deleted here: {} posts have it. “Delete…” on its page takes it out of those posts, too.",
        number,
    )
    return format_html(said, term.name, number)


for _vocabulary in VOCABULARIES.values():
    _ordered = OrderedTermAdmin if issubclass(_vocabulary, OrderedTerm) else CountedTermAdmin
    admin.site.register(_vocabulary, CategoryAdmin if _vocabulary is Category else _ordered)

# Taggit's own vocabulary is not in use here.
admin.site.unregister(TaggitTag)
