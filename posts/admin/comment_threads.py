"""Remarks as the pages show them: each with its answers and its passage, and the text with the passages marked."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.contrib.auth.models import User
from django.urls import reverse

from posts import fields
from posts.admin.conflict_questions import label_of
from posts.commenting import body_of, may_comment, passages_now
from posts.document.document import Document
from posts.document.errors import DocumentError
from posts.models import Comment, Post
from posts.passages import Passage
from posts.situations import permissions_of
from posts.workflow import CHANGE_POST, State


@dataclass(frozen=True, slots=True)
class Thread:
    """A remark with the answers to it. `lost`: its passage was changed, so it is about the post as a whole now."""

    remark: Comment
    answers: tuple[Comment, ...]
    label: str
    passage: Passage | None
    lost: bool
    before: str
    may_apply: bool

    @property
    def is_open(self) -> bool:
        """Whether nobody settled it."""
        return self.remark.resolved_at is None


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a line, with the remarks whose passage it belongs to; `begins` are those that begin with it."""

    text: str
    remarks: tuple[int, ...] = ()
    begins: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldShown:
    """A field with what it says, and how many open remarks are about it."""

    key: str
    label: str
    value: str
    remarks: int = 0


def remarks_context(post: Post, person: User, *, back: str = "") -> dict[str, Any]:
    """What `comments.html` asks for."""
    threads = threads_of(post, person)
    return {
        "threads_open": [thread for thread in threads if thread.is_open],
        "threads_settled": [thread for thread in threads if not thread.is_open],
        "may_remark": may_comment(post, person),
        "people_address": reverse("admin:posts_post_people", args=[post.pk]),
        "remarks_address": reverse("admin:posts_post_comments", args=[post.pk]),
        "remark_fields": fields_shown(post, threads),
        "back": back,
        "remark_typed": {},
    }


def threads_of(post: Post, person: User | None = None, *, link: int | None = None) -> list[Thread]:
    """The remarks on `post` (of one link: `link`), the newest first, as `person` may handle them."""
    found = Comment.objects.threads().filter(post=post)
    if link is not None:
        found = found.filter(link=link)
    rows = list(
        found.select_related("by", "link", "resolved_by").prefetch_related("replies__by").order_by("-at", "-pk")
    )
    now = passages_now([row for row in rows if row.resolved_at is None], body_of(post.present))
    may_edit = (
        person is not None
        and CHANGE_POST in permissions_of(person, post.collection_id)
        and post.state != State.ARCHIVED
    )
    values = _values(post)
    return [_thread(row, now.get(row.pk), values, may_edit=may_edit) for row in rows]


def fields_shown(post: Post, threads: Iterable[Thread] = ()) -> list[FieldShown]:
    """The fields of the present text that remarks can be about."""
    counted: dict[str, int] = {}
    for thread in threads:
        if thread.is_open and thread.remark.field:
            counted[thread.remark.field] = counted.get(thread.remark.field, 0) + 1
    return [FieldShown(key, label_of(key), value, counted.get(key, 0)) for key, value in _values(post).items()]


def lines_marked(body: str, passages: Mapping[int, Passage]) -> Iterator[tuple[Part, ...]]:
    """Each line of `body` in pieces, so that a passage is whole pieces."""
    ends = sorted({place for each in passages.values() for place in (each.start, each.end)})
    start = 0
    for line in body.split("\n"):
        end = start + len(line)
        cuts = [start, *(place for place in ends if start < place < end), end]
        yield tuple(_part(body, first, last, passages) for first, last in pairwise(cuts))
        start = end + 1


def _part(body: str, first: int, last: int, passages: Mapping[int, Passage]) -> Part:
    inside = tuple(pk for pk, each in passages.items() if each.start < last and first < each.end)
    return Part(body[first:last], inside, tuple(pk for pk in inside if first <= passages[pk].start))


def _thread(row: Comment, passage: Passage | None, values: Mapping[str, str], *, may_edit: bool) -> Thread:
    is_open = row.resolved_at is None
    placed = bool(row.field) or passage is not None
    return Thread(
        remark=row,
        answers=tuple(row.replies.all()),
        label=label_of(row.field) if row.field else "",
        passage=passage,
        lost=is_open and bool(row.quote) and passage is None,
        before=values.get(row.field, "") if row.field and is_open else row.quote,
        may_apply=may_edit and is_open and placed and row.replacement is not None,
    )


def _values(post: Post) -> dict[str, str]:
    """What each key that editors write says in the present text, lists by lines."""
    try:
        document = Document.from_text(post.present.text) if post.present else None
    except DocumentError:
        document = None
    if document is None:
        return {}
    read = {each.key: fields.read_one(document, each.key) for each in fields.EDITABLE}
    return {key: "\n".join(value) if isinstance(value, list) else str(value) for key, value in read.items()}
