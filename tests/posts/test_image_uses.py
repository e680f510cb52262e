"""Where an image is used: known of every text, and right after whatever happens to a post or to its collection."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from posts import editing, reviewing
from posts.image_uses import catch_up, counts, used_paths, users_of
from posts.limiting import limit
from posts.models import Sync
from tests.posts.pictures import png
from tests.posts.worlds import World, person, post_text

FOLDER = "src/assets/images"
OLD, LOGO, NEW = f"{FOLDER}/old.png", f"{FOLDER}/logo.png", f"{FOLDER}/new.png"
DRAFT, LIVE = "src/posts/draft.md", "src/posts/live.md"


@pytest.fixture
def site(world: World) -> World:
    """A draft and a live post, which show images by address and beside their file; one that nobody shows."""
    world.collection.media_folder, world.collection.media_url = FOLDER, "/assets/images"
    world.collection.save()
    live = post_text("在线的", draft="false", status="published", body="![](/assets/images/old.png)\n")
    draft = post_text("草稿", body="![](../assets/images/logo.png) ![](/assets/images/old.png)\n")
    pictures = {path: png(colour) for path, colour in ((OLD, "green"), (LOGO, "red"), (NEW, "blue"))}
    world.remote.commit({DRAFT: draft, LIVE: live, **pictures})
    world.sync(Sync.State.DONE)
    catch_up(100)
    world.collection.refresh_from_db()
    return world


def used(site: World) -> dict[str, int]:
    """How many posts use each of the three; and nothing else is wrong."""
    assert site.disagreements() == []
    return counts(site.collection, [OLD, LOGO, NEW])


def test_it_follows_edits_and_what_git_still_has(site: World, writer: User, reviewer: User, publisher: User) -> None:
    assert used(site) == {OLD: 2, LOGO: 1}
    editing.edit(site.post(LIVE), {}, body="![](/assets/images/new.png)\n", by=writer)
    assert used(site) == {OLD: 2, LOGO: 1, NEW: 1}
    assert [(post.path, post.says_it) for post in users_of(site.collection, OLD)] == [(LIVE, False), (DRAFT, True)]
    reviewing.perform(site.post(LIVE), "submit", by=writer)
    reviewing.perform(site.post(LIVE), "approve", by=reviewer)
    reviewing.perform(site.post(LIVE), "publish", by=publisher)
    assert used(site)[OLD] == 2  # the site shows it until the text is sent
    site.sync(Sync.State.DONE)
    assert used(site) == {OLD: 1, LOGO: 1, NEW: 1}


def test_it_follows_pushes_renames_and_deletions(site: World) -> None:
    site.remote.push(LIVE, post_text("在线的", draft="false", status="published", body="![](/assets/images/new.png)\n"))
    site.sync()
    assert used(site) == {OLD: 1, LOGO: 1, NEW: 1}
    site.remote.commit({"src/posts/2026/draft.md": site.text_in_git(DRAFT), DRAFT: None})
    site.sync()
    assert site.post("src/posts/2026/draft.md").present_id
    # Its logo lay beside the file: from there the same words lead elsewhere.
    assert used(site) == {OLD: 1, NEW: 1}
    site.remote.commit({LIVE: None})
    site.sync()
    assert site.post(LIVE).state == "archived"
    assert used(site) == {OLD: 1, NEW: 1}  # it may be restored
    assert used_paths(site.collection) == {OLD, NEW}


def test_another_folder_is_counted_anew_and_said_to_be_until_it_is(site: World, client: Client, writer: User) -> None:
    client.force_login(writer)
    listed = reverse("admin:posts_collection_images", args=[site.collection.pk])
    site.collection.media_url = "/pictures"
    site.collection.save()
    assert not site.collection.images_counted
    page = client.get(listed).content.decode()
    assert "being worked out" in page and "unused" not in page
    assert catch_up(100) == 2
    site.collection.refresh_from_db()
    assert used(site) == {LOGO: 1}
    page = client.get(listed).content.decode()
    assert page.count("unused") == 2 and "in 1 post" in page


def test_the_picker_counts_in_a_fixed_number_of_queries_and_lists_the_unused(
    site: World, client: Client, writer: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(writer)
    listed = reverse("admin:posts_collection_images", args=[site.collection.pk])
    with django_assert_max_num_queries(9):
        page = client.get(listed).content.decode()
    assert [page.count(words) for words in ("in 2 posts", "in 1 post<", "unused")] == [1, 1, 1]
    page = client.get(listed, {"unused": "1"}).content.decode()
    assert [name in page for name in ("new.png", "old.png", "logo.png")] == [True, False, False]
    told = client.get(f"{listed}used/", {"path": OLD}).content.decode()
    assert "草稿" in told and "在线的" in told


def test_who_is_limited_to_other_collections_learns_nothing(site: World, client: Client) -> None:
    outsider = person("xu", "Writer")
    limit(outsider, [], by=person("ada", "Administrator"))
    client.force_login(outsider)
    listed = reverse("admin:posts_collection_images", args=[site.collection.pk])
    assert client.get(listed).status_code == 404
    assert client.get(f"{listed}used/", {"path": OLD}).status_code == 404
