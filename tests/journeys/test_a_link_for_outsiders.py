"""Somebody without an account reads a post by a link, suggests a better word, and an editor takes it."""

from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from posts.models import Event
from tests.journeys.screens import enter
from tests.posts.pictures import png
from tests.posts.worlds import World, person, post_text

PATH = "src/posts/a.md"


@pytest.fixture
def world(transactional_db: None, tmp_path: Path) -> World:
    """One draft with a picture."""
    made = World(tmp_path, media_folder="media", media_url="/media")
    body = "第一段。![走势](/media/走势.png)\n\n股市今天大跌。\n"
    made.remote.commit({PATH: post_text("给教授看的", body=body), "media/走势.png": png("green", (400, 300))})
    made.sync()
    return made


def test_a_stranger_reads_and_suggests_by_a_link_and_an_editor_applies_it_and_withdraws_the_link(
    page: Page, another_browser: Page, live_server: LiveServer, world: World
) -> None:
    enter(page, live_server, person("wen", "Writer"))
    page.goto(live_server.url + reverse("admin:posts_post_comments", args=[world.post(PATH).pk]))
    page.get_by_label("For whom").fill("王教授")
    page.get_by_label("May suggest changes, which an editor applies").check()
    page.get_by_role("button", name="Make the link").click()
    link = page.get_by_label("The link", exact=True).input_value()

    stranger = another_browser
    stranger.goto(link)
    expect(stranger.get_by_role("heading", name="给教授看的")).to_be_visible()
    picture = stranger.get_by_role("img", name="走势")
    expect(picture).to_be_visible()
    assert picture.evaluate("(img) => img.complete && img.naturalWidth") == 400
    stranger.get_by_role("link", name="Remark on passage 2").click()
    expect(stranger.get_by_label("Your name")).to_have_value("王教授")
    stranger.get_by_label("Your name").fill("王明远")
    stranger.get_by_label("What you want to say").fill("收盘时涨了")
    stranger.get_by_label("I suggest this in its place:").check()
    stranger.get_by_label("What should stand there").fill("股市今天先跌后涨。")
    stranger.get_by_role("button", name="Send").click()
    expect(stranger.get_by_role("status")).to_contain_text("Your remark has reached the editors.")
    # The link opens one post, and nothing of the desk behind it.
    stranger.goto(live_server.url + reverse("admin:posts_post_change", args=[world.post(PATH).pk]))
    expect(stranger.locator("#id_username")).to_be_visible()

    page.goto(live_server.url + reverse("admin:posts_post_comments", args=[world.post(PATH).pk]))
    expect(page.locator(".cm-thread")).to_contain_text("王明远")
    expect(page.locator(".cm-thread")).to_contain_text("收盘时涨了")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator(".cm-body")).to_contain_text("股市今天先跌后涨。")
    assert world.post(PATH).body == "第一段。![走势](/media/走势.png)\n\n股市今天先跌后涨。\n"
    expect(page.locator(".cm-link")).to_contain_text("opened")
    page.get_by_role("button", name="Withdraw the link").click()
    expect(page.locator(".cm-link")).to_contain_text("withdrawn")
    stranger.goto(link)
    expect(stranger.get_by_role("heading")).to_have_text("This link opens nothing")
    assert list(
        Event.objects.filter(transition__endswith="_link").values_list("transition", flat=True).order_by("pk")
    ) == [
        "make_link",
        "withdraw_link",
    ]
