"""The checks, text by text: what of each kind must be found, and what must not. The texts stand in `check_*.txt`."""

import datetime
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from posts.checks import CODES, Context, check, fixed
from posts.document.document import Document
from posts.image_addresses import MediaPlace

HERE = Path(__file__).parent
FRONT = "title: 标题\ndate: 2026-02-03\nsummary: 摘要\ntags: []\ndraft: true\n"
CONTEXT = {
    "path": "src/posts/2026/2026-02-03-a.md",
    "today": datetime.date(2026, 3, 1),
    "shortest_body": 0,
    "files": frozenset({"src/media/a.png", "src/posts/2026/b.md", "src/posts/2026/2026-02-03-a.md"}),
}
SITE = {
    "site_url": "https://site.org/blog",
    "post_url": "/posts/{slug}/",
    "pages": frozenset({"/posts/b", "/posts/长篇"}),
    "media": MediaPlace("src/media", "/media", "https://site.org/blog"),
}
SENTENCES = {
    "[简]": "这个国家的经济发展很快，我们应该认真学习研究这些问题，说明为什么会这样。",
    "[繁]": "這個國家的經濟發展很快，我們應該認真學習研究這些問題，說明為什麼會這樣。",
}
DELIVERED = Document.from_text(f"---\n{FRONT}layout: post.njk\n---\n正文")

Case = tuple[str, str, bool]


def texts(name: str) -> Iterator[Case]:
    """The texts of a file: the code that stands above each, the text itself, and whether it must be found there."""
    code = ""
    for line in (HERE / name).read_text(encoding="utf-8").split("\n"):
        mark, text = line[:1], line[2:]
        if line.startswith("== "):
            code = line[3:]
        elif mark in ("+", "-"):
            for sentence, said in SENTENCES.items():
                text = text.replace(sentence, said)
            yield code, re.sub(r"\\(?:[\\nt]|u.{4}|U.{8}|x..)", unescaped, text), mark == "+"


def unescaped(found: re.Match[str]) -> str:
    return found[0].encode("ascii").decode("unicode-escape")


def codes(body: str = "正文", front: str = FRONT, **known: object) -> set[str]:
    context = Context(**{**CONTEXT, **known})  # type: ignore[arg-type]
    said = {each.code for each in check(Document.parse(f"---\n{front}---\n{body}".encode()), context)}
    assert said <= set(CODES)
    return said


def front_with(said: str) -> str:
    """A right front matter in which `said` stands as well, or instead of what it says of the same key."""
    key = said.partition(":")[0]
    kept = [line for line in FRONT.splitlines() if line.partition(":")[0] != key]
    return "\n".join([*kept, *([said] if said else [])]) + "\n"


@pytest.mark.parametrize(("code", "body", "wrong"), [*texts("check_bodies.txt")])
def test_of_a_body_just_the_wrong_ones_are_found(code: str, body: str, wrong: bool) -> None:
    assert bool(codes(body) & set(code.split())) == wrong


@pytest.mark.parametrize(("code", "said", "wrong"), [*texts("check_fronts.txt")])
def test_of_a_front_matter_just_the_wrong_ones_are_found(code: str, said: str, wrong: bool) -> None:
    known = {"usual": frozenset({("layout", "post.njk")})} if code == "build_key_changed" else {"before": DELIVERED}
    assert (code in codes(SENTENCES["[简]"], front_with(said), **known)) == wrong


@pytest.mark.parametrize(("code", "body", "wrong"), [*texts("check_links.txt")])
def test_of_links_just_the_dead_ones_are_found(code: str, body: str, wrong: bool) -> None:
    assert (codes(body, **SITE) & {"file_missing", "image_missing"}) == ({code} if wrong else set())


def test_where_nothing_is_known_of_the_site_only_what_stands_beside_the_text_is_looked_for() -> None:
    assert "file_missing" in codes("[a](../2026/nope)")
    assert "file_missing" not in codes("[a](/posts/nowhere/) [b](../about/) ![c](/media/none.png)")
    assert "file_missing" not in codes("[a](c.md) [b](nope)", files=None)
    # Addresses that pages of any kind may have tell nothing.
    assert "file_missing" not in codes("[a](/blog/nowhere/)", **{**SITE, "post_url": "/{slug}/"})
    assert "file_missing" in codes("[a](/blog/2026/nowhere/)", **{**SITE, "post_url": "/{year}/{slug}/"})


def test_required_keys_may_be_any_and_false_is_a_value() -> None:
    def empty(front: str, *keys: str) -> bool:
        return "key_empty" in codes(front=front, required=frozenset(keys))

    assert empty(FRONT, "tags")
    assert empty(FRONT, "hero_image")
    assert empty(FRONT + "hero_image: ' '\n", "hero_image")
    assert empty(FRONT + 'people:\n  - ""\n', "people")
    assert not empty(FRONT + "hero_image: a.png\n", "hero_image")
    assert not empty(FRONT + "weight: 0\n", "weight")
    assert not empty(FRONT, "draft")
    assert not empty(FRONT.replace("draft: true", "draft: false"), "draft")


def test_what_the_pipeline_said_to_the_build_is_no_finding_and_what_became_of_it_is() -> None:
    def changed(said: str, delivered: str) -> bool:
        before = Document.from_text(f"---\n{FRONT}{delivered}---\n正文")
        return "build_key_changed" in codes(front=FRONT + said, before=before, usual=frozenset({("layout", "b.njk")}))

    assert not changed("permalink: /x/\n", "permalink: /x/\n")
    assert changed("permalink: /y/\n", "permalink: /x/\n")
    assert changed("", "layout: a.njk\n")
    # What is usual elsewhere is still another layout than the one that was delivered.
    assert changed("layout: b.njk\n", "layout: a.njk\n")


