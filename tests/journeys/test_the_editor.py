"""The editor in a real browser: the text, its tools, its preview, and an input method."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import FrameLocator, Page, Request, Route, expect
from pytest_django.live_server_helper import LiveServer

from posts.models import Collection
from tests.journeys.test_the_main_job import sign_in
from tests.posts.worlds import World, person, post_text

PATH = "src/posts/a.md"
BODY = """# 开头

第一段。

<details><summary>Original</summary>

Some *English*.

</details>

## 结尾

最后一段。
"""


@pytest.fixture
def world(transactional_db: None, tmp_path: Path) -> World:
    """A remote with one post, brought in, and a writer."""
    made = World(tmp_path)
    made.remote.commit({PATH: post_text("一篇", body=BODY)})
    made.sync()
    person("wen", "Writer")
    return made


def open_editor(page: Page, live_server: LiveServer, world: World) -> FrameLocator:
    """The form of the post, with its preview drawn; gives the preview's frame."""
    sign_in(page, live_server, "wen")
    page.goto(f"{live_server.url}/admin/posts/post/{world.post(PATH).pk}/change/")
    frame = page.frame_locator(".eg-frame")
    expect(frame.locator("main")).to_contain_text("开头")
    return frame


def body(page: Page) -> str:
    return page.locator(".eg-body-source").input_value()


def select(page: Page, words: str) -> None:
    """Select `words` in the text, as with the mouse."""
    page.locator(".eg-body-source").evaluate(
        "(area, words) => { area.focus(); const at = area.value.indexOf(words);"
        " area.setSelectionRange(at, at + words.length) }",
        words,
    )


def paste(page: Page, html: str, text: str = "text") -> None:
    """Paste rich text, as from a word processor."""
    page.locator(".eg-body-source").evaluate(
        "(area, [html, text]) => { const given = new DataTransfer(); given.setData('text/html', html);"
        " given.setData('text/plain', text); area.dispatchEvent(new ClipboardEvent('paste',"
        " { clipboardData: given, bubbles: true, cancelable: true })) }",
        [html, text],
    )


def test_a_text_is_typed_marked_pasted_and_shown_as_the_site_will_show_it(
    page: Page, live_server: LiveServer, world: World
) -> None:
    frame = open_editor(page, live_server, world)
    # The text has more than half of the window; the fields behind the title unfold, and stay so.
    top, foot = (page.locator(part).bounding_box() for part in (".eg-body-source", ".eg-foot"))
    assert top is not None and foot is not None and foot["y"] - top["y"] >= 0.55 * 900
    page.get_by_role("button", name="Details").click()
    page.reload()
    expect(page.locator("#id_summary")).to_be_visible()
    expect(frame.locator("main")).to_contain_text("开头")
    asked: list[str] = []

    def heard(request: Request) -> None:
        if "/preview/" in request.url and request.post_data:
            asked.append(request.post_data)

    page.on("request", heard)
    select(page, "最后一段")
    page.keyboard.press("Control+b")
    assert "**最后一段**。" in body(page)
    expect(frame.locator("strong")).to_have_text("最后一段")
    assert len(asked) == 1
    assert "%E7%AC%AC%E4%B8%80%E6%AE%B5" not in asked[0], "the first paragraph did not change, so it is not sent"
    page.keyboard.press("Control+z")
    assert body(page) == BODY
    expect(frame.locator("strong")).to_have_count(0)

    # An input method: its keys are its own, be they shortcuts of ours, and the text comes at the end.
    keys = page.context.new_cdp_session(page)
    select(page, "第一段。")
    page.keyboard.press("ArrowRight")
    for typed in ("n", "ni", "ni h", "ni hao"):
        keys.send("Input.imeSetComposition", {"text": typed, "selectionStart": len(typed), "selectionEnd": len(typed)})
    held = {"type": "rawKeyDown", "key": "b", "code": "KeyB", "modifiers": 2, "windowsVirtualKeyCode": 229}
    keys.send("Input.dispatchKeyEvent", held)
    assert "**" not in body(page)
    keys.send("Input.insertText", {"text": "你好"})
    assert body(page) == BODY.replace("第一段。", "第一段。你好")
    expect(frame.locator("p").first).to_have_text("第一段。你好")

    select(page, "你好")
    paste(page, "<p>她说<b>真，</b>是 <a href='https://example.org/a b'>这里</a></p><ul><li>一</li><li>二</li></ul>")
    assert "第一段。她说**真**，是 [这里](<https://example.org/a b>)\n\n- 一\n- 二\n" in body(page)
    page.keyboard.press("Control+z")
    assert "你好" in body(page)

    page.keyboard.press("Control+f")
    page.locator("[data-part=find]").fill("一段")
    expect(page.locator("[data-part=said]")).to_contain_text("of 2")
    page.locator("[data-part=replace]").fill("二段")
    page.get_by_role("button", name="Replace all").click()
    assert body(page) == BODY.replace("第一段。", "第一段。你好").replace("一段", "二段")
    page.get_by_role("button", name="Save and continue editing").last.click()
    expect(page.get_by_text("was saved").first).to_be_visible()
    assert "第二段。你好" in world.post(PATH).present.text

    # Saved, one is read what happened, and goes on where one was.
    select(page, "第二段。你好")
    page.keyboard.press("ArrowRight")
    page.keyboard.type("！")
    page.get_by_role("button", name="Save and continue editing").last.click()
    expect(page.get_by_role("status").filter(has_text="was saved")).to_be_visible()
    expect(page.locator(".eg-body-source")).to_be_focused()
    page.keyboard.type("又")
    assert "第二段。你好！又\n" in body(page)


