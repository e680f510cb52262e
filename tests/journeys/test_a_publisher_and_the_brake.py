"""A sync's page in a real browser: it moves by itself, and a Publisher lets go on what stopped at the brake."""

import datetime
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from posts.models import Collection, Post, Sync
from posts.runs import claim
from posts.syncing import perform_sync
from tests.journeys.test_the_main_job import sign_in
from tests.posts.worlds import World, person, post_text

NAMES = [f"src/posts/{number}.md" for number in range(4)]


@pytest.fixture
def world(transactional_db: None, tmp_path: Path) -> World:
    """A remote without a commit, and a collection on it."""
    return World(tmp_path)


def test_what_stopped_at_the_brake_is_let_go_on_after_a_second_question(
    page: Page, live_server: LiveServer, world: World
) -> None:
    person("pan", "Publisher")
    world.remote.commit({name: post_text(name) for name in NAMES})
    world.sync(Sync.State.DONE)
    Collection.objects.update(brake_deletions=2)
    world.remote.delete(*NAMES[:3])
    run = world.sync(Sync.State.STOPPED)
    sign_in(page, live_server, "pan")
    page.goto(f"{live_server.url}/admin/posts/sync/{run.pk}/change/")
    expect(page.get_by_text("3 deleted")).to_be_visible()
    expect(page.get_by_text("it would be archived here")).to_have_count(3)
    page.get_by_role("link", name="Go on all the same").click()
    page.get_by_role("button", name="Yes, go on").click()
    expect(page.get_by_text("Let go on by")).to_be_visible()
    claimed = claim(Sync.objects.get(state=Sync.State.WAITING).pk)
    assert claimed is not None
    perform_sync(claimed)
    # Nobody loads the page again: its script sees that the run is over.
    expect(page.get_by_text("Everything went through.")).to_be_visible()
    assert Post.objects.filter(state="archived").count() == 3


def test_the_page_of_a_run_at_work_moves_by_itself(page: Page, live_server: LiveServer, world: World) -> None:
    person("wen", "Writer")
    began = timezone.now() - datetime.timedelta(seconds=40)
    run = Sync.objects.create(
        collection=world.collection,
        state=Sync.State.RUNNING,
        step=Sync.Step.WAIT,
        steps=[{"step": "wait", "at": began.isoformat(), "done": 0}],
        asked_at=began,
    )
    sign_in(page, live_server, "wen")
    page.goto(f"{live_server.url}/admin/posts/sync/{run.pk}/change/")
    waiting, importing = page.locator("[data-step=wait]"), page.locator("[data-step=import]")
    expect(waiting).to_have_attribute("data-state", "now")
    expect(waiting).to_contain_text("Wait for another sync to end")
    later = [{"step": "import", "at": (began + datetime.timedelta(seconds=30)).isoformat(), "done": 0}]
    Sync.objects.filter(pk=run.pk).update(step="import", done=30, total=120, steps=[*run.steps, *later])
    expect(importing).to_have_attribute("data-state", "now")
    expect(waiting).to_contain_text("30 seconds")
    expect(page.get_by_text("30 / 120")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "25")
