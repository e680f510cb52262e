"""Where a key goes that the file does not have."""

import datetime

import pytest

from posts.document.document import Document
from tests.document.rewriting import KEY_ORDER, edited, front
from tests.document.traps import TRAPS


def test_adding_a_key_leaves_every_other_line_as_it_was() -> None:
    before = TRAPS["comments between keys"]
    after = edited(before, new="x").split("\n")
    after.remove("new: x")
    assert after == before.split("\n")


def test_a_key_goes_behind_the_nearest_one_before_it_in_the_order() -> None:
    before = front("author: a", "tags:", "  - x", "# about the summary", "summary: s", "other: o")
    assert edited(before, order=KEY_ORDER, speaker="p") == before.replace("a\n", "a\nspeaker: p\n", 1)
    assert edited(before, order=KEY_ORDER, draft=True) == before.replace("summary: s\n", "summary: s\ndraft: true\n")
    assert edited(before, order=["tags", "new"], new="neu") == before.replace("  - x\n", "  - x\nnew: neu\n")


def test_a_key_with_none_before_it_goes_before_the_first_after_it_and_its_comments() -> None:
    before = front("other: o", "# about the author", "author: a")
    assert edited(before, order=KEY_ORDER, title="t") == before.replace("# about", "title: t\n# about")


def test_a_key_that_the_order_does_not_know_goes_to_the_end() -> None:
    before = front("status: s", "other: o")
    assert edited(before, order=KEY_ORDER, new="neu") == front("status: s", "other: o", "new: neu")


def test_several_new_keys_come_in_their_order() -> None:
    assert edited(front("other: o"), order=KEY_ORDER, new="neu", draft=True, date="d", guest="") == front(
        "other: o", "date: d", "guest: ''", "draft: true", "new: neu"
    )
    assert edited(front("layout: o"), order=KEY_ORDER, draft=True, guest="g", date="d") == front(
        "date: d", "guest: g", "layout: o", "draft: true"
    )


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("x", "k: x"), ("", "k: ''"), (None, "k:"), ([], "k: []"), (True, "k: true"), (3, "k: 3"), ("yes", "k: 'yes'"),
        ("2026-02-13", "k: '2026-02-13'"),
        (datetime.date(2026, 2, 13), "k: '2026-02-13'"), (["a", "b"], "k:\n  - a\n  - b"),
        (datetime.datetime(2026, 2, 13, 9, 30, tzinfo=datetime.UTC), "k: '2026-02-13T09:30:00+00:00'"),
    ],
)  # fmt: skip
def test_a_new_key_is_written_with_its_value(value: object, line: str) -> None:
    assert edited(front("a: 1"), k=value) == front("a: 1", line)


@pytest.mark.parametrize(
    ("name", "after"),
    [
        ("no front matter", "---\nk: x\n---\nBody\n"),
        ("no front matter, mark", "\ufeff---\r\nk: x\r\n---\r\nBody\r\n"),
        ("no front matter, thematic break", "---\nk: x\n---\n----\nBody\n"),
        ("nothing", "---\nk: x\n---\n"),
        ("empty front matter", "---\nk: x\n---\nBody\n"),
        ("front matter of comments", "---\n# nothing here\nk: x\n---\nBody\n"),
        ("no body, no line end", "---\ntitle: a\nb: 1\nk: x\n---"),
        ("document end inside", "---\ntitle: a\nk: x\n...\n---\nBody\n"),
        ("blanks behind fences", "---  \t\ntitle: a\nb: 1\nk: x\n--- \t \nBody\n"),
    ],
)
def test_a_front_matter_is_made_or_filled(name: str, after: str) -> None:
    assert edited(TRAPS[name], k="x") == after


def test_a_key_behind_a_literal_that_keeps_its_blank_lines_comes_behind_these() -> None:
    before = TRAPS["literal kept, last"]
    assert edited(before, k="x") == before.replace("  one\n\n", "  one\n\nk: x\n")


@pytest.mark.parametrize("key", ["yes", "a: b", "- a", "1", "另一个", "#", "", "with 'quotes'", "<<", "tab\t"])
def test_an_unusual_key_is_quoted_so_that_it_stays_what_it_is(key: str) -> None:
    document = Document.from_text(front("a: 1")).replace({key: "x"})
    assert document.keys == ("a", key)
    assert document.values[key] == "x"
    assert document.replace({key: "y"}).values[key] == "y"
