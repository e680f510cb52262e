"""Every page of the site as axe-core and a phone see it, in both themes; and their pictures, for `make screens`."""

import html
import os
from collections.abc import Iterable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from django.urls import resolve, reverse
from playwright.sync_api import ConsoleMessage, Page, expect
from pytest_django.live_server_helper import LiveServer

from posts.admin import reports
from posts.admin.post_admin import PostAdmin
from posts.models import Post
from taxonomy.models import VOCABULARIES
from tests.journeys.screens import NOWHERE, PARTS, SCREENS, SHORT, Scenery, Screen, enter, leave
from tests.posts import quarrels
from tests.posts.test_every_url import EXPECTED

SIZES = {"wide": (1440, 900), "phone": (360, 780), "huge": (2560, 1440)}

# In heights of a letter: as many Chinese signs, or not quite twice as many letters.
LONGEST_LINE = 65
LONG_LINES = """(most) => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    if (text.parentElement.closest("textarea, select, script, style")) {
      continue;
    }
    const size = parseFloat(getComputedStyle(text.parentElement).fontSize);
    const range = document.createRange();
    range.selectNodeContents(text);
    const widest = Math.max(0, ...[...range.getClientRects()].map((line) => line.width / size));
    if (widest > most) {
      found.push(`${Math.round(widest)} em: ${text.data.trim().slice(0, 60)}`);
    }
  }
  for (const area of document.querySelectorAll(".eg-body-source")) {
    const style = getComputedStyle(area);
    const width = area.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    if (width / parseFloat(style.fontSize) > most) {
      found.push(`${Math.round(width / parseFloat(style.fontSize))} em in the text of the editor`);
    }
  }
  return found;
}"""


@pytest.fixture
def scene(transactional_db: None, tmp_path: Path) -> Scenery:
    """The world of the screens."""
    return Scenery(tmp_path)


def go(page: Page, live_server: LiveServer, scene: Scenery, screen: Screen) -> int:
    """Open a screen and wait until it stands; gives the status."""
    answer = page.goto(live_server.url + screen.address(scene))
    assert answer is not None
    page.wait_for_load_state("load")
    if screen.then is not None and answer.status == screen.status:
        screen.then(page)
    return answer.status


def dress(page: Page, theme: str) -> None:
    """Show the page light or dark: the admin by its own switch, what is outside of it as the browser wishes."""
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")
    page.evaluate("theme => { document.documentElement.className = theme }", theme)


def wrong(page: Page, theme: str) -> list[str]:
    """What axe-core says against the page as it is shown now, one line each."""
    dress(page, theme)
    options = {"resultTypes": ["violations"], "iframes": False}
    if theme == "dark":
        # What differs from one theme to the other is the colours alone.
        options["runOnly"] = ["color-contrast"]
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{theme} {rule['id']}: {node['target']} {node['html'][:160]} {[why['message'] for why in node['any'][:1]]}"
        for rule in found
        for node in rule["nodes"]
    ]


def too_wide(page: Page) -> list[str]:
    """By how much the page is wider than its window, if it is."""
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [f"{over} pixels wider than the window"] if over > 0 else []


# How far things moved that nobody touched. Below 0.1 is what https://web.dev/articles/cls calls good.
_JUMPED = """() => new Promise((done) => {
  let jumped = 0;
  new PerformanceObserver((list) => {
    for (const shift of list.getEntries()) {
      jumped += shift.hadRecentInput ? 0 : shift.value;
    }
  }).observe({ type: "layout-shift", buffered: true });
  requestAnimationFrame(() => setTimeout(() => done(jumped)));
})"""
_MOST_JUMP = 0.1


def not_there(page: Page, screen: Screen) -> list[str]:
    """What the page is there to show, if it does not."""
    return [f"nothing there is {screen.shows}"] if screen.shows and not page.locator(screen.shows).count() else []


def jumped(page: Page) -> list[str]:
    """By how much the page jumped while it was loading, if it is felt."""
    how_far = page.evaluate(_JUMPED)
    return [f"jumps by {how_far:.2f} while it loads"] if how_far >= _MOST_JUMP else []


# What lies behind a panel closes it, as a key of its own does: Escape.
_DEAF = """() => [...document.querySelectorAll("[x-on\\\\:click]")]
  .filter((each) => !each.matches("button, a[href], input, select, textarea, [tabindex], #changelist-filter-close"))
  .map((each) => each.outerHTML.slice(0, 160))"""


