"""The first page: what each role finds there, and that all of it leads to where it is done."""

import datetime
import re
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from posts import reviewing
from posts.models import Post, Sync
from posts.runs import claim
from posts.syncing import perform_sync
from tests.journeys.screens import enter
from tests.posts.worlds import World, person, post_text

NAMES = ("要改的", "待审的", "已批准的", "常青的", "新来的")


@pytest.fixture
def world(transactional_db: None, tmp_path: Path) -> World:
    """A post in each place of the review, and one that nobody has in hand."""
    made = World(tmp_path)
    made.remote.commit({f"src/posts/{name}.md": post_text(name, status="published") for name in NAMES})
    made.sync()
    wen, pan, rui = person("wen", "Writer"), person("pan", "Publisher"), person("rui", "Reviewer")
    for name in NAMES[:4]:
        reviewing.perform(post(made, name), "submit", by=wen)
    reviewing.perform(post(made, "要改的"), "request_changes", by=rui, note="出处？")
    for name in ("已批准的", "常青的"):
        reviewing.perform(post(made, name), "approve", by=rui)
    reviewing.perform(post(made, "常青的"), "make_evergreen", by=pan)
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    Post.objects.filter(title="待审的").update(review_due=yesterday)
    Post.objects.filter(title="常青的").update(review_by=yesterday)
    return made


def post(world: World, name: str) -> Post:
    return world.post(f"src/posts/{name}.md")


def come_home(page: Page, live_server: LiveServer, username: str) -> None:
    """Open the first page as somebody else."""
    enter(page, live_server, User.objects.get(username=username))
    page.goto(f"{live_server.url}/admin/")


def card(page: Page, title: str) -> Locator:
    return page.locator(".desk-card").filter(has=page.get_by_role("heading", name=title, exact=True))


def test_everybody_finds_what_waits_for_them_and_acts_on_it_from_there(
    page: Page, live_server: LiveServer, world: World
) -> None:
    come_home(page, live_server, "wen")
    expect(card(page, "New from the repository, and nobody’s")).to_contain_text("新来的")
    expect(card(page, "Waiting for review")).to_have_count(0)
    expect(page.get_by_role("button", name="Sync now")).to_have_count(0)
    card(page, "Changes were asked for").get_by_role("link", name="要改的").click()
    expect(page.locator("#id_title")).to_have_value("要改的")

    come_home(page, live_server, "rui")
    expect(card(page, "Approved, waiting for publication")).to_have_count(0)
    card(page, "Evergreen, to be looked at again soon").get_by_role("button", name="Still right: 常青的").click()
    expect(card(page, "Evergreen, to be looked at again soon")).to_have_count(0)
    assert Post.objects.filter(title="常青的", review_by__gt=timezone.localdate()).exists()
    expect(card(page, "Waiting for review")).to_contain_text("late")
    card(page, "Waiting for review").get_by_role("link", name="待审的").click()
    expect(page.get_by_role("button", name="Approve", exact=True)).to_be_visible()

    come_home(page, live_server, "pan")
    expect(card(page, "Posts by state")).to_contain_text("changes requested")
    expect(card(page, "What was done lately")).to_contain_text("Rui")
    card(page, "Approved, waiting for publication").get_by_role("link", name="已批准的").click()
    expect(page.get_by_role("link", name="Publish…")).to_be_visible()
    world.remote.commit({"src/posts/push.md": post_text("刚推来的")})
    page.goto(f"{live_server.url}/admin/")
    card(page, "Collections").get_by_role("button", name="Sync now").click()
    expect(page).to_have_url(re.compile(r"/sync/\d+/change/"))
    run = claim(Sync.objects.get(state=Sync.State.WAITING).pk)
    assert run is not None
    perform_sync(run)
    page.goto(f"{live_server.url}/admin/")
    expect(card(page, "New from the repository, and nobody’s")).to_contain_text("刚推来的")
    expect(card(page, "Collections")).to_contain_text(re.compile(r"6 posts\s*·\s*synced just now"))
