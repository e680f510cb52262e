"""Undoing a run: everything that it brought in or sent out is taken back as one bulk step (DESIGN §2.11).

The undo is a run itself, with an outcome for each post: it can be stopped and goes on, and can be undone.
"""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from posts.access import may
from posts.errors import EvergreenError
from posts.git import GitError, Interrupted, Repository
from posts.leaving import what_leaves
from posts.locking import repository_of
from posts.models import Outcome, Post, Sync
from posts.notifying import called
from posts.reverting import UNDOABLE, Reversal, What, carry_out, reversal
from posts.runs import Progress, Stopped, advance, end, never_left_running, show, verdict, wait_again
from posts.situations import lock
from posts.syncing import turn_of
from posts.waking import ask_for_sync, wake

PUBLISH = "posts.publish_post"
_CAN_BE_UNDONE = (Sync.Kind.SYNC, Sync.Kind.UNDO)
_GAVE_UP = (Sync.State.STOPPED, Sync.State.FAILED)
_REPORT_EVERY = 10


class UndoRefused(EvergreenError):
    """This run cannot be undone by this person now."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One post of a run, with what undoing would do to it."""

    post: Post
    outcomes: tuple[Outcome, ...]
    reversal: Reversal


class _Everything:
    """A set of paths that has every path in it."""

    def __contains__(self, _path: object) -> bool:
        return True


def undo_of(run: Sync) -> Sync | None:
    """The undo of `run` that stands: not undone itself. None if what `run` did is still in force."""
    for undo in Sync.objects.filter(undoes=run, kind=Sync.Kind.UNDO).select_related("asked_by").order_by("-pk"):
        if undo.unfinished or undo.state in _GAVE_UP:
            return undo
        later = undo_of(undo)
        if later is None or later.unfinished or later.state in _GAVE_UP:
            return undo
    return None


def why_not(run: Sync, by: User) -> UndoRefused | None:
    """Why `by` may not undo `run` now, None if that is allowed (or to go on with an undo that was stopped)."""
    if not may(by, PUBLISH, run.collection_id):
        return UndoRefused("no_permission", permission="publish_post")
    if run.kind not in _CAN_BE_UNDONE:
        return UndoRefused("no_undo_of_this")
    if run.unfinished:
        return UndoRefused("still_at_work")
    undo = undo_of(run)
    if undo is not None and undo.state not in _GAVE_UP:
        who = called(undo.asked_by) or "–"
        return UndoRefused("undo_at_work" if undo.unfinished else "undone_already", by=who, run=undo.pk)
    if not concerned(run).exists():
        return UndoRefused("nothing_to_undo")
    return None


def concerned(run: Sync) -> QuerySet[Post]:
    """The posts that `run` changed or sent, in the order in which they are undone."""
    changed = Outcome.objects.filter(sync=run, result__in=_results(run)).exclude(post=None)
    return Post.objects.filter(pk__in=changed.values("post")).order_by("pk")


def plan(run: Sync, posts: Sequence[Post]) -> Iterator[Planned]:
    """What undoing `run` would do to each of `posts`, which are among those that it concerns. Writes nothing."""
    there_before = _there_before(run, repository_of(run.collection))
    told = _outcomes(run, [post.pk for post in posts])
    whole = Post.objects.select_related(
        "collection", "present", "cleared", "git_text", "approved", "approved__by", "approved_by", "submitted_by"
    ).in_bulk([post.pk for post in posts])
    for post in posts:
        outcomes = told.get(post.pk, ())
        yield Planned(whole[post.pk], outcomes, reversal(whole[post.pk], outcomes, there_before=there_before))


@transaction.atomic
def ask_for_undo(run: Sync, *, by: User) -> Sync:
    """Make the run that undoes `run`, or let one that was stopped or failed go on. Raises `UndoRefused`."""
    # Two people who ask at once: the second finds the first one's undo.
    run = Sync.objects.select_for_update(of=("self",)).select_related("collection").get(pk=run.pk)
    refused = why_not(run, by)
    if refused is not None:
        raise refused
    undo = undo_of(run)
    if undo is None:
        undo = Sync(collection=run.collection, kind=Sync.Kind.UNDO, undoes=run, asked_by=by)
    wait_again(undo)
    wake(undo)
    return undo


@never_left_running
def perform_undo(run: Sync, *, progress: Progress | None = None) -> Sync:
    """Do the undo that `run`, a claimed row, stands for; taken up again, it goes on where it was.

    No sync runs meanwhile, so that all of it leaves as one.
    """
    try:
        with turn_of(run, progress) as repository:
            _undo_each(run, repository, progress)
    except (Stopped, Interrupted):
        end(run, Sync.State.STOPPED)
    except GitError as error:
        end(run, Sync.State.FAILED, code=error.code, facts=error.facts)
    else:
        end(run, verdict(run))
    if what_leaves(run.collection):
        ask_for_sync(run.collection)
    show(run, progress)
    return run


def _undo_each(run: Sync, repository: Repository, progress: Progress | None) -> None:
    undone = run.undoes
    if undone is None or run.asked_by is None:
        raise ValueError(run.pk)
    pks = list(concerned(undone).values_list("pk", flat=True))
    advance(run, progress, step=Sync.Step.UNDO, total=len(pks))
    there_before = _there_before(undone, repository)
    for number, pk in enumerate(pks, 1):
        _undo_post(run, undone, pk, run.asked_by, there_before)
        run.done = number
        if number % _REPORT_EVERY == 0 or number == len(pks):
            advance(run, progress)


@transaction.atomic
def _undo_post(run: Sync, undone: Sync, pk: int, by: User, there_before: Container[str]) -> None:
    post = lock(Post(pk=pk))
    # Asked under the lock: a post that has an outcome is not done twice, by whomever.
    if Outcome.objects.filter(sync=run, post=post).exists():
        return
    outcomes = _outcomes(undone, [pk]).get(pk, ())
    decided = reversal(post, outcomes, there_before=there_before)
    outcome = carry_out(post, decided, outcomes, run=run, by=by)
    outcome.sync = run
    outcome.save()


def _outcomes(run: Sync, pks: Sequence[int]) -> dict[int, tuple[Outcome, ...]]:
    """What `run` did to the posts, newest first, with the texts."""
    found: dict[int, tuple[Outcome, ...]] = {}
    rows = Outcome.objects.filter(sync=run, post__in=pks, result__in=_results(run))
    for outcome in rows.select_related("before", "after").order_by("-pk"):
        pk = outcome.post_id or 0
        found[pk] = (*found.get(pk, ()), outcome)
    return found


def _results(run: Sync) -> tuple[str, ...]:
    return (Outcome.Result.UNDONE,) if run.kind == Sync.Kind.UNDO else UNDOABLE


def _there_before(run: Sync, repository: Repository) -> Container[str]:
    """The paths that the repository had before `run`: all of them at a first import, whatever they are.

    What a first import, or a wider pattern, brought in was no news there, and is not deleted there.
    """
    if not Outcome.objects.filter(sync=run, result=Outcome.Result.NEW).exists():
        return frozenset()
    if not run.before:
        return _Everything()
    try:
        return {change.path.decode("utf-8", "replace") for change in repository.changes(None, run.before)}
    except GitError:
        return _Everything()


def can_be_undone(planned: Planned) -> bool:
    """Whether undoing would do something to this post."""
    return planned.reversal.what not in (What.REFUSED, What.NOTHING)
