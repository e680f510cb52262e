"""Each page in the language and the time zone that its reader chose, with what is theirs: unseen notices, keys."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import IntegerField, Model
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.functional import SimpleLazyObject

from posts.access import is_limited, may_enter
from posts.models import (
    BulkStep,
    Collection,
    Conflict,
    Finding,
    Mishearing,
    Notice,
    Post,
    Problem,
    Profile,
    StepOfMany,
    Sync,
)
from posts.questions import Given, Question

_MOST = 99

_ROOMS: Mapping[str, tuple[type[Model], str]] = {
    "post": (Post, "collection"),
    "post/many": (StepOfMany, "run__collection"),
    "collection": (Collection, "pk"),
    "conflict": (Conflict, "post__collection"),
    "sync": (Sync, "collection"),
    "bulkstep": (BulkStep, "collection"),
    "finding": (Finding, "post__collection"),
    "problem": (Problem, "collection"),
    "mishearing": (Mishearing, "collection"),
}
"""What the addresses below /admin/posts/ name by a key, and how it leads to its collection."""

_OF_A_ROW = re.compile(r"admin/posts/(\w+(?:/many)?)/<\w+:(post_id|object_id|pk)>/")


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


class OwnRooms:
    """Middleware: whatever is in a collection that the reader may not enter is not there (404), at every address.

    The services refuse it as well. This is for the pages that only show something, so that none can be forgotten.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Nothing to do before it is known which page is asked for."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        """Raise `Http404` for a page of a collection that whoever is logged in may not enter."""
        match = request.resolver_match
        if match is None or not request.user.is_authenticated:
            return
        found = _OF_A_ROW.match(match.route)
        named = kwargs.get("collection", 0) if match.route.startswith("preview/") else 0
        if not (named or found) or not is_limited(request.user):
            return
        if found is not None:
            named = _collection_of(found[1], str(kwargs.get(found[2], "")))
        if named and not may_enter(request.user, named):
            raise Http404(match.route)


def _collection_of(name: str, key: str) -> int:
    """The key of the collection that a row belongs to; 0 for a row that there is not, or one of no collection."""
    if name not in _ROOMS or not (key.isascii() and key.isdecimal() and len(key) < 19):
        return 0
    model, to = _ROOMS[name]
    return model._default_manager.filter(pk=int(key)).values_list(to, flat=True).first() or 0


_UNSEEN = Question(
    lambda: (
        Notice.objects.filter(person=Given("person", IntegerField()), seen_at=None, shown=True)
        .order_by()
        .values_list("pk")[: _MOST + 1]
    )
)


def bell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: how many notices the reader has not seen, counted where a page shows it."""

    def count() -> str:
        person = request.user
        if not person.is_authenticated:
            return ""
        counted = len(_UNSEEN.ask(person=person.pk))
        return "" if not counted else f"{_MOST}+" if counted > _MOST else str(counted)

    return {"bell": SimpleLazyObject(count)}


def shortcuts(request: HttpRequest) -> dict[str, Any]:
    """Context processor: whether the reader wants keys without Ctrl."""
    return {"shortcuts_on": getattr(request, "shortcuts", False)}
