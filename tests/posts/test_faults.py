"""What goes wrong around a sync: it ends in a clear state, and heals by itself when the cause is gone."""

import datetime
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from posts import editing, fields, syncing
from posts.alerts import OF_SYNC, Code, current_alerts
from posts.document.document import Document
from posts.fields import Reading
from posts.git import CODES, Repository
from posts.locking import repository_of
from posts.models import Collection, Conflict, Post, Problem, Sync
from posts.reviewing import perform
from posts.runs import ask_for_due_syncs, claim, wake_forgotten
from posts.syncing import perform_sync, sync
from posts.waking import ask_for_sync
from posts.wording import WORDINGS
from posts.workflow import Transition
from tests.posts.git_servers import WebServer, web_server
from tests.posts.worlds import World, person, post_text

PATH = "src/posts/a.md"
OTHER = "src/posts/b.md"


def ended_clearly(run: Sync, code: str) -> None:
    """`run` failed with `code`, for which there are words for people."""
    assert (run.state, run.error_code) == (Sync.State.FAILED, code), run.error_facts
    assert run.ended_at is not None
    assert code in CODES
    assert code in WORDINGS


# --- What Evergreen itself cannot take


def test_a_post_dated_at_the_end_of_all_years_comes_in_and_may_be_published(
    world: World, writer: User, publisher: User
) -> None:
    world.remote.push(PATH, post_text("一", draft="false").replace("2026-02-13", "9999-12-31"))
    world.remote.push(OTHER, post_text("二").replace("2026-02-13", "9999-06-01"))
    world.sync(Sync.State.DONE)
    assert world.post(PATH).review_by == datetime.date.max
    perform(world.post(OTHER), Transition.SUBMIT, by=writer)
    for step in (Transition.APPROVE, Transition.PUBLISH):
        perform(world.post(OTHER), step, by=publisher)
    assert world.post(OTHER).review_by == datetime.date.max


def broken_for(monkeypatch: pytest.MonkeyPatch, title: str) -> None:
    """A fault in our own reading of the posts called `title`."""

    def read(document: Document) -> Reading:
        reading = fields_read(document)
        if reading[0]["title"] == title:
            raise OverflowError("date value out of range")
        return reading

    fields_read = fields.read
    monkeypatch.setattr(fields, "read", read)


