"""The conductor of a sync: lock, fetch, import, export on top, push, report (DESIGN §2.6)."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager

from django.contrib.auth.models import User
from django.utils import timezone

from posts.access import may
from posts.braking import Braked, check_brake, stopped_at_brake
from posts.building import take_in_builds
from posts.carrying import with_images
from posts.choosing import ask_for_what_joined, chosen_of, chosen_paths, nothing_left_below
from posts.exporting import Outgoing, depart, outgoing, sent, stayed
from posts.git import GitError, Interrupted, Repository
from posts.importing import count_changes, import_range
from posts.locking import sole_writer
from posts.models import Collection, Outcome, Sync
from posts.runs import (
    Progress,
    Stopped,
    advance,
    claim,
    end,
    forget_empty_runs,
    never_left_running,
    note,
    show,
    stop_asked,
    verdict,
)
from posts.waking import ask_for_sync

_ROUNDS = 6
_BACK_OFF_SECONDS = 0.2
_LONGEST_PAUSE = 1.0
_TELL_EVERY = 1.0


def sync(collection: Collection, *, by: User | None = None, progress: Progress | None = None) -> Sync:
    """One whole sync of `collection` in the foreground; gives its row, ended, with its report.

    Joins the sync that waits for a worker, if there is one. What goes wrong with git is told by the row's
    `state` and `error_code`, not raised.
    """
    for _ in range(_ROUNDS):
        run = claim(ask_for_sync(collection, by=by).pk)
        if run is not None:
            done = perform_sync(run, progress=progress)
            if not run.selection:
                return done
    raise GitError("busy")


@never_left_running
def perform_sync(run: Sync, *, progress: Progress | None = None) -> Sync:
    """Do the sync that `run`, a claimed row, stands for; waits for another one of the same collection to end.

    Gives the row, or in its place the one of an earlier sync that stopped at the brake for the same reason.
    """
    try:
        with turn_of(run, progress) as repository:
            run.collection.refresh_from_db()
            _rounds(run, repository, progress)
            if not run.selection:
                take_in_builds(run.collection, repository)
    except (Stopped, Interrupted):
        end(run, Sync.State.STOPPED)
    except Braked as brake:
        run = stopped_at_brake(run, brake)
    except GitError as error:
        end(run, Sync.State.FAILED, code=error.code, facts=error.facts)
    else:
        if not run.selection:
            Collection.objects.filter(pk=run.collection_id).update(synced_at=timezone.now())
        end(run, verdict(run))
        forget_empty_runs(run.collection)
    ask_for_what_joined(run)
    show(run, progress)
    return run


def turn_of(run: Sync, progress: Progress | None, *, offline: bool = False) -> AbstractContextManager[Repository]:
    """The collection's repository, once no other sync holds it; whoever asks can stop the waiting, too.

    `offline` is for who needs the turn and not the remote (`locking.repository_of`).
    """
    stop = stop_asked(run)

    def interrupted() -> bool:
        # Asked before anything was begun, it is the lock that is waited for.
        if not run.step:
            advance(run, progress, step=Sync.Step.WAIT)
        return stop()

    return sole_writer(run.collection, wait=None, offline=offline, interrupted=interrupted)


def _rounds(run: Sync, repository: Repository, progress: Progress | None) -> None:
    collection, only = run.collection, chosen_paths(run)
    run.before = collection.head
    for attempt in range(_ROUNDS):
        advance(run, progress, step=Sync.Step.FETCH)
        head = fetched(collection, repository, _told_of_fetch(run, progress))
        _settle_departures(run, repository, head, progress)
        if head is not None and not _looked_at(run):
            check_brake(run, repository, head)
        if head is not None and head != collection.seen:
            seen = _still_known(collection, repository, run)
            total = count_changes(collection, repository, seen, head) if only is None else len(only)
            advance(run, progress, step=Sync.Step.IMPORT, total=total)
            for outcomes in import_range(collection, repository, seen, head, only=only):
                note(run, outcomes, progress)
            if only is None:
                collection.head, collection.head_globs = head, collection.globs
                collection.save(update_fields=["head", "head_globs"])
        run.after = head or collection.head
        leaving = outgoing(collection)
        if only is not None:
            leaving = chosen_of(leaving, collection, repository, head, only)
        if not leaving:
            return
        advance(run, progress, step=Sync.Step.EXPORT, total=sum(len(each.parts) for each in leaving))
        last, leaving, unfit = _committed(collection, repository, head, leaving)
        note(run, unfit, progress)
        if last is None:
            return
        commits = list(dict.fromkeys(commit.id for commit in repository.log(head, last)))[::-1]
        depart(collection, leaving, commits[-len(leaving) :], last)
        try:
            repository.push(last)
        except GitError as error:
            if error.code != "push_rejected" or attempt == _ROUNDS - 1:
                raise
            _pause(run, _BACK_OFF_SECONDS * 2**attempt, progress)
            continue
        outcomes = sent(collection, moves_head=only is None or nothing_left_below(collection, repository, last))
        run.after = last
        note(run, outcomes, progress)
        return


def _looked_at(run: Sync) -> bool:
    """Whether a Publisher chose each file of `run` from a list: that is what the brake would ask for."""
    by = run.asked_by
    return bool(run.selection) and by is not None and may(by, "posts.publish_post", run.collection_id)


def _still_known(collection: Collection, repository: Repository, run: Sync) -> str | None:
    """The commit to compare with. A mirror that was lost has not the old one of a repository that was replaced."""
    seen = collection.seen
    return None if seen and run.released and not repository.knows(seen) else seen


def _settle_departures(run: Sync, repository: Repository, head: str | None, progress: Progress | None) -> None:
    """What was on its way when a push was cut off, or its answer got lost: git has all of it, or nothing.

    Noted as sent before anything is imported: what others made of it since then is their change of our text.
    """
    collection = run.collection
    last = collection.departures.values_list("head", flat=True).first()
    if last is None:
        return
    if head is not None and repository.contains(last, head):
        moves_head = nothing_left_below(collection, repository, last)
        note(run, sent(collection, moves_head=moves_head), progress)
    else:
        stayed(collection)


def _committed(
    collection: Collection, repository: Repository, head: str | None, leaving: list[Outgoing]
) -> tuple[str | None, list[Outgoing], list[Outcome]]:
    """Commit `leaving` onto `head`: the last commit (None: nothing to send), what it holds, what could not be written.

    A post whose place in the tree is taken stays pending and never stops the others.
    """
    unfit: list[Outcome] = []
    while leaving:
        leaving, refused = with_images(collection, repository, head, leaving)
        unfit += refused
        if not leaving:
            break
        try:
            return repository.commit(head, (each.commit for each in leaving)), leaving, unfit
        except GitError as error:
            if error.code != "bad_path":
                raise
            named = [part for each in leaving for part in each.parts if error.facts["path"] in part.paths]
            if not named:
                raise
            unfit += [
                Outcome(post_id=part.post_pk, path=part.path, result=Outcome.Result.PROBLEM, code="bad_path")
                for part in named
            ]
            leaving = [left for each in leaving if (left := each.without(named)) is not None]
    return None, [], unfit


def _pause(run: Sync, seconds: float, progress: Progress | None) -> None:
    """Wait before the next round; raises `Stopped`."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        time.sleep(min(left, _LONGEST_PAUSE))
        advance(run, progress)


def _told_of_fetch(run: Sync, progress: Progress | None) -> Callable[[int], None]:
    """Keep in `run` how many per cent of a fetch are there, about once a second."""
    told = time.monotonic()

    def received(percent: int) -> None:
        nonlocal told
        if time.monotonic() - told >= _TELL_EVERY:
            run.done, run.total = percent, 100
            advance(run, progress)
            told = time.monotonic()

    return received


def fetched(
    collection: Collection, repository: Repository, received: Callable[[int], None] | None = None
) -> str | None:
    """The remote's head; one that has no commits any more is a vanished branch, not so many deleted posts."""
    head = repository.fetch(received)
    if head is None and collection.head:
        raise GitError("branch_missing", branch=collection.branch)
    return head
