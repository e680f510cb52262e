"""Images at the door: uploads from the editor, the picker's list, and the repository's images as they are shown.

A page that asks in the background gets words with a status, never a redirect to a login page.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import IntegerField
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.crypto import get_random_string
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from posts.access import within
from posts.admin.reading import asking, whole_number
from posts.errors import EvergreenError
from posts.git import GitError
from posts.illustrating import add_image, keep_image, replace_image
from posts.image_addresses import described_as, with_images_shown
from posts.image_uses import counts, used_paths, users_of
from posts.images import Shown, bytes_of, image_at, images_of
from posts.models import Collection, Image, Post
from posts.pictures import LIMIT, TYPES, ending_of, small
from posts.questions import Given, Question
from posts.wording import worded, worded_error

_A_PAGE = 48
_SIDE = 320
_MOST_USES = 20
_STATUS = {"no_permission": 403, "restore_first": 403, "image_too_large": 413}
# What an image may do where somebody opens it by itself: an SVG of the repository is a page with programs in it.
_NOTHING = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@dataclass(frozen=True, slots=True)
class Tile:
    """One image of the picker."""

    path: str
    name: str
    address: str
    small: str
    shown: str
    is_new: bool
    may_replace: bool
    uses: int | None
    """How many posts use it; None where that is not known yet."""


@dataclass(frozen=True, slots=True)
class Replacement:
    """An image that waits to take another one's place, with the addresses of both."""

    image: Image
    small: str
    old: str
    new: str


def image_urls(wrap: Callable[[Any], Any]) -> list[URLPattern]:
    """The addresses of images of one collection."""
    return [
        path("<int:pk>/images/", wrap(list_view), name="posts_collection_images"),
        path("<int:pk>/images/add/", wrap(add_view), name="posts_collection_images_add"),
        path("<int:pk>/images/file/", wrap(file_view), name="posts_collection_images_file"),
        path("<int:pk>/images/small/", wrap(small_view), name="posts_collection_images_small"),
        path("<int:pk>/images/used/", wrap(used_view), name="posts_collection_images_used"),
    ]


def replacement_urls(wrap: Callable[[Any], Any]) -> list[URLPattern]:
    """The addresses of replacements made from one post."""
    return [
        path("<int:post_id>/images/replace/", wrap(replace_view), name="posts_post_images_replace"),
        path("<int:post_id>/images/keep/", wrap(keep_view), name="posts_post_images_keep"),
    ]


