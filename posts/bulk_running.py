"""A bulk step done: in parts, each a transaction of its own, so that it can stop, or die, and go on (DESIGN §2.11)."""

import datetime
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from posts.approvals import without_approval
from posts.bulk_planning import Planned, What, plan, rows_of, whole_rows
from posts.editing import text_change
from posts.git import GitError, Interrupted, Repository, RepositoryBusy
from posts.leaving import what_leaves
from posts.locking import sole_writer
from posts.merging import document_of
from posts.models import BulkPost, BulkStep, Outcome, Post, Sync, Whence
from posts.notifying import called, tell
from posts.people import people_who_may
from posts.renaming import TermsRefused, finish_rows, follow_rows, must_settle, settle_rows
from posts.runs import Progress, Stopped, advance, end, never_left_running, show, verdict
from posts.saving import TextChange, record, write
from posts.situations import text_on_site
from posts.storing import insert_rows, update_rows
from posts.syncing import turn_of
from posts.waking import ask_for_sync, wake
from posts.workflow import PUBLISH_POST, SecondEyes, State, after_edit

PART = 50
_RESULTS: Mapping[str, str] = {
    What.CHANGED: Outcome.Result.CHANGED,
    What.SAME: Outcome.Result.SAME,
    What.REFUSED: Outcome.Result.HELD,
}


def perform_bulk(run: Sync, *, progress: Progress | None = None) -> Sync:
    """Do the bulk step that `run`, a claimed row, stands for; taken up again, it goes on where it was.

    No sync runs meanwhile, so that all of it leaves as one. What changes posts that the site shows is left until
    somebody has released it; the rest leaves with it.
    """
    return _perform(run, turn_of(run, progress, offline=True), progress)


def perform_at_once(run: Sync) -> Sync:
    """Do the step of `run`, a claimed row, while its asker waits; if a sync is at work, a worker does it after that."""
    try:
        return _perform(run, sole_writer(run.collection, wait=0, offline=True), None)
    except RepositoryBusy:
        _leave_to_a_worker(run)
        return run


@never_left_running
def _perform(run: Sync, turn: AbstractContextManager[Repository], progress: Progress | None) -> Sync:
    try:
        with turn:
            waiting = _parts(run, progress)
    except RepositoryBusy:
        raise
    except (Stopped, Interrupted):
        end(run, Sync.State.STOPPED)
    except (GitError, TermsRefused) as error:
        end(run, Sync.State.FAILED, code=error.code, facts=error.facts)
    else:
        with transaction.atomic():
            end(run, Sync.State.TO_RELEASE if waiting else verdict(run))
            if waiting:
                _tell_of_release(run, waiting)
    if what_leaves(run.collection):
        ask_for_sync(run.collection)
    show(run, progress)
    return run


def _tell_of_release(run: Sync, waiting: int) -> None:
    facts = {"by": called(run.asked_by), "count": waiting, "step": run.bulk.pk, "collection": run.collection.name}
    tell(people_who_may(f"posts.{PUBLISH_POST}", run.collection_id), "to_release", facts=facts, by=run.asked_by)


@transaction.atomic
def _leave_to_a_worker(run: Sync) -> None:
    run.state, run.lease_until, run.attempts = Sync.State.WAITING, None, 0
    run.save(update_fields=["state", "lease_until", "attempts"])
    wake(run)


def _parts(run: Sync, progress: Progress | None) -> int:
    """Do what is left of the step of `run`; gives how many posts wait for its release."""
    step = _step_of(run)
    by = run.asked_by
    if by is None:
        raise ValueError(run.pk)
    rows = rows_of(step)
    done = set(Outcome.objects.filter(sync=run).values_list("post", flat=True))
    left = [row for row in rows if row.post_id not in done]
    advance(run, progress, step=Sync.Step.BULK, total=len(rows))
    run.done, waiting = len(rows) - len(left), 0
    follow_rows(step)  # what a crash left
    for start in range(0, len(left), PART):
        part = left[start : start + PART]
        held = _part(run, step, part, by)
        if held is None:
            settle_rows(step)
            step = _step_of(run)
            follow_rows(step)
            held = _part(run, step, part, by) or 0
        waiting += held
        run.done += len(part)
        advance(run, progress)
    if not waiting:
        settle_rows(step)
        step = _step_of(run)
        follow_rows(step)
        finish_rows(step)
    return waiting


