"""The lock of a mirror, and what processes that were killed have left in it."""

import fcntl
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from posts.git_process import Interrupted, RepositoryBusy

_POLL_SECONDS = 0.05
# Not the half-written loose objects: there are few, they are small, and to look for them takes long.
_LEFTOVERS = (
    "*.lock",
    "refs/**/*.lock",
    "objects/info/**/*.lock",
    "objects/pack/*.lock",
    "objects/pack/tmp_*",
    "objects/pack/.tmp-*",
    "objects/tmp_*",
    "objects/incoming-*",
    "fast_import_crash_*",
)


@contextmanager
def lock_held(path: Path, wait: float | None, interrupted: Callable[[], bool]) -> Iterator[int]:
    """Hold the `flock` on the file `path` for a `with` block; gives its descriptor, for git's processes to inherit.

    Raises `RepositoryBusy` if it is held for `wait` seconds more (None: for as long as it takes), and `Interrupted`
    as soon as `interrupted` says so meanwhile.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _take(descriptor, wait, interrupted)
        yield descriptor
    finally:
        # Closed, not unlocked: should a git process of ours still live, the lock stays with it.
        os.close(descriptor)


def clear_leftovers(mirror: Path) -> None:
    """Remove what git processes that were killed have left: with the lock in our hands, nobody needs it."""
    for pattern in _LEFTOVERS:
        for leftover in mirror.glob(pattern):
            if leftover.is_dir():
                shutil.rmtree(leftover)
            else:
                leftover.unlink()


def _take(descriptor: int, wait: float | None, interrupted: Callable[[], bool]) -> None:
    until = None if wait is None else time.monotonic() + wait
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if until is not None and time.monotonic() >= until:
                raise RepositoryBusy from None
            if interrupted():
                raise Interrupted from None
            time.sleep(_POLL_SECONDS)
