"""An image pasted into the text, described, seen in the preview, saved, and on its way with the post."""

import base64

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from posts.models import Sync
from tests.journeys.test_the_main_job import sign_in
from tests.posts.pictures import png
from tests.posts.worlds import World, person, post_text

PATH, OTHER, FOLDER = "src/posts/a.md", "src/posts/b.md", "src/assets/images"
GIVE = """([how, data, name]) => {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const given = new DataTransfer();
  given.items.add(new File([bytes], name, { type: "image/png" }));
  const area = document.querySelector(".eg-body-source");
  area.focus();
  area.setSelectionRange(area.value.length, area.value.length);
  const told = { bubbles: true, cancelable: true };
  area.dispatchEvent(
    how === "paste"
      ? new ClipboardEvent("paste", { clipboardData: given, ...told })
      : new DragEvent("drop", { dataTransfer: given, ...told }),
  );
}"""


@pytest.fixture
def world(transactional_db: None, var_dir: object, tmp_path: object) -> World:
    """One post and one image, synced."""
    world = World(tmp_path, media_folder=FOLDER, media_url="/assets/images")  # type: ignore[arg-type]
    other = post_text("另一篇", body="![旧的走势](/assets/images/旧图.png)\n")
    world.remote.commit({PATH: post_text(), OTHER: other, f"{FOLDER}/旧图.png": png("green", (400, 300))})
    world.sync(Sync.State.DONE)
    return world


@pytest.fixture
def writer(transactional_db: None) -> User:
    """Somebody who writes."""
    return person("wen", "Writer")


def paste(page: Page, data: bytes, name: str = "image.png", how: str = "paste") -> None:
    """Paste a file at the end of the text, or drop it there, as the browser tells of it."""
    page.evaluate(GIVE, [how, base64.b64encode(data).decode(), name])


def test_a_pasted_image_is_described_seen_and_sent_with_its_post(
    page: Page, live_server: LiveServer, world: World, writer: User
) -> None:
    sign_in(page, live_server, "wen")
    page.goto(f"{live_server.url}/admin/posts/post/{world.post(PATH).pk}/change/")
    body = page.locator(".eg-body-source")
    dialog = page.locator("dialog.eg-media")
    before = body.input_value()

    # What is no image is refused in words, and the text stays.
    paste(page, b"<svg xmlns='http://www.w3.org/2000/svg'/>", "x.png", how="drop")
    expect(dialog.get_by_role("alert")).to_contain_text("SVG images are not taken")
    page.keyboard.press("Escape")
    assert body.input_value() == before

    # One is described before it is inserted, and one step back takes it out again.
    paste(page, png("red", (300, 200)))
    expect(dialog.get_by_text("mei-gu-bao-die.png")).to_be_visible()
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("Describe what can be seen")
    dialog.get_by_label("What can be seen").fill("走势 [图]")
    page.keyboard.press("Enter")
    expect(dialog).not_to_be_visible()
    text = "![走势 \\[图\\]](/assets/images/mei-gu-bao-die.png)"
    assert body.input_value().rstrip().endswith(text)
    expect(body).to_be_focused()
    page.keyboard.press("Control+z")
    assert body.input_value() == before
    page.keyboard.press("Control+Shift+z")

    # One of the repository is picked: it comes with the words of its earlier use, and goes in a paragraph of its own.
    page.get_by_role("button", name="Image", exact=True).click()
    dialog.get_by_label("Search by name").fill("旧")
    expect(dialog.locator(".eg-media-tile")).to_have_count(1)
    dialog.locator(".eg-media-tile").click()
    expect(dialog.get_by_label("What can be seen")).to_have_value("旧的走势")
    dialog.get_by_label("Only decoration").check()
    dialog.get_by_role("button", name="Insert").click()
    assert body.input_value().endswith(f"{text}\n\n![](/assets/images/%E6%97%A7%E5%9B%BE.png)\n")

    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.locator("#looks-said").get_by_text("was saved")).to_be_visible()
    world.sync(Sync.State.DONE)
    assert text in world.text_in_git(PATH)
    assert f"{FOLDER}/mei-gu-bao-die.png" in world.remote.files()
    assert world.remote.log()[0].startswith("Edit")


@pytest.mark.longer
def test_the_preview_shows_a_new_image_and_one_of_the_repository(
    page: Page, live_server: LiveServer, world: World, writer: User
) -> None:
    sign_in(page, live_server, "wen")
    page.goto(f"{live_server.url}/admin/posts/post/{world.post(PATH).pk}/change/")
    page.locator(".eg-body-source").fill("![](/assets/images/旧图.png)\n\n")
    shown = page.frame_locator(".eg-frame").locator("img")
    expect(shown).to_have_js_property("naturalWidth", 400)
    paste(page, png("red", (300, 200)), how="drop")
    page.locator("dialog.eg-media").get_by_label("Only decoration").check()
    page.locator("dialog.eg-media").get_by_role("button", name="Insert").click()
    expect(shown.nth(1)).to_have_js_property("naturalWidth", 300)


@pytest.mark.longer
def test_an_upload_can_be_stopped(page: Page, live_server: LiveServer, world: World, writer: User) -> None:
    sign_in(page, live_server, "wen")
    page.goto(f"{live_server.url}/admin/posts/post/{world.post(PATH).pk}/change/")
    page.route("**/images/add/", lambda route: None)  # it never ends
    paste(page, png())
    dialog = page.locator("dialog.eg-media")
    dialog.get_by_role("button", name="Stop").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Stopped. Nothing was uploaded.")
    expect(dialog.get_by_role("button", name="Insert")).to_be_disabled()
