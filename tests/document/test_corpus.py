"""Random edits of many posts in the styles of the real repository, with unusual and broken ones among them."""

import collections
import random
from pathlib import Path

import pytest

from posts.document.document import Document
from posts.document.errors import EDIT_CODES, DocumentError, EditRefused
from tests.corpus.make_corpus import Maker
from tests.document.rewriting import KEY_ORDER, as_read, random_change, read_by_frontmatter, read_by_pyyaml

SAMPLE = Path(__file__).parents[1] / "samples" / "2026-02-13-market-selloff.md"
EDITS_PER_POST = 12


def test_the_sample_comes_back_byte_for_byte() -> None:
    data = SAMPLE.read_bytes()
    assert bytes(Document.parse(data)) == data


def test_publishing_the_sample_changes_exactly_one_line() -> None:
    before = SAMPLE.read_text()
    after = Document.parse(SAMPLE.read_bytes()).replace({"draft": False}, key_order=KEY_ORDER).text
    changed = [(old, new) for old, new in zip(before.split("\n"), after.split("\n"), strict=True) if old != new]
    assert changed == [("draft: true", "draft: false")]


@pytest.mark.parametrize("seed", range(4))
def test_random_edits_read_back_as_asked_and_touch_only_their_own_lines(seed: int) -> None:
    maker = Maker(seed, 0.3, 0)
    rng = random.Random(seed)
    done = 0
    refused: collections.Counter[str] = collections.Counter()
    for _ in range(150):
        _, _, data = maker.post()
        document = Document.parse(data)
        assert bytes(document) == data
        for _ in range(EDITS_PER_POST):
            key, value = random_change(rng, document)
            try:
                edited = document.replace({key: value}, key_order=KEY_ORDER)
            except EditRefused as refusal:
                assert refusal.code in EDIT_CODES
                # The maker's only anchor: `defaults: &d`, which `<<: *d` refers to.
                if refusal.code != "anchor_in_use":
                    refused[refusal.code] += 1
                continue
            done += 1
            assert_edited(document, edited, key, value)
    assert done > 1000
    assert sum(refused.values()) * 1000 < done, refused


def assert_edited(document: Document, edited: Document, key: str, value: object) -> None:
    wanted = as_read(value)
    assert edited.body == document.body.removeprefix("\ufeff")
    if key in document.values and (document.values[key] == wanted or edited is document):
        assert edited.text == document.text
        return
    assert read_by_pyyaml(edited)[key] == wanted
    assert type(read_by_pyyaml(edited)[key]) is type(wanted)
    if edited.text.startswith("---\n") and f"{key}: {wanted}\n" not in edited.text:  # it makes a bare date a date
        assert read_by_frontmatter(edited)[key] == wanted
    assert Document.parse(bytes(edited)).text == edited.text
    assert edited.replace({key: value}, key_order=KEY_ORDER) is edited
    if document.has_front_matter:
        assert without_lines(edited, key) == without_lines(document, key)


def without_lines(document: Document, key: str) -> str:
    lines = document.lines_of(key)
    if not lines:
        return document.text
    entry = next(entry for entry in document.entries if entry.key == key)
    return document.text[: entry.start] + document.text[entry.end :]


def test_every_broken_file_is_refused_with_a_code_and_a_line_that_exists() -> None:
    maker = Maker(3, 0, 1.0)
    codes = collections.Counter()
    for _ in range(400):
        _, _, data = maker.post()
        with pytest.raises(DocumentError) as caught:
            Document.parse(data)
        error = caught.value
        codes[error.code] += 1
        lines = data.split(b"\n")
        assert error.line is not None and 1 <= error.line <= len(lines)
        here = lines[error.line - 1]
        if error.code == "nul":
            assert b"\0" in here
        elif error.code == "duplicate_key":
            assert here.startswith(b"status: draft")
        elif error.code == "not_a_mapping":
            assert here.startswith(b"- a list")
        elif error.code == "broken_yaml" and error.facts["detail"] == "found undefined alias":
            assert here == b"ref: *nowhere"
        elif error.code == "broken_yaml" and b"\ttitle" in here:
            assert here == b"\tindented: with a tab"
    assert set(codes) >= {"nul", "duplicate_key", "not_a_mapping", "broken_yaml", "not_utf8", "fence_not_closed"}
