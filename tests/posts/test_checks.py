"""The checks: for each, texts that must pass and texts that must fail, and its mend on both."""

import datetime
from pathlib import Path

import pytest

from posts.checks import CODES, Context, Finding, Severity, check, fixed
from posts.checks.front_matter import video_of
from posts.checks.mends import mended_of
from posts.document.document import Document
from tests.corpus.make_corpus import Maker

TODAY = datetime.date(2026, 11, 25)
SAMPLE = Path(__file__).parent.parent / "samples" / "2026-02-13-market-selloff.md"
GOOD = "这是一段足够长的正文，谁也不会觉得它太短。" * 8
CODE = "`**真，**她` 与价格*（含税）、数量*（不含）的"
TABLE = "\n| --- | --- |\n| 三 | 四 |"
FRONT = "title: 题目\ndate: 2026-02-13\nsummary: 摘要\ndraft: true"


def document(body: str = GOOD, front: str = FRONT) -> Document:
    return Document.from_text(f"---\n{front}\n---\n{body}\n")


def found(document: Document, **known: object) -> list[Finding]:
    context = {"path": "src/posts/a.md", "today": TODAY, **known}
    return check(document, Context(**context))  # type: ignore[arg-type]


def codes(document: Document, **known: object) -> set[str]:
    return {each.code for each in found(document, **known)} - {"no_blank_beside_latin", "body_short"}


@pytest.mark.parametrize("key", ["json: 1", "js-file: a", "toml: x"])
def test_a_first_key_named_like_a_language_is_a_key(key: str) -> None:
    """Front matter in another language never comes this far: `front_matter_language` is a problem of its file."""
    assert not [each for each in found(document(front=f"{key}\n{FRONT}")) if each.severity is Severity.BREAKS]


# What each check finds in a body, and what that body must become where there is a mend.
WRONG_BODIES = [
    ("literal_asterisks", "她说**真，**她走了", "她说**真**，她走了"),
    ("literal_asterisks", "他说**“真”**对", "他说“**真**”对"),
    ("literal_asterisks", "一 **粗 **体", "一 **粗**体"),
    ("literal_asterisks", "一**甲&amp;。**乙", "一**甲&amp;**。乙"),
    ("literal_marks", "__真，__她走了", "__真__，她走了"),
    ("literal_marks", "她说__真，__她走了", "她说**真**，她走了"),
    ("literal_marks", "她说__真__她走了", "她说**真**她走了"),
    ("literal_marks", "她说~~真，~~她走了", "她说~~真~~，她走了"),
    ("literal_marks", "她说~~“真”~~的", "她说“~~真~~”的"),
    (
        "literal_marks",
        "| ~~甲，~~乙 | 丙 |\n| --- | --- |\n| 三 | __四__ |",
        "| ~~甲~~，乙 | 丙 |\n| --- | --- |\n| 三 | __四__ |",
    ),
    ("literal_asterisks", "没有收尾的**粗体", None),
    ("literal_asterisks", "作为**底仓，**而非**成屋**降", "作为**底仓**，而非**成屋**降"),
    ("literal_asterisks", "是**甲，**乙。\n美国的**成屋**降", "是**甲**，乙。\n美国的**成屋**降"),
    (
        "literal_asterisks",
        "| **甲，**乙 | **丙，**丁 |\n|--|--|\n| 一 | 二 |",
        "| **甲**，乙 | **丙**，丁 |\n|--|--|\n| 一 | 二 |",
    ),
    (
        "literal_asterisks",
        "| 一 | 二 |\n| --- | --- |\n| **丙，**丁 | 三 |",
        "| 一 | 二 |\n| --- | --- |\n| **丙**，丁 | 三 |",
    ),
    ("literal_asterisks", "作为**甲，**而非乙，又为**丙，**而非丁", "作为**甲**，而非乙，又为**丙**，而非丁"),
    (
        "literal_asterisks",
        f"{CODE}价格*（含税）、数量*（不含）的**甲，**乙",
        f"{CODE}价格*（含税）、数量*（不含）的**甲**，乙",
    ),
    ("literal_asterisks", "他说**“真”，**对", "他说“**真**”，对"),
    ("literal_asterisks", "- 甲\n- **乙：**丙", "- 甲\n- **乙**：丙"),
    ("literal_asterisks", "> **乙！**丙", "> **乙**！丙"),
    ("literal_asterisks", "## 说**“真”**的", "## 说“**真**”的"),
    ("literal_asterisks", "[见**甲，**乙](https://example.org)", "[见**甲**，乙](https://example.org)"),
    ("literal_asterisks", "***真，***她", "***真***，她"),
    ("literal_asterisks", "她说*真，*她走了", "她说*真*，她走了"),
    ("literal_asterisks", "他说*“真”*对", "他说“*真*”对"),
    ("literal_asterisks", "读*《三体》*时", "读《*三体*》时"),
    ("literal_asterisks", "转义\\*的**甲，**乙", "转义\\*的**甲**，乙"),
    ("literal_asterisks", "<div>\n**粗**\n</div>", None),
    ("literal_asterisks", "<details><summary>原文</summary>\n**粗**体\n</details>", None),
    ("heading_jumps", "# 一\n\n### 三\n", None),
    ("heading_repeats_title", "## 题目\n\n正文", None),
    ("details_not_closed", "<details>\n<summary>原文</summary>\n\n正文", None),
    ("details_not_opened", "正文\n\n</details>", None),
    ("chunk_missing", "<!-- chunk 1/3 -->\n一\n<!-- chunk 3/3 -->\n三", None),
    ("chunk_missing", "<!-- chunk 1/2 -->\n一", None),
    ("chunk_out_of_order", "<!-- chunk 1/2 -->\n<!-- chunk 2/2 -->\n<!-- chunk 1/2 -->", None),
    ("chunks_of_two_texts", "<!-- chunk 1/2 -->\n<!-- chunk 2/3 -->", None),
    ("anchor_missing", "[去](#哪里)", None),
    ("link_without_address", "[空]()", None),
    ("image_without_address", "![空]()", None),
    ("link_not_read", "![图](图 1.png)", "![图](<图 1.png>)"),
    ("link_not_read", "[报告](report (2) 2026.pdf 'a b')", "[报告](<report (2) 2026.pdf> 'a b')"),
    ("link_not_read", '[报告](a "b" 2026.pdf)', None),
    ("link_name_missing", "见[报告][R 1]", None),
    ("bare_address", "见 https://example.org/a?b=1。", "见 <https://example.org/a?b=1>。"),
    ("html_dropped", "<script>alert(1)</script>", None),
    ("html_dropped", '<b onclick="x()">粗</b>', None),
    ("template_syntax", "写成 {{ page.url }} 就会被执行", None),
    ("template_syntax", "```\n{% raw %}\n```", None),
    ("bracket_not_closed", "他读了《三体，没读完", None),
    ("bracket_not_opened", "没读完》", None),
    ("half_width_punctuation", "今天,明天", "今天，明天"),
    ("half_width_punctuation", "今天, 明天", "今天，明天"),
    ("invisible_signs", "零\u200b宽", "零宽"),
    ("bidirectional_signs", "反\u202e向", "反向"),
    ("traditional_in_simplified", "我们这几个国家说话还过得去，这个問題還沒說過，們會來說", None),
]

