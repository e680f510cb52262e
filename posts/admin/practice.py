"""The page that makes the practice collection, or makes it anew. What that does is in `posts.practice`."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from posts.admin.reading import asking
from posts.errors import EvergreenError
from posts.models import Collection
from posts.practice import make_practice, practice_collection
from posts.wording import worded_error


def practice_page(request: HttpRequest, context: Callable[[HttpRequest], Mapping[str, Any]]) -> HttpResponse:
    """GET says what it is for and asks; POST makes it, or makes it anew."""
    if not request.user.is_superuser:
        raise PermissionDenied
    error = ""
    if request.method == "POST":
        try:
            made = make_practice(by=asking(request))
        except EvergreenError as refused:
            error = worded_error(refused)
        else:
            told = _("The practice collection is as at its start. Its posts come with its first sync.")
            messages.success(request, told)
            return HttpResponseRedirect(reverse("admin:posts_collection_change", args=[made.pk]))
    there = practice_collection()
    page = {
        **context(request),
        "title": _("Practice collection"),
        "opts": Collection._meta,
        "there": there,
        "posts": there.posts.count() if there else 0,
        "error": error,
    }
    return TemplateResponse(request, "admin/posts/collection/practice.html", page, status=409 if error else 200)