@pytest.mark.parametrize(
    ("body", "mended"),
    [
        ("使用OpenAI, 然后,他说", "使用OpenAI，然后，他说"),
        ("苹果, Google, 微软都涨了。", "苹果，Google，微软都涨了。"),
        ("他说, AI 很好; GPT 也是", "他说，AI 很好；GPT 也是"),
        ("真的吗?!", "真的吗？！"),
        ("例: [a](https://x.com)", "例：[a](https://x.com)"),
        ("**主持人:** 你好", "**主持人：** 你好"),
        ("**OpenAI**: 谷歌", "**OpenAI**：谷歌"),
        ("甲(乙(丙)丁)戊", "甲（乙（丙）丁）戊"),
        ("甲( 乙(b) )戊", "甲（乙(b)）戊"),
        ("(见《书(上)》)", "（见《书（上）》）"),
        ("甲,(乙,丙)丁", "甲，（乙，丙）丁"),
        ("甲&lt;乙,丙", "甲&lt;乙，丙"),
        ("甲:smile:乙,丙", "甲:smile:乙，丙"),
        ('说"a"甲"b"乙"丙"', '说"a"甲"b"乙“丙”'),
        ("甲( 乙 )丙", "甲（乙）丙"),
        ('他说"你好"，"再见"吧', "他说“你好”，“再见”吧"),
        ('他说"你好"，"再见', None),
        ("好的...然后", "好的……然后"),
        ("**你好**, 世界", "**你好**，世界"),
        ("雅虎 Yahoo! 公司, 卖了", "雅虎 Yahoo! 公司，卖了"),
        ("你好!![图](https://e.org/a.png)", "你好！![图](https://e.org/a.png)"),
        ("你好! [图](https://e.org/a)", "你好！[图](https://e.org/a)"),
        ("苹果 (谷歌) 公司", "苹果（谷歌）公司"),
        ('点 "选取" 按钮', "点“选取”按钮"),
        ("好, (乙) 的", "好，（乙）的"),
        ("- (甲) **乙**", "- （甲） **乙**"),
        ("见 https://x.com (甲) 乙", "见 https://x.com （甲）乙"),
        ("(很好 :) 好的)", None),
        # A name may end so, or the question.
        ("节目 What's Next? 讲得很好", None),
        ("利率升到 5%? 没有人相信", "利率升到 5%？没有人相信"),
        ("失败得很突然. 请求被中断.", "失败得很突然。请求被中断。"),
    ],
)
def test_half_width_is_mended_where_that_is_sure(body: str, mended: str | None) -> None:
    document = Document.from_text(f"---\n{FRONT}---\n{body}")
    found = check(document, Context(**CONTEXT))  # type: ignore[arg-type]
    _keys, new = fixed(document, [each for each in found if each.code == "half_width_punctuation"])
    assert new == mended


@pytest.mark.parametrize(
    ("body", "mended"),
    [
        ("见https://x.com。", "见<https://x.com>。"),
        ("见 HTTPS://X.COM/a, 好", "见 <HTTPS://X.COM/a>, 好"),
        ("https://x.com“后”", "<https://x.com>“后”"),
        ("https://x.com《书》", "<https://x.com>《书》"),
        ("https://x.com——我们", "<https://x.com>——我们"),
        ("https://x.com…", "<https://x.com>…"),
        ("| 甲 | 乙 |\n|---|---|\n|甲|https://x.com/b|", "| 甲 | 乙 |\n|---|---|\n|甲|<https://x.com/b>|"),
        ("<b>https://x.com</b>", "<b><https://x.com></b>"),
        ("https://x.com/~user", "<https://x.com/~user>"),
        # Nobody can tell where it ends, or the brackets would undo a mark of emphasis, an escape, an entity, a tag.
        ("https://x.com/a然后", None),
        ("https://x.com然后", None),
        ("https://x.com/wiki/美股", None),
        ("https://x.com/a_(b)", None),
        ("https://x.com/a\\_b", None),
        ("https://x.com/?a=1&amp;b=2", None),
        ("**https://x.com**了解", None),
        ("*https://x.com*", None),
        ("_https://x.com_", None),
        ("~~https://x.com~~", None),
        ("__见https://x.com/__", None),
        ("https://x.com:smile:", None),
        ("https://web.archive.org/web/*/https://x.com", "<https://web.archive.org/web/*/https://x.com>"),
        ("<div>\n见 https://x.com 。\n</div>", None),
        ("<details><summary>https://x.com</summary>\n\n文\n\n</details>", None),
    ],
)
def test_an_address_is_put_between_angle_brackets_where_that_is_sure(body: str, mended: str | None) -> None:
    document = Document.from_text(f"---\n{FRONT}---\n{body}")
    found = [each for each in check(document, Context(**CONTEXT)) if each.code == "bare_address"]  # type: ignore[arg-type]
    assert found and fixed(document, found)[1] == mended


def test_signs_that_nobody_sees_are_taken_out_of_keys_and_lists() -> None:
    front = FRONT.replace("标题", "标\u200b题").replace("tags: []", "tags:\n  - 台\u200b积电\n  - 台积电\n  - b")
    document = Document.from_text(f"---\n{front}---\n正文")
    found = [each for each in check(document, Context(**CONTEXT)) if each.code == "invisible_signs"]  # type: ignore[arg-type]
    assert [(each.key, each.passage, each.line) for each in found] == [
        ("tags", "台⟨200B⟩积电", 5),
        ("title", "标⟨200B⟩题", 2),
    ]
    assert fixed(document, found) == ({"tags": ["台积电", "b"], "title": "标题"}, None)
