"""The whole first paragraph of the product in a real browser, with a real worker and a real remote."""

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from posts.models import Sync
from tests.posts.worlds import World, person, post_text
from tests.servers import Worker

SAMPLE = Path(__file__).parent.parent / "samples" / "2026-02-13-market-selloff.md"
PATH = "src/posts/2026/2026-02-13-market-selloff.md"


@pytest.fixture
def world(transactional_db: None, tmp_path: Path) -> World:
    """A remote with the customer's post and two others, brought in."""
    made = World(tmp_path, machine_authors="pipeline@example.org")
    made.remote.commit(
        {PATH: SAMPLE.read_bytes(), "src/posts/b.md": post_text("另一篇"), "src/posts/bad.md": "---\ntitle: [\n---\n"},
        author=("Pipeline", "pipeline@example.org"),
    )
    made.sync(Sync.State.PARTLY)
    person("wen", "Writer")
    person("pan", "Publisher")
    return made


def soon(told: Callable[[], bool], seconds: float = 30) -> None:
    """Wait until `told` says so, and fail if it doesn't."""
    until = time.monotonic() + seconds
    while not told():
        assert time.monotonic() < until
        time.sleep(0.1)


def sign_in(page: Page, live_server: LiveServer, username: str) -> None:
    """Open the site's first page as `username`."""
    page.goto(live_server.url)
    page.locator("input[name=username]").fill(username)
    page.locator("input[name=password]").fill("secret")
    page.locator("input[name=password]").press("Enter")
    expect(page).to_have_url(re.compile(r"/admin/$"))


def sign_out(page: Page) -> None:
    """Leave; the next person starts afresh."""
    page.context.clear_cookies()


def open_post(page: Page, live_server: LiveServer, title: str) -> None:
    """Find a draft in the list of posts by its title."""
    page.goto(f"{live_server.url}/admin/posts/post/?state__exact=draft")
    page.get_by_role("link", name=re.compile(title)).first.click()
    expect(page.locator("#id_title")).to_be_visible()


def test_a_draft_is_corrected_sent_to_review_approved_and_published_by_somebody_else(
    page: Page, live_server: LiveServer, world: World, worker: Worker
) -> None:
    sign_in(page, live_server, "wen")
    open_post(page, live_server, "美股暴跌")
    page.locator("#id_title").fill("美股暴跌：更正过的标题")
    body = page.locator("textarea[name=body]")
    body.fill(body.input_value().replace("欢迎回到", "欢迎回来"))
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page).to_have_url(re.compile(r"/admin/posts/post/\?"))
    soon(lambda: "更正过的标题" in world.text_in_git(PATH))
    open_post(page, live_server, "更正过的标题")
    page.get_by_role("button", name=re.compile("Submit")).click()
    expect(page.locator(".eg-panel")).to_contain_text(re.compile("in review", re.IGNORECASE))
    expect(page.get_by_role("button", name=re.compile("^Approve"))).to_have_count(0)
    sign_out(page)

    sign_in(page, live_server, "pan")
    page.goto(f"{live_server.url}/admin/posts/post/{world.post(PATH).pk}/change/")
    page.get_by_role("button", name=re.compile("Approve and publish")).or_(
        page.get_by_role("link", name=re.compile("Approve and publish"))
    ).click()
    if "/step/" in page.url:
        page.get_by_role("button", name=re.compile("Approve and publish")).click()
    expect(page.locator(".eg-panel")).to_contain_text(re.compile("evergreen", re.IGNORECASE))
    soon(lambda: "draft: false" in world.text_in_git(PATH))
    soon(lambda: world.post(PATH).live)

    authors = world.remote.log("%an: %s")
    assert authors[0] == "Pan: Publish 美股暴跌：更正过的标题"
    assert authors[1] == "Wen: Edit 美股暴跌：更正过的标题"
    changed = [
        line
        for line in world.remote.git("log", "-p", "-2", "--unified=0", "--no-color", "main").decode().splitlines()
        if re.match(r"[-+](?![-+]{2} )", line)
    ]
    assert [line[:9] for line in changed] == [
        "-draft: t",
        "+draft: f",
        "-title: 美",
        "+title: 美",
        "-大家好，欢迎回到",
        "+大家好，欢迎回来",
    ]
    world.remote.check()


@pytest.mark.once
def test_the_same_in_chinese_reads_chinese(page: Page, live_server: LiveServer, world: World) -> None:
    page.context.add_cookies([{"name": "django_language", "value": "zh-hans", "url": live_server.url}])
    sign_in(page, live_server, "wen")
    open_post(page, live_server, "美股暴跌")
    expect(page.get_by_role("button", name="保存", exact=True)).to_be_visible()
    expect(page.locator(".eg-panel")).to_contain_text("草稿")


@pytest.mark.once
def test_what_was_typed_survives_somebody_elses_save(page: Page, live_server: LiveServer, world: World) -> None:
    sign_in(page, live_server, "wen")
    open_post(page, live_server, "另一篇")
    second = page.context.new_page()
    second.goto(page.url)
    second.locator("#id_title").fill("先保存的标题")
    second.get_by_role("button", name="Save", exact=True).click()
    expect(second).to_have_url(re.compile(r"/admin/posts/post/"))
    soon(lambda: world.post("src/posts/b.md").title == "先保存的标题")
    page.locator("#id_title").fill("后保存的标题")
    page.get_by_role("button", name="Details").click()
    page.locator("#id_speaker").fill("讲者")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page).to_have_url(re.compile(r"/admin/posts/conflict/\d+/change/"))
    expect(page.locator("main, #main").first).to_contain_text("后保存的标题")
    expect(page.locator("main, #main").first).to_contain_text("先保存的标题")
    assert world.post("src/posts/b.md").title == "先保存的标题"
    assert world.post("src/posts/b.md").speaker == "讲者"
