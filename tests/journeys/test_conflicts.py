"""Two editors and a push on one post, and a third person who settles it, in a real browser and in both languages."""

import re
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.utils import translation
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from posts.models import Conflict
from tests.journeys.test_the_main_job import sign_in, sign_out
from tests.posts import quarrels
from tests.posts.worlds import World, person


@pytest.fixture
def world(transactional_db: None, tmp_path: Path) -> World:
    """A remote without a commit, and a collection on it."""
    return World(tmp_path)


@pytest.fixture
def people(transactional_db: None) -> dict[str, User]:
    """Two who write and one who publishes."""
    return {"wen": person("wen", "Writer"), "ann": person("ann", "Writer"), "pan": person("pan", "Publisher")}


def speak(page: Page, live_server: LiveServer, language: str) -> None:
    """Ask for every page in `language`."""
    page.context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])


def said(language: str, words: str, **facts: object) -> str:
    """`words` as the page says them in `language`."""
    with translation.override(language):
        return translation.gettext(words) % facts if facts else translation.gettext(words)


def card(page: Page, name: str, side: str) -> object:
    """The card of one side of a question: clicking anywhere on it chooses it."""
    return page.locator(f'.cf-question[data-name="{name}"] label.cf-{side}')


@pytest.mark.parametrize("language", [pytest.param("en", marks=pytest.mark.longer), "zh-hans"])
def test_two_editors_and_a_push_settled_by_a_third(
    language: str, page: Page, live_server: LiveServer, world: World, people: dict[str, User]
) -> None:
    # Wen and Ann have the post open; Wen saves first, and what Ann typed is kept as hers.
    kept = quarrels.form(world, people["ann"], people["wen"])
    # The pipeline pushes another title and another first sentence meanwhile.
    theirs = {"美股暴跌与AI产业震荡：全球经济与地缘政治的多维透视": "管道的标题", "欢迎回到": "管道欢迎你回到"}
    quarrels.pushed(world, theirs)
    world.sync("partly")
    conflict = Conflict.objects.holding().get()

    speak(page, live_server, language)
    sign_in(page, live_server, "pan")
    expect(page.locator(f'a[href="/admin/posts/conflict/{kept.pk}/change/"]')).to_have_count(0)
    page.locator(f'a[href="/admin/posts/conflict/{conflict.pk}/change/"]').click()
    expect(page.locator(".cf-first")).to_contain_text("Wen")
    expect(page.locator(".cf-first")).to_contain_text("翻译管道")
    expect(page.get_by_text(said(language, "%(chosen)s of %(all)s chosen", chosen=0, all=2))).to_be_visible()

    # A card is chosen by a click anywhere on it; it can be left, and finished later.
    card(page, "title", "theirs").locator(".cf-text").click()
    expect(page.get_by_text(said(language, "%(chosen)s of %(all)s chosen", chosen=1, all=2))).to_be_visible()
    page.get_by_role("link", name=said(language, "Finish later")).click()
    expect(page).to_have_url(re.compile(r"/admin/posts/post/\d+/change/"))
    page.locator("a.eg-button", has_text=said(language, "Settle")).click()
    expect(page.locator('input[name="choice:title"][value=theirs]')).to_be_checked()
    expect(page.locator("#cf-said")).to_be_visible()

    # The keyboard goes to what is open, chooses by arrows, and writing something chooses it.
    page.locator("#cf-next").press("Enter")
    expect(page.locator('input[name="choice:body:0"][value=ours]')).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.locator('input[name="choice:body:0"][value=third]')).to_be_checked()
    written = page.locator('textarea[name="text:body:0"]')
    expect(written).to_be_visible()
    written.fill("大家好，三方都同意的一句。")
    expect(page.get_by_text(said(language, "All chosen. Save to settle it."))).to_be_visible()
    expect(page.locator("#cf-next")).to_be_hidden()
    page.get_by_role("button", name=said(language, "Save"), exact=True).click()
    expect(page).to_have_url(re.compile(r"/admin/posts/post/\d+/change/"))
    expect(page.locator(".eg-notice-row.eg-notice-red")).to_have_count(0)
    post = world.post(quarrels.PATH)
    assert post.title == "管道的标题" and post.body.startswith("大家好，三方都同意的一句。")
    world.sync("done")
    assert world.text_in_git(quarrels.PATH) == world.post(quarrels.PATH).present.text
    world.remote.check()
    sign_out(page)

    # Ann's form is still hers: on her first page, with what she typed.
    speak(page, live_server, language)
    sign_in(page, live_server, "ann")
    page.locator(f'a[href="/admin/posts/conflict/{kept.pk}/change/"]').click()
    expect(card(page, "title", "ours")).to_contain_text("全球经济的三条主线")
    expect(card(page, "title", "theirs")).to_contain_text("管道的标题")
    page.get_by_role("button", name=said(language, "All mine"), exact=True).click()
    expect(page.get_by_text(said(language, "All chosen. Save to settle it."))).to_be_visible()
    page.get_by_role("button", name=said(language, "Save"), exact=True).click()
    expect(page).to_have_url(re.compile(r"/admin/posts/post/\d+/change/"))
    assert world.post(quarrels.PATH).title.endswith("全球经济的三条主线")
    assert not Conflict.objects.unsettled().exists()


def test_names_are_written_as_chips_and_come_back_after_leaving(
    page: Page, live_server: LiveServer, world: World, people: dict[str, User]
) -> None:
    conflict = quarrels.created_twice(world, people["pan"])
    sign_in(page, live_server, "pan")
    address = f"{live_server.url}/admin/posts/conflict/{conflict.pk}/change/"
    page.goto(address)
    place = page.locator('.cf-question[data-name="tags"]')
    place.get_by_label("Write something else").check()
    place.locator(".select2-search__field").fill("新的标签")
    expect(page.locator(".select2-results__option--highlighted")).to_contain_text("新的标签")
    place.locator(".select2-search__field").press("Enter")
    expect(place.locator(".select2-selection__choice")).to_have_count(3)
    page.goto(address)
    expect(place.locator(".select2-selection__choice")).to_have_count(3)
    expect(place.locator("input[value=third]")).to_be_checked()
    page.locator('button[value="theirs:rest"]').click()
    card(page, "title", "ours").click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page).to_have_url(re.compile(r"/admin/posts/post/\d+/change/"))
    assert [each.name for each in world.post(quarrels.PATH).tags.all()] == ["ai", "markets", "新的标签"]


def test_on_a_phone_the_three_texts_stand_below_each_other_and_nothing_is_wider_than_the_screen(
    page: Page, live_server: LiveServer, world: World, people: dict[str, User]
) -> None:
    conflict = quarrels.text(world, people["pan"])
    page.set_viewport_size({"width": 360, "height": 740})
    sign_in(page, live_server, "pan")
    page.goto(f"{live_server.url}/admin/posts/conflict/{conflict.pk}/change/")
    boxes = [page.locator(f'[data-name="title"] .cf-{side}').bounding_box() for side in ("before", "ours", "theirs")]
    assert all(box is not None for box in boxes)
    tops = [box["y"] for box in boxes if box]
    assert tops == sorted(tops) and len(set(tops)) == 3
    assert page.evaluate("document.documentElement.scrollWidth") == 360
