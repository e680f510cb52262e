"""Search: the index against a scan of every text, on the database that the tests are on, and what a query may say."""

import datetime
import random
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any
from unittest.mock import patch

import pytest
import yaml
from django.db import connection
from django.test import Client

from posts import editing, searching
from posts.admin import paging
from posts.admin.post_admin import PostAdmin
from posts.models import Post, SearchedText
from posts.search_index import catch_up, forget_all, left_out
from posts.search_passages import marked, passage
from posts.search_queries import LONGEST_QUERY, Days, parse
from posts.searching import by_nearness, found_by, nearest
from taxonomy.models import Organisation, Tag
from taxonomy.words import passages, phrase_of, plain, words_of
from tests.corpus.make_corpus import Maker
from tests.posts.worlds import World, person, post_text

PIECES = (
    *("美股", "暴跌", "存储芯片", "台積電", "台积电", "人民币", "贷款", "蒸馏", "华", "为", "哈哈哈"),
    *("ＡＩ", "AI", "OpenAI", "GPT-4o", "the", "market", "3.5", "１２", "é", "e", "cafe\u0301", "café", "ß", "_", "-"),
    *("。", "，", " ", "\n", "《", "》", "𠀀𠀁", "かな", "ｶﾅ", "한국"),
)


def found(text: str) -> set[str]:
    """The paths of the posts that `text`, typed into the box, finds."""
    return set(found_by(Post.objects.all(), parse(text)).values_list("path", flat=True))


# --- Words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("美股暴跌", ["美股", "股暴", "暴跌", "跌"]),
        ("华", ["华"]),
        ("OpenAI蒸馏", ["openai", "蒸馏", "馏"]),
        ("台積電", ["台积", "积电", "电"]),
        ("ＡＩ　１２", ["ai", "12"]),
        ("Café cafe\u0301 CAFE Łódź Mærsk", ["cafe", "cafe", "cafe", "lodz", "maersk"]),
        ("й ё が が ά", ["й", "ё", "が", "が", "ά"]),
        ("…—《》", []),
        ("a_b", ["a", "b"]),
    ],
)
def test_a_text_is_whole_latin_words_and_pairs_of_chinese_signs(text: str, words: list[str]) -> None:
    assert words_of(text) == words


def test_a_passage_is_where_it_stands_in_the_text_itself_however_levelling_moves_signs() -> None:
    text = "Le cafe\u0301 Ærø"
    assert [text[start:end] for start, end in passages(text, phrase_of("CAFÉ") or pytest.fail())] == ["cafe\u0301"]
    assert [text[start:end] for start, end in passages(text, phrase_of("aero") or pytest.fail())] == ["Ærø"]
    text = "ﬁne ß 台積電和ＯｐｅｎＡＩ"  # the first sign becomes two letters, ß too
    assert [text[start:end] for start, end in passages(text, phrase_of("台积电") or pytest.fail())] == ["台積電"]
    assert [text[start:end] for start, end in passages(text, phrase_of("openai") or pytest.fail())] == ["ＯｐｅｎＡＩ"]
    assert [text[start:end] for start, end in passages(text, phrase_of("fine") or pytest.fail())] == ["ﬁne"]


def test_hits_are_marked_with_what_stands_around_them() -> None:
    phrases = [each.phrase for each in parse("暴跌 美股").wanted]
    assert marked("今天美股暴跌了", phrases) == [("今天", False), ("美股", True), ("暴跌", True), ("了", False)]
    far = passage("开" * 200 + "美股" + "关" * 200, phrases)
    assert far[0] == ("…", False) and ("美股", True) in far and far[-1] == ("…", False)
    assert passage("没有", phrases) == []


# --- What a query says


def test_a_query_is_words_phrases_exclusions_and_fields() -> None:
    query = parse('OpenAI 蒸馏 -广告 "美股 暴跌" org:TSMC state:in-review before:2026-02 -path:draft')
    assert [each.phrase.runs for each in query.wanted] == [("openai",), ("蒸馏",), ("美股", "暴跌"), ("tsmc",)]
    assert query.wanted[-1].where == "organisation"
    assert [each.phrase.runs for each in query.unwanted] == [("广告",)]
    assert [(each.name, each.value, each.negated) for each in query.conditions] == [
        ("state", "in_review", False),
        ("path", "draft", True),
    ]
    assert [(each.first, str(each.end)) for each in query.days] == [(None, "2026-02-01")]
    assert not query.faults


