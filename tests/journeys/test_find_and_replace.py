"""A curator mends a name that was misheard, hit by hit, in a real browser."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from posts.models import BulkStep, Mishearing, Post, Sync
from posts.replacing import count_hits_of
from tests.journeys.test_the_main_job import sign_in
from tests.posts.worlds import World, person, post_text


@pytest.fixture
def world(transactional_db: None, tmp_path: Path) -> World:
    """A remote without a commit, and a collection on it."""
    return World(tmp_path)


def test_a_misheard_name_is_replaced_where_it_is_ticked(page: Page, live_server: LiveServer, world: World) -> None:
    person("cai", "Curator")
    body = "先说 OpenEye。\n\n他们真的叫 OpenEye，[见](https://x.org/OpenEye)。\n"
    world.remote.commit(
        {
            "src/posts/a.md": post_text("甲 OpenEye", body=body),
            "src/posts/b.md": post_text("乙", body="乙说 OpenEye。\n"),
            "src/posts/c.md": post_text("丙"),
        }
    )
    world.sync(Sync.State.DONE)
    sign_in(page, live_server, "cai")
    page.goto(f"{live_server.url}/admin/posts/post/?q=OpenEye")
    page.get_by_role("link", name="Find and replace in them…").click()
    expect(page.get_by_role("heading", name="Find and replace in 2 posts")).to_be_visible()
    expect(page.get_by_label("Find", exact=True)).to_have_value("OpenEye")
    page.get_by_label("Replace by").fill("OpenAI")
    page.get_by_label("Known mishearing", exact=True).select_option(label="Save it for this collection")
    page.get_by_role("button", name="Show the hits").click()
    expect(page.get_by_text("4 hits in 2 posts")).to_be_visible()
    expect(page.locator(".rp-passage del")).to_have_text(["OpenEye"] * 4)
    page.get_by_label("All hits on this page").uncheck()
    expect(page.locator("input[name=hit]:checked")).to_have_count(0)
    page.get_by_label("All hits of “甲 OpenEye”").check()
    page.locator(".rp-hit").filter(has_text="真的叫").get_by_role("checkbox").press("Space")
    expect(page.get_by_label("All hits of “甲 OpenEye”")).to_have_js_property("indeterminate", True)
    page.get_by_role("button", name="See what would change").click()
    expect(page.get_by_text("1 changes")).to_be_visible()
    expect(page.get_by_text("1 stays as it is")).to_be_visible()
    page.get_by_role("button", name="Change the posts").click()
    expect(page.get_by_text("Everything went through.")).to_be_visible()
    text = Post.objects.get(path="src/posts/a.md").present.text
    assert "title: 甲 OpenAI" in text and text.endswith(body.replace("先说 OpenEye", "先说 OpenAI"))
    assert "OpenEye" in Post.objects.get(path="src/posts/b.md").present.text
    assert Mishearing.objects.get().collection == world.collection


def test_once_a_worker_has_counted_nothing_says_that_it_still_does(
    page: Page, live_server: LiveServer, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("posts.replacing.AT_ONCE", 1)
    person("cai", "Curator")
    world.remote.commit({f"src/posts/{name}.md": post_text(name, body="OpenEye。\n") for name in "ab"})
    world.sync(Sync.State.DONE)
    sign_in(page, live_server, "cai")
    page.goto(f"{live_server.url}/admin/posts/post/replace/")
    page.get_by_label("Find", exact=True).fill("OpenEye")
    page.get_by_label("Replace by").fill("OpenAI")
    page.get_by_role("button", name="Show the hits").click()
    expect(page.get_by_text("A worker counts them.")).to_be_visible()
    count_hits_of(BulkStep.objects.get().pk)
    expect(page.get_by_text("2 hits in 2 posts")).to_be_visible()
    expect(page.get_by_text("A worker counts them.")).to_be_hidden()
