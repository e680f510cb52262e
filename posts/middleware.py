"""Each page in the language and the time zone that its reader chose, with what is theirs: unseen notices, keys."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.functional import SimpleLazyObject

from posts.models import Notice, Profile

_MOST = 99


def own_language_and_zone(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware, behind the one that knows who asks. What nobody chose stays as the browser and the site have it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return get_response(request)
        profile = Profile.objects.of(request.user)
        request.shortcuts = profile.shortcuts  # type: ignore[attr-defined]
        if profile.language and translation.check_for_language(profile.language):
            # As LocaleMiddleware does: it sets the next request's anew.
            translation.activate(profile.language)
            request.LANGUAGE_CODE = translation.get_language()
        with timezone.override(profile.tzinfo()):
            return get_response(request)

    return middleware


def bell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: how many notices the reader has not seen, counted where a page shows it."""

    def count() -> str:
        person = request.user
        if not person.is_authenticated:
            return ""
        unseen = Notice.objects.filter(person=person, seen_at=None, shown=True)
        counted = unseen.order_by()[: _MOST + 1].count()
        return "" if not counted else f"{_MOST}+" if counted > _MOST else str(counted)

    return {"bell": SimpleLazyObject(count)}


def shortcuts(request: HttpRequest) -> dict[str, Any]:
    """Context processor: whether the reader wants keys without Ctrl."""
    return {"shortcuts_on": getattr(request, "shortcuts", False)}
