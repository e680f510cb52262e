"""Known terms found in texts: precision and recall against passages marked by hand."""

import pytest

from taxonomy.mentions import Finder, TermName, unmentioned

NAMES = {
    "TSMC": ["台积电", "台灣積體電路"],
    "OpenAI": [],
    "AI": ["人工智能"],
    "Meta": [],
    "Apple": ["苹果"],
    "苹果公司": [],
    "美联储": ["Fed"],
    "C#": [],
    "Go": [],
    "GPT-4": ["GPT4"],
    "GPT": [],
    "Morgan Stanley": [],
    "黄仁勋": ["Jensen Huang"],
    "债券": [],
    "美股": [],
}
FINDER = Finder(
    TermName("organisation", at, term, name)
    for at, (term, aliases) in enumerate(NAMES.items())
    for name in (term, *aliases)
)

# What stands in each text, marked by hand.
BY_HAND = [
    ("台積電（ＴＳＭＣ）今天大涨。", {"TSMC"}),
    ("OpenAI 的 GPT-4 比 GPT-3 好。", {"OpenAI", "GPT-4", "GPT"}),
    ("metadata and the email of Fedora", set()),
    ("The Fed raised rates; META followed.", {"美联储", "Meta"}),
    ("用C#写，不用Go写。", {"C#", "Go"}),
    ("Google goes on", set()),
    ("苹果公司發佈新品", {"苹果公司"}),
    ("吃苹果", {"Apple"}),
    ("人工智慧與人工智能", {"AI"}),
    ("AI债券，美股暴跌", {"AI", "债券", "美股"}),
    ("Morgan\nStanley 说", {"Morgan Stanley"}),
    ("Morgan Stanleys", set()),
    ("黃仁勳（Jensen Huang）", {"黄仁勋"}),
    ("FAIR and MAIN", set()),
    ("", set()),
]


def test_precision_and_recall_against_the_passages_marked_by_hand() -> None:
    found = {(text, each.term) for text, _terms in BY_HAND for each in FINDER.mentions(text)}
    wanted = {(text, term) for text, terms in BY_HAND for term in terms}
    assert found - wanted == set() and wanted - found == set()


@pytest.mark.parametrize(
    ("text", "passage"),
    [
        ("今天台積電大涨", ("今天", "台積電", "大涨")),
        ("前ﷺ后，台积电涨", ("前ﷺ后，", "台积电", "涨")),
        ("字" * 40 + "TSMC", ("…" + "字" * 24, "TSMC", "")),
    ],
)
def test_the_passage_is_that_of_the_text_as_it_is_written(text: str, passage: tuple[str, str, str]) -> None:
    (mention,) = FINDER.mentions(text)
    assert mention.passages == (passage,)


def test_mentions_are_counted_and_the_most_often_mentioned_comes_first() -> None:
    found = FINDER.mentions("Meta, OpenAI, Meta, Meta, Meta, Meta")
    assert [(each.term, each.count, len(each.passages)) for each in found] == [("Meta", 5, 3), ("OpenAI", 1, 1)]


def test_a_name_of_two_vocabularies_means_both() -> None:
    finder = Finder([TermName("product", 1, "Claude", "Claude"), TermName("tag", 2, "claude", "claude")])
    assert {each.vocabulary for each in finder.mentions("Claude sagt")} == {"product", "tag"}


def test_what_is_listed_and_never_mentioned_is_told_unless_it_is_too_short_to_be_sought() -> None:
    listed = {"organisation": ["TSMC", "Meta"], "person": ["周"]}
    missing = unmentioned(listed, {("organisation", "TSMC"): ["台积电"]}, "台積電大涨")
    assert missing == [("organisation", "Meta")]


def test_an_empty_vocabulary_finds_nothing() -> None:
    assert Finder([]).mentions("TSMC") == []
