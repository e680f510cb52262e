"""Syncs that wait, hang, go round again and are stopped: real git, real locks, threads with own connections."""

import datetime
import shlex
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone
from pytest_django.fixtures import Settings

from posts import editing
from posts.locking import sole_writer
from posts.models import Collection, Departure, Post, Revision, Sync
from posts.runs import claim, request_stop
from posts.syncing import perform_sync
from posts.waking import ask_for_sync
from tests.posts.test_git import ends_soon, is_alive
from tests.posts.worlds import World, post_text

PATH = "src/posts/a.md"


@pytest.fixture
def site(transactional_db: None, world: World) -> World:
    """A collection with one post, synced, in a database that other threads see."""
    world.remote.push(PATH, post_text())
    world.sync(Sync.State.DONE)
    return world


@contextmanager
def at_work(world: World) -> Iterator[tuple[Sync, threading.Thread]]:
    """A sync in a thread of its own, as a worker does it; it has ended when the block is over."""
    asked = ask_for_sync(world.collection)
    assert asked is not None
    run = claim(asked.pk)
    assert run is not None

    def work() -> None:
        try:
            perform_sync(run)
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield run, thread
    finally:
        thread.join(30)
        assert not thread.is_alive()


def soon(true: Callable[[], bool]) -> None:
    """Wait until something is so; fail if it never is."""
    until = time.monotonic() + 20
    while not true():
        assert time.monotonic() < until
        time.sleep(0.05)


def stopped(run: Sync, thread: threading.Thread) -> float:
    """Ask `run` to stop; give the seconds until its worker was free."""
    request_stop(run)
    started = time.monotonic()
    thread.join(20)
    return time.monotonic() - started


def hanging_remote(world: World, settings: Settings, folder: Path, service: str) -> Path:
    """Reach the remote through an ssh that hangs in `service` ("upload-pack", "receive-pack"); gives its pid file."""
    script, pid = folder / "ssh", folder / "pid"
    script.write_text(
        '[ "$1" = -G ] && exit 0\n'
        f'case "$*" in *{service}*) echo $$ > {pid}; exec sleep 60;; esac\n'
        f'case "$*" in *upload-pack*) exec git upload-pack {shlex.quote(world.remote.url)};; esac\n'
        f"exec git receive-pack {shlex.quote(world.remote.url)}\n"
    )
    settings.GIT_ENVIRONMENT = {"GIT_SSH_COMMAND": f"sh {shlex.quote(str(script))}"}
    Collection.objects.filter(pk=world.collection.pk).update(url="ssh://git@example.org/posts.git")
    world.collection.refresh_from_db()
    return pid


def healed(world: World, settings: Settings) -> Sync:
    """The next sync, once the remote answers again."""
    settings.GIT_ENVIRONMENT = {}
    Collection.objects.filter(pk=world.collection.pk).update(url=world.remote.url)
    return world.sync()


@pytest.mark.parametrize("service", ["upload-pack", "receive-pack"])
def test_a_stop_ends_within_two_seconds_a_git_that_hangs(
    service: str, site: World, writer: User, settings: Settings, tmp_path: Path
) -> None:
    editing.edit(site.post(PATH), {"title": "一"}, by=writer)
    Sync.objects.filter(state=Sync.State.WAITING).delete()
    pid = hanging_remote(site, settings, tmp_path, service)
    with at_work(site) as (run, thread):
        soon(lambda: pid.exists() and bool(pid.read_text().strip()))
        assert stopped(run, thread) < 2
    run.refresh_from_db()
    assert (run.state, run.error_code, run.lease_until) == (Sync.State.STOPPED, "", None)
    assert ends_soon(lambda: not is_alive(int(pid.read_text())))
    assert Departure.objects.count() == (service == "receive-pack")
    assert healed(site, settings).state == Sync.State.DONE
    assert [line for line in site.remote.log() if line.startswith("Edit")] == ["Edit 一"]


def test_a_push_that_was_stopped_after_it_landed_is_known_to_have_arrived(
    site: World, writer: User, settings: Settings, tmp_path: Path
) -> None:
    editing.edit(site.post(PATH), {"title": "一"}, by=writer)
    Sync.objects.filter(state=Sync.State.WAITING).delete()
    landed = tmp_path / "landed"
    site.remote.hook("post-receive", f"touch {landed}\nexec sleep 60 >/dev/null 2>&1")
    with at_work(site) as (run, thread):
        soon(landed.exists)
        assert stopped(run, thread) < 2
    site.remote.hook("post-receive", "true")
    site.remote.push(PATH, post_text(), message="Revert")
    run = site.sync(Sync.State.DONE)
    assert list(run.outcomes.order_by("pk").values_list("result", flat=True)) == ["sent", "changed"]
    assert site.remote.log()[:2] == ["Revert", "Edit 一"]
    assert Revision.objects.filter(post=site.post(PATH)).count() == 3


