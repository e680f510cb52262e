"""The pages of a vocabulary. They know no posts: `posts.admin.terms` adds what counts those, and registers them."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from taxonomy.models import Term
from taxonomy.slugs import slug_of
from taxonomy.terms import search


class TermForm(forms.ModelForm):
    """The form of a term, with what a change here does and what it leaves alone."""

    class Meta:
        help_texts: ClassVar = {
            "name": _(
                "As it is shown and searched here. The name of a term that posts have is changed together with them: "
                "see below."
            ),
            "slug": _("For addresses, in Latin letters. Leave it empty to have one made from the name."),
            "alias_of": _(
                "Another name for the same thing: files that use it count for the term chosen here. A term that posts "
                "have is merged: see below."
            ),
            "is_new": _("Found in a file and not looked at yet. Untick it when the name is right."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            # On a new term the model makes one; on an old one an empty slug would be an address lost.
            self.fields["slug"].required = self.instance.pk is not None
            if self.instance.pk is not None:
                words = _("For addresses, in Latin letters. From the name it would be: %(slug)s")
                self.fields["slug"].help_text = words % {"slug": slug_of(self.instance.name) or "–"}


class AliasFilter(DropdownFilter):
    """Terms, or the other names for them; terms are what one looks for."""

    title = _("kind")
    parameter_name = "kind"
    all_option = None

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, Any]]:
        """What can be chosen."""
        return [("terms", _("Terms")), ("aliases", _("Aliases")), ("all", _("Both"))]

    def value(self) -> str:
        """The choice, terms by default."""
        return super().value() or "terms"

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Only what was chosen."""
        if self.value() == "all":
            return queryset
        return queryset.filter(alias_of__isnull=self.value() != "aliases")


class NewFilter(DropdownFilter):
    """Those that nobody has looked at."""

    title = _("looked at")
    parameter_name = "new"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, Any]]:
        """What can be chosen."""
        return [("yes", _("New, not looked at")), ("no", _("Looked at"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Only what was chosen."""
        return queryset.filter(is_new=self.value() == "yes") if self.value() else queryset


class TermAdmin(ModelAdmin):
    """One vocabulary: its terms with their aliases, found by either."""

    form = TermForm
    list_display: tuple[str, ...] = ("name", "mark", "alias_names", "slug")
    list_filter: Any = (NewFilter, AliasFilter)
    list_per_page = 50
    list_filter_submit = True
    search_fields = ("name",)
    search_help_text = _("A part of a name or of an alias; letter case and width make no difference")
    ordering: tuple[str, ...] = ("name",)
    fields: tuple[str, ...] = ("name", "slug", "alias_of", "is_new")
    autocomplete_fields: tuple[str, ...] = ("alias_of",)
    warn_unsaved_form = True

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With the aliases, for the list."""
        return super().get_queryset(request).select_related("alias_of").prefetch_related("aliases")

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        """Find by the one normal form, so that a search finds what a file's spelling would."""
        if not search_term.strip():
            # What a term may be an alias of, or a post may carry, is a term.
            return (queryset.filter(alias_of=None) if _is_autocomplete(request) else queryset), False
        return queryset.filter(pk__in=search(self.model, search_term).values("pk")), False

    @display(description=_("state"), label={True: "warning"})
    def mark(self, term: Term) -> tuple[bool, Any] | str:
        """Whether nobody has looked at it yet."""
        return (True, _("new")) if term.is_new else ""

    @display(description=_("aliases"), empty_value="–")
    def alias_names(self, term: Term) -> str:
        """Its other names, or the term that it is another name for."""
        if term.alias_of is not None:
            return f"→ {term.alias_of.name}"
        return ", ".join(alias.name for alias in term.aliases.all())


def _is_autocomplete(request: HttpRequest) -> bool:
    return request.resolver_match is not None and request.resolver_match.url_name == "autocomplete"
