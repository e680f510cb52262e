"""With a real Celery worker in a process of its own: what is saved here is in git a moment later."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.utils import timezone

from posts import editing, reviewing
from posts.locking import sole_writer
from posts.models import CheckedText, ComparedPosts, Post, Sync
from posts.runs import ask_for_due_syncs, claim, request_stop, wake_forgotten
from posts.syncing import perform_sync
from posts.transfers import ask_for_download, ask_for_upload
from posts.waking import ask_for_sync
from tests.posts.worlds import World, person, post_text
from tests.servers import Worker

PATH = "src/posts/a.md"


@pytest.fixture
def committed_world(transactional_db: None, tmp_path: Path) -> World:
    """A world that another process sees, too."""
    return World(tmp_path)


@pytest.fixture
def committed_writer(transactional_db: None) -> User:
    """Somebody whom another process sees, too."""
    return person("wen", "Writer")


def soon(told: Callable[[], bool], seconds: float = 20) -> None:
    """Wait until `told` says so, and fail if it doesn't."""
    until = time.monotonic() + seconds
    while not told():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_a_saved_draft_is_in_the_remote_without_anybody_asking(
    worker: Worker, committed_world: World, committed_writer: User
) -> None:
    world = committed_world
    world.remote.push(PATH, post_text())
    ask_for_sync(world.collection)
    soon(lambda: Post.objects.filter(path=PATH).exists() and not Sync.objects.filter(ended_at=None).exists())
    # Whose texts are checked at once, and their terms suggested: nobody waits for beat.
    soon(lambda: CheckedText.objects.filter(post__path=PATH).exists() and ComparedPosts.objects.exists())
    editing.edit(world.post(PATH), {"title": "一会儿就到"}, by=committed_writer)
    soon(lambda: b"title: \xe4\xb8\x80\xe4\xbc\x9a\xe5\x84\xbf" in world.remote.read(PATH))
    soon(lambda: not world.post(PATH).pending)


def test_uploads_and_downloads_are_done_by_the_worker(worker: Worker, committed_world: World, var_dir: Path) -> None:
    world = committed_world
    world.collection.globs = "**/*.md"
    world.collection.save()
    file = ContentFile(post_text("传").encode(), name="传.md")
    publisher = person("pan", "Publisher")
    [upload] = ask_for_upload(world.collection, [file], by=publisher)
    soon(lambda: not Sync.objects.get(pk=upload.pk).unfinished)
    assert Sync.objects.get(pk=upload.pk).state == "done"
    download = ask_for_download(world.collection, [], by=publisher)
    soon(lambda: not Sync.objects.get(pk=download.pk).unfinished)
    packed = Sync.objects.get(pk=download.pk).file
    assert packed.size > 100


def test_web_and_worker_write_at_once_without_a_locked_database(
    worker: Worker, committed_world: World, committed_writer: User
) -> None:
    world = committed_world
    world.remote.commit({f"src/posts/{n}.md": post_text(str(n)) for n in range(40)})
    world.sync()
    failures: list[BaseException] = []

    def edits(first: int) -> None:
        try:
            for number in range(first, 40, 4):
                editing.edit(world.post(f"src/posts/{number}.md"), {"guest": f"客 {number}"}, by=committed_writer)
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=edits, args=(first,)) for first in range(4)]
    for thread in threads:
        thread.start()
    for number in range(40, 60):
        world.remote.push(f"src/posts/{number}.md", post_text(str(number)))
        ask_for_sync(world.collection)
    for thread in threads:
        thread.join()
    assert failures == []
    ask_for_sync(world.collection)
    soon(
        lambda: (
            not Post.objects.filter(pending=True).exists()
            and Post.objects.count() == 60
            and not Sync.objects.filter(ended_at=None).exists()
        ),
        60,
    )
    assert not Sync.objects.filter(state="failed").exists()
    files = world.remote.files()
    assert all(f"guest: 客 {n}\n".encode() in files[f"src/posts/{n}.md"] for n in range(40))
    assert world.disagreements() == []
    world.remote.check()


