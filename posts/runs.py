"""The life of a run (a `Sync` row): claimed by one worker, reported on, stopped, ended, and woken again."""

import datetime
import time
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Concatenate, ParamSpec

import structlog
from django.db import InterfaceError, OperationalError
from django.db.models import F, Q
from django.utils import timezone

from posts.errors import EvergreenError
from posts.locking import is_at_work
from posts.models import Collection, Outcome, Sync
from posts.questions import Question
from posts.storing import insert_rows
from posts.waking import ask_for_sync, wake, wake_for_checks

LEASE = datetime.timedelta(seconds=90)
_ASK_EVERY = 1.0
_RENEW_EVERY = 20.0
_MOST_ATTEMPTS = 5
_OVERSLEPT = datetime.timedelta(seconds=30)
# Kinds that hold their collection while at work.
_HOLDING = (Sync.Kind.SYNC, Sync.Kind.PREVIEW, Sync.Kind.UNDO, Sync.Kind.BULK)
# Kinds that may bring texts which are to be checked.
_WRITING = (Sync.Kind.SYNC, Sync.Kind.UPLOAD, Sync.Kind.UNDO, Sync.Kind.BULK)
# A time so far ahead of us was written before the clock was set back. Less is how the clocks of machines differ.
_SKEW = datetime.timedelta(minutes=1)
_KEEP_EMPTY_RUNS = datetime.timedelta(days=1)
_LOOKED_AT = 3
"""Of how many collections the locks are looked at, to know whether a worker is busy: each is a file."""

Progress = Callable[[Sync], None]
"""Told of a run whenever it moved, for somebody to see."""

_P = ParamSpec("_P")

_log = structlog.get_logger(__name__)


class Stopped(EvergreenError):
    """Somebody asked this run to stop."""

    def __init__(self) -> None:
        super().__init__("stopped")


def claim(pk: int) -> Sync | None:
    """Take the run with key `pk` if it waits, or if whoever had it let the lease run out; else None."""
    now = timezone.now()
    free = Q(state=Sync.State.WAITING) | _abandoned(now)
    took = Sync.objects.filter(free, pk=pk).update(
        state=Sync.State.RUNNING, step="", lease_until=now + LEASE, started_at=now, attempts=F("attempts") + 1
    )
    if not took:
        return None
    run = Sync.objects.select_related("collection", "asked_by").get(pk=pk)
    if run.attempts > _MOST_ATTEMPTS:
        end(run, Sync.State.FAILED, code="gave_up", facts={"attempts": run.attempts - 1})
        return None
    return run


def advance(run: Sync, progress: Progress | None, *, step: str | None = None, total: int | None = None) -> None:
    """Say how far `run` is and renew its lease; raises `Stopped` if somebody asked for that."""
    now = timezone.now()
    if step is not None:
        _close_step(run)
        run.step, run.done, run.total = step, 0, total
        run.steps.append({"step": step, "at": now.isoformat(), "done": 0})
    run.lease_until = now + LEASE
    run.save(update_fields=["step", "done", "total", "lease_until", *(["steps"] if step is not None else [])])
    show(run, progress)
    if Sync.objects.filter(pk=run.pk, stop_requested=True).exists():
        raise Stopped


def show(run: Sync, progress: Progress | None) -> None:
    """Tell `progress`, if anybody asked to be told, how far `run` is. Where that cannot be shown the work goes on."""
    if progress is None:
        return
    try:
        progress(run)
    except (OSError, ValueError) as error:
        # The terminal or the pipe is gone, or closed: a ValueError.
        _log.warning("progress_not_shown", run=run.pk, kind=run.kind, step=run.step, why=repr(error))


def stop_asked(run: Sync) -> Callable[[], bool]:
    """The question whether somebody asked `run` to stop, for whatever waits: as cheap as a look at the clock.

    The database is asked, and the lease renewed, about once a second. Not for use inside a transaction.
    """
    asked, renewed, stop = 0.0, time.monotonic(), False

    def ask() -> bool:
        nonlocal asked, renewed, stop
        now = time.monotonic()
        if now - asked >= _ASK_EVERY:
            stop = Sync.objects.filter(pk=run.pk, stop_requested=True).exists()
            asked = time.monotonic()
        if now - renewed >= _RENEW_EVERY:
            run.lease_until = timezone.now() + LEASE
            run.save(update_fields=["lease_until"])
            renewed = now
        return stop

    return ask


def note(run: Sync, outcomes: Sequence[Outcome], progress: Progress | None) -> None:
    """Add `outcomes` to the report of `run`, and go on; raises `Stopped`."""
    for outcome in outcomes:
        outcome.sync = run
    insert_rows(outcomes)
    run.done += len(outcomes)
    advance(run, progress)


def end(run: Sync, state: str, *, code: str = "", facts: dict[str, object] | None = None) -> None:
    """Close `run` in `state`, with the code and facts of what made it fail."""
    _close_step(run)
    run.state, run.error_code, run.error_facts = state, code, facts or {}
    run.ended_at, run.lease_until = timezone.now(), None
    run.save()
    if run.kind in _WRITING and state != Sync.State.NOTHING_NEW:
        wake_for_checks()


