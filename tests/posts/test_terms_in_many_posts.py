"""The most used organisation of a corpus, renamed, merged and undone: exact lines, one commit, and every byte back.

SOAK_POSTS says how many posts (`make soak`).
"""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from posts import bulk, tasks
from posts.models import BulkPost, BulkStep, Outcome, Post, Sync
from posts.retagging import propose_merge, propose_rename
from taxonomy.models import Organisation
from tests.corpus.make_corpus import Maker, plain
from tests.posts.test_crashes import killing, lease_ran_out
from tests.posts.worlds import World, person

POSTS = int(os.environ.get("SOAK_POSTS", "40"))
KEY, ITEM = b"companies_orgs:", b"- "
NEW_NAME = "改名后的机构"
PARAGRAPH = "\n推送来的一段。\n".encode()

Change = Callable[[list[str]], Sequence[str | None]]
"""What becomes of the names of one list; None where the line goes."""


def corpus() -> dict[str, bytes]:
    """The files."""
    maker = Maker(5, 0.05, 0.0)
    return {f"src/posts/{day.year}/{number}.md": data for number in range(POSTS) for day, _, data in [maker.post()]}


def names_in(data: bytes) -> list[str]:
    """The organisations that a file lists, by reading its lines."""
    _, names = _listed(data.split(b"\n"))
    return names


def changed(data: bytes, change: Change) -> bytes:
    """A file with `change` made to its organisations, as one would with an editor: on their lines alone."""
    lines = data.split(b"\n")
    at, names = _listed(lines)
    for place, (old, new) in reversed(list(enumerate(zip(names, change(names), strict=True), at))):
        if new is None:
            del lines[place]
        else:
            lines[place] = lines[place].replace(plain(old).encode(), plain(new).encode())
    return b"\n".join(lines)


def _listed(lines: list[bytes]) -> tuple[int, list[str]]:
    at = next((number for number, line in enumerate(lines, 1) if line.startswith(KEY)), len(lines))
    names = []
    for line in lines[at:]:
        if not line.strip().startswith(ITEM):
            break
        text = line.strip().removeprefix(ITEM).decode()
        names.append(text[1:-1].replace("''", "'") if text.startswith("'") else text)
    return at, names


def renamed(old: str) -> Change:
    """The new name in the place of `old`."""
    return lambda names: [NEW_NAME if name == old else name for name in names]


def merged(old: str, into: str) -> Change:
    """`into` in the place of `old`; where both are, the first place counts and the other line goes."""

    def change(names: list[str]) -> Sequence[str | None]:
        both = [name for name in names if name in (old, into)]
        kept = names.index(both[0]) if both else -1
        return [into if at == kept else None if name in both else name for at, name in enumerate(names)]

    return lambda names: change(names) if old in names else names


def finish(step: BulkStep | None, run: Sync) -> None:
    """The run done by a worker, and what is live released by somebody else."""
    assert step is not None
    tasks.bulk(run.pk)
    run.refresh_from_db()
    assert run.state == Sync.State.TO_RELEASE, (run.state, run.error_code)
    release(step)


def release(step: BulkStep) -> None:
    run = bulk.release(BulkStep.objects.get(pk=step.pk), by=person(f"pan{step.pk}", "Publisher"))
    tasks.bulk(run.pk)
    run.refresh_from_db()
    assert run.state == Sync.State.DONE, (run.state, list(Outcome.objects.filter(sync=run).exclude(code="")[:5]))


@pytest.mark.once
def test_the_most_used_organisation_is_renamed_merged_and_undone_to_the_byte(
    worker_environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 0)
    world, curator = World(tmp_path), person("cai", "Curator")
    before = corpus()
    world.remote.commit(before)
    world.sync("done")
    assert Post.objects.filter(live=True).count() > POSTS / 10
    uses = Counter(name for data in before.values() for name in names_in(data))
    (old, used), (into, _) = uses.most_common(2)
    having = {path for path, data in before.items() if old in names_in(data)}
    assert used == len(having) > POSTS / 10
    clock = Clock()

    # Renamed by a worker that is killed in the middle; meanwhile somebody pushes, to some of the same files, too.
    step = propose_rename(Organisation.objects.get(name=old), NEW_NAME, by=curator)
    assert step is not None and BulkPost.objects.filter(step=step).count() == used
    run = bulk.start(step, by=curator)
    with killing(worker_environment, str(run.pk), KILL_AT="in the middle of a part") as process:
        words = process.communicate(timeout=60)[1].decode()
        assert process.returncode == -signal.SIGKILL, words
    assert 0 < Outcome.objects.filter(sync=run).count() < used
    pushed = {path: data + PARAGRAPH for path, data in before.items() if data.endswith(b"\n") and b"\r" not in data}
    pushed = {path: pushed[path] for path in sorted(pushed)[:: max(1, len(pushed) // 20)]}
    assert having & set(pushed) and set(pushed) - having
    world.remote.commit(pushed)
    lease_ran_out()
    finish(step, run)
    clock.tell("renamed")
    now = world.sync()
    clock.tell("sent")
    there = before | pushed
    expected = {path: changed(data, renamed(old)) for path, data in there.items()}
    assert_same(world.remote.files(), expected)
    assert {path for path in expected if expected[path] != there[path]} == having
    assert now.state == Sync.State.DONE
    assert len(world.remote.log()) == 3, world.remote.log("%an %ad %s %b")
    assert Organisation.objects.get(name=old).alias_of == Organisation.objects.get(name=NEW_NAME)

    undo = bulk.propose_undo(BulkStep.objects.get(pk=step.pk), by=curator)
    finish(undo, bulk.start(undo, by=curator))
    world.sync("done")
    clock.tell("undone and sent")
    assert_same(world.remote.files(), there)
    assert len(world.remote.log()) == 4

    step = propose_merge(Organisation.objects.get(name=old), Organisation.objects.get(name=into), by=curator)
    assert step is not None
    finish(step, bulk.start(step, by=curator))
    world.sync("done")
    clock.tell("merged and sent")
    assert_same(world.remote.files(), {path: changed(data, merged(old, into)) for path, data in there.items()})
    assert len(world.remote.log()) == 5
    assert Organisation.objects.get(name=old).alias_of == Organisation.objects.get(name=into)

    undo = bulk.propose_undo(BulkStep.objects.get(pk=step.pk), by=curator)
    finish(undo, bulk.start(undo, by=curator))
    world.sync("done")
    clock.tell("undone and sent")
    assert_same(world.remote.files(), there)
    assert len(world.remote.log()) == 6
    assert Organisation.objects.get(name=old).alias_of is None
    assert world.disagreements() == []
    clock.tell("compared")


def assert_same(there: Mapping[str, bytes], expected: Mapping[str, bytes]) -> None:
    """The same files; if not, the first that differs is shown, and not ten thousand."""
    assert set(there) == set(expected)
    for path, data in expected.items():
        assert there[path] == data, path


class Clock:
    """Tells how long each part took, where that is of interest."""

    def __init__(self) -> None:
        self._at = time.monotonic()

    def tell(self, words: str) -> None:
        now = time.monotonic()
        if "SOAK_POSTS" in os.environ:
            print(f"{words}: {now - self._at:.0f} s", flush=True)
        self._at = now
