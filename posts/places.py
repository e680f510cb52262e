"""A post gets another place in its collection: the path and the event that tells of it, in one."""

import datetime

from django.contrib.auth.models import User

from posts.models import Event, Post
from posts.saving import record


def change_place(post: Post, path: str, *, by: User | None, at: datetime.datetime) -> Post:
    """Let `post` stand at `path`, which is free; its text and state stay. Gives the post."""
    Event.objects.create(
        post=post,
        transition="move",
        from_state=post.state,
        to_state=post.state,
        revision=post.present,
        by=by,
        at=at,
        note=f"{post.path} → {path}",
    )
    return record(post, {"path": path})