@pytest.mark.longer
def test_the_two_sides_scroll_in_step_and_the_outline_leads_there(
    page: Page, live_server: LiveServer, world: World
) -> None:
    frame = open_editor(page, live_server, world)
    parts = [f"## 第 {number} 节\n\n" + "很长的一段文字。" * (5 + 40 * (number % 2)) for number in range(40)]
    page.locator(".eg-body-source").fill("\n\n".join(parts))
    expect(frame.locator("h2")).to_have_count(40)
    page.locator("[data-does=outline]").click()
    page.get_by_role("button", name="第 21 节", exact=True).click()
    heading = frame.get_by_role("heading", name="第 21 节")
    expect(heading).to_be_in_viewport()
    # And the other way round.
    frame.locator("main").evaluate("main => { document.scrollingElement.scrollTop = 0 }")
    expect(frame.get_by_role("heading", name="第 0 节")).to_be_in_viewport()
    page.wait_for_function("document.querySelector('.eg-body-source').scrollTop < 50")
    # The top of the text is the top of the preview, with the margin there.
    seen = "document.querySelector('.eg-frame').contentDocument.scrollingElement.scrollTop"
    for top, told in ((3000, f"{seen} > 100"), (0, f"{seen} === 0")):
        page.locator(".eg-body-source").evaluate("(area, top) => { area.scrollTop = top }", top)
        page.wait_for_function(told)


@pytest.mark.longer
def test_a_change_that_reaches_over_the_rest_of_the_text_is_drawn_to_its_end(
    page: Page, live_server: LiveServer, world: World
) -> None:
    frame = open_editor(page, live_server, world)
    page.locator(".eg-body-source").fill("\n\n".join(f"第 {number} 段 [x]" for number in range(60)))
    expect(frame.locator("p")).to_have_count(60)
    select(page, "第 20 段")
    page.keyboard.press("ArrowLeft")
    page.keyboard.type("```\n")
    expect(frame.locator("p")).to_have_count(20)
    expect(frame.locator("pre")).to_contain_text("第 59 段")
    page.keyboard.type("x\n```\n\n")
    expect(frame.locator("p")).to_have_count(60)
    # A link that is defined at the end is one in each paragraph.
    page.keyboard.press("Control+End")
    page.keyboard.type("\n\n[x]: https://example.org\n")
    expect(frame.locator("a")).to_have_count(60)
    select(page, "第 3 段")
    page.keyboard.press("ArrowRight")
    page.keyboard.type("改")
    expect(frame.locator("p").nth(3)).to_have_text("第 3 段改 x")
    expect(frame.locator("a")).to_have_count(60)


