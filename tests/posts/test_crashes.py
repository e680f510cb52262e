"""A worker is killed at every step of a sync, and at any moment: the next one ends as if nothing had happened.

Each named step kills a process that does the run by the task's own function; some of them a whole Celery worker. The
process after it is this one, but for the Celery workers, which are followed by one of their kind.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.contrib.auth.models import User

from posts import editing, tasks
from posts.illustrating import add_image
from posts.models import Conflict, Image, Post, Revision, Sync
from posts.runs import wake_forgotten
from posts.syncing import sync
from posts.waking import ask_for_sync
from tests.posts import proofs
from tests.posts.killing import STEPS
from tests.posts.pictures import png
from tests.posts.test_worker import soon
from tests.posts.worlds import World, person, post_text
from tests.servers import ROOT, celery_worker

LONG_AGO = "2020-01-01T00:00Z"
BY_HOOK = "while the remote takes the push"
WITH_CELERY = ["after the first batch", "in the middle of saving", BY_HOOK, "push answered"]
KILLS = int(os.environ.get("SOAK_KILLS", "6"))


def path(number: int | str) -> str:
    """Where the post with this number is."""
    return f"src/posts/p{number}.md"


class Story:
    """The same events in every world: edits here, pushes there, a sync, perhaps more of both, and another sync."""

    def __init__(self, folder: Path, name: str, writer: User) -> None:
        self.world = World(folder, name, media_folder="src/assets/images", media_url="/assets/images")
        self.writer = writer
        self.world.remote.git("config", "receive.denyNonFastForwards", "true")

    def before(self) -> None:
        """Ten posts on both sides, then edits here and pushes there."""
        remote = self.world.remote
        add_image(self.world.collection, png(), "图.png", by=self.writer)
        remote.commit({path(n): post_text(f"题{n}", body=f"第{n}篇。\n\n后面还有。\n") for n in range(10)})
        self.world.sync(Sync.State.DONE)
        self.edit(0, title="改零")
        self.edit(1, title="改一")
        self.edit(2, guest="客二", body="![图](/assets/images/tu.png)\n")
        others = {path(n): post_text(f"题{n}", body=f"第{n}篇，别人改过。\n") for n in range(3, 7)}
        others[path(1)] = remote.read(path(1)).decode().replace("本期节目", "别人的摘要")
        remote.commit({**others, path(9): None, path("new"): post_text("新来的")})
        remote.rename(path(8), path("8-renamed"))

    def between(self) -> None:
        """One more edit, of a text that was perhaps on its way, and a push on top of what has perhaps arrived."""
        self.edit(0, title="又改零")
        self.edit(7, guest="客七")
        self.world.remote.rewrite(path(0), lambda text: text.replace("本期节目", "后来的摘要"))

    def edit(self, number: int, body: str | None = None, **changes: str) -> None:
        """Somebody saves a post."""
        editing.edit(self.world.post(path(number)), changes, body=body, by=self.writer)

    def end(self) -> tuple[dict[str, bytes], list[tuple[object, ...]]]:
        """What there is at the end: the remote's files, and the posts with all that is known of them."""
        seen = ["path", "state", "title", "guest", "summary", "live"]
        facts = [*seen, "pending", "git_path", "git_blob", "cleared__blob"]
        posts = Post.objects.filter(collection=self.world.collection).order_by("path").values_list(*facts)
        return self.world.remote.files(), list(posts)


_ENDS: dict[bool, object] = {}


def end_without_a_kill(folder: Path, writer: User, edited_between: bool) -> object:
    """How the story ends where nobody dies; told once."""
    if edited_between not in _ENDS:
        story = Story(folder, "twin", writer)
        story.before()
        story.world.sync(Sync.State.DONE)
        if edited_between:
            story.between()
        story.world.sync()
        proofs.at_rest(story.world)
        _ENDS[edited_between] = story.end()
    return _ENDS[edited_between]