def test_a_file_that_we_have_a_fault_with_is_a_problem_and_stops_no_other(
    world: World, writer: User, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.remote.push(PATH, post_text("一"))
    world.remote.push(OTHER, post_text("二"))
    world.sync(Sync.State.DONE)
    editing.edit(world.post(OTHER), {"summary": "我们的摘要"}, by=writer)
    world.remote.push(PATH, post_text("一，改过"))
    world.remote.push(OTHER, post_text("坏"))
    world.remote.push("src/posts/c.md", post_text("坏"))
    with monkeypatch.context() as broken:
        broken_for(broken, "坏")
        run = world.sync(Sync.State.PARTLY)
        assert world.outcomes(run) == {PATH: "changed", OTHER: "problem", "src/posts/c.md": "problem"}
    assert world.post(PATH).title == "一，改过"
    # Nothing was written over: it is held with both texts, as a file that cannot be read.
    assert world.text_in_git(OTHER) == post_text("坏")
    assert world.post(OTHER).title == "二"
    assert dict(Problem.objects.values_list("path", "code")) == {OTHER: "our_fault", "src/posts/c.md": "our_fault"}
    conflict = Conflict.objects.get(post__path=OTHER)
    assert (conflict.kind, conflict.settled_at, conflict.unreadable) == ("unreadable", None, post_text("坏"))
    client.force_login(person("pia", "Publisher"))
    for page in (f"conflict/{conflict.pk}/change/", f"sync/{run.pk}/change/", "problem/"):
        answer = client.get(f"/admin/posts/{page}")
        assert answer.status_code == 200 and OTHER in answer.content.decode(), page
    # It is read again once it changes, and its problem goes.
    world.remote.push(OTHER, post_text("好"))
    world.remote.push("src/posts/c.md", post_text("三"))
    world.sync()
    assert world.post("src/posts/c.md").title == "三"
    assert not Problem.objects.exists()


@pytest.mark.parametrize("error", [BrokenPipeError(), ValueError("I/O operation on closed file")])
def test_whoever_watches_a_run_and_goes_away_stops_nothing(world: World, error: Exception) -> None:
    world.remote.push(PATH, post_text())

    def gone(_run: Sync) -> None:
        raise error

    run = sync(world.collection, progress=gone)
    assert (run.state, run.error_code, run.lease_until) == (Sync.State.DONE, "", None)
    assert world.post(PATH).cleared is not None
    assert Code.FAILED not in {alert.code for alert in current_alerts()}


def test_a_fault_of_ours_ends_the_run_and_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.remote.push(PATH, post_text())

    def broken(*_args: object, **_options: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(syncing, "check_brake", broken)
    with pytest.raises(ZeroDivisionError):
        world.sync()
    run = Sync.objects.get()
    assert (run.state, run.error_code, run.lease_until) == (Sync.State.FAILED, "our_fault", None)
    assert "ZeroDivisionError" in str(run.error_facts)
    assert run.error_code in WORDINGS
    assert Code.FAILED in {alert.code for alert in current_alerts()}


# --- The disk is full


@dataclass(frozen=True, slots=True)
class Disk:
    """A disk that a test can fill and clear again."""

    fill: Callable[[], None]
    clear: Callable[[], None]


@pytest.fixture
def disk(tmp_path: Path, var_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    """The disk of the mirrors: 2 MB of memory where we may mount them.

    Elsewhere (only root may) it is a git that fails at each start as a full disk makes it fail.
    """
    mirrors, filler = var_dir / "mirrors", var_dir / "mirrors" / "filler"
    mirrors.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", mirrors], capture_output=True)
    if mounted.returncode == 0:

        def fill() -> None:
            with filler.open("wb") as file, pytest.raises(OSError, match="No space left"):
                while True:
                    os.write(file.fileno(), b"\0" * 4096)

        try:
            yield Disk(fill, filler.unlink)
        finally:
            subprocess.run(["umount", "-l", mirrors], check=True)
        return
    folder, full = tmp_path / "bin", tmp_path / "full"
    folder.mkdir()
    (folder / "git").write_text(
        f"#!/bin/sh\n[ ! -e '{full}' ] || {{ echo 'fatal: write error: No space left on device' >&2; exit 128; }}\n"
        f'exec "{shutil.which("git")}" "$@"\n'
    )
    (folder / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    yield Disk(full.touch, full.unlink)


def long_text(word: str) -> str:
    """A post too long for a full disk, and that does not pack well."""
    return post_text(word, body="".join(f"{word}{n * n * 7919 % 1_000_003}。\n" for n in range(3000)))


def test_a_full_disk_while_fetching_keeps_everything_as_it_was_and_heals(
    disk: Disk, world: World, writer: User
) -> None:
    world.remote.push(PATH, post_text())
    world.sync(Sync.State.DONE)
    world.remote.push(OTHER, long_text("新"))
    disk.fill()
    ended_clearly(world.sync(), "disk_full")
    editing.edit(world.post(PATH), {"title": "磁盘满了"}, by=writer)
    ended_clearly(world.sync(), "disk_full")
    disk.clear()
    world.sync(Sync.State.DONE)
    assert world.post(OTHER).title == "新"
    assert "title: 磁盘满了\n" in world.text_in_git(PATH)
    assert world.disagreements() == []


def test_a_full_disk_while_committing_keeps_the_edit_pending_and_heals(disk: Disk, world: World, writer: User) -> None:
    world.remote.push(PATH, post_text())
    world.sync(Sync.State.DONE)
    editing.edit(world.post(PATH), {"title": "写不下"}, body=long_text("写")[500:], by=writer)
    disk.fill()
    ended_clearly(world.sync(), "disk_full")
    assert world.post(PATH).pending
    assert world.remote.log() == ["A commit"]
    disk.clear()
    world.sync(Sync.State.DONE)
    assert "title: 写不下\n" in world.text_in_git(PATH)
    assert world.remote.log() == ["Edit 写不下", "A commit"]
    assert world.disagreements() == []
    world.remote.check()


def test_a_disk_that_is_full_before_the_first_sync_heals_too(disk: Disk, world: World) -> None:
    world.remote.push(PATH, post_text())
    disk.fill()
    ended_clearly(world.sync(), "disk_full")
    disk.clear()
    world.sync(Sync.State.DONE)
    assert world.disagreements() == []


# --- The remote hangs, or answers rubbish


@pytest.fixture
def web(tmp_path: Path) -> Iterator[WebServer]:
    """A web server for the world's repository."""
    with web_server(tmp_path) as server:
        yield server


@pytest.fixture
def world_on_the_web(world: World, web: WebServer) -> World:
    """A world with one post, synced once, whose remote is behind the web server."""
    world.collection.url = web.url("site.git")
    world.collection.save()
    world.remote.push(PATH, post_text())
    world.sync(Sync.State.DONE)
    return world


@pytest.fixture
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten minutes of silence are one second."""
    monkeypatch.setitem(Repository.__init__.__kwdefaults__, "timeout", 1.0)


@pytest.mark.usefixtures("short_patience")
def test_a_remote_that_hangs_is_waited_for_so_long_and_no_longer(
    world_on_the_web: World, web: WebServer, writer: User
) -> None:
    world = world_on_the_web
    web.fault = "hang"
    editing.edit(world.post(PATH), {"title": "等一等"}, by=writer)
    ended_clearly(world.sync(), "timeout")
    # Nothing of it is left behind: neither the lock nor a process, though a process that was killed may take a moment.
    with repository_of(world.collection).locked(wait=10):
        pass
    web.fault = ""
    world.sync(Sync.State.DONE)
    assert world.remote.log() == ["Edit 等一等", "A commit"]
    assert world.disagreements() == []


@pytest.mark.parametrize(
    ("fault", "code"), [("garbage", "no_repository"), ("nothing", "rubbish_answer"), ("torn pack", "unreachable")]
)
def test_a_remote_that_answers_rubbish_changes_nothing(
    world_on_the_web: World, web: WebServer, writer: User, fault: str, code: str
) -> None:
    world = world_on_the_web
    editing.edit(world.post(PATH), {"title": "乱码之后"}, by=writer)
    world.remote.push(OTHER, long_text("别"))
    web.fault = fault
    ended_clearly(world.sync(), code)
    assert not Post.objects.filter(path=OTHER).exists()
    assert world.post(PATH).pending
    web.fault = ""
    world.sync(Sync.State.DONE)
    assert world.post(OTHER).title == "别"
    assert "title: 乱码之后\n" in world.text_in_git(PATH)
    assert world.disagreements() == []
    world.remote.check()


@pytest.mark.parametrize("edited_again", [False, True])
def test_an_answer_to_a_push_that_was_lost_makes_no_second_commit(
    world_on_the_web: World, web: WebServer, writer: User, edited_again: bool
) -> None:
    world = world_on_the_web
    editing.edit(world.post(PATH), {"title": "送到了"}, by=writer)
    web.fault = "no answer to a push"
    ended_clearly(world.sync(), "unreachable")
    assert world.remote.log() == ["Edit 送到了", "A commit"]
    web.fault = ""
    if edited_again:
        editing.edit(world.post(PATH), {"title": "又改了"}, by=writer)
    world.sync()
    assert world.remote.log() == [*(["Edit 又改了"] if edited_again else []), "Edit 送到了", "A commit"]
    assert not world.post(PATH).pending
    assert world.disagreements() == []


# --- Others push all the time


def test_a_run_that_others_kept_getting_ahead_of_raises_an_alert_and_the_next_one_heals_it(
    world: World, writer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.remote.push(PATH, post_text())
    world.sync(Sync.State.DONE)
    editing.edit(world.post(PATH), {"title": "要等一等"}, by=writer)
    rounds, push = [], Repository.push

    def too_late(self: Repository, commit: str) -> None:
        rounds.append(world.remote.push(OTHER, post_text(f"又推{len(rounds)}")))
        push(self, commit)

    with monkeypatch.context() as patched:
        patched.setattr(syncing, "_BACK_OFF_SECONDS", 0.001)
        patched.setattr(Repository, "push", too_late)
        ended_clearly(world.sync(), "push_rejected")
    assert len(rounds) == 6
    (alert,) = [alert for alert in current_alerts() if alert.code in OF_SYNC]
    assert (alert.code, alert.count, [str(post) for post in alert.posts]) == (Code.REJECTED, 1, ["要等一等"])
    Sync.objects.filter(state=Sync.State.WAITING).delete()
    ask_for_sync(world.collection)
    next_one = claim(Sync.objects.get(state=Sync.State.WAITING).pk)
    assert next_one is not None
    assert perform_sync(next_one).state == Sync.State.DONE
    assert not [alert for alert in current_alerts() if alert.code in OF_SYNC]
    assert "title: 要等一等\n" in world.text_in_git(PATH)
    assert world.post(OTHER).title == "又推5"
    assert world.remote.log().count("Edit 要等一等") == 1


# --- The server's hook refuses


def test_a_hook_that_refuses_is_quoted_and_holds_up_nothing_else(world: World, writer: User, tmp_path: Path) -> None:
    elsewhere = World(tmp_path, "elsewhere")
    for each in (world, elsewhere):
        each.remote.push(PATH, post_text())
        each.sync(Sync.State.DONE)
    world.remote.hook("pre-receive", "echo 'Nobody pushes on a Sunday, 明天再来.' >&2; exit 1")
    for each in (world, elsewhere):
        editing.edit(each.post(PATH), {"title": "星期天"}, by=writer)
    world.remote.push(OTHER, post_text("照样进来"))
    run = world.sync()
    ended_clearly(run, "push_refused")
    assert "Nobody pushes on a Sunday, 明天再来." in run.error_facts["words"]
    assert world.post(OTHER).title == "照样进来"
    elsewhere.sync(Sync.State.DONE)
    assert "title: 星期天\n" in elsewhere.text_in_git(PATH)
    editing.edit(world.post(PATH), {"guest": "客"}, by=writer)
    ended_clearly(world.sync(), "push_refused")
    (world.remote.folder / "hooks" / "pre-receive").unlink()
    world.sync(Sync.State.DONE)
    assert "title: 星期天\n" in world.text_in_git(PATH)
    assert world.remote.log() == ["Edit 星期天", "A commit", "A commit"]
    assert world.disagreements() == []


# --- The clock is set back


@pytest.fixture
def set_back(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """A function that sets our clock back an hour."""
    now = timezone.now

    def back() -> None:
        monkeypatch.setattr("django.utils.timezone.now", lambda: now() - datetime.timedelta(hours=1))

    return back


def test_edits_before_and_after_the_clock_was_set_back_all_leave_in_their_order(
    world: World, writer: User, set_back: Callable[[], None]
) -> None:
    world.remote.commit({PATH: post_text("一"), OTHER: post_text("二")})
    world.sync(Sync.State.DONE)
    editing.edit(world.post(PATH), {"title": "先"}, by=writer)
    editing.edit(world.post(OTHER), {"guest": "早"}, by=writer)
    set_back()
    editing.edit(world.post(PATH), {"title": "后"}, by=writer)
    world.sync(Sync.State.DONE)
    editing.edit(world.post(PATH), {"guest": "最后"}, by=writer)
    world.remote.push(OTHER, world.text_in_git(OTHER).replace("title: 二", "title: 别人改的"))
    world.sync(Sync.State.DONE)
    assert "title: 后\n" in world.text_in_git(PATH)
    assert "guest: 最后\n" in world.text_in_git(PATH)
    assert (world.post(OTHER).title, world.post(OTHER).guest) == ("别人改的", "早")
    assert not Post.objects.filter(pending=True).exists()
    assert world.disagreements() == []
    world.remote.check()


def test_a_sync_that_was_going_on_when_the_clock_was_set_back_is_not_done_twice(
    world: World, set_back: Callable[[], None], sent: list[int], django_capture_on_commit_callbacks: Callable
) -> None:
    world.remote.push(PATH, post_text())
    waiting = ask_for_sync(world.collection)
    assert waiting is not None
    run = claim(waiting.pk)
    assert run is not None

    def back(now: Sync) -> None:
        if now.step == Sync.Step.FETCH:
            set_back()
            with django_capture_on_commit_callbacks(execute=True):
                wake_forgotten()

    perform_sync(run, progress=back)
    assert sent == []
    assert run.state == Sync.State.DONE
    assert world.disagreements() == []


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The keys of the runs for which a worker was woken."""
    told: list[int] = []
    monkeypatch.setattr("posts.waking._send", lambda name, pk: told.append(pk))
    return told


@pytest.mark.parametrize("died", [False, True], ids=["its message was lost", "its worker died"])
def test_what_was_forgotten_before_the_clock_was_set_back_is_woken_all_the_same(
    world: World,
    set_back: Callable[[], None],
    sent: list[int],
    django_capture_on_commit_callbacks: Callable,
    died: bool,
) -> None:
    world.remote.push(PATH, post_text())
    run = ask_for_sync(world.collection)
    assert run is not None
    if died:
        assert claim(run.pk) is not None
    set_back()
    with django_capture_on_commit_callbacks(execute=True):
        wake_forgotten()
    assert sent == [run.pk]
    taken = claim(run.pk)
    assert taken is not None
    assert perform_sync(taken).state == Sync.State.DONE
    assert world.disagreements() == []


def test_beat_goes_on_after_the_clock_was_set_back(world: World, set_back: Callable[[], None]) -> None:
    world.sync()
    ask_for_due_syncs()
    assert not Sync.objects.filter(state=Sync.State.WAITING).exists()
    set_back()
    ask_for_due_syncs()
    assert Sync.objects.filter(state=Sync.State.WAITING).count() == 1
    sync(Collection.objects.get())
    ask_for_due_syncs()
    assert not Sync.objects.filter(state=Sync.State.WAITING).exists()
