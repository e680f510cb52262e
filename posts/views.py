"""The preview of a text, and markdownx's two addresses with our manners: who may call them, what they give.

markdownx's own views ask for no login, take SVG and let raw HTML through, so they are not used.
"""

import json
from dataclasses import asdict, replace

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.shortcuts import render as page
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_POST

from posts.admin.images import repository_images
from posts.models import Collection
from posts.previewing import ELEVENTY, LIMIT, References, TooTangled, in_blocks, render
from posts.wording import worded, worded_error

# Stricter than that of our pages: nothing runs, nothing is sent, no frame is opened. An image is all that is loaded.
FRAME_POLICY = {
    "default-src": [NONE],
    "style-src": [SELF],
    "style-src-attr": [UNSAFE_INLINE],  # the alignment of a table's cells, which nh3 let through
    "img-src": [SELF, "https:", "data:"],
    "font-src": [SELF, "data:"],
    "base-uri": [NONE],
    "form-action": [NONE],
    "frame-ancestors": [SELF],
    "sandbox": ["allow-same-origin", "allow-popups", "allow-popups-to-escape-sandbox"],
}


@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """The body in `content` as the site will show it, sanitised; with images, if `post` or `collection` is named."""
    _require_reader(request)
    content = request.POST.get("content", "")
    if len(content.encode("utf-8", "replace")) > LIMIT:
        return HttpResponse(worded("too_large", {"limit": LIMIT}), status=413, content_type="text/plain; charset=utf-8")
    try:
        shown = render(content)
    except TooTangled as error:
        return _too_much(error)
    return HttpResponse(repository_images(request)(shown))


@require_POST
def preview_blocks(request: HttpRequest, collection: int) -> HttpResponse:
    """The text in `content` in blocks, by the rules of a collection (0: of none yet).

    `references`, if given, says that `content` is a part of a text, and where the links defined in the rest lead.
    """
    _require_reader(request)
    of = get_object_or_404(Collection, pk=collection) if collection else None
    rules = of.markdown_rules if of else ELEVENTY
    content = request.POST.get("content", "").replace("\r\n", "\n").replace("\r", "\n")
    given = request.POST.get("references", "")
    if len(content.encode("utf-8", "replace")) + len(given) > LIMIT:
        return HttpResponse(worded("too_large", {"limit": LIMIT}), status=413, content_type="text/plain; charset=utf-8")
    references = _references(given)
    if references is None:
        return HttpResponseBadRequest()
    try:
        found = in_blocks(content, rules, references)
    except TooTangled as error:
        return _too_much(error)
    shown = repository_images(request, of)
    blocks = [replace(block, html=shown(block.html)) for block in found.blocks]
    return JsonResponse(asdict(replace(found, blocks=tuple(blocks))))


@require_GET
@xframe_options_sameorigin
@csp(FRAME_POLICY)  # type: ignore[arg-type] # it takes a view with arguments, whatever its types say
def preview_frame(request: HttpRequest, collection: int) -> HttpResponse:
    """The empty page that the preview is drawn into, in the looks of a collection (0: of none yet)."""
    _require_reader(request)
    of = get_object_or_404(Collection, pk=collection) if collection else None
    return page(request, "admin/posts/post/preview_frame.html", {"collection": of})


@require_GET
def preview_style(request: HttpRequest, collection: int) -> HttpResponse:
    """The style sheet of a collection's site."""
    _require_reader(request)
    of = get_object_or_404(Collection, pk=collection)
    return HttpResponse(of.preview_css, content_type="text/css; charset=utf-8")


@require_POST
def image_upload(request: HttpRequest) -> HttpResponse:
    """Images come in by the page's own dialog (`posts.admin.images`): markdownx would take one undescribed."""
    _require_reader(request)
    told = _("Use the button “Image” above the text to add an image.")
    return JsonResponse({"image": [told]}, status=400)


def _require_reader(request: HttpRequest) -> None:
    """A page that asks in the background would show a login page as if it were the preview: so no redirect."""
    if not admin.site.has_permission(request) or not request.user.has_perm("posts.view_post"):
        raise PermissionDenied


def _too_much(error: TooTangled) -> HttpResponse:
    return HttpResponse(worded_error(error), status=413, content_type="text/plain; charset=utf-8")


def _references(given: str) -> References | None:
    """The definitions of links that a browser was told before; None for nonsense."""
    try:
        told = json.loads(given or "{}")
    except ValueError:
        return None
    if not isinstance(told, dict):
        return None
    for where in told.values():
        if not isinstance(where, dict) or set(where) != {"href", "title"}:
            return None
        if not all(isinstance(each, str) for each in where.values()):
            return None
    return told