@pytest.mark.longer
def test_the_tools_write_markdown_and_take_it_back(page: Page, live_server: LiveServer, world: World) -> None:
    open_editor(page, live_server, world)
    area = page.locator(".eg-body-source")

    def tool(name: str) -> None:
        page.get_by_role("button", name=name, exact=True).click()

    area.fill("一\n二")
    select(page, "一\n二")
    tool("List")
    assert body(page) == "- 一\n- 二"
    tool("Numbered list")
    assert body(page) == "1. 一\n2. 二"
    tool("Numbered list")
    assert body(page) == "一\n二"
    tool("Quotation")
    assert body(page) == "> 一\n> 二"
    area.fill("她说「重点」。")
    select(page, "「重点」。")
    tool("Bold")
    assert body(page) == "她说「**重点**」。"
    tool("Bold")
    assert body(page) == "她说「重点」。"
    area.fill("标题")
    for wanted in ("## 标题", "### 标题", "#### 标题", "标题"):
        tool("Heading")
        assert body(page) == wanted
    select(page, "标题")
    tool("Link")
    assert body(page) == "[标题](https://)"
    page.keyboard.type("https://example.org")
    assert body(page) == "[标题](https://example.org)"
    area.fill("前\n\n里面\n\n后")
    select(page, "里面")
    tool("Text that folds away")
    page.keyboard.type("原文")
    assert body(page) == "前\n\n<details><summary>原文</summary>\n\n里面\n\n</details>\n\n后"
    area.fill("前")
    page.keyboard.press("Control+End")
    tool("Table")
    assert body(page) == "前\n\n|  |  |\n| --- | --- |\n|  |  |\n"
    area.fill("甲\t乙\n丙|丁")
    select(page, "甲\t乙\n丙|丁")
    tool("Table")
    assert body(page) == "| 甲 | 乙 |\n| --- | --- |\n| 丙\\|丁 |  |\n"

    # Enter goes on with a list, and ends it in an empty item.
    for start, wanted in (
        ("- 一", "- 一\n- "),
        ("9. 一", "9. 一\n10. "),
        ("- [x] 一", "- [x] 一\n- [ ] "),
        ("> 一", "> 一\n> "),
    ):
        area.fill(start)
        page.keyboard.press("Control+End")
        page.keyboard.press("Enter")
        assert body(page) == wanted
        page.keyboard.press("Enter")
        assert body(page) == f"{start}\n"
    page.keyboard.press("Control+z")
    assert body(page) == "> 一\n> "


# What is picked (between ‹ and ›), the key, and what comes of it; pressed again it is as it was.
MARKED = (
    ("**‹bold›** x", "i", "***‹bold›*** x"),
    ("‹**bold**› x", "i", "***‹bold›*** x"),
    ("*‹bold›* x", "b", "***‹bold›*** x"),
    ("***‹x›***", "i", "**‹x›**"),
    ("‹***x***›", "b", "*‹x›*"),
    ("**‹x›**", "b", "‹x›"),
    ("‹para one\n\npara two›\n", "b", "**‹para one**\n\n**para two›**\n"),
    ("‹# 一\n- 二\n- [ ] 三\n> 四\n五›", "b", "# **‹一**\n- **二**\n- [ ] **三**\n> **四\n五›**"),
    ("一行\n‹还是这段\n再一行›", "b", "一行\n**‹还是这段\n再一行›**"),
    ("a **b ‹c› d** e", "b", "a **b** ‹c› **d** e"),
    ("‹**a** and **b**›", "b", "**‹a and b›**"),
    ("2 * 3 ‹four› 5", "i", "2 * 3 *‹four›* 5"),
    (r"\*‹four›\*", "i", r"\**‹four›*\*"),
    ("前 `a*b` ‹后› `c*`", "i", "前 `a*b` *‹后›* `c*`"),
    ("‹| 甲 | 乙 |\n| --- | --- |\n| 丙 | - |›", "b", "| **‹甲** | **乙** |\n| --- | --- |\n| **丙›** | - |"),
    ("‹一\n\n```\nx = 1\n```\n\n二›", "b", "**‹一**\n\n```\nx = 1\n```\n\n**二›**"),
    ("那是‹›", "b", "那是**‹›**"),
)


def picked(page: Page) -> str:
    """The text, with what is selected between ‹ and ›."""
    told: str = page.locator(".eg-body-source").evaluate(
        "({ value, selectionStart, selectionEnd }) => `${value.slice(0, selectionStart)}‹`"
        " + `${value.slice(selectionStart, selectionEnd)}›${value.slice(selectionEnd)}`"
    )
    return told


