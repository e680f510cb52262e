"""A post gets another place in its collection: the path and the event that tells of it, in one."""

import datetime

from django.contrib.auth.models import User

from posts.events import record_event
from posts.models import Post
from posts.saving import record


def change_place(post: Post, path: str, *, by: User | None, at: datetime.datetime) -> Post:
    """Let `post` stand at `path`, which is free; its text and state stay. Gives the post."""
    record_event(post, "move", by=by, at=at, note=f"{post.path} → {path}")
    return record(post, {"path": path})
