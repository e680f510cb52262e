"""What holds for every mend of the checks, whatever the text: what is no prose stays, and twice is like once."""

import re
from collections import Counter
from html import unescape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from posts.checks.hits import Exchange
from posts.checks.mends import MENDABLE, mended_of
from posts.document.document import Document
from tests.posts.test_check_texts import FRONT, texts

MISHEARD = (Exchange("甲", "丁"), Exchange("OpenEye", "OpenAI"))
BODIES = [body for name in ("check_bodies.txt", "check_links.txt") for _code, body, _wrong in texts(name)]
MARKDOWN = MarkdownIt("js-default", {"html": True}).disable("code")
SEEN_BY_NOBODY = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe0f\ufeff\ufff9-\ufffb\uffa0\U000e0000-\U000e007f]"
)
PIECES = [
    "![图](图 1.png)",
    "[甲](a b.md 'x')",
    "[OpenEye](https://x.com/a, b)",
    "甲",
    "乙丙",
    "Yahoo!",
    "--flag",
    "a/b.md",
    "{",
    "}",
    '="',
    " (",
    "![图](a.png)",
    "OpenEye",
    "a",
    "B2",
    "3",
    "%",
    " ",
    "  ",
    "\n",
    "\n\n",
    "\\",
    "|",
    "\n| 甲 | b |\n|---|---|\n| ",
    "\n- ",
    "\n> ",
    "\n# ",
    ",",
    ", ",
    ":",
    ": ",
    ";",
    "!",
    "?",
    ".",
    "...",
    "，",
    "。",
    "：",
    "、",
    "…",
    "——",
    "(",
    ")",
    "（",
    "）",
    '"',
    "“",
    "”",
    "《",
    "》",
    "「",
    "」",
    "[",
    "]",
    "~~",
    "*",
    "**",
    "***",
    "_",
    "__",
    "$",
    "https://x.com",
    "https://x.com/a_b",
    "https://x.com/OpenEye/",
    "http://x.com/?a=1&b=2",
    "https://x.com/wiki/甲",
    "https://x.com/a_(b)",
    "www.x.com/OpenEye",
    "<https://x.com/甲>",
    "[甲,乙](https://x.com/OpenEye)",
    "![甲](图,1.png)",
    "[a](</甲, 乙>)",
    "[甲][ref]",
    "[ref]",
    "\n\n[ref]: https://x.com/甲,乙\n\n",
    "[见 https://x.com ](b.md)",
    "&lt;",
    "&nbsp;",
    "&#8212;",
    "&amp;",
    ":smile:",
    "`甲,乙`",
    "`OpenEye`",
    "\n\n```\n甲,OpenEye(乙)**丙，**丁\n```\n\n",
    "$甲:乙$",
    "<b>",
    "</b>",
    "<br>",
    '<a href="https://x.com/甲,乙">',
    "</a>",
    "<!-- 甲,OpenEye -->",
    "\n\n<div>\n",
    "\n</div>\n\n",
    "<code>甲,乙</code>",
    "<img alt='甲,乙' src=a.png>",
]


def leaves(tokens: list[Token]) -> list[Token]:
    return [each for token in tokens for each in ([token, *leaves(token.children)] if token.children else [token])]


def kept(body: str) -> dict[str, object]:
    """What of a body no mend may change."""
    tokens = leaves(MARKDOWN.parse(body))
    return {
        "addresses": sorted(re.findall(r"(?:https?://|(?<![A-Za-z0-9])www\.)[A-Za-z./0-9_?=&]*[A-Za-z/0-9]", body)),
        "entities": re.findall(r"&(?:#\d+|[a-z]+);", body),
        "names": re.findall(":smile:", body),
        "code": [SEEN_BY_NOBODY.sub("", each.content) for each in tokens if each.type in ("code_inline", "fence")],
        "tags": [
            SEEN_BY_NOBODY.sub("", tag)
            for each in tokens
            if each.type.startswith("html_")
            for tag in re.findall(r"<[^<>]*>", each.content)
        ],
        "cells": Counter(
            each.type
            for each in tokens
            if each.type in ("td_open", "th_open", "table_open", "heading_open", "list_item_open")
        ),
    }


def marks(body: str) -> Counter[str]:
    return Counter(
        each.type for each in leaves(MARKDOWN.parse(body)) if each.type in ("strong_open", "em_open", "s_open")
    )


def links(body: str) -> list[str]:
    tokens = leaves(MARKDOWN.parse(body))
    found = [
        f"{each.type} {each.attrGet('href') or each.attrGet('src') or ''}"
        for each in tokens
        if each.type in ("link_open", "image")
    ]
    return [SEEN_BY_NOBODY.sub("", unescape(each)) for each in found]


def law(body: str, code: str) -> None:
    document = Document.from_text(f"---\n{FRONT}---\n{body}")
    mended = mended_of(document, code, mishearings=MISHEARD)
    before, after = (each.body.replace("\r\n", "\n").replace("\r", "\n") for each in (document, mended))
    assert kept(after) == kept(before)
    assert marks(after) == marks(before) or code in ("literal_asterisks", "literal_marks")
    new = Counter(links(after)) - Counter(links(before))
    assert not Counter(links(before)) - Counter(links(after))
    assert not new or code in ("bare_address", "link_not_read"), new
    assert mended_of(mended, code, mishearings=MISHEARD).text == mended.text


@pytest.mark.parametrize("code", MENDABLE)
def test_of_the_texts_of_the_checks_a_mend_leaves_what_is_no_prose(code: str) -> None:
    for body in BODIES:
        law(body, code)


@pytest.mark.parametrize("code", MENDABLE)
@given(pieces=st.lists(st.sampled_from(PIECES), min_size=1, max_size=12))
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_of_any_text_a_mend_leaves_what_is_no_prose(code: str, pieces: list[str]) -> None:
    law("".join(pieces), code)