def test_bold_and_italic_know_their_own_marks_and_go_paragraph_by_paragraph(
    page: Page, live_server: LiveServer, world: World
) -> None:
    open_editor(page, live_server, world)
    area = page.locator(".eg-body-source")
    for before, key, after in MARKED:
        area.fill(re.sub("[‹›]", "", before))
        start, end = before.index("‹"), before.index("›") - 1
        area.evaluate("(area, [start, end]) => area.setSelectionRange(start, end)", [start, end])
        page.keyboard.press(f"Control+{key}")
        assert picked(page) == after
        if "a** and" in before or "‹c›" in before:
            continue  # two passages have become one, or one two
        page.keyboard.press(f"Control+{key}")
        assert body(page) == re.sub("[‹›]", "", before)
        if "‹›" not in before:
            page.keyboard.press("Control+z")
            assert body(page) == re.sub("[‹›]", "", after), "one step"


def test_blank_lines_between_become_no_headings(page: Page, live_server: LiveServer, world: World) -> None:
    open_editor(page, live_server, world)
    for tool, wanted in (
        ("Heading", "## 一\n\n## 二"),
        ("List", "- 一\n\n- 二"),
        ("Numbered list", "1. 一\n\n2. 二"),
        ("Quotation", "> 一\n>\n> 二"),
    ):
        page.locator(".eg-body-source").fill("一\n\n二")
        select(page, "一\n\n二")
        page.get_by_role("button", name=tool, exact=True).click()
        assert body(page) == wanted
    page.get_by_role("button", name="Quotation", exact=True).click()
    assert body(page) == "一\n\n二"


def test_a_new_post_has_its_front_matter_as_text_and_shows_what_save_makes(
    page: Page, live_server: LiveServer, world: World
) -> None:
    sign_in(page, live_server, "wen")
    page.goto(f"{live_server.url}/admin/posts/post/add/")
    page.locator("#id_title").fill("新的一篇")
    page.locator("#id_date").fill("2026-03-01")
    expect(page.locator("#id_path")).to_have_value("src/posts/2026-03-01-xin-de-yi-pian.md")
    page.get_by_role("button", name="As text").first.click()
    text = page.locator("#id_front_matter")
    expect(text).to_be_visible()
    expect(page.locator("#id_title")).to_be_hidden()
    expect(page.locator("#id_path")).to_be_visible()
    assert "title: 新的一篇\n" in text.input_value() and "draft: true\n" in text.input_value()
    text.fill(text.input_value().replace("draft: true", "draft: false"))
    expect(page.locator(".eg-front-remarks li")).to_be_visible()
    text.fill(text.input_value().replace("draft: false", "draft: true") + "own: 1\n")
    expect(page.locator(".eg-front-remarks li")).to_have_count(0)
    page.locator(".eg-body-source").fill("正文。\n")
    page.get_by_role("button", name="What will change").click()
    dialog = page.get_by_role("dialog")
    for line in ("title: 新的一篇", "own: 1", "正文。", "2026-03-01-xin-de-yi-pian.md"):
        expect(dialog).to_contain_text(line)
    dialog.get_by_role("button", name="Close").click()
    page.locator(".eg-front").get_by_role("button", name="Fields").click()
    expect(page.locator("#id_title")).to_be_visible()
    expect(page.locator("[data-other]")).to_have_text("own: 1")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was added").first).to_be_visible()
    text_then = world.post("src/posts/2026-03-01-xin-de-yi-pian.md").present.text
    assert "own: 1\n---\n正文。\n" in text_then and "title: 新的一篇\n" in text_then


def test_what_is_typed_is_saved_before_a_step_is_taken(page: Page, live_server: LiveServer, world: World) -> None:
    open_editor(page, live_server, world)
    page.locator("#id_title").fill("改过的题")
    page.locator("#eg-note").fill("请看数字")
    page.get_by_role("button", name="Submit for review").click()
    expect(page.get_by_role("heading", name="Submit for review")).to_be_visible()
    assert world.post(PATH).title == "改过的题"
    expect(page.locator("#eg-note")).to_have_value("请看数字")
    page.get_by_role("button", name="Submit for review").click()
    expect(page.get_by_text("submitted for review").first).to_be_visible()
    assert world.post(PATH).state == "in_review"


