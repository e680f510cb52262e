"""A Publisher's morning with a small phone: nothing is wider than it, and every button has room for a finger."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from posts import editing, reviewing
from posts.workflow import State
from tests.journeys.screens import enter
from tests.posts.worlds import World, person, post_text

LIVE, DRAFT = "src/posts/a.md", "src/posts/b.md"
BODY = "第一段。\n\n股市今天大跌。\n"
# WCAG 2.2 asks for 24 at least (2.5.8), and for 44 where it can be had (2.5.5).
FINGER = 44
# How wide and high the place is that, touched, hits the button: what lies over it is none of it.
ROOM = """(button) => {
  const box = button.getBoundingClientRect();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const far = (right, down) => {
    let steps = 0;
    while (steps < 100 && button.contains(document.elementFromPoint(x + steps * right, y + steps * down))) {
      steps += 1;
    }
    return steps;
  };
  return [far(-1, 0) + far(1, 0), far(0, -1) + far(0, 1)];
}"""


@pytest.fixture
def world(transactional_db: None, tmp_path: Path) -> World:
    """A published post whose change waits for a review, and a draft with a slip of the pen."""
    made = World(tmp_path)
    post = post_text("在线的一篇，它的题目在一部小小的手机上要占去好几行", status="published", body=BODY)
    made.remote.commit({LIVE: post, DRAFT: post_text("草稿", body="错字在这离。\n")})
    made.sync()
    wen, lin = person("wen", "Writer"), person("lin", "Publisher")
    reviewing.perform(made.post(LIVE), "submit", by=wen)
    reviewing.approve_and_publish(made.post(LIVE), by=lin, looked_at=made.post(LIVE).present)
    made.sync()
    editing.edit(made.post(LIVE), {}, body=BODY.replace("大跌", "大涨"), by=wen)
    reviewing.perform(made.post(LIVE), "submit", by=wen)
    return made


def tap(page: Page, button: Locator) -> None:
    """Touch `button`, after a look at the page around it: it fits, and a finger hits this button and no other."""
    page.wait_for_load_state("load")
    button.scroll_into_view_if_needed()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360, page.url
    assert min(button.evaluate(ROOM)) >= FINGER, (button, button.evaluate(ROOM))
    button.tap()


def test_reading_approving_correcting_publishing_rolling_back_and_unpublishing_are_comfortable(
    phone: Page, live_server: LiveServer, world: World
) -> None:
    enter(phone, live_server, person("pan", "Publisher"))
    phone.goto(f"{live_server.url}/admin/")
    tap(phone, phone.get_by_role("link", name=re.compile("在线的一篇")).first)
    expect(phone.locator(".rv-body ins")).to_have_text("涨")
    tap(phone, phone.get_by_role("link", name="To the decision"))
    phone.get_by_label("Your remark").fill("涨了多少？")
    tap(phone, phone.get_by_role("button", name="Add the remark"))
    expect(phone.get_by_text("涨了多少？").first).to_be_visible()
    tap(phone, phone.get_by_role("button", name="Approve", exact=True))
    expect(phone.locator(".rv-aside")).to_contain_text("approved")

    tap(phone, phone.get_by_role("link", name="Publish…"))
    tap(phone, phone.get_by_role("button", name="Publish", exact=True))
    expect(phone.locator(".eg-panel")).to_contain_text("published")
    world.sync("done")
    assert "大涨" in world.text_in_git(LIVE)
    # What is unfolded once stays so.
    tap(phone, phone.locator(".eg-panel").get_by_role("button", name="Review"))
    for step, state in (("Roll back", State.PUBLISHED), ("Unpublish", State.DRAFT)):
        phone.reload()
        tap(phone, phone.get_by_role("link", name=f"{step}…"))
        tap(phone, phone.get_by_role("button", name=step, exact=True))
        expect(phone.locator(".eg-panel")).to_be_visible()
        world.sync("done")
        assert world.post(LIVE).state == state
        assert "大跌" in world.text_in_git(LIVE)
    assert not world.post(LIVE).live

    phone.goto(f"{live_server.url}/admin/")
    tap(phone, phone.get_by_role("link", name="草稿", exact=True))
    body = phone.locator(".eg-body-source")
    body.fill(body.input_value().replace("这离", "这里"))
    tap(phone, phone.get_by_role("button", name="What will change"))
    expect(phone.get_by_role("dialog")).to_contain_text("错字在这里")
    tap(phone, phone.get_by_role("dialog").get_by_role("button", name="Close"))
    tap(phone, phone.get_by_role("button", name="Save", exact=True))
    expect(phone).to_have_url(re.compile(r"/admin/posts/post/(\?|$)"))
    assert world.post(DRAFT).body == "错字在这里。\n"
