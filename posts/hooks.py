"""The doors for webhooks: git servers say that there is something to fetch, and builders that they built.

Nobody logs in here: a signature is what lets a delivery in. Whatever is wrong with one, the answer is the same, so
that nobody learns which collections there are.
"""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from posts.building import NoBuild, note_build, read_build
from posts.credentials import hook_secret
from posts.models import Collection
from posts.signatures import is_authentic
from posts.waking import ask_for_sync
from posts.wording import worded, worded_error

LIMIT = 1024 * 1024
"""The most bytes of a delivery."""

_LENGTH = re.compile(r"[0-9]{1,9}")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


@csrf_exempt
@require_POST
def hook(request: HttpRequest, name: str) -> HttpResponse:
    """Something was pushed: fetch soon."""
    return _if_authentic(request, name, _fetch_soon)


@csrf_exempt
@require_POST
def build_hook(request: HttpRequest, name: str) -> HttpResponse:
    """The site was built, or could not be."""
    return _if_authentic(request, name, _built)


def _fetch_soon(collection: Collection, body: bytes) -> HttpResponse:
    ask_for_sync(collection)
    return HttpResponse(status=202)


def _built(collection: Collection, body: bytes) -> HttpResponse:
    try:
        note_build(collection, read_build(body))
    except NoBuild as error:
        return _said(worded_error(error), 400)
    return HttpResponse(status=202)


def _if_authentic(request: HttpRequest, name: str, answer: Callable[[Collection, bytes], HttpResponse]) -> HttpResponse:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not _LENGTH.fullmatch(length) or int(length) > LIMIT:
        return _said(worded("hook_too_large", {"limit": LIMIT}), 413)
    try:
        body = request.read(LIMIT + 1)
    except UnreadablePostError:
        return _said(worded("hook_cut_off"), 400)
    if len(body) > LIMIT:
        return _said(worded("hook_too_large", {"limit": LIMIT}), 413)
    collection = Collection.objects.filter(name=name).first() if _NAME.fullmatch(name) else None
    secret = hook_secret(name, collection.credentials if collection else "")
    # Checked even where nothing could let it in: the time must not tell more than the answer.
    authentic = is_authentic(request.headers, body, secret)
    if collection is None or not authentic:
        return _said(worded("hook_not_signed"), 403)
    return answer(collection, body)


def _said(words: str, status: int) -> HttpResponse:
    return HttpResponse(f"{words}\n", status=status, content_type="text/plain; charset=utf-8")