RICH = (
    ("<h2>甲</h2><p>乙 <em>丙</em>。</p>", "## 甲\n\n乙 *丙*。"),
    ("<ol><li>a<ul><li>b</li></ul></li><li><p>c</p></li></ol>", "1. a\n   - b\n2. c"),
    ("<b style='font-weight:normal'><p><span style='font-weight:700'>粗</span>体</p></b>", "**粗**体"),
    ("<table><tr><th>a|b</th><th>c</th></tr><tr><td>1</td></tr></table>", "| a\\|b | c |\n| --- | --- |\n| 1 |  |"),
    ("<pre>x = 1\ny</pre><blockquote><p>a</p><p>b</p></blockquote>", "```\nx = 1\ny\n```\n\n> a\n>\n> b"),
    ("<p><b>1. a*b</b> &lt;c&gt; snake_case _d_</p>", "**1. a\\*b** \\<c> snake_case \\_d\\_"),
    ("<p># no heading</p><p>1. no <i>list</i></p>", "\\# no heading\n\n1\\. no *list*"),
    ("<p>a<br>b <a href='javascript:alert(1)'>c</a> <s>d</s></p>", "a  \nb c ~~d~~"),
    ("<script>alert(1)</script><style>p{}</style><p>x <code>a`b</code></p>", "x `` a`b ``"),
    ("<div>nothing <span>rich</span></div>", None),
    # What is seen stays what is seen: entities, struck text, headings by underlining, tables, what Eleventy would run.
    (
        "<p>&amp;copy; 2024 &amp;lt;b&amp;gt; &amp;#20013; AT&amp;T <b>x</b></p>",
        "\\&copy; 2024 \\&lt;b\\&gt; \\&#20013; AT&T **x**",
    ),
    ("<p>3~5 天，~~y~~ <b>x</b></p>", "3~5 天，\\~\\~y\\~\\~ **x**"),
    ("<p>甲<br>===<br><b>x</b></p>", "甲  \n\\===  \n**x**"),
    ("<p>甲|乙<br>:-|-:<br>| - | - |<br><b>x</b></p>", "甲|乙  \n\\:-|-:  \n\\| - | - |  \n**x**"),
    ("<h3>C #</h3>", "### C \\#"),
    ("<p>{{ x }} {% y %} {# z #} {a} {{{ <b>x</b></p>", "{\\{ x }} {\\% y %} {\\# z #} {a} {\\{\\{ **x**"),
    # However the text is parted: what is seen as one sign is one.
    (
        "<p><b>a</b> <span>{</span><span>{ x }}</span> {<!-- -->% y &amp;<u>copy;</u> {<b></b># z</p>",
        "**a** {\\{ x }} {\\% y \\&copy; {\\# z",
    ),
    ("<p>~<span>~x~~</span> ~<s>y</s></p>", "\\~\\~x\\~\\~ \\~~~y~~"),
    ("<table><tr><td>{<div>{ x }}</div></td></tr></table>", "| { { x }} |\n| --- |"),
    ("<p>{<a href='javascript:x()'>{ x }}</a> <code>{</code>{</p>", "{\\{ x }} `{`{"),
    ("<p><a href='https://e.org/{{x}}?a&amp;lt;&b'>a</a></p>", "[a](https://e.org/%7B%7Bx%7D%7D?a&amp;lt;&b)"),
    (
        "<p><b>价格</b>涨了 3%——“很好”（见 #3），A&amp;B：1.5 倍 - 一半</p>",
        "**价格**涨了 3%——“很好”（见 #3），A&B：1.5 倍 - 一半",
    ),
)


def test_rich_text_becomes_markdown(page: Page, live_server: LiveServer, world: World) -> None:
    frame = open_editor(page, live_server, world)
    for html, markdown in RICH:
        assert page.evaluate("html => window.evergreen.markdownOf(html)", html) == markdown
    page.locator(".eg-body-source").fill("")
    paste(page, "<p>&amp;copy; ~~y~~ {{ z }} <b>&amp;lt;b&amp;gt;</b></p>")
    expect(frame.locator("main p")).to_have_count(1)
    expect(frame.locator("main p")).to_have_text("&copy; ~~y~~ {{ z }} &lt;b&gt;")


