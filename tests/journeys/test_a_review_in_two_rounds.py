"""A review in the browser: asked for, answered with a wish, looked at again, approved and published by keyboard."""

import re
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from posts import editing, reviewing
from posts.models import Event
from posts.workflow import State
from tests.journeys.test_the_main_job import sign_in
from tests.posts.worlds import World, person, post_text

PATH, OTHER = "src/posts/a.md", "src/posts/b.md"
BODY = "第一段。\n\n股市今天大跌。\n\n第三段。\n"


@pytest.fixture
def world(transactional_db: None, tmp_path: Path) -> World:
    """A live post that Wen changed and submitted, and another that waits behind it."""
    made = World(tmp_path)
    live = {"draft": "false", "status": "published", "body": BODY}
    made.remote.commit({PATH: post_text("在线的", **live), OTHER: post_text("另一篇")})
    made.sync()
    wen = person("wen", "Writer")
    person("pan", "Publisher")
    for path, body in ((PATH, BODY.replace("大跌", "大涨")), (OTHER, "另一篇的正文。\n")):
        editing.edit(made.post(path), {}, body=body, by=wen)
        reviewing.perform(made.post(path), "submit", by=wen)
    return made


def test_a_reviewer_asks_for_changes_and_in_the_second_round_approves_and_publishes_by_keyboard(
    page: Page, live_server: LiveServer, world: World
) -> None:
    sign_in(page, live_server, "pan")
    page.get_by_role("link", name="在线的").first.click()
    review = re.compile(reverse("admin:posts_post_review", args=[world.post(PATH).pk]))
    expect(page).to_have_url(review)
    expect(page.locator(".rv-body ins")).to_have_text("涨")
    page.wait_for_load_state()
    page.keyboard.press("r")
    page.keyboard.type("naanauu?")
    expect(page.locator("#rv-note")).to_have_value("naanauu?")
    page.locator("#rv-note").fill("第三段请写明日期")
    page.get_by_role("button", name="Request changes").click()
    expect(page.locator(".rv-aside")).to_contain_text("changes requested")

    wen = world.post(PATH).submitted_by
    assert wen is not None
    body = BODY.replace("大跌", "大涨").replace("第三段", "第三段：二月十三日")
    editing.edit(world.post(PATH), {}, body=body, by=wen)
    reviewing.perform(world.post(PATH), "submit", by=wen)

    page.reload()
    expect(page.get_by_role("link", name="what I looked at last")).to_have_attribute("aria-current", "true")
    expect(page.locator(".rv-body ins")).to_have_text("：二月十三日")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.keyboard.press("u")
    expect(page.get_by_role("button", name="Approve and publish")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".rv-aside")).to_contain_text("published")
    post = world.post(PATH)
    assert post.state == State.PUBLISHED
    approval = Event.objects.select_related("revision").get(post=post, transition="approve")
    assert approval.revision is not None and "二月十三日" in approval.revision.text

    page.keyboard.press("n")
    expect(page).to_have_url(re.compile(reverse("admin:posts_post_review", args=[world.post(OTHER).pk])))
    expect(page.locator(".rv-body")).to_contain_text("另一篇的正文。")
