"""A curator takes a vocabulary away as a table, changes a line, and brings it in again, in a real browser."""

import csv
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from posts.models import Sync
from taxonomy.models import Organisation
from tests.journeys.test_screens import wrong
from tests.journeys.test_the_main_job import sign_in
from tests.posts.worlds import World, person, post_text


@pytest.fixture
def world(transactional_db: None, tmp_path: Path) -> World:
    """A post with two organisations."""
    made = World(tmp_path)
    made.remote.commit({"src/posts/a.md": post_text("甲")})
    made.sync(Sync.State.DONE)
    return made


def test_a_table_is_taken_away_changed_looked_at_and_brought_in(
    page: Page, live_server: LiveServer, world: World, tmp_path: Path
) -> None:
    person("cai", "Curator")
    sign_in(page, live_server, "cai")
    page.goto(f"{live_server.url}/admin/taxonomy/organisation/")
    with page.expect_download() as taken:
        page.get_by_role("link", name="Take the table away").click()
    with taken.value.path().open(encoding="utf-8-sig", newline="") as table:
        rows = list(csv.DictReader(table))
    assert [row["name"] for row in rows] == ["OpenAI", "台积电"]
    rows[1]["aliases"] = "TSMC|台積電"
    with (tmp_path / "changed.csv").open("w", encoding="utf-8", newline="") as table:
        writer = csv.DictWriter(table, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    page.get_by_role("link", name="Bring in a table").click()
    page.get_by_label("File", exact=True).set_input_files(tmp_path / "changed.csv")
    page.get_by_role("button", name="See what would change").click()
    line = page.locator(".eg-term-lines li")
    expect(line).to_have_count(1)
    expect(line).to_contain_text("台积电")
    expect(line).to_contain_text("+ TSMC | 台積電")
    assert wrong(page, "light") == [] and Organisation.objects.count() == 2
    page.get_by_role("button", name="Do it").click()
    expect(page.get_by_text("0 terms are new, 1 was changed.")).to_be_visible()
    aliases = Organisation.objects.filter(alias_of__name="台积电").order_by("pk")
    assert list(aliases.values_list("name", flat=True)) == ["TSMC", "台積電"]
