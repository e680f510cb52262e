"""A curator merges two spellings of one organisation, and takes a suggestion over from the text, in a real browser."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from posts.models import Post, Sync
from taxonomy.models import Area, Category, Organisation
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
    expect(page.locator("#looks-said").get_by_text("was saved.")).to_be_visible()
    names = [term.name for term in Post.objects.get(pk=post.pk).companies_orgs.all()]
    assert names == ["OpenAI", "台积电", "英伟达"]


def test_a_step_that_is_refused_is_put_right_where_it_says_so(
    page: Page, live_server: LiveServer, world: World
) -> None:
    person("cai", "Curator", "Writer")
    world.remote.commit({"src/posts/a.md": post_text("甲"), "src/posts/b.md": post_text("乙")})
    world.sync(Sync.State.DONE)
    sign_in(page, live_server, "cai")
    term = Organisation.objects.get(name="OpenAI")
    page.goto(f"{live_server.url}/admin/taxonomy/organisation/{term.pk}/change/")
    page.get_by_label("Rename to").fill("台积电")
    page.get_by_role("button", name="Rename…").click()
    expect(page.get_by_role("alert")).to_contain_text("another term already")
    expect(page.get_by_label("Rename to")).to_have_value("台积电")
    page.get_by_label("Rename to").fill("开放人工智能")
    page.get_by_role("button", name="Rename…").click()
    expect(page.get_by_role("heading", name="rename “OpenAI” to “开放人工智能”")).to_be_visible()


def test_areas_and_categories_are_put_in_order_by_keys_and_by_dragging_and_saved_at_once(
    page: Page, live_server: LiveServer, world: World
) -> None:
    person("cai", "Curator")
    for name in ("a1", "a2"):
        Area.objects.create(name=name, slug=name)
    Category.objects.bulk_create(Category(name=f"c{at:03}", slug=f"c{at}", key=f"c{at:03}") for at in range(200))
    sign_in(page, live_server, "cai")
    page.goto(f"{live_server.url}/admin/taxonomy/category/")
    page.get_by_role("link", name="Put in order").click()
    page.wait_for_load_state()  # its script, too
    said, handle = page.locator("[data-said]"), lambda name: page.get_by_role("button", name=f"Move “{name}”")
    handle("c001").focus()
    for key, told in (
        ("ArrowUp", "“c001”: number 1 of 200 in “In no area”"),
        ("PageUp", "“c001”: number 1 of 1 in “a2”"),
        ("ArrowUp", "“c001”: number 1 of 1 in “a1”"),
        ("ArrowUp", "“c001”: number 1 of 1 in “a1”"),
    ):
        page.keyboard.press(key)
        expect(said).to_have_text(told)
    expect(handle("c001")).to_be_focused()
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    # Nothing is kept before it is saved.
    page.once("dialog", lambda dialog: dialog.accept())
    page.reload()
    assert page.locator("[data-row^=category]").first.inner_text().startswith("drag_indicator\nc000")
    # An area takes its categories along; a row is dropped where the line shows it.
    handle("c199").scroll_into_view_if_needed()
    handle("c199").focus()
    page.keyboard.press("Home")
    page.keyboard.press("PageUp")
    handle("a2").focus()
    page.keyboard.press("ArrowUp")
    expect(said).to_have_text("“a2”: number 1 of 2")
    handle("c000").drag_to(page.locator("[data-row]").filter(has_text="a1"), target_position={"x": 90, "y": 34})
    expect(said).to_have_text("“c000”: number 1 of 1 in “a1”")
    page.get_by_role("button", name="“c001” one place down").click()
    page.get_by_role("button", name="Save the order").click()
    expect(page.get_by_text("The order is saved.")).to_be_visible()
    assert list(Area.objects.values_list("name", flat=True)) == ["a2", "a1"]
    told = list(Category.objects.values_list("name", "area__name")[:4])
    assert told == [("c199", "a2"), ("c000", "a1"), ("c002", None), ("c001", None)]
    assert Category.objects.filter(position=None).count() == 0
