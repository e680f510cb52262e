"""A curator merges two spellings of one organisation, and takes a suggestion over from the text, in a real browser."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from posts.models import Post, Sync
from taxonomy.models import Organisation
from taxonomy.terms import find_or_create
from tests.journeys.test_the_main_job import sign_in
from tests.posts.worlds import World, person, post_text


@pytest.fixture
def world(transactional_db: None, tmp_path: Path) -> World:
    """A remote without a commit, and a collection on it."""
    return World(tmp_path)


def test_two_spellings_become_one_and_what_the_text_mentions_is_added(
    page: Page, live_server: LiveServer, world: World
) -> None:
    person("cai", "Curator", "Writer")
    other = post_text("乙").replace("台积电", "台積電")
    world.remote.commit({"src/posts/a.md": post_text("甲", body="英伟达大涨。\n"), "src/posts/b.md": other})
    world.sync(Sync.State.DONE)
    find_or_create(Organisation, ["英伟达"])
    sign_in(page, live_server, "cai")
    page.goto(f"{live_server.url}/admin/taxonomy/organisation/")
    page.get_by_role("link", name="Likely duplicates").click()
    page.get_by_role("button", name="Merge into “台积电”").click()
    expect(page.get_by_role("heading", name="merge “台積電” into “台积电”")).to_be_visible()
    page.get_by_role("button", name="Change the posts").click()
    expect(page.get_by_text("Everything went through.")).to_be_visible()
    assert Post.objects.filter(present__text__contains="台积电").count() == 2
    post = Post.objects.get(path="src/posts/a.md")
    page.goto(f"{live_server.url}/admin/posts/post/{post.pk}/change/")
    row = page.locator("[data-suggestion]").filter(has_text="英伟达大涨")
    row.get_by_role("button", name="Add “英伟达”").click()
    expect(row).to_have_count(0)
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("was saved.")).to_be_visible()
    names = [term.name for term in Post.objects.get(pk=post.pk).companies_orgs.all()]
    assert names == ["OpenAI", "台积电", "英伟达"]
