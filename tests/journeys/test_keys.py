"""The keys of the whole site in a real browser: they lead where the sheet says, never while somebody types."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from posts.models import Profile
from tests.journeys.screens import enter
from tests.posts.worlds import World, person, post_text


@pytest.fixture
def world(transactional_db: None, tmp_path: Path) -> World:
    """A remote with one post, brought in."""
    made = World(tmp_path)
    made.remote.commit({"src/posts/a.md": post_text("一篇")})
    made.sync()
    return made


def test_two_keys_lead_on_a_sheet_lists_them_and_nothing_happens_while_typing_or_once_they_are_off(
    page: Page, live_server: LiveServer, world: World
) -> None:
    wen = person("wen", "Writer")
    enter(page, live_server, wen)
    page.goto(f"{live_server.url}/admin/")
    page.keyboard.type("gp")
    expect(page).to_have_url(re.compile(r"/admin/posts/post/$"))
    page.wait_for_load_state("load")
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keys")
    expect(sheet).to_contain_text("Review queue")
    # Under the sheet the page's keys rest.
    page.keyboard.type("gh")
    expect(sheet).to_be_visible()
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()

    page.keyboard.press("/")
    expect(page.locator("#searchbar")).to_be_focused()
    page.keyboard.type("gh?/")
    expect(page.locator("#searchbar")).to_have_value("gh?/")
    expect(page).to_have_url(re.compile(r"/admin/posts/post/$"))
    # The palette opens from any field, a tick box as well, and leads back there.
    palette, tick = page.locator("#search-input-command"), page.locator("#action-toggle")
    for there in (page.locator("#searchbar"), tick):
        there.focus()
        page.keyboard.press("Control+k")
        expect(palette).to_be_focused()
        page.keyboard.press("Escape")
        expect(there).to_be_focused()
    # An input method composes outside of any field too: its keys are its own.
    tick.evaluate("box => box.blur()")
    press = "(body, told) => body.dispatchEvent(new KeyboardEvent('keydown', told))"
    for key in ("g", "h"):
        page.locator("body").evaluate(press, {"key": key, "isComposing": True, "bubbles": True})
    expect(page).to_have_url(re.compile(r"/admin/posts/post/$"))
    page.keyboard.type("gh")
    expect(page).to_have_url(re.compile(r"/admin/$"))
    page.wait_for_load_state("load")
    page.keyboard.press("/")
    expect(palette).to_be_focused()
    # What comes without keys, as by pasting, is sought too; Enter takes the first, and nothing where there is nothing.
    page.keyboard.insert_text("没有这样的东西")
    expect(page.locator("#command-results")).to_contain_text("Nothing found.")
    page.keyboard.press("Enter")
    palette.fill("")
    page.keyboard.insert_text("calendar")
    expect(page.locator("#command-results")).to_contain_text("Calendar")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/admin/posts/post/calendar/$"))

    page.goto(f"{live_server.url}/my/settings/#keys")
    page.locator("#id_shortcuts").uncheck()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Your settings are saved")).to_be_visible()
    assert not Profile.objects.get(person=wen).shortcuts
    page.keyboard.type("gp?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()
    expect(page).to_have_url(re.compile(r"/my/settings/(#keys)?$"))
    page.get_by_role("button", name="Show the keys").click()
    expect(page.get_by_role("dialog", name="Keys")).to_contain_text("switched off")


def test_the_filters_of_a_list_open_are_set_and_close_by_keyboard_alone(
    page: Page, live_server: LiveServer, world: World
) -> None:
    enter(page, live_server, person("wen", "Writer"))
    page.goto(f"{live_server.url}/admin/posts/post/")
    opener, panel = page.get_by_role("button", name="Filters", exact=True), page.locator("#changelist-filter")
    expect(opener).to_have_attribute("aria-expanded", "false")
    page.locator("#searchbar").focus()
    page.keyboard.press("Tab")
    expect(opener).to_be_focused()
    page.keyboard.press("Enter")
    expect(opener).to_have_attribute("aria-expanded", "true")
    expect(panel.locator(":focus")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(opener).to_be_focused()
    page.keyboard.press(" ")
    expect(panel.locator(":focus")).to_have_count(1)
    panel.locator("#id_live__exact_1").focus()
    page.keyboard.press(" ")
    panel.get_by_role("button", name="Apply Filters").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("live__exact=1"))


def test_the_menu_of_the_person_and_what_the_sidebar_folds_away_open_by_keyboard_alone(
    page: Page, live_server: LiveServer, world: World
) -> None:
    enter(page, live_server, person("wen", "Curator"))
    page.goto(f"{live_server.url}/admin/taxonomy/tag/")
    opener = page.locator("[aria-controls=looks-person]")
    opener.focus()
    page.keyboard.press("Enter")
    light = page.get_by_role("button", name="Light", exact=True)
    expect(light).to_be_visible()
    page.keyboard.press("Tab")
    expect(light).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_class(re.compile("dark"))
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Log out")).to_be_hidden()
    expect(opener).to_be_focused()
    vocabularies = page.get_by_role("button", name="Vocabularies")
    vocabularies.focus()
    page.keyboard.press(" ")
    expect(vocabularies).to_have_attribute("aria-expanded", "false")
