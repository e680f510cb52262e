"""The history of a post: a day's work of one person folded, two texts compared, one brought back, who wrote a line."""

from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from posts import editing, reviewing
from tests.journeys.screens import enter
from tests.posts.worlds import World, person, post_text

PATH = "src/posts/a.md"
FIRST, MORE, SPOILT = "第一段。\n\n第二段。\n", "第一段。\n\n第二段，写长了。\n", "第一段。\n\n第二段，写坏了。\n"


@pytest.fixture
def world(transactional_db: None, tmp_path: Path) -> World:
    """A post that Wen saved three times on one day and submitted, and in which Pan then changed the title."""
    made = World(tmp_path)
    made.remote.commit({PATH: post_text("旧题", body=FIRST)}, author=("Machine", "machine@example.org"))
    made.sync()
    wen, pan = person("wen", "Writer"), person("pan", "Publisher")
    for body in ("第一段。\n\n第二段，\n", MORE, SPOILT):
        editing.edit(made.post(PATH), {}, body=body, by=wen)
    reviewing.perform(made.post(PATH), "submit", by=wen)
    editing.edit(made.post(PATH), {"title": "新题"}, by=pan)
    return made


def test_a_days_work_is_folded_two_texts_are_compared_one_is_brought_back_and_each_line_names_its_writer(
    page: Page, live_server: LiveServer, world: World
) -> None:
    enter(page, live_server, person("lin", "Publisher"))
    page.goto(live_server.url + reverse("admin:posts_post_history", args=[world.post(PATH).pk]))
    time = page.locator(".eg-line-of-time > li")
    expect(time).to_have_count(4)
    # What is more than a save stands by itself: where it came from, and what was submitted.
    expect(time.filter(has_text="submitted for review")).to_have_count(1)
    expect(time.filter(has_text="came from the repository")).to_have_count(1)
    folded = time.filter(has_text="2 earlier texts of that day")
    expect(folded).to_contain_text("Wen")
    expect(folded.locator("details li").first).to_be_hidden()

    page.get_by_label("Compare").select_option("1")
    page.get_by_label("with").select_option("3")
    page.get_by_role("button", name="Show the difference").click()
    expect(page.locator(".eg-diff-removed mark, .eg-diff-removed")).to_contain_text(["第二段。"])
    expect(page.locator(".eg-diff-added").first).to_contain_text("第二段，写长了。")

    page.get_by_role("navigation", name="Pages of this post").get_by_role("link", name="History").click()
    folded.get_by_text("2 earlier texts of that day").click()
    folded.locator("li").filter(has_text="text 3").get_by_role("link", name="restore…").click()
    expect(page.locator(".eg-diff-added")).to_have_count(2)
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_text("The text of revision 3 was brought back.")).to_be_visible()
    assert world.post(PATH).body == MORE

    page.get_by_role("link", name="Who wrote this").click()
    for line, writer in (("写长了", "Wen"), ("第一段。", "Machine")):
        expect(page.locator(".rv-came").filter(has_text=line).locator(".rv-by")).to_contain_text(writer)
    expect(page.locator(".rv-came").filter(has_text="title: 旧题").locator(".rv-by")).to_contain_text("Machine")
