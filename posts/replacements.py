"""Replacements of images that wait for their post to be published: which there are, let go, or dropped."""

import datetime

from django.db.models import IntegerField

from posts.models import Image, Post
from posts.questions import Given, Question
from posts.waking import ask_for_sync


def waits(post: Post) -> bool:
    """Whether a replacement made from `post` waits for its publication."""
    return Image.objects.filter(post=post, cleared_at=None).waiting().exists()


def replacers(post: Post) -> frozenset[int]:
    """The keys of the people who made what waits: as much writers as those of the text."""
    return frozenset(by for [by] in _REPLACERS.ask(post=post.pk))


_REPLACERS = Question(
    lambda: (
        Image.objects.filter(post=Given("post", IntegerField()), cleared_at=None).waiting().order_by().values_list("by")
    )
)


def let_go(post: Post, *, at: datetime.datetime) -> None:
    """`post` was published: its replacements leave with it."""
    if Image.objects.filter(post=post, cleared_at=None).waiting().update(cleared_at=at):
        ask_for_sync(post.collection)


def drop(post: Post) -> None:
    """The changes of `post` were given up, and with them what was to replace an image; what departed is git's."""
    Image.objects.filter(post=post, commit="").waiting().delete()
