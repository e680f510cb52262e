"""An editor looks for posts in the list by words, a phrase, a field and a filter beside them, in a real browser."""

import re
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from posts.models import Sync
from tests.journeys.test_screens import wrong
from tests.journeys.test_the_main_job import sign_in
from tests.posts.worlds import World, person, with_orgs


@pytest.fixture
def world(transactional_db: None, tmp_path: Path) -> World:
    """Posts that mention the same in a title, in a summary and in a text, and one that mentions nothing."""
    made = World(tmp_path)
    made.remote.commit(
        {
            "src/posts/a.md": with_orgs("美股暴跌", "TSMC", body="开盘。\n"),
            "src/posts/b.md": with_orgs("港股", "OpenAI", body="昨夜美股大涨，港股跟着走。\n"),
            "src/posts/c.md": with_orgs("美国股市", "TSMC", draft="false", body="股价，美元。\n"),
            "src/posts/d.md": with_orgs("大涨的美股", "TSMC", draft="false", body="美股昨夜大涨。\n"),
        }
    )
    made.sync(Sync.State.DONE)
    return made


def test_the_box_finds_words_phrases_and_fields_together_with_a_filter(
    page: Page, live_server: LiveServer, world: World
) -> None:
    person("wen", "Writer")
    sign_in(page, live_server, "wen")
    page.goto(f"{live_server.url}/admin/posts/post/")
    titles, passages = page.locator("#result_list .eg-title"), page.locator("#result_list .eg-passage")

    def look_for(typed: str) -> None:
        page.locator("#searchbar").fill(typed)
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(re.escape(urlencode({"q": typed}))))

    look_for("美股")
    expect(titles).to_have_text(["大涨的美股", "美股暴跌", "港股"])
    expect(titles.locator("mark")).to_have_text(["美股", "美股"])
    expect(passages.filter(has_text="港股跟着走").locator("mark")).to_have_text(["美股"])
    assert wrong(page, "light") == []
    look_for('"昨夜美股"')
    expect(titles).to_have_text(["港股"])
    expect(passages.locator("mark")).to_have_text(["昨夜美股"])
    look_for("美股 org:TSMC")
    expect(titles).to_have_text(["大涨的美股", "美股暴跌"])
    page.get_by_role("button", name="Filters", exact=True).click()
    page.locator("#id_live__exact_1").check()
    page.get_by_role("button", name="Apply Filters").click()
    expect(titles).to_have_text(["大涨的美股"])
    expect(page.locator("#searchbar")).to_have_value("美股 org:TSMC")
    # The filter stays for what is looked for next.
    look_for("股价")
    expect(titles).to_have_text(["美国股市"])
    expect(passages.locator("mark")).to_have_text(["股价"])
