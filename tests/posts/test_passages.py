"""Where a passage stands in a later text: edits elsewhere never move it off its words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posts.passages import Passage, carried_over, found, found_as_shown, plain, with_replacement

# Few signs, so that much is repeated: that is where a passage could be mistaken for another.
TEXT = st.text(alphabet="ab 大跌。\n𠮷", max_size=60)
QUOTE = st.text(alphabet="ab 大跌。\n𠮷", min_size=1, max_size=12)


def of(before: str, quote: str) -> Passage:
    """The passage `quote` behind `before`."""
    return Passage(len(before), len(before) + len(quote), quote)


@given(TEXT, TEXT, QUOTE, TEXT)
def test_an_edit_before_a_passage_or_behind_it_leaves_the_comment_on_its_words(
    before: str, edited: str, quote: str, after: str
) -> None:
    passage, old = of(before, quote), before + quote + after
    behind = carried_over(passage, old, before + quote + edited)
    assert behind == passage
    ahead = carried_over(passage, old, edited + quote + after)
    assert ahead is not None and ahead.stands_in(edited + quote + after)


@given(TEXT, TEXT, TEXT, TEXT)
def test_edits_on_both_sides_leave_it_on_its_words(before: str, after: str, ahead: str, behind: str) -> None:
    quote = "唯一的一句"
    new = ahead + quote + behind
    assert carried_over(of(before, quote), before + quote + after, new) == of(ahead, quote)


@given(TEXT, QUOTE, TEXT, TEXT)
def test_whatever_becomes_of_a_text_what_is_found_says_the_same(before: str, quote: str, after: str, new: str) -> None:
    now = carried_over(of(before, quote), before + quote + after, new)
    assert now is None or (now.quote == quote and now.stands_in(new))


def test_one_of_two_equal_passages_is_not_taken_for_the_other() -> None:
    old = "第一段：股市大跌。\n\n第二段：股市大跌。\n"
    second = Passage(old.rindex("大跌"), old.rindex("大跌") + 2, "大跌")
    now = carried_over(second, old, "新的开头。\n\n" + old.replace("第一段", "开头一段"))
    assert now is not None and now.start > len("新的开头。\n\n第一段：股市大跌。")
    assert carried_over(second, old, "第一段：股市大跌。\n\n第二段：股市大涨。\n") is None


def test_a_passage_that_was_moved_is_found_by_its_words_and_one_that_was_changed_is_not() -> None:
    old = "甲。\n\n这一句很重要。\n\n乙。\n"
    passage = of("甲。\n\n", "这一句很重要。")
    assert carried_over(passage, old, "乙。\n\n甲。\n\n这一句很重要。\n") is not None
    assert carried_over(passage, old, "甲。\n\n这一句不重要。\n\n乙。\n") is None


def test_a_passage_of_another_text_than_it_says_is_looked_up_by_its_words() -> None:
    assert carried_over(Passage(40, 44, "很重要。"), "短。", "这一句很重要。") == Passage(3, 7, "很重要。")


def test_words_that_stand_several_times_are_no_one_place() -> None:
    assert found("大跌", "大跌，又大跌") == (None, True)
    assert found("", "大跌") == (None, False)
    assert found("大涨", "大跌") == (None, False)


@pytest.mark.parametrize(
    ("shown", "raw"),
    [
        ("股市今天大跌", "股市今天**大跌"),
        ("见 报告 一文", "见 [报告](https://example.org/a) 一文"),
        ("一\n二", "一\n- *二"),
        ("用 make run 试", "用 `make run` 试"),
        ("没有记号", "没有记号"),
    ],
)
def test_words_as_the_site_shows_them_are_found_among_the_marks_of_markdown(shown: str, raw: str) -> None:
    text = f"开头。{raw}**。\n\n结尾。"
    passage, several = found_as_shown(shown, text)
    assert passage is not None and passage.stands_in(text) and passage.quote == raw and not several
    assert found_as_shown(shown, text + text) == (None, True)
    assert found_as_shown("别的话", text) == (None, False)


@given(st.text(alphabet="ab*_`[]() \n", max_size=60), st.text(alphabet="ab*_`[]() \n", max_size=400))
def test_whatever_is_sought_as_shown_says_what_stands_there(shown: str, text: str) -> None:
    passage, _several = found_as_shown(shown, text)
    assert passage is None or passage.stands_in(text)


def test_what_replaces_a_passage_stands_exactly_in_its_place() -> None:
    assert with_replacement(of("甲", "乙"), "甲乙丙", "丁戊") == "甲丁戊丙"
    assert plain("a\r\nb\rc\n") == "a\nb\nc\n"
