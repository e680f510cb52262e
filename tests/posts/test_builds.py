"""Saved, sent, on the site: what a post's page may say, and what a build makes of it."""

import datetime
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from posts import editing, reviewing
from posts.building import NoBuild, Told, note_build, read_build, take_in_build, wake_forgotten_builds
from posts.models import Build, Collection, Post, Revision, Sync
from posts.tasks import build as build_task
from posts.tasks import sweep
from posts.whereabouts import OnSite, Whereabouts, failed_build, whereabouts
from tests.posts.test_worker import soon
from tests.posts.worlds import World, person, post_text
from tests.servers import Worker

PATH, OTHER, DRAFT = "src/posts/2026-02-13-a.md", "src/posts/b.md", "src/posts/draft.md"


@pytest.fixture
def site(world: World) -> World:
    """Two posts that the site is to show, and a draft; synced, and nothing told of any build."""
    Collection.objects.update(site_url="https://example.org/blog/", post_url="/{year}/{slug}/")
    world.remote.commit(
        {
            PATH: post_text("甲", draft="false"),
            OTHER: post_text("乙", draft="false"),
            DRAFT: post_text("稿"),
            "src/site.css": "a {}",
        }
    )
    world.sync("done")
    return world


def built(world: World, commit: str | None = None, *, ok: bool = True, log: str = "") -> Build:
    """The builder tells, and a worker does what it is woken for."""
    collection = Collection.objects.get(pk=world.collection.pk)
    build = note_build(collection, Told(commit or world.remote.head() or "", ok, log))
    take_in_build(build.pk)
    return Build.objects.get(pk=build.pk)


def where(world: World, path: str = PATH) -> Whereabouts:
    return whereabouts(world.post(path))


def shown(world: World) -> dict[str, str]:
    """By path the text's title of each post that is on the site, as far as it is known here."""
    found = {}
    for post in Post.objects.exclude(built_blob=""):
        text = Revision.objects.filter(post=post, blob=post.built_blob).first()
        found[post.path] = text.text.partition("title: ")[2].partition("\n")[0] if text else "?"
    return found


def on_the_remote(world: World, commit: str) -> dict[str, str]:
    """The same, as the files of a commit say it."""
    texts = {path: data.decode() for path, data in world.remote.files(commit).items() if path.endswith(".md")}
    public = {path: text for path, text in texts.items() if "\ndraft: false\n" in text}
    return {path: text.partition("title: ")[2].partition("\n")[0] for path, text in public.items()}


# --- What is said


def test_without_a_word_from_a_builder_a_post_is_sent_and_never_on_the_site(site: World) -> None:
    told = where(site)
    assert told.on_site is OnSite.UNTOLD
    assert (told.since, told.address, told.failed) == (None, "", None)
    assert told.sent_at is not None
    assert told.commit == site.remote.head()
    assert told.came


def test_after_a_good_build_a_post_is_on_the_site_since_then_with_its_address(site: World) -> None:
    build = built(site)
    told = where(site)
    assert (told.on_site, told.since, told.shows_present) == (OnSite.YES, build.at, True)
    assert told.address == "https://example.org/blog/2026/a/"
    assert where(site, DRAFT).on_site is OnSite.NO
    assert shown(site) == {PATH: "甲", OTHER: "乙"}


def test_what_was_sent_after_the_last_good_build_is_not_on_the_site_yet(
    site: World, writer: User, publisher: User
) -> None:
    first = built(site)
    editing.edit(site.post(PATH), {"title": "甲二"}, by=writer)
    reviewing.perform(site.post(PATH), "submit", by=writer)
    reviewing.perform(site.post(PATH), "approve", by=publisher)
    reviewing.perform(site.post(PATH), "publish", by=publisher)
    told = where(site)
    assert (told.on_site, told.since, told.shows_present) == (OnSite.YES, first.at, False)
    run = site.sync("done")
    told = where(site)
    assert (told.on_site, told.since, told.shows_present) == (OnSite.NOT_YET, first.at, False)
    assert (told.sent_at, told.commit, told.came) == (run.ended_at, site.remote.head(), False)
    assert told.failed is None
    second = built(site)
    told = where(site)
    assert (told.on_site, told.since, told.shows_present) == (OnSite.YES, second.at, True)
    assert where(site, OTHER).since == first.at


