"""The pages that say "not found" and "not allowed": within the admin for whoever works in it, else standing alone."""

from collections.abc import Callable

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views import defaults


def not_found_view(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What an unknown address is answered with."""
    return _within(request, exception, 404, _("Not found"), defaults.page_not_found)


def forbidden_view(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What somebody without the right is answered with."""
    return _within(request, exception, 403, _("Not allowed"), defaults.permission_denied)


def _within(
    request: HttpRequest,
    exception: Exception,
    status: int,
    title: str,
    alone: Callable[[HttpRequest, Exception], HttpResponse],
) -> HttpResponse:
    # Before the login is known, and for what a script asks for, the plain page will do.
    person = getattr(request, "user", None)
    if person is None or not person.is_active or not person.is_staff or request.headers.get("HX-Request"):
        return alone(request, exception)
    # A reason that somebody wrote for this refusal; the others are for programmers.
    told = str(exception) if status == 403 else ""
    context = {**admin.site.each_context(request), "title": title, "status": status, "told": told}
    return render(request, f"admin/failed_{status}.html", context, status=status)
