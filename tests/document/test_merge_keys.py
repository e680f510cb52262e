"""The front matter merged key by key: comments, formatting, order, fences, and what is refused."""

import subprocess
import sys

import pytest

from posts.document import Document, merge
from posts.document.errors import MERGE_CODES, MergeRefused
from tests.document.merging import cleanly, conflict_of, merged
from tests.document.rewriting import front
from tests.document.traps import TRAPS


@pytest.mark.parametrize(
    "program",
    [
        "from posts.document import merge; from posts.document.merge import merge as same",
        "from posts.document.merge import merge as same; from posts.document import merge",
        "import posts.document.merge; from posts.document.merge import merge as same; merge = posts.document.merge",
        "import posts.fields; from posts.document.merge import merge as same; from posts.document import merge",
    ],
)
def test_the_function_is_found_under_both_names_in_any_order(program: str) -> None:
    checked = subprocess.run([sys.executable, "-c", f"{program}; assert merge is same and callable(merge)"])
    assert checked.returncode == 0


# --- Both changed the lines, one of them the value


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "after"),
    [
        pytest.param("k: a", "k: b", "k: 'a'", "k: 'b'", id="theirs quotes"),
        pytest.param("k: a", "k: 'a'", "k: b", "k: 'b'", id="ours quotes"),
        pytest.param("k: a", "k: a  # note", "k: b", "k: b  # note", id="ours notes something behind it"),
        pytest.param("k: a", "k: b", "k: a  # note", "k: b  # note", id="theirs notes something behind it"),
        pytest.param("k: [a, b]", "k: [a, b, c]", "k:\n- a\n- b", "k:\n- a\n- b\n- c", id="theirs lays out a list"),
        pytest.param("k: 2026-02-13", "k: 2026-02-14", "k:  2026-02-13", "k:  2026-02-14", id="a bare date stays bare"),
        pytest.param("k: 1.10", "k: 1.20", "k:  1.10", "k: 1.20", id="a number gets no quotes"),
        pytest.param("k: 1.10", "k:  1.10", "k: 2", "k: 2", id="nor does theirs"),
        pytest.param("k: 1.10", "k: 1.20", "k: '1.10'", "k: '1.20'", id="but where theirs has made it a text"),
        pytest.param("k: {a: 1}", "k: {a: 2}", "k:\n  a: 1", "k: {a: 2}", id="a mapping comes with its own lines"),
        pytest.param("k: a", 'k: "b"', "k: 'b'", 'k: "b"', id="the same value twice is written as ours"),
        pytest.param("k: a", "", "k: 'a'", "", id="ours deletes what theirs only quotes"),
        pytest.param("k: a", "k: 'a'", "", "", id="theirs deletes what ours only quotes"),
    ],
)
def test_a_change_of_formatting_conflicts_with_nothing(base: str, ours: str, theirs: str, after: str) -> None:
    texts = (front(*filter(None, ["a: 1", lines, "z: 2"])) for lines in (base, ours, theirs))
    assert cleanly(*texts) == front(*filter(None, ["a: 1", after, "z: 2"]))


def test_a_push_that_quotes_and_sorts_everything_conflicts_with_no_edit() -> None:
    base = front("title: a", "date: 2026-02-13", "tags: [x, y]", "draft: true")
    ours = front("title: b", "date: 2026-02-13", "tags: [x, y, z]", "draft: false")
    theirs = front("date: '2026-02-13'", "draft: true", "tags:", '  - "x"', '  - "y"', 'title: "a"')
    assert cleanly(base, ours, theirs) == front(
        "date: '2026-02-13'", "draft: false", "tags:", '  - "x"', '  - "y"', '  - "z"', 'title: "b"'
    )


# --- Comments


def test_comments_go_with_their_key() -> None:
    base = front("a: 1", "# about b", "b: 1", "c: 1")
    assert cleanly(
        base, front("a: 2", "# about b", "b: 1", "c: 1"), front("c: 1", "# about b", "b: 1", "a: 1")
    ) == front("c: 1", "# about b", "b: 1", "a: 2")


def test_comments_and_values_merge_apart_from_each_other() -> None:
    base, ours, theirs = front("# old", "k: a"), front("# new", "k: a"), front("# old", "k: b")
    assert cleanly(base, ours, theirs) == front("# new", "k: b")
    assert cleanly(base, theirs, ours) == front("# new", "k: b")


