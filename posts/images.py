"""The images of a collection: what its repository has, and what was brought in here and waits."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from posts.git import SUBMODULE, SYMLINK, GitError
from posts.image_addresses import MediaPlace
from posts.locking import repository_of
from posts.models import Collection, Image, Post
from posts.paths import why_unsafe
from posts.pictures import LIMIT, TYPES, ending_of

_MOST_SHOWN = 2 * LIMIT


@dataclass(frozen=True, slots=True)
class Shown:
    """One image as it would be shown: its place, its blob, and the waiting row that has its bytes (None: git has)."""

    path: str
    blob: str
    waiting: Image | None = None


def images_of(collection: Collection) -> list[Shown]:
    """Every image in the collection's folder: of the last head seen, and what waits; by path.

    Raises `GitError` where the mirror cannot be read.
    """
    place = collection.media_place
    if place is None:
        return []
    in_git = _in_folder(collection, collection.head, place.folder)
    new = Image.objects.filter(collection=collection, post=None).waiting().defer("data").select_related("by")
    found = {image.path: Shown(image.path, image.blob, image) for image in new}
    if not found:
        return list(in_git)
    found = {shown.path: shown for shown in in_git} | found
    return [found[path] for path in sorted(found)]


def image_at(collection: Collection, path: str, *, post: Post | None = None) -> Shown | None:
    """The image at `path` as a reader of `post` would see it: its waiting replacement, a new one, or the repository's.

    Raises `GitError` where the mirror cannot be read.
    """
    if ending_of(path) not in TYPES or why_unsafe(path):
        return None
    waiting = Image.objects.filter(collection=collection, path=path).waiting().defer("data")
    for image in waiting.order_by("-pk"):
        if image.post_id is None or (post is not None and image.post_id == post.pk):
            return Shown(path, image.blob, image)
    return next(iter(_in_git(collection, [path])), None)


def bytes_of(collection: Collection, shown: Shown) -> bytes | None:
    """The bytes of `shown`; None if there are none any more, or too many to be shown. Raises `GitError`."""
    if shown.waiting is not None:
        data = Image.objects.filter(pk=shown.waiting.pk, sent_at=None).values_list("data", flat=True).first()
        if data is not None:
            return bytes(data)
    for _, data in repository_of(collection, offline=True).read([shown.blob], limit=_MOST_SHOWN):
        return data
    return None


def names_taken(collection: Collection, place: MediaPlace) -> set[str]:
    """The paths in the collection's folder that a new image may not have, in small letters, as far as is known."""
    names = Image.objects.filter(collection=collection).values_list("path", flat=True)
    taken = {path.lower() for path in names}
    try:
        return taken | {path.lower() for path, _ in _files(collection, [place.folder])}
    except GitError:
        # Without a mirror on this machine what waits is known, and what leaves is compared with the head once more.
        return taken


# A folder of 100,000 images takes git a second, and the picker asks at each letter that is searched for.
@lru_cache(maxsize=4)
def _in_folder(collection: Collection, _head: str, folder: str) -> Sequence[Shown]:
    return sorted(_in_git(collection, [folder]), key=lambda shown: shown.path)


def _in_git(collection: Collection, under: list[str]) -> Iterator[Shown]:
    return (Shown(path, blob) for path, blob in _files(collection, under) if ending_of(path) in TYPES)


def _files(collection: Collection, under: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Path and blob of each file in git under these files and folders, at the last head seen."""
    if not collection.head:
        return
    for change in repository_of(collection, offline=True).changes(None, collection.head, under=list(under)):
        if change.blob and change.mode not in (SYMLINK, SUBMODULE):
            yield change.path.decode("utf-8", "replace"), change.blob