@pytest.mark.longer
def test_the_length_the_video_and_the_whole_screen(page: Page, live_server: LiveServer, world: World) -> None:
    open_editor(page, live_server, world)
    page.locator(".eg-body-source").fill(
        "今天 Apple's 3.5 亿。\n\n<!-- 不算 -->\n\n**中文** [two words](https://example.org/not/counted)"
    )
    expect(page.locator(".eg-body-count")).to_have_text(re.compile("9 words · 1 min"))
    expect(page.locator("[data-does=video]")).to_be_hidden()
    page.locator("#id_source").fill("https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=90s")
    load = page.get_by_role("button", name="Load the video from YouTube")
    page.context.set_offline(True)
    page.locator("[data-does=video]").click()
    expect(page.get_by_role("link", name="Open the video")).to_be_visible()
    expect(load).to_have_count(0)
    page.locator("[data-does=video]").click()
    page.context.set_offline(False)
    page.locator("[data-does=video]").click()
    assert page.locator(".eg-video iframe").count() == 0, "nothing is asked of YouTube before somebody wants it"
    page.route("https://www.youtube-nocookie.com/**", lambda route: route.fulfill(body="the video"))
    load.click()
    expected = "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ?start=90"
    expect(page.locator(".eg-video iframe")).to_have_attribute("src", expected)
    page.locator("#id_source").fill("https://example.org/watch?v=dQw4w9WgXcQ")
    expect(page.locator("[data-does=video]")).to_be_hidden()
    expect(page.locator(".eg-video")).to_be_hidden()
    page.locator("[data-does=full]").click()
    box = page.locator(".eg-body").bounding_box()
    assert box == {"x": 0, "y": 0, "width": 1400, "height": 900}
    page.keyboard.press("Escape")
    assert page.locator(".eg-body").bounding_box() != box


@pytest.mark.longer
def test_the_preview_wears_the_sites_own_style_sheet(page: Page, live_server: LiveServer, world: World) -> None:
    Collection.objects.update(preview_css=".post p { color: rgb(1, 2, 3) }", preview_class="post", markdown_breaks=True)
    frame = open_editor(page, live_server, world)
    page.locator(".eg-body-source").fill("一\n二\n\n<script>alert(1)</script><b onclick='x()'>三</b>")
    expect(frame.locator("p").first).to_have_css("color", "rgb(1, 2, 3)")
    expect(frame.locator("br")).to_have_count(1)
    expect(frame.locator("script")).to_have_count(0)


@pytest.mark.longer
def test_the_front_matter_is_edited_as_fields_and_as_text_in_turn(
    page: Page, live_server: LiveServer, world: World
) -> None:
    open_editor(page, live_server, world)
    text = page.locator("#id_front_matter")
    page.locator("#id_title").fill("栏里的标题")
    page.get_by_role("button", name="As text").first.click()
    expect(text).to_be_visible()
    expect(page.locator("#id_title")).to_be_hidden()
    typed = text.input_value()
    assert "title: 栏里的标题\n" in typed
    text.fill(typed.replace("- OpenAI", "- OpenAI\n  - 华为").replace("title: 栏里的标题", "title: [\nown: 1"))
    expect(page.locator(".eg-front-remarks")).to_contain_text("cannot be read")
    expect(page.locator(".eg-front-wrong")).to_have_count(1)
    page.locator(".eg-front").get_by_role("button", name="Fields").click()
    expect(text).to_be_visible()
    text.fill(text.input_value().replace("title: [", "title: 文本里的标题"))
    expect(page.locator(".eg-front-remarks")).to_be_empty()
    page.locator(".eg-front").get_by_role("button", name="Fields").click()
    expect(page.locator("#id_title")).to_have_value("文本里的标题")
    expect(page.locator(".eg-row-companies_orgs .select2-selection__choice")).to_contain_text(
        ["OpenAI", "华为", "台积电"]
    )
    expect(page.locator(".eg-group-other")).to_contain_text("own: 1")
    page.locator("#id_title").fill("最后的标题")

    page.get_by_role("button", name="What will change").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("最后的标题")
    expect(dialog).to_contain_text("own: 1")
    assert world.post(PATH).title == "一篇"
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.get_by_role("button", name="Save and continue editing").last.click()
    expect(page.get_by_text("was saved").first).to_be_visible()
    expected = post_text("一篇", body=BODY).replace("- OpenAI", "- OpenAI\n  - 华为")
    assert world.post(PATH).present.text == expected.replace("title: 一篇", "title: 最后的标题\nown: 1")


