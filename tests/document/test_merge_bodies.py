"""The body merged by lines and, where both sides changed the same ones, by sentences."""

import random
from collections import Counter
from collections.abc import Iterator
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posts.document.merge_bodies import merged_bodies, sentences, settled
from tests.document.merging import cleanly, conflict_of, merged

LINE = "第一句。第二句！第三句？第四句；最后一句。\n"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("一。二！三？四；五", ["一。", "二！", "三？", "四；", "五"]),
        ("「一。」二。”三", ["「一。」", "二。”", "三"]),
        ("One. Two! Three?\nFour", ["One.", " ", "Two!", " ", "Three?", "\n", "Four"]),
        ("3.5 of example.org?a=b, v1.2.", ["3.5 of example.org?a=b, v1.2."]),
        ("什么？！真的。。。好", ["什么？！", "真的。。。", "好"]),
        ("a  \n\n\tb", ["a  ", "\n", "\n", "\t", "b"]),
        ("", []),
    ],
)
def test_sentences(text: str, parts: list[str]) -> None:
    assert sentences(text) == parts


@given(st.text(alphabet='a句。！.!?; \n\t"”)1\u2028\x85\u3000', max_size=60) | st.text())
def test_sentences_leave_nothing_out(text: str) -> None:
    assert "".join(sentences(text)) == text


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "after"),
    [
        pytest.param(
            LINE,
            LINE.replace("第一", "头一"),
            LINE.replace("最后", "末"),
            "头一句。第二句！第三句？第四句；末一句。\n",
            id="two sentences of a line",
        ),
        pytest.param(
            LINE,
            LINE.replace("第二", "其二"),
            LINE.replace("第三", "其三"),
            "第一句。其二句！其三句？第四句；最后一句。\n",
            id="two sentences side by side",
        ),
        pytest.param(
            LINE,
            LINE.replace("第一句。", ""),
            LINE.replace("第二", "其二"),
            "其二句！第三句？第四句；最后一句。\n",
            id="one out, the next one corrected",
        ),
        pytest.param(
            LINE,
            LINE.replace("最后一句", "结语"),
            LINE.replace("\n", "再一句。\n"),
            "第一句。第二句！第三句？第四句；结语。再一句。\n",
            id="the last one corrected, one added behind",
        ),
        pytest.param(
            LINE,
            LINE.replace("。第二", "。新。第二"),
            LINE.replace("第二", "其二"),
            "第一句。新。其二句！第三句？第四句；最后一句。\n",
            id="one added before a corrected one",
        ),
        pytest.param("One. Two.\n", "One. Two. Three.\n", "One. 2.\n", "One. 2. Three.\n", id="English too"),
        pytest.param(
            "- a\n- b\n- c\n", "- x\n- b\n- c\n", "- a\n- y\n- c\n", "- x\n- y\n- c\n", id="lines side by side"
        ),
        pytest.param(
            "A\n\nB", "A\n\nB2", "A\n\nB\n\nC\n", "A\n\nB2\n\nC\n", id="a paragraph behind a last line without line end"
        ),
        pytest.param("A\n\nB", "A2\n\nB", "A\n\nB2", "A2\n\nB2", id="no line end at the end stays so"),
        pytest.param(
            "A\n\nB\n",
            "A\n\nN\n\nB\n",
            "A\n\nN\n\nB2\n",
            "A\n\nN\n\nB2\n",
            id="a paragraph that both added is there once",
        ),
        pytest.param(
            "A\n", "A\n\nN\n", "A2\n\nN\n", "A2\n\nN\n", id="and where one of them changed the line before it"
        ),
        pytest.param(
            "A\n\nB\n\nC\n", "A\n\nC\n", "A\n\nB\n\nC2\n", "A\n\nC2\n", id="a paragraph out, the next one corrected"
        ),
        pytest.param("A\n\nB\n\nC\n", "A\n\nC\n", "A\n\nC\n\nD\n", "A\n\nC\n\nD\n", id="out on both sides"),
        pytest.param("A\n\nB\n", "A\n\n\n\nB\n", "A\nB\n", "A\n\n\n\nB\n", id="nobody is asked about blank lines"),
        pytest.param("A\n", "", "A\n", "", id="all of it out"),
        pytest.param("", "X\n", "", "X\n", id="a body where there was none"),
        pytest.param("A\r\nB\r\n", "A2\r\nB\r\n", "A\r\nB2\r\n", "A2\r\nB2\r\n", id="CRLF throughout"),
        pytest.param("A\nB\n", "A2\nB\n", "A\r\nB\r\n", "A2\r\nB\r\n", id="only the line ends in theirs"),
        pytest.param("A\nB\n", "A\r\nB\r\n", "A\nB2\n", "A\r\nB2\r\n", id="only the line ends in ours"),
        pytest.param("A\nB\n", "A2\nB\n", "A\r\nB2\r\n", "A2\r\nB2\r\n", id="line ends and words in theirs"),
        pytest.param("A\nB\r\nC\n", "A2\nB\r\nC\n", "A\nB\r\nC3\n", "A2\nB\r\nC3\n", id="mixed line ends stay"),
    ],
)
def test_different_places_merge(base: str, ours: str, theirs: str, after: str) -> None:
    assert cleanly(base, ours, theirs) == after


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "passages"),
    [
        pytest.param(
            LINE,
            LINE.replace("第二", "甲"),
            LINE.replace("第二", "乙"),
            [("第二句！", "甲句！", "乙句！")],
            id="one sentence",
        ),
        pytest.param(
            LINE,
            LINE.replace("第二句！", ""),
            LINE.replace("第二", "乙"),
            [("第二句！", "", "乙句！")],
            id="out and corrected",
        ),
        pytest.param("A\n", "A\n\nX\n", "A\n\nY\n", [("", "X", "Y")], id="two paragraphs in one place"),
        pytest.param("", "X\n", "Y\n", [("", "X", "Y")], id="two bodies where there was none"),
        pytest.param("A 3.5 B", "A 4.5 B", "A 3.6 B", [("A 3.5 B", "A 4.5 B", "A 3.6 B")], id="a number is not split"),
        pytest.param(
            "A\n\nB\n\nC\n",
            "A1\n\nB\n\nC1\n",
            "A2\n\nB\n\nC2\n",
            [("A", "A1", "A2"), ("C", "C1", "C2")],
            id="two places",
        ),
        pytest.param(
            "A。B。\n", "C。\n", "A2。B。\n", [("A。B。", "C。", "A2。B。")], id="two sentences drawn together"
        ),
    ],
)
def test_one_place_is_a_conflict_that_names_the_passage(
    base: str, ours: str, theirs: str, passages: list[tuple[str, str, str]]
) -> None:
    conflict = conflict_of(base, ours, theirs)
    assert (conflict.field, conflict.is_body) == ("body", True)
    assert [
        (passage.base.strip(), passage.ours.strip(), passage.theirs.strip()) for passage in conflict.passages
    ] == passages
    assert conflict.body_with([passage.ours for passage in conflict.passages]) == ours
    assert conflict.body_with([passage.theirs for passage in conflict.passages]) == theirs


