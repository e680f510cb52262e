"""A form that stays open: a lost connection, an ended login, another editor. Nothing that was typed is lost."""

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from posts import reviewing
from posts.models import Collection, Post, PostTemplate, WorkingCopy
from tests.journeys.test_the_main_job import sign_in, soon
from tests.posts.worlds import World, person, post_text

PATH = "src/posts/a.md"
ABOVE_FOOT = (
    "document.querySelector('.eg-foot').getBoundingClientRect().top"
    " - document.querySelector('.eg-panes').getBoundingClientRect().bottom"
)
KEPT = "Object.keys(localStorage).filter((key) => key.startsWith('evergreen:copy:')).length"


@pytest.fixture
def world(transactional_db: None, tmp_path: Path) -> World:
    """A post in review, and two people."""
    made = World(tmp_path)
    made.remote.commit({PATH: post_text("旧标题", body="第一段。\n\n第二段。\n")})
    made.sync()
    person("pan", "Publisher")
    reviewing.perform(made.post(PATH), "submit", by=person("wen", "Writer"))
    return made


def address(live_server: LiveServer, world: World) -> str:
    return f"{live_server.url}/admin/posts/post/{world.post(PATH).pk}/change/"


def save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).click()


def test_a_lost_connection_and_an_ended_login_lose_nothing(page: Page, live_server: LiveServer, world: World) -> None:
    sign_in(page, live_server, "wen")
    page.goto(address(live_server, world))
    said = page.locator("#eg-copy")
    expect(said).to_have_text("")
    page.locator("#id_title").fill("旧标题一")
    expect(said).to_contain_text("stays in review")
    soon(lambda: WorkingCopy.objects.filter(typed__title=["旧标题一"]).exists())
    expect(page.locator(".eg-kept")).to_contain_text("Kept as your working copy at")

    page.context.set_offline(True)
    page.locator("#id_title").fill("旧标题一二")
    save(page)
    expect(said).to_contain_text("Not saved: not connected.")
    assert page.evaluate(KEPT) == 1
    page.context.set_offline(False)
    expect(said).to_contain_text("Connected again.")
    soon(lambda: WorkingCopy.objects.filter(typed__title=["旧标题一二"]).exists())

    Session.objects.all().delete()
    page.locator("#id_title").fill("旧标题一二三")
    save(page)
    expect(said).to_contain_text("Not saved: your login has ended.")
    expect(page.locator("#id_title")).to_have_value("旧标题一二三")
    with page.context.expect_page() as opened:
        said.get_by_role("link", name="Log in again in a new tab").click()
    tab = opened.value
    tab.locator("input[name=username]").fill("wen")
    tab.locator("input[name=password]").fill("secret")
    tab.locator("input[name=password]").press("Enter")
    expect(tab).to_have_url(re.compile(r"/admin/$"))
    tab.close()
    save(page)
    expect(page).to_have_url(re.compile(r"/admin/posts/post/(\?|$)"))
    assert world.post(PATH).title == "旧标题一二三"
    assert page.evaluate(KEPT) == 0
    assert not WorkingCopy.objects.exists()


def test_two_editors_see_each_other_and_bring_their_work_together(
    page: Page, another_browser: Page, live_server: LiveServer, world: World
) -> None:
    sign_in(another_browser, live_server, "pan")
    another_browser.goto(address(live_server, world))
    # What stands behind the title is folded away until it is wanted.
    expect(another_browser.locator("#id_speaker")).to_be_hidden()
    another_browser.get_by_role("button", name="Details").click()
    another_browser.locator("#id_speaker").fill("讲者")
    another_browser.locator(".eg-body-source").fill("第一段。\n\n别人的第二段。\n")
    sign_in(page, live_server, "wen")
    page.goto(address(live_server, world))
    said = page.locator("#eg-copy")
    expect(said).to_contain_text("Pan has this post open too")
    text = page.locator(".eg-body-source")
    text.press("Control+Home")
    page.keyboard.type("我的")
    # The last line of the text stands just above the foot, and stays in sight when that has more to say.
    text.click()
    page.evaluate(f"scrollBy(0, -({ABOVE_FOOT}))")
    assert abs(page.evaluate(ABOVE_FOOT)) < 2
    save(another_browser)
    expect(another_browser).to_have_url(re.compile(r"/admin/posts/post/(\?|$)"))
    expect(said).to_contain_text(re.compile(r"Pan saved this post\s+\d+ seconds? ago"))
    assert page.evaluate(ABOVE_FOOT) > -2
    page.locator("#id_title").fill("我的标题")
    said.get_by_role("button", name="Bring it into this form").click()
    expect(page.locator("#id_speaker")).to_have_value("讲者")
    expect(page.locator("#id_title")).to_have_value("我的标题")
    expect(said).to_contain_text("is in the form now")
    expect(said).not_to_contain_text("Pan has this post open too")
    # Where the button was is what it did; and what came in can be taken back, as what was typed before.
    expect(said.get_by_text("is in the form now")).to_be_focused()
    expect(text).to_have_value("我的第一段。\n\n别人的第二段。\n")
    text.focus()
    for wanted in ("我的第一段。\n\n第二段。\n", "第一段。\n\n第二段。\n"):
        for _ in range(6):
            if text.input_value() != wanted:
                page.keyboard.press("Control+z")
        expect(text).to_have_value(wanted)
    for _ in range(12):
        page.keyboard.press("Control+Shift+z")
    expect(text).to_have_value("我的第一段。\n\n别人的第二段。\n")
    save(page)
    expect(page).to_have_url(re.compile(r"/admin/posts/post/(\?|$)"))
    saved = world.post(PATH)
    assert (saved.title, saved.speaker, saved.conflicts.count()) == ("我的标题", "讲者", 0)


