"""What is on its way to git when a sync dies, and whom the commits name: with a real remote."""

import threading
import time
from operator import itemgetter
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from posts import editing, reviewing
from posts.document import Document
from posts.exporting import depart, outgoing
from posts.git import GitError, Repository
from posts.models import Conflict, Departure, Outcome, Post, Revision, Sync, Whence
from posts.saving import TextChange, write
from tests.posts.worlds import World, person, post_text

PATH = "src/posts/a.md"


@pytest.fixture
def site(world: World) -> World:
    """A collection with one post, synced."""
    world.remote.push(PATH, post_text())
    world.sync(Sync.State.DONE)
    return world


def sync_killed(world: World, monkeypatch: pytest.MonkeyPatch, *, landed: bool) -> None:
    """A sync whose worker dies at the push: after the remote took it, or before."""
    push = Repository.push

    def killed(self: Repository, commit: str) -> None:
        if landed:
            push(self, commit)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Repository, "push", killed)
        with pytest.raises(KeyboardInterrupt):
            world.sync()
    Sync.objects.filter(state=Sync.State.RUNNING).delete()


def titles(world: World) -> list[str]:
    """The titles that the post ever had, oldest first."""
    texts = Revision.objects.filter(post=world.post(PATH)).order_by("number").values_list("text", flat=True)
    return [str(Document.from_text(text).values["title"]) for text in texts]


def test_nothing_is_left_on_its_way_once_the_answer_is_noted(site: World, writer: User) -> None:
    editing.edit(site.post(PATH), {"title": "一"}, by=writer)
    with CaptureQueriesContext(connection) as asked:
        site.sync(Sync.State.DONE)
    # Of more tables PostgreSQL finds no good order: it would read all posts to find the few that leave.
    assert max(sql.count(" JOIN ") for sql in map(itemgetter("sql"), asked) if " UNION " in sql) < 8
    assert not Departure.objects.exists()
    head = site.remote.head()
    site.collection.refresh_from_db()
    assert (site.collection.head, site.post(PATH).cleared.commit) == (head, head)