def test_a_second_sync_waits_is_shown_as_waiting_and_goes_on_when_the_first_has_ended(site: World) -> None:
    with sole_writer(site.collection, wait=0):
        holder = at_work(site)
        run, _ = holder.__enter__()
        soon(lambda: Sync.objects.filter(pk=run.pk, step=Sync.Step.WAIT).exists())
        time.sleep(0.3)
        assert Sync.objects.filter(pk=run.pk, state=Sync.State.RUNNING, step=Sync.Step.WAIT).exists()
    holder.__exit__(None, None, None)
    run.refresh_from_db()
    assert run.state == Sync.State.NOTHING_NEW
    assert [each["step"] for each in run.steps] == ["wait", "fetch"]
    began = [datetime.datetime.fromisoformat(each["at"]) for each in run.steps]
    assert began[1] - began[0] >= datetime.timedelta(seconds=0.3)


def test_a_sync_that_waits_for_another_one_can_be_stopped(site: World) -> None:
    with sole_writer(site.collection, wait=0), at_work(site) as (run, thread):
        soon(lambda: Sync.objects.filter(pk=run.pk, step=Sync.Step.WAIT).exists())
        assert stopped(run, thread) < 2
        run.refresh_from_db()
        assert run.state == Sync.State.STOPPED


def test_whoever_waits_or_hangs_keeps_the_lease(site: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("posts.runs._RENEW_EVERY", 0.1)
    with sole_writer(site.collection, wait=0), at_work(site) as (run, thread):
        soon(lambda: Sync.objects.filter(pk=run.pk, step=Sync.Step.WAIT).exists())
        Sync.objects.filter(pk=run.pk).update(lease_until="2020-01-01T00:00Z")
        soon(lambda: Sync.objects.filter(pk=run.pk, lease_until__gt=timezone.now()).exists())
        stopped(run, thread)


def test_others_who_always_push_first_end_it_after_a_bound_and_the_next_one_sends_all(
    site: World, writer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("posts.syncing._BACK_OFF_SECONDS", 0.01)
    editing.edit(site.post(PATH), {"title": "改"}, by=writer)
    site.remote.hook(
        "pre-receive",
        "unset GIT_QUARANTINE_PATH\n"
        "git -c user.name=X -c user.email=x@x commit-tree 'main^{tree}' -p main -m Between > sha\n"
        "git update-ref refs/heads/main $(cat sha)\n",
    )
    run = site.sync(Sync.State.FAILED)
    assert run.error_code == "push_rejected"
    assert site.remote.log().count("Between") == 6
    assert [each["step"] for each in run.steps].count("export") == 6
    site.remote.hook("pre-receive", "true")
    site.sync(Sync.State.DONE)
    assert site.remote.log().count("Edit 改") == 1
    site.remote.check()


def test_the_steps_say_when_they_began_and_how_many_files_they_did(site: World, writer: User) -> None:
    editing.edit(site.post(PATH), {"title": "改"}, by=writer)
    site.remote.commit({f"src/posts/{name}.md": post_text(name) for name in "xyz"})
    run = site.sync(Sync.State.DONE)
    assert [(each["step"], each["done"]) for each in run.steps] == [("fetch", 0), ("import", 3), ("export", 1)]
    began = [each["at"] for each in run.steps]
    assert began == sorted(began)
    assert Post.objects.count() == 4


def test_a_long_fetch_says_how_far_it_is(site: World, settings: Settings, tmp_path: Path) -> None:
    script, told = tmp_path / "slow", tmp_path / "told"
    script.write_text(
        '[ "$1" = -G ] && exit 0\n'
        "printf 'Receiving objects:  10%% (1/9)\\r' >&2; sleep 1.5\n"
        f"until test -e {told}; do printf 'Receiving objects:  40%% (4/9)\\r' >&2; sleep 0.2; done\n"
        f"exec git upload-pack {shlex.quote(site.remote.url)}\n"
    )
    settings.GIT_ENVIRONMENT = {"GIT_SSH_COMMAND": f"sh {shlex.quote(str(script))}"}
    Collection.objects.update(url="ssh://git@example.org/posts.git")
    site.collection.refresh_from_db()
    with at_work(site) as (run, _):
        soon(lambda: Sync.objects.filter(pk=run.pk, step=Sync.Step.FETCH, done=40, total=100).exists())
        told.touch()
    run.refresh_from_db()
    assert run.state == Sync.State.NOTHING_NEW
    assert run.steps[-1]["done"] == 0