@pytest.mark.longer
def test_a_page_that_was_closed_without_a_connection_is_gone_on_with(
    page: Page, live_server: LiveServer, world: World
) -> None:
    sign_in(page, live_server, "wen")
    page.goto(address(live_server, world))
    page.locator("#id_title").fill("到了服务器")
    soon(lambda: WorkingCopy.objects.filter(typed__title=["到了服务器"]).exists())
    page.context.set_offline(True)
    page.locator("#id_title").fill("只在浏览器")
    expect(page.locator("#eg-copy")).to_contain_text("Not connected.")
    page.close(run_before_unload=False)
    page.context.set_offline(False)
    again = page.context.new_page()
    again.goto(address(live_server, world))
    ours = {"include": [["#eg-copy-local"], ["#eg-copy"]]}
    assert Axe().run(again, context=ours).response["violations"] == []
    # One offer, not two: what this browser has is newer than what it sent.
    expect(again.locator("#eg-copy-local")).to_be_visible()
    expect(again.locator("#eg-copy-offered")).to_be_hidden()
    again.locator("#eg-copy-local").get_by_role("button", name="Go on with it").click()
    expect(again.locator("#id_title")).to_have_value("只在浏览器")
    soon(lambda: WorkingCopy.objects.filter(typed__title=["只在浏览器"]).exists())
    soon(lambda: again.evaluate(KEPT) == 0)
    # The same from the server, with names that select2 shows.
    again.locator("#id_title").fill("再打一次")
    soon(lambda: WorkingCopy.objects.filter(typed__title=["再打一次"]).exists())
    soon(lambda: again.evaluate(KEPT) == 0)
    again.close(run_before_unload=False)
    third = page.context.new_page()
    third.goto(address(live_server, world))
    third.get_by_role("link", name="Go on with it").click()
    expect(third.locator("#id_title")).to_have_value("再打一次")
    save(third)
    expect(third).to_have_url(re.compile(r"/admin/posts/post/(\?|$)"))
    assert world.post(PATH).title == "再打一次"


@pytest.mark.longer
def test_log_out_hands_over_what_only_the_browser_has(page: Page, live_server: LiveServer, world: World) -> None:
    sign_in(page, live_server, "wen")
    page.goto(address(live_server, world))
    page.locator("#id_title").fill("还没到")
    page.wait_for_function(f"{KEPT} === 1")
    page.evaluate("window.stop()")
    page.context.set_offline(True)
    page.close(run_before_unload=False)
    page.context.set_offline(False)
    other = page.context.new_page()
    other.goto(f"{live_server.url}/admin/")
    assert other.evaluate(KEPT) == 1
    other.evaluate("document.querySelector('form[action$=\"/logout/\"]').requestSubmit()")
    expect(other).to_have_url(re.compile("/logout/"))
    assert other.evaluate(KEPT) == 0
    assert WorkingCopy.objects.get().typed["title"] == ["还没到"]


@pytest.mark.longer
def test_an_older_new_post_is_waited_for_in_silence_and_said_what_to_do_about(
    page: Page, live_server: LiveServer, world: World
) -> None:
    WorkingCopy.objects.create(person=User.objects.get(username="wen"), typed={"title": ["旧稿"]}, at=timezone.now())
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text) if message.type == "error" else None)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "working-copy" in request.url else None)
    sign_in(page, live_server, "wen")
    page.goto(f"{live_server.url}/admin/posts/post/add/")
    page.locator("#id_title").fill("新稿")
    expect(page.locator("#eg-copy")).to_contain_text("Go on with that, or drop it to start anew.")
    page.wait_for_timeout(2500)
    assert (asked, heard) == ([], []) and WorkingCopy.objects.get().typed == {"title": ["旧稿"]}
    assert page.evaluate(KEPT) == 1


@pytest.mark.longer
def test_a_new_post_from_a_template_at_the_suggested_path(page: Page, live_server: LiveServer, world: World) -> None:
    Collection.objects.update(path_pattern="src/posts/{date:%Y}/{slug}.md")
    text = "---\nlayout: weekly.njk\ntags:\n  - weekly\n---\n## 本周\n\n"
    PostTemplate.objects.create(collection=world.collection, name="周报", text=text)
    sign_in(page, live_server, "wen")
    page.goto(f"{live_server.url}/admin/posts/post/add/")
    page.get_by_role("link", name=re.compile("周报")).click()
    expect(page.locator("textarea[name=body]")).to_have_value("## 本周\n\n")
    page.locator("#id_date").fill("2026-03-01")
    page.locator("#id_title").fill("美股 第一期")
    expect(page.locator("#id_path")).to_have_value("src/posts/2026/mei-gu-di-yi-qi.md")
    page.locator("#id_path").fill("src/posts/2026/own.md")
    page.locator("#id_title").fill("美股 第二期")
    page.wait_for_timeout(600)
    expect(page.locator("#id_path")).to_have_value("src/posts/2026/own.md")
    save(page)
    expect(page).to_have_url(re.compile(r"/admin/posts/post/(\?|$)"))
    post = Post.objects.get(path="src/posts/2026/own.md")
    assert (post.title, list(post.tags.names()), post.layout) == ("美股 第二期", ["weekly"], "weekly.njk")