def test_a_text_that_was_reverted_between_our_push_and_the_crash_is_not_sent_again(
    site: World, writer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    editing.edit(site.post(PATH), {"title": "一"}, by=writer)
    sync_killed(site, monkeypatch, landed=True)
    assert "title: 一\n" in site.text_in_git(PATH)
    site.remote.push(PATH, post_text(), message="Revert")
    run = site.sync(Sync.State.DONE)
    post = site.post(PATH)
    assert (post.title, post.pending) == ("美股暴跌", False)
    assert site.remote.log()[:2] == ["Revert", "Edit 一"]
    assert titles(site) == ["美股暴跌", "一", "美股暴跌"]
    assert list(run.outcomes.order_by("pk").values_list("result", flat=True)) == ["sent", "changed"]
    assert not Conflict.objects.exists()
    assert site.disagreements() == []


def test_a_revert_of_what_arrived_is_brought_together_with_what_was_edited_since(
    site: World, writer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    editing.edit(site.post(PATH), {"title": "一"}, by=writer)
    sync_killed(site, monkeypatch, landed=True)
    site.remote.push(PATH, post_text(), message="Revert")
    editing.edit(site.post(PATH), {"summary": "后来写的。"}, by=writer)
    site.sync(Sync.State.DONE)
    post = site.post(PATH)
    assert (post.title, post.summary, post.pending) == ("美股暴跌", "后来写的。", False)
    assert "summary: 后来写的。\n" in site.text_in_git(PATH)
    assert "一" in titles(site)


@pytest.mark.parametrize("landed", [True, False])
def test_killed_at_the_push_each_change_is_in_exactly_one_commit(
    landed: bool, site: World, writer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    editing.edit(site.post(PATH), {"title": "一"}, by=writer)
    sync_killed(site, monkeypatch, landed=landed)
    assert Departure.objects.count() == 1
    run = site.sync(Sync.State.DONE)
    post = site.post(PATH)
    assert [line for line in site.remote.log() if line.startswith("Edit")] == ["Edit 一"]
    assert (post.pending, post.git_blob, post.git_text) == (False, post.present.blob, post.present)
    assert Revision.objects.get(pk=post.present_id).commit == site.remote.head() == run.after
    assert not Departure.objects.exists()


def test_what_was_cleared_anew_after_it_left_leaves_once_more(
    site: World, writer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    editing.edit(site.post(PATH), {"title": "一"}, by=writer)
    sync_killed(site, monkeypatch, landed=True)
    editing.edit(site.post(PATH), {"title": "二"}, by=writer)
    site.remote.push("src/posts/b.md", post_text("b"), message="Other")
    site.sync(Sync.State.DONE)
    assert site.remote.log()[:3] == ["Edit 二", "Other", "Edit 一"]
    assert site.disagreements() == []


def test_an_answer_that_got_lost_is_found_in_the_remote(
    site: World, writer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    editing.edit(site.post(PATH), {"title": "一"}, by=writer)
    push = Repository.push

    def lost(self: Repository, commit: str) -> None:
        push(self, commit)
        raise GitError("unreachable")

    with monkeypatch.context() as patched:
        patched.setattr(Repository, "push", lost)
        site.sync(Sync.State.FAILED)
    run = site.sync(Sync.State.DONE)
    assert site.outcomes(run) == {PATH: "sent"}
    assert site.remote.log()[0] == "Edit 一"
    assert not site.post(PATH).pending


def test_what_departed_and_was_forced_out_again_leaves_anew(
    site: World, writer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = site.remote.head() or ""
    editing.edit(site.post(PATH), {"title": "一"}, by=writer)
    sync_killed(site, monkeypatch, landed=True)
    site.remote.force_push(before)
    site.sync(Sync.State.DONE)
    assert site.remote.log()[0] == "Edit 一"
    assert not Departure.objects.exists()


def test_a_mirror_that_was_lost_meanwhile_asks_the_remote_all_the_same(
    site: World, writer: User, monkeypatch: pytest.MonkeyPatch, var_dir
) -> None:
    editing.edit(site.post(PATH), {"title": "一"}, by=writer)
    sync_killed(site, monkeypatch, landed=False)
    (var_dir / "mirrors" / f"{site.collection.pk}.git").rename(var_dir / "gone")
    site.sync(Sync.State.DONE)
    assert [line for line in site.remote.log() if line.startswith("Edit")] == ["Edit 一"]


def test_a_removal_that_arrived_is_noted(site: World, publisher: User, monkeypatch: pytest.MonkeyPatch) -> None:
    reviewing.perform(site.post(PATH), "archive", by=publisher)
    site.sync(Sync.State.DONE)
    reviewing.perform(site.post(PATH), "remove", by=publisher)
    sync_killed(site, monkeypatch, landed=True)
    run = site.sync(Sync.State.DONE)
    assert site.outcomes(run) == {PATH: "sent"}
    post = site.post(PATH)
    assert (post.git_path, post.pending) == ("", False)


def test_the_first_push_into_an_empty_repository_is_not_read_again(world: World, writer: User) -> None:
    editing.create(world.collection, PATH, {"title": "新"}, by=writer)
    world.sync(Sync.State.DONE)
    world.sync(Sync.State.NOTHING_NEW)
    world.collection.refresh_from_db()
    assert world.collection.seen == world.remote.head()


# --- Whom a commit names


def commit_message(world: World) -> str:
    """Author and message of the newest commit."""
    return "\n".join(world.remote.git("log", "-1", "--format=%an%n%B", "main").decode().splitlines())


def test_a_merge_names_who_wrote_since_git_had_our_text_and_nobody_who_pushed(site: World, writer: User) -> None:
    earlier, pusher = person("early", "Writer"), person("push", "Writer")
    editing.edit(site.post(PATH), {"insight": "早先的。"}, by=earlier)
    site.sync(Sync.State.DONE)
    site.remote.push(PATH, site.text_in_git(PATH).replace("正文", "推送的"), author=("Push", pusher.email))
    editing.edit(site.post(PATH), {"title": "一"}, by=writer)
    site.sync(Sync.State.DONE)
    told = commit_message(site)
    assert told.startswith("Wen\nEdit 一\n")
    assert "Co-authored-by" not in told
    editing.edit(site.post(PATH), {"title": "二"}, by=earlier)
    site.sync(Sync.State.DONE)
    told = commit_message(site)
    assert told.startswith("Early\nEdit 二\n")
    assert "Co-authored-by" not in told


def test_a_cleared_text_that_a_push_was_merged_into_names_nobody_whose_later_edit_waits(
    site: World, writer: User, publisher: User
) -> None:
    late = person("late", "Writer")
    site.remote.push(PATH, post_text(draft="false", status="published", body="一。\n\n二。\n\n三。\n"))
    site.sync(Sync.State.DONE)
    editing.edit(site.post(PATH), {}, body="一改。\n\n二。\n\n三。\n", by=writer)
    for step, by in (("submit", writer), ("approve", publisher), ("publish", publisher)):
        reviewing.perform(site.post(PATH), step, by=by)
    editing.edit(site.post(PATH), {"title": "没人看过"}, body="一改。\n\n二也改。\n\n三。\n", by=late)
    text = site.text_in_git(PATH)
    site.remote.push(PATH, text.replace("三。", "三被推。"))
    site.sync(Sync.State.DONE)
    assert "一改。\n\n二。\n\n三被推。" in site.text_in_git(PATH)
    told = commit_message(site)
    assert told.startswith("Wen\n")
    assert "Late" not in told
    assert "Co-authored-by" not in told
    for step, by in (("submit", late), ("approve", publisher), ("publish", publisher)):
        reviewing.perform(site.post(PATH), step, by=by)
    site.sync(Sync.State.DONE)
    told = commit_message(site)
    assert told.startswith("Late\n")
    assert "Wen" not in told


def test_a_commit_does_not_name_whose_words_are_all_taken_out_again(site: World, writer: User) -> None:
    early = person("early", "Writer")
    editing.edit(site.post(PATH), {"insight": "早先的。"}, by=early)
    editing.edit(site.post(PATH), {"insight": "换掉了。"}, by=writer)
    site.sync(Sync.State.DONE)
    told = commit_message(site)
    assert told.startswith("Wen\n")
    assert "Early" not in told


def stepped(world: World, step: Sync, by: User, **titles: str) -> None:
    """Write new titles as a bulk step does, cleared at once."""
    changes = []
    for name, title in titles.items():
        post = world.post(f"src/posts/{name}.md")
        document = Document.from_text(post.present.text).replace({"title": title})
        changes.append(TextChange(post, document, Whence.BULK, by=by, bulk_step=step, becomes_cleared=True))
    write(changes)


@pytest.fixture
def step(world: World, publisher: User) -> Sync:
    """A bulk step that undoes a sync, on three posts."""
    world.remote.commit({f"src/posts/{name}.md": post_text(name) for name in "abc"})
    undone = world.sync(Sync.State.DONE)
    return Sync.objects.create(
        collection=world.collection, kind=Sync.Kind.UNDO, state="done", undoes=undone, asked_at=timezone.now()
    )


def test_all_that_one_bulk_step_wrote_leaves_in_one_commit(
    world: World, step: Sync, writer: User, publisher: User
) -> None:
    editing.edit(world.post("src/posts/b.md"), {"title": "单独的"}, by=writer)
    stepped(world, step, publisher, a="一", c="三")
    before = len(world.remote.log())
    run = world.sync(Sync.State.DONE)
    assert len(world.remote.log()) == before + 2
    told = commit_message(world)
    assert told.startswith(f"Pan\nUndo sync #{step.undoes_id}\n")
    for name in "ac":
        post = world.post(f"src/posts/{name}.md")
        assert f"Post-Revision: {post.cleared_id}" in told
        assert (post.pending, post.cleared.commit) == (False, world.remote.head())
    assert set(world.outcomes(run).values()) == {"sent"}
    assert world.outcomes(run).keys() == {f"src/posts/{name}.md" for name in "abc"}
    assert world.disagreements() == []


def test_one_post_of_a_bulk_step_that_cannot_be_written_stops_no_other_of_it(
    world: World, step: Sync, publisher: User, writer: User
) -> None:
    post = editing.create(world.collection, "src/posts/d/x.md", {"title": "挡路"}, by=writer)
    world.sync(Sync.State.DONE)
    world.remote.commit({"src/posts/d/x.md": None, "src/posts/d": "no folder"})
    world.sync(Sync.State.DONE)
    Post.objects.filter(pk=post.pk).update(state="draft", git_blob="", git_path="")
    stepped(world, step, publisher, a="一", **{"d/x": "二"})
    run = world.sync(Sync.State.PARTLY)
    assert world.outcomes(run) == {"src/posts/a.md": "sent", "src/posts/d/x.md": Outcome.Result.PROBLEM}
    assert "title: 一\n" in world.text_in_git("src/posts/a.md")


@pytest.mark.production
def test_what_departs_and_whoever_locks_the_same_posts_do_not_wait_for_each_other_in_a_ring(
    transactional_db: None, tmp_path: Path
) -> None:
    world, writer = World(tmp_path), person("wen", "Writer")
    world.remote.commit({f"src/posts/{name}.md": post_text(name) for name in "ab"})
    world.sync(Sync.State.DONE)
    low, high = Post.objects.order_by("pk")
    for post in (high, low):
        editing.edit(post, {"title": "改过"}, by=writer)
    leaving = outgoing(world.collection)
    assert [part.post_pk for each in leaving for part in each.parts] == [high.pk, low.pk]
    failures: list[BaseException] = []

    def go() -> None:
        try:
            depart(world.collection, leaving, ["1" * 40, "2" * 40][: len(leaving)], "2" * 40)
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    going = threading.Thread(target=go)
    with transaction.atomic():
        Post.objects.filter(pk=low.pk).lock_in_order()
        going.start()
        time.sleep(1)
        Post.objects.filter(pk=high.pk).lock_in_order()
    going.join()
    assert failures == []
    assert Departure.objects.count() == 2
