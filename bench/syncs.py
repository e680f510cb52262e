"""Small syncs in a database that holds a first import: python -m bench.with_django syncs REMOTE REPETITIONS

Our part of a sync is its time less that of the same git commands, run bare on copies right after it. On a machine
that does something else besides, that is the difference of two uncertain numbers: the processors' time of all but git
is told, too.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User

from bench import corpus
from bench.clock import Clock
from bench.counting import Queries, server_process
from bench.recording import Copies, recorded
from posts.editing import edit
from posts.locking import repository_of
from posts.models import Collection, Post
from posts.syncing import sync
from posts.workflow import State

_WANTED = {"nothing": "nothing_new", "changed": "done", "edited": "done"}


class Bench:
    """A collection on a remote, with somebody who edits."""

    def __init__(self, remote: Path) -> None:
        self.remote = remote
        self.collection = Collection.objects.get()
        self.server = server_process()
        self.editor, _ = User.objects.get_or_create(username="bench", defaults={"is_superuser": True, "is_staff": True})
        drafts = Post.objects.filter(live=False, draft=True, state=State.DRAFT, problems=None)
        self.drafts = drafts.exclude(title="").order_by("path")

    def prepare(self, case: str, number: int) -> None:
        """Make what the next sync will find."""
        if case == "changed":
            path = self.drafts[2 * number].path
            corpus.push(self.remote, {path: corpus.read(self.remote, path) + _paragraph()})
        elif case == "edited":
            edit(self.drafts[2 * number + 1], {"title": f"另一个题目 {time.time_ns()}"}, by=self.editor)

    def prepare_many(self, count: int) -> None:
        """Push `count` changed files, from all over the collection, in one commit."""
        pks = list(self.drafts.values_list("pk", flat=True))
        chosen = Post.objects.filter(pk__in=pks[:: max(1, len(pks) // count)][:count]).select_related("git_text")
        files = {post.path: post.git_text.text.encode() + _paragraph() for post in chosen if post.git_text}
        if len(files) < count:
            raise SystemExit(f"only {len(files)} of {count} files can be changed here")
        corpus.push(self.remote, files)

    def measured(self, case: str) -> dict[str, float]:
        """Our part of one sync by both clocks, what git took alone, and the number of queries."""
        mirror = repository_of(self.collection).folder
        with tempfile.TemporaryDirectory(dir=settings.VAR_DIR) as into:
            copies = Copies(Path(into), mirror, self.remote)
            with recorded() as commands, Queries() as queries:
                clock = Clock(self.server)
                run = sync(self.collection)
                spent = clock.spent()
            bare = copies.replayed(commands)
        if run.state != _WANTED[case]:
            raise SystemExit(f"{case}: the sync ended as {run.state}: {run.error_code} {run.error_facts}")
        return {"cpu": spent.ours, "wall": spent.wall - bare, "git": bare, "queries": queries.count}


def _paragraph() -> bytes:
    return f"\n第{time.time_ns()}段。\n".encode()


def main() -> None:
    """Print, for each case, what each repetition took."""
    bench, repetitions = Bench(Path(sys.argv[1])), int(sys.argv[2])
    told: dict[str, list[dict[str, float]]] = {case: [] for case in _WANTED}
    for number in range(-1, repetitions):  # the first one warms up
        for case, taken in told.items():
            bench.prepare(case, number + 1)
            one = bench.measured(case)
            if number >= 0:
                taken.append(one)
    print(json.dumps(told))


if __name__ == "__main__":
    main()