def deaf(page: Page) -> list[str]:
    """What does something at a click that no key can do."""
    found: list[str] = page.evaluate(_DEAF)
    return [f"no key reaches {each}" for each in found]


def too_long(page: Page) -> list[str]:
    """The lines of running text that are so long that the eye loses the next one, once for each text."""
    told: list[str] = page.evaluate(LONG_LINES, LONGEST_LINE)
    return [f"a line of {line}" for line in told]


def is_answer(error: ConsoleMessage, page: Page) -> bool:
    """Whether this says no more than that the page was not found, or refused: to the console that is an error."""
    return error.location["url"] == page.url and "responded with a status of" in error.text


def complaints(
    page: Page,
    live_server: LiveServer,
    scene: Scenery,
    screens: Iterable[Screen],
    who: User,
    language: str = "en",
    size: str = "wide",
) -> dict[str, list[str]]:
    """What is wrong, by screen; those that `who` may not see are looked at as the page that says so."""
    errors: list[ConsoleMessage] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error":
            errors.append(message)

    page.on("console", heard)
    page.emulate_media(reduced_motion="reduce")
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    enter(page, live_server, who, language)
    found = {}
    for screen in screens:
        if not screen.logged_in:
            leave(page)
        errors.clear()
        status = go(page, live_server, scene, screen)
        assert status == screen.status or (not who.is_superuser and status in (403, 404)), (screen.name, status)
        lines = (
            (not_there(page, screen) if who.is_superuser else [])
            + jumped(page)
            + deaf(page)
            + too_wide(page)
            + wrong(page, "light")
            + wrong(page, "dark")
        )
        lines += [f"console: {error.text}" for error in errors if not is_answer(error, page)]
        if lines:
            found[screen.name] = lines
    return found


def told(found: dict[str, list[str]]) -> str:
    return "\n".join(f"{name}: {line}" for name, lines in found.items() for line in lines)


def test_every_screen_has_what_it_is_there_to_show(page: Page, live_server: LiveServer, scene: Scenery) -> None:
    enter(page, live_server, scene.boss)
    found = {}
    for screen in SCREENS:
        if screen.shows:
            go(page, live_server, scene, screen)
            if lines := not_there(page, screen):
                found[screen.name] = lines
    assert not found, told(found)


def test_axe_finds_nothing_wrong_on_the_most_used_pages_in_both_themes(
    page: Page, live_server: LiveServer, scene: Scenery
) -> None:
    found = complaints(page, live_server, scene, SHORT, scene.boss)
    assert not found, told(found)


@pytest.mark.longer
@pytest.mark.parametrize("size", ["wide", "phone"])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_screen_fits_is_silent_and_has_nothing_that_axe_finds_wrong(
    language: str, size: str, page: Page, live_server: LiveServer, scene: Scenery
) -> None:
    found = complaints(page, live_server, scene, SCREENS, scene.boss, language, size)
    assert not found, told(found)


@pytest.mark.longer
def test_a_writer_sees_every_screen_or_a_page_that_says_why_not(
    page: Page, live_server: LiveServer, scene: Scenery
) -> None:
    found = complaints(page, live_server, scene, SCREENS, scene.writer)
    assert not found, told(found)


@pytest.mark.longer
def test_on_the_largest_window_nothing_is_torn_apart_and_lines_stay_readable(
    page: Page, live_server: LiveServer, scene: Scenery
) -> None:
    width, height = SIZES["huge"]
    page.set_viewport_size({"width": width, "height": height})
    enter(page, live_server, scene.boss)
    article = scene.world.post(quarrels.PATH).pk
    pages = [f"admin:posts_post_{name}" for name in ("review", "difference", "lines", "comments", "file", "findings")]
    texts = [Screen(name, lambda scene, name=name: reverse(name, args=[article])) for name in pages]
    found = {}
    for screen in (*SCREENS, *texts):
        if not screen.logged_in:
            leave(page)
        go(page, live_server, scene, screen)
        if lines := too_wide(page) + too_long(page):
            found[screen.name] = lines
    assert not found, told(found)


