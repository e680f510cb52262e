"""The vocabularies' pages with what they say of posts: how many have a term, which, and what may not be deleted."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from taggit.models import Tag as TaggitTag
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from posts.admin.reading import link, post_address, posts_where
from posts.fields import FIELDS, Kind
from posts.models import LINKS, Post
from taxonomy.admin import AliasFilter, NewFilter, TermAdmin
from taxonomy.models import VOCABULARIES, Term

_SHOWN_POSTS = 50
_KEY_OF = {each.vocabulary: each.key for each in FIELDS if each.kind in (Kind.TERM, Kind.TERMS)}
"""The front-matter key of each vocabulary."""


def uses(vocabulary: type[Term], terms: Any) -> QuerySet:
    """Rows that stand for one post each that has one of `terms` (a term, a query, or an outer reference)."""
    key = _KEY_OF[vocabulary._meta.model_name or ""]
    if key in LINKS:
        return LINKS[key].objects.filter(tag__in=terms) if _several(terms) else LINKS[key].objects.filter(tag=terms)
    return Post.objects.filter(**{f"{key}__in" if _several(terms) else key: terms})


def posts_of(term: Term) -> QuerySet[Post]:
    """The posts that have `term`, newest first."""
    key = _KEY_OF[term._meta.model_name or ""]
    posts = Post.objects.defer("summary", "insight")
    if key in LINKS:
        return posts.filter(pk__in=LINKS[key].objects.filter(tag=term.pk).values("content_object"))
    return posts.filter(**{key: term.pk})


def with_post_count(terms: QuerySet) -> QuerySet:
    """The terms with the number of their posts, in one query."""
    vocabulary = terms.model
    key = _KEY_OF[vocabulary._meta.model_name]
    by = "tag" if key in LINKS else key
    counted = uses(vocabulary, OuterRef("pk")).order_by().values(by).annotate(number=Count("pk")).values("number")
    return terms.annotate(post_count=Coalesce(Subquery(counted), 0))


def _several(terms: Any) -> bool:
    return isinstance(terms, QuerySet | list | tuple | set)


class UseFilter(DropdownFilter):
    """Those that no post has."""

    title = _("use")
    parameter_name = "use"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, Any]]:
        """What can be chosen."""
        return [("none", _("Unused")), ("some", _("Used by posts"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Only what was chosen."""
        match self.value():
            case "none":
                return queryset.filter(post_count=0)
            case "some":
                return queryset.filter(post_count__gt=0)
        return queryset


class CountedTermAdmin(TermAdmin):
    """A vocabulary with its posts."""

    list_display = ("name", "mark", "posts", "alias_names", "slug")
    list_filter = (NewFilter, UseFilter, AliasFilter)
    change_form_outer_after_template = "admin/posts/term_posts.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With the number of posts."""
        return with_post_count(super().get_queryset(request))

    @display(description=_("posts"), ordering="post_count")
    def posts(self, term: Any) -> SafeString | int:
        """How many, with a link to them."""
        return link(posts_address(term), term.post_count) if term.post_count else 0

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """With the first posts that have the term."""
        term = context.get("original")
        may_see = request.user.has_perm("posts.view_post") or request.user.has_perm("posts.change_post")
        if term is not None and may_see:
            shown = list(posts_of(term)[:_SHOWN_POSTS])
            context["term_posts"] = [(post_address(post.pk), post) for post in shown]
            context["term_post_count"] = uses(type(term), term).count() if len(shown) == _SHOWN_POSTS else len(shown)
            context["term_posts_url"] = posts_address(term)
            context["term_aliases"] = [
                (reverse(f"admin:taxonomy_{self.opts.model_name}_change", args=[alias.pk]), alias)
                for alias in term.aliases.all()
            ]
        return super().render_change_form(request, context, *args, **kwargs)

    # --- Deleting

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Delete what nobody uses; say why not where somebody does."""
        term = self.get_object(request, object_id)
        if term is not None and self.has_delete_permission(request, term):
            used = uses(self.model, self._with_aliases([term])).count()
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
        doomed = list(self._with_aliases(terms))
        protected = []
        for term in with_post_count(self.model._default_manager.filter(pk__in=[each.pk for each in doomed])):
            if term.post_count:
                protected.append(_refusal(term, term.post_count))
        missing = set() if self.has_delete_permission(request) else {str(self.opts.verbose_name)}
        counts = {str(self.opts.verbose_name_plural): len(doomed)}
        return [str(each) for each in doomed], counts, missing, protected

    def _with_aliases(self, terms: Iterable[Term]) -> QuerySet:
        """`terms` and the aliases that would go with them."""
        pks = [term.pk for term in terms]
        everything = self.model._default_manager
        return everything.filter(pk__in=pks) | everything.filter(alias_of__in=pks)


def posts_address(term: Term) -> str:
    """The list of posts, filtered by `term`."""
    return posts_where(**{f"{_KEY_OF[term._meta.model_name or '']}__id__exact": term.pk})


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
