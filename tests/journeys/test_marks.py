"""Where the marks of bold and italic go, over texts of all sorts, in a real browser; more in `test_the_editor`."""

import random
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from posts.previewing import render

SCRIPT = Path(__file__).parents[2] / "posts/static/posts/editor_marks.js"
PRESS = """cases => cases.map(([text, start, end, sign]) => [0, 1, 2].map(() => {
  const did = window.evergreen.marked(text, start, end, sign);
  text = text.slice(0, did.start) + did.text + text.slice(did.end);
  [start, end] = [did.start + did.from, did.start + did.to];
  return [text, start, end];
}))"""
PLAIN = (
    "重点",
    "说明",
    "很 好",
    "word",
    "a_b ",
    " in it",
    "，",
    "。",
    "：",
    "“好”",
    "“",
    "”",
    "（注）",
    "(x)",
    ")",
    "（",
    "3%",
    "——",
    " ",
)
WHOLE = (
    " `a*b**` ",
    " [链接](https://e.org/*a_(b)**) ",
    "（[这里](<a b.md>)）",
    " ![图*](a*.png) ",
    " [1] ",
    " <br> ",
    " [^1] ",
)
STRAY = ("*", "**", "2**10", " *args", "价格*：", "***", "\\*", "****")

Press = tuple[str, int, int]


@pytest.fixture
def marks(page: Page) -> Page:
    """A page with nothing but the script."""
    page.add_script_tag(path=SCRIPT)
    return page


def pressed(page: Page, cases: list[tuple[str, int, int, str]]) -> list[tuple[Press, Press, Press]]:
    """What a first, a second and a third press of the sign make of each text, from where to where it is picked."""
    told: Any = page.evaluate(PRESS, cases)
    return [(tuple(first), tuple(second), tuple(third)) for first, second, third in told]


def of(picked: str, sign: str) -> tuple[str, int, int, str]:
    return re.sub("[‹›]", "", picked), picked.index("‹"), picked.index("›") - 1, sign


def shown(press: Press) -> str:
    text, start, end = press
    return f"{text[:start]}‹{text[start:end]}›{text[end:]}"


def words(text: str) -> str:
    """The letters and digits that a reader sees of it."""
    seen = re.sub(r"!\[[^]]*\]\([^)]*\)", "", text)
    seen = re.sub(r"\[([^]]*)\]\((?:<[^>]*>|(?:\([^)]*\)|[^()])*)\)", r"\1", seen)
    return "".join(re.findall(r"[^\W_]", re.sub(r"<[^>]*>", "", seen)))


def texts(number: int, stray: tuple[str, ...]) -> list[tuple[str, int, int, str]]:
    """Blocks of all sorts of pieces, without emphasis; no link, image, code or sign is picked in part."""
    dice, made = random.Random(7), list[tuple[str, int, int, str]]()
    while len(made) < number:
        pieces = [dice.choice(PLAIN * 3 + WHOLE + stray * 4) for _ in range(dice.randint(1, 9))]
        text, cuts = "始", list[int]()
        for piece in pieces:
            cuts += [len(text), *(len(text) + at for at in range(len(piece)) if piece not in WHOLE)]
            text += piece
        start, end = sorted(dice.choices([*cuts, len(text)], k=2))
        is_cut = re.search(r"^\W*\*|\*\W*$", text[start:end])
        if words(text[start:end]) and not is_cut and not re.search("<em|<strong", render(text)):
            made.append((text, start, end, dice.choice(("*", "**"))))
    return made


def test_a_second_press_gives_back_the_text_whatever_signs_stand_around(marks: Page) -> None:
    cases = [
        of("2**10 次方，‹重点›在此", "**"),
        of("价格*：含税。‹重点› 说明", "*"),
        of("*args 和 ‹word› 很", "*"),
        of("a_b **‹c›", "**"),
        of("2**10 次方‹重点›在此", "**"),
        of("a_b ‹**c›", "**"),
        of("前 ‹**› 后", "**"),
        of("- 一 2**3\n‹- 二 **三\n- 四›", "**"),
        *texts(1500, STRAY),
    ]
    for (text, start, end, sign), (once, twice, again) in zip(cases, pressed(marks, cases), strict=True):
        told = (f"{text[:start]}‹{text[start:end]}›{text[end:]}", sign, shown(once), shown(twice), shown(again))
        assert once[0] != text, told
        # Signs that the site did not show as such are taken away, and put where it does.
        assert twice[0] == text or (len(once[0]) < len(text) and again[0] == once[0]), told
        if "\n" not in text:
            for after, first, last in (once, twice):
                assert words(after[first:last]) == words(text[start:end]), told


def test_the_site_shows_just_what_was_picked_as_bold_or_italic(marks: Page) -> None:
    cases = texts(1500, ())
    for (text, start, end, sign), (once, *_) in zip(cases, pressed(marks, cases), strict=True):
        html = render(once[0])
        told = (f"{text[:start]}‹{text[start:end]}›{text[end:]}", sign, shown(once), html)
        assert "*" not in re.sub("<code>.*?</code>|<a [^>]*>|<img [^>]*>", "", html), told
        tag = "strong" if sign == "**" else "em"
        assert words("".join(re.findall(f"<{tag}>(.*?)</{tag}>", html))) == words(text[start:end]), told


def test_links_and_brackets_stay_whole(marks: Page) -> None:
    for picked, wanted in (
        ("见‹[link](http://x.y/z)›中", "见[**‹link›**](http://x.y/z)中"),
        ("见 ‹![alt](img.png)› 中", "见 **‹![alt](img.png)›** 中"),
        ("‹重点(注)›", "**‹重点(注)›**"),
        ("‹重点[1]›", "**‹重点[1]›**"),
        ("（‹重点）›很", "（**‹重点›**）很"),
        ("‹（重点）›很", "（**‹重点›**）很"),
        # Beside a letter no sign holds after a bracket: then one alone stays outside, but never of a link or a note.
        ("‹重点(注)›很", "**‹重点(注›**)很"),
        ("‹重点[^1]›很", "**‹重点›**[^1]很"),
        ("见[li‹n›k](a.md)", "见[li**‹n›**k](a.md)"),
        ("见 [链接](a‹.m›d)", "见 [**‹链接›**](a.md)"),
        ("见 ‹这个 [链›接](a.md) 中", "见 **‹这个 [链接](a.md)›** 中"),
        ("见 `x ‹= 1›` 中", "见 **‹`x = 1`›** 中"),
        ("‹3%›的", "**‹3›**%的"),
        ("‹一 `a›\n\n二` 三", "**‹一 `a›**\n\n二` 三"),
    ):
        ((once, twice, _),) = pressed(marks, [of(picked, "**")])
        assert shown(once) == wanted
        assert twice[0] == picked.replace("‹", "").replace("›", "")


def test_what_is_bold_already_is_seen_as_the_site_sees_it(marks: Page) -> None:
    for picked, wanted in (
        ("**‹真，›**她", "‹真，›她"),
        ("**a**‹b›**c**", "**a‹b›c**"),
        ("*a*‹b›**c**", "*a‹b›***c**"),
        ("**重 *‹点›* 在**", "**重** *‹点›* **在**"),
        ("‹**a** b› c", "**‹a b›** c"),
        ("**a ‹b** c›", "**a ‹b c›**"),
    ):
        sign = "*" if picked.startswith("*a*") else "**"
        ((once, *_),) = pressed(marks, [of(picked, sign)])
        assert shown(once) == wanted
