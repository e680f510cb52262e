"""The live preview: a text in pieces, so that only what changed is sent and drawn."""

import json
import re
from pathlib import Path
from urllib.parse import quote

import pytest
from django.contrib.auth.models import User
from django.test import Client

from posts.document.document import Document
from posts.models import Collection
from posts.previewing import ELEVENTY, LINE, Rules, TooTangled, in_blocks, render
from tests.posts.worlds import World, person

SAMPLE = Path(__file__).parent.parent / "samples" / "2026-02-13-market-selloff.md"
TEXT = """# 标题

一段[链接][1]。

<details><summary>Original</summary>

**bold**

## Inside

</details>

- a
- b

| x |
|---|
| y |

[1]: https://example.org "到处"
"""


def without_lines(html: str) -> str:
    parts = html.split(f" {LINE}=")
    return parts[0] + "".join(part[part.index('"', 1) + 1 :] for part in parts[1:])


NOTES = """# 标题

甲[^1]，又[^长]，又[^1]。^[就在这里 *强调*]

[^长]: 第一段。

    第二段。

## 标题

- [x] 做完 **了**
- [ ] 没有 <input name=q>

名词
: 解释[^1]

[^1]: 注一
"""
ALL = Rules(footnotes=True, task_lists=True, definition_lists=True, heading_anchors=True)


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        NOTES,
        Document.parse(SAMPLE.read_bytes()).body,
        "a <b>b\n\nc\n\nd</b> e\n\nf\n",
        "<div>\n\n<ul><li>one<li>two</ul>\n\n</div>\n\nafter\n",
        "<b><div>\n\n</b>\n\nstill open\n",
        "</div>\n\nclosed what was not open <br> <img src='x>'>\n\n<!-- <b> -->\n\nend\n",
        "```\n<b>\n```\n\nnot bold\n",
        "",
    ],
)
def test_the_pieces_together_are_the_whole(text: str) -> None:
    for rules in (ELEVENTY, ALL):
        assert without_lines("".join(block.html for block in in_blocks(text, rules).blocks)) == render(text, rules)


def test_footnotes_are_one_piece_behind_the_last_line_and_lead_to_and_fro() -> None:
    *before, notes = in_blocks(NOTES, ALL).blocks
    assert notes.start == NOTES.count("\n") + 1 and max(block.start for block in before) < notes.start
    assert 'href="#in-body-fn1"' in before[1].html and 'id="in-body-fnref1:1"' in before[1].html
    assert notes.html.count('class="footnote-item"') == 3 and 'id="in-body-fn3"' in notes.html
    assert "第二段" in notes.html and "<em>强调</em>" in notes.html and LINE not in notes.html
    assert "footnote" not in "".join(block.html for block in in_blocks(NOTES).blocks), "where the site has none"


def test_headings_get_the_addresses_that_the_site_gives_them_and_the_outline_stays() -> None:
    found = in_blocks(NOTES, ALL)
    html = "".join(block.html for block in found.blocks)
    assert [f'id="in-body-{quote("标题")}{end}"' in html for end in ("", "-1")] == [True, True] and found.anchors
    plain = [(head.level, head.text) for block in in_blocks(NOTES).blocks for head in block.headings]
    assert [(head.level, head.text) for block in found.blocks for head in block.headings] == plain


def test_of_a_form_only_boxes_come_through() -> None:
    html = render(NOTES + "\n<label for=x onclick=y>z</label> <input type=text value=x autofocus>", ALL)
    assert html.count("<input") == 4
    boxes = re.findall("<input[^>]*>", html)
    assert all(set(re.findall(r"([\w-]+)=", box)) <= {"class", "checked", "type", "disabled"} for box in boxes)
    assert all('type="checkbox"' in box for box in boxes)
    assert "<dt>名词</dt>" in html and "onclick" not in html and "<input" not in render(NOTES)