def test_what_merges_around_an_open_passage_is_merged() -> None:
    ours = "头。" + LINE.replace("第三", "甲")
    theirs = LINE.replace("第三", "乙") + "\n尾。\n"
    result = merged(LINE, ours, theirs)
    assert result.document.text == ours + "\n尾。\n"
    (conflict,) = result.conflicts
    assert (conflict.base, conflict.ours, conflict.theirs) == ("第三句？", "甲句？", "乙句？")
    assert conflict.pieces[0] == "头。第一句。第二句！"
    assert conflict.pieces[2] == "第四句；最后一句。\n\n尾。\n"
    assert conflict.body_with(["丙句？"]) == result.document.text.replace("甲", "丙")
    assert conflict.body_with(["丙句？"]) == settled(conflict.pieces, ["丙句？"])


def test_the_texts_of_several_passages_stand_on_lines_of_their_own() -> None:
    conflict = conflict_of("A。\n\nB\n\nC。\n", "A1。\n\nB\n\nC1。\n", "A2。\n\nB\n\nC2。\n")
    assert (conflict.base, conflict.ours, conflict.theirs) == ("A。\nC。", "A1。\nC1。", "A2。\nC2。")


def test_repeated_lines_do_not_lead_the_merge_astray() -> None:
    """difflib alone matches the longest run of repeated lines, wherever it lies, and doubles fifty lines here."""
    block = "<details>\n<summary>Original English</summary>\n\nThe same words.\n\n</details>\n\n"
    base = "".join(f"第{number}段。\n\n{block}" for number in range(40))
    ours = base.replace("第20段。\n\n<details>\n", "第20段。\n\n")
    theirs = base.replace("第5段。\n\n" + block, "").replace("第30段。", "第30段改。") + "末段。\n"
    after = theirs.replace("第20段。\n\n<details>\n", "第20段。\n\n")
    assert merged_bodies(base, ours, theirs, "\n").text == after
    assert merged_bodies(base, theirs, ours, "\n").text == after