def test_a_save_that_waited_for_a_publication_neither_loses_it_nor_its_own_words(
    committed_world: World, committed_writer: User
) -> None:
    world = committed_world
    publisher = person("pan", "Publisher")
    world.remote.push(PATH, post_text(draft="false", status="published"))
    world.sync()
    editing.edit(world.post(PATH), {"title": "更正"}, by=committed_writer)
    reviewing.perform(world.post(PATH), "submit", by=committed_writer)
    reviewing.perform(world.post(PATH), "approve", by=publisher)
    published, failures = threading.Event(), []
    opened = world.post(PATH).present

    def save() -> None:
        try:
            published.wait(10)
            editing.edit(world.post(PATH), {"guest": "客"}, onto=opened, by=committed_writer)
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    saver = threading.Thread(target=save)
    saver.start()
    with transaction.atomic():
        reviewing.perform(world.post(PATH), "publish", by=publisher)
        published.set()
        time.sleep(0.7)  # the save has to reach the lock, and wait there
    saver.join()
    assert failures == []
    post = world.post(PATH)
    assert (post.pending, post.cleared.blob != post.git_blob) == (True, True)
    world.sync()
    assert "title: 更正\n" in world.text_in_git(PATH)
    assert "客" not in world.text_in_git(PATH)
    assert world.post(PATH).guest == "客"
    assert world.disagreements() == []


def test_only_one_sync_waits_and_only_one_worker_gets_it(world: World) -> None:
    first = ask_for_sync(world.collection)
    assert ask_for_sync(world.collection) == first
    assert first is not None
    assert claim(first.pk) is not None
    assert claim(first.pk) is None
    assert ask_for_sync(world.collection) != first


def test_a_run_whose_worker_died_is_claimed_again_and_given_up_in_the_end(world: World) -> None:
    run = ask_for_sync(world.collection)
    assert run is not None
    for _ in range(5):
        assert claim(run.pk) is not None
        Sync.objects.filter(pk=run.pk).update(lease_until="2020-01-01T00:00Z")
    assert claim(run.pk) is None
    run.refresh_from_db()
    assert (run.state, run.error_code) == ("failed", "gave_up")


def test_the_sweeper_wakes_what_was_forgotten(
    world: World, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Callable
) -> None:
    sent: list[tuple[str, list[int]]] = []
    monkeypatch.setattr("posts.waking._send", lambda name, pk: sent.append((name, pk)))
    run = ask_for_sync(world.collection)
    assert run is not None
    Sync.objects.filter(pk=run.pk).update(asked_at="2020-01-01T00:00Z")
    with django_capture_on_commit_callbacks(execute=True):
        wake_forgotten()
    assert ("posts.sync", run.pk) in sent


def test_the_sweeper_leaves_a_long_run_alone_whose_worker_lives(
    world: World, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Callable
) -> None:
    sent: list[int] = []
    monkeypatch.setattr("posts.waking._send", lambda name, pk: sent.append(pk))
    run = ask_for_sync(world.collection)
    assert run is not None
    assert claim(run.pk) is not None
    Sync.objects.filter(pk=run.pk).update(lease_until="2020-01-01T00:00Z")
    with sole_writer(world.collection, wait=0), django_capture_on_commit_callbacks(execute=True):
        wake_forgotten()
    assert sent == []
    run.refresh_from_db()
    assert run.lease_until is not None
    assert run.lease_until > timezone.now()


def test_beat_asks_for_a_sync_of_what_is_due_only(world: World) -> None:
    ask_for_due_syncs()
    assert Sync.objects.filter(state="waiting").count() == 1
    world.sync()
    ask_for_due_syncs()
    assert not Sync.objects.filter(state="waiting").exists()


def test_a_run_that_waits_is_stopped_at_once_and_one_that_runs_between_two_batches(world: World) -> None:
    waiting = ask_for_sync(world.collection)
    assert waiting is not None
    request_stop(waiting)
    waiting.refresh_from_db()
    assert waiting.state == "stopped"
    world.remote.commit({f"src/posts/{n}.md": post_text(str(n)) for n in range(450)})
    running = ask_for_sync(world.collection)
    assert running is not None

    def stop_after_the_first_batch(run: Sync) -> None:
        if run.done:
            request_stop(run)

    run = claim(running.pk)
    assert run is not None
    perform_sync(run, progress=stop_after_the_first_batch)
    assert run.state == "stopped"
    assert 0 < Post.objects.count() < 450
    world.sync(Sync.State.DONE)
    assert Post.objects.count() == 450
