"""Every code that can be raised, stored or refused has words, with all its facts put in."""

import string

import pytest

from posts.check_words import CHECK_WORDS
from posts.checking import CHECKS_FAILED
from posts.checks import CODES as CHECKS
from posts.checks import SITE_CODES
from posts.document.document import Document
from posts.document.errors import DOCUMENT_CODES, EDIT_CODES, DocumentError
from posts.fields import FAULTS
from posts.git import CODES
from posts.paths import why_unsafe
from posts.wording import WORDINGS, worded, worded_error, worded_refusals
from posts.workflow import REFUSALS, Refusal

PATHS = ["", "/a.md", "a\n.md"]


@pytest.mark.parametrize("code", [*DOCUMENT_CODES, *EDIT_CODES, *FAULTS, *CODES, *REFUSALS, *map(why_unsafe, PATHS)])
def test_every_code_has_words(code: str) -> None:
    assert code in WORDINGS


def test_every_finding_has_words() -> None:
    assert set(CHECK_WORDS) == {*CHECKS, *SITE_CODES, CHECKS_FAILED} - set(FAULTS)
    assert worded("finding_breaks", {"findings": ("template_syntax",)}).count("template syntax") == 1


def test_what_is_misheard_for_nothing_is_to_be_taken_out() -> None:
    assert "take it out" in worded("known_mishearing", {"heard": "呃", "meant": ""})
    assert "“OpenAI” is meant" in worded("known_mishearing", {"heard": "OpenEye", "meant": "OpenAI"})


def test_a_missing_fact_or_an_unknown_code_fails_no_message() -> None:
    assert "–" in worded("broken_yaml")
    assert "nonsense" in worded("nonsense")


def test_braces_in_a_fact_are_left_alone() -> None:
    assert "{x} {0}" in worded("broken_yaml", {"detail": "{x} {0}"})


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("title: a: b", "A colon stands where none is expected."),
        ("title:标题\ndate: 2026", "a colon with a space behind it"),
        ("b: @x", "@, ` and % must stand in quotation marks"),
        ("b:\n\t- x", "indented with spaces, not with tabs"),
        ("b: >\n\tx", "indented with a tab"),
        ('b: "never closed', "never closed"),
        ('a: "b\\d"', "Write two backslashes"),
        ('a: "\\x4"', "no number of a sign follows"),
        ("b: *nowhere", "there is none of this name"),
        ("b: & c", "cannot begin with & or * alone"),
        ("b: *", "cannot begin with & or * alone"),
        ("a: 'it's'", "within '…' write ' twice"),
        ("a:\n  - x\n b: c", "belongs to no key"),
        ("- a\nb: c", "Begin each item with “- ”"),
        ("tags: [a, b", "square bracket is not closed"),
        ("a: {b", "brace is not closed"),
        ("a: ]", "none can begin with this sign"),
        ("b: c\ntitle", "has no colon"),
        ("a: |x\n  b", "follow | or >"),
        ("b: !x!y z", "begins with !"),
        ("b: !<x", "begins with !"),
        ("%FOO\nb", "begins with “%”"),
        ("%TAG x\nb: c", "begins with “%”"),
        ("a: - b", "cannot begin on the line of its key"),
        ("  a: b\nc: d", "not indented alike"),
        ("b: bell\x07", "nobody sees"),
        ("\ufeffa: b\n\ufeffc: d", "nobody sees"),
    ],
)
def test_what_yaml_says_in_english_for_programmers_is_said_in_our_words(lines: str, told: str) -> None:
    with pytest.raises(DocumentError) as error:
        Document.from_text(f"---\n{lines}\n---\n")
    words = worded_error(error.value)
    assert told in words and words.startswith("The front matter cannot be read.")
    assert "YAML's own words" not in words


def test_every_wording_can_be_filled() -> None:
    for code, words in WORDINGS.items():
        names = [name for _, name, _, _ in string.Formatter().parse(str(words)) if name]
        assert worded(code, dict.fromkeys(names, "X")).count("X") >= len(names)


def test_a_refusal_names_all_its_reasons() -> None:
    told = worded_refusals((Refusal("you_wrote"), Refusal("you_submitted")))
    assert told.count("somebody else must approve it") == 2