def test_the_fields_have_chinese_names_and_full_width_signs_do() -> None:
    query = parse("机构：台积电 機構:台积电 状态:草稿 “美股 暴跌”", states={"草稿": "draft"})
    assert [each.where for each in query.wanted] == ["organisation", "organisation", ""]
    assert query.conditions[0].value == "draft"
    assert query.wanted[2].phrase.runs == ("美股", "暴跌")


@pytest.mark.parametrize(
    ("text", "first", "end"),
    [
        ("on:2026", "2026-01-01", "2027-01-01"),
        ("after:2026-12", "2027-01-01", "None"),
        ("since:2026年2月13日", "2026-02-13", "None"),
        ("before:2026/2/13", "None", "2026-02-13"),
    ],
)
def test_days_months_and_years(text: str, first: str, end: str) -> None:
    [days] = parse(text).days
    assert isinstance(days, Days) and (str(days.first), str(days.end)) == (first, end)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("before:soon", "not_a_day"),
        ("on:2026-02-30", "not_a_day"),
        ("state:flying", "unknown_state"),
        ("is:pretty", "unknown_mark"),
        *(
            (text, "nothing_searchable")
            for text in ("/", "//", "%", "_", "🙂", "。", "-", '""', '"', "-…", "org:%", "OpenAI org:%")
        ),
        ("x" * (LONGEST_QUERY + 1), "query_too_long"),
    ],
)
def test_what_cannot_be_understood_is_said_and_finds_nothing(db: None, text: str, code: str) -> None:
    query = parse(text)
    assert [fault for fault, _facts in query.faults] == [code]
    assert not found_by(Post.objects.all(), query).exists()


def test_a_colon_behind_any_other_word_is_text() -> None:
    assert [each.phrase.runs for each in parse("https://example.org").wanted] == [("https", "example", "org")]
    assert [each.phrase.runs for each in parse("GPT-4o 3:2").wanted] == [("gpt", "4o"), ("3", "2")]


def test_a_blank_may_stand_between_a_field_and_what_is_said_of_it() -> None:
    query = parse("org: TSMC 机构：　台积电 -state: draft")
    assert [(each.where, each.phrase.runs) for each in query.wanted] == [
        ("organisation", ("tsmc",)),
        ("organisation", ("台积电",)),
    ]
    assert [(each.name, each.value, each.negated) for each in query.conditions] == [("state", "draft", True)]
    # What is a piece of its own is not said of it, and a word that is no field is text.
    assert [each.phrase.runs for each in parse("org: state:draft").wanted] == [("org",)]
    assert [each.phrase.runs for each in parse("org: -广告").unwanted] == [("广告",)]
    assert [each.phrase.runs for each in parse("注意: 暴跌 org:").wanted] == [("注意",), ("暴跌",), ("org",)]


@pytest.mark.parametrize("text", ["苹果 - 公司", "苹果 － 公司", "- 苹果 公司", "苹果 公司 -"])
def test_a_minus_with_a_blank_behind_it_is_a_dash_and_that_is_said(text: str) -> None:
    query = parse(text)
    assert [each.phrase.runs for each in query.wanted] == [("苹果",), ("公司",)]
    assert query.lone_minus and not query.unwanted
    assert not parse("苹果 -公司 a-b").lone_minus


@pytest.mark.parametrize(
    "text", ['"美股 暴跌"', "“美股 暴跌”", "”美股 暴跌“", "「美股 暴跌」", "『美股 暴跌』", "『美股 暴跌"]
)
def test_every_pair_of_quotes_holds_a_phrase(text: str) -> None:
    assert [each.phrase.runs for each in parse(text).wanted] == [("美股", "暴跌")]
    assert [each.phrase.runs for each in parse(f"-body: {text}").unwanted] == [("美股", "暴跌")]