def test_of_two_comments_in_one_place_both_stay() -> None:
    base, ours, theirs = front("a: 1", "k: a"), front("a: 1", "# mine", "k: a"), front("a: 1", "# other", "", "k: b")
    assert cleanly(base, ours, theirs) == front("a: 1", "# mine", "# other", "", "k: b")


def test_comments_before_the_closing_fence_merge_too() -> None:
    assert cleanly(front("a: 1"), front("a: 1", "# end"), front("a: 1", "b: 2")) == front("a: 1", "b: 2", "# end")


# --- Order


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "after"),
    [
        pytest.param("abc", "cab", "abc", "cab", id="ours sorts, theirs keeps the order"),
        pytest.param("abc", "abc", "cab", "cab", id="theirs sorts"),
        pytest.param("abc", "bac", "cab", "cab", id="both sort: theirs"),
        pytest.param("abc", "cab", "abxc", "cabx", id="an added key stands behind the one it was put behind"),
        pytest.param("abc", "axbc", "cba", "cbax", id="in theirs' order too"),
        pytest.param("abc", "xabc", "abcy", "xabcy", id="added at both ends"),
        pytest.param("abc", "abcx", "abcy", "abcyx", id="added at the same end"),
        pytest.param("abc", "ac", "cba", "ca", id="a deleted key counts for nothing"),
        pytest.param("abc", "xyabc", "bc", "xybc", id="added before one that is deleted"),
    ],
)
def test_the_order_of_keys(base: str, ours: str, theirs: str, after: str) -> None:
    """The value says whose change a key is, so that both documents differ from base."""
    post, mine, other, result = (front(*(f"{key}: 1" for key in keys)) for keys in (base, ours, theirs, after))
    assert cleanly(post, mine.replace("c: 1", "c: 2"), other) == result.replace("c: 1", "c: 2")


# --- Fences, line ends, byte order mark


def test_a_push_that_changes_only_line_ends_conflicts_with_nothing() -> None:
    base = front("# note", "a: 1", "b: 1", "t:", "  - x") + "More\n"
    ours = front("# note", "a: 2", "b: 1", "t:", "  - x", "n: 3").replace("Body", "Other body") + "More\n"
    assert cleanly(base, ours, base.replace("\n", "\r\n")) == ours.replace("\n", "\r\n")
    assert cleanly(base, base.replace("\n", "\r\n"), ours) == ours.replace("\n", "\r\n")


def test_line_ends_and_words_in_one_push() -> None:
    base, ours = front("a: 1", "b: 1"), front("a: 1", "b: 2", "c: 3")
    theirs = front("a: 9", "b: 1", "d: 4").replace("\n", "\r\n")
    assert cleanly(base, ours, theirs) == front("a: 9", "b: 2", "d: 4", "c: 3").replace("\n", "\r\n")


def test_blanks_behind_a_fence_and_a_byte_order_mark_are_merged_like_lines() -> None:
    base, ours = front("a: 1", "b: 1"), "\ufeff" + front("a: 2", "b: 1")
    theirs = front("a: 1", "b: 2").replace("---\nBody", "---  \nBody")
    assert cleanly(base, ours, theirs) == "\ufeff" + front("a: 2", "b: 2").replace("---\nBody", "---  \nBody")


def test_a_body_put_behind_a_fence_that_ended_the_file() -> None:
    assert cleanly("---\na: 1\n---", "---\na: 2\n---", "---\na: 1\n---\nBody\n") == "---\na: 2\n---\nBody\n"
    assert cleanly("---\na: 1\n---", "---\na: 2\n---", "---\na: 1\nb: 2\n---") == "---\na: 2\nb: 2\n---"


# --- No front matter, or no longer


def test_texts_without_front_matter() -> None:
    assert cleanly("One.\n\nTwo.\n", "1.\n\nTwo.\n", "One.\n\n2.\n") == "1.\n\n2.\n"
    assert cleanly("", "", "Text\n") == "Text\n"


def test_front_matter_added_by_one_side() -> None:
    assert cleanly("One.\n\nTwo.\n", "---\na: 1\n---\nOne.\n\nTwo.\n", "One.\n\n2.\n") == "---\na: 1\n---\nOne.\n\n2.\n"
    mark = "\ufeff"
    assert cleanly(f"{mark}One.\n", f"{mark}One.\n\nTwo.\n", f"{mark}---\na: 1\n---\nOne.\n") == (
        f"{mark}---\na: 1\n---\nOne.\n\nTwo.\n"
    )


def test_front_matter_added_by_both_sides() -> None:
    assert cleanly("Text\n", "---\na: 1\n---\nText\n", "---\nb: 2\n---\nText\n") == "---\na: 1\nb: 2\n---\nText\n"


