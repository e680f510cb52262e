"""Steps of many posts proposed: a fixed list, each post in the text that was looked at, and what would become of it.

A proposal changes nothing. It is taken by `posts.many_running`.
"""

import datetime
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from posts import workflow
from posts.access import within
from posts.errors import EvergreenError
from posts.models import ChosenPost, Post, Revision, StepOfMany
from posts.replacements import waiting_with
from posts.situations import situation_of
from posts.waking import wake_for_step_of_many
from posts.workflow import Refusal, State, Transition

MOST = 10_000
"""Posts in one step, as in a bulk step."""

FORESEEN_AT_ONCE = 100
"""What a step would do to so many posts is looked at while somebody waits; to more, by a worker."""

MOST_APPROVED = FORESEEN_AT_ONCE
"""An approval is of a text that was looked at (DESIGN §3): of so many one page shows everything that changed."""

_BATCH = 500
_LOOKED_AT_TOGETHER = 50
_FORGOTTEN_AFTER = datetime.timedelta(minutes=1)
_KEEP_PROPOSALS = datetime.timedelta(days=1)


class StepRefused(EvergreenError):
    """This person cannot do this with the step of many posts now."""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a step would make of the state of one post, or every reason against it."""

    row: ChosenPost
    post: Post
    target: State
    refusals: tuple[Refusal, ...]


@transaction.atomic
def propose_step(
    posts: QuerySet[Post], transition: str, *, by: User, seen: Mapping[int, uuid.UUID] | None = None
) -> StepOfMany:
    """A step over just these `posts`, to be looked at first.

    `seen` has the key of the revision of each post that its maker saw. Without it, that is the present text: whoever
    proposes shows it. Raises `StepRefused`: "no_post_chosen", "too_many_posts".
    """
    most = MOST_APPROVED if transition == Transition.APPROVE else MOST
    chosen = list(posts.order_by("pk").values_list("pk", "present")[: most + 1])
    if not chosen:
        raise StepRefused("no_post_chosen")
    if len(chosen) > most:
        raise StepRefused("too_many_posts", most=most)
    looked_at = dict(chosen) if seen is None else _own_texts([pk for pk, _present in chosen], seen)
    step = StepOfMany.objects.create(transition=Transition(transition), made_by=by, made_at=timezone.now())
    images = waiting_with(pk for pk, _present in chosen) if transition == Transition.APPROVE else {}
    rows = [
        ChosenPost(step=step, post_id=pk, looked_at_id=looked_at.get(pk), images_seen=images.get(pk, []))
        for pk, _present in chosen
    ]
    ChosenPost.objects.bulk_create(rows, batch_size=_BATCH)
    if len(rows) > FORESEEN_AT_ONCE:
        wake_for_step_of_many(step)
    return step


@transaction.atomic
def leave_out_of_step(step: StepOfMany, posts: Collection[int], *, by: User) -> None:
    """Take the posts with these keys out of a step that was not asked for yet. Raises `StepRefused`."""
    locked_step(step, by=by).rows.filter(post__in=list(posts)).delete()


def locked_step(step: StepOfMany, *, by: User) -> StepOfMany:
    """`step`, locked, which `by` proposed and nobody asked for yet.

    Raises `StepRefused`: "not_your_step", "begun_already".
    """
    step = StepOfMany.objects.select_for_update().get(pk=step.pk)
    if step.made_by_id != by.pk:
        raise StepRefused("not_your_step")
    if step.run_id is not None:
        raise StepRefused("begun_already")
    return step


def foresee(step: StepOfMany, rows: Sequence[ChosenPost], *, by: User) -> Iterator[Foreseen]:
    """What `step`, taken by `by`, would do to the posts of `rows`, in their order. Writes nothing.

    What stands in a collection that `by` may no longer enter is left out.
    """
    posts = within(by, Post.objects.select_related("collection", "present", "cleared", "git_text"))
    found = posts.in_bulk([row.post_id for row in rows])
    transition = Transition(step.transition)
    for row in rows:
        post = found.get(row.post_id)
        if post is None:
            continue
        situation = situation_of(post, by, looked_at=row.looked_at, images_seen=row.images_seen)
        refusals = (*workflow.refusals(transition, situation), *unseen(transition, row))
        yield Foreseen(row, post, workflow.target(transition, situation), refusals)


def unseen(transition: Transition, row: ChosenPost) -> tuple[Refusal, ...]:
    """Nobody approves a text that they did not see (DESIGN §3)."""
    return (Refusal("text_moved"),) if transition is Transition.APPROVE and row.looked_at_id is None else ()


def foresee_all(pk: int) -> None:
    """Note for each post of the step with key `pk` what it would do to it, as long as it is only proposed."""
    proposals = StepOfMany.objects.filter(pk=pk, run=None).select_related("made_by")
    # Asked before each batch: a step that is taken, or was given up, is looked at no further.
    while (step := proposals.first()) is not None:
        rows = list(step.rows.filter(foreseen="").select_related("looked_at").order_by("pk")[:_LOOKED_AT_TOGETHER])
        if not rows:
            return
        possible = {each.row.pk for each in foresee(step, rows, by=step.made_by) if not each.refusals}
        refused = {row.pk for row in rows} - possible
        ChosenPost.objects.filter(pk__in=possible).update(foreseen=ChosenPost.Foreseen.POSSIBLE)
        ChosenPost.objects.filter(pk__in=refused).update(foreseen=ChosenPost.Foreseen.REFUSED)


def foreseen_of(step: StepOfMany) -> dict[str, int]:
    """For how many posts of `step` it is foreseen how (`ChosenPost.Foreseen`), as far as a worker looked. One query."""
    told = step.rows.exclude(foreseen="").order_by().values_list("foreseen").annotate(number=Count("pk"))
    return dict(told)


def wake_forgotten_proposals() -> None:
    """Wake a worker again for the proposals that it should have looked through by now."""
    old = StepOfMany.objects.filter(run=None, made_at__lt=timezone.now() - _FORGOTTEN_AFTER)
    old = old.annotate(number=Count("rows"), left=Count("rows", filter=Q(rows__foreseen="")))
    for step in old.filter(number__gt=FORESEEN_AT_ONCE, left__gt=0):
        wake_for_step_of_many(step)


def forget_old_steps() -> None:
    """Drop what was proposed more than a day ago and never asked for."""
    StepOfMany.objects.filter(run=None, made_at__lt=timezone.now() - _KEEP_PROPOSALS).delete()


def _own_texts(posts: Sequence[int], seen: Mapping[int, uuid.UUID]) -> dict[int, uuid.UUID]:
    """Those of the texts `seen` that are texts of the post they are said to be of."""
    found: dict[int, uuid.UUID] = {}
    keys = [seen[post] for post in posts if post in seen]
    for start in range(0, len(keys), _BATCH):
        texts = Revision.objects.filter(pk__in=keys[start : start + _BATCH]).order_by()
        found.update((post, pk) for post, pk in texts.values_list("post", "pk") if seen.get(post) == pk)
    return found
