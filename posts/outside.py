"""The door for people without an account: one post, read and remarked on by a link. Nothing else is behind it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from axes.helpers import get_client_ip_address
from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render as page
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from posts.admin.comment_threads import FieldShown, fields_shown, threads_of
from posts.admin.images import image_answer
from posts.admin.post_actions import revision_named
from posts.commenting import About, body_of
from posts.errors import EvergreenError
from posts.git import GitError
from posts.image_addresses import images_in, with_images_shown
from posts.images import image_at
from posts.models import OutsideLink, Post, Revision
from posts.outside_links import LONGEST_NAME, LinkRefused, good_link, opened, remark
from posts.previewing import LIMIT, TooTangled, in_blocks
from posts.wording import worded_error

# Nothing runs, and nothing is framed; the style sheet is ours, and images are all that comes from elsewhere.
POLICY = {
    "default-src": [NONE],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "https:", "data:"],
    "base-uri": [NONE],
    "form-action": [SELF],
    "frame-ancestors": [NONE],
}
# Which file of the site's makes the page is nothing to a reader.
_NOT_READ = frozenset({"layout"})
_STATUS = {"link_over": 404, "link_archived": 404, "link_used_often": 429}


@dataclass(frozen=True, slots=True)
class Passage:
    """A block of the body: as the site shows it, and its source, where it begins in the body."""

    number: int
    html: str
    source: str
    start: int


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a remark is going to be about, as the page shows it."""

    block: Passage | None = None
    field: FieldShown | None = None

    @property
    def source(self) -> str:
        """What stands there now."""
        return self.block.source if self.block else self.field.value if self.field else ""


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@csp(POLICY)  # type: ignore[arg-type] # it takes a view with arguments, whatever its types say
def outside_view(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows the post; POST leaves a remark under the name that is given."""
    place = str(get_client_ip_address(request) or "")
    try:
        if request.method == "POST":
            return _remarked(request, token, place)
        return _unseen(_shown(request, token, opened(token, place=place)))
    except LinkRefused as error:
        told = {"error": worded_error(error)}
        return _unseen(page(request, "outside/refused.html", told, status=_STATUS.get(error.code, 403)))


@require_safe
def outside_image_view(request: HttpRequest, token: str) -> HttpResponse:
    """One image of the repository, or one that waits: if the text that the link is for names it."""
    path = request.GET.get("path", "")
    try:
        post = good_link(token).post
        shown = image_at(post.collection, path, post=post) if path in _images_named(post) else None
    except (LinkRefused, GitError) as error:
        raise Http404(error.code) from error
    if shown is None:
        raise Http404(path)
    return _unseen(image_answer(request, post.collection, shown))


def _remarked(request: HttpRequest, token: str, place: str) -> HttpResponse:
    sent = request.POST
    link = opened(token, place=place)
    try:
        remark(token, sent.get("name", ""), sent.get("text", ""), _about(link.post, sent), place=place)
    except LinkRefused:
        raise
    except EvergreenError as error:
        return _unseen(_shown(request, token, link, error=worded_error(error), status=400))
    answer = HttpResponseRedirect(f"{request.path}?said=1#remarks")
    return _unseen(answer)


def _shown(request: HttpRequest, token: str, link: OutsideLink, *, error: str = "", status: int = 200) -> HttpResponse:
    post = link.post
    blocks = _with_images(list(_blocks(post, post.present)), post, token)
    asked = request.POST if request.method == "POST" else request.GET
    shown = [each for each in fields_shown(post) if each.value.strip() and each.key not in _NOT_READ]
    context: dict[str, Any] = {
        "post": post,
        "link": link,
        "fields": shown,
        "blocks": blocks,
        "too_large": not blocks and bool(body_of(post.present).strip()),
        "chosen": _chosen(asked, blocks, shown),
        "typed": asked if request.method == "POST" else {},
        "error": error,
        "said": "said" in request.GET,
        "threads": threads_of(post, link=link.pk),
        "longest_name": LONGEST_NAME,
    }
    return page(request, "outside/post.html", context, status=status)


def _chosen(asked: QueryDict, blocks: list[Passage], shown: list[FieldShown]) -> Chosen:
    number, key = asked.get("block", ""), asked.get("field", "")
    block = next((each for each in blocks if str(each.number) == number), None)
    return Chosen(block, next((each for each in shown if block is None and each.key == key), None))


def _about(post: Post, sent: QueryDict) -> About:
    """What the form is about: a block of the very text that was read, whatever became of the post since."""
    named = revision_named(post, sent.get("onto", ""))
    onto = Revision.objects.get(pk=named.pk) if named is not None else post.present
    block = next((each for each in _blocks(post, onto) if str(each.number) == sent.get("block", "")), None)
    key = "" if block else sent.get("field", "")
    replacement = sent.get("replacement", "") if "suggests" in sent else None
    known = key if key in {each.key for each in fields_shown(post)} else ""
    return About(known, block.source if block else "", block.start if block else None, onto, replacement)


def _blocks(post: Post, revision: Revision | None) -> Iterator[Passage]:
    body = body_of(revision)
    if len(body.encode()) > LIMIT:
        return
    starts = [0]
    for line in body.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    try:
        found = in_blocks(body, post.collection.markdown_rules).blocks
    except TooTangled:
        return
    if len(found) > 1 and found[-1].start >= len(starts) - 1:
        # Footnotes stand in no one place of the text: they are shown with its last passage.
        last, notes = found[-2:]
        found = (*found[:-2], replace(last, html=last.html + notes.html))
    ends = [*(starts[block.start] for block in found[1:]), len(body)]
    for number, (block, end) in enumerate(zip(found, ends, strict=True), 1):
        start = starts[block.start]
        yield Passage(number, block.html, body[start:end].rstrip("\n"), start)


def _images_named(post: Post) -> set[str]:
    """The paths of the images in the collection's folder that the present text of `post` names."""
    place = post.collection.media_place
    return images_in(post.present.text, place, post.path) if place is not None and post.present is not None else set()


def _with_images(blocks: list[Passage], post: Post, token: str) -> list[Passage]:
    """`blocks` with the images that the text names where this link gives them."""
    place, named = post.collection.media_place, _images_named(post)
    if place is None or not named:
        return blocks
    at = reverse("outside_image", args=[token])

    def show(address: str) -> str | None:
        path = place.path_of(address, post.path)
        return f"{at}?{urlencode({'path': path})}" if path in named else None

    return [replace(block, html=with_images_shown(block.html, show)) for block in blocks]


def _unseen(answer: HttpResponse) -> HttpResponse:
    """No search engine is to keep it."""
    answer["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return answer
