"""A new value takes the style of the one it replaces, and is quoted where a reader would take it as something else."""

import datetime

import pytest

from posts.document.document import Document
from posts.document.errors import EditRefused
from tests.document.rewriting import edited, front, read_by_pyyaml
from tests.document.traps import TRAPS

LONG = "word " * 30 + "end"


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        ("k: a", "b", "k: b"),
        ("k: 'a'", "b", "k: 'b'"),
        ('k: "a"', "b", 'k: "b"'),
        ("k:    a  # note", "b", "k:    b  # note"),
        ("k:\ta\t# note", "b", "k:\tb\t# note"),
        ("k: a  ", "b", "k: b  "),
        ("k: 'a'", "it's", "k: 'it''s'"),
        ("k: 'a'", "a\nb", 'k: "a\\nb"'),
        ('k: "a"', 'say "中" \\', 'k: "say \\"中\\" \\\\"'),
        ("k: a", "http://x.org/?a=b#c", "k: http://x.org/?a=b#c"),
        ("k: a", "a: b", "k: 'a: b'"),
        ("k: a", "a #b", "k: 'a #b'"),
        ("k: a", "- x", "k: '- x'"),
        ("k: a", "\u2028", 'k: "\\u2028"'),
        ("k: a", "\x85\ufeff\U0001fffe\t", 'k: "\\x85\\uFEFF\\U0001FFFE\\t"'),
        ("k: a", "", "k: ''"),
        ("k: 'a'", "", "k: ''"),
        ('k: "a"', "", 'k: ""'),
        ("k: a", None, "k:"),
        ("k: a # note", None, "k: # note"),
        ("k: 'a'", None, "k:"),
        ("k: true", False, "k: false"),
        ("k: TRUE # note", False, "k: false # note"),
        ("k: yes", True, "k: true"),
        ("k: a", "true", "k: 'true'"),
        ("k: a", 7, "k: 7"),
        ("k: '5'", 5, "k: 5"),
        ("k: 2026-02-13", "2026-03-01", "k: 2026-03-01"),
        ("k: 2026-02-13", datetime.date(2026, 3, 1), "k: 2026-03-01"),
        ("k: '2026-02-13'", datetime.date(2026, 3, 1), "k: '2026-03-01'"),
        ("k: soon", datetime.date(2026, 3, 1), "k: '2026-03-01'"),
        ("k:", datetime.date(2026, 3, 1), "k: '2026-03-01'"),
        ("k: 2026-02-13", "soon", "k: soon"),
        ("k: 1.10", "1.20", "k: '1.20'"),
        ("k:", "a", "k: a"),
        ("k: ", "a", "k: a"),
        ("k:   # note", "a", "k: a  # note"),
        ("k: # note", "a", "k: a # note"),
        ("k: ~", "a", "k: a"),
        ('k: ""# text', "a", 'k: "a" # text'),
        ('k: ""# text', True, "k: true # text"),
        ("k: !!str 1", "a", "k: a"),
        ("k: &x one", "a", "k: a"),
        ("k: [x, y]", "a", "k: a"),
        ("k: {x: 1}", "a", "k: a"),
        ("k:\n  - x\n  - y  # note", "a", "k: a  # note"),
        ("k:  # note\n  - x", "a", "k: a  # note"),
        ("k:\n  x: 1\n  y:\n    - z", None, "k:"),
        ("? k\n: a", "b", "? k\n: b"),
        ("'k': a", "b", "'k': b"),
        ("k: a\n  b\n  c", "d", "k: d"),
        ("k:\n  a b", "c", "k:\n  c"),
        ("k:  # note\n  a b", None, "k:  # note"),
        ("k: |\n  a", "b\nc\n", "k: |\n  b\n  c"),
        ("k: |  # note\n    a", "b", "k: |-  # note\n    b"),
        ("k: |-\n  a\n\n", "b\n\n  c", "k: |-\n  b\n\n    c\n\n"),
        ("k: |\n  a", "b\n\n", "k: |+\n  b\n"),
        ("k: |+\n  a\n\n", "b", "k: |-\n  b"),
        ("k: |2\n    a\n  b", "  c\nd\n", "k: |2\n    c\n  d"),
        ("k: |\n  a", "  c\nd\n", "k: |2\n    c\n  d"),
        ("k: |\n  a", "", "k: ''"),
        ("k: |\n  a", "b\u2028", 'k: "b\\u2028"'),
        ("k: |\n  a", "  ", "k: '  '"),
        ("k: >-\n  a\n  b", "c d\n\ne", "k: >-\n  c d\n\n\n  e"),
        ("k: >\n  a", "c\n  d\n", 'k: "c\\n  d\\n"'),
    ],
)
def test_a_value_in_the_style_of_the_old_one(before: str, value: object, after: str) -> None:
    assert edited(front("a: x", before, "z: 1"), k=value) == front("a: x", after, "z: 1")


