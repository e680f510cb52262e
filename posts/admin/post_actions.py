"""The text that somebody saw when they asked for something."""

import uuid

from django.http import QueryDict

from posts.admin.reading import whole_number
from posts.models import Post, Revision


def images_named(sent: QueryDict) -> set[int]:
    """The keys of the replacements of images that a page showed with the text, as its form sends them."""
    return set(map(whole_number, sent.getlist("image_seen")))


def revision_named(post: Post, key: str) -> Revision | None:
    """The revision of `post` with this key, without its text; None for one of another post or nonsense."""
    try:
        pk = uuid.UUID(key)
    except ValueError:
        return None
    return Revision.objects.filter(post=post, pk=pk).defer("text").first()
