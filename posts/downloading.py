"""Posts into a folder or a zip: the present texts, untouched ones byte for byte."""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import QuerySet

from posts.models import Collection, Post
from posts.workflow import State


@dataclass(frozen=True, slots=True)
class Packed:
    """The present text of one post, as it goes into an archive; `post` and `revision` are keys."""

    path: str
    data: bytes
    blob: str
    post: int
    revision: uuid.UUID


def texts_of(collection: Collection, pks: Iterable[int] = ()) -> Iterator[Packed]:
    """The present text of each post (of those in `pks`, or all), by path, in bounded memory."""
    columns = ("path", "present__text", "present__blob", "pk", "present")
    rows = _posts(collection, pks).order_by("path").values_list(*columns)
    for path, text, blob, post, revision in rows.iterator(chunk_size=200):
        yield Packed(path, text.encode(), blob, post, revision)


def count_of(collection: Collection, pks: Iterable[int] = ()) -> int:
    """How many posts `texts_of` gives."""
    return _posts(collection, pks).count()


def _posts(collection: Collection, pks: Iterable[int]) -> QuerySet[Post]:
    # Archived posts without a place in git are left out: they would come back to life with the next upload.
    posts = Post.objects.filter(collection=collection).exclude(state=State.ARCHIVED, git_path="")
    chosen = list(pks)
    return posts.filter(pk__in=chosen) if chosen else posts
