"""A post gets another place in its collection: the path and the event that tells of it, in one."""

import datetime
from collections.abc import Mapping

from django.contrib.auth.models import User

from posts.events import record_event
from posts.models import Post
from posts.saving import record


def change_place(
    post: Post, path: str, *, by: User | None, at: datetime.datetime, facts: Mapping[str, object] | None = None
) -> Post:
    """Let `post` stand at `path`, which is free; its text stays, and but for `facts` its state. Gives the post."""
    note, before = f"{post.path} → {path}", post.state
    moved = record(post, {**(facts or {}), "path": path})
    record_event(moved, "move", by=by, at=at, from_state=before, note=note)
    return moved
