"""A sync tried out: every step is taken and none is kept, so that somebody can look first and then choose.

What would change is listed file by file; the exact difference of one file is worked out when it is asked for.
"""

import datetime
from collections.abc import Collection as Several
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from posts.access import may
from posts.braking import brake_ahead
from posts.conflicts import held
from posts.document.document import LIMIT, Document
from posts.document.errors import DocumentError, MergeRefused
from posts.errors import EvergreenError
from posts.exporting import outgoing
from posts.git import Change, GitError, Interrupted, Repository
from posts.importing import changes_of, count_changes, import_range
from posts.locking import repository_of, sole_writer
from posts.merging import bring_together, document_of
from posts.models import Collection, Conflict, Outcome, Post, Revision, Sync
from posts.runs import Progress, Stopped, advance, end, never_left_running, note, show
from posts.syncing import fetched, turn_of
from posts.waking import wake

SYNC = "posts.sync_collection"
IN, OUT, BOTH = "in", "out", "both"
"""On which side a file would change: here, in the repository, or on both."""

_Result = Outcome.Result
_KEEP_PREVIEWS = datetime.timedelta(days=7)
_STAYS_HERE = (_Result.HELD, _Result.PROBLEM)


class NotChosen(EvergreenError):
    """A sync of chosen files cannot be asked for: `no_permission`, `nothing_chosen` or `sync_waits`."""


@dataclass(frozen=True, slots=True)
class Sides:
    """The exact difference of one file: its text here and in the repository, each as it is and as it would be.

    None stands for a side that does not change. `pushed` is what others changed in the repository, where that is held
    back; `moved_on` says that the post was changed since the preview, and the difference is of what it is now.
    """

    here: tuple[str, str] | None = None
    there: tuple[str, str] | None = None
    pushed: tuple[str, str] | None = None
    moved_on: bool = False


def preview_sync(collection: Collection, *, ahead: dict[str, object] | None = None) -> Iterator[list[Outcome]]:
    """What a sync would do now, file by file, keeping none of it (unsaved rows). Raises `GitError`.

    What would stop it at the brake is put into `ahead`: its code as `brake`, and its facts.
    """
    with sole_writer(collection, wait=0) as repository:
        head = fetched(collection, repository)
        if ahead is not None:
            ahead.update(_brake_facts(collection, repository, head))
        yield from _rehearsed(collection, repository, head)


@transaction.atomic
def ask_for_preview(collection: Collection, *, by: User) -> Sync:
    """Make the run that tries a sync out, or give the one that waits already. Raises `NotChosen` without the right."""
    if not may(by, SYNC, collection.pk):
        raise NotChosen("no_permission", permission="sync_collection")
    run = Sync.objects.filter(collection=collection, kind=Sync.Kind.PREVIEW, state=Sync.State.WAITING).first()
    if run is None:
        now = timezone.now()
        run = Sync.objects.create(collection=collection, kind=Sync.Kind.PREVIEW, asked_by=by, asked_at=now)
    wake(run)
    return run


@never_left_running
def perform_preview(run: Sync, *, progress: Progress | None = None) -> Sync:
    """Do the preview that `run`, a claimed row, stands for; taken up again, it starts anew."""
    try:
        with turn_of(run, progress) as repository:
            run.collection.refresh_from_db()
            Outcome.objects.filter(sync=run).delete()
            _list(run, repository, progress)
    except (Stopped, Interrupted):
        end(run, Sync.State.STOPPED)
    except GitError as error:
        end(run, Sync.State.FAILED, code=error.code, facts=error.facts)
    else:
        end(run, Sync.State.DONE if run.outcomes.exists() else Sync.State.NOTHING_NEW, facts=run.error_facts)
    show(run, progress)
    return run


def forget_old_previews() -> None:
    """Delete the previews of more than a week ago: what they told is not true any more."""
    Sync.objects.filter(kind=Sync.Kind.PREVIEW, ended_at__lt=timezone.now() - _KEEP_PREVIEWS).delete()