@pytest.mark.parametrize(
    "text",
    [
        "yes", "No", "on", "y", "null", "~", "1", "1.10", "012", "0o7", "0x1F", "1_000", "1:30", "1e3", ".inf", "=",
        "<<", "2026-02-13", "2001-1-1 0:00:00", "", " a", "a ", "a:", "[x", "{{ x }}", "&a", "*a",
        "!a", "|", ">", "%a", "@a",
    ],
)  # fmt: skip
def test_what_a_reader_might_take_as_something_else_is_quoted(text: str) -> None:
    assert edited(front("k: old"), k=text) == front(f"k: '{text}'")


@pytest.mark.parametrize("text", ["2026年展望", "3 ways", "GPT-4o", "C#", "AT&T", "“引”", "🎉", "it's", "M2.5", "a,b"])
def test_what_every_reader_takes_as_text_stays_bare(text: str) -> None:
    assert edited(front("k: old"), k=text) == front(f"k: {text}")


def test_quotes_are_those_that_the_file_uses_most() -> None:
    assert edited(TRAPS["double quotes everywhere"], new="yes") == TRAPS["double quotes everywhere"].replace(
        "\n---\nBody", '\nnew: "yes"\n---\nBody'
    )


@pytest.mark.parametrize("quote", ["", "'", '"'])
def test_a_folded_value_is_folded_again_at_eighty_columns(quote: str) -> None:
    text = edited(front(f"k: {quote}one two", f"    three{quote}", "z: 1"), k=LONG)
    lines = Document.from_text(text).lines_of("k").split("\n")
    assert len(lines) == 3
    assert lines[1].startswith("    word")
    assert all(len(line) < 86 for line in lines)
    assert Document.from_text(text).values["k"] == LONG


def test_folding_as_pyyaml_does_leaves_the_lines_before_the_change_as_they_were() -> None:
    before = front("k: " + "word " * 15 + "word", "  word end")
    after = edited(before, k="word " * 17 + "fin")
    assert after == before.replace("end", "fin")


def test_a_long_value_that_was_on_one_line_stays_on_one() -> None:
    assert edited(front("k: a"), k=LONG) == front(f"k: {LONG}")


def test_the_lines_of_a_windows_file_end_as_in_windows() -> None:
    before = TRAPS["windows line ends"]
    assert edited(before, n="p\nq\n") == before.replace("x\r\n  y", "p\r\n  q")
    assert edited(before, tags=["b", "d"]) == before.replace("- c", "- d")
    assert edited(before, new=["b"]) == before.replace("e:\r\n", "e:\r\nnew:\r\n  - b\r\n")


@pytest.mark.parametrize("name", ["literal kept, last", "literal"])
def test_blank_lines_at_the_end_of_a_text_do_not_depend_on_what_follows_it(name: str) -> None:
    document = Document.from_text(TRAPS[name]).replace({"title": "a\n\n"})
    assert '"a\\n\\n"' in document.head
    assert read_by_pyyaml(document)["title"] == "a\n\n"


