"""The conductor of a sync: lock, fetch, import, export on top, push, report (DESIGN §2.6)."""

import time
from collections.abc import Iterator

from django.contrib.auth.models import User
from django.utils import timezone

from posts.exporting import Outgoing, outgoing, sent
from posts.git import GitError, Repository
from posts.importing import count_changes, import_range
from posts.locking import sole_writer
from posts.models import Collection, Outcome, Sync
from posts.runs import Progress, Stopped, advance, claim, end, forget_empty_runs, note, verdict
from posts.waking import ask_for_sync

_ROUNDS = 6
_BACK_OFF_SECONDS = 0.2


def sync(collection: Collection, *, by: User | None = None, progress: Progress | None = None) -> Sync:
    """One whole sync of `collection` in the foreground; gives its row, ended, with its report.

    Joins the sync that waits for a worker, if there is one. What goes wrong with git is told by the row's
    `state` and `error_code`, not raised.
    """
    for _ in range(_ROUNDS):
        waiting = ask_for_sync(collection, by=by)
        if waiting is not None:
            run = claim(waiting.pk)
            if run is not None:
                return perform_sync(run, progress=progress)
    raise GitError("busy")


def perform_sync(run: Sync, *, progress: Progress | None = None) -> Sync:
    """Do the sync that `run`, a claimed row, stands for; waits for another one of the same collection to end."""
    try:
        with sole_writer(run.collection, wait=None) as repository:
            run.collection.refresh_from_db()
            _rounds(run, repository, progress)
    except Stopped:
        end(run, Sync.State.STOPPED)
    except GitError as error:
        end(run, Sync.State.FAILED, code=error.code, facts=error.facts)
    else:
        Collection.objects.filter(pk=run.collection_id).update(synced_at=timezone.now())
        end(run, verdict(run))
        forget_empty_runs(run.collection)
    if progress is not None:
        progress(run)
    return run


def preview_sync(collection: Collection) -> Iterator[list[Outcome]]:
    """What a sync would do now, file by file, keeping none of it. Raises `GitError`."""
    with sole_writer(collection, wait=0) as repository:
        head = _fetched(collection, repository)
        held = set()
        if head is not None and head != collection.seen:
            for outcomes in import_range(collection, repository, collection.seen, head, dry_run=True):
                held |= {outcome.post_id for outcome in outcomes if outcome.result == Outcome.Result.HELD}
                yield outcomes
        yield [
            Outcome(path=part.path, result=Outcome.Result.SENT)
            for part in outgoing(collection)
            if part.post_pk not in held
        ]


def _rounds(run: Sync, repository: Repository, progress: Progress | None) -> None:
    collection = run.collection
    run.before = collection.head
    for attempt in range(_ROUNDS):
        advance(run, progress, step=Sync.Step.FETCH)
        head = _fetched(collection, repository)
        if head is not None and head != collection.seen:
            total = count_changes(collection, repository, collection.seen, head)
            advance(run, progress, step=Sync.Step.IMPORT, total=total)
            for outcomes in import_range(collection, repository, collection.seen, head):
                note(run, outcomes, progress)
            collection.head, collection.head_globs = head, collection.globs
            collection.save(update_fields=["head", "head_globs"])
        run.after = collection.head
        parts = outgoing(collection)
        if not parts:
            return
        advance(run, progress, step=Sync.Step.EXPORT, total=len(parts))
        last, parts, unfit = _committed(repository, head, parts)
        note(run, unfit, progress)
        if last is None:
            return
        try:
            repository.push(last)
        except GitError as error:
            if error.code != "push_rejected" or attempt == _ROUNDS - 1:
                raise
            time.sleep(_BACK_OFF_SECONDS * 2**attempt)
            continue
        commits = list(dict.fromkeys(commit.id for commit in repository.log(head, last)))[::-1]
        outcomes = sent(collection, parts, commits[-len(parts) :], last)
        run.after = collection.head = last
        note(run, outcomes, progress)
        return


def _committed(
    repository: Repository, head: str | None, parts: list[Outgoing]
) -> tuple[str | None, list[Outgoing], list[Outcome]]:
    """Commit `parts` onto `head`: the last commit (None: nothing to send), what it holds, what could not be written.

    A post whose place in the tree is taken stays pending and never stops the others.
    """
    unfit: list[Outcome] = []
    while parts:
        try:
            return repository.commit(head, [part.commit for part in parts]), parts, unfit
        except GitError as error:
            named = [part for part in parts if error.code == "bad_path" and part.path == error.facts["path"]]
            if not named:
                raise
            unfit += [
                Outcome(post_id=part.post_pk, path=part.path, result=Outcome.Result.PROBLEM, code="bad_path")
                for part in named
            ]
            parts = [part for part in parts if part not in named]
    return None, [], unfit


def _fetched(collection: Collection, repository: Repository) -> str | None:
    """The remote's head; one that has no commits any more is a vanished branch, not so many deleted posts."""
    head = repository.fetch()
    if head is None and collection.head:
        raise GitError("branch_missing", branch=collection.branch)
    return head