def test_every_page_that_somebody_may_open_is_among_the_screens(scene: Scenery) -> None:
    answers: dict[str, set[str]] = {}
    for line in EXPECTED.read_text().splitlines():
        if line.startswith("/"):
            route, *words = line.split()
            answers.setdefault(route, set()).update(word[0] for word in words if len(word) == 2)
    # What is refused to everybody in the world of that table is a page as well; a redirect alone is none.
    pages = {route for route, letters in answers.items() if "2" in letters or not letters & set("M3")}
    turned_off = {route for route in pages if route.endswith(("/add/", "/delete/")) and answers[route] <= set("LF")}
    addresses = {screen.address(scene).partition("?")[0] for screen in SCREENS} - {NOWHERE}
    shown = {resolve(address).route for address in addresses}
    for name in VOCABULARIES:
        shown = {route.replace(f"admin/taxonomy/{name}/", "admin/taxonomy/*/") for route in shown}
    # As Django joins them: without the mark of a beginning in the midst.
    missing = {page.removeprefix("/").replace("/^", "/") for page in pages - turned_off} - shown - PARTS
    assert missing == set()


def test_axe_finds_nothing_wrong_when_something_fails_here(
    page: Page, live_server: LiveServer, scene: Scenery, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(person: object) -> bool:
        raise ZeroDivisionError

    monkeypatch.setattr(reports, "may_see_reports", fails)
    screen = Screen("failed", lambda scene: reverse("admin:posts_post_reports"), status=500)
    found = complaints(page, live_server, scene, [screen], scene.boss)
    expect(page.get_by_role("heading")).to_have_text("Something went wrong here")
    assert not found, told(found)


@pytest.mark.longer
def test_axe_finds_nothing_wrong_with_the_palette_and_with_ticked_rows_which_may_be_all_that_are_found(
    page: Page, live_server: LiveServer, scene: Scenery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PostAdmin, "list_per_page", 5)
    page.emulate_media(reduced_motion="reduce")
    enter(page, live_server, scene.boss)
    page.goto(live_server.url + reverse("admin:posts_post_changelist"))
    page.locator("#action-toggle").check()
    page.locator("select[name=action]").select_option("assign_posts")
    found = wrong(page, "light") + wrong(page, "dark")
    page.get_by_text(f"Select all {Post.objects.count()} posts").click()
    found += wrong(page, "light") + wrong(page, "dark")
    page.get_by_role("button", name="Run").click()
    expect(page.locator("input[name=_selected_action]")).to_have_count(Post.objects.count())
    page.keyboard.press("Control+k")
    palette = page.get_by_role("dialog", name="Go to a post, a term, a page…")
    palette.get_by_role("searchbox").press_sequentially("美联储")
    expect(palette.get_by_text("美联储的两难").first).to_be_visible(timeout=15_000)
    found += wrong(page, "light") + wrong(page, "dark")
    assert not found, "\n".join(found)


PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>All screens of Evergreen</title>
<style>
body { font: 15px sans-serif; margin: 2em; }
img { border: 1px solid #ccc; height: 340px; margin: 4px; object-fit: cover; object-position: top; }
</style>
<h1>All screens of Evergreen</h1>
"""


@pytest.mark.screens
def test_the_pictures_of_all_screens_are_written(page: Page, live_server: LiveServer, scene: Scenery) -> None:
    folder = Path(os.environ["SCREENS"])
    folder.mkdir(parents=True, exist_ok=True)
    wanted = os.environ.get("ONLY", "").split()
    names = [screen for screen in SCREENS if not wanted or screen.name in wanted]
    rows = []
    for language in ("en", "zh-hans"):
        for screen in names:
            if screen.logged_in:
                enter(page, live_server, scene.boss, language)
            else:
                leave(page)
            shots = []
            page.emulate_media(reduced_motion="reduce")
            go(page, live_server, scene, screen)
            assert not not_there(page, screen), screen.name
            for size, (width, height) in SIZES.items():
                page.set_viewport_size({"width": width, "height": height})
                for theme in ("light", "dark"):
                    dress(page, theme)
                    name = f"{screen.name}-{language}-{size}-{theme}.png"
                    page.screenshot(path=folder / name, full_page=True)
                    shots.append(f'<a href="{name}"><img src="{name}" alt="{html.escape(name)}" loading="lazy"></a>')
            rows.append(f"<h2>{screen.name} · {language}</h2><p>{''.join(shots)}</p>")
    (folder / "index.html").write_text(PAGE + "".join(rows), encoding="utf-8")
