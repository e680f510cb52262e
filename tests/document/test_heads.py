"""The front matter as a text: taken out, edited, put back, and nothing else touched."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posts.document.document import Document
from posts.document.errors import DOCUMENT_CODES, DocumentError, EditRefused
from posts.document.heads import front_matter_of, with_front_matter


@pytest.mark.parametrize(
    ("text", "front_matter"),
    [
        ("---\ntitle: a\n# why\nx:\n  - 1\n---\nbody\n", "title: a\n# why\nx:\n  - 1\n"),
        ("---\r\ntitle: a\r\n---\r\nbody", "title: a\n"),
        ("---\n---\nbody", ""),
        ("body alone", ""),
        ("\ufeff---\ntitle: a\n---", "title: a\n"),
    ],
)
def test_it_is_what_stands_between_the_fences_and_put_back_it_changes_nothing(text: str, front_matter: str) -> None:
    document = Document.from_text(text)
    assert front_matter_of(document) == front_matter
    assert with_front_matter(document, front_matter) is document
    assert with_front_matter(document, front_matter.replace("\n", "\r\n")) is document


@pytest.mark.parametrize(
    ("text", "typed", "becomes"),
    [
        ("---\ntitle: a\n---\nbody\r\n", "title: b\nnew: 1", "---\ntitle: b\nnew: 1\n---\nbody\r\n"),
        ("---\r\ntitle: a\r\nb: 1\r\n---\r\nx", "title: a\nb: 2\n", "---\r\ntitle: a\r\nb: 2\r\n---\r\nx"),
        ("---\ntitle: a\n---", "", "---\n---"),
        ("body\n---\nmore", "title: a\n", "---\ntitle: a\n---\nbody\n---\nmore"),
        ("\ufeffbody", "a: 1", "\ufeff---\na: 1\n---\nbody"),
        ("--- \na: 1\n---  \n\n---\n", "a: 2\n", "--- \na: 2\n---  \n\n---\n"),
    ],
)
def test_another_one_takes_its_place_with_the_files_own_line_ends(text: str, typed: str, becomes: str) -> None:
    assert with_front_matter(Document.from_text(text), typed).text == becomes


@pytest.mark.parametrize(
    ("typed", "code", "line"),
    [
        ("title: a\nb: [\n", "broken_yaml", 4),
        ("title: a\nb: 1\ntitle: c\n", "duplicate_key", 4),
        ("- a\n", "not_a_mapping", 2),
        ("title: a\n---\nb: 1\n", "fence_inside", 3),
        ("title: a\n---- x\n", "fence_inside", 3),
        ("title: \0\n", "nul", 2),
    ],
)
def test_what_is_wrong_is_said_with_its_line_in_the_file(typed: str, code: str, line: int) -> None:
    with pytest.raises((DocumentError, EditRefused)) as caught:
        with_front_matter(Document.from_text("---\ntitle: old\n---\nbody\n"), typed)
    assert caught.value.code == code
    assert caught.value.facts["line"] == line


@given(st.text(alphabet="ab:-# \n\r'\"[]{}|>\t\ufeff", max_size=40), st.sampled_from(["\n", "\r\n"]))
def test_whatever_is_typed_the_body_stays(typed: str, newline: str) -> None:
    document = Document.from_text(newline.join(["---", "title: a", "---", "body", "---", ""]))
    try:
        made = with_front_matter(document, typed)
    except (DocumentError, EditRefused) as error:
        assert error.code in (*DOCUMENT_CODES, "fence_inside")
    else:
        assert made.body == document.body
        assert Document.parse(bytes(made)) == made
