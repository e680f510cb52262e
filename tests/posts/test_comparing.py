"""Two texts of a post as a reviewer sees them. Pure."""

import re
import time
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posts.comparing import Change, Comparison, compare, whole
from posts.previewing import render

FILE = "---\ntitle: {title}\ntags:\n{tags}draft: false\nmood: {mood}\n---\n{body}"


def file(title: str = "题目", tags: str = "  - a\n  - b\n", mood: str = "calm", body: str = "正文。\n") -> str:
    return FILE.format(title=title, tags=tags, mood=mood, body=body)


def in_line(compared: Comparison) -> list[str]:
    """The rows in one column: [-gone-], {+come+}, …3 for a fold of three lines."""
    marks = {Change.SAME: "{}", Change.REMOVED: "[-{}-]", Change.ADDED: "{{+{}+}}"}
    return [
        f"…{row.hidden}"
        if row.change == "fold"
        else "".join(marks[piece.change].format(piece.text) for piece in row.line)
        for row in compared.rows
    ]


def test_names_come_and_go_as_names() -> None:
    changed = compare(file(), file(tags="  - b\n  - 金价\n")).fields
    assert [(each.key, [(chip.text, str(chip.change)) for chip in each.chips]) for each in changed] == [
        ("tags", [("a", "removed"), ("b", "same"), ("金价", "added")])
    ]


def test_a_name_that_only_moved_is_neither_new_nor_gone() -> None:
    changed = compare(file(), file(tags="  - b\n  - a\n")).fields
    assert {str(chip.change) for each in changed for chip in each.chips} == {"same"}


def test_a_field_is_compared_by_words_and_chinese_by_character() -> None:
    (title,) = compare(file("股市今天大跌 by Nvidia"), file("股市今天大涨 by Intel")).fields
    assert [(piece.text, str(piece.change)) for piece in title.line if piece.change is not Change.SAME] == [
        ("跌", "removed"),
        ("涨", "added"),
        ("Nvidia", "removed"),
        ("Intel", "added"),
    ]
    assert "".join(part.text for part in title.old) == "股市今天大跌 by Nvidia"
    assert "".join(part.text for part in title.new) == "股市今天大涨 by Intel"


def test_a_key_without_a_field_is_shown_by_its_lines() -> None:
    (mood,) = compare(file(), file(mood="stormy")).fields
    assert (mood.key, mood.kind, "".join(piece.text for piece in mood.line)) == (
        "mood",
        "other",
        "mood: calmstormy",
    )


def test_what_is_only_written_in_another_way_is_said_so() -> None:
    compared = compare(file(), file("'题目'"))
    assert compared.spelling_changed and not compared.fields and not compared.body_changed
    also = compare(file(), file("'题目'", mood="stormy"))
    assert also.spelling_changed and [each.key for each in also.fields] == ["mood"]
    assert not compare(file(), file())


def test_the_body_is_shown_by_words_and_what_is_far_from_a_change_is_folded() -> None:
    lines = [f"line {number}" for number in range(20)]
    changed = [*lines[:10], "line ten", *lines[11:]]
    compared = compare(file(body="\n".join(lines)), file(body="\n".join(changed)))
    assert in_line(compared) == ["…8", "line 8", "line 9", "line [-10-]{+ten+}", "line 11", "line 12", "…7"]
    fold = compared.rows[0]
    assert fold.text == "\n".join(lines[:8])


def test_a_line_that_has_nothing_of_the_old_one_is_shown_beside_it() -> None:
    assert in_line(compare(file(body="甲乙丙\n"), file(body="丁戊己\n"))) == ["[-甲乙丙-]", "{+丁戊己+}"]


def test_line_ends_are_no_difference() -> None:
    assert not compare(file(body="a\nb\n"), file(body="a\r\nb")).body_changed


def test_as_on_the_site_the_words_are_marked_and_no_tag_is_torn() -> None:
    compared = compare(
        file(body="a **bold** [b](/x) c\n\nd\n"), file(body="a **bald** [b2](/x) & c\n\nd\n"), render=render
    )
    first, second = compared.blocks
    assert "<strong><del>bold</del></strong>" in first.old
    assert "<strong><ins>bald</ins></strong>" in first.new
    assert ">b2</a>" in first.new.replace("<ins>", "").replace("</ins>", "")
    assert "&amp;" in first.new
    assert (second.change, second.new.strip()) == ("same", "<p>d</p>")


