"""The body: line ends do not count as a difference, and each file keeps its own."""

import pytest

from posts.document.document import Document
from posts.document.errors import EditRefused
from tests.document.rewriting import edited, front
from tests.document.traps import TRAPS

HEAD = "---\na: 1\n---\n"
CRLF_HEAD = HEAD.replace("\n", "\r\n")


@pytest.mark.parametrize("body", ["a\nb\n", "a\r\nb\r\n", "a\rb\r", "a\r\nb\nc", "", "\n\na"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_a_body_that_differs_in_line_ends_alone_is_not_touched(body: str, newline: str) -> None:
    document = Document.from_text(HEAD + body)
    as_sent = body.replace("\r\n", "\n").replace("\r", "\n").replace("\n", newline)
    assert document.replace({}, body=as_sent) is document


@pytest.mark.parametrize(
    ("before", "sent", "after"),
    [
        (HEAD + "a\nb\n", "a\r\nc\r\n", HEAD + "a\nc\n"),
        (CRLF_HEAD + "a\r\nb", "a\nc\nd\n", CRLF_HEAD + "a\r\nc\r\nd\r\n"),
        (HEAD + "a\r\nb\nc\r\nd", "a\nb\nnew\nc\nd", HEAD + "a\r\nb\nnew\nc\r\nd"),
        (CRLF_HEAD + "a\nb\r\nc\n", "a\nb\nx\n", CRLF_HEAD + "a\nb\r\nx\r\n"),
        (HEAD + "one line", "two\r\nlines", HEAD + "two\nlines"),
        (CRLF_HEAD, "two\nlines", CRLF_HEAD + "two\r\nlines"),
        (HEAD + "a\u2028b\x85c\n", "a\u2028b\x85d\r\n", HEAD + "a\u2028b\x85d\n"),
        (HEAD + "a", "", HEAD),
        (HEAD, "---\nb: 1\n---\n", HEAD + "---\nb: 1\n---\n"),
        ("---\na: 1\n---", "text", "---\na: 1\n---\ntext"),
        ("Body\r\n", "a\nb\n", "a\r\nb\r\n"),
        ("\ufeffBody\n", "a\n", "\ufeffa\n"),
    ],
)
def test_a_new_body_gets_the_line_ends_of_the_file(before: str, sent: str, after: str) -> None:
    assert edited(before, to_body=sent) == after
    assert edited(after, to_body=sent) == after


def test_keys_and_body_change_in_one_step() -> None:
    assert edited(HEAD + "a\n", to_body="b\n", a="2") == "---\na: '2'\n---\nb\n"
    assert edited("a\n", to_body="b\n", a="x") == "---\na: x\n---\nb\n"


def test_the_key_values_are_those_of_the_new_text_after_a_new_body() -> None:
    document = Document.from_text(front("a: 1")).replace({}, body="x")
    assert document.values == {"a": "1"}
    assert document.replace({"a": "2"}).text == "---\na: '2'\n---\nx"


@pytest.mark.parametrize("body", ["---\na: 1\n---\n", "---", "---js\n"])
def test_a_body_that_would_be_read_as_front_matter_is_refused(body: str) -> None:
    with pytest.raises(EditRefused) as caught:
        edited(TRAPS["no front matter"], to_body=body)
    assert caught.value.code == "body_changed"


@pytest.mark.parametrize("body", ["zero\0", "half \ud800"])
def test_a_body_that_is_no_text_is_refused(body: str) -> None:
    with pytest.raises(EditRefused) as caught:
        edited(HEAD, to_body=body)
    assert caught.value.code == "body_not_text"


def test_a_result_over_the_limit_is_refused() -> None:
    with pytest.raises(EditRefused) as caught:
        edited(HEAD, to_body="长" * (2 * 1024 * 1024))
    assert caught.value.code == "result_too_large"


def test_a_long_body_of_repeated_lines_with_mixed_line_ends_is_edited_at_once() -> None:
    old = "---\ntitle: a\n---\n" + "a\r\n" + "a\n" * 5000
    edited = Document.from_text(old).replace({}, body="a\nb\n" * 2500)
    assert edited.body.replace("\r\n", "\n") == "a\nb\n" * 2500
