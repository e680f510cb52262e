"""The reports: who did what, how long it took, what waits, which evergreens are overdue; each is a file as well."""

import csv
import datetime
import re
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from posts import reviewing
from posts.models import Event, Post
from tests.journeys.screens import enter
from tests.posts.worlds import World, person, post_text

NAMES = ("发布了的", "还在等的", "过期的")


@pytest.fixture
def world(transactional_db: None, tmp_path: Path) -> World:
    """A post that waited two days for its approval, one that waits, and an evergreen one that is overdue."""
    made = World(tmp_path)
    made.remote.commit({f"src/posts/{name}.md": post_text(name, status="published") for name in NAMES})
    made.sync()
    wen, pan = person("wen", "Writer"), person("pan", "Publisher")
    for name in NAMES:
        reviewing.perform(made.post(f"src/posts/{name}.md"), "submit", by=wen)
    now = timezone.now()
    Post.objects.filter(title="发布了的").update(created_at=now - datetime.timedelta(days=5))
    Event.objects.filter(post__title="发布了的").update(at=now - datetime.timedelta(days=2))
    for name, step in (("发布了的", "publish"), ("过期的", "make_evergreen")):
        reviewing.perform(made.post(f"src/posts/{name}.md"), "approve", by=pan)
        reviewing.perform(made.post(f"src/posts/{name}.md"), step, by=pan)
    due = timezone.localdate() - datetime.timedelta(days=30)
    Post.objects.filter(title="过期的").update(review_by=due)
    return made


def taken_home(page: Page) -> list[list[str]]:
    """The rows of the file of the report that is shown."""
    with page.expect_download() as given:
        page.get_by_role("link", name="CSV").click()
    assert given.value.suggested_filename.endswith(".csv")
    return list(csv.reader(Path(given.value.path()).read_text(encoding="utf-8-sig").splitlines()))


def test_a_publisher_reads_all_four_reports_confirms_an_evergreen_and_takes_a_file_home(
    page: Page, live_server: LiveServer, world: World
) -> None:
    enter(page, live_server, person("lin", "Publisher"))
    page.goto(live_server.url + reverse("admin:posts_post_reports"))
    tabs, rows = page.get_by_role("navigation", name="Reports"), page.locator(".re-table tbody tr")
    expect(rows.filter(has_text="Wen").first).to_be_visible()
    # Week by week: two days ago may have been another one.
    assert sum(int(row[3]) for row in taken_home(page) if row[0] == "Wen") == 3

    tabs.get_by_role("link", name="From draft to live").click()
    review = rows.filter(has_text="From the submission to the approval")
    expect(review.locator("td")).to_have_text(["2", re.compile("minute"), re.compile("2.days")])
    assert ["From the submission to the approval", "2"] in [row[:2] for row in taken_home(page)]

    tabs.get_by_role("link", name="What waits").click()
    expect(rows).to_have_count(1)
    expect(rows.get_by_role("link", name="还在等的")).to_be_visible()

    tabs.get_by_role("link", name="Overdue evergreens").click()
    expect(rows.filter(has_text="过期的")).to_contain_text("30")
    rows.get_by_role("button", name=re.compile("Still right.*过期的")).click()
    expect(page.get_by_text("No evergreen post is overdue.")).to_be_visible()
    assert Post.objects.filter(title="过期的", review_by__gt=timezone.localdate()).exists()
