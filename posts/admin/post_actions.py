"""The text that somebody saw when they asked for something."""

import uuid

from posts.models import Post, Revision


def revision_named(post: Post, key: str) -> Revision | None:
    """The revision of `post` with this key, without its text; None for one of another post or nonsense."""
    try:
        pk = uuid.UUID(key)
    except ValueError:
        return None
    return Revision.objects.filter(post=post, pk=pk).defer("text").first()