# What no check may find a fault in.
RIGHT_BODIES = [
    "**真**，她说",
    "`**真，**她`",
    "```\n**真，**她\n# 一\n```",
    "算式 2 ** 3 与 4 ** 5",
    "算式 2**10 得 1024",
    "2*3*4 与 a*(b+c) 及 d*(e)",
    "价格*（含税），数量*（不含税）",
    "价格*，数量*。\n*注：都是估计。",
    "他骂 f**k，密码是 ****，电话 138****1234",
    "* 甲\n* 乙，丙\n* 丁",
    "**甲** *乙，* 丙 `*丁，*` \\*戊，\\*己",
    "**真**和**假**，**好**",
    "__真__，她 ~~说~~，~~好~~的",
    "`__真，__她` 与 __init__ 及 a__b__c",
    "\\__真，__她 与 ~~ 真 ~~ 和 __ 空 __",
    "填空：____，共 ~~~~ 个",
    "看 <https://e.org/__甲，__乙>",
    "***又粗又斜***，**“甲”**，乙",
    "**甲 `**` 乙**",
    "![图**甲，**乙](https://example.org/a.png)",
    "<div>\n\n**粗**\n\n</div>",
    "<pre>\n**粗**\n</pre>",
    "<!-- **真，**她 -->",
    "公式 $a*b*c$ 与 $$x^{*}，y^{*}$$",
    "转义 \\*\\*真，\\*\\*她",
    "# 一\n\n## 二\n\n### 三\n\n## 又二",
    "<details>\n<summary>Original English</summary>\n\nRight?\n\n</details>",
    "写 `<details>` 这个标签",
    "<!-- chunk 1/2 -->\n一\n<!-- chunk 2/2 -->\n二",
    "[去](#一)\n\n# 一",
    "[去](#here)\n\n<a id='here'></a>",
    "[视频](https://www.youtube.com/watch?v=FWX-Lq8_k60)",
    "<https://example.org>",
    "`https://example.org`",
    '<a href="https://example.org">去</a>',
    "[一]: https://example.org/x\n\n见[一]",
    "![图](../images/a.png)",
    "数字 1,000 和 3.5 与 12:30",
    "English, with commas: fine!",
    "《三体》「引」『用』（注）【强】“话”",
    "表情 👩\u200d👩\u200d👧 不是错",
    "一个繁体名字：張學友",
    "| 指标 | 变化 |\n| --- | ---: |\n| 纳指 | -2% |",
    "{ 一个括号 } 和 % 百分号",
]