def test_a_word_with_a_slash_is_looked_for_in_the_path_and_in_the_text(world: World) -> None:
    world.remote.commit(
        {
            "src/posts/ab/100%_x.md": post_text("其一", body="买入\n"),
            "src/posts/text.md": post_text("其二", body="TCP/IP，买入/卖出，24/7，A/B 测试；AB/100，100zz/x\n"),
        }
    )
    world.sync("done")
    text, path = {"src/posts/text.md"}, {"src/posts/ab/100%_x.md"}
    for asked in ("A/B", "tcp/ip", "24/7", "买入/卖出", "TCP/IP 24/7"):
        assert found(asked) == text and found(f"-{asked.split()[0]}") == path, asked
        assert [each.path for each in nearest(Post.objects.all(), parse(asked), 9)] == [*text], asked
    assert found("AB/100") == text | path
    assert found("posts/AB/100%_") == found("AB/") == found("posts/ab/100%_x.md") == path
    # Between blanks it parts words, as a dash does.
    assert found("买入 / 卖出") == text and found("/ 买入") == text | path
    assert found("org:A/B") == set() and found('"posts/ab"') == set()


def test_what_looks_like_a_path_is_one() -> None:
    conditions = parse("2026/a.md draft.md -drafts/").conditions
    assert [(each.name, each.value, each.negated) for each in conditions] == [
        ("path", "2026/a.md", False),
        ("path", "draft.md", False),
        ("path", "drafts/", True),
    ]


# --- The index


def scan(phrase_text: str, text: str) -> bool:
    """Whether a text says a phrase, by the rules in words: no index, no pairs, sign by sign.

    Between two runs there is nothing but what is neither letter nor digit; a Latin word is whole; a Chinese run that
    has something behind it ends there, and one that has something before it begins there. Chinese runs that follow one
    another in the phrase may also be one run in the text.
    """
    asked, said = _runs(phrase_text), _runs(text)
    ways = [asked] if _as_one(asked) == asked else [asked, _as_one(asked)]
    return any(_has(said, way) for way in ways)


@cache
def _runs(said: str) -> list[str]:
    signs = plain(said)
    kinds = [
        "" if not (sign.isalnum()) else "c" if unicodedata.name(sign, "").split(" ")[0] in CHINESE else "l"
        for sign in signs
    ]
    cut: list[tuple[str, int]] = []
    for at, kind in enumerate(kinds):
        if not kind:
            continue
        if cut and cut[-1][1] == at and kinds[at - 1] == kind:
            cut[-1] = (cut[-1][0] + signs[at], at + 1)
        else:
            cut.append((signs[at], at + 1))
    return [run for run, _end in cut]


def _as_one(runs: list[str]) -> list[str]:
    """`runs` with Chinese ones that follow one another written together."""
    joined: list[str] = []
    for run in runs:
        if joined and _is_chinese(run) and _is_chinese(joined[-1]):
            joined[-1] += run
        else:
            joined.append(run)
    return joined


@cache
def _is_chinese(run: str) -> bool:
    return unicodedata.name(run[0], "").split(" ")[0] in CHINESE


def _has(said: list[str], asked: list[str]) -> bool:
    for at in range(len(said) - len(asked) + 1):
        if asked[0] not in said[at]:
            continue
        there = said[at : at + len(asked)]
        if all(
            _says(run, want, first=number == 0, last=number == len(asked) - 1)
            for number, (run, want) in enumerate(zip(there, asked, strict=True))
        ):
            return True
    return False