def test_a_build_that_failed_is_said_at_the_posts_that_wait_for_it_and_no_others(site: World) -> None:
    built(site)
    site.remote.push(OTHER, post_text("乙二", draft="false"))
    site.sync("done")
    failed = built(site, ok=False, log="Error: no such filter")
    assert where(site, OTHER).on_site is OnSite.NOT_YET
    assert where(site, OTHER).failed == failed
    assert where(site).failed is None
    told = failed_build(site.collection)
    assert told is not None
    assert (told[0], [post.path for post in told[1]]) == (failed, [OTHER])
    built(site)
    assert where(site, OTHER).failed is None
    assert failed_build(site.collection) is None


def test_a_failed_build_before_any_good_one_says_so_and_still_nothing_is_on_the_site(site: World) -> None:
    failed = built(site, ok=False)
    assert (where(site).on_site, where(site).failed) == (OnSite.UNTOLD, failed)
    assert where(site, DRAFT).failed is None
    told = failed_build(site.collection)
    assert told is not None
    assert (told[0], list(told[1])) == (failed, [])


def test_a_post_that_was_taken_off_is_there_until_the_site_is_built_again(site: World, publisher: User) -> None:
    built(site)
    reviewing.perform(site.post(PATH), "unpublish", by=publisher)
    site.sync("done")
    assert where(site).on_site is OnSite.STILL
    assert where(site).since is not None
    failed = built(site, ok=False)
    told = failed_build(site.collection)
    assert told is not None
    assert [post.path for post in told[1]] == [PATH]
    assert where(site).failed == failed
    built(site)
    assert (where(site).on_site, where(site).since) == (OnSite.NO, None)


def test_nobody_told_of_builds_means_no_failed_build(site: World) -> None:
    assert failed_build(site.collection) is None


def test_the_link_follows_the_date_of_the_text_that_is_on_the_site(site: World, writer: User) -> None:
    built(site)
    editing.edit(site.post(PATH), {"date": "2027-01-01"}, by=writer)
    assert where(site).address == "https://example.org/blog/2026/a/"


# --- Which text the site has


def test_a_build_of_an_older_commit_puts_there_what_that_commit_had(site: World) -> None:
    first = site.remote.head()
    assert first is not None
    site.remote.commit({PATH: post_text("甲二", draft="false"), DRAFT: post_text("稿二", draft="false"), OTHER: None})
    site.sync("done")
    built(site, first)
    assert shown(site) == on_the_remote(site, first) == {PATH: "甲", OTHER: "乙"}
    assert where(site).on_site is OnSite.NOT_YET
    assert where(site, OTHER).on_site is OnSite.STILL
    assert where(site, DRAFT).on_site is OnSite.NOT_YET


def test_a_build_between_two_syncs_is_read_from_the_mirror_as_no_text_of_it_is_here(site: World) -> None:
    built(site)
    middle = site.remote.commit({PATH: post_text("甲二", draft="false"), OTHER: post_text("乙二")})
    site.remote.commit({PATH: post_text("甲三", draft="false"), OTHER: post_text("乙三", draft="false")})
    site.sync("done")
    built(site, middle)
    post = site.post(PATH)
    assert post.built_blob == site.remote.git("rev-parse", f"{middle}:{PATH}").decode().strip()
    assert where(site).on_site is OnSite.NOT_YET
    # The draft of that moment was not on the site, whatever came later.
    assert site.post(OTHER).built_blob == ""


HISTORY: list[dict[str, str | None]] = [
    {PATH: post_text("甲二", draft="false"), "src/posts/new.md": post_text("新", draft="false")},
    {DRAFT: post_text("稿", draft="false"), OTHER: None},
    {PATH: None, "src/posts/moved.md": post_text("甲二", draft="false")},
    {OTHER: post_text("乙又来", draft="false", body="另一篇文章。\n" * 9), "src/site.css": "b {}"},
    {"src/posts/moved.md": post_text("甲三"), DRAFT: post_text("稿二", draft="false")},
    {"src/posts/new.md": None, "src/posts/deep/new.md": post_text("新", draft="false")},
    {"src/posts/broken.md": "---\ntitle: [\n---\n", PATH: post_text("重新", draft="false", body="完全不同。\n" * 20)},
]


