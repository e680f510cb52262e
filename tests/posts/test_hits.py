"""Where words stand in a text, and other words in their place: literal, in the prose, and nothing beside them."""

import datetime
import time

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from posts.checks import Context, check
from posts.checks.hits import PARTS, BadExchange, Exchange, exchange_of, exchanged, hits
from posts.checks.mends import mended_of
from posts.document.document import Document
from tests.posts.worlds import post_text


def made(find: str, by: str, **options: object) -> Exchange:
    """An exchange in all parts, as the form has it when nothing was chosen."""
    return exchange_of({"find": find, "by": by, "parts": PARTS, "match_case": True, "whole_words": True, **options})


def in_body(body: str, find: str, by: str = "■", **options: object) -> str:
    """What becomes of a body."""
    return exchanged(Document.from_text(f"---\ntitle: t\n---\n{body}"), made(find, by, **options)).body


@pytest.mark.parametrize(
    ("body", "find", "expected"),
    [
        ("OpenEye，说OpenEye的", "OpenEye", "■，说■的"),
        ("OpenEyes 和 MyOpenEye 不是 OpenEye", "OpenEye", "OpenEyes 和 MyOpenEye 不是 ■"),
        ("_OpenEye_ OpenEye's", "OpenEye", "_■_ ■'s"),
        ("cafe\u0301 cafe", "cafe", "cafe\u0301 ■"),
        ("xa a a", "a a", "xa ■"),
        ("台积电和台积", "台积", "■电和■"),
        ("openeye OPENEYE", "OpenEye", "openeye OPENEYE"),
        ("ＯｐｅｎＥｙｅ", "OpenEye", "ＯｐｅｎＥｙｅ"),
        ("a.c abc", "a.c", "■ abc"),
    ],
)
def test_words_are_literal_and_a_latin_one_ends_at_its_borders(body: str, find: str, expected: str) -> None:
    assert in_body(body, find) == expected


def test_case_and_borders_count_only_if_asked() -> None:
    assert in_body("openeye OpenEyes", "OpenEye", match_case=False) == "■ OpenEyes"
    assert in_body("openeye OpenEyes", "OpenEye", whole_words=False) == "openeye ■s"


@pytest.mark.parametrize(
    "left_alone",
    [
        "`X`",
        "```\nX\n```\n",
        "> ~~~\n> X\n> ~~~\n",
        "<!-- X -->",
        "[见](https://a.org/X)",
        "![图](X.png 'X')",
        "https://a.org/X",
        "详见https://a.org/X/a",
        "详见HTTPS://a.org/X",
        "https://a.org/A_(X)",
        "https://a.org/*/X",
        "https://a.org/维基X",
        "链接www.X.com",
        "来源:www.X.com",
        "[见][甲][图](</X, 乙>)",
        "<ftp://a.org/“X”>",
        "<https://a.org/X>",
        "www.X.com",
        "someone@X.org",
        "<img alt='X'>",
        "<img\n alt='X'>",
        "<code>X</code>",
        "[见][X]",
        "[X]\n\n[X]: https://a.org\n",
        "{{ X }} {% X %}",
    ],
)
def test_links_tags_and_code_are_left_alone_unless_asked(left_alone: str) -> None:
    assert in_body(f"X 前\n\n{left_alone}\n\nX 后", "X", "Y") == f"Y 前\n\n{left_alone}\n\nY 后"
    assert "X" not in in_body(f"X 前\n\n{left_alone}\n\nX 后", "X", "Y", everywhere=True)


@pytest.mark.parametrize(
    "prose",
    [
        "说 ` 甲\n\n乙 X 乙\n\n丙 ` 丁\n",
        "> 说 ` 甲\n>\n> 乙 X 乙 ` 丁\n",
        "若 a<b，则 X 比 c>d 好\n",
        "<a\n\nX>\n",
        "<pre> 与 X\n",
        "{{ 与 X\n",
        "𠮷X 人々X 二〇X 好X\n",
        "https://a.org“X”，https://a.org——X，https://a.org《X》，**https://a.org**X，|https://a.org|X|\n",
    ],
)
def test_what_is_no_code_and_no_tag_is_prose(prose: str) -> None:
    assert in_body(prose, "X", "Y") == prose.replace("X", "Y")


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "{{ ",
        "<pre>",
        "<pre ",
        "<a ",
        "` `` ",
        "](a",
        "](aaaaaaaa",
        "[",
        "a@",
        "a.",
        "<!--",
        "https://",
        "a\n",
        "https://(",
        "www.",
    ],
)
def test_a_long_text_takes_no_longer_sign_by_sign_than_a_short_one(piece: str) -> None:
    def took(number: int) -> float:
        document = Document.from_text(f"---\ntitle: t\n---\nX ]({piece * number}")
        times = []
        for _turn in range(3):
            begun = time.process_time()
            assert hits(document, made("X", "Y"))
            times.append(time.process_time() - begun)
        return min(times)

    # Eight times as long: of a pattern that reads all of the rest at each sign, 64 times.
    assert took(16_000) < 24 * took(2_000) + 0.02


