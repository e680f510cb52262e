"""A remark in the browser: a passage is selected, something is typed over it, and the writer applies it."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from posts.models import Comment
from tests.journeys.test_the_main_job import sign_in
from tests.posts.worlds import World, person, post_text

PATH = "src/posts/a.md"
BODY = "第一段𠮷。\n\n股市今天大跌，明天大跌。\n\n第三段。\n"
SELECT = """() => {
  const line = document.querySelectorAll(".cm-line")[2];
  const text = line.firstChild;
  const range = document.createRange();
  range.setStart(text, text.data.lastIndexOf("大跌"));
  range.setEnd(text, text.data.lastIndexOf("大跌") + 2);
  document.getSelection().removeAllRanges();
  document.getSelection().addRange(range);
  document.dispatchEvent(new MouseEvent("mouseup"));
}"""


PICK = """number => {
  document.getSelection().selectAllChildren(document.querySelectorAll(".cm-line")[number]);
  document.dispatchEvent(new MouseEvent("mouseup"));
}"""


@pytest.fixture
def world(transactional_db: None, tmp_path: Path) -> World:
    """A draft, and Pan who may do all with it."""
    made = World(tmp_path)
    made.remote.commit({PATH: post_text("新的", body=BODY)})
    made.sync()
    person("pan", "Publisher")
    person("wen", "Writer")
    User.objects.filter(pk=person("xm7", "Writer").pk).update(first_name="小明", last_name="王")
    return made


def test_what_is_typed_over_a_selected_passage_is_a_suggestion_that_one_click_applies(
    page: Page, live_server: LiveServer, world: World
) -> None:
    sign_in(page, live_server, "pan")
    address = live_server.url + reverse("admin:posts_post_comments", args=[world.post(PATH).pk])
    page.goto(address)
    page.evaluate(SELECT)
    expect(page.get_by_label("Passage", exact=True)).to_have_value("大跌")
    page.get_by_label("What should stand there").fill("大涨")
    expect(page.get_by_label("Suggest this in its place:")).to_be_checked()
    # Whoever is meant by what stands behind an @ is offered; Escape leaves it as it is typed.
    remark, names = page.get_by_label("Your remark"), page.get_by_role("listbox", name="People who may be meant")
    remark.press_sequentially("请@王")
    expect(names.get_by_role("option", selected=True)).to_have_text("小明 王 @xm7")
    expect(remark).to_have_attribute("aria-activedescendant", "cm-name-0")
    remark.press("Escape")
    expect(names).to_be_hidden()
    remark.fill("@")
    expect(names.get_by_role("option")).to_have_text(["Wen @wen", "小明 王 @xm7"])
    # The keys of an input method are its own.
    remark.dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True, "cancelable": True})
    remark.press("ArrowDown")
    remark.press("Enter")
    expect(remark).to_have_value("@xm7 ")
    remark.press_sequentially("和@w")
    names.get_by_text("@wen").click()
    expect(remark).to_be_focused()
    remark.press_sequentially("这里写反了")
    page.get_by_role("button", name="Add the remark").click()
    expect(page.locator("mark")).to_have_text("大跌")
    made = Comment.objects.get()
    expect(page.locator(f"#remark-{made.pk}")).to_be_focused()
    expect(page.get_by_role("status").first).to_contain_text("Your remark was added.")
    page.get_by_role("button", name="Settle").click()
    expect(page.locator(f"#remark-{made.pk}")).to_be_focused()
    page.get_by_role("button", name="Open again").click()
    expect(page.get_by_role("status").first).to_contain_text("open again")
    assert made.text == "@xm7 和@wen 这里写反了"
    assert made.start == BODY.rindex("大跌")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator(".cm-body")).to_contain_text("股市今天大跌，明天大涨。")
    expect(page.locator("mark")).to_have_count(0)
    assert world.post(PATH).body == BODY.replace("明天大跌", "明天大涨")


def test_another_passage_takes_nothing_away_that_was_typed(page: Page, live_server: LiveServer, world: World) -> None:
    sign_in(page, live_server, "pan")
    page.goto(live_server.url + reverse("admin:posts_post_comments", args=[world.post(PATH).pk]))
    passage, instead = page.get_by_label("Passage", exact=True), page.get_by_label("What should stand there")
    suggests = page.get_by_label("Suggest this in its place:")
    other = page.get_by_role("button", name="Take the passage that is selected now")
    page.evaluate(PICK, 0)
    page.evaluate(PICK, 4)
    expect(passage).to_have_value("第三段。")
    expect(instead).to_have_value("第三段。")
    expect(other).to_be_hidden()
    instead.fill("第三段，改好了。")
    page.evaluate(PICK, 0)
    expect(passage).to_have_value("第三段。")
    expect(instead).to_have_value("第三段，改好了。")
    expect(suggests).to_be_checked()
    other.click()
    expect(passage).to_have_value("第一段𠮷。")
    expect(instead).to_have_value("第三段，改好了。")
    expect(suggests).to_be_checked()
    expect(other).to_be_hidden()
    # Nor does a field that is chosen, or a passage that was typed.
    page.get_by_label("Field", exact=True).select_option("title")
    expect(instead).to_have_value("第三段，改好了。")
    instead.fill("")
    suggests.uncheck()
    passage.fill("我自己写的")
    page.evaluate(PICK, 4)
    expect(passage).to_have_value("我自己写的")
    expect(other).to_be_visible()


def test_a_passage_that_was_typed_and_a_field_are_not_sent_as_one(
    page: Page, live_server: LiveServer, world: World
) -> None:
    sign_in(page, live_server, "pan")
    page.goto(live_server.url + reverse("admin:posts_post_comments", args=[world.post(PATH).pk]))
    passage, field = page.get_by_label("Passage", exact=True), page.get_by_label("Field", exact=True)
    page.get_by_text("About a passage or a field").click()
    field.select_option("title")
    passage.fill("第三段")
    expect(field).to_have_value("")
    field.select_option("title")
    page.get_by_label("Your remark").fill("哪一个？")
    page.get_by_role("button", name="Add the remark").click()
    expect(page.get_by_role("alert")).to_contain_text("a field or about a passage")
    expect(passage).to_have_value("第三段")
    expect(field).to_have_value("title")
    field.select_option("")
    page.get_by_role("button", name="Add the remark").click()
    expect(page.locator("mark")).to_have_text("第三段")
    assert Comment.objects.get().quote == "第三段"
