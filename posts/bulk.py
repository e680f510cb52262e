"""Bulk steps: run, released, stopped and undone as one, after they were proposed (DESIGN §2.11, `bulk_proposing`).

The run is done by `bulk_running`. On posts that the site doesn't show it is so many ordinary edits, done at once; what
it changes on live posts waits until somebody with `publish` who did not make it releases it; but for an undo by which
the site gets back exactly what it showed.
"""

from collections.abc import Collection

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from posts.access import may_enter
from posts.bulk_proposing import COUNTED_AT_ONCE, BulkRefused, locked, locked_proposal, may_publish, why_no_more
from posts.bulk_running import perform_at_once
from posts.bulk_succession import built_on, took_effect, undo_of
from posts.leaving import what_leaves
from posts.mishearings import look_for_asked, remember_asked
from posts.models import BulkPost, BulkStep, Outcome, Sync
from posts.notifying import called, settle_release
from posts.runs import claim, request_stop, wait_again
from posts.term_reach import changed_out_of_reach
from posts.waking import ask_for_sync, wake, wake_for_plans
from posts.workflow import SecondEyes

AT_ONCE = 20
"""So many posts are done while their asker waits; more of them by a worker."""

LATER_FIRST = "undo_later_first"
_BATCH = 500
_GAVE_UP = (Sync.State.STOPPED, Sync.State.FAILED)


def start(step: BulkStep, *, by: User, without: Collection[int] = ()) -> Sync:
    """Do what `step` proposes, but for the posts `without`: few of them at once, many in the worker. Gives the run.

    What it is to make known as misheard is saved with it. Raises `MishearingRefused`, and `BulkRefused`:
    "not_your_step", "no_permission", "begun_already", "no_post_chosen".
    """
    run, few = _begun(step, without, by)
    return _do(run, few=few)


def why_not_release(step: BulkStep, by: User) -> BulkRefused | None:
    """Why `by` may not release what `step` does to live posts; None if that is allowed."""
    run = step.run
    if run is None or run.state != Sync.State.TO_RELEASE:
        return BulkRefused("nothing_to_release")
    if not may_publish(step, by):
        return BulkRefused("no_permission", permission="publish_post")
    if run.asked_by_id == by.pk and step.collection.second_eyes == SecondEyes.BEFORE:
        return BulkRefused("you_made_it")
    return None


def may_release_own_undo(step: BulkStep, by: User) -> bool:
    """Whether `by`, who undoes a step by `step`, releases all of it with that: where one pair of eyes will do.

    Otherwise only what the site showed before comes back at once, as by rolling back (`Planned.gives_back`).
    """
    alone = step.collection.second_eyes != SecondEyes.BEFORE
    return alone and step.kind == BulkStep.Kind.UNDO and may_publish(step, by)


def release(step: BulkStep, *, by: User) -> Sync:
    """Let `step` change the live posts, too: all of it, or nothing. Gives the run. Raises `BulkRefused`."""
    run, few = _released(step, by)
    return _do(run, few=few)


def why_not_withdraw(step: BulkStep, by: User) -> BulkRefused | None:
    """Why `by` may not end the waiting for a release: whoever made the step may, and who may publish."""
    if step.run is None or step.run.state != Sync.State.TO_RELEASE:
        return BulkRefused("nothing_to_release")
    if not (step.run.asked_by_id == by.pk and may_enter(by, step.collection_id)) and not may_publish(step, by):
        return BulkRefused("no_permission", permission="publish_post")
    return None


@transaction.atomic
def withdraw(step: BulkStep, *, by: User) -> Sync:
    """Leave the live posts as they are: what waited for a release is not done. Raises `BulkRefused`."""
    step = locked(step)
    refused = why_not_withdraw(step, by)
    if refused is not None:
        raise refused
    run = _run_of(step)
    done = Outcome.objects.filter(sync=run).values("post")
    left = BulkPost.objects.filter(step=step).exclude(post__in=done).select_related("post")
    facts: dict[str, object] = {"by": called(by)}
    Outcome.objects.bulk_create(
        [
            Outcome(sync=run, post=row.post, path=row.post.path, result="held", code="not_released", facts=facts)
            for row in left
        ],
        batch_size=_BATCH,
    )
    run.state = Sync.State.PARTLY
    run.save(update_fields=["state"])
    settle_release(step.pk)
    if what_leaves(step.collection):
        # What it did to other posts waited for these.
        ask_for_sync(step.collection)
    return run


def why_not_go_on(step: BulkStep, by: User) -> BulkRefused | None:
    """Why `by` may not let a step go on that was stopped or failed: its maker may."""
    if step.run is None or step.run.state not in _GAVE_UP:
        return BulkRefused("nothing_to_go_on")
    if step.run.asked_by_id != by.pk or not may_enter(by, step.collection_id):
        return BulkRefused("not_your_step")
    return why_no_more(step, by)


@transaction.atomic
def go_on(step: BulkStep, *, by: User) -> Sync:
    """Let a step that was stopped, or that failed, go on with the posts that are left. Raises `BulkRefused`."""
    step = locked(step)
    refused = why_not_go_on(step, by)
    if refused is not None:
        raise refused
    run = _run_of(step)
    wait_again(run)
    wake(run)
    return run