@pytest.mark.parametrize(
    "prose", ["[X](https://a.org)", "## X", "- X", "| X |", "<details><summary>X</summary>", "[^1]: X"]
)
def test_the_words_of_links_headings_and_folds_are_prose(prose: str) -> None:
    assert in_body(f"{prose}\n", "X", "Y") == f"{prose}\n".replace("X", "Y")


def test_title_and_summary_are_searched_as_they_read_and_written_in_their_own_style() -> None:
    text = "---\ntitle: 'It''s OpenEye'  # c\nsummary: >\n  一 OpenEye\ntags: [OpenEye]\n---\n正文 OpenEye\n"
    document = Document.from_text(text)
    found = hits(document, made("OpenEye", "OpenAI"))
    assert [(hit.part, hit.line, hit.before) for hit in found] == [
        ("title", 2, "It's "),
        ("summary", 3, "一 "),
        ("body", 7, "正文 "),
    ]
    after = exchanged(document, made("OpenEye", "OpenAI")).text
    assert after == text.replace("OpenEye", "OpenAI").replace("[OpenAI]", "[OpenEye]")
    only = exchanged(document, made("It's OpenEye", "它", parts=["title"]))
    assert "title: 它" in only.text.replace("'", "") and only.body == document.body


def test_what_reads_already_as_it_should_is_not_found_a_second_time() -> None:
    assert in_body("台积和台积电", "台积", "台积电") == "台积电和台积电"
    assert in_body("openai OpenAI", "OpenAI", "OpenAI", match_case=False) == "OpenAI OpenAI"


def test_a_hit_is_known_again_by_its_passage_and_one_alone_can_be_left() -> None:
    before = Document.from_text("---\ntitle: t\n---\n甲 X 一样\n\n" + "长" * 80 + "\n\n乙 X 两样\n")
    later = Document.from_text("---\ntitle: t\n---\n新的一段" + "长" * 80 + before.body)
    exchange = made("X", "Y")
    _first, second = hits(before, exchange)
    assert second.mark in [hit.mark for hit in hits(later, exchange)]
    assert "甲 Y 一样" in (left := exchanged(before, exchange, leaving=[second.mark]).body) and "乙 X 两样" in left
    twice = Document.from_text("---\ntitle: t\n---\n" + ("同" * 40 + "X" + "同" * 40) * 2)
    marks = [hit.mark for hit in hits(twice, exchange)]
    assert len(set(marks)) == 2
    assert exchanged(twice, exchange, leaving=marks[:1]).body.index("X") < 50


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"find": " "}, "words_missing"),
        ({"find": "X", "by": "X", "match_case": True}, "words_same"),
        ({"find": "X" * 201}, "words_too_long"),
        ({"find": "X", "by": "Y" * 201}, "words_too_long"),
        ({"find": "a\nb"}, "words_not_text"),
        ({"find": "X", "by": "\0"}, "words_not_text"),
        ({"find": "X", "by": "\ud800"}, "words_not_text"),
        ({"find": "X", "parts": ["tags"]}, "no_part_chosen"),
    ],
)
def test_what_makes_no_sense_is_refused(asked: dict[str, object], code: str) -> None:
    with pytest.raises(BadExchange) as refused:
        exchange_of({"by": "", "parts": PARTS, **asked})
    assert refused.value.code == code


def test_the_database_is_asked_for_a_piece_that_it_compares_rightly() -> None:
    assert made("ÉtatX", "Y").anchor == "ÉtatX"
    assert made("ÉtatX台", "Y", match_case=False).anchor == "tatX台"
    assert made("É", "Y", match_case=False).anchor == ""


