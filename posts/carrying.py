"""Which image leaves in which commit: with the first cleared text that mentions it, or with the post it was made from.

Nothing is queued, as with posts: an image that git has not got waits, and what it belongs to is worked out anew each
time, on exactly the head that was fetched. What others put in its place meanwhile is never written over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from django.utils import timezone

from posts.exporting import Outgoing, Part
from posts.git import Repository
from posts.image_addresses import images_in
from posts.models import Collection, Image, Outcome, Post
from posts.workflow import State

_ASKED_AT_ONCE = 200


def with_images(
    collection: Collection, repository: Repository, head: str | None, leaving: Sequence[Outgoing]
) -> tuple[list[Outgoing], list[Outcome]]:
    """`leaving` with the images that belong into each commit; and what must stay because another file has their place.

    A post that has nothing but an image to send, and whose image git has already, drops out.
    """
    waiting = Image.objects.filter(collection=collection).may_leave().defer("data")
    images = list(waiting.order_by("pk").iterator(_ASKED_AT_ONCE))
    if not images:
        return [each for each in leaving if not all(part.text_stays for part in each.parts)], []
    there = _in_git(repository, head, [image.path for image in images])
    _note_there_already([image for image in images if there.get(image.path) == image.blob])
    images = [image for image in images if there.get(image.path) != image.blob]
    fresh = {image.path: image for image in images if image.post_id is None}
    replacements = {image.post_id: image for image in images if image.post_id is not None}
    parts = [part for each in leaving for part in each.parts if part.revision is not None]
    put_away = Post.objects.filter(pk__in=[part.post_pk for part in parts], state=State.ARCHIVED)
    archived = set(put_away.values_list("pk", flat=True))
    made, unfit = [], []
    for each in leaving:
        carrying = []
        for part in each.parts:
            carried: list[Image] = []
            if part.post_pk not in archived:
                carried = _carried(part, fresh, collection)
                carried += [image for image in images if image.post_id == part.post_pk] if replacements else []
            if not carried and part.text_stays:
                continue
            taken = [image for image in carried if there.get(image.path, "") != image.replaces]
            if taken:
                unfit.append(_unfit(part, taken[0]))
                continue
            for image in carried:
                fresh.pop(image.path, None)
            carrying.append(replace(part, images=tuple(carried)))
        if carrying:
            made.append(replace(each, parts=tuple(carrying)))
    return made, unfit


def _carried(part: Part, fresh: Mapping[str, Image], collection: Collection) -> list[Image]:
    """The new images that the text of `part` mentions, and no text before it did."""
    place = collection.media_place
    if part.revision is None or place is None or not fresh:
        return []
    named = images_in(part.revision.text, place, part.path)
    return [image for path, image in fresh.items() if path in named]


def _in_git(repository: Repository, head: str | None, paths: Sequence[str]) -> dict[str, str]:
    """What is at `paths` in `head`: the blob of each that is there."""
    found: dict[str, str] = {}
    if head is None:
        return found
    for start in range(0, len(paths), _ASKED_AT_ONCE):
        for change in repository.changes(None, head, under=paths[start : start + _ASKED_AT_ONCE]):
            found[change.path.decode("utf-8", "replace")] = change.blob or "submodule"
    return found


def _note_there_already(images: Sequence[Image]) -> None:
    """Somebody else pushed the very same image: nothing of it has to leave."""
    pks = [image.pk for image in images]
    if pks:
        Image.objects.filter(pk__in=pks).update(sent_at=timezone.now(), data=b"")


def _unfit(part: Part, image: Image) -> Outcome:
    facts = {"image": image.path}
    return Outcome(post_id=part.post_pk, path=part.path, result=Outcome.Result.PROBLEM, code="image_taken", facts=facts)
