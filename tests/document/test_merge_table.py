"""Each kind of field by what each side did with it: text in, text out."""

from dataclasses import dataclass

import pytest

from posts.document.values import Value
from tests.document.merging import cleanly, merged
from tests.document.rewriting import front


@dataclass(frozen=True)
class Kind:
    """A key's lines as they were, as each side makes them, and the values they hold."""

    base: str
    ours: str
    theirs: str
    values: tuple[Value, Value, Value]


KINDS = {
    "text": Kind("k: old", "k: mine", "k: 'other'", ("old", "mine", "other")),
    "text with a comment": Kind(
        "# note\nk: old  # x", "# note\nk: mine  # x", "# note\nk: n  # x", ("old", "mine", "n")
    ),
    "long text": Kind("k: a b\n  c", "k: a b\n  d", "k: a b\n  e", ("a b c", "a b d", "a b e")),
    "block text": Kind("k: |\n  a\n\n  b", "k: |\n  a\n\n  c", "k: >-\n  d", ("a\n\nb\n", "a\n\nc\n", "d")),
    "date": Kind("k: 2026-02-13", "k: 2026-02-14", "k: '2026-02-15'", ("2026-02-13", "2026-02-14", "2026-02-15")),
    "draft": Kind("k: true", "k: false", "k: 'false'", (True, False, "false")),
    "number": Kind("k: 1.10", "k: 1.20", "k: 1.30", ("1.10", "1.20", "1.30")),
    "one term": Kind("k: ''", "k: 专题", "k: Series", ("", "专题", "Series")),
    "nothing": Kind("k:", "k: mine", "k: other", (None, "mine", "other")),
    "mapping": Kind(
        "k:\n  a: 1\n  b: 2",
        "k:\n  a: 3\n  b: 2",
        "k: {a: 1}",
        ({"a": "1", "b": "2"}, {"a": "3", "b": "2"}, {"a": "1"}),
    ),
    "a text becomes a list": Kind("k: a b", "k: [x]", "k: a c", ("a b", ["x"], "a c")),
}
kinds = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())


def post(*lines: str) -> str:
    return front("a: 1", *lines, "z: 2")


@kinds
def test_what_only_ours_changed_is_ours(kind: Kind) -> None:
    assert cleanly(post(kind.base), post(kind.ours), post(kind.base)) == post(kind.ours)
    assert cleanly(post(kind.base), post(kind.ours), post(kind.base, "new: 1")) == post(kind.ours, "new: 1")


@kinds
def test_what_only_theirs_changed_is_theirs(kind: Kind) -> None:
    assert cleanly(post(kind.base), post(kind.base), post(kind.theirs)) == post(kind.theirs)
    assert cleanly(post(kind.base), post(kind.base, "new: 1"), post(kind.theirs)) == post(kind.theirs, "new: 1")


@kinds
def test_what_both_changed_alike_is_no_conflict(kind: Kind) -> None:
    assert cleanly(post(kind.base), post(kind.ours), post(kind.ours)) == post(kind.ours)
    assert cleanly(post(kind.base), post(kind.ours), post(kind.ours, "new: 1")) == post(kind.ours, "new: 1")


@kinds
def test_what_both_changed_differently_is_a_conflict_and_ours_until_it_is_settled(kind: Kind) -> None:
    result = merged(post(kind.base), post(kind.ours), post(kind.theirs, "new: 1"))
    assert result.document.text == post(kind.ours, "new: 1")
    (conflict,) = result.conflicts
    assert (conflict.field, conflict.base, conflict.ours, conflict.theirs) == ("k", *kind.values)
    assert not conflict.absent and not conflict.is_body and not conflict.passages


@kinds
def test_deleted_by_one_and_left_by_the_other_is_deleted(kind: Kind) -> None:
    assert cleanly(post(kind.base), post(), post(kind.base, "new: 1")) == post("new: 1")
    assert cleanly(post(kind.base), post(kind.base, "new: 1"), post()) == post("new: 1")
    assert cleanly(post(kind.base), post("mine: 1"), post("new: 1")) == post("new: 1", "mine: 1")


@kinds
def test_deleted_by_ours_and_edited_by_theirs_is_a_conflict(kind: Kind) -> None:
    result = merged(post(kind.base), post(), post(kind.theirs, "new: 1"))
    assert result.document.text == post("new: 1")
    (conflict,) = result.conflicts
    assert (conflict.base, conflict.ours, conflict.theirs) == (kind.values[0], None, kind.values[2])
    assert conflict.absent == {"ours"}


