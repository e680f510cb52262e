"""A suggested change applied: the edit of whoever applies it, with the suggester named (DESIGN §2.9)."""

from django.contrib.auth.models import User
from django.db import transaction

from posts import editing, fields
from posts.commenting import CommentRefused, body_of, locked, passage_now, settle_remark
from posts.document.document import Document
from posts.events import record_event
from posts.models import Comment, Post, Revision
from posts.passages import with_replacement
from posts.situations import lock


@transaction.atomic
def apply_suggestion(remark: Comment, *, by: User) -> Post:
    """Put what `remark` suggests into the text as an edit of `by`, and settle it. Gives the post as it is now.

    Raises `CommentRefused` where it was settled already or cannot be placed any more, and what `editing.edit` raises.
    """
    post = lock(remark.post)
    remark = locked(remark)
    editing.require_may_edit(post, by)
    if remark.replacement is None:
        raise CommentRefused("nothing_suggested")
    if remark.resolved_at is not None:
        raise CommentRefused("remark_settled")
    if remark.field:
        post = editing.edit(post, {remark.field: _value(remark, post)}, by=by)
    else:
        post = editing.edit(post, {}, body=_body(remark, post), by=by)
    settle_remark(remark, post.present, by=by)
    record_event(post, "apply_suggestion", by=by, facts={"by": remark.who, "remark": remark.pk})
    return post


def _body(remark: Comment, post: Post) -> str:
    body = body_of(post.present)
    passage = passage_now(remark, body)
    if passage is None or remark.replacement is None:
        raise CommentRefused("passage_moved")
    return with_replacement(passage, body, remark.replacement)


def _value(remark: Comment, post: Post) -> object:
    if _read(remark.revision, remark.field) != _read(post.present, remark.field):
        raise CommentRefused("passage_moved")
    suggested = remark.replacement or ""
    if fields.BY_KEY[remark.field].kind is fields.Kind.TERMS:
        return [line.strip() for line in suggested.split("\n") if line.strip()]
    return suggested.strip()


def _read(revision: Revision | None, key: str) -> object:
    return fields.read_one(Document.from_text(revision.text), key) if revision is not None else None