def test_what_was_typed_can_be_undone_after_it_was_saved(page: Page, live_server: LiveServer, world: World) -> None:
    page.clock.set_fixed_time(datetime.now(UTC))  # a slow machine makes no pauses between the keys
    open_editor(page, live_server, world)
    area, undo, redo = (page.locator(part) for part in (".eg-body-source", "[data-does=undo]", "[data-does=redo]"))
    page.set_viewport_size({"width": 1600, "height": 900})
    expect(undo).to_have_attribute("aria-disabled", "true")
    select(page, "最后一段。")
    page.keyboard.press("Control+b")
    page.keyboard.press("ArrowRight")
    page.keyboard.type("又😀一句")
    written = body(page)
    # The page that comes has not loaded yet: its letters are on the way.
    late: list[Route] = []
    page.route("**/*.woff2", lambda route: late.append(route))
    page.get_by_role("button", name="Save and continue editing").last.click(no_wait_after=True)
    expect(page.get_by_role("status").filter(has_text="was saved")).to_be_visible()
    assert body(page) == written
    expect(area).to_be_focused()
    # What was typed in one go is one step, a tool's work another.
    page.keyboard.press("Control+z")
    expect(area).to_have_value(BODY.replace("最后一段", "**最后一段**"))
    assert late and page.evaluate("document.readyState") != "complete"
    for route in late:
        route.continue_()
    page.unroute_all()
    page.wait_for_load_state()
    undo.click()
    expect(area).to_have_value(BODY)
    expect(undo).to_have_attribute("aria-disabled", "true")
    page.reload()
    expect(area).to_have_value(written)
    expect(redo).to_have_attribute("aria-disabled", "true")


KEPT_BY_THE_TAB = "Object.entries(sessionStorage).filter(([name]) => name.startsWith('evergreen')).join()"


def test_what_was_typed_does_not_stay_in_the_tab_for_the_next_person(
    page: Page, live_server: LiveServer, world: World
) -> None:
    person("pan", "Publisher")
    open_editor(page, live_server, world)
    select(page, "最后一段。")
    page.keyboard.type("机密")
    page.context.clear_cookies()
    sign_in(page, live_server, "pan")
    page.goto(f"{live_server.url}/admin/posts/post/{world.post(PATH).pk}/change/")
    assert "机密" not in page.evaluate(KEPT_BY_THE_TAB), "whoever's login ended did not log out"
    select(page, "最后一段。")
    page.keyboard.type("内部")
    page.evaluate("document.querySelector('form[action$=\"/logout/\"]').requestSubmit()")
    expect(page).to_have_url(re.compile("/logout/"))
    assert page.evaluate(KEPT_BY_THE_TAB) == ""


def test_a_part_of_a_sign_is_undone_alone(page: Page, live_server: LiveServer, world: World) -> None:
    open_editor(page, live_server, world)
    page.locator(".eg-body-source").fill("👍好")
    select(page, "👍")
    page.keyboard.insert_text("👍🏽")
    assert body(page) == "👍🏽好"
    page.keyboard.press("Control+z")
    assert body(page) == "👍好"


def test_what_an_input_method_was_at_when_the_page_went_is_a_step_to_undo_as_well(
    page: Page, live_server: LiveServer, world: World
) -> None:
    open_editor(page, live_server, world)
    select(page, "# 开头")
    page.keyboard.press("ArrowLeft")
    page.keyboard.type("x")
    composed = {"text": "ni", "selectionStart": 2, "selectionEnd": 2}
    page.context.new_cdp_session(page).send("Input.imeSetComposition", composed)
    page.evaluate("window.dispatchEvent(new PageTransitionEvent('pagehide'))")
    kept = page.evaluate("JSON.parse(Object.entries(sessionStorage).find(([name]) => name.includes('Undo'))[1])")
    assert kept["text"] == f"xni{BODY}"
    assert "".join(step["come"] for step in kept["past"]) == "xni"


def test_saved_from_far_below_one_reads_so_where_one_is(page: Page, live_server: LiveServer, world: World) -> None:
    open_editor(page, live_server, world)
    page.set_viewport_size({"width": 1440, "height": 500})
    page.locator("[name=source]").fill("https://example.org/")
    page.keyboard.press("Control+s")
    expect(page.locator(".eg-kept")).to_contain_text("was saved")
    expect(page.locator(".eg-kept")).to_be_in_viewport()


def test_a_foot_with_more_to_say_moves_nothing_that_it_does_not_cover(
    page: Page, live_server: LiveServer, world: World
) -> None:
    world.remote.push(PATH, post_text("一篇", draft="false", status="published", body=BODY))
    world.sync()
    open_editor(page, live_server, world)
    page.locator("#id_title").press_sequentially("又")
    expect(page.locator(".eg-foot").get_by_text("The site goes on showing what it shows").first).to_be_in_viewport()
    assert page.evaluate("scrollY") == 0
