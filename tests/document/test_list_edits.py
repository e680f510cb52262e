"""A list is edited item by item: what stays keeps its lines, its quotes and its comments."""

import pytest

from tests.document.rewriting import edited, front
from tests.document.traps import TRAPS


@pytest.mark.parametrize(
    ("before", "items", "after"),
    [
        ("k:\n  - a\n  - b", ["a", "b", "c"], "k:\n  - a\n  - b\n  - c"),
        ("k:\n  - a\n  - b", ["c", "a", "b"], "k:\n  - c\n  - a\n  - b"),
        ("k:\n- a\n- b", ["a", "x", "b"], "k:\n- a\n- x\n- b"),
        ("k:\n  - a\n  - b", ["b"], "k:\n  - b"),
        ("k:\n  - a\n  - b", ["a", "c"], "k:\n  - a\n  - c"),
        ("k:\n  - a  # one\n  - b  # two", ["b", "a"], "k:\n  - b  # two\n  - a  # one"),
        ("k:\n  - a\n  - b", [], "k: []"),
        ("k:  # note\n  - a", [], "k: []  # note"),
        ("k:\n  - 'a'\n  - 'b'", ["a", "b", "c"], "k:\n  - 'a'\n  - 'b'\n  - 'c'"),
        ('k:\n  - "a"\n  - "b"', ["a", "c"], 'k:\n  - "a"\n  - "c"'),
        ("k:\n  -   a", ["a", "yes"], "k:\n  -   a\n  -   'yes'"),
        ("k:\n  - 1.10\n  - ~\n  - a", ["1.10", None, "b"], "k:\n  - 1.10\n  - ~\n  - b"),
        ("k:\n  - {a: 1}\n  - b", [{"a": "1"}, "c"], "k:\n  - {a: 1}\n  - c"),
        ("k:\n  - a\n\n  # about b\n  - b", ["a", "c"], "k:\n  - a\n\n  # about b\n  - c"),
        ("k:\n  - a\n  # about b\n  - b\n  - c", ["a", "c"], "k:\n  - a\n  # about b\n  - c"),
        ("k:\n  # first\n  - a", [], "k: []\n  # first"),
        ("k: &x  # note\n  - a\n  - b", ["a"], "k:\n  - a"),
        ("k: [a, b]", ["a", "b", "c"], "k: [a, b, c]"),
        ("k: [a, b]", ["c", "a", "b"], "k: [c, a, b]"),
        ("k: [a,b]", ["a", "b", "c"], "k: [a,b,c]"),
        ("k: [ a , b ]  # note", ["a", "x", "b"], "k: [ a , x , b ]  # note"),
        ("k: ['a']", ["a", "b"], "k: ['a', 'b']"),
        ("k: [a, 'b']", ["a", "b", "c, d"], "k: [a, 'b', 'c, d']"),
        ("k: [a, b]", ["b"], "k: [b]"),
        ("k: [a, b,]", ["a"], "k: [a,]"),
        ("k: [a, b]", ["b", "a"], "k: [b, a]"),
        ("k: [a]", [], "k: []"),
        ("k: [a: b, c]", [{"a": "b"}, "d"], "k: [a: b, d]"),
        ("k: [\n  a,\n  b\n]", ["a", "b", "c"], "k: [\n  a,\n  b,\n  c\n]"),
        ("k: [\n  a,  # one\n  b,  # two, too\n]", ["b", "c"], "k: [\n  b,  # two, too\n  c,\n]"),
        ("k: [\n  a,\n  b  # last, no comma\n]", ["a", "b", "c"], "k: [\n  a,\n  b,  # last, no comma\n  c\n]"),
        ("k: []", ["a", "b"], "k:\n  - a\n  - b"),
        ("k: []  # note", ["a"], "k:  # note\n  - a"),
        ("k:", ["a"], "k:\n  - a"),
        ("k:   # note", ["a"], "k:   # note\n  - a"),
        ("k: '[]'", [], "k: []"),
        ("k: '[]'", ["a"], "k:\n  - a"),
        ("k: one", ["one", "two"], "k:\n  - one\n  - two"),
        ("k: one\n  more  # note", ["x"], "k:  # note\n  - x"),
        ("k: {a: 1}", ["x"], "k:\n  - x"),
        ("k: ", [], "k: []"),
        ("k:\n  - a  # one\n  -   b\t# two", ["x", "z"], "k:\n  - x  # one\n  -   z\t# two"),
        ("k:\n  - 'a' # one\n  - b\n", ["x", "b"], "k:\n  - 'x' # one\n  - b\n"),
        ("k:\n  - a  # one\n  - b", ["x", "z", "b"], "k:\n  - x  # one\n  - z\n  - b"),
        ("k:\n  -  # one\n  - b", ["x", "b"], "k:\n  - x  # one\n  - b"),
        ("k: [\n  a,  # one\n  b,  # two\n]", ["a", "x"], "k: [\n  a,  # one\n  x,  # two\n]"),
        ("k: [\n  a , # one\n  b # two\n]", ["a", "x"], "k: [\n  a , # one\n  x # two\n]"),
        ("k: [\n  a, # 1\n  # about b\n  b,\n  c\n]", ["a", "c"], "k: [\n  a, # 1\n  # about b\n  c\n]"),
        ("k: [\n  a, # 1\n  # about b\n  b\n]", ["a"], "k: [\n  a # 1\n  # about b\n]"),
        ("k: [ 'a' , ~, b ]", ["x", None, "b"], "k: [ 'x' , ~, b ]"),
    ],
)
def test_a_list_in_the_style_of_the_old_one(before: str, items: list[object], after: str) -> None:
    assert edited(front("a: x", before, "z: 1"), k=items) == front("a: x", after, "z: 1")


def test_a_new_list_is_indented_as_the_others() -> None:
    before = front("a:", "- x", "k: []")
    assert edited(before, k=["w"]) == front("a:", "- x", "k:", "- w")
    before = front("a:", "    - x", "k:")
    assert edited(before, k=["w"], p=["z"]) == front("a:", "    - x", "k:", "    - w", "p:", "    - z")


def test_a_new_list_is_a_flow_list_where_all_others_are() -> None:
    assert edited(front("a: [x]", "k: []"), k=["w", "z, a"]) == front("a: [x]", "k: [w, 'z, a']")


def test_an_indented_top_level_keeps_its_margin() -> None:
    assert edited(TRAPS["indented top level"], tags=["x", "z"], new=["p"]) == front(
        "  title: a", "  tags:", "    - x", "    - z", "  b: 1", "  new:", "    - p"
    )


def test_comments_and_blank_lines_in_a_list_stay() -> None:
    assert edited(TRAPS["list with comments"], tags=["a", "b", "new", "c"]) == TRAPS["list with comments"].replace(
        "  -   c", "  - new\n  -   c"
    )


def test_aliases_in_a_list_stay_what_they_are() -> None:
    before = TRAPS["aliases in lists"]
    assert edited(before, tags=["one", "three", "one"]) == before.replace("- two", "- three")
    assert edited(before, flow=["one", "two", "one", "x"]) == before.replace("[*x, two, *x]", "[*x, two, *x, x]")


def test_trailing_blanks_of_the_items_that_stay_stay() -> None:
    before = TRAPS["trailing blanks"]
    assert edited(before, tags=["x", "y", "z"]) == before.replace("- y\t\n", "- y\t\n  - z\n")
