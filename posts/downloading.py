"""Posts into a folder or a zip: the present texts, untouched ones byte for byte."""

from collections.abc import Iterable, Iterator

from django.db.models import QuerySet

from posts.models import Collection, Post
from posts.workflow import State


def texts_of(collection: Collection, pks: Iterable[int] = ()) -> Iterator[tuple[str, bytes, str]]:
    """Path, bytes and blob id of each post's present text (of those in `pks`, or all), by path, in bounded memory."""
    rows = _posts(collection, pks).order_by("path").values_list("path", "present__text", "present__blob")
    for path, text, blob in rows.iterator(chunk_size=200):
        yield path, text.encode(), blob


def count_of(collection: Collection, pks: Iterable[int] = ()) -> int:
    """How many posts `texts_of` gives."""
    return _posts(collection, pks).count()


def _posts(collection: Collection, pks: Iterable[int]) -> QuerySet[Post]:
    # Archived posts without a place in git are left out: they would come back to life with the next upload.
    posts = Post.objects.filter(collection=collection).exclude(state=State.ARCHIVED, git_path="")
    chosen = list(pks)
    return posts.filter(pk__in=chosen) if chosen else posts
