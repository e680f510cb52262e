"""A worker that dies at a named step: SIGKILL for itself and its whole process group, nothing said, nothing tidied up.

The steps are in here and not in the product: this module takes the functions' places. What it does not kill are the
git processes, which run in groups of their own, as they do when a real worker dies.

    python -m tests.posts.killing RUN        does one run, by the task's own function, in a process of its own
    python -m tests.posts.killing            asks for a sync of every collection and does it, again and again
    celery -A tests.posts.killing worker     a Celery worker

KILL_AT names the step; without it nobody dies. The file named by KILL_GROUP_FILE gets the process group, for whoever
wants to do the killing.
"""

import functools
import importlib
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django
from celery import signals

from cms.celery import app

Install = Callable[[], None]
SMALL_BATCH = 3
"""Files in one batch of an import here, so that few files make several."""


def die() -> None:
    """What SIGKILL does to a worker, from a certain moment on."""
    os.killpg(0, signal.SIGKILL)
    signal.pause()  # it may take the kernel a moment


def before(where: str, name: str, number: int = 1) -> Install:
    """Die when `name` of `where`, a module or "module:class", is called for the `number`-th time."""
    return functools.partial(_wrap, where, name, number, False)


def after(where: str, name: str, number: int = 1) -> Install:
    """Die when it has returned for the `number`-th time."""
    return functools.partial(_wrap, where, name, number, True)


def _wrap(where: str, name: str, number: int, afterwards: bool) -> None:
    module, _, attribute = where.partition(":")
    owner: Any = importlib.import_module(module)
    owner = getattr(owner, attribute) if attribute else owner
    wrapped, calls = getattr(owner, name), 0

    @functools.wraps(wrapped)
    def dying(*arguments: object, **named: object) -> object:
        nonlocal calls
        calls += 1
        if calls == number and not afterwards:
            die()
        result = wrapped(*arguments, **named)
        if calls == number:
            die()
        return result

    setattr(owner, name, dying)


def _ref_update_of_the_push() -> None:
    """Die when the remote has answered, and the mirror's own ref has not moved yet."""
    owner: Any = importlib.import_module("posts.git_process").Git
    run = owner.run

    def dying(self: object, *arguments: str, **named: object) -> bytes:
        if arguments[:2] == ("update-ref", "refs/evergreen/theirs"):
            die()
        return run(self, *arguments, **named)

    owner.run = dying


_REPOSITORY = "posts.git:Repository"
STEPS: dict[str, Install] = {
    "before the fetch": before(_REPOSITORY, "fetch"),
    "fetched, before the mirror's ref moves": before(_REPOSITORY, "_follow"),
    "after the fetch": after(_REPOSITORY, "fetch"),
    "in the transaction of the first batch": before("posts.importing", "conclude"),
    "after the first batch": after("posts.importing", "_bring_in", 1),
    "after the second batch": after("posts.importing", "_bring_in", 2),
    "before a merge": before("posts.arriving", "bring_together"),
    "after a merge": after("posts.arriving", "bring_together"),
    "in the middle of saving": before("posts.saving", "_relink"),
    "after saving, before its commit": after("posts.importing", "write"),
    "after the import": before("posts.syncing", "outgoing"),
    "before the commits are made": before(_REPOSITORY, "commit"),
    "in the middle of fast-import": after("posts.git_commits", "_write"),
    "after the commits are made": after(_REPOSITORY, "commit"),
    "departures written": after("posts.syncing", "depart"),
    "before the push": before(_REPOSITORY, "push"),
    "while the remote takes the push": lambda: None,  # a hook of the remote kills: see KILL_GROUP_FILE
    "push answered, before the mirror's ref moves": _ref_update_of_the_push,
    "push answered": after(_REPOSITORY, "push"),
    "in the middle of updating the rows": after("posts.exporting", "store"),
    "rows updated": after("posts.syncing", "sent"),
    "before the run ends": before("posts.syncing", "end"),
}

BULK_STEPS: dict[str, Install] = {
    "in the middle of a part": after("posts.bulk_running", "write", 2),
    "between two parts": after("posts.bulk_running", "_part", 2),
}

STEPS_OF_MANY: dict[str, Install] = {
    "in the middle of a post": after("posts.many_running", "perform", 2),
    "between two posts": after("posts.many_running", "_take", 2),
}


def install(**_: object) -> None:
    """Make this process die where KILL_AT says."""
    group_file = os.environ.get("KILL_GROUP_FILE")
    if group_file:
        Path(group_file).write_text(str(os.getpgid(0)))
    importing: Any = importlib.import_module("posts.importing")
    importing._BATCH_FILES = SMALL_BATCH
    running: Any = importlib.import_module("posts.bulk_running")
    running.PART = SMALL_BATCH
    step = os.environ.get("KILL_AT")
    if step:
        {**STEPS, **BULK_STEPS, **STEPS_OF_MANY}[step]()


signals.celeryd_after_setup.connect(install)

__all__ = ["STEPS", "app", "install"]


def main() -> None:
    """One run, or syncs without end."""
    django.setup()
    install()
    # Django's models can be had only now.
    if len(sys.argv) > 1:
        run = importlib.import_module("posts.models").Sync.objects.get(pk=int(sys.argv[1]))
        getattr(importlib.import_module("posts.tasks"), run.kind)(run.pk)
        return
    collections = importlib.import_module("posts.models").Collection.objects
    sync = importlib.import_module("posts.syncing").sync
    print("ready", flush=True)
    while True:
        for collection in collections.all():
            sync(collection)
        time.sleep(0.02)  # SQLite lets nobody else write while somebody always does


if __name__ == "__main__":
    main()
