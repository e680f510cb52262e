"""markdownx's two addresses, with our manners: who may call them, what they give, and in what size.

Its own views ask for no login, take SVG and let raw HTML through, so they are not used.
"""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from posts.admin.images import repository_images
from posts.previewing import LIMIT, render
from posts.wording import worded


@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """The body in `content` as the site will show it, sanitised; with images, if `post` or `collection` is named."""
    _require_reader(request)
    content = request.POST.get("content", "")
    if len(content.encode("utf-8", "replace")) > LIMIT:
        return HttpResponse(worded("too_large", {"limit": LIMIT}), status=413, content_type="text/plain; charset=utf-8")
    return HttpResponse(repository_images(request)(render(content)))


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