@pytest.mark.parametrize("piece", ["[", "![", "[a", "^[", "<div>\n", "<b>x\n\n", "<details>\n\n", "<i><b>"])
def test_a_text_that_would_take_too_long_is_refused_in_words(piece: str, writer_client: Client) -> None:
    text = piece * (12_000 // len(piece))
    for show in (render, in_blocks):
        with pytest.raises(TooTangled):
            show(text, ALL)
    answer = writer_client.post("/preview/0/", {"content": text})
    assert (answer.status_code, "would take too long" in answer.content.decode()) == (413, True)


def test_a_long_text_with_many_links_and_tags_is_not_taken_for_one() -> None:
    text = "[链接](https://example.org/a) [[1]] <b>字</b> <details>\n\n![图](/a.png)\n\n</details>\n\n" * 450
    assert len(in_blocks(text).blocks) > 400


def test_each_piece_knows_where_it_begins_and_its_headings_where_they_stand() -> None:
    blocks = in_blocks(TEXT).blocks
    assert [block.start for block in blocks] == [0, 2, 4, 12, 15]
    told = [(block.start + head.line, head.level, head.text) for block in blocks for head in block.headings]
    assert told == [(0, 1, "标题"), (8, 2, "Inside")]
    assert f'<strong>bold</strong></p>\n<h2 {LINE}="4">Inside</h2>' in blocks[2].html


def test_a_part_of_a_text_knows_the_links_that_are_defined_in_the_rest() -> None:
    references = in_blocks(TEXT).references
    assert references == {"1": {"href": "https://example.org", "title": "到处"}}
    [block] = in_blocks("一段[链接][1]。\n", references=references).blocks
    assert 'href="https://example.org"' in block.html
    assert "href" not in in_blocks("一段[链接][1]。\n").blocks[0].html


def test_a_definition_that_somebody_makes_up_is_sanitised_like_any_other() -> None:
    [block] = in_blocks("[x][1]", references={"1": {"href": "javascript:alert(1)", "title": ""}}).blocks
    assert "javascript" not in block.html


@pytest.mark.parametrize(
    ("rules", "markdown", "html"),
    [
        (Rules(linkify=True), "https://example.org", '<a href="https://example.org"'),
        (Rules(typographer=True), '"quoted" -- (c)', "“quoted” – ©"),
        (Rules(breaks=True), "one\ntwo", "one<br>"),
        (Rules(html=False), "<b>x</b>", "&lt;b&gt;x"),
    ],
)
def test_a_site_may_have_set_its_markdown_otherwise(rules: Rules, markdown: str, html: str) -> None:
    assert html in render(markdown, rules)
    assert html not in render(markdown)


@pytest.fixture
def writer_client(writer: User, client: Client) -> Client:
    client.force_login(writer)
    return client


def test_the_rules_are_those_of_the_collection(writer_client: Client, world: World) -> None:
    Collection.objects.update(markdown_breaks=True)
    answer = writer_client.post(f"/preview/{world.collection.pk}/", {"content": "one\r\ntwo"}).json()
    assert "<br>" in answer["blocks"][0]["html"]
    assert "<br>" not in writer_client.post("/preview/0/", {"content": "one\r\ntwo"}).json()["blocks"][0]["html"]
    assert writer_client.post("/preview/987/", {"content": ""}).status_code == 404


@pytest.mark.parametrize("references", ["{", "[]", '{"a": 1}', '{"a": {"href": 1, "title": ""}}'])
def test_nonsense_for_references_is_refused(writer_client: Client, references: str) -> None:
    assert writer_client.post("/preview/0/", {"content": "x", "references": references}).status_code == 400


def test_references_that_were_given_come_back(writer_client: Client) -> None:
    references = {"1": {"href": "https://example.org", "title": ""}}
    given = {"content": "[a][1]", "references": json.dumps(references)}
    assert 'href="https://example.org"' in writer_client.post("/preview/0/", given).json()["blocks"][0]["html"]


def test_a_text_that_is_too_long_is_not_rendered(writer_client: Client) -> None:
    assert writer_client.post("/preview/0/", {"content": "x" * (512 * 1024 + 1)}).status_code == 413


def test_the_frame_runs_nothing_and_only_our_own_page_may_hold_it(writer_client: Client, world: World) -> None:
    answer = writer_client.get(f"/preview/{world.collection.pk}/frame/")
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "sandbox allow-same-origin allow-popups" in policy
    assert "allow-scripts" not in policy
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert "posts/preview.css" in answer.content.decode()


def test_the_frame_looks_like_the_site_where_its_style_sheet_is_given(writer_client: Client, world: World) -> None:
    Collection.objects.update(preview_css="p { color: #123456 }", preview_class="post prose")
    frame = writer_client.get(f"/preview/{world.collection.pk}/frame/").content.decode()
    assert f'href="/preview/{world.collection.pk}/style.css"' in frame
    assert 'class="post prose"' in frame
    assert "posts/preview.css" not in frame
    style = writer_client.get(f"/preview/{world.collection.pk}/style.css")
    assert style["Content-Type"] == "text/css; charset=utf-8"
    assert style["X-Content-Type-Options"] == "nosniff"
    assert style.content == b"p { color: #123456 }"


def test_nobody_without_leave_to_read_posts_gets_any_of_it(world: World, client: Client) -> None:
    client.force_login(person("nobody"))
    for address in ("/preview/0/frame/", f"/preview/{world.collection.pk}/style.css"):
        assert client.get(address).status_code == 403
    assert client.post("/preview/0/", {"content": "x"}).status_code == 403