@pytest.mark.parametrize("sync_each", [True, False], ids=["synced each time", "synced at the end"])
@pytest.mark.parametrize("step", [1, 2, 3])
def test_whatever_is_built_the_posts_say_what_the_files_of_that_commit_say(
    site: World, step: int, sync_each: bool
) -> None:
    commits = [site.remote.head() or ""]
    for files in HISTORY:
        commits.append(site.remote.commit(files))
        if sync_each:
            site.sync()
    site.sync()
    # Forth and back again: a builder may build what it likes.
    for number, commit in enumerate([*commits[::step], commits[-1], *commits[::-step]]):
        built(site, commit, log=f"run {number}")
        expected = set(on_the_remote(site, commit))
        blobs = {site.remote.git("rev-parse", f"{commit}:{path}").decode().strip() for path in expected}
        assert set(Post.objects.exclude(built_blob="").values_list("built_blob", flat=True)) == blobs, commit
    built(site, commits[-1], log="the last run")
    assert {post.path for post in Post.objects.exclude(built_blob="")} == set(on_the_remote(site, commits[-1]))


def test_a_build_costs_what_changed_and_not_what_there_is(site: World) -> None:
    def queries(number: int) -> int:
        built(site)
        site.remote.push(PATH, post_text(f"甲 {number}", draft="false"))
        site.sync("done")
        collection = Collection.objects.get(pk=site.collection.pk)
        build = note_build(collection, Told(site.remote.head() or "", True, ""))
        with CaptureQueriesContext(
            connection,
        ) as context:
            take_in_build(build.pk)
        assert where(site).on_site is OnSite.YES
        return sum(row["sql"].startswith(("UPDATE", "INSERT")) for row in context.captured_queries)

    few = queries(1)
    site.remote.commit({f"src/posts/more/{n}.md": post_text(f"多 {n}", draft="false") for n in range(700)})
    site.sync("done")
    assert queries(2) == few


def test_when_more_files_become_posts_what_was_built_before_counts_for_them(site: World) -> None:
    site.remote.push("pages/about.md", post_text("关于", draft="false"))
    site.sync()
    built(site)
    Collection.objects.update(globs="**/*.md")
    site.sync("done")
    site.remote.push(OTHER, post_text("乙二", draft="false"))
    site.sync("done")
    built(site)
    assert shown(site) == {PATH: "甲", OTHER: "乙二", "pages/about.md": "关于"}


def test_another_collection_is_left_alone(site: World, tmp_path: Path) -> None:
    other = World(tmp_path, "other")
    other.remote.push(PATH, post_text("别的", draft="false"))
    other.sync("done")
    built(site)
    assert other.post(PATH).built_blob == ""
    assert whereabouts(other.post(PATH)).on_site is OnSite.UNTOLD


# --- When


def test_a_commit_that_nobody_fetched_yet_asks_for_a_sync_and_counts_when_that_ends(site: World) -> None:
    commit = site.remote.push(PATH, post_text("甲二", draft="false"))
    build = built(site, commit)
    assert build.taken_at is None
    assert Sync.objects.filter(state="waiting").count() == 1
    site.sync("done")
    assert Build.objects.get().taken_at is not None
    assert shown(site)[PATH] == "甲二"


def test_a_commit_that_is_never_there_hurts_nobody_and_is_not_asked_for_again(site: World) -> None:
    built(site, "7" * 40)
    for _ in range(2):
        site.sync("nothing_new")
        wake_forgotten_builds()
    assert where(site).on_site is OnSite.UNTOLD
    built(site)
    assert where(site).on_site is OnSite.YES
    assert not Build.objects.filter(taken_at=None).exists()


def test_a_build_before_the_first_sync_waits_for_it(world: World) -> None:
    commit = world.remote.push(PATH, post_text("甲", draft="false"))
    assert built(world, commit).taken_at is None
    world.sync("done")
    assert world.post(PATH).built_blob == world.post(PATH).git_blob