@require_POST
def add_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an image, and say under which address it will be."""
    _require_writer(request)
    collection = get_object_or_404(Collection, pk=pk)
    try:
        data, name = _given(request)
        words = request.POST.get("words", "")[:300]
        image = add_image(collection, data, name, words=words, by=asking(request))
    except EvergreenError as error:
        return _told(error)
    place = collection.media_place
    return JsonResponse(
        {
            "path": image.path,
            "address": place.address_of(image.path) if place else "",
            "shown": _shown_at(collection, image.path, None),
            "size": [image.width, image.height],
        }
    )


@require_POST
def replace_view(request: HttpRequest, post_id: int) -> HttpResponse:
    """Take an image in the place of another one, once this post is published."""
    _require_writer(request)
    post = get_object_or_404(Post.objects.select_related("collection"), pk=post_id, present__isnull=False)
    try:
        data, _name = _given(request)
        image = replace_image(post, request.POST.get("path", ""), data, by=asking(request))
    except EvergreenError as error:
        return _told(error)
    said = _("%(path)s is replaced when this post is published next. Until then the site shows the old one.")
    return JsonResponse({"path": image.path, "said": said % {"path": image.path}})


@require_POST
def keep_view(request: HttpRequest, post_id: int) -> HttpResponse:
    """Drop a replacement that waits, and come back to the post."""
    _require_writer(request)
    own = Image.objects.filter(post=post_id).waiting().defer("data")
    image = get_object_or_404(own, pk=whole_number(request.POST.get("image", "")))
    try:
        keep_image(image, by=asking(request))
    except EvergreenError as error:
        messages.error(request, worded_error(error))
    else:
        messages.success(request, _("%(path)s stays as it is.") % {"path": image.path})
    return HttpResponseRedirect(reverse("admin:posts_post_change", args=[post_id]))


@require_safe
def list_view(request: HttpRequest, pk: int) -> HttpResponse:
    """The images of the collection's folder, for the picker; those whose name has all the words of `q`.

    With `unused`, those that no post uses.
    """
    _require_reader(request)
    collection = get_object_or_404(Collection, pk=pk)
    post = _post_asked(request, collection)
    context: dict[str, Any] = {"collection": collection, "searched": request.GET.get("q", "").strip()[:200]}
    place = collection.media_place
    if place is None:
        context["failure"] = worded("image_no_folder")
    else:
        try:
            found = images_of(collection)
        except GitError as error:
            context["failure"] = worded_error(error)
        else:
            words = context["searched"].casefold().split()
            wanted = [each for each in found if all(word in each.path.casefold() for word in words)]
            counted = context["counted"] = collection.images_counted
            unused = context["unused"] = counted and request.GET.get("unused") == "1"
            if unused:
                used = used_paths(collection)
                wanted = [each for each in wanted if each.path not in used]
            page = Paginator(wanted, _A_PAGE).get_page(request.GET.get("page"))
            paths = [shown.path for shown in page.object_list]
            uses = counts(collection, paths) if counted and not unused else {}
            tiles = [_tile(collection, shown, post, uses.get(shown.path, 0)) for shown in page.object_list]
            context |= {"page": page, "tiles": tiles}
            asked = {"q": context["searched"], "unused": "1" if unused else "", "page": page.number + 1}
            context["more"] = page.has_next() and urlencode(asked)
    return TemplateResponse(request, "admin/posts/post/media_list.html", context)


@require_safe
def used_view(request: HttpRequest, pk: int) -> HttpResponse:
    """The posts that use one image."""
    _require_reader(request)
    collection = get_object_or_404(Collection, pk=pk)
    path = request.GET.get("path", "")[:1000]
    posts = list(users_of(collection, path)[: _MOST_USES + 1])
    newest = posts[0].present if posts else None
    context = {
        "posts": posts[:_MOST_USES],
        "and_more": len(posts) > _MOST_USES,
        "counted": collection.images_counted,
        "described": described_as(newest.text, path) if newest is not None else "",
    }
    return TemplateResponse(request, "admin/posts/post/media_used.html", context)


@require_safe
def file_view(request: HttpRequest, pk: int) -> HttpResponse:
    """One image as it would be shown in `post`; the browser asks again whether it is still the same."""
    _require_reader(request)
    return image_answer(request, *_asked(request, pk))


def image_answer(request: HttpRequest, collection: Collection, shown: Shown) -> HttpResponse:
    """The bytes of `shown`, with which nothing can be done but to look at them; 304 where the browser has them still.

    Raises 404.
    """
    etag = quote_etag(shown.blob)
    if etag in request.headers.get("If-None-Match", ""):
        answer = HttpResponse(status=304)
    else:
        answer = HttpResponse(_bytes(collection, shown), content_type=TYPES[ending_of(shown.path)])
    answer["ETag"], answer["Cache-Control"] = etag, "private, no-cache"
    return _harmless(answer)


@require_safe
def small_view(request: HttpRequest, pk: int) -> HttpResponse:
    """The thumbnail of one image, made once for each content."""
    _require_reader(request)
    blob = request.GET.get("blob", "")
    if not re.fullmatch(r"[0-9a-f]{40}(?:[0-9a-f]{24})?", blob):
        raise Http404(blob)
    kept = settings.VAR_DIR / "thumbnails" / str(pk) / blob[:2] / f"{blob}.webp"
    try:
        answer = HttpResponse(kept.read_bytes(), content_type="image/webp")
    except FileNotFoundError:
        collection, shown = _asked(request, pk)
        if shown.blob != blob:
            raise Http404(blob) from None
        data = _bytes(collection, shown)
        made = small(data, _SIDE)
        if made is not None:
            kept.parent.mkdir(parents=True, exist_ok=True)
            # Two who ask at once must not mix their bytes, and nobody may see half of one.
            half = kept.with_suffix(f".{get_random_string(12)}")
            half.write_bytes(made)
            half.replace(kept)
        # A drawing, say: what cannot be made small here is shown by the browser as it is.
        kind = "image/webp" if made is not None else TYPES[ending_of(shown.path)]
        answer = HttpResponse(made if made is not None else data, content_type=kind)
    answer["Cache-Control"] = "private, max-age=31536000, immutable"
    return _harmless(answer)


def repository_images(request: HttpRequest, collection: Collection | None = None) -> Callable[[str], str]:
    """What brings the images of the repository, and those that wait here, into the preview's sanitised HTML.

    The request names the `post`, or for a new one the `collection`, if it is not given. Without either, and where a
    collection takes no images, the addresses stay as they are.
    """
    asked = {**request.GET.dict(), **request.POST.dict()}
    posts = within(asking(request), Post.objects.select_related("collection"))
    post = posts.filter(pk=whole_number(asked.get("post", ""))).first()
    if post is not None:
        collection = post.collection
    elif collection is None:
        named = Collection.objects.filter(pk=whole_number(asked.get("collection", "")))
        collection = within(asking(request), named, "pk").first()
    return images_shown(collection, post) if collection else str


def images_shown(collection: Collection, post: Post | None) -> Callable[[str], str]:
    """The same for sanitised HTML of a text of `post`, or of a new one in `collection`."""
    place = collection.media_place
    if place is None:
        return str
    beside = post.path if post else ""

    def show(address: str) -> str | None:
        found = place.path_of(address, beside)
        return _shown_at(collection, found, post) if found and ending_of(found) in TYPES else None

    return lambda html: with_images_shown(html, show)


_WAITING = Question(
    lambda: Image.objects.filter(post=Given("post", IntegerField())).waiting().order_by().values_list("pk")
)


def waiting_replacements(post: Post) -> list[Replacement]:
    """What waits to take another image's place when `post` is published, or left already and is not there yet."""
    found = [pk for [pk] in _WAITING.ask(post=post.pk)]
    waiting = Image.objects.filter(pk__in=found).defer("data").select_related("by").order_by("path") if found else ()
    return [
        Replacement(
            image,
            small=_small_at(post.collection_id, image.path, image.blob, post),
            old=_shown_at(post.collection, image.path, None),
            new=_shown_at(post.collection, image.path, post),
        )
        for image in waiting
    ]


