"""What a document says of itself: bytes, parts, keys, values, truth, lines."""

import subprocess

import pytest

from posts.document.around_values import around_values
from posts.document.document import Document
from tests.document.rewriting import front
from tests.document.traps import TRAPS


@pytest.mark.parametrize("name", TRAPS)
def test_every_file_that_parses_comes_back_byte_for_byte(name: str) -> None:
    data = TRAPS[name].encode()
    document = Document.parse(data)
    assert bytes(document) == data
    assert document.head + document.body == document.text == TRAPS[name]
    assert document == Document.from_text(TRAPS[name])


@pytest.mark.parametrize("name", TRAPS)
def test_the_lines_of_the_keys_and_what_is_between_make_up_the_front_matter(name: str) -> None:
    document = Document.from_text(TRAPS[name])
    done = 0
    for entry in document.entries:
        assert done <= entry.lead <= entry.start <= entry.key_start <= entry.value_start <= entry.value_end <= entry.end
        done = entry.end
    assert done <= len(document.head)


def test_values_are_the_literal_text() -> None:
    document = Document.from_text(
        front("a: 1.10", "b: 2024-02-30", "c: no", "d: '[]'", "e: 00501", "f: 12:30", "g: 2026-02-13T09:30:00+08:00")
    )
    assert list(document.values.values()) == [
        "1.10", "2024-02-30", "no", "[]", "00501", "12:30", "2026-02-13T09:30:00+08:00",
    ]  # fmt: skip


def test_only_what_both_versions_of_yaml_call_so_is_a_boolean_or_nothing() -> None:
    document = Document.from_text(front("a: true", "b: FALSE", "c: 'true'", "d: on", "e:", "f: ~", "g: Null", "h: ''"))
    assert list(document.values.values()) == [True, False, "true", "on", None, None, None, ""]


def test_lists_and_mappings_are_plain_data() -> None:
    document = Document.from_text(front("a: [x, 1, {b: ~}]", "c:", "  d: {e: yes}", "title: {{ x }}"))
    assert document.values == {"a": ["x", "1", {"b": None}], "c": {"d": {"e": "yes"}}, "title": {"{ x }": None}}


def test_aliases_are_resolved_and_merge_keys_supply_what_is_missing() -> None:
    document = Document.from_text(TRAPS["merge key"])
    assert document.keys == ("base", "kind")
    assert document.values == {"base": {"lang": "zh", "kind": "x"}, "kind": "y", "lang": "zh"}
    assert Document.from_text(TRAPS["two merges"]).values["p"] == "1"


def test_the_breaks_of_yaml_1_1_are_characters_as_on_the_site() -> None:
    assert Document.from_text(TRAPS["breaks of YAML 1.1"]).values == {
        "title": "a\u2028b", "b": "x\x85y", "c": "p\u2029q", "d": "1",
    }  # fmt: skip


@pytest.mark.parametrize(
    "written",
    ["", "~", "null", "false", "False", "0", "-0", "0.0", "00", "0x0", "0e5", ".0", ".nan", "''", '""', "!!str ''"],
)
def test_what_is_false_on_the_site(written: str) -> None:
    assert not Document.from_text(front(f"draft: {written}")).truthy("draft")


@pytest.mark.parametrize(
    "written",
    ["true", "no", "off", "'false'", "'0'", "1", "[]", "{}", "'no'", "!!str false", "x", "2026-01-01", "0.01"],
)
def test_what_is_true_on_the_site(written: str) -> None:
    assert Document.from_text(front(f"draft: {written}")).truthy("draft")


def test_a_missing_key_is_false_and_a_merged_one_counts() -> None:
    assert not Document.from_text("Body").truthy("draft")
    assert Document.from_text(front("base: &d {draft: true}", "<<: *d")).truthy("draft")


def test_lines_are_those_of_the_file() -> None:
    document = Document.from_text(TRAPS["list with comments"])
    assert document.line_of("tags") == 2
    assert document.line_of("x") == 10
    assert document.line_of("none") is None
    assert document.lines_of("x") == "x: 1\n"
    assert document.lines_of("none") == ""


def test_comments_and_blank_lines_belong_to_the_key_below() -> None:
    document = Document.from_text(TRAPS["comments between keys"])
    title, b = document.entries
    assert document.text[title.lead : title.start] == "# top\n"
    assert document.text[b.lead : b.start] == "# about b\n\n"
    assert document.lines_of("b") == "b: 1  # behind\n"


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("literal", "title: |  # note\n  one\n\n    two\n"),
        ("literal kept", "title: |+\n  one\n\n\n"),
        ("folded", "title: >-\n  one\n  two\n\n  three\n"),
        ("plain over lines", "title: one two\n  three\n  four\n"),
    ],
)
def test_a_value_over_several_lines_ends_where_its_text_ends(name: str, lines: str) -> None:
    assert Document.from_text(TRAPS[name]).lines_of("title") == lines


def test_an_alias_lies_where_it_is_written() -> None:
    document = Document.from_text(TRAPS["anchors"])
    assert document.lines_of("b") == "b: *x\n"
    assert [document.text[e.value_start : e.value_end] for e in document.entries if e.is_alias] == ["*x", "*y"]


def test_a_list_that_ends_with_an_alias_of_its_own_ends_there() -> None:
    assert Document.from_text(TRAPS["alias inside its own list"]).lines_of("tags") == "tags:\n- &x a\n- b\n- *x\n"


@pytest.mark.parametrize(
    ("text", "newline"),
    [("---\r\na: 1\n---\n", "\r\n"), ("---\na: 1\r\n---\r\n", "\n"), ("x\r\ny\n", "\r\n"), ("", "\n")],
)
def test_the_newline_is_that_of_the_opening_fence_or_first_line(text: str, newline: str) -> None:
    assert Document.from_text(text).newline == newline


def test_the_blob_id_is_that_of_git() -> None:
    data = "---\ntitle: 中\n---\n".encode()
    git = subprocess.run(["git", "hash-object", "--stdin"], input=data, capture_output=True, check=True)
    assert Document.parse(data).blob_id == git.stdout.decode().strip()


def test_a_fence_inside_a_block_scalar_does_not_close() -> None:
    document = Document.from_text(TRAPS["literal with fence inside"])
    assert document.values["title"] == "one\n---\ntwo\n"


def test_what_stands_around_the_values_is_told_without_them() -> None:
    front = (
        "# lead\ntitle: 'a # no' # behind\n\ntags:\n  - &q c#d # one\n  # two\nz: | # sign\n  text # no\n"
        "y: [*q, # in\n  b]\n? [k]\n: !!str 5\n# tail\n"
    )
    assert around_values(Document.from_text(f"---\n{front}---\n# body\n")) == {
        "title:": ("# lead\n", "title:", "# behind"),
        "tags:": ("\n", "tags:", "# one"),
        "z:": ("  # two\n", "z:", "# sign"),
        "y:": ("", "y:", "# in"),
        "[k]:": ("? ", "[k]\n:", "tag:yaml.org,2002:str"),
        "": ("---", "# tail\n", "---"),
    }
    assert around_values(Document.from_text("# body\n")) == {}
