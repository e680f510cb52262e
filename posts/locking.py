"""One writer per collection, across workers and machines."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection

from posts.credentials import environment_for
from posts.git import Interrupted, Repository, RepositoryBusy, ls_remote, never
from posts.models import Collection

_NAMESPACE = 0x45564752  # "EVGR": apart from whatever else takes advisory locks in this database
_POLL_SECONDS = 0.2


def repository_of(
    collection: Collection, *, offline: bool = False, interrupted: Callable[[], bool] = never
) -> Repository:
    """The mirror of `collection` under VAR_DIR. Once `interrupted` says yes, git is ended (`Repository`).

    `offline`, it needs no credentials and cannot reach the remote. Raises `GitError("credentials_missing")`
    otherwise, if the server has none of the name that the collection says.
    """
    folder = settings.VAR_DIR / "mirrors" / f"{collection.pk}.git"
    environment = {} if offline else environment_for(collection)
    return Repository(folder, collection.url, collection.branch, environment=environment, interrupted=interrupted)


def try_connection(collection: Collection) -> str | None:
    """Ask the remote of `collection` for its branch: the head, or None for an empty repository. Raises `GitError`."""
    return ls_remote(collection.url, collection.branch, environment=environment_for(collection))


@contextmanager
def sole_writer(
    collection: Collection,
    *,
    wait: float | None,
    offline: bool = False,
    interrupted: Callable[[], bool] = never,
) -> Iterator[Repository]:
    """Hold `collection` for one sync and give its repository.

    A `flock` on the mirror, which git's child processes inherit, and on PostgreSQL a session advisory lock besides,
    for workers on other machines: both die with their holder and need no time to be guessed (DESIGN §4).
    `wait` is in seconds, None for ever. Raises `RepositoryBusy`, and `Interrupted` when `interrupted` says yes, which
    is asked while it waits and while git works. `offline` is as for `repository_of`, and so is what else it raises.
    """
    repository = repository_of(collection, offline=offline, interrupted=interrupted)
    with repository.locked(wait=wait):
        if connection.vendor != "postgresql":
            yield repository
            return
        _take_advisory_lock(collection.pk, wait, interrupted)
        try:
            yield repository
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_NAMESPACE, collection.pk])


def is_at_work(collection: Collection) -> bool:
    """Whether somebody holds `collection` right now."""
    try:
        with sole_writer(collection, wait=0, offline=True):
            return False
    except RepositoryBusy:
        return True


def _take_advisory_lock(pk: int, wait: float | None, interrupted: Callable[[], bool]) -> None:
    until = None if wait is None else time.monotonic() + wait
    while True:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_NAMESPACE, pk])
            if cursor.fetchone()[0]:
                return
        if until is not None and time.monotonic() >= until:
            raise RepositoryBusy
        if interrupted():
            raise Interrupted
        time.sleep(_POLL_SECONDS)
