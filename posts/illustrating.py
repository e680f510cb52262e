"""Bringing images in: a new one under a name of its own, or another one in the place of one that is there."""

import datetime
import secrets
from collections.abc import Iterator

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from posts import image_uses, images, workflow
from posts.access import may
from posts.approvals import without_approval
from posts.editing import require_may_edit
from posts.errors import EvergreenError
from posts.events import record_event
from posts.models import Collection, Image, Post
from posts.notifying import called
from posts.pictures import ENDINGS, Picture, clean_stem, read_picture
from posts.saving import record
from posts.situations import lock
from posts.workflow import State

A_DAY = 300
"""How many images one person may bring in within 24 hours."""

_ATTEMPTS = 20
_MOST_OF_A_NAME = 10_000
_COUNTED_MEANWHILE = 1_000


class ImageRefused(EvergreenError):
    """An image that may not be brought in: `no_permission`, `image_no_folder`, `image_waits_elsewhere` and others."""


def add_image(collection: Collection, data: bytes, name: str, *, words: str = "", by: User) -> Image:
    """Keep `data` as a new image of `collection` until a text that mentions it leaves; gives its row.

    Its name is made of `name`, or of `words` (the post's title, say) where that says nothing. It is nobody else's, and
    no text mentions it yet: whoever approved one never saw this image. What waits already with the same content is
    given again. Raises `ImageRefused`, `PictureRefused`.
    """
    place = collection.media_place
    if not any(may(by, f"posts.{each}", collection.pk) for each in ("change_post", "add_post")):
        raise ImageRefused("no_permission")
    if place is None:
        raise ImageRefused("image_no_folder")
    _require_not_too_many(by)
    picture = read_picture(data)
    waiting = Image.objects.filter(collection=collection, post=None, blob=picture.blob_id).waiting()
    there = waiting.defer("data").first()
    if there is not None:
        return there
    stem, ending = clean_stem(name, words), ENDINGS[picture.kind]
    image_uses.catch_up_with(collection, _COUNTED_MEANWHILE)
    for _ in range(_ATTEMPTS):
        taken = images.names_taken(collection, place)
        try:
            with transaction.atomic():
                taken |= image_uses.named(collection, f"{place.folder}/{stem}")
                names = _names(stem, counted=collection.images_counted)
                paths = (f"{place.folder}/{each}.{ending}" for each in names)
                return _kept(collection, next(path for path in paths if path.lower() not in taken), picture, by)
        except IntegrityError:
            continue  # somebody took this name in the very same moment
    raise ImageRefused("busy")


def _names(stem: str, *, counted: bool) -> Iterator[str]:
    """The names that a new image may have, the best first, and then such as nobody can have mentioned by guessing.

    What mentions the best ones is not known of a collection whose texts are not `counted`.
    """
    if counted:
        yield stem
        yield from (f"{stem}-{number}" for number in range(2, _MOST_OF_A_NAME))
    while True:
        yield f"{stem}-{secrets.token_hex(4)}"


def replace_image(post: Post, path: str, data: bytes, *, by: User) -> Image:
    """Let `data` take the place of the image at `path` once `post` is published next; gives the row that waits.

    It is a change of `post` like one of its text: an approval that stands is lost, and whoever replaces cannot approve.
    Raises `ImageRefused`, `PictureRefused`, `EditForbidden`, and `GitError` where the mirror cannot be read.
    """
    require_may_edit(post, by)
    collection = post.collection
    place = collection.media_place
    if place is None or not path.startswith(f"{place.folder}/"):
        raise ImageRefused("image_no_folder" if place is None else "image_unknown", path=path)
    _require_not_too_many(by)
    there = images.image_at(collection, path)
    if there is None:
        raise ImageRefused("image_unknown", path=path)
    if there.waiting is not None:
        raise ImageRefused("image_not_sent_yet", path=path)
    picture = read_picture(data, to_stand_at=path)
    if picture.blob_id == there.blob:
        raise ImageRefused("image_same")
    return _replaced(post, path, picture, there.blob, by)


@transaction.atomic
def _replaced(post: Post, path: str, picture: Picture, replaces: str, by: User) -> Image:
    post = lock(post)
    require_may_edit(post, by)
    waiting = Image.objects.filter(collection=post.collection, path=path).waiting().exclude(post=None)
    other = waiting.select_related("post").defer("data").first()
    if other is not None and (other.post_id != post.pk or other.cleared_at is not None):
        raise ImageRefused("image_waits_elsewhere", path=path, post=str(other.post)[:80])
    waiting.delete()
    image = _kept(post.collection, path, picture, by, post=post, replaces=replaces)
    _changed(post, "replace_image", path, by)
    return image


@transaction.atomic
def keep_image(image: Image, *, by: User) -> None:
    """Drop a replacement that waits: the image stays as it is. Raises `EditForbidden`, `ImageRefused`.

    It is a change of the post as well: what was approved was the other image.
    """
    if image.post is None:
        raise ImageRefused("image_unknown", path=image.path)
    post = lock(image.post)
    require_may_edit(post, by)
    gone, _ = Image.objects.filter(pk=image.pk, commit="", cleared_at=None).waiting().delete()
    if not gone:
        raise ImageRefused("image_unknown", path=image.path)
    _changed(post, "keep_image", image.path, by)


def _changed(post: Post, what: str, path: str, by: User) -> None:
    facts = without_approval(post, because_of=called(by), by=by)
    before, state = post.state, workflow.after_edit(State(post.state))
    record(post, {**facts, "state": state})
    record_event(post, what, by=by, from_state=before, note=path)


def forget_unused_images() -> None:
    """Delete new images that nobody has used for a quarter of a year: no text that is kept here mentions them."""
    old = Image.objects.filter(post=None, commit="", at__lt=timezone.now() - datetime.timedelta(days=90)).waiting()
    for collection in Collection.objects.filter(pk__in=old.values("collection")).order_by("pk"):
        if collection.images_counted:
            for image in image_uses.unused(collection, old).defer("data").order_by("pk")[:_ATTEMPTS]:
                image.delete()


def _require_not_too_many(by: User) -> None:
    since = timezone.now() - datetime.timedelta(days=1)
    if Image.objects.filter(by=by, at__gt=since).count() >= A_DAY:
        raise ImageRefused("image_enough_today", images=A_DAY)


def _kept(
    collection: Collection, path: str, picture: Picture, by: User, *, post: Post | None = None, replaces: str = ""
) -> Image:
    return Image.objects.create(
        collection=collection,
        path=path,
        blob=picture.blob_id,
        data=picture.data,
        size=len(picture.data),
        width=picture.width,
        height=picture.height,
        post=post,
        replaces=replaces,
        by=by,
        at=timezone.now(),
    )