def test_the_same_build_taken_in_twice_changes_nothing(site: World) -> None:
    build = built(site)
    before = list(Post.objects.order_by("pk").values("built_blob", "built_at"))
    build_task(build.pk)
    again = built(site)
    assert again == build
    Build.objects.update(taken_at=None)
    take_in_build(build.pk)
    assert list(Post.objects.order_by("pk").values("built_blob", "built_at")) == before


def test_the_sweep_wakes_a_worker_for_a_build_whose_message_was_lost(
    site: World, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    note_build(site.collection, Told(site.remote.head() or "", True, ""))
    with django_capture_on_commit_callbacks() as callbacks:
        sweep()
    assert callbacks == []
    Build.objects.update(at=timezone.now() - datetime.timedelta(minutes=1))
    with django_capture_on_commit_callbacks() as callbacks:
        sweep()
    assert len(callbacks) == 1


def test_after_a_sync_that_was_cut_off_a_build_waits_for_the_next_one(site: World) -> None:
    Sync.objects.update(state="failed", step="import")
    build = built(site)
    assert build.taken_at is None
    site.sync("nothing_new")
    assert where(site).on_site is OnSite.YES


def test_a_sync_that_did_not_get_to_the_repository_keeps_no_build_waiting(site: World) -> None:
    site.remote.folder.rename(site.remote.folder.with_suffix(".away"))
    site.sync("failed")
    built(site, Collection.objects.get().head)
    assert where(site).on_site is OnSite.YES


def test_what_is_edited_while_a_build_is_noted_stays(site: World, writer: User) -> None:
    editing.edit(site.post(PATH), {"title": "改"}, by=writer)
    built(site)
    post = site.post(PATH)
    assert post.title == "改"
    assert post.built_blob == post.git_blob != post.present.blob
    editing.edit(post, {"title": "再改"}, by=writer)
    assert site.post(PATH).built_blob == site.post(PATH).git_blob
    assert site.disagreements() == []


def test_a_real_worker_notes_a_build_without_anybody_waiting(
    worker: Worker, transactional_db: None, tmp_path: Path
) -> None:
    world = World(tmp_path)
    world.remote.push(PATH, post_text("甲", draft="false"))
    commit = world.remote.head() or ""
    note_build(world.collection, Told(commit, True, ""))
    soon(lambda: Build.objects.get().taken_at is not None)
    assert world.post(PATH).built_blob == world.post(PATH).git_blob


def test_a_delivery_is_read() -> None:
    assert read_build(b'{"commit": "%s", "ok": false, "log": "x"}' % (b"a" * 40)) == Told("a" * 40, False, "x")
    with pytest.raises(NoBuild, match="build_not_json"):
        read_build(b"null")


# --- On the pages


def page(client: Client, post: Post) -> str:
    answer = client.get(f"/admin/posts/post/{post.pk}/change/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_of_a_post_says_sent_and_only_after_a_build_on_the_site(site: World, client: Client) -> None:
    client.force_login(person("wen", "Writer"))
    before = page(client, site.post(PATH))
    assert "<dt>Saved</dt>" in before
    assert "Came from the repository" in before
    assert "On the site" not in before
    built(site)
    after = page(client, site.post(PATH))
    assert "On the site" in after
    assert '<a href="https://example.org/blog/2026/a/"' in after
    site.remote.push(PATH, post_text("甲二", draft="false"))
    site.sync("done")
    built(site, ok=False)
    failed = page(client, site.post(PATH))
    assert "sent, not on the site yet" in failed
    assert "The site could not be built" in failed


def test_the_page_of_a_collection_shows_the_builds_and_to_an_administrator_the_webhooks(
    site: World, client: Client
) -> None:
    built(site, ok=False, log="<script>alert(1)</script>")
    address = f"/admin/posts/collection/{site.collection.pk}/change/"
    client.force_login(person("wen", "Writer"))
    told = client.get(address).content.decode()
    assert "The site could not be built" in told
    assert "alert(1)" not in told
    assert "/hooks/site/" not in told
    client.force_login(person("ada", "Administrator"))
    told = client.get(address).content.decode()
    assert "&lt;script&gt;alert(1)" in told
    assert "http://testserver/hooks/site/build/" in told
    assert "HOOK_SECRET_SITE" in told
    assert "no secret is set" in told
