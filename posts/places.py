"""A post gets another place in its collection: the path and the event that tells of it, in one."""

import datetime
import posixpath
from collections.abc import Mapping

from django.contrib.auth.models import User

from posts.checking import check_post
from posts.document.document import Document
from posts.events import record_event
from posts.image_addresses import may_name_images
from posts.models import Post, Whence
from posts.saving import TextChange, record, write
from posts.workflow import State

_SETTLED = frozenset({State.PUBLISHED, State.EVERGREEN, State.ARCHIVED})


def change_place(
    post: Post, path: str, *, by: User | None, at: datetime.datetime, facts: Mapping[str, object] | None = None
) -> Post:
    """Let `post` stand at `path`, which is free; its text stays, and but for `facts` its state. Gives the post.

    Where its text may show other images there, it is a revision of its own: an approval names the one that was looked
    at, and whoever looked at the one before has not seen this.
    """
    note, before = f"{post.path} → {path}", post.state
    facts = {**(facts or {}), "path": path}
    if by is not None and post.present is not None and before not in _SETTLED and _may_show_others(post, path):
        leaves = post.cleared_id == post.present_id
        document = Document.from_text(post.present.text)
        write([TextChange(post, document, Whence.TRANSITION, by=by, at=at, becomes_cleared=leaves, facts=facts)])
        check_post(post)
    else:
        record(post, facts)
    record_event(post, "move", by=by, at=at, from_state=before, note=note)
    return post


def _may_show_others(post: Post, path: str) -> bool:
    """Whether the present text of `post` may show other images at `path`: of those beside its file."""
    moves = posixpath.dirname(path) != posixpath.dirname(post.path)
    return moves and post.present is not None and may_name_images(post.present.text)
