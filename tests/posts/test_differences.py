"""The difference of two texts, as it is shown."""

from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posts import differences
from posts.differences import Difference, Kind, Line, difference


def told(shown: Difference) -> list[str]:
    """A line each: its sign, and its words, the changed ones in brackets."""
    signs = {Kind.SAME: " ", Kind.REMOVED: "-", Kind.ADDED: "+", Kind.GAP: "~"}
    return [signs[line.kind] + (str(line.hidden) if line.kind is Kind.GAP else marked(line)) for line in shown.lines]


def marked(line: Line) -> str:
    return "".join(f"[{part.text}]" if part.changed else part.text for part in line.parts)


def test_chinese_is_compared_by_character_and_latin_by_word() -> None:
    assert told(difference("本期节目深入分析 market selloff。\n", "本期节目浅入分析 market recovery。\n")) == [
        "-本期节目[深]入分析 market [selloff]。",
        "+本期节目[浅]入分析 market [recovery]。",
    ]


def test_unchanged_lines_that_are_far_away_are_left_out() -> None:
    old = "".join(f"{number}\n" for number in range(20))
    assert told(difference(old, old.replace("10\n", "ten\n"), context=1)) == ["~9", " 9", "-10", "+ten", " 11", "~8"]


def test_lines_are_numbered_in_both_texts() -> None:
    lines = difference("a\nb\n", "x\na\nb\n", first=(5, 7)).lines
    assert [(line.kind, line.old, line.new) for line in lines] == [
        (Kind.ADDED, None, 7),
        (Kind.SAME, 5, 8),
        (Kind.SAME, 6, 9),
    ]


def test_a_missing_line_end_and_another_line_end_are_differences() -> None:
    assert [(line.kind, line.ending) for line in difference("a\n", "a").lines] == [
        (Kind.REMOVED, "LF"),
        (Kind.ADDED, "none"),
    ]
    assert [line.ending for line in difference("a\r\nb\r\n", "a\nb\r\n").lines] == ["CRLF", "LF", ""]


def test_the_same_key_is_one_line_however_much_its_value_changed() -> None:
    shown = difference("summary: 长长的摘要说了很多话\ntitle: a\n", "summary: 短\ntitle: a\n")
    assert told(shown)[:2] == ["-summary: [长长的摘要说了很多话]", "+summary: [短]"]


def test_texts_that_are_the_same_have_none() -> None:
    shown = difference("a\nb\n", "a\nb\n")
    assert not shown
    assert shown.lines == ()


def test_a_long_text_takes_no_long_time() -> None:
    line = "词" * 40_000
    assert difference(f"{line}\n", f"甲{line}乙{line}\n")
    many = "".join(f"{number} {number % 7}\n\n" for number in range(20_000))
    assert difference(many, many.replace(" 3\n", " three\n"))


LINES = st.lists(st.text("ab 甲\t", max_size=6), max_size=8)


@given(old=LINES, new=LINES, end=st.sampled_from(["", "\n", "\r\n"]), many=st.sampled_from([2, 5_000]))
def test_both_texts_can_be_read_off_it(old: list[str], new: list[str], end: str, many: int) -> None:
    before, after = "\n".join(old) + end, "\n".join(new) + end
    with patch.object(differences, "_MANY_LINES", many):
        lines = difference(before, after, context=100).lines

    def side(other: Kind) -> list[str]:
        return ["".join(part.text for part in line.parts) for line in lines if line.kind is not other]

    if before == after:
        assert lines == ()
    else:
        assert side(Kind.ADDED) == before.replace("\r\n", "\n").split("\n")[: len(side(Kind.ADDED))]
        assert side(Kind.REMOVED) == after.replace("\r\n", "\n").split("\n")[: len(side(Kind.REMOVED))]
        assert sum(line.kind is Kind.ADDED for line in lines) or sum(line.kind is Kind.REMOVED for line in lines)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a\n" * 6000, "a\nb\n" * 3000),
        ("a " * 3000, "a b " * 3000),
        ("字" * 200_000, "字" * 100_000 + "改" + "字" * 100_000),
        ("\n".join("x" * 50_000 + str(n) for n in range(60)), "\n".join("y" * 50_000 + str(n) for n in range(60))),
    ],
    ids=["lines", "words", "one long line", "long lines"],
)
def test_texts_that_repeat_themselves_do_not_hang_the_page(old: str, new: str) -> None:
    found = difference(old, new)
    assert found
    assert found.added
