"""Time as it is measured here: of the processors, so that whatever else the machine does counts for little.

Ours is what this process used and, with PostgreSQL, its server process; git's is what the processes used that ended
meanwhile. Waiting counts for nothing, so the clock on the wall is shown beside it.
"""

import resource
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds: on the wall, of this process with its database server, and of the git processes that it started."""

    wall: float
    ours: float
    git: float

    @property
    def total(self) -> float:
        """All of the processors' time."""
        return self.ours + self.git


class Clock:
    """Runs from when it is made; `server` is the process of the database that works for us, if there is one."""

    def __init__(self, server: int | None = None) -> None:
        self._server = server
        self._start = self._now()

    def spent(self) -> Spent:
        """What was used since the start."""
        now = self._now()
        return Spent(*(after - before for after, before in zip(now, self._start, strict=True)))

    def _now(self) -> tuple[float, float, float]:
        ours = time.process_time()
        if self._server is not None:
            ours += int(Path(f"/proc/{self._server}/schedstat").read_text().split()[0]) / 1e9
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return time.perf_counter(), ours, children.ru_utime + children.ru_stime
