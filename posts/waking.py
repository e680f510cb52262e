"""Waking a worker, by the task's name, once the transaction has committed (DESIGN §4).

The row is the truth and the message only a wake-up: a lost one costs a minute, until beat looks.
"""

from celery import current_app
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from posts.models import Build, BulkStep, Collection, StepOfMany, Sync


def ask_for_sync(collection: Collection, *, by: User | None = None) -> Sync:
    """Make the row of a sync that waits, unless one waits already, and wake a worker for it; gives that row.

    A worker may take the one that waits between our two looks. It may have begun before what the caller is about to
    commit, so then another one is asked for.
    """
    asked = Sync(collection=collection, kind=Sync.Kind.SYNC, asked_by=by)
    waiting = None
    while waiting is None:
        asked.pk, asked.asked_at = None, timezone.now()
        Sync.objects.bulk_create([asked], ignore_conflicts=True)
        waiting = Sync.objects.filter(collection=collection, kind=Sync.Kind.SYNC, state=Sync.State.WAITING).first()
    wake(waiting)
    return waiting


def wake(run: Sync) -> None:
    """Tell a worker on commit that `run` waits."""
    name, pk = f"posts.{_TASKS[run.kind]}", run.pk
    transaction.on_commit(lambda: _send(name, pk))


def wake_for_build(build: Build) -> None:
    """Tell a worker on commit that `build` waits to be noted on the posts."""
    pk = build.pk
    transaction.on_commit(lambda: _send("posts.build", pk))


def wake_for_hits(step: BulkStep) -> None:
    """Tell a worker on commit that the hits of `step`, a find and replace in many posts, are to be counted."""
    pk = step.pk
    transaction.on_commit(lambda: _send("posts.count_hits", pk))


def wake_for_plans(step: BulkStep) -> None:
    """Tell a worker on commit that what `step`, a proposal of many posts, would do is to be counted."""
    pk = step.pk
    transaction.on_commit(lambda: _send("posts.count_planned", pk))


def wake_for_step_of_many(step: StepOfMany) -> None:
    """Tell a worker on commit that what `step`, proposed for many posts, would do is to be looked at."""
    pk = step.pk
    transaction.on_commit(lambda: _send("posts.foresee", pk))


def wake_for_checks() -> None:
    """Tell a worker on commit that texts came which nobody has checked."""
    transaction.on_commit(lambda: _send("posts.check"))


def wake_for_mail() -> None:
    """Tell a worker on commit that somebody waits for a mail."""
    transaction.on_commit(lambda: _send("posts.mail_notices"))


def wake_for_schedule(pk: int) -> None:
    """Tell a worker on commit that the schedule with key `pk` is due."""
    transaction.on_commit(lambda: _send("posts.fire_schedule", pk))


_TASKS: dict[str, str] = {
    Sync.Kind.SYNC: "sync",
    Sync.Kind.UPLOAD: "import",
    Sync.Kind.DOWNLOAD: "export",
    Sync.Kind.PREVIEW: "preview",
    Sync.Kind.UNDO: "undo",
    Sync.Kind.BULK: "bulk",
    Sync.Kind.STEP: "step",
}


def _send(name: str, *pks: int) -> None:
    try:
        current_app.send_task(name, pks, retry=False)
    except OperationalError:
        # The broker is away: the row waits, and the sweeper on beat wakes a worker when it is back.
        return