BODIES = st.lists(
    st.sampled_from([*"abX台积，。 \n`<>[]()*_", "\r\n", "https://", "```\n", "<b>", "<!--", "-->", "{{", "}}"]),
    max_size=60,
).map("".join)
FINDS = st.sampled_from(["X", "ab", "台积", "b", "a b", "积，", "aXa"])
MODERATE = settings(max_examples=60)
OPTIONS = st.fixed_dictionaries({name: st.booleans() for name in ("match_case", "whole_words", "everywhere")})


@MODERATE
@given(BODIES, st.text("ab台 :'#", min_size=1, max_size=12), OPTIONS)
def test_nothing_found_or_every_hit_left_changes_no_byte(body: str, title: str, options: dict[str, bool]) -> None:
    document = Document.from_text(post_text("题").replace("title: 题", f'title: "{title}"') + body)
    assert exchanged(document, made("不在其中", "Y", **options)) == document
    exchange = made("b", "Y", **options)
    assert exchanged(document, exchange, leaving=[hit.mark for hit in hits(document, exchange)]) == document


@MODERATE
@given(BODIES, FINDS, st.sampled_from(["", "Y", "ab", "台积电", "X X"]), OPTIONS)
def test_what_stands_beside_the_hits_stays(body: str, find: str, by: str, options: dict[str, bool]) -> None:
    document = Document.from_text(f"---\ntitle: '{find} 在题中'\n---\n{body}")
    exchange = made(find, by, **options) if find != by or not options["match_case"] else made(find, "Z", **options)
    found = [hit for hit in hits(document, exchange) if hit.part == "body"]
    after = exchanged(document, exchange)
    was, now, at, shift = document.body.replace("\r\n", "\n"), after.body.replace("\r\n", "\n"), 0, 0
    for hit in found:
        assert now[at + shift : hit.start + shift] == was[at : hit.start]
        assert now[hit.start + shift :].startswith(exchange.by)
        at, shift = hit.end, shift + len(exchange.by) - (hit.end - hit.start)
    assert now[at + shift :] == was[at:]
    if "\r\n" not in body or "\n" not in body.replace("\r\n", ""):
        assert after.body.count("\r\n") == document.body.count("\r\n")


@MODERATE
@given(BODIES, FINDS)
def test_there_and_back_again_is_the_same_text(body: str, find: str) -> None:
    text = f"---\ntitle: '{find} 在题中'\n---\n{body}"
    assume(text.count("\r\n") in (0, text.count("\n")))
    document = Document.from_text(text)
    there = exchanged(document, made(find, "乙丙", everywhere=True, whole_words=False))
    assert exchanged(there, made("乙丙", find, everywhere=True, whole_words=False)) == document


def test_the_check_finds_each_place_that_is_known_to_be_misheard() -> None:
    known = (made("OpenEye", "OpenAI"), made("OpenEye 公司", "别的"), made("台积", "台积电"))
    text = "---\ntitle: OpenEye 公司与台积\n---\n台积电、台积，`OpenEye`\r\n[^1]: OpenEye 公司\r\n"
    document = Document.from_text(text)
    context = Context(path="a.md", today=datetime.date(2026, 11, 25), mishearings=known)
    found = [each for each in check(document, context) if each.code == "known_mishearing"]
    assert [(each.key, each.line, each.facts["heard"]) for each in found] == [
        ("title", 2, "OpenEye 公司"),
        ("title", 2, "台积"),
        ("", 4, "台积"),
        ("", 5, "OpenEye 公司"),
    ]
    mended = mended_of(document, "known_mishearing", mishearings=known)
    assert mended.text == "---\ntitle: 别的与台积电\n---\n台积电、台积电，`OpenEye`\r\n[^1]: 别的\r\n"
    assert mended_of(mended, "known_mishearing", mishearings=known) == mended
    assert mended_of(document, "known_mishearing") == document


def test_each_place_of_a_short_line_is_left_and_mended_by_itself() -> None:
    known = (made("OpenEye", "OpenAI"), made("台积", "台积电"))
    document = Document.from_text("---\ntitle: 台积、OpenEye、台积\n---\n台积、OpenEye、台积\n\n台积\n\n台积\n")
    context = Context(path="a.md", today=datetime.date(2026, 11, 25), mishearings=known)
    found = [each for each in check(document, context) if each.code == "known_mishearing"]
    assert len({each.mark for each in found}) == len(found) == 8
    left = [found[1].mark, found[5].mark, found[6].mark]
    after = mended_of(document, "known_mishearing", leaving=left, mishearings=known)
    assert after.values["title"] == "台积电、OpenEye、台积电"
    assert after.body == "台积电、OpenAI、台积\n\n台积\n\n台积电\n"
