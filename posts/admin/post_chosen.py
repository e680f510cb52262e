"""From the list to a bulk step: the chosen posts, or all that a filter or a search finds, on a page about them."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeAlias, TypeVar

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from unfold.admin import ModelAdmin

from posts.bulk_proposing import BULK
from posts.models import Post

_LIST = "admin:posts_post_changelist"


def all_are_chosen(request: HttpRequest) -> bool:
    """Whether an action of the list is about all that its filters find, on whatever page, and not about ticked rows."""
    return request.POST.get("select_across", "0") not in ("", "0")


class ChosenPosts(ModelAdmin):
    """What every page about chosen posts has. The address of such a page filters posts as the list's own does."""

    def page_about(self, request: HttpRequest, queryset: QuerySet[Post], name: str) -> HttpResponse:
        """The way from an action of the list to the page called `name`, about the posts of `queryset`."""
        if all_are_chosen(request):
            # However many: the page filters as the list does.
            return HttpResponseRedirect(f"{reverse(name)}?{request.GET.urlencode()}")
        pks = ",".join(str(pk) for pk in queryset.order_by("pk").values_list("pk", flat=True))
        return HttpResponseRedirect(f"{reverse(name)}?{urlencode({'id__in': pks})}")

    def context_of(self, request: HttpRequest, title: str) -> dict[str, Any]:
        """What is around such a page, with the way back to the list and its filter."""
        return {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "back": f"{reverse(_LIST)}?{request.GET.urlencode()}",
        }


_Admin = TypeVar("_Admin", bound=ChosenPosts)
_View: TypeAlias = Callable[[_Admin, HttpRequest], HttpResponse]


def of_chosen_posts(view: Callable[[_Admin, HttpRequest, QuerySet[Post]], HttpResponse]) -> _View[_Admin]:
    """Give `view` the posts that the address filters; for whoever may change many posts at once."""

    @wraps(view)
    def with_posts(self: _Admin, request: HttpRequest) -> HttpResponse:
        if not (self.has_view_permission(request) and request.user.has_perm(BULK)):
            raise PermissionDenied
        try:
            found = self.get_changelist_instance(request).queryset
        except IncorrectLookupParameters:
            self.message_user(request, gettext("The list has no such filter. Choose the posts again."), messages.ERROR)
            return HttpResponseRedirect(reverse(_LIST))
        return view(self, request, Post.objects.filter(pk__in=found.order_by().values("pk")))

    return with_posts
