"""A writer and what the checks found: mended with the lines seen before, dismissed with a reason, then submitted."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from posts.cross_checking import keep_posts_checked
from posts.models import Collection, Finding
from tests.journeys.test_the_main_job import sign_in
from tests.posts.worlds import World, person, post_text

PATH = "src/posts/a.md"
BODY = f"她说**真，**她走了。{'这是一段足够长的正文。' * 12}\n\n见 https://example.org 。\n"


@pytest.fixture
def world(transactional_db: None, tmp_path: Path) -> World:
    """A collection where whatever is wrong stands in the way, with one post."""
    made = World(tmp_path, blocks_from="wrong")
    made.remote.commit({PATH: post_text(body=BODY)})
    made.sync()
    keep_posts_checked(10)
    return made


def test_a_writer_mends_dismisses_and_submits(page: Page, live_server: LiveServer, world: World) -> None:
    person("wen", "Writer")
    post = world.post(PATH)
    sign_in(page, live_server, "wen")
    page.goto(f"{live_server.url}/admin/posts/post/{post.pk}/change/")
    # It stands in the way, so it is open, and the step says why it cannot be taken.
    expect(page.get_by_text("The site shows these asterisks, or the wrong words in bold.")).to_be_visible()
    page.get_by_text("Not possible now, and why").click()
    expect(page.locator("#eg-why-submit")).to_contain_text("asterisks shown")

    # By the keyboard to its passage, which is selected; and the same from the page of all findings.
    found = Finding.objects.get(code="literal_asterisks")
    go = page.locator(".ck-finding", has_text="asterisks shown").get_by_role("link", name=f"Go to line {found.line}")
    selected = "area => area === document.activeElement && area.value.slice(area.selectionStart, area.selectionEnd)"
    go.focus()
    page.keyboard.press("Enter")
    assert page.locator("textarea[name=body]").evaluate(selected) == found.passage
    page.locator("textarea[name=body]").press("ArrowLeft")
    page.get_by_role("link", name="See each with its passage").click()
    page.locator(".ck-finding", has_text="asterisks shown").get_by_role("link", name=f"Go to line {found.line}").click()
    page.wait_for_function(f"({selected})(document.querySelector('textarea[name=body]')) === {found.passage!r}")
    page.locator(".ck-finding", has_text="asterisks shown").get_by_role("link", name="Mend…").click()
    expect(page.get_by_text("她说**真**，她走了。")).to_be_visible()
    page.get_by_role("button", name="Mend", exact=True).click()
    expect(page.get_by_text("was mended")).to_be_visible()
    expect(page.locator("textarea[name=body]")).to_have_value(BODY.replace("**真，**她", "**真**，她"))

    # Nothing stands in the way any more: the rest is folded away, and can be dismissed.
    expect(page.get_by_text("Readers cannot click this address.")).to_be_hidden()
    page.get_by_text("The checks found 1 thing").click()
    page.locator(".ck-finding").get_by_role("link", name="Dismiss…").click()
    page.get_by_label("Why is it no fault?").fill("引文里的网址")
    page.get_by_role("button", name="Dismiss", exact=True).click()
    expect(page.get_by_text("The checks found nothing.")).to_be_visible()
    expect(page.get_by_text("引文里的网址")).to_be_visible()

    page.goto(f"{live_server.url}/admin/posts/post/{post.pk}/change/")
    page.get_by_role("button", name="Submit for review").click()
    expect(page.get_by_text("submitted for review").first).to_be_visible()
    assert not Finding.objects.open().exists()
    assert Collection.objects.get().blocks_from == "wrong"