@pytest.mark.parametrize("unit", ["一样。", "<details>\n\n</details>\n\n", "x\n", "{n}。", "{n}\n"])
def test_a_huge_body_takes_no_more_than_seconds(unit: str) -> None:
    base = "".join(unit.format(n=number) for number in range(20_000))
    ours = "头\n" + base[:-400] + "\n中\n"
    theirs = base[400:].replace("77", "甲") + "尾\n"
    merged_bodies(base, ours, theirs, "\n")


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "after"),
    [
        pytest.param("\n", "甲。\n\n\n", "\n乙。", "甲。\n\n\n乙。", id="blank lines before what was added"),
        pytest.param(
            "\n\n", "甲。\n\n", "\n\n乙。\n\n", "甲。\n\n乙。\n\n", id="a blank line between what ours and theirs added"
        ),
        pytest.param(
            "一。\n\n\n\n\n",
            "一。\n甲。\n\n\n\n",
            "一。\n\n\n\n乙。\n\n",
            "一。\n甲。\n\n\n乙。\n\n",
            id="many blank lines",
        ),
        pytest.param(
            "一。二。\n\n三。\n",
            "一。\n\n三。二。\n",
            "一。二。\n\n\n丙。\n三。\n",
            "一。\n\n\n丙。\n三。二。\n",
            id="ours moved a sentence",
        ),
    ],
)
def test_what_was_merged_already_is_not_merged_in_twice(base: str, ours: str, theirs: str, after: str) -> None:
    assert cleanly(base, ours, theirs) == after
    assert cleanly(base, after, theirs) == after


def test_what_ours_took_out_does_not_come_back_where_theirs_only_moved_it() -> None:
    conflict = conflict_of("\n\n一。\n二。\n", "\n\n\n\n\n\n", "\n\n\n二。\n\n")
    assert "二。" in conflict.theirs and "二。" not in conflict.ours


def test_merging_again_doubles_nothing_and_brings_nothing_back_over_savage_edits() -> None:
    rng = random.Random(2)
    for _ in range(1500):
        number = count()
        base = "".join(rng.choice([f"原{next(number)}。", "\n", "\n\n"]) for _ in range(rng.randint(1, 8)))
        ours, theirs = (_savaged(rng, base, name, number) for name in "甲乙")
        result = merged_bodies(base, ours, theirs, "\n")
        again = merged_bodies(base, result.text, theirs, "\n")
        if not result.pieces and not again.pieces:
            assert _told(again.text) == _told(result.text), (base, ours, theirs)


def _told(text: str) -> Counter[str]:
    return Counter(filter(str.strip, sentences(text)))


def _savaged(rng: random.Random, text: str, name: str, number: Iterator[int]) -> str:
    parts = sentences(text)
    for _ in range(rng.randint(1, 3)):
        at = rng.randint(0, len(parts))
        match rng.choice(["add", "add", "out", "out", "replace", "move"]):
            case "add":
                parts.insert(at, rng.choice([f"{name}{next(number)}。", "\n", f"\n\n{name}{next(number)}。"]))
            case "out" if parts:
                parts.pop(at - 1)
            case "replace" if parts:
                parts[at - 1] = f"{name}{next(number)}。"
            case "move" if parts:
                parts.insert(rng.randrange(len(parts)), parts.pop(at - 1))
    return "".join(parts)
