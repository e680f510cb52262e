"""Steps of many posts taken: each post by itself, so that it can stop, or die, and go on.

Few are taken while their asker waits, more by a worker. Each is taken as its asker, with the permission that they hold
at that moment. No sync is held up: what leaves does so with the next one, which is asked for once, at the end.
"""

from collections.abc import Collection

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from posts.access import may, may_enter, within
from posts.errors import EvergreenError
from posts.leaving import what_leaves
from posts.many_proposing import StepRefused, locked_step, unseen
from posts.models import ChosenPost, Outcome, Post, StepOfMany, Sync
from posts.reviewing import TransitionRefused, perform
from posts.runs import (
    Progress,
    Stopped,
    advance,
    claim,
    end,
    never_left_running,
    request_stop,
    show,
    verdict,
    wait_again,
)
from posts.situations import lock
from posts.waking import ask_for_sync, wake
from posts.workflow import Refusal, Transition

AT_ONCE = 10
"""So many posts are done while their asker waits; more of them by a worker."""

_REFUSED = "step_refused"  # the code of an outcome whose facts have every reason of a refusal
_PUBLISH = "posts.publish_post"
_REPORT_EVERY = 10
_TAKEN, _NOT_TAKEN = Outcome.Result.TAKEN, Outcome.Result.REFUSED
_GAVE_UP = (Sync.State.STOPPED, Sync.State.FAILED)


def start_step(
    step: StepOfMany, *, by: User, without: Collection[int] = (), ticked: Collection[int] = ()
) -> list[Sync]:
    """Take `step` with its posts, but for those `without`, and those for which a worker found that it is not possible.

    Of these the ones that `by` was shown as possible later, and `ticked`, are tried all the same. Posts of a collection
    that was closed to `by` meanwhile are left out: the outcome would tell of them. Few posts are done at once, many by
    a worker. Gives the runs: one for each collection that the posts are of. Raises `StepRefused`: "not_your_step",
    "begun_already", "no_post_chosen".
    """
    runs, few = _begun(step, by, without, ticked)
    for run in runs if few else ():
        claimed = claim(run.pk)
        if claimed is not None:
            perform_step(claimed)
    return runs


def why_not_stop_step(run: Sync, by: User) -> StepRefused | None:
    """Why `by` may not stop `run`: whoever asked for it may, and who may publish."""
    if not run.unfinished:
        return StepRefused("nothing_to_stop")
    its_own = run.asked_by_id == by.pk and may_enter(by, run.collection_id)
    if not its_own and not may(by, _PUBLISH, run.collection_id):
        return StepRefused("no_permission", permission="publish_post")
    return None


def stop_step(run: Sync, *, by: User) -> None:
    """Ask `run` to stop after the posts that it is at. Raises `StepRefused`."""
    refused = why_not_stop_step(run, by)
    if refused is not None:
        raise refused
    request_stop(run)


def why_not_go_on_with_step(run: Sync, by: User) -> StepRefused | None:
    """Why `by` may not let `run` go on, which was stopped or failed: whoever asked for it may."""
    if run.state not in _GAVE_UP:
        return StepRefused("nothing_to_go_on")
    if run.asked_by_id != by.pk or not may_enter(by, run.collection_id):
        return StepRefused("not_your_step")
    return None


@transaction.atomic
def go_on_with_step(run: Sync, *, by: User) -> None:
    """Let `run`, which was stopped or failed, go on with the posts that are left. Raises `StepRefused`."""
    run = Sync.objects.select_for_update(of=("self",)).select_related("collection").get(pk=run.pk)
    refused = why_not_go_on_with_step(run, by)
    if refused is not None:
        raise refused
    wait_again(run)
    wake(run)


@never_left_running
def perform_step(run: Sync, *, progress: Progress | None = None) -> Sync:
    """Take the step that `run`, a claimed row, stands for; taken up again, it goes on where it was."""
    try:
        _take_each(run, progress)
    except Stopped:
        end(run, Sync.State.STOPPED)
    else:
        end(run, verdict(run))
    if what_leaves(run.collection):
        ask_for_sync(run.collection)
    show(run, progress)
    return run


def refusals_of(outcome: Outcome) -> tuple[Refusal, ...]:
    """Every reason why the post of `outcome` is not as the run would have it; empty for one without."""
    if outcome.code == _REFUSED:
        return tuple(Refusal(code, facts) for code, facts in outcome.facts["refusals"])
    return (Refusal(outcome.code, outcome.facts),) if outcome.code else ()


@transaction.atomic
def _begun(step: StepOfMany, by: User, without: Collection[int], ticked: Collection[int]) -> tuple[list[Sync], bool]:
    step = locked_step(step, by=by)
    impossible = Q(foreseen=ChosenPost.Foreseen.REFUSED) & ~Q(post__in=list(ticked))
    step.rows.filter(Q(post__in=list(without)) | impossible).delete()
    step.rows.exclude(pk__in=within(by, step.rows.order_by(), "post__collection").values("pk")).delete()
    posts = step.rows.order_by("post__collection").values_list("post__collection").annotate(number=Count("pk"))
    few, at = sum(number for _collection, number in posts) <= AT_ONCE, timezone.now()
    runs: list[Sync] = []
    for collection, number in list(posts):
        run = Sync(collection_id=collection, kind=Sync.Kind.STEP, asked_by=by, asked_at=at, total=number)
        run.save()
        # The step itself is of the first collection; of each other one another is made.
        part = StepOfMany(transition=step.transition, made_by=by, made_at=step.made_at) if runs else step
        part.run = run
        part.save()
        ChosenPost.objects.filter(step=step, post__collection=collection).update(step=part)
        runs.append(run)
        if not few:
            wake(run)
    if not runs:
        raise StepRefused("no_post_chosen")
    return runs, few


def _take_each(run: Sync, progress: Progress | None) -> None:
    step = StepOfMany.objects.get(run=run)
    rows = list(step.rows.select_related("looked_at").defer("looked_at__text").order_by("pk"))
    done = set(Outcome.objects.filter(sync=run).values_list("post", flat=True))
    left = [row for row in rows if row.post_id not in done]
    advance(run, progress, step=Sync.Step.TAKE, total=len(rows))
    run.done = len(rows) - len(left)
    for number, row in enumerate(left, 1):
        _take(run, step, row)
        run.done += 1
        if number % _REPORT_EVERY == 0 or number == len(left):
            advance(run, progress)


@transaction.atomic
def _take(run: Sync, step: StepOfMany, row: ChosenPost) -> None:
    """Take the step with one post, and note what became of it in the same transaction."""
    post = lock(Post(pk=row.post_id))
    # Asked under the lock: a post that has an outcome is not done twice, by whomever.
    if Outcome.objects.filter(sync=run, post=post).exists():
        return
    transition, outcome = Transition(step.transition), Outcome(sync=run, post=post, path=post.path, result=_TAKEN)
    try:
        refusals = unseen(transition, row)
        if refusals:
            raise TransitionRefused(transition, refusals)
        # Asked for anew: a role can be taken away meanwhile, and what somebody may do is kept with them.
        by = User.objects.get(pk=step.made_by_id)
        perform(post, transition, by=by, looked_at=row.looked_at, images_seen=row.images_seen, syncs=False)
    except TransitionRefused as error:
        outcome.result, outcome.code = _NOT_TAKEN, _REFUSED
        outcome.facts = {"refusals": [[each.code, dict(each.facts)] for each in error.refusals]}
    except EvergreenError as error:
        outcome.result, outcome.code, outcome.facts = _NOT_TAKEN, error.code, error.facts
    outcome.save()
