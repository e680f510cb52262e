"""The brake: very much at once, or another repository in the place of the old one, asks a Publisher first."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from posts import editing
from posts.braking import NotLetGoOn, let_go_on, waits_at_brake
from posts.document import Document
from posts.models import Collection, Outcome, Post, Revision, Sync, Whence
from posts.rehearsing import ask_for_preview, perform_preview
from posts.runs import claim
from posts.saving import TextChange, write
from posts.syncing import perform_sync
from tests.posts.worlds import World, person, post_text

NAMES = [f"src/posts/{number}.md" for number in range(8)]


@pytest.fixture
def site(world: World) -> World:
    """A collection of eight posts, synced, whose brake takes hold at more than three of a kind."""
    world.remote.commit({name: post_text(name) for name in NAMES})
    world.sync(Sync.State.DONE)
    Collection.objects.update(brake_files=3, brake_deletions=3)
    return world


def listed(run: Sync) -> dict[str, str]:
    """Why each file is listed."""
    return dict(run.outcomes.values_list("path", "code"))


def gone_on(run: Sync, by: User) -> Sync:
    """The sync that a Publisher let go on, done by a worker."""
    claimed = claim(let_go_on(run, by=by).pk)
    assert claimed is not None
    return perform_sync(claimed)


def test_many_deletions_stop_before_anything_is_changed_on_either_side(site: World, writer: User) -> None:
    editing.edit(site.post(NAMES[7]), {"title": "等着"}, by=writer)
    before, head = Collection.objects.get().head, site.remote.delete(*NAMES[:4])
    run = site.sync(Sync.State.STOPPED)
    assert (run.error_code, run.error_facts["deletions"], run.error_facts["files"]) == ("brake", 4, 0)
    assert listed(run) == dict.fromkeys(NAMES[:4], "would_delete")
    assert all(outcome.post.path == outcome.path for outcome in run.outcomes.select_related("post"))
    assert (run.before, run.after, Collection.objects.get().head) == (before, head, before)
    assert not Post.objects.filter(state="archived").exists()
    assert site.remote.head() == head
    assert site.post(NAMES[7]).pending


def test_as_many_as_allowed_go_through_and_new_files_do_not_count(site: World) -> None:
    site.remote.commit({name: post_text("改了") for name in NAMES[:3]} | dict.fromkeys(NAMES[3:6]))
    site.sync(Sync.State.DONE)
    site.remote.commit({f"src/posts/new{number}.md": post_text() for number in range(20)})
    site.sync(Sync.State.DONE)
    assert Post.objects.filter(state="archived").count() == 3


def test_many_changed_files_stop(site: World) -> None:
    site.remote.commit({name: post_text("改了") for name in NAMES[:4]})
    run = site.sync(Sync.State.STOPPED)
    assert run.error_facts["files"] == 4
    assert listed(run) == dict.fromkeys(NAMES[:4], "would_change")
    assert Revision.objects.count() == len(NAMES)


def test_one_post_that_lost_its_whole_body_stops_and_one_with_a_shorter_one_does_not(site: World) -> None:
    site.remote.commit({NAMES[0]: post_text(body="短\n"), NAMES[1]: post_text("空的", body="\n \n")})
    run = site.sync(Sync.State.STOPPED)
    assert (run.error_code, run.error_facts["emptied"]) == ("brake", [NAMES[1]])
    assert listed(run) == {NAMES[1]: "would_empty"}
    site.remote.push(NAMES[1], post_text("不空", body="又有了\n"))
    site.sync(Sync.State.DONE)
    site.remote.push("src/posts/empty.md", post_text(body=""))
    site.sync(Sync.State.DONE)
    site.remote.push("src/posts/empty.md", post_text("还是空的", body=""))
    site.sync(Sync.State.DONE)


def test_a_post_that_became_an_empty_file_stops(site: World) -> None:
    site.remote.push(NAMES[0], b"")
    run = site.sync(Sync.State.STOPPED)
    assert run.error_facts["emptied"] == [NAMES[0]]


def test_much_that_would_leave_stops_too(site: World, writer: User) -> None:
    for name in NAMES[:4]:
        editing.edit(site.post(name), {"title": "改了"}, by=writer)
    editing.create(site.collection, "src/posts/new.md", {"title": "新"}, by=writer)
    head = site.remote.head()
    run = site.sync(Sync.State.STOPPED)
    assert listed(run) == dict.fromkeys(NAMES[:4], "would_send")
    assert site.remote.head() == head


def test_many_texts_that_would_leave_without_a_body_stop(site: World, writer: User) -> None:
    Collection.objects.update(brake_files=100)
    for name in NAMES[:3]:
        editing.edit(site.post(name), {}, body="", by=writer)
    editing.edit(site.post(NAMES[6]), {"title": "改了"}, by=writer)
    Sync.objects.filter(state=Sync.State.WAITING).delete()
    site.sync(Sync.State.DONE)
    for name in NAMES[:3]:
        editing.edit(site.post(name), {"title": "还是空的"}, by=writer)
    site.sync(Sync.State.DONE)
    for name in NAMES[3:7]:
        editing.edit(site.post(name), {}, body=" \n", by=writer)
    head = site.remote.head()
    run = site.sync(Sync.State.STOPPED)
    assert (run.error_code, run.error_facts["files"], run.error_facts["empty"]) == ("brake", 4, 4)
    assert run.error_facts["emptied"] == NAMES[3:7]
    assert listed(run) == dict.fromkeys(NAMES[3:7], "would_send_empty")
    assert site.remote.head() == head


def test_a_preview_says_that_the_brake_would_stop_the_sync(site: World, publisher: User, client: Client) -> None:
    site.remote.delete(*NAMES[:3])
    fine = claim(ask_for_preview(site.collection, by=publisher).pk)
    assert fine is not None
    assert perform_preview(fine).error_facts == {}
    site.remote.delete(NAMES[3])
    tried = claim(ask_for_preview(site.collection, by=publisher).pk)
    assert tried is not None
    tried = perform_preview(tried)
    assert (tried.state, tried.error_code, tried.error_facts["brake"]) == (Sync.State.DONE, "", "brake")
    assert tried.error_facts["deletions"] == 4
    client.force_login(publisher)
    words = "at once 0 files would be changed, 4 deleted and 0 emptied"
    assert words in client.get(reverse("admin:posts_sync_preview", args=[tried.pk])).content.decode()
    assert words not in client.get(reverse("admin:posts_sync_preview", args=[fine.pk])).content.decode()
    assert site.sync(Sync.State.STOPPED).error_facts["deletions"] == 4


def test_a_bulk_step_was_looked_at_already(site: World, publisher: User) -> None:
    step = Sync.objects.create(collection=site.collection, kind=Sync.Kind.UNDO, state="done", asked_at=timezone.now())
    changes = []
    for name in NAMES:
        post = site.post(name)
        document = Document.from_text(post.present.text).replace({"title": "一起改"})
        changes.append(TextChange(post, document, Whence.BULK, by=publisher, bulk_step=step, becomes_cleared=True))
    write(changes)
    run = site.sync(Sync.State.DONE)
    assert run.outcomes.filter(result=Outcome.Result.SENT).count() == len(NAMES)


def test_first_imports_and_changed_patterns_are_exempt(world: World) -> None:
    Collection.objects.update(brake_files=1, brake_deletions=1)
    world.remote.commit({name: post_text(name) for name in NAMES})
    world.sync(Sync.State.DONE)
    world.remote.commit({name: post_text("改了") for name in NAMES})
    Collection.objects.update(globs="src/**/*.md")
    world.sync(Sync.State.DONE)


def test_while_nobody_answers_there_is_one_run_and_not_one_each_minute(site: World, writer: User) -> None:
    site.remote.delete(*NAMES[:4])
    first = site.sync(Sync.State.STOPPED)
    count = Sync.objects.count()
    for _ in range(3):
        again = site.sync(Sync.State.STOPPED)
        assert again.pk == first.pk
    for name in NAMES[4:8]:
        editing.edit(site.post(name), {"title": "改了"}, by=writer)
    Sync.objects.filter(state=Sync.State.WAITING).delete()
    assert site.sync(Sync.State.STOPPED).pk == first.pk
    assert Sync.objects.count() == count
    first.refresh_from_db()
    assert (first.error_facts["files"], len(listed(first))) == (4, 8)
    site.remote.delete(NAMES[4])
    assert site.sync(Sync.State.STOPPED).pk != first.pk


def test_after_a_failure_in_between_the_newest_run_says_that_it_waits(site: World) -> None:
    site.remote.delete(*NAMES[:4])
    first = site.sync(Sync.State.STOPPED)
    site.remote.folder.rename(site.remote.folder.with_suffix(".away"))
    site.sync(Sync.State.FAILED)
    site.remote.folder.with_suffix(".away").rename(site.remote.folder)
    second = site.sync(Sync.State.STOPPED)
    assert second.pk != first.pk
    assert Sync.objects.latest("pk").error_code == "brake"
    assert site.sync(Sync.State.STOPPED).pk == second.pk


def test_a_publisher_lets_it_go_on_and_what_waited_leaves(site: World, writer: User, publisher: User) -> None:
    editing.edit(site.post(NAMES[7]), {"title": "等着"}, by=writer)
    site.remote.delete(*NAMES[:4])
    run = site.sync(Sync.State.STOPPED)
    let = gone_on(run, publisher)
    assert (let.state, let.released, let.released_by) == (Sync.State.DONE, run.after, publisher)
    assert Post.objects.filter(state="archived").count() == 4
    assert "title: 等着\n" in site.text_in_git(NAMES[7])
    run.collection.refresh_from_db()
    assert not waits_at_brake(run)
    with pytest.raises(NotLetGoOn) as caught:
        let_go_on(run, by=publisher)
    assert caught.value.code == "brake_over"


def test_what_was_pushed_after_it_was_looked_at_is_measured_by_itself(site: World, publisher: User) -> None:
    site.remote.delete(*NAMES[:4])
    run = site.sync(Sync.State.STOPPED)
    site.remote.commit({name: post_text("改了") for name in NAMES[4:8]})
    again = gone_on(run, publisher)
    assert (again.state, again.error_code) == (Sync.State.STOPPED, "brake")
    assert listed(again) == dict.fromkeys(NAMES[4:8], "would_change")
    assert not Post.objects.filter(state="archived").exists()
    site.remote.commit({name: post_text(name) for name in NAMES[4:8]})
    site.remote.push(NAMES[4], post_text("只改一个"))
    again = gone_on(run, publisher)
    assert again.state == Sync.State.DONE
    assert (Post.objects.filter(state="archived").count(), site.post(NAMES[4]).title) == (4, "只改一个")


def test_only_who_may_publish_lets_it_go_on(site: World, reviewer: User) -> None:
    site.remote.delete(*NAMES[:4])
    run = site.sync(Sync.State.STOPPED)
    with pytest.raises(NotLetGoOn) as caught:
        let_go_on(run, by=reviewer)
    assert caught.value.code == "no_permission"
    assert not Sync.objects.exclude(released="").exists()


def test_a_sync_that_waits_already_is_let_go_on(site: World, publisher: User) -> None:
    site.remote.delete(*NAMES[:4])
    run = site.sync(Sync.State.STOPPED)
    waiting = Sync.objects.create(collection=site.collection, asked_at=timezone.now(), selection=[NAMES[5]])
    assert let_go_on(run, by=publisher).pk == waiting.pk
    waiting.refresh_from_db()
    assert (waiting.released, waiting.released_by, waiting.selection) == (run.after, publisher, [])


# --- Another repository in its place


def test_an_unrelated_repository_stops_and_can_be_let_on(site: World, publisher: User) -> None:
    head = site.remote.commit({NAMES[0]: post_text("另一个仓库的")}, onto="")
    site.remote.force_push(head)
    run = site.sync(Sync.State.STOPPED)
    assert (run.error_code, run.after) == ("unrelated_history", head)
    assert site.post(NAMES[0]).title == NAMES[0]
    assert site.sync(Sync.State.STOPPED).pk == run.pk
    assert gone_on(run, publisher).state == Sync.State.DONE
    assert site.post(NAMES[0]).title == "另一个仓库的"
    assert Post.objects.filter(state="archived").count() == len(NAMES) - 1
    site.sync(Sync.State.NOTHING_NEW)


def test_it_can_be_let_on_after_the_mirror_was_lost_as_well(site: World, publisher: User, var_dir: Path) -> None:
    site.remote.force_push(site.remote.commit({NAMES[0]: post_text("另一个仓库的")}, onto=""))
    (var_dir / "mirrors" / f"{site.collection.pk}.git").rename(var_dir / "lost")
    run = site.sync(Sync.State.STOPPED)
    assert run.error_code == "unrelated_history"
    assert gone_on(run, publisher).state == Sync.State.DONE
    assert site.post(NAMES[0]).title == "另一个仓库的"


def test_a_forced_push_that_shares_history_goes_through(site: World) -> None:
    first = site.remote.head() or ""
    site.remote.push(NAMES[0], post_text("弃了"))
    site.sync(Sync.State.DONE)
    site.remote.force_push(site.remote.commit({NAMES[1]: post_text("改写")}, onto=first))
    site.sync(Sync.State.DONE)
    assert (site.post(NAMES[0]).title, site.post(NAMES[1]).title) == (NAMES[0], "改写")


# --- Its page


@pytest.fixture
def log_in(db: None) -> Callable[..., Client]:
    """A browser in which somebody with these roles is logged in."""

    def logged_in(*roles: str) -> Client:
        client = Client()
        client.force_login(person("-".join(roles).lower(), *roles))
        return client

    return logged_in


def test_the_page_lists_the_files_and_the_button_asks_once_more(site: World, log_in: Callable[..., Client]) -> None:
    site.remote.delete(*NAMES[:4])
    run = site.sync(Sync.State.STOPPED)
    page, release = (
        reverse("admin:posts_sync_change", args=[run.pk]),
        reverse("admin:posts_sync_release", args=[run.pk]),
    )
    assert release not in log_in("Reviewer").get(page).content.decode()
    publisher = log_in("Publisher")
    shown = publisher.get(page).content.decode()
    assert release in shown and "Stopped before anything was changed" in shown and "4 deleted" in shown
    assert shown.count("it would be archived here") == 4
    assert "Yes, go on" in publisher.get(release).content.decode()
    assert not Sync.objects.exclude(released="").exists()
    answer = publisher.post(release)
    released = Sync.objects.exclude(released="").get()
    assert answer["Location"] == reverse("admin:posts_sync_change", args=[released.pk])
    assert released.released == run.after
    site.remote.push(NAMES[0], post_text())
    claimed = claim(released.pk)
    assert claimed is not None
    assert perform_sync(claimed).state == Sync.State.DONE
    assert "Let go on by" in publisher.get(answer["Location"]).content.decode()
    shown = publisher.post(release, follow=True).content.decode()
    assert "does not wait for a decision any more" in shown