@contextmanager
def killing(environment: dict[str, str], *arguments: str, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process of `tests.posts.killing`, the leader of a group of its own."""
    settings = {"DJANGO_SETTINGS_MODULE": "cms.settings.test", **environment, **more}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.posts.killing", *arguments],
        cwd=ROOT,
        env={**os.environ, **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def arm(story: Story, step: str, folder: Path) -> dict[str, str]:
    """What a process must be told to die at `step`; for one of them the remote's hook does the killing."""
    group_file = folder / "group"
    if step == BY_HOOK:
        story.world.remote.hook("post-receive", f"kill -s KILL -- -$(cat '{group_file}')")
    return {"KILL_AT": step, "KILL_GROUP_FILE": str(group_file)}


def disarm(story: Story) -> None:
    """The remote kills nobody any more."""
    (story.world.remote.folder / "hooks" / "post-receive").unlink(missing_ok=True)


def lease_ran_out() -> None:
    """As much time passes as the sweeper waits for a worker that says nothing."""
    Sync.objects.filter(state=Sync.State.RUNNING).update(lease_until=LONG_AGO)


def sweep_until_all_has_ended() -> None:
    """What beat does, with less time between: a dead worker's lock may live a moment longer than the worker."""
    until, swept = time.monotonic() + 40, 0.0
    while Sync.objects.filter(ended_at=None).exists():
        assert time.monotonic() < until
        if time.monotonic() - swept > 5:
            lease_ran_out()
            wake_forgotten()
            swept = time.monotonic()
        time.sleep(0.05)


def all_is_well(story: Story, edited_between: bool) -> None:
    """At rest, and every change in exactly one commit."""
    proofs.at_rest(story.world)
    proofs.no_text_was_stored_twice(story.world)
    patches = story.world.remote.log_patch().splitlines()
    assert [patches.count(f"+title: {title}") for title in ("改一", "题3")] == [1, 1]
    assert [patches.count(f"+guest: {guest}") for guest in ("客二", "客七")] == [1, int(edited_between)]
    first, second = patches.count("+title: 改零"), patches.count("+title: 又改零")
    assert (first, second) in ([(0, 1), (1, 1)] if edited_between else [(1, 0)])
    with_image = story.world.remote.git("log", "--format=%x00", "--name-only", "main", "--", "src/assets").decode()
    assert with_image.count("src/assets/images/tu.png") == 1
    assert not Image.objects.waiting().exists()
    told = Revision.objects.filter(post__path=path(0)).values_list("text", flat=True)
    assert any("title: 改零\n" in text for text in told)


@pytest.mark.once
@pytest.mark.parametrize("step", STEPS)
def test_a_worker_killed_at_a_step_leaves_nothing_behind(
    step: str, worker_environment: dict[str, str], tmp_path: Path
) -> None:
    writer = person("wen", "Writer")
    edited_between = list(STEPS).index(step) % 2 == 0 or step == BY_HOOK
    expected = end_without_a_kill(tmp_path, writer, edited_between)
    story = Story(tmp_path, "site", writer)
    story.before()
    run = ask_for_sync(story.world.collection)
    with killing(worker_environment, str(run.pk), **arm(story, step, tmp_path)) as process:
        words = process.communicate(timeout=60)[1].decode()
        assert process.returncode == -signal.SIGKILL, words
    disarm(story)
    if edited_between:
        story.between()
    lease_ran_out()
    tasks.sync(run.pk)
    run.refresh_from_db()
    assert run.state in (Sync.State.DONE, Sync.State.NOTHING_NEW), (run.error_code, run.error_facts)
    story.world.sync()
    assert story.end() == expected
    all_is_well(story, edited_between)


@pytest.mark.parametrize("step", WITH_CELERY)
def test_a_celery_worker_killed_at_a_step_is_followed_by_another_one(
    step: str, worker_environment: dict[str, str], tmp_path: Path
) -> None:
    writer = person("wen", "Writer")
    edited_between = step in WITH_CELERY[::2]
    expected = end_without_a_kill(tmp_path, writer, edited_between)
    story = Story(tmp_path, "site", writer)
    story.before()
    environment = worker_environment | arm(story, step, tmp_path)
    with celery_worker(environment, tmp_path / "first.log", "tests.posts.killing") as worker:
        run = ask_for_sync(story.world.collection)
        assert worker.process.wait(30) == -signal.SIGKILL, worker.log.read_text()
    disarm(story)
    if edited_between:
        story.between()
    with celery_worker(worker_environment, tmp_path / "second.log", "tests.posts.killing"):
        # First what waits: while anybody is at work on the collection, the sweeper takes no run for dead. Which run was
        # killed depends on who asked first, the edits or we.
        soon(lambda: not Sync.objects.filter(state=Sync.State.WAITING).exists())
        sweep_until_all_has_ended()
    run.refresh_from_db()
    assert run.state in (Sync.State.DONE, Sync.State.NOTHING_NEW), (run.error_code, run.error_facts)
    story.world.sync()
    assert story.end() == expected
    all_is_well(story, edited_between)


def test_workers_killed_at_any_moment_lose_and_double_nothing(
    worker_environment: dict[str, str], tmp_path: Path
) -> None:
    writer = person("wen", "Writer")
    luck = random.Random(os.environ.get("SOAK_SEED", "evergreen"))
    world = World(tmp_path, "site")
    world.remote.git("config", "receive.denyNonFastForwards", "true")
    world.remote.commit({path(n): post_text(f"题{n}") for n in range(8)})
    world.sync(Sync.State.DONE)
    edits: dict[int, list[str]] = {n: [] for n in range(8)}
    pushes: dict[int, str] = {}
    for kill in range(KILLS):
        with killing(worker_environment) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            until = time.monotonic() + luck.uniform(0, 0.8)
            while time.monotonic() < until:
                happens(world, luck, writer, edits, pushes)
            os.killpg(process.pid, signal.SIGKILL)
            assert process.wait(10) == -signal.SIGKILL
        if kill % 2:
            happens(world, luck, writer, edits, pushes)
        if kill % 25 == 9 or kill == KILLS - 1:
            come_to_rest(world)
            nothing_was_lost(world, edits, pushes)
            print(f"random kills: {kill + 1} of {KILLS}, {sum(map(len, edits.values()))} edits", flush=True)
    assert sum(map(len, edits.values())) >= KILLS


def happens(
    world: World, luck: random.Random, writer: User, edits: dict[int, list[str]], pushes: dict[int, str]
) -> None:
    """An edit here or a push there, each with words that nobody else uses; they never clash."""
    number = luck.randrange(8)
    word = f"第{sum(map(len, edits.values()))}-{luck.randrange(10**9)}次"
    if luck.random() < 0.7:
        editing.edit(world.post(path(number)), {"title": word}, by=writer)
        edits[number].append(word)
    else:
        summary = f"summary: {word}\n"
        world.remote.rewrite(path(number), lambda text: f"{text.partition('summary:')[0]}{summary}{rest(text)}")
        pushes[number] = word
    time.sleep(luck.uniform(0, 0.1))


def rest(text: str) -> str:
    """What comes after the line of the summary."""
    return text.partition("summary:")[2].partition("\n")[2]


def come_to_rest(world: World) -> None:
    """What died is done again as the sweeper would, and then there is nothing left to do."""
    lease_ran_out()
    for run in Sync.objects.filter(ended_at=None).order_by("pk"):
        Sync.objects.filter(pk=run.pk).update(attempts=0)
        tasks.sync(run.pk)
    state = sync(world.collection).state
    assert state in (Sync.State.DONE, Sync.State.NOTHING_NEW)
    sync(world.collection)


def nothing_was_lost(world: World, edits: dict[int, list[str]], pushes: dict[int, str]) -> None:
    """Every edit is in the history, the last ones are in git, and none is in two commits."""
    proofs.at_rest(world)
    assert not Conflict.objects.exists()
    files = {name: text.decode() for name, text in world.remote.files().items()}
    sent = [line for line in world.remote.log_patch().splitlines() if line.startswith("+title: ")]
    assert proofs.twice(sent) == []
    for number, words in edits.items():
        told = "\0".join(Revision.objects.filter(post__path=path(number)).values_list("text", flat=True))
        assert [word for word in words if f"title: {word}\n" not in told] == []
        assert not words or f"title: {words[-1]}\n" in files[path(number)]
    for number, word in pushes.items():
        assert f"summary: {word}\n" in files[path(number)]