def _given(request: HttpRequest) -> tuple[bytes, str]:
    """The bytes and the name of the file that was sent. Raises `EvergreenError`."""
    file = request.FILES.get("image")
    if file is None or isinstance(file, list):
        raise EvergreenError("image_missing")
    if (file.size or 0) > LIMIT:
        raise EvergreenError("image_too_large", megabytes=LIMIT // 1_000_000)
    return file.read(), file.name or ""


def _told(error: EvergreenError) -> JsonResponse:
    return JsonResponse({"error": worded_error(error), "code": error.code}, status=_STATUS.get(error.code, 400))


def _asked(request: HttpRequest, pk: int) -> tuple[Collection, Shown]:
    """The image that the request names. Raises 404."""
    collection = get_object_or_404(Collection, pk=pk)
    wanted = request.GET.get("path", "")
    try:
        shown = image_at(collection, wanted, post=_post_asked(request, collection))
    except GitError as error:
        raise Http404(error.code) from error
    if shown is None:
        raise Http404(wanted)
    return collection, shown


def _post_asked(request: HttpRequest, collection: Collection) -> Post | None:
    return Post.objects.filter(pk=whole_number(request.GET.get("post", "")), collection=collection).only("pk").first()


def _bytes(collection: Collection, shown: Shown) -> bytes:
    try:
        data = bytes_of(collection, shown)
    except GitError as error:
        raise Http404(error.code) from error
    if data is None:
        raise Http404(shown.path)
    return data


def _harmless(answer: HttpResponse) -> HttpResponse:
    answer["Content-Security-Policy"], answer["X-Content-Type-Options"] = _NOTHING, "nosniff"
    return answer


def _tile(collection: Collection, shown: Shown, post: Post | None, uses: int) -> Tile:
    place = collection.media_place
    assert place is not None
    return Tile(
        path=shown.path,
        name=shown.path.removeprefix(f"{place.folder}/"),
        address=place.address_of(shown.path),
        small=_small_at(collection.pk, shown.path, shown.blob, None),
        shown=_shown_at(collection, shown.path, post),
        is_new=shown.waiting is not None,
        may_replace=shown.waiting is None and post is not None and ending_of(shown.path) not in ("svg", "avif"),
        uses=uses if collection.images_counted else None,
    )


def _small_at(collection_pk: int, image_path: str, blob: str, post: Post | None) -> str:
    told = {"path": image_path, "blob": blob, **({"post": post.pk} if post else {})}
    return f"{reverse('admin:posts_collection_images_small', args=[collection_pk])}?{urlencode(told)}"


def _shown_at(collection: Collection, image_path: str, post: Post | None) -> str:
    told = {"path": image_path, **({"post": post.pk} if post else {})}
    return f"{reverse('admin:posts_collection_images_file', args=[collection.pk])}?{urlencode(told)}"


def _require_reader(request: HttpRequest) -> None:
    if not admin.site.has_permission(request) or not request.user.has_perm("posts.view_post"):
        raise PermissionDenied


def _require_writer(request: HttpRequest) -> None:
    _require_reader(request)
    if not (request.user.has_perm("posts.change_post") or request.user.has_perm("posts.add_post")):
        raise PermissionDenied
