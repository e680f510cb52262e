"""Who wrote which line of a post, and which texts left in a commit."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from posts.access import within
from posts.admin.conflict_questions import label_of
from posts.admin.post_steps import PostSteps
from posts.document.document import Document
from posts.document.errors import DocumentError
from posts.lineage import lineage
from posts.models import Post, Revision

_COMMIT = re.compile(r"[0-9a-f]{4,64}")
_MOST = 200
# Texts can be long and many: so many are in memory at a time.
_AT_A_TIME = 20


@dataclass(frozen=True, slots=True)
class Passage:
    """Lines of the body that came with one text, and what is known of it."""

    first: int
    lines: str
    revision: Revision


@dataclass(frozen=True, slots=True)
class Value:
    """What a key says, in its own lines, and the text that it came with."""

    key: str
    label: str
    lines: str
    revision: Revision


class PostLineage(PostSteps):
    """Pages that lead from a line or a commit to the texts that made it."""

    def lines_view(self, request: Any, post_id: int) -> HttpResponse:
        """The present text, with who wrote each part of it and when."""
        post = self.opened(request, post_id)
        history = Revision.objects.filter(post=post, beside=False).order_by("number").values_list("text", "pk")
        found = lineage(history.iterator(chunk_size=_AT_A_TIME))
        origins = {*found.keys.values(), *(origin for _line, origin in found.lines)} if found else set()
        known = Revision.objects.filter(pk__in=origins).select_related("by").defer("text").in_bulk()
        context = {
            "values": list(_values(post, found.keys, known)) if found else [],
            "passages": list(_passages(found.lines, known)) if found else [],
        }
        return self.page(request, post, "lines", _("Who wrote this"), context)

    def commit_view(self, request: HttpRequest) -> HttpResponse:
        """The texts that left in a commit, or came with it, found by the beginning of its id."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        asked = request.GET.get("id", "").strip().lower()
        wanted = _COMMIT.fullmatch(asked) is not None
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("The texts of a commit"),
            "asked": asked[:64],
            "unreadable": bool(asked) and not wanted,
            "revisions": list(_in_commit(asked, request.user)) if wanted else [],
        }
        return TemplateResponse(request, "admin/posts/post/commit.html", context)


def _values(post: Post, keys: dict[str, UUID], known: dict[UUID, Revision]) -> Iterator[Value]:
    document = _document(post)
    for key, origin in keys.items():
        lines = document.lines_of(key).rstrip("\r\n") if document else ""
        yield Value(key, label_of(key), lines, known[origin])


def _passages(lines: tuple[tuple[str, UUID], ...], known: dict[UUID, Revision]) -> Iterator[Passage]:
    first = 1
    for origin, group in groupby(lines, lambda line: line[1]):
        texts = [text for text, _origin in group]
        yield Passage(first, "\n".join(texts), known[origin])
        first += len(texts)


def _in_commit(beginning: str, person: Any) -> Any:
    """Between its beginning and the next one: a comparison that the index answers, as it would not a pattern."""
    found = Revision.objects.filter(commit__gte=beginning, commit__lt=f"{beginning}g")
    found = within(person, found, "post__collection")
    return found.select_related("post", "by").defer("text").order_by("commit", "post", "number")[:_MOST]


def _document(post: Post) -> Document | None:
    try:
        return Document.from_text(post.present.text) if post.present else None
    except DocumentError:
        return None