def test_front_matter_taken_away() -> None:
    assert cleanly(front("a: 1"), "Body\n", front("a: 1") + "More\n") == "Body\nMore\n"
    conflict = conflict_of(front("a: 1", "b: 1"), front("a: 2", "b: 1"), "Body\n")
    assert (conflict.field, conflict.ours, conflict.absent) == ("a", "2", {"theirs"})
    assert merged(front("a: 1", "b: 1"), front("a: 2", "b: 1"), "Body\n").document.text == front("a: 2")


@pytest.mark.parametrize("front_matter", ["---\n---\n", "---\n# only a comment\n---\n"])
def test_an_empty_front_matter(front_matter: str) -> None:
    assert cleanly(f"{front_matter}B\n", "---\na: 1\n---\nB\n", f"{front_matter}B\nC\n").endswith("a: 1\n---\nB\nC\n")


# --- Anchors, merge keys, keys that are no text


def test_merge_keys_and_complex_keys_are_merged_by_their_lines() -> None:
    base = front("d: &d {x: 1}", "e: &e {y: 1}", "<<: *d", "<<: *e", "? q", ": r", "{{ x }}: 1", "b: 1")
    theirs = base.replace("b: 1", "b: 2")
    assert cleanly(base, base.replace("Body", "Text"), theirs) == theirs.replace("Body", "Text")
    assert cleanly(base, base.replace("---\nBody", "new: 1\n---\nBody"), theirs) == theirs.replace(
        "---\nBody", "new: 1\n---\nBody"
    )


def test_a_merge_key_that_both_changed_is_a_conflict() -> None:
    base, ours, theirs = (front("d: &d {x: 1}", "e: &e {x: 2}", f"<<: {line}") for line in ("*d", "*e", "{y: 1}"))
    conflict = conflict_of(base, ours, theirs)
    assert (conflict.field, conflict.base, conflict.ours, conflict.theirs) == (
        "<<", "<<: *d\n", "<<: *e\n", "<<: {y: 1}\n",
    )  # fmt: skip


def test_a_value_follows_its_anchor() -> None:
    base = front("d: &d one", "k: *d", "z: 1")
    assert cleanly(base, front("d: &d two", "k: *d", "z: 1"), front("d: &d one", "k: *d", "z: 2")) == front(
        "d: &d two", "k: *d", "z: 2"
    )


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "code"),
    [
        pytest.param(
            "---\n{a: 1}\n---\n", "---\n{a: 2}\n---\n", "---\n{a: 1, b: 2}\n---\n", "merge_in_braces", id="braces"
        ),
        pytest.param(
            front("d: &d x", "k: *d"),
            front("d: x", "k: y"),
            front("d: &d x", "k: *d", "m: *d"),
            "merge_unreadable",
            id="the anchor is gone that theirs refers to",
        ),
        pytest.param(
            front("d: &d x", "k: a"),
            front("d: &d y", "k: a"),
            front("d: &d x", "k: *d"),
            "merge_reads_wrong",
            id="the anchor that theirs refers to says something else",
        ),
        pytest.param(front("a: 1"), front("  a: 2"), front("a: 1", "b: 1"), "merge_unreadable", id="two indentations"),
        pytest.param(
            front("t: |+", "  x", "", "a: 1", "b: 1"),
            front("t: |+", "  x", "", "a: 1"),
            front("t: |+", "  x", "", "b: 1"),
            "merge_reads_wrong",
            id="blank lines at the end that the site would cut",
        ),
    ],
)
def test_what_cannot_be_vouched_for_is_refused(base: str, ours: str, theirs: str, code: str) -> None:
    with pytest.raises(MergeRefused) as caught:
        merge(*map(Document.from_text, (base, ours, theirs)))
    assert caught.value.code == code
    assert code in MERGE_CODES


def test_a_key_named_body_is_a_key() -> None:
    conflict = conflict_of(front("body: a"), front("body: b"), front("body: c"))
    assert (conflict.field, conflict.is_body, conflict.pieces) == ("body", False, ())


@pytest.mark.parametrize("name", TRAPS)
def test_every_trap_merges_a_change_of_the_body_with_a_change_of_the_rest(name: str) -> None:
    base = Document.from_text(TRAPS[name])
    ours = base.replace({}, body=base.body + "\nAdded at the end.\n")
    theirs = Document.from_text(base.text.replace("Body", "Text"))
    assert merge(base, ours, base).document is ours
    assert "Added at the end." in merge(base, ours, theirs).document.text