WRONG_FRONTS = [
    ("key_empty", "title: ''\ndate: 2026-02-13\nsummary: 摘要"),
    ("key_empty", "date: 2026-02-13\nsummary: 摘要"),
    ("list_as_text", f"{FRONT}\npeople: '[]'"),
    ("scalar_for_list", f"{FRONT}\ntags: ai"),
    ("wrong_kind", f"{FRONT}\nspeaker: [a]"),
    ("not_a_date", "title: 题\ndate: 2026-02-30\nsummary: 摘要"),
    ("category_unknown", f"{FRONT}\ncategory: finances"),
    ("area_unknown", f"{FRONT}\narea: nowhere"),
    ("category_of_other_area", f"{FRONT}\ncategory: Stocks\narea: society-systems"),
    ("status_unknown", f"{FRONT}\nstatus: live"),
    ("live_and_archived", f"{FRONT.replace('true', 'false')}\nstatus: archived"),
    ("date_stops_build", "title: 题\ndate: 2026-02-13 10:00\nsummary: 摘要"),
    ("date_in_future", "title: 题\ndate: 2031-01-01\nsummary: 摘要"),
    ("source_malformed", f"{FRONT}\nsource: www.youtube.com"),
    ("source_malformed", f"{FRONT}\nsource: 'https://a b'"),
    ("source_no_video", f"{FRONT}\nsource: https://www.youtube.com/@channel"),
    ("title_long", f"title: {'长' * 81}\ndate: 2026-02-13\nsummary: 摘要"),
    ("summary_long", f"title: 题\ndate: 2026-02-13\nsummary: {'长' * 501}"),
    ("key_misspelt", f"{FRONT}\nTags: []"),
    ("key_unknown", f"{FRONT}\nabstract: 一"),
]

RIGHT_FRONTS = [
    FRONT,
    f"{FRONT}\npeople: []\ntags:\n  - ai",
    f"{FRONT}\ncategory: finance\narea: society-systems\nstatus: evergreen",
    f"{FRONT}\ncategory: Stocks\narea: Macro",
    f"{FRONT}\ncategory: stocks",
    f"{FRONT}\nsource: https://youtu.be/FWX-Lq8_k60",
    f"{FRONT}\nsource: https://example.org/a",
    f"{FRONT}\nsource: ''",
    f"{FRONT}\nstatus: archived",
]

KNOWN = {
    "categories": frozenset({"finance", "stocks"}),
    "areas": frozenset({"society-systems", "macro"}),
    "nesting": {"stocks": ("macro", frozenset({"macro"}))},
}


@pytest.mark.parametrize(("code", "body", "mended"), WRONG_BODIES)
def test_a_body_that_is_wrong_is_found_and_mended_where_that_is_safe(code: str, body: str, mended: str | None) -> None:
    text = document(f"{body}\n\n{GOOD}")
    findings = [each for each in found(text) if each.code == code]
    assert findings, codes(text)
    assert codes(text) == {code}
    _changes, new = fixed(text, findings)
    assert new == (None if mended is None else f"{mended}\n\n{GOOD}\n")
    if new is not None:
        again = text.replace({}, body=new)
        assert codes(again) == set()


@pytest.mark.parametrize("body", RIGHT_BODIES)
def test_a_body_that_is_right_is_left_alone(body: str) -> None:
    assert codes(document(f"{body}\n\n{GOOD}")) == set()


@pytest.mark.parametrize(("code", "front"), WRONG_FRONTS)
def test_a_front_matter_that_is_wrong_is_found_at_its_line(code: str, front: str) -> None:
    text = document(front=front)
    [finding] = [each for each in found(text, **KNOWN) if each.code == code]
    assert codes(text, **KNOWN) == {code}
    assert finding.key and (finding.line is None or finding.key in text.text.split("\n")[finding.line - 1])


