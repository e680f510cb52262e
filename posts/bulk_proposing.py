"""Bulk steps proposed over a fixed list of posts; whoever proposed one may then say more exactly what it does.

A proposal changes nothing: it is there to be looked at (`bulk_planning.plan`). What becomes of it is in `posts.bulk`.
"""

import datetime
from collections.abc import Collection, Iterable, Mapping

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from posts.access import may, may_enter
from posts.bulk_planning import LEAVING
from posts.checking import mishearings_of
from posts.checks.findings import mark_of
from posts.checks.mends import KNOWN_MISHEARING, MENDABLE
from posts.checks.places import token
from posts.errors import EvergreenError
from posts.field_changes import field_changes
from posts.models import BulkPost, BulkStep, Dismissal, Post
from posts.models import Collection as CollectionRow
from posts.situations import text_on_site
from posts.waking import wake_for_plans

MOST = 10_000
"""Posts in one step."""

COUNTED_AT_ONCE = 200
"""What would become of so many posts is counted while somebody waits; of more, by a worker (`bulk_counting`)."""

BULK, PUBLISH = "posts.bulk_post", "posts.publish_post"
_BATCH = 500
# What tells the texts of a post apart, without the texts themselves.
_TOLD = ("live", "pending", "removed", "present__blob", "cleared__says_draft", "git_text__blob")
_KEEP_PROPOSALS = datetime.timedelta(days=1)


class BulkRefused(EvergreenError):
    """This person cannot do this with the bulk step now."""


@transaction.atomic
def propose_fields(posts: QuerySet[Post], changes: Iterable[Mapping[str, object]], *, by: User) -> BulkStep:
    """A step that changes fields of `posts` as `changes` say (`field_changes`), to be looked at first.

    Raises `BulkRefused`, and `BadChange` for changes that make no sense.
    """
    asked = field_changes(changes)
    return propose(posts, BulkStep.Kind.FIELDS, {"changes": [each.as_data() for each in asked]}, by=by)


@transaction.atomic
def propose_mending(posts: QuerySet[Post], code: str, *, by: User) -> BulkStep:
    """A step that mends all findings of `code` in `posts` but for those that somebody dismissed.

    Raises `BulkRefused`: "no_such_fix", and what `propose` does.
    """
    if code not in MENDABLE:
        raise BulkRefused("no_such_fix")
    step = propose(posts, BulkStep.Kind.MEND, {"code": code}, by=by)
    if code == KNOWN_MISHEARING:
        # Those of this moment: the step does what was looked at, whatever is saved or forgotten later.
        step.definition["mishearings"] = [each.as_data() for each in mishearings_of(step.collection)]
        step.save(update_fields=["definition"])
    leaving: dict[int, list[str]] = {}
    dismissed = Dismissal.objects.filter(code=code, post__in=posts)
    for post, key, passage, place in dismissed.values_list("post", "key", "passage", "place"):
        leaving.setdefault(post, []).append(token(mark_of(key, passage), place))
    rows = list(BulkPost.objects.filter(step=step, post__in=list(leaving)))
    for row in rows:
        row.choice = {LEAVING: leaving[row.post_id]}
    BulkPost.objects.bulk_update(rows, ["choice"], batch_size=_BATCH)
    return step


@transaction.atomic
def propose(
    posts: QuerySet[Post],
    kind: str,
    definition: Mapping[str, object],
    *,
    by: User,
    else_in: CollectionRow | None = None,
) -> BulkStep:
    """A step of `kind` over just these `posts`, in the texts that they have now.

    With `else_in` it may be of no post: then it is one of that collection, and changes terms alone.

    Raises `BulkRefused`: "no_permission", "no_post_chosen", "too_many_posts", "several_collections".
    """
    if not by.has_perm(BULK):
        raise BulkRefused("no_permission", permission="bulk_post")
    pks = list(posts.order_by("pk").values_list("pk", flat=True)[: MOST + 1])
    if not pks and else_in is None:
        raise BulkRefused("no_post_chosen")
    if len(pks) > MOST:
        raise BulkRefused("too_many_posts", most=MOST)
    collections = _collections(pks) or ({else_in.pk} if else_in is not None else set())
    if not all(may_enter(by, collection) for collection in collections):
        raise BulkRefused("no_permission", permission="bulk_post")
    if len(collections) > 1:
        raise BulkRefused("several_collections")
    step = BulkStep.objects.create(
        collection_id=collections.pop(), kind=kind, definition=dict(definition), made_by=by, made_at=timezone.now()
    )
    for start in range(0, len(pks), _BATCH):
        found = Post.objects.filter(pk__in=pks[start : start + _BATCH]).exclude(present=None)
        found = found.select_related("present", "cleared", "git_text").only(*_TOLD)
        BulkPost.objects.bulk_create(
            BulkPost(step=step, post=post, base=post.present, live_base=text_on_site(post))
            for post in found.order_by("pk")
            if post.present is not None
        )
    if len(pks) > COUNTED_AT_ONCE and kind != BulkStep.Kind.REPLACE:
        wake_for_plans(step)
    return step


@transaction.atomic
def leave_out(step: BulkStep, posts: Collection[int], *, by: User) -> None:
    """Take the posts with these keys out of a step that was not asked for yet. Raises `BulkRefused`."""
    BulkPost.objects.filter(step=locked_proposal(step, by=by), post__in=list(posts)).delete()


def locked_proposal(step: BulkStep, *, by: User) -> BulkStep:
    """`step`, locked, which was not asked for yet, so that `by`, who proposed it, may say more exactly what it does.

    Raises `BulkRefused`: "not_your_step", "no_permission", "begun_already".
    """
    step = locked(step)
    if step.made_by_id != by.pk or not may_enter(by, step.collection_id):
        raise BulkRefused("not_your_step")
    refused = why_no_more(step, by)
    if refused is not None:
        raise refused
    if step.run is not None:
        raise BulkRefused("begun_already")
    return step


def forget_old_proposals() -> None:
    """Drop what was proposed more than a day ago and never asked for."""
    BulkStep.objects.filter(run=None, made_at__lt=timezone.now() - _KEEP_PROPOSALS).delete()


def why_no_more(step: BulkStep, by: User, *, undoing: bool = False) -> BulkRefused | None:
    """Why `by` may do nothing with bulk steps, or not any more: a role can be taken away while one is looked at."""
    may_undo = (undoing or step.undoes_id is not None) and may_publish(step, by)
    if may_undo or may(by, BULK, step.collection_id):
        return None
    return BulkRefused("no_permission", permission="bulk_post")


def locked(step: BulkStep) -> BulkStep:
    """`step` with its run, locked."""
    found = BulkStep.objects.select_for_update(of=("self",)).select_related("collection", "run", "undoes")
    return found.get(pk=step.pk)


def may_publish(step: BulkStep, by: User) -> bool:
    """Whether `by` may publish in the collection of `step`."""
    return may(by, PUBLISH, step.collection_id)


def _collections(pks: list[int]) -> set[int]:
    found: set[int] = set()
    for start in range(0, len(pks), _BATCH):
        batch = Post.objects.filter(pk__in=pks[start : start + _BATCH])
        found.update(batch.order_by().values_list("collection", flat=True).distinct())
    return found
