"""Two workers, four collections, several editors and constant pushes, on PostgreSQL and Redis, as in production."""

import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import connection

from posts import editing
from posts.alerts import OF_SYNC, current_alerts
from posts.models import Conflict, Post, Revision, Sync
from posts.waking import ask_for_sync
from tests.posts import proofs
from tests.posts.test_worker import soon
from tests.posts.worlds import World, person, post_text
from tests.servers import Worker, celery_worker

SECONDS = float(os.environ.get("SOAK_SECONDS", "6"))
POSTS = 6
KEYS = ("title", "guest", "speaker", "source")
"""One for each editor: what they change never clashes, and so nothing of it may be missing at the end."""


@dataclass(slots=True)
class Done:
    """What was saved and pushed: all words, and the last of each post (or file) and key."""

    words: list[tuple[str, str, str, str]] = field(default_factory=list)
    last: dict[tuple[str, str, str], str] = field(default_factory=dict)
    failures: list[BaseException] = field(default_factory=list)

    def note(self, collection: str, path: str, key: str, word: str) -> None:
        """Somebody wrote `word`."""
        self.words.append((collection, path, key, word))
        self.last[collection, path, key] = word


@pytest.fixture
def two_workers(worker_environment: dict[str, str], tmp_path: Path) -> Iterator[tuple[Worker, Worker]]:
    """Two Celery workers, of two processes each."""
    with (
        celery_worker(worker_environment, tmp_path / "one.log") as one,
        celery_worker(worker_environment, tmp_path / "two.log") as two,
    ):
        yield one, two


def place(number: int) -> str:
    """Where a post is."""
    return f"src/posts/{number}.md"


@pytest.mark.production
def test_two_workers_lose_no_edit_and_double_no_commit(two_workers: tuple[Worker, Worker], tmp_path: Path) -> None:
    worlds = [World(tmp_path, f"site-{number}") for number in range(4)]
    for world in worlds:
        world.remote.git("config", "receive.denyNonFastForwards", "true")
        world.remote.commit(
            {place(n): post_text(f"题{n}", body="".join(f"第{m}句。\n\n" for m in range(9))) for n in range(POSTS)}
        )
        world.sync(Sync.State.DONE)
    people = [person(f"writer-{key}", "Writer") for key in KEYS]
    done, until = Done(), time.monotonic() + SECONDS
    doing: list[Callable[[random.Random], None]] = []
    numbers = count()
    for key, writer in zip(KEYS, people, strict=True):
        doing.append(lambda luck, key=key, writer=writer: save(worlds, luck, key, f"字{next(numbers)}", writer, done))
    for key in ("summary", "insight"):
        doing.append(lambda luck, key=key: push(worlds, luck, key, f"推{next(numbers)}", done))
    threads = [threading.Thread(target=go_on, args=(each, until, seed, done)) for seed, each in enumerate(doing)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        time.sleep(min(10.0, SECONDS))
        print(f"two workers: {len(done.words)} edits and pushes, {until - time.monotonic():.0f} s to go", flush=True)
    assert done.failures == []
    come_to_rest(worlds)
    # Where others push all the time, a run gives way to the next one after so many rounds; nothing else may go wrong.
    failed = Sync.objects.filter(state=Sync.State.FAILED).exclude(error_code="push_rejected")
    assert list(failed.values_list("error_code", "error_facts")) == []
    # And it healed by itself: nobody asked for anything but syncs, and there is nothing to be told any more.
    assert {alert.code for alert in current_alerts()} & OF_SYNC == set()
    assert Sync.objects.filter(state=Sync.State.DONE).count() > len(worlds)
    for world in worlds:
        proofs.at_rest(world)
    nothing_was_lost(worlds, done)
    assert deadlocks() == 0
    for worker in two_workers:
        assert worker.process.poll() is None
        said = worker.log.read_text()
        assert "Traceback" not in said
        assert "posts.sync" in said


def go_on(do: Callable[[random.Random], None], until: float, seed: int, done: Done) -> None:
    """Do it again and again until the time is over."""
    luck = random.Random(seed)
    try:
        while time.monotonic() < until:
            do(luck)
            time.sleep(luck.uniform(0, 0.1))
    except BaseException as error:
        done.failures.append(error)
    finally:
        connection.close()


def save(worlds: list[World], luck: random.Random, key: str, word: str, writer: User, done: Done) -> None:
    """Somebody opens a post, thinks, and saves onto what they opened; that wakes a worker."""
    world, path = luck.choice(worlds), place(luck.randrange(POSTS))
    opened = world.post(path).present
    time.sleep(luck.uniform(0, 0.1))
    editing.edit(world.post(path), {key: word}, onto=opened, by=writer)
    done.note(world.collection.name, path, key, word)


def push(worlds: list[World], luck: random.Random, key: str, word: str, done: Done) -> None:
    """Somebody pushes, and the host's webhook asks for a sync."""
    world, path = luck.choice(worlds), place(luck.randrange(POSTS))
    world.remote.rewrite(path, lambda text: with_line(text, key, word))
    done.note(world.collection.name, path, key, word)
    ask_for_sync(world.collection)


def with_line(text: str, key: str, word: str) -> str:
    """`text` with another value of a key in its front matter."""
    lines = [line for line in text.split("\n") if not line.startswith(f"{key}: ")]
    return "\n".join([lines[0], f"{key}: {word}", *lines[1:]])


def come_to_rest(worlds: list[World]) -> None:
    """Every wake-up that there still is has been followed, and one more sync of each found nothing."""
    for _ in range(2):
        for world in worlds:
            ask_for_sync(world.collection)
        soon(lambda: not Sync.objects.filter(ended_at=None).exists(), 120)
    soon(lambda: not Post.objects.filter(pending=True).exists(), 30)


def nothing_was_lost(worlds: list[World], done: Done) -> None:
    """Every edit is in the history, the last of each kind is in git and here, and nothing clashed."""
    assert not Conflict.objects.exists()
    names = {world.collection.name: world for world in worlds}
    for name, world in names.items():
        files = {path: text.decode() for path, text in world.remote.files().items()}
        for path in files:
            texts = Revision.objects.filter(post=world.post(path)).values_list("text", flat=True)
            told = set("\n".join(texts).split("\n"))
            mine = [(key, word) for of, at, key, word in done.words if (of, at) == (name, path) and key in KEYS]
            assert [word for key, word in mine if f"{key}: {word}" not in told] == []
        for (of, path, key), word in done.last.items():
            if of == name:
                assert f"\n{key}: {word}\n" in files[path]
                assert getattr(world.post(path), key) == word
        sent = [line for line in world.remote.log_patch().split("\n") if line.startswith("+") and ": 字" in line]
        assert proofs.twice(sent) == []


def deadlocks() -> int:
    """How often PostgreSQL had to end one of two transactions that waited for each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])