def _step_of(run: Sync) -> BulkStep:
    return BulkStep.objects.select_related("collection", "undoes").get(run=run)


@transaction.atomic
def _part(run: Sync, step: BulkStep, rows: Sequence[BulkPost], by: User) -> int | None:
    """Do what may be done in `rows`; gives how many wait for a release. None, and nothing done, if terms come first."""
    pks = [row.post_id for row in rows]
    # Locked first and read then, as `situations.lock` does; always in the same order.
    Post.objects.filter(pk__in=pks).lock_in_order()
    # Asked under the lock: a post that has an outcome is not done twice, by whomever.
    done = set(Outcome.objects.filter(sync=run, post__in=pks).values_list("post", flat=True))
    planned = list(plan(step, whole_rows([row for row in rows if row.post_id not in done]), by=by))
    now = [each for each in planned if run.released_by_id is not None or not each.needs_release]
    if any(each.what is What.CHANGED for each in now) and must_settle(step):
        return None
    outcomes = [_outcome(run, each) for each in now]
    at, on_site = timezone.now(), {each.post.pk: text_on_site(each.post) for each in now}
    approved = [each for each in now if _stays_approved(each)]
    changes = [change for each in now for change in _changes(run, step, each, by, at)]
    if changes:
        write(changes)
    for each in approved:
        # Released, it is as good as approved: the approval goes over to the text with the step in it.
        record(each.post, {"state": State.APPROVED, "approved": each.post.present})
    shown_before: list[BulkPost] = []
    for each, outcome in zip(now, outcomes, strict=True):
        if each.what is not What.CHANGED:
            continue
        outcome.after = each.post.present
        shown = on_site[each.post.pk]
        if shown is not None:
            left = each.live != document_of(shown)
            each.row.live_before, each.row.live_after = shown, each.post.cleared if left else shown
            shown_before.append(each.row)
    update_rows(shown_before, only=["live_before", "live_after"])
    insert_rows(outcomes)
    return len(planned) - len(now)


def _outcome(run: Sync, planned: Planned) -> Outcome:
    """What is told of the post in the report; with the text from before, where that changes."""
    post = planned.post
    outcome = Outcome(sync=run, post=post, path=post.path, result=_RESULTS[planned.what])
    outcome.code, outcome.facts = planned.code, planned.facts
    if planned.what is What.CHANGED:
        outcome.before = post.present
    return outcome


def _stays_approved(planned: Planned) -> bool:
    return planned.needs_release and planned.post.state == State.APPROVED and planned.writes_present


def _changes(run: Sync, step: BulkStep, planned: Planned, by: User, at: datetime.datetime) -> list[TextChange]:
    """The texts to write for one post: an ordinary edit, or on a live post what leaves and the present text."""
    post, present = planned.post, planned.present
    if planned.what is not What.CHANGED or present is None:
        return []
    if planned.live is None:
        # A post that a conflict holds back has no plan.
        change = text_change(post, present, Whence.BULK, by, is_held=False, bulk_step=step)
        change.bulk_step, change.at = run, at
        return [change]
    # Its state and dates stay, unless a text that nobody published stands beside what the site shows then. Until the
    # approval is given to the new text, that is none (`_part`).
    facts: dict[str, object] = {}
    if _stays_approved(planned):
        facts["state"] = State.IN_REVIEW
    elif planned.takes_approval_back:
        facts = without_approval(post, because_of=called(by), by=by, bulk_step=step)
        facts["state"] = after_edit(State.APPROVED)
    elif post.state in (State.PUBLISHED, State.EVERGREEN) and planned.live != present:
        facts["state"] = after_edit(State(post.state))
    if not planned.gives_back and _unchecked(run, step):
        facts["unchecked_since"] = at
    leaving = TextChange(post, planned.live, Whence.BULK, by=by, at=at, becomes_cleared=True, bulk_step=run)
    leaving.facts = facts
    if planned.live == present:
        return [leaving]
    leaving.becomes_present = False
    beside = replace(leaving, document=present, becomes_present=True, becomes_cleared=False)
    changes = [leaving] if planned.live != document_of(text_on_site(post)) else []
    return [*changes, beside] if planned.writes_present else changes


def _unchecked(run: Sync, step: BulkStep) -> bool:
    """Whether what its own maker released is to be looked at later, as the collection's setting says."""
    return run.released_by_id == run.asked_by_id and step.collection.second_eyes == SecondEyes.AFTERWARDS
