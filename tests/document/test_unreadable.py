"""What cannot be read: each with its code and, where it has one, the line and column of the file."""

import pytest

from posts.document.document import LIMIT, Document
from posts.document.errors import DOCUMENT_CODES, DocumentError
from tests.document.rewriting import front


def error_of(content: str | bytes) -> DocumentError:
    data = content.encode() if isinstance(content, str) else content
    with pytest.raises(DocumentError) as caught:
        Document.parse(data)
    assert caught.value.code in DOCUMENT_CODES
    assert caught.value.facts["line"] == caught.value.line
    return caught.value


@pytest.mark.parametrize(
    ("content", "code", "line", "column"),
    [
        (front("a: 1", "b: x: y"), "broken_yaml", 3, 5),
        (front("a: 1", "b: @x"), "broken_yaml", 3, 4),
        (front("a: 1", 'b: "never closed'), "broken_yaml", 3, 4),
        (front("a: 1", "b: *nowhere"), "broken_yaml", 3, 4),
        (front("a: 1", "\tb: 2"), "broken_yaml", 3, 1),
        (front("标题: 中文", "b: bell\x07"), "broken_yaml", 3, 8),
        (front("a: 1", "...", "b: 2"), "broken_yaml", 4, 1),
        (front("a: 1", "b: 2", "a: 3"), "duplicate_key", 4, 1),
        (front("a: 1", "'a': 3"), "duplicate_key", 3, 1),
        (front("a: {b: 1, b: 2}"), "duplicate_key", 2, 11),
        (front("a:", "  - b: 1", "    b: 2"), "duplicate_key", 4, 5),
        (front("{{ x }}: 1", "{{ x }}: 2"), "duplicate_key", 3, 1),
        (front("- a"), "not_a_mapping", 2, 1),
        (front("# note", "just text"), "not_a_mapping", 3, 1),
        ("---\na: 1\n", "fence_not_closed", 1, 1),
        ("---", "fence_not_closed", 1, 1),
        ("---\n", "fence_not_closed", 1, 1),
        ("---\na: 1\n ---\n", "fence_not_closed", 1, 1),
        ("---\na: 1\n...\nBody\n", "fence_not_closed", 1, 1),
        ("---\na: 1\n----\nBody\n", "fence_unclear", 3, 1),
        ("---\na: 1\n---foo\n---\n", "fence_unclear", 3, 1),
        ("---\na: 1\n---\rBody\n", "fence_unclear", 3, 1),
        ("---\ra: 1\r---\r", "fence_unclear", 1, 1),
        ("---js\nlet a\n---\n", "front_matter_language", 1, 4),
        ("\ufeff--- toml\na = 1\n---\n", "front_matter_language", 1, 4),
        (front("a: &x [*x]"), "recursive_alias", 2, 4),
        (front("a: 1").encode("utf-16"), "not_utf8", 1, 1),
        ("---\ntitle: 中".encode() + "文".encode("gb18030"), "not_utf8", 2, 9),
        ("Body\nzero\0", "nul", 2, 5),
    ],
)
def test_unreadable(content: str | bytes, code: str, line: int, column: int) -> None:
    error = error_of(content)
    assert (error.code, error.line, error.column) == (code, line, column), error


def test_the_facts_say_what_the_remedy_needs() -> None:
    assert error_of(front("a: 1", "a: 2")).facts["key"] == "a"
    assert error_of("---toml\n---\n").facts["language"] == "toml"
    assert "mapping values are not allowed" in str(error_of(front("a: b: c")).facts["detail"])
    assert error_of(b"x" * (LIMIT + 1)).facts == {"line": None, "column": None, "size": LIMIT + 1, "limit": LIMIT}


def test_five_megabytes_are_still_a_post() -> None:
    assert len(bytes(Document.parse(b"x" * LIMIT))) == LIMIT


def test_half_a_surrogate_pair_is_no_text() -> None:
    with pytest.raises(DocumentError) as caught:
        Document.from_text("---\na: \ud800\n---\n")
    assert caught.value.code == "not_utf8"
    assert caught.value.line == 2


@pytest.mark.parametrize(
    "block",
    [
        "a: " + "[" * 100_000,
        "a: " + "[" * 1000 + "]" * 1000,
        "{a: " * 100_000,
        "a: " + "- " * 100_000,
        "- " * 100_000,
        "? " * 100_000,
        "a:\n" + "".join(" " * depth + "a:\n" for depth in range(1, 1000)),
    ],
    ids=lambda block: block[:8],
)
def test_deep_nesting_is_refused_and_does_not_crash_the_process(block: str) -> None:
    assert error_of(f"---\n{block}\n---\n").code in ("too_deep", "broken_yaml")


def test_aliases_cannot_blow_up() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [" + ", ".join([f"*a{n - 1}"] * 10) + "]" for n in range(1, 12)]
    assert error_of(front(*lines)).code == "too_many_aliases"


def test_a_chain_of_aliases_within_bounds_is_read() -> None:
    lines = ["a0: &a0 [x]", *(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 50))]
    assert Document.from_text(front(*lines)).values["a1"] == [["x"]]


def test_two_merge_keys_are_no_duplicate() -> None:
    assert Document.from_text(front("a: &a {p: 1}", "<<: *a", "<<: {q: 2}")).values["q"] == "2"