def ask_for_chosen(preview: Sync, pks: Several[int], *, by: User) -> Sync:
    """Make a sync of no other files than those of `preview` whose outcomes have the keys `pks`. Raises `NotChosen`."""
    if not may(by, SYNC, preview.collection_id):
        raise NotChosen("no_permission", permission="sync_collection")
    chosen = Outcome.objects.filter(sync=preview, pk__in=pks).exclude(result=_Result.PROBLEM)
    paths = {
        str(path)
        for outcome in chosen
        for path in (outcome.path, outcome.facts.get("old_path"), outcome.facts.get("new_path"))
        if path
    }
    if not paths:
        raise NotChosen("nothing_chosen")
    run = Sync(collection=preview.collection, kind=Sync.Kind.SYNC, asked_by=by, asked_at=timezone.now())
    run.selection = sorted(paths)
    try:
        with transaction.atomic():
            run.save()
    except IntegrityError as error:
        raise NotChosen("sync_waits") from error
    wake(run)
    return run


def sides_of(outcome: Outcome, collection: Collection) -> Sides:
    """The exact difference of one file of a preview, worked out from the mirror and the post as it is now.

    Raises `GitError` if the mirror has the file no more.
    """
    post = None
    if outcome.post_id is not None:
        post = Post.objects.select_related("collection", "present", "cleared", "git_text").get(pk=outcome.post_id)
    theirs = _theirs(outcome, collection)
    looked_at = outcome.after_id if outcome.result == _Result.SENT else outcome.before_id
    moved_on = post is not None and looked_at != (
        post.cleared_id if outcome.result == _Result.SENT else post.present_id
    )
    present = document_of(post.present if post else None).text
    if outcome.result == _Result.SENT:
        gone = outcome.facts.get("removed")
        return Sides(there=_differ(_text(outcome.before), "" if gone else _text(outcome.after)), moved_on=moved_on)
    if theirs is None or outcome.result == _Result.SAME:
        return Sides(moved_on=moved_on)
    if outcome.result == _Result.HELD:
        return Sides(pushed=_differ(_text(post.git_text if post else None), theirs.text), moved_on=moved_on)
    if outcome.result == _Result.MERGED and post is not None:
        return _merged(post, theirs, moved_on)
    same_text = post is not None and outcome.facts.get("blob") == post.git_blob
    return Sides(here=None if same_text else _differ(present, theirs.text), moved_on=moved_on)


def _merged(post: Post, theirs: Document, moved_on: bool) -> Sides:
    conflict = held(post)
    try:
        together = bring_together(post, conflict.base if conflict else post.git_text, theirs)
    except MergeRefused:
        return Sides(pushed=_differ(_text(post.git_text), theirs.text), moved_on=True)
    here = _differ(_text(post.present), together.present.text)
    return Sides(here, _differ(theirs.text, together.cleared.text), moved_on=moved_on)


def _theirs(outcome: Outcome, collection: Collection) -> Document | None:
    blob = outcome.facts.get("blob")
    if not isinstance(blob, str) or not blob:
        return None
    ((_, data),) = repository_of(collection).read([blob], limit=LIMIT)
    try:
        return Document.parse(data) if data is not None else None
    except DocumentError:
        return None


def _text(revision: Revision | None) -> str:
    return revision.text if revision is not None else ""


def _differ(before: str, after: str) -> tuple[str, str] | None:
    return (before, after) if before != after else None


def _list(run: Sync, repository: Repository, progress: Progress | None) -> None:
    collection = run.collection
    run.before = collection.head
    advance(run, progress, step=Sync.Step.FETCH)
    head = fetched(collection, repository)
    run.after = head or ""
    run.error_facts = _brake_facts(collection, repository, head)
    total = 0
    if head is not None and head != collection.seen:
        total = count_changes(collection, repository, collection.seen, head)
    advance(run, progress, step=Sync.Step.IMPORT, total=total or None)
    for outcomes in _rehearsed(collection, repository, head):
        note(run, outcomes, progress)