@pytest.mark.parametrize("front", RIGHT_FRONTS)
def test_a_front_matter_that_is_right_is_left_alone(front: str) -> None:
    assert codes(document(front=front), **KNOWN) == set()


def test_a_list_written_as_text_becomes_one_and_nothing_else_changes() -> None:
    text = document(front=f'{FRONT}\npeople: \'["甲", "乙"]\'\n# 注\ntags: ai')
    changes, body = fixed(text, found(text))
    assert (changes, body) == ({"people": ["甲", "乙"], "tags": ["ai"]}, None)
    mended = text.replace(changes)
    assert codes(mended) == set()
    assert "# 注" in mended.text


def test_what_runs_at_build_time_is_found() -> None:
    before = document()
    changed = document(front=f"{FRONT}\npermalink: /x/\nlayout: other.njk")
    said = found(changed, before=before, other_keys=frozenset({"permalink"}))
    assert [each.key for each in said if each.code == "build_key_changed"] == ["layout", "permalink"]
    assert not [each for each in found(changed, before=changed) if each.code == "build_key_changed"]


def test_a_date_is_compared_with_the_name_of_the_file() -> None:
    assert codes(document(), path="src/posts/2026-02-14-a.md") == {"date_unlike_name"}
    assert codes(document(), path="src/posts/2026-02-13-a.md") == set()
    assert codes(document(), path="src/posts/2025/a.md") == {"date_unlike_name"}
    for name in (
        "a-2026-02-14",
        "2026_02_14_a",
        "2026.02.14 a",
        "2026-2-14-a",
        "2026-02-14/index",
        "2026/02/14/a",
        "2026.02.14/a",
    ):
        assert codes(document(), path=f"src/posts/{name}.md") == {"date_unlike_name"}, name
        assert codes(document(), path=f"src/posts/{name.replace('14', '13')}.md") == set(), name
    for name in ("1789-06-04", "a-20", "v2026.10.12b", "a2026-02-14", "2026/2/b/a", "12026-02-14", "a-2026-02-14-b"):
        assert codes(document(), path=f"src/posts/2026/x {name}.md") == set(), name
    # A version is no day.
    for name in ("2026.1.2-release", "2026.1.12", "2026.10.2 b", "2026.1.2/index", "2026 1 2 b"):
        assert codes(document(), path=f"src/posts/{name}.md") == set(), name
    ends = document(front=FRONT.replace("2026-02-13", "2025-12-31"))
    assert codes(ends, path="src/posts/2026/a.md") == set()
    assert codes(ends, path="src/posts/2024/a.md") == {"date_unlike_name"}
    first = document(front=FRONT.replace("2026-02-13", "0001-01-01"))
    assert codes(first, path="src/posts/2026/a.md") == {"date_unlike_name"}
    assert codes(document(), path="src/2025/2026/02/a.md") == set() == codes(document(), path="src/2026/a2025.md")


@pytest.mark.parametrize(
    ("line", "code", "mended"),
    [
        ("people: ['[\"A\"]']", "list_as_text", ["A"]),
        ("people: ['[\"A\", \"B\"]', B, '[]']", "list_as_text", ["A", "B"]),
        ("people: ['[简]']", "", None),
        ("people: |\n  - A\n  - B", "scalar_for_list", ["A", "B"]),
        ("people: 张三", "scalar_for_list", ["张三"]),
        ("people: 2024", "scalar_for_list", ["2024"]),
        ("people: 'Sam Altman'", "scalar_for_list", ["Sam Altman"]),
        ("people: '[\"a\"'", "scalar_for_list", None),
        ("people: None", "scalar_for_list", None),
        ("people: N/A", "scalar_for_list", None),
        ("people: 无", "scalar_for_list", None),
        ("people: 张三、李四", "scalar_for_list", None),
        ("people: 张三，李四", "scalar_for_list", None),
        ("people: Berkshire Hathaway, Inc.", "scalar_for_list", None),
        ("people: |\n  A\n  B", "scalar_for_list", None),
        ("draft: maybe", "wrong_kind", None),
        ("draft: 'false'", "wrong_kind", None),
        ("draft: 'true'", "", None),
    ],
)
def test_values_of_a_wrong_kind_within_others(line: str, code: str, mended: list[str] | None) -> None:
    text = document().text
    key = line.partition(":")[0]
    kept = [each for each in text.split("\n") if not each.startswith(f"{key}:")]
    changed = Document.from_text("\n".join([kept[0], line, *kept[1:]]))
    findings = [each for each in found(changed) if each.code in ("list_as_text", "scalar_for_list", "wrong_kind")]
    assert {each.code for each in findings} == ({code} if code else set())
    assert mended is not None or not any(each.fix for each in findings)
    if mended is not None:
        assert mended_of(changed, code).values["people"] == mended