def never_left_running(perform: Callable[Concatenate[Sync, _P], Sync]) -> Callable[Concatenate[Sync, _P], Sync]:
    """`perform`, which does what a run stands for, so that a fault of our own ends the run as failed and is raised.

    What is foreseen is for `perform` itself. While the database is away the run stays as it is: it is taken up again.
    """

    @wraps(perform)
    def performed(run: Sync, *args: _P.args, **options: _P.kwargs) -> Sync:
        try:
            return perform(run, *args, **options)
        except (EvergreenError, OperationalError, InterfaceError):
            raise
        except Exception as error:
            _log.exception("run_failed", run=run.pk, kind=run.kind, step=run.step)
            end(run, Sync.State.FAILED, code="our_fault", facts={"why": repr(error)[:200]})
            raise

    return performed


def _close_step(run: Sync) -> None:
    """Keep how many files the step did that is over now."""
    # Of a fetch it is per cent, not files.
    if run.steps and run.step != Sync.Step.FETCH:
        run.steps[-1]["done"] = run.done


def verdict(run: Sync) -> str:
    """The state in which a run that went through ends, by its outcomes."""
    results = set(run.outcomes.exclude(result=Outcome.Result.SAME).values_list("result", flat=True).distinct())
    if results & {Outcome.Result.PROBLEM, Outcome.Result.HELD, Outcome.Result.REFUSED}:
        return Sync.State.PARTLY
    return Sync.State.DONE if results or run.kind != Sync.Kind.SYNC else Sync.State.NOTHING_NEW


def request_stop(run: Sync) -> None:
    """Ask whoever works on `run` to stop; one that still waits ends at once."""
    ended = Sync.objects.filter(pk=run.pk, state=Sync.State.WAITING).update(
        state=Sync.State.STOPPED, ended_at=timezone.now()
    )
    if not ended:
        Sync.objects.filter(pk=run.pk, state=Sync.State.RUNNING).update(stop_requested=True)


def wait_again(run: Sync) -> None:
    """Let `run`, which ended or never began, wait for a worker as if it had just been asked for."""
    run.state, run.stop_requested, run.attempts = Sync.State.WAITING, False, 0
    run.asked_at, run.ended_at, run.error_code, run.error_facts = timezone.now(), None, "", {}
    run.save()


def ask_for_due_syncs() -> None:
    """Make a sync wait for each collection that has not been synced for as long as its setting says."""
    now = timezone.now()
    for collection in Collection.objects.all():
        due = datetime.timedelta(minutes=collection.sync_minutes)
        last = collection.synced_at
        if last is None or now - last >= due or last > now + _SKEW:
            ask_for_sync(collection)


def wake_forgotten() -> None:
    """Wake a worker again for every run that waits too long, or whose worker is gone."""
    now = timezone.now()
    overslept = Q(asked_at__lt=now - _OVERSLEPT) | Q(asked_at__gt=now + _SKEW)
    waits = Q(state=Sync.State.WAITING) & overslept
    for run in Sync.objects.filter(waits | _abandoned(now)).select_related("collection"):
        if run.kind in _HOLDING and run.state == Sync.State.RUNNING and _is_at_work(run, now):
            # A long fetch reports nothing; the lock tells that its worker lives.
            Sync.objects.filter(pk=run.pk, state=Sync.State.RUNNING).update(lease_until=now + LEASE)
        else:
            wake(run)


def _is_at_work(run: Sync, now: datetime.datetime) -> bool:
    """Whether the lock of the collection is in the hands of `run`: it may be another run's, that renews its lease."""
    others = Sync.objects.filter(collection=run.collection_id, state=Sync.State.RUNNING).exclude(pk=run.pk)
    return not others.exclude(_abandoned(now)).exists() and is_at_work(run.collection)


def some_worker_is_busy() -> bool:
    """Whether a long run keeps a worker, perhaps the only one, from answering."""
    running, now = _RUNNING.ask(), timezone.now()
    if any(lease_until is not None and lease_until > now for _kind, lease_until, _collection in running):
        return True
    # A long fetch renews no lease; the lock tells.
    syncing = [collection for kind, _lease_until, collection in running if kind == Sync.Kind.SYNC]
    return any(map(is_at_work, Collection.objects.filter(pk__in=syncing[:_LOOKED_AT]) if syncing else ()))


_RUNNING = Question(
    lambda: Sync.objects.filter(state=Sync.State.RUNNING).values_list("kind", "lease_until", "collection")
)


def _abandoned(now: datetime.datetime) -> Q:
    """The runs whose worker did not renew its lease."""
    run_out = Q(lease_until__lt=now) | Q(lease_until__gt=now + LEASE + _SKEW)
    return Q(state=Sync.State.RUNNING) & run_out


def forget_empty_runs(collection: Collection) -> None:
    """Drop yesterday's runs that nobody asked for and that found nothing."""
    Sync.objects.filter(
        collection=collection,
        state=Sync.State.NOTHING_NEW,
        asked_by=None,
        asked_at__lt=timezone.now() - _KEEP_EMPTY_RUNS,
    ).delete()