def _brake_facts(collection: Collection, repository: Repository, head: str | None) -> dict[str, object]:
    brake = brake_ahead(collection, repository, head) if head is not None else None
    return {"brake": brake.code, **brake.facts} if brake is not None else {}


def _rehearsed(collection: Collection, repository: Repository, head: str | None) -> Iterator[list[Outcome]]:
    touched: set[int] = set()
    if head is not None and head != collection.seen:
        changes = {_name(each): each for each in changes_of(collection, repository, collection.seen, head)}
        open_ones = _open_conflicts(collection)
        for outcomes in import_range(collection, repository, collection.seen, head, dry_run=True):
            listed = [_as_listed(outcome, changes.get(outcome.path), open_ones) for outcome in outcomes]
            touched |= {outcome.post_id for outcome in listed if outcome is not None and outcome.post_id}
            touched |= {outcome.post_id for outcome in outcomes if outcome.result == _Result.SAME and outcome.post_id}
            yield [outcome for outcome in listed if outcome is not None]
    yield _waiting_to_be_sent(collection, touched)


def _as_listed(outcome: Outcome, change: Change | None, open_ones: Mapping[int, Conflict]) -> Outcome | None:
    """`outcome` of a step that was not kept, as a row of the preview; None for a file that changes on no side."""
    # As the step left them in memory: the rows themselves are as they were.
    post = outcome.post
    conflict = open_ones.get(post.pk) if post is not None and outcome.result != _Result.NEW else None
    new_blob = change.blob if change is not None and change.status != "deleted" else None
    facts = {**outcome.facts, "side": IN, "blob": new_blob or ""}
    if conflict is not None and outcome.result not in _STAYS_HERE and post is not None:
        facts["settles"] = outcome.result != _Result.SAME or conflict.theirs_blob != post.git_blob
    stays = outcome.result in _STAYS_HERE and (conflict is None or conflict.passes_id is None)
    goes_out = post is not None and outcome.result != _Result.NEW and post.pending and not stays
    if goes_out and post is not None:
        facts["side"] = OUT if outcome.result == _Result.SAME else BOTH
        if post.path != outcome.path:
            facts["new_path"] = post.path
    listed = Outcome(path=outcome.path, result=outcome.result, code=outcome.code, facts=facts)
    if outcome.result == _Result.NEW or post is None:
        return listed
    listed.post_id, listed.before_id = post.pk, outcome.before_id
    if outcome.result == _Result.SAME and goes_out:
        listed.result, listed.before_id, listed.after_id = _Result.SENT, post.git_text_id, post.cleared_id
    return listed if listed.result != _Result.SAME or facts.get("settles") else None


def _waiting_to_be_sent(collection: Collection, touched: Several[int]) -> list[Outcome]:
    """What waits here and no push concerns."""
    parts = [part for each in outgoing(collection) for part in each.parts if part.post_pk not in touched]
    in_git = dict(
        Post.objects.filter(collection=collection, pending=True).exclude(git_blob="").values_list("pk", "git_text")
    )
    listed = []
    for part in parts:
        facts: dict[str, object] = {"side": OUT}
        if part.old_path not in ("", part.path):
            facts["old_path"] = part.old_path
        if part.revision is None:
            facts["removed"] = True
        outcome = Outcome(path=part.path, result=_Result.SENT, facts=facts, after=part.revision)
        outcome.post_id, outcome.before_id = part.post_pk, in_git.get(part.post_pk)
        listed.append(outcome)
    return listed


def _open_conflicts(collection: Collection) -> dict[int, Conflict]:
    rows = Conflict.objects.holding().filter(post__collection=collection)
    return {conflict.post_id: conflict for conflict in rows.only("post", "theirs_blob", "passes")}


def _name(change: Change) -> str:
    return change.path.decode("utf-8", "replace")
