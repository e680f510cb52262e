"""A curator brings order into several posts at once, in a real browser: looked at first, released, undone."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from posts.bulk import release
from posts.many_proposing import foresee_all, propose_step
from posts.many_running import perform_step
from posts.models import BulkStep, Post, Sync
from posts.runs import claim
from tests.journeys.test_the_main_job import sign_in
from tests.posts.worlds import World, person, post_text


@pytest.fixture
def world(transactional_db: None, tmp_path: Path) -> World:
    """A remote without a commit, and a collection on it."""
    return World(tmp_path)


def test_an_organisation_is_renamed_in_the_chosen_posts_and_that_is_undone(
    page: Page, live_server: LiveServer, world: World
) -> None:
    person("cai", "Curator")
    publisher = person("pan", "Publisher")
    live = post_text("在线的一篇", draft="false", status="published")
    world.remote.commit({"src/posts/a.md": post_text("甲"), "src/posts/b.md": post_text("乙"), "src/posts/c.md": live})
    world.sync(Sync.State.DONE)
    before = dict(Post.objects.values_list("path", "present__text"))
    sign_in(page, live_server, "cai")
    page.goto(f"{live_server.url}/admin/posts/post/")
    for title in ("甲", "乙", "在线的一篇"):
        page.get_by_role("row").filter(has_text=title).get_by_role("checkbox").check()
    page.locator("select[name=action]").select_option(label="Change fields…")
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_role("heading", name="Change fields of 3 posts")).to_be_visible()
    row = page.locator(".eg-change").filter(has_text=re.compile("^\\s*Organisations"))
    expect(row.locator(".eg-change-value")).to_be_hidden()
    page.get_by_label("Organisations", exact=True).select_option(label="Replace one")
    for place, name in ((".eg-change-old", "台积电"), (".eg-change-value", "TSMC")):
        row.locator(f"{place} .select2-search__field").fill(name)
        page.locator(".select2-results__option--highlighted").filter(has_text=name).click()
    page.get_by_role("button", name="See what would change").click()
    expect(page.get_by_text("3 change")).to_be_visible()
    page.get_by_role("button", name="Open all differences").click()
    expect(page.locator(".eg-diff-added", has_text="TSMC")).to_have_count(3)
    assert dict(Post.objects.values_list("path", "present__text")) == before
    page.get_by_label("Do it with “乙”").uncheck()
    page.get_by_role("button", name="Change the posts").click()
    expect(page.get_by_text("1 post on the site waits for release")).to_be_visible()
    expect(page.get_by_role("button", name="Release")).to_have_count(0)
    release(BulkStep.objects.get(), by=publisher)
    page.reload()
    expect(page.get_by_text("Everything went through.")).to_be_visible()
    changed = {"src/posts/a.md", "src/posts/c.md"}
    assert set(Post.objects.filter(present__text__contains="TSMC").values_list("path", flat=True)) == changed
    page.get_by_role("button", name="Undo…").click()
    page.get_by_role("button", name="Undo it").click()
    expect(page.get_by_text("1 post on the site waits for release")).to_be_visible()
    release(BulkStep.objects.get(undoes__isnull=False), by=publisher)
    assert dict(Post.objects.values_list("path", "present__text")) == before


def test_a_writer_submits_many_posts_and_sees_how_far_it_is_and_what_became_of_each(
    page: Page, live_server: LiveServer, world: World
) -> None:
    person("wen", "Writer")
    world.remote.commit({f"src/posts/{number}.md": post_text(f"第{number}篇") for number in range(25)})
    world.remote.commit({"src/posts/live.md": post_text("在线的一篇", draft="false", status="published")})
    world.sync(Sync.State.DONE)
    sign_in(page, live_server, "wen")
    page.goto(f"{live_server.url}/admin/posts/post/")
    page.locator("#action-toggle").check()
    page.locator("select[name=action]").select_option(label="Submit for review")
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_text("possible for 25 posts")).to_be_visible()
    expect(page.locator(".eg-bulk-list > li").first).to_contain_text("在线的一篇")
    assert not Post.objects.filter(state="in_review").exists()
    page.get_by_label("Do it with “第7篇”").uncheck()
    page.get_by_role("button", name="Submit for review").click()
    expect(page.get_by_role("heading", name="Submit for review: 24 posts", level=2)).to_be_visible()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    run = claim(Sync.objects.get(kind="step").pk)
    assert run is not None
    seen = []

    def look(told: Sync) -> None:
        if told.done == 10:
            expect(page.get_by_text("Processed: 10 / 24")).to_be_visible()
            seen.append(told.done)

    perform_step(run, progress=look)
    expect(page.get_by_text("24 posts: submitted for review.")).to_be_visible()
    expect(page.locator(".desk-files > li")).to_have_count(24)
    assert seen == [10]
    assert Post.objects.filter(state="in_review").count() == 24


def test_what_a_worker_counts_comes_by_itself_and_the_ticks_stay(
    page: Page, live_server: LiveServer, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("posts.many_proposing", "posts.admin.post_step_of_many"):
        monkeypatch.setattr(f"{module}.FORESEEN_AT_ONCE", 1)
    world.remote.commit({f"src/posts/{number}.md": post_text(f"第{number}篇") for number in range(2)})
    world.sync(Sync.State.DONE)
    step = propose_step(Post.objects.all(), "submit", by=person("wen", "Writer"))
    sign_in(page, live_server, "wen")
    page.goto(f"{live_server.url}/admin/posts/post/many/{step.pk}/")
    expect(page.get_by_text("0 of 2 are counted so far")).to_be_visible()
    page.get_by_label("Do it with “第1篇”").uncheck()
    foresee_all(step.pk)
    expect(page.get_by_text("possible for 2 posts")).to_be_visible()
    expect(page.get_by_text("counted so far")).to_be_hidden()
    expect(page.get_by_label("Do it with “第1篇”")).not_to_be_checked()
