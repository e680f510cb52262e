"""The views above the list of posts: some that everybody has, and those that people saved."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin

from posts.admin.reading import asking
from posts.errors import EvergreenError
from posts.saved_views import forget_view, save_view, views_of
from posts.wording import worded_error

_NOT_SAVED = ("p", "e", "all")
_BUILT_IN: Sequence[tuple[Promise, dict[str, str]]] = (
    (_("Drafts"), {"state__exact": "draft"}),
    (_("New, untouched"), {"untouched": "1"}),
    (_("In review"), {"state__exact": "in_review"}),
    (_("Changed since live"), {"changed": "1"}),
    (_("With problems"), {"problem": "1"}),
    (_("No summary"), {"summary": "0"}),
    (_("No organisation"), {"organisation": "0"}),
)


@dataclass(frozen=True, slots=True)
class Tab:
    """One view: its name, where it leads, whether it is what is shown; and the key of a saved one."""

    name: str
    address: str
    chosen: bool
    pk: int | None = None
    shared: bool = False
    may_forget: bool = False


@dataclass(frozen=True, slots=True)
class Views:
    """The views of a person: those that everybody has, and the saved ones. `query` is what is shown now."""

    built_in: list[Tab]
    saved: list[Tab]
    query: str
    may_share: bool

    @property
    def may_save(self) -> bool:
        """Whether what is shown is worth a name: it filters, and is no view yet."""
        return bool(self.query) and not any(tab.chosen for tab in (*self.built_in, *self.saved))

    @property
    def forgettable(self) -> list[Tab]:
        """The saved views that this person may forget."""
        return [tab for tab in self.saved if tab.may_forget]


def views_for(person: User, asked: QueryDict) -> Views:
    """The views of `person`, for a list that shows what `asked` filters. One query."""
    now, publishes = _pairs(asked), person.has_perm("posts.publish_post")
    address = reverse("admin:posts_post_changelist")
    built_in = [
        Tab(str(name), f"{address}?{urlencode(query)}", now == sorted((key, value) for key, value in query.items()))
        for name, query in _BUILT_IN
    ]
    saved = [
        Tab(
            view.name,
            f"{address}?{view.query}",
            now == _pairs(QueryDict(view.query)),
            view.pk,
            view.shared,
            view.owner_id == person.pk or (view.shared and publishes),
        )
        for view in views_of(person)
    ]
    return Views(built_in, saved, query_to_save(asked), publishes)


def query_to_save(asked: QueryDict) -> str:
    """The filters, the search and the order of a list, without the page that was open."""
    return urlencode([pair for pair in _pairs(asked) if pair[1]])


class PostViews(ModelAdmin):
    """Saving and forgetting the views of the list."""

    @method_decorator(require_POST)
    def save_view_view(self, request: HttpRequest) -> HttpResponse:
        """Save what the address filters, if the list takes it, under the name that was typed; else give it back."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        query = query_to_save(request.GET)
        here = f"{reverse('admin:posts_post_changelist')}?{query}"
        try:
            self.get_changelist_instance(request)
        except (IncorrectLookupParameters, SuspiciousOperation):
            self.message_user(request, gettext("The list has no such filter, so it was not saved."), messages.ERROR)
            return HttpResponseRedirect(reverse("admin:posts_post_changelist"))
        name, shared = request.POST.get("name", ""), "shared" in request.POST
        try:
            view = save_view(name, query, shared=shared, by=asking(request))
        except EvergreenError as error:
            context = {
                **self.admin_site.each_context(request),
                "title": gettext("Save this view"),
                "opts": self.opts,
                "views": views_for(asking(request), request.GET),
                "error": worded_error(error),
                "view_name": name,
                "view_shared": shared,
                "back": here,
            }
            return TemplateResponse(request, "admin/posts/post/view_refused.html", context, status=400)
        self.message_user(request, gettext("Saved as “%(name)s”.") % {"name": view.name}, messages.SUCCESS)
        return HttpResponseRedirect(here)

    @method_decorator(require_POST)
    def forget_view_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Forget a saved view."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        view = get_object_or_404(views_of(asking(request)), pk=pk)
        try:
            forget_view(view, by=asking(request))
        except EvergreenError as error:
            self.message_user(request, worded_error(error), messages.ERROR)
        return HttpResponseRedirect(reverse("admin:posts_post_changelist"))


def _pairs(asked: QueryDict) -> list[tuple[str, Any]]:
    return sorted((key, value) for key, values in asked.lists() if key not in _NOT_SAVED for value in values if value)
