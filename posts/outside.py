"""The door for people without an account: one post, read and remarked on by a link. Nothing else is behind it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from axes.helpers import get_client_ip_address
from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render as page
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from posts.admin.comment_threads import FieldShown, fields_shown, threads_of
from posts.admin.post_actions import revision_named
from posts.commenting import About, body_of
from posts.errors import EvergreenError
from posts.models import OutsideLink, Post, Revision
from posts.outside_links import LONGEST_NAME, LinkRefused, opened, remark
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
_STATUS = {"link_over": 404, "link_used_often": 429}


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
        return _unseen(_shown(request, opened(token, place=place)))
    except LinkRefused as error:
        told = {"error": worded_error(error)}
        return _unseen(page(request, "outside/refused.html", told, status=_STATUS.get(error.code, 403)))


def _remarked(request: HttpRequest, token: str, place: str) -> HttpResponse:
    sent = request.POST
    link = opened(token, place=place)
    try:
        remark(token, sent.get("name", ""), sent.get("text", ""), _about(link.post, sent), place=place)
    except LinkRefused:
        raise
    except EvergreenError as error:
        return _unseen(_shown(request, link, error=worded_error(error), status=400))
    answer = HttpResponseRedirect(f"{request.path}?said=1#remarks")
    return _unseen(answer)


def _shown(request: HttpRequest, link: OutsideLink, *, error: str = "", status: int = 200) -> HttpResponse:
    post = link.post
    blocks = list(_blocks(post, post.present))
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


def _unseen(answer: HttpResponse) -> HttpResponse:
    """No search engine is to keep it."""
    answer["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return answer