@pytest.mark.parametrize("name", ["a", "c"])
def test_an_anchor_that_is_used_elsewhere_is_not_overwritten(name: str) -> None:
    with pytest.raises(EditRefused) as caught:
        edited(TRAPS["anchors"], **{name: "x"})
    assert caught.value.code == "anchor_in_use"
    assert caught.value.facts == {"key": name}


def test_an_alias_and_an_anchor_that_nobody_uses_are_overwritten() -> None:
    after = front("a: &x one", "b: p", "c: &y [p, q]", "d: [q]", "e: r")
    assert edited(TRAPS["anchors"], b="p", d=["q"], e="r") == after


def test_a_file_in_braces_keeps_its_braces() -> None:
    before = TRAPS["braces"]
    assert edited(before, title="a, b") == before.replace("title: a", "title: 'a, b'")
    assert edited(before, b=["x", "z"]) == before.replace("[x, y]", "[x, z]")
    assert edited(before, c=True) == before.replace('"c":1', '"c": true')
    assert edited(before, e="x") == before.replace("e: ,", "e: x ,")
    assert edited(before, title=None) == before.replace("title: a", "title: null")
    over_lines = TRAPS["braces over lines"]
    assert edited(over_lines, title="b") == over_lines.replace("title: a", "title: b")


@pytest.mark.parametrize(
    ("text", "key", "value", "code"),
    [
        (TRAPS["braces"], "new", "x", "flow_mapping"),
        (TRAPS["empty braces"], "new", "x", "flow_mapping"),
        (TRAPS["complex key without value"], "complex", "x", "unusual_key"),
        (front("a: 1"), "k" * 1500, "x", "unusual_key"),
        (front("a: 1"), "k\nk", "x", "unusual_key"),
        (front("a: 1"), "a", 1.5, "unsupported_value"),
        (front("a: 1"), "a", {"b": "c"}, "unsupported_value"),
        (front("a: 1"), "a", ["b", None], "unsupported_value"),
        (front("a: 1"), "a", b"b", "unsupported_value"),
        (front("a: 1"), "a", "\ud800", "unsupported_value"),
        (TRAPS["list in list"], "tags", ["c"], "nested_items"),
        (TRAPS["merge key"], "base", "x", "anchor_in_use"),
    ],
)
def test_refused_with_the_reason(text: str, key: str, value: object, code: str) -> None:
    document = Document.from_text(text)
    with pytest.raises(EditRefused) as caught:
        document.replace({key: value})
    assert (caught.value.code, caught.value.facts["key"]) == (code, key)
    assert document.text == text


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("k: 1.10", "1.10"), ("k: no", "no"), ("k: 'x'", "x"), ("k: ~", None), ("k: TRUE", True), ("k: 5", 5),
        ("k: '2026-02-13'", datetime.date(2026, 2, 13)), ("k: [ a ,b]", ["a", "b"]), ("k: [ ]", []), ("k: [a]", ("a",)),
        ("k:\n- '1'", ["1"]), ("k: {a: 1}", {"a": "1"}), ("k: [1, {b: c}]", ["1", {"b": "c"}]),
    ],
)  # fmt: skip
def test_an_equal_value_touches_nothing(line: str, value: object) -> None:
    document = Document.from_text(front(line))
    assert document.replace({"k": value}) is document


def test_several_keys_at_once_are_as_one_after_the_other() -> None:
    before = TRAPS["comments between keys"]
    after = edited(before, title="b", b="x\u2028y", new=["p"])
    assert after == edited(edited(edited(before, title="b"), b="x\u2028y"), new=["p"])
    assert after == front(
        "# top", "title: b", "# about b", "", 'b: "x\\u2028y"  # behind', "new:", "  - p", "# dangling"
    )


def test_a_line_feed_in_a_value_cannot_close_the_front_matter() -> None:
    document = Document.from_text(front("k: |", "  x")).replace({"k": "a\n---\nb\n"})
    assert document.values["k"] == "a\n---\nb\n"
    assert document.body == "Body\n"