@kinds
def test_edited_by_ours_and_deleted_by_theirs_is_a_conflict(kind: Kind) -> None:
    result = merged(post(kind.base), post(kind.ours), post("new: 1"))
    assert result.document.text == post("new: 1", kind.ours)
    (conflict,) = result.conflicts
    assert (conflict.base, conflict.ours, conflict.theirs) == (kind.values[0], kind.values[1], None)
    assert conflict.absent == {"theirs"}


@kinds
def test_added_twice_with_one_value_is_there_once(kind: Kind) -> None:
    assert cleanly(post(), post(kind.ours), post(kind.ours, "new: 1")) == post(kind.ours, "new: 1")


@kinds
def test_added_twice_with_two_values_is_a_conflict(kind: Kind) -> None:
    result = merged(post(), post(kind.ours), post(kind.theirs, "new: 1"))
    assert result.document.text == post(kind.ours, "new: 1")
    (conflict,) = result.conflicts
    assert (conflict.base, conflict.ours, conflict.theirs) == (None, *kind.values[1:])
    assert conflict.absent == {"base"}


# --- Lists of terms: the same cases, and none of them a conflict but the deletion

LIST = "k:\n  - a\n  - b\n  - c"


@pytest.mark.parametrize(
    ("ours", "theirs", "after"),
    [
        pytest.param("k:\n  - a\n  - b\n  - c\n  - x", LIST, "k:\n  - a\n  - b\n  - c\n  - x", id="ours adds"),
        pytest.param(LIST, "k: [a, b, c, x]", "k: [a, b, c, x]", id="theirs adds"),
        pytest.param(
            "k:\n  - a\n  - b\n  - c\n  - x",
            "k:\n  - a\n  - b\n  - c\n  - y",
            "k:\n  - a\n  - b\n  - c\n  - x\n  - y",
            id="both add",
        ),
        pytest.param(
            "k:\n  - a\n  - b\n  - x", "k:\n  - a\n  - b\n  - x", "k:\n  - a\n  - b\n  - x", id="both the same"
        ),
        pytest.param(
            "k:\n  - a\n  - x\n  - b\n  - c",
            "k:\n  - c\n  - b\n  - a",
            "k:\n  - c\n  - b\n  - a\n  - x",
            id="one sorts",
        ),
        pytest.param("k:\n  - b\n  - c", "k:\n  - a\n  - b", "k:\n  - b", id="each takes one out"),
        pytest.param("k: [b, c]", "k:\n  - a\n  - b\n  - c\n  - y", "k:\n  - b\n  - c\n  - y", id="out here, in there"),
        pytest.param("k: []", "k:\n  - a\n  - b\n  - c\n  - y", "k:\n  - y", id="ours empties, theirs adds"),
        pytest.param("k:\n  - a\n  - b\n  - c\n  - x", "k: []", "k:\n  - x", id="ours adds, theirs empties"),
        pytest.param("k:\n  - a\n  - b\n  - c\n  - x", "k: '[]'", "k:\n  - x", id="theirs empties it as text"),
        pytest.param(
            "k:\n  - a\n  - b\n  - x", "k: ['c', 'b', 'a']", "k: ['b', 'x', 'a']", id="in the style of theirs"
        ),
        pytest.param("k:\n  - b\n  - a\n  - c", "k: [c, b, a]", "k: [c, b, a]", id="both sort"),
    ],
)
def test_a_list_merges_item_by_item(ours: str, theirs: str, after: str) -> None:
    assert cleanly(post(LIST), post(ours), post(theirs)) == post(after)


def test_a_list_added_twice_has_the_items_of_both() -> None:
    assert cleanly(post(), post("k: [a, x]"), post("k:\n  - y\n  - a")) == post("k:\n  - y\n  - a\n  - x")


@pytest.mark.parametrize("empty", ["k: []", "k: '[]'", "k:", 'k: ""'])
def test_a_list_begun_twice_where_it_stood_empty_has_the_items_of_both(empty: str) -> None:
    assert cleanly(post(empty), post("k: [a]"), post("k:\n  - b")) == post("k:\n  - b\n  - a")


def test_a_list_deleted_by_one_and_edited_by_the_other_is_a_conflict() -> None:
    result = merged(post(LIST), post("k: [a]"), post("new: 1"))
    assert result.document.text == post("new: 1", "k: [a]")
    assert [(conflict.ours, conflict.theirs, conflict.absent) for conflict in result.conflicts] == [
        (["a"], None, {"theirs"})
    ]


def test_only_the_lists_named_are_merged_item_by_item() -> None:
    base, ours, theirs = (post(f"tags: {items}", f"steps: {items}") for items in ("[a]", "[a, x]", "[a, y]"))
    result = merged(base, ours, theirs, term_lists=["tags"])
    assert result.document.text == post("tags: [a, x, y]", "steps: [a, x]")
    assert [conflict.field for conflict in result.conflicts] == ["steps"]