def test_as_on_the_site_an_image_that_came_went_or_is_another_is_marked() -> None:
    old = "one ![同](/same.png) ![旧](/old.png) two\n"
    new = "one ![同](/same.png) ![新](/new.png) two ![加](/more.png)\n"
    (block,) = compare(file(body=old), file(body=new), render=render).blocks
    assert re.findall(r'<del><img[^>]*src="([^"]*)"[^>]*></del>', block.old) == ["/old.png"]
    assert re.findall(r'<ins><img[^>]*src="([^"]*)"[^>]*></ins>', block.new) == ["/new.png", "/more.png"]
    (added,) = compare(file(body=""), file(body="![甲](/a.png)\n"), render=render).blocks
    assert "<ins><img" in added.new


def test_a_value_of_an_attribute_never_gets_out_of_its_quotes() -> None:
    compared = compare(file(body="old\n"), file(body="new\n"), render=lambda text: f'<a title="b> c">{text}</a>')
    assert compared.blocks[0].new.startswith('<a title="b> c"><ins>new</ins>')


def test_a_link_by_reference_is_one_in_a_stretch_by_itself() -> None:
    body = "[one][ref] {}\n\ntwo\n\n[ref]: https://example.org/\n"
    compared = compare(file(body=body.format("a")), file(body=body.format("b")), render=render)
    assert 'href="https://example.org/"' in compared.blocks[0].new


def test_a_whole_text_has_no_marks_and_no_folds() -> None:
    shown = whole(file(body="\n".join(map(str, range(30)))))
    assert len(shown.rows) == 30 and {row.change for row in shown.rows} == {"same"}
    assert [each.key for each in shown.fields] == ["title", "tags", "draft", "mood"]
    assert not any(each.changed for each in shown.fields)


@pytest.mark.parametrize("text", ["---\ntitle: [\n---\nbody\n", "", "no front matter\n"])
def test_a_text_that_cannot_be_read_is_compared_as_it_stands(text: str) -> None:
    assert compare(text, file()).body_changed or compare(text, file()).fields
    whole(text)


class Nesting(HTMLParser):
    """Fails where a tag closes another one than the last that was opened."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("br", "img", "hr", "col"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("br", "img", "hr", "col"):
            assert self.open.pop() == tag


BODIES = st.lists(
    st.sampled_from(
        ["甲乙", "丙 丁", "**粗**", "a & b", "<b>x</b>", "\n\n", "\n", "- i\n", "| a | b |\n|---|---|\n| 1 | 2 |\n"]
    ),
    max_size=12,
).map("".join)


@given(BODIES, BODIES)
def test_both_columns_hold_both_texts_to_the_letter(old: str, new: str) -> None:
    compared = compare(file(body=old), file(body=new))
    if not compared.body_changed:
        return
    for side, body in (("old", old), ("new", new)):
        told = [
            row.text if row.change == "fold" else "".join(part.text for part in getattr(row, side))
            for row in compared.rows
            if row.change == "fold" or getattr(row, side) is not None
        ]
        assert "\n".join(told) == body.strip("\n")
    gone = "".join(piece.text for row in compared.rows for piece in row.line if piece.change is not Change.ADDED)
    folded = "".join(row.text for row in compared.rows)
    assert sorted(gone + folded.replace("\n", "")) == sorted(old.replace("\n", ""))


@given(BODIES, BODIES)
def test_marks_never_tear_the_markup(old: str, new: str) -> None:
    for block in compare(file(body=old), file(body=new), render=render).blocks:
        for shown in (block.old, block.new):
            reader = Nesting()
            reader.feed(shown)
            assert not reader.open


def test_a_text_of_180_kb_is_compared_in_good_time() -> None:
    paragraphs = [
        f"第 {number} 段：" + "市场今天的走势与昨天不同，投资者在观望。" * 4 + "\n\n" for number in range(700)
    ]
    old = "".join(paragraphs)
    assert len(old.encode()) > 170_000
    for number in range(0, 700, 9):
        paragraphs[number] = paragraphs[number].replace("昨天", "前天")
    start = time.process_time()
    assert compare(file(body=old), file(body="".join(paragraphs))).body_changed
    assert compare(file(body=old), file(body="".join(paragraphs)), render=render).blocks
    assert time.process_time() - start < 2