CHINESE = {"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "KATAKANA-HIRAGANA"}


def _says(run: str, want: str, *, first: bool, last: bool) -> bool:
    if not _is_chinese(want):
        return run == want
    if first and last:
        return want in run
    return run.endswith(want) if first else run.startswith(want) if last else run == want


def test_a_thousand_random_queries_find_what_a_scan_of_every_text_finds(world: World) -> None:
    chance = random.Random(4)
    texts = {}
    for number in range(60):
        title, body = ("".join(chance.choices(PIECES, k=length)) for length in (4, chance.choice((12, 40))))
        title = re.sub(r"\s", " ", title)
        texts[f"src/posts/{number}.md"] = (title, body)
    world.remote.commit(
        {path: f"---\ntitle: '{title}'\ndraft: true\n---\n{body}\n" for path, (title, body) in texts.items()}
    )
    world.sync("done")
    assert Post.objects.count() == len(texts)
    hits = 0
    for _ in range(1000):
        asked = "".join(chance.choices(PIECES, k=chance.choice((1, 1, 2, 3)))).replace("\n", " ")
        if phrase_of(asked) is None:
            continue
        expected = {path for path, parts in texts.items() if any(scan(asked, part) for part in parts)}
        assert found(f'"{asked}"') == expected, asked
        hits += len(expected)
    assert hits > 1000


@dataclass(frozen=True, slots=True)
class Said:
    """What a file says, read by PyYAML: what the scan looks at."""

    path: str
    title: str
    summary: str
    body: str
    date: datetime.date | None
    terms: dict[str, list[str]]
    live: bool

    def has(self, phrase: str, *, where: str = "") -> bool:
        """Whether `phrase` stands in one field, in the name of a term of one kind, or anywhere."""
        if where in self.terms:
            return any(says(phrase, name) for name in self.terms[where])
        texts = [self.title, self.summary, self.body] if not where else [getattr(self, where)]
        names = [] if where else [name for names in self.terms.values() for name in names]
        return any(says(phrase, text) for text in (*texts, *names))


@cache
def levelled(text: str) -> str:
    """`text` as `plain` gives it; each once."""
    return plain(text)


def says(phrase: str, text: str) -> bool:
    """`scan`, of those texts alone that have the signs of each run."""
    return all(run in levelled(text) for run in _runs(phrase)) and scan(phrase, text)


KINDS = {
    "tag": "tags",
    "organisation": "companies_orgs",
    "person": "people",
    "product": "products_models",
    "mediawork": "media_books",
    "category": "category",
    "area": "area",
}


def said_by(path: str, data: bytes) -> Said:
    """What the corpus file `data` says."""
    head, body = re.fullmatch(r"\ufeff?---[ ]*\r?\n(.*?)^---[ ]*(?:\r?\n(.*)|)", data.decode(), re.S | re.M).groups()  # type: ignore[union-attr]
    values = yaml.load(head, Loader=yaml.BaseLoader) or {}
    terms = {}
    for kind, key in KINDS.items():
        there = values.get(key) or []
        terms[kind] = [] if there == "[]" else there if isinstance(there, list) else [there]
    day = datetime.date.fromisoformat(values["date"][:10]) if values.get("date") else None
    title, summary = values.get("title", ""), values.get("summary", "")
    return Said(path, title, summary, body or "", day, terms, values.get("draft") != "true")


Asked = tuple[str, Callable[[Said], bool]]
"""A part of a query as it is typed, and what it means."""


def some_words(chance: random.Random, posts: list[Said]) -> str:
    """Some signs in a row that a post says, or a few that may stand nowhere."""
    post = chance.choice(posts)
    text = chance.choice([post.title, post.summary, post.body, post.body, *chance.choice([*post.terms.values()])])
    if not text or chance.random() < 0.1:
        text = "".join(chance.choices(PIECES, k=2))
    start = chance.randrange(len(text))
    words = re.split(r"[\s\"“”「」『』:：/\-－]+", text[start : start + chance.choice((2, 3, 5, 9, 16))].strip())
    return next((word for word in words if phrase_of(word) is not None and not word.endswith(".md")), "人工智能")


def a_part(chance: random.Random, posts: list[Said]) -> Asked:
    """A word, a phrase, a field or a word with a slash, perhaps left out."""
    one, other = some_words(chance, posts), some_words(chance, posts)
    post = chance.choice(posts)
    dates = [each.date for each in posts if each.date is not None]
    day = chance.choice(dates)
    blank = chance.choice(["", "", " "])
    kind = chance.choice(list(KINDS))
    field = chance.choice(["title", "summary", "body", kind])
    before, behind = chance.choice(['""', "“”", "「」", "『』"])
    folder = chance.choice([*re.findall(r"[^/]+/", post.path), post.path, post.path.rpartition("/")[2]])
    part, means = chance.choice(
        [
            (one, lambda said: said.has(one)),
            (one, lambda said: said.has(one)),
            (f"{before}{one} {other}{behind}", lambda said: said.has(f"{one} {other}")),
            (f"{field}:{blank}{one}", lambda said: said.has(one, where=field)),
            (f"{field}：{before}{one}{behind}", lambda said: said.has(one, where=field)),
            (
                f"{one}/{other}",
                lambda said: said.has(f"{one} {other}") or f"{one}/{other}".lower() in said.path.lower(),
            ),
            (folder, lambda said: folder.lower() in said.path.lower()),
            (f"path:{blank}{folder[:6]}", lambda said: folder[:6].lower() in said.path.lower()),
            (f"before:{blank}{day}", lambda said: said.date is not None and said.date < day),
            (f"since:{day:%Y-%m}", lambda said: said.date is not None and said.date >= day.replace(day=1)),
            (f"on:{day.year}", lambda said: said.date is not None and said.date.year == day.year),
            ("is:live", lambda said: said.live),
            ("state:draft", lambda said: not said.live),
        ]
    )
    if chance.random() < 0.25:
        return f"-{part}", lambda said: not means(said)
    return part, means


def test_a_thousand_queries_of_every_kind_find_in_a_corpus_what_a_scan_finds(world: World) -> None:
    chance, maker = random.Random(7), Maker(11, 0.1, 0)
    files = {f"src/posts/{(made := maker.post())[0].year}/{number}-访谈.md": made[2] for number in range(60)}
    files = {path: data for path, data in files.items() if re.match(rb"(\xef\xbb\xbf)?---\s*\n[^-]", data)}
    world.remote.commit({path: data.decode() for path, data in files.items()})
    world.sync("done")
    posts = [said_by(path, data) for path, data in files.items()]
    assert Post.objects.count() == len(posts) > 50
    hits = 0
    for _ in range(1000):
        parts = [a_part(chance, posts) for _ in range(chance.choice((1, 1, 2, 3)))]
        typed = " ".join(part for part, _means in parts)
        expected = {said.path for said in posts if all(means(said) for _part, means in parts)}
        assert found(typed) == expected, typed
        hits += bool(expected)
    assert hits > 300


def test_a_long_text_is_found_by_its_beginning_its_end_and_what_stands_on_a_seam(world: World) -> None:
    body = "".join(f"第{number}句说到存储芯片。the the the the\n" for number in range(3000))
    world.remote.push("src/posts/long.md", f"---\ntitle: 长\ndraft: true\n---\n{body}")
    world.sync("done")
    for number in [0, 1, 17, 199, 200, 201, *range(290, 320), 1500, 2998, 2999]:
        assert found(f'"{number}句说到存储芯片。the the the the"') == {"src/posts/long.md"}, number
    assert found('"3000句说到"') == set()
    assert found('"the the the the the"') == set()


def test_a_text_with_more_words_than_the_index_takes_is_found_by_all_of_them(world: World) -> None:
    words = " ".join(f"w{number:09}" for number in range(100_000))
    world.remote.commit(
        {
            "src/posts/long.md": f"---\ntitle: 长\ndraft: true\n---\n{words} 末尾\n",
            "src/posts/other.md": post_text("短", body="末了\n"),
        }
    )
    world.sync("done")
    long = {"src/posts/long.md"}
    for asked in (
        "w000000001",
        "w000099999",
        '"w000099998 w000099999"',
        "body:末尾",
        "末尾 w000000001",
        "w000099999 长",
    ):
        assert found(asked) == long, asked
        [nearest_one] = nearest(Post.objects.all(), parse(asked), 9)
        assert nearest_one.path in long, asked
    for asked in ("w000100000", '"w000099998 w000000001"', "title:末尾", "summary:w000000001", "末了 w000000001"):
        assert found(asked) == set(), asked
    assert found("末") == {"src/posts/long.md", "src/posts/other.md"} and found("-末尾") == {"src/posts/other.md"}


def test_a_blank_in_a_chinese_phrase_is_any_blank_or_sign_or_none(world: World) -> None:
    said = {
        "a": "美股暴跌了",
        "b": "昨天美股，暴跌",
        "c": "美股 暴跌",
        "d": "美股大暴跌",
        "e": "暴跌美股",
        "f": "美股\n\n暴跌",
    }
    world.remote.commit({f"src/posts/{name}.md": post_text("题", body=f"{body}\n") for name, body in said.items()})
    world.sync("done")
    for asked in ('"美股 暴跌"', "「美股 暴跌」", 'body:"美股，暴跌"', "美股，暴跌"):
        assert found(asked) == {f"src/posts/{name}.md" for name in "abcf"}, asked
        assert {post.path[-4] for post in nearest(Post.objects.all(), parse(asked), 9)} == set("abcf")
    assert found('"美股暴跌"') == {"src/posts/a.md"} and found('"美 股 暴跌"') == {"src/posts/a.md"}
    assert [piece for piece in marked("昨天美股暴跌了", [parse('"美股 暴跌"').wanted[0].phrase]) if piece[1]] == [
        ("美股暴跌", True)
    ]


def test_every_save_keeps_the_index_in_step(world: World) -> None:
    wen = person("wen", "Writer")
    world.remote.push("src/posts/a.md", post_text("美股暴跌"))
    world.sync("done")
    post = Post.objects.get()
    assert found("美股") and found("正文")
    editing.edit(post, {"title": "港股上涨"}, body="新的内容\n", by=wen)
    assert not found("美股") and not found("title:暴跌") and not found('"正文"')
    assert found("港股") and found("body:新的内容")
    assert left_out() == 0
    assert [str(row.revision_id) for row in SearchedText.objects.all()] == [str(Post.objects.get().present_id)]


def test_no_new_word_waits_beside_the_index(world: World) -> None:
    """As long as many do, PostgreSQL takes the index for dear, and every search reads all the texts."""
    world.remote.push("src/posts/a.md", post_text("美股暴跌"))
    world.sync("done")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT gin_clean_pending_list('searched_words')")
            assert cursor.fetchone() == (0,)


def test_an_index_that_lost_something_catches_up(world: World) -> None:
    world.remote.commit({f"src/posts/{number}.md": post_text(f"第{number}篇") for number in range(5)})
    world.sync("done")
    forget_all()
    assert left_out() == 5 and not found("第3篇")
    assert {each.code for each in world.disagreements()} == {"search_differs"}
    assert catch_up() == 5
    assert left_out() == 0 and found("第3篇") == {"src/posts/3.md"}
    SearchedText.objects.update(version=0)
    assert catch_up() == 5 and found("第3篇") == {"src/posts/3.md"} and catch_up() == 0


def test_terms_are_found_by_name_and_alias_and_the_title_comes_first(world: World) -> None:
    world.remote.commit(
        {
            "src/posts/body.md": post_text("其一", body="说到台积电的事。\n").replace("  - 台积电\n", ""),
            "src/posts/term.md": post_text("其二"),
            "src/posts/title.md": post_text("台積電的财报").replace("  - 台积电\n", ""),
        }
    )
    world.sync("done")
    query = parse("台积电")
    order = by_nearness(found_by(Post.objects.all(), query), query).values_list("path", flat=True)
    assert order[0] == "src/posts/title.md" and len(order) == 3
    Organisation(name="TSMC", slug="tsmc", alias_of=Organisation.objects.get(name="台积电")).save()
    assert found("tsmc") == found("org:TSMC") == {"src/posts/term.md"}
    assert found("tag:market-volatility org:tsmc -state:published") == {"src/posts/term.md"}
    assert found("tag:台积电") == set()
    assert Tag.objects.exclude(words="").count() == Tag.objects.count()
    forget_all()
    assert [post.path for post in nearest(Post.objects.all(), query, 9)] == ["src/posts/term.md"]


EVERY_FIELD = """people:
  - 鲍威尔
products_models:
  - GPT-5
media_books:
  - 滚雪球
project: 年度计划
series: 每周财经
speaker: 梅姨
guest: 李教授
source: https://www.youtube.com/watch?v=abcdefghijk
"""


@pytest.mark.parametrize(
    "query",
    [
        *("person:鲍威尔", "人物:鮑威爾", "product:gpt-5", "mediawork:滚雪球", "project:年度计划", "series:每周财经"),
        *("category:investment-assets", "类别:investment", "area:finance-wealth", "author:小翠", "speaker:梅姨"),
        *("guest:李教授", "source:abcdefghijk"),
    ],
)
def test_every_field_can_be_asked_for_and_finds_nothing_else(world: World, query: str) -> None:
    plain = post_text("其二").replace("author: 小翠時政財經\n", "").replace("category: investment-assets\n", "")
    plain = plain.replace("area: finance-wealth\n", "")
    world.remote.commit(
        {"src/posts/a.md": post_text("其一").replace("people: []\n", EVERY_FIELD), "src/posts/b.md": plain}
    )
    world.sync("done")
    assert found(query) == {"src/posts/a.md"}
    assert found(f"-{query}") == {"src/posts/b.md"}


def test_a_collection_can_be_asked_for_or_left_out(world: World) -> None:
    world.remote.commit({"src/posts/a.md": post_text("其一"), "src/posts/b.md": post_text("其二")})
    world.sync("done")
    editing.edit(world.post("src/posts/a.md"), {"title": "改"}, by=person("wen", "Writer"))
    everywhere = {"src/posts/a.md", "src/posts/b.md"}
    assert found("collection:site") == found("-collection:other") == everywhere
    assert found("-collection:site") == found("collection:other") == set()
    assert found("-collection:other is:pending") == {"src/posts/a.md"}


def test_what_stands_in_the_title_comes_before_the_summary_and_the_text(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By class, and alike on both databases: a phrase whose words are in the title, but not in a row, is none there."""
    monkeypatch.setattr(searching, "_AND_SOME", 0)
    summary = "summary: 本期节目深入分析股市动向。"
    texts = {
        "1-text": post_text("美股，股暴，暴跌", body="说到美股暴跌，AI market 也在。\n"),
        "2-summary": post_text("其二").replace(summary, "summary: 美股暴跌与 AI market。"),
        "3-title": post_text("美股暴跌与 AI market"),
        "4-long-summary": post_text("其四").replace(summary, f"summary: {'长' * 700}美股暴跌，AI market。"),
    }
    world.remote.commit({f"src/posts/{name}.md": text for name, text in texts.items()})
    world.sync("done")
    for asked, order in (
        ("美股暴跌", ["3-title", "4-long-summary", "2-summary", "1-text"]),
        ('"AI market"', ["3-title", "4-long-summary", "2-summary", "1-text"]),
        ("股暴", ["3-title", "1-text", "4-long-summary", "2-summary"]),
        ("美股暴跌 AI", ["3-title", "4-long-summary", "2-summary", "1-text"]),
    ):
        query = parse(asked)
        whole = by_nearness(found_by(Post.objects.all(), query), query)
        for posts, most in ((whole, 9), *((nearest(Post.objects.all(), query, most), most) for most in (1, 2, 9))):
            names = [post.path.removeprefix("src/posts/").removesuffix(".md") for post in posts]
            assert names == order[:most], (asked, most)


@pytest.mark.parametrize("text", [" ".join("a" * 100), " ".join(chr(0x4E00 + number) for number in range(100))])
def test_as_many_words_as_the_box_takes_are_answered(world: World, text: str) -> None:
    query = parse(text)
    assert not query.faults and list(nearest(Post.objects.all(), query, 10)) == []
    assert list(by_nearness(found_by(Post.objects.all(), query), query)) == []


def test_the_nearest_are_those_of_the_whole_in_the_same_order(world: World, django_assert_max_num_queries: Any) -> None:
    chance = random.Random(5)
    world.remote.commit(
        {
            f"src/posts/{number}.md": post_text(
                re.sub(r"\s", " ", "".join(chance.choices(PIECES, k=3))).replace("'", "") + f" 第{number}篇",
                body="".join(chance.choices(PIECES, k=12)) + "\n",
            )
            for number in range(40)
        }
    )
    world.sync()
    for asked in [
        "AI",
        "台积电 AI",
        "台积",
        "openai -华",
        '"AI market"',
        "title:台积电",
        "org:OpenAI 市",
        "body:华 is:pending",
    ]:
        query = parse(asked)
        whole = list(by_nearness(found_by(Post.objects.all(), query), query))
        with django_assert_max_num_queries(6):
            few = list(nearest(Post.objects.all(), query, 5)[:5])
        assert few == whole[:5], asked
        drafts = Post.objects.filter(pk__in=[each.pk for each in whole[1:4]])
        assert list(nearest(drafts, query, 100)) == whole[1:4], asked


def test_what_is_done_with_the_posts_of_a_search_is_done_with_all_of_them(world: World, client: Client) -> None:
    world.remote.commit({f"src/posts/{number}.md": post_text(f"第{number}篇") for number in range(3)})
    world.sync("done")
    client.force_login(person("cai", "Curator"))
    with patch.object(paging, "PAGES_AHEAD", 0), patch.object(PostAdmin, "list_per_page", 1):
        shown = client.get("/admin/posts/post/", {"q": "正文"}).context["cl"]
        chosen = client.get("/admin/posts/post/fields/", {"q": "正文"}).context["number"]
    assert (shown.result_count, shown.paginator.more, chosen) == (1, True, 3)


def test_excluded_words_and_columns_narrow_what_is_found(world: World) -> None:
    world.remote.commit({"src/posts/a.md": post_text("美股一"), "src/posts/b.md": post_text("美股二", draft="false")})
    world.sync("done")
    assert found("美股 -二") == {"src/posts/a.md"}
    assert found("美股 is:live") == {"src/posts/b.md"}
    assert found("path:/b. on:2026-02") == {"src/posts/b.md"}
    assert found("before:2026-02") == set()
    assert found("-美股") == set()


# --- In the admin


def test_the_list_shows_the_passage_and_says_what_it_did_not_understand(world: World, client: Client) -> None:
    world.remote.commit(
        {"src/posts/a.md": post_text(body="今天说到<b>存储芯片</b>的价格。\n"), "src/posts/b.md": post_text("另一篇")}
    )
    world.sync("done")
    client.force_login(person("wen", "Writer"))
    page = client.get("/admin/posts/post/", {"q": "存储芯片"}).content.decode()
    assert "今天说到&lt;b&gt;<mark>存储芯片</mark>&lt;/b&gt;的价格。" in page
    assert "另一篇" not in page
    page = client.get("/admin/posts/post/", {"q": "state:flying"}).content.decode()
    assert "“flying” is no state." in page
    page = client.get("/admin/posts/post/", {"q": "foo:bar"}).content.decode()
    assert "“foo” is no field of the search" in page
    both = client.get("/admin/posts/post/", {"q": "美股", "state__exact": "published"}).content.decode()
    assert "美股暴跌" not in both


def test_the_nearest_posts_are_found_as_one_types(world: World, client: Client) -> None:
    world.remote.commit({"src/posts/a.md": post_text("OpenAI 的蒸馏"), "src/posts/b.md": post_text("别的")})
    world.sync("done")
    client.force_login(person("wen", "Writer"))
    told = client.get("/admin/posts/post/find/", {"q": "蒸"}).json()
    assert [post["path"] for post in told["posts"]] == ["src/posts/a.md"]
    assert client.get("/admin/posts/post/find/", {"q": "title:ope"}).json()["posts"][0]["title"] == "OpenAI 的蒸馏"
    assert client.get("/admin/posts/post/find/", {"q": ""}).json() == {"posts": [], "faults": []}
    assert client.get("/admin/posts/post/find/", {"q": "on:soon"}).json()["faults"]