def test_files_that_are_linked_must_be_in_the_repository() -> None:
    text = document(f"[别的](b.md) ![图](../images/a.png) [页](/about/) [外](https://example.org/x.md)\n\n{GOOD}")
    assert codes(text, files=frozenset({"src/posts/b.md", "src/images/a.png"})) == set()
    assert codes(text, files=frozenset()) == {"file_missing", "image_missing"}


def test_lines_are_those_of_the_file_whatever_its_line_ends() -> None:
    text = Document.parse(document(f"一\n\n二\n\n今天,明天\n\n{GOOD}").text.replace("\n", "\r\n").encode())
    [finding] = [each for each in found(text) if each.code == "half_width_punctuation"]
    assert finding.line is not None and "今天,明天" in text.text.split("\r\n")[finding.line - 1]


def test_of_an_open_comment_the_line_is_its_own() -> None:
    def told(body: str) -> list[tuple[int | None, str]]:
        text = document(body)
        first = text.text.split("\n").index(body.split("\n")[0])
        return [
            (each.line and each.line - 1 - first, each.passage)
            for each in found(text)
            if each.code == "comment_not_closed"
        ]

    assert told("<div>\n<!-- ok -->\n<!-- bad") == [(2, "<!-- bad")]
    assert told("<!-- ok -->\n一\n\n<!-- bad\n二") == [(3, "<!-- bad")]
    assert told("- 一\n  <div>\n  <!-- ok --> <!-- bad") == [(2, "  <!-- ok --> <!-- bad")]
    assert told("> <div>\n> <!-- ok -->\n>\n> <!-- bad") == [(3, "> <!-- bad")]


def test_an_empty_and_a_short_body_are_told_apart() -> None:
    assert codes(document("")) == {"body_empty"}
    assert [each.code for each in found(document("一句话。"))] == ["body_short"]


def test_the_customers_own_post_has_no_fault_but_for_style() -> None:
    text = Document.parse(SAMPLE.read_bytes())
    assert {each.code for each in found(text, before=text)} == {"no_blank_beside_latin"}


def test_every_code_that_is_found_is_a_known_one() -> None:
    wrong = [document(f"{body}\n\n{GOOD}") for _code, body, _mended in WRONG_BODIES]
    wrong += [document(front=front) for _code, front in WRONG_FRONTS]
    said = {each.code for text in wrong for each in found(text, **KNOWN)}
    assert said <= set(CODES)


@pytest.mark.parametrize(
    ("address", "video"),
    [
        ("https://www.youtube.com/watch?v=FWX-Lq8_k60&t=3", "FWX-Lq8_k60"),
        ("https://youtu.be/FWX-Lq8_k60?si=x", "FWX-Lq8_k60"),
        ("https://www.youtube-nocookie.com/embed/FWX-Lq8_k60", "FWX-Lq8_k60"),
        ("https://www.youtube.com/live/FWX-Lq8_k60", "FWX-Lq8_k60"),
        ("https://www.youtube.com/watch?v=short", None),
        ("https://example.org/watch?v=FWX-Lq8_k60", None),
    ],
)
def test_a_video_is_known_by_any_of_its_addresses(address: str, video: str | None) -> None:
    assert video_of(address) == video


# --- False alarms


def faults_put_into(data: bytes) -> set[str]:
    """What the corpus's maker did wrong in a file, by looking for its very words."""
    text = data.decode("utf-8-sig").replace("\r\n", "\n")
    head, _, body = text.removeprefix("---").lstrip(" ").partition("\n---")
    has_head = text.startswith("---") and "title:" in head
    signs = {
        "literal_asterisks": "底仓，**而非" in text,
        "list_as_text": has_head and "'[]'" in head,
        "key_empty": not has_head,
        "body_empty": has_head and not body.strip(" \n"),
    }
    return {code for code, there in signs.items() if there}


def test_in_a_corpus_just_the_faults_are_found_that_were_put_in_and_nothing_else() -> None:
    maker, seen = Maker(11, 0.3, 0.0), set()
    for number in range(120):
        day, _, data = maker.post()
        path = f"src/posts/{day.year}/{day}-talk-{number}.md"
        document = Document.parse(data)
        findings = found(document, path=path, before=document)
        told = {each.code for each in findings if each.severity != Severity.ADVICE}
        assert told == faults_put_into(data), (number, told)
        seen |= told
    assert seen == {"literal_asterisks", "list_as_text", "key_empty", "body_empty"}
