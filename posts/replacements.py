"""Replacements of images that wait for their post to be published: which there are, let go, or dropped."""

import datetime
from collections.abc import Iterable

from django.db.models import IntegerField

from posts.models import Image, Post
from posts.models.image import ImageQuerySet
from posts.questions import Given, Question
from posts.waking import ask_for_sync


def waits(post: Post) -> bool:
    """Whether a replacement made from `post` waits for its publication."""
    return _waiting().filter(post=post).exists()


def waiting_with(posts: Iterable[int]) -> dict[int, list[int]]:
    """The keys of the replacements that wait for the publication of each of these posts; without the posts of none."""
    found: dict[int, list[int]] = {}
    for post, image in _waiting().filter(post__in=list(posts)).order_by("pk").values_list("post", "pk"):
        found.setdefault(post, []).append(image)
    return found


def replacers(post: Post) -> dict[int, int]:
    """For the key of each replacement that waits the key of who made it: as much a writer as those of the text."""
    return dict(_REPLACERS.ask(post=post.pk))


_REPLACERS = Question(lambda: _waiting().filter(post=Given("post", IntegerField())).order_by().values_list("pk", "by"))


def let_go(post: Post, *, at: datetime.datetime) -> None:
    """`post` was published: its replacements leave with it."""
    if _waiting().filter(post=post).update(cleared_at=at):
        ask_for_sync(post.collection)


def drop(post: Post, *, let_go: bool) -> None:
    """The changes of `post` were given up, and with them what was to replace an image; what departed is git's.

    `let_go`: also what was published already and has not left yet.
    """
    given_up = Image.objects.filter(post=post, commit="").waiting()
    (given_up if let_go else given_up.filter(cleared_at=None)).delete()


def _waiting() -> ImageQuerySet:
    return Image.objects.filter(cleared_at=None).exclude(post=None).waiting()
