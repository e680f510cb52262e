"""Which text mentions which image: an index, kept by `saving` in its transaction, and asked for where an image is used.

Every text has its rows, whether a post says it still or not: which of a post's texts count is asked of the post. So
only a post that moves, whose images lie beside it, and a collection whose folder is another need new rows.
"""

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from posts.image_addresses import images_in, may_name_images
from posts.models import Collection, Image, ImageUse, Post, Revision

_BATCH = 200
_HELD = Q(revision=F("post__present")) | Q(revision=F("post__cleared")) | Q(revision=F("post__git_text"))


def note_texts(revisions: Sequence[Revision]) -> None:
    """Index new `revisions`, whose posts are known. The caller holds the transaction."""
    naming = [revision for revision in revisions if may_name_images(revision.text)]
    if not naming:
        return
    # Whoever asks may hold the collection since long before its folder was said.
    wanted = {revision.post.collection_id for revision in naming}
    collections = Collection.objects.filter(pk__in=wanted).only("media_folder", "media_url", "site_url")
    places = {collection.pk: collection.media_place for collection in collections}
    uses = []
    for revision in naming:
        place = places[revision.post.collection_id]
        if place is not None:
            named = images_in(revision.text, place, revision.post.path)
            uses += [ImageUse(post=revision.post, revision=revision, path=path) for path in sorted(named)]
    ImageUse.objects.bulk_create(uses, batch_size=_BATCH)


def note_again(posts: Sequence[int]) -> None:
    """Index all texts of the posts with these keys anew. The caller holds the transaction and their locks."""
    ImageUse.objects.filter(post__in=posts).delete()
    note_texts(list(Revision.objects.filter(post__in=posts).select_related("post")))


def catch_up(limit: int) -> int:
    """Index the collections whose folder was said or changed, at most so many posts; gives how many it was."""
    done = 0
    for collection in Collection.objects.order_by("pk"):
        done += catch_up_with(collection, limit - done)
    return done


def catch_up_with(collection: Collection, limit: int) -> int:
    """Index `collection` if its folder was said or changed, at most so many posts; gives how many it was."""
    done = 0
    while done < limit and not collection.images_counted:
        done += _catch_up_batch(collection)
    return done


def counts(collection: Collection, paths: Iterable[str]) -> dict[str, int]:
    """How many posts use each of `paths`, which need not be all images; those of no post are left out.

    A post uses what its present text, its cleared one or git's mentions, archived or not.
    """
    uses = _uses(collection).filter(path__in=list(paths)).values_list("path")
    return dict(uses.annotate(posts=Count("post", distinct=True)))


def used_paths(collection: Collection) -> set[str]:
    """Every path that a post of `collection` uses."""
    return set(_uses(collection).order_by().values_list("path", flat=True).distinct())


def named(collection: Collection, start: str) -> set[str]:
    """The paths that begin with `start` and that a text of `collection` mentions, an old or a kept one too; in small
    letters, as far as they are counted.
    """
    uses = ImageUse.objects.filter(post__collection=collection, path__istartswith=start)
    return {path.lower() for path in uses.order_by().values_list("path", flat=True).distinct()}


def users_of(collection: Collection, path: str) -> QuerySet[Post]:
    """The posts that use the image at `path`, newest first; each with whether its present text does (`says_it`)."""
    using = _uses(collection).filter(path=path)
    now = using.filter(revision=F("post__present")).values("post")
    posts = Post.objects.filter(pk__in=using.values("post")).order_by("-date", "-pk")
    return posts.annotate(says_it=Q(pk__in=now))


def unused(collection: Collection, images: QuerySet[Image]) -> QuerySet[Image]:
    """Those of `images` in `collection` that no post uses."""
    return images.filter(collection=collection).exclude(Exists(_uses(collection).filter(path=OuterRef("path"))))


def _uses(collection: Collection) -> QuerySet[ImageUse]:
    return ImageUse.objects.filter(_HELD, post__collection=collection)


@transaction.atomic
def _catch_up_batch(collection: Collection) -> int:
    now = str(collection.media_place)
    after = (collection.images_counted_to or 0) if collection.images_counted_for == now else 0
    posts = Post.objects.filter(collection=collection, pk__gt=after).order_by("pk")
    pks = list(posts.values_list("pk", flat=True)[:_BATCH])
    Post.objects.filter(pk__in=pks).lock_in_order()
    note_again(pks)
    collection.images_counted_for, collection.images_counted_to = now, pks[-1] if pks else None
    collection.save(update_fields=["images_counted_for", "images_counted_to"])
    return len(pks)