def why_not_stop(step: BulkStep, by: User) -> BulkRefused | None:
    """Why `by` may not stop the run of `step`: whoever made it may, and who may publish."""
    if step.run is None or not step.run.unfinished:
        return BulkRefused("nothing_to_stop")
    if not (step.run.asked_by_id == by.pk and may_enter(by, step.collection_id)) and not may_publish(step, by):
        return BulkRefused("no_permission", permission="publish_post")
    return None


def stop(step: BulkStep, *, by: User) -> None:
    """Ask the run of `step` to stop after the part that it is at. Raises `BulkRefused`."""
    refused = why_not_stop(step, by)
    if refused is not None:
        raise refused
    request_stop(_run_of(step))


def why_not_undo(step: BulkStep, by: User) -> BulkRefused | None:
    """Why `by` may not undo `step` now; None if that is allowed."""
    refused = why_no_more(step, by, undoing=True)
    if refused is not None:
        return refused
    if step.run is None or step.run.unfinished:
        return BulkRefused("still_at_work")
    if step.run.state == Sync.State.TO_RELEASE:
        return BulkRefused("release_open")
    undo = undo_of(step)
    if undo is not None:
        return BulkRefused("undone_already", by=called(undo.made_by))
    if not took_effect(step):
        return BulkRefused("nothing_to_undo")
    root, _forward = step.root
    elsewhere = changed_out_of_reach(root.definition, by) if root.kind == BulkStep.Kind.TERMS else ""
    if elsewhere:
        return BulkRefused("term_elsewhere", name=elsewhere)
    later = built_on(step)
    if later is not None:
        told = later.root[0].definition
        return BulkRefused(LATER_FIRST, number=later.run_id, old=told["name"], new=", ".join(told["into"]))
    return None


@transaction.atomic
def propose_undo(step: BulkStep, *, by: User) -> BulkStep:
    """A step that takes back all that `step` did, to be looked at first; what was changed since is kept.

    Raises `BulkRefused`.
    """
    step = locked(step)
    refused = why_not_undo(step, by)
    if refused is not None:
        raise refused
    undo = BulkStep.objects.create(
        collection=step.collection, kind=BulkStep.Kind.UNDO, undoes=step, made_by=by, made_at=timezone.now()
    )
    done = Outcome.objects.filter(sync=step.run, result=Outcome.Result.CHANGED)
    done = done.select_related("post", "before", "after").defer("before__text", "after__text")
    live = {row.post_id: row for row in BulkPost.objects.filter(step=step).exclude(live_after=None)}
    rows = []
    for outcome in done.order_by("post").iterator(chunk_size=_BATCH):
        if outcome.post is None or outcome.after is None:
            continue
        row = BulkPost(step=undo, post=outcome.post, base=outcome.after, target=outcome.before)
        there = live.get(outcome.post.pk)
        if there is not None:
            row.live_base_id, row.live_target_id = there.live_after_id, there.live_before_id
        rows.append(row)
    BulkPost.objects.bulk_create(rows, batch_size=_BATCH)
    if len(rows) > COUNTED_AT_ONCE:
        wake_for_plans(undo)
    return undo


@transaction.atomic
def _begun(step: BulkStep, without: Collection[int], by: User) -> tuple[Sync, bool]:
    step = locked_proposal(step, by=by)
    if step.undoes is not None:
        refused = why_not_undo(locked(step.undoes), by)
        if refused is not None:
            raise refused
    of_terms_alone = step.root[0].kind == BulkStep.Kind.TERMS and not step.rows.exists()
    BulkPost.objects.filter(step=step, post__in=list(without)).delete()
    number = step.rows.count()
    if not number and not of_terms_alone:
        raise BulkRefused("no_post_chosen")
    run = Sync(collection=step.collection, kind=Sync.Kind.BULK, asked_by=by, asked_at=timezone.now())
    if step.undoes is not None:
        run.undoes = step.undoes.run
        run.released_by = by if may_release_own_undo(step, by) else None
    run.save()
    step.run = run
    step.save(update_fields=["run"])
    if step.kind == BulkStep.Kind.REPLACE:
        remember_asked(step.definition, step.collection, by=by)
    elif step.undoes is not None:
        look_for_asked(step, by=by)
    if number > AT_ONCE:
        wake(run)
    return run, number <= AT_ONCE


@transaction.atomic
def _released(step: BulkStep, by: User) -> tuple[Sync, bool]:
    step = locked(step)
    refused = why_not_release(step, by)
    if refused is not None:
        raise refused
    run = _run_of(step)
    run.released_by = by
    wait_again(run)
    step.released_at = timezone.now()
    step.save(update_fields=["released_at"])
    settle_release(step.pk)
    few = step.rows.count() - Outcome.objects.filter(sync=run).count() <= AT_ONCE
    if not few:
        wake(run)
    return run, few


def _do(run: Sync, *, few: bool) -> Sync:
    """Do the run at once if it is of few posts; a worker that was quicker has it already."""
    claimed = claim(run.pk) if few else None
    return perform_at_once(claimed) if claimed is not None else run


def _run_of(step: BulkStep) -> Sync:
    if step.run is None:
        raise ValueError(step.pk)
    return step.run
