"""Front-matter values in and out of a document, by the field table."""

import datetime

import pytest

from posts import fields
from posts.document.document import Document


def document(*lines: str) -> Document:
    return Document.from_text("---\n" + "".join(f"{line}\n" for line in lines) + "---\n正文\n")


def read(*lines: str) -> dict[str, object]:
    return dict(fields.read(document(*lines))[0])


def faults(*lines: str) -> list[tuple[str, str, int | None]]:
    return [(fault.code, fault.key, fault.line) for fault in fields.read(document(*lines))[1]]


def test_all_twenty_keys_have_a_value_even_in_an_empty_front_matter() -> None:
    values, found = fields.read(document())
    assert set(values) == set(fields.KEY_ORDER)
    assert len(values) == 20
    assert values["title"] == ""
    assert values["tags"] == []
    assert found == []


@pytest.mark.parametrize(
    ("line", "names", "code"),
    [
        ("tags: [a, 'b c', \"d, e\"]", ["a", "b c", "d, e"], None),
        ("tags: '[]'", [], "list_as_text"),
        ("tags: '[a, b]'", ["a", "b"], "list_as_text"),
        ("tags: '[not closed'", ["[not closed"], "scalar_for_list"),
        ("tags: finance", ["finance"], "scalar_for_list"),
        ("tags:", [], None),
        ("tags: ~", [], None),
        ("tags: ''", [], None),
        ("tags: [a, ~, b]", ["a", "b"], "empty_item"),
        ("tags: [1.0, 00501, yes, true]", ["1.0", "00501", "yes", "true"], None),
        ("tags: [a, a, b]", ["a", "b"], None),
        ("tags: {a: 1}", [], "wrong_kind"),
        ("tags: [a, {b: 1}]", ["a"], "wrong_kind"),
        ("tags: ['" + "长" * 300 + "']", [], "name_too_long"),
        ("tags: ['" + "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}" * 20 + "']", [], "name_too_long"),
    ],
)
def test_lists_of_terms(line: str, names: list[str], code: str | None) -> None:
    assert read(line)["tags"] == names
    assert [found[0] for found in faults("title: x", line)] == ([code] if code else [])


def test_a_fault_names_its_key_and_its_line() -> None:
    assert faults("title: x", "# a comment", "people: '[]'") == [("list_as_text", "people", 4)]


@pytest.mark.parametrize(
    ("literal", "day"),
    [
        ("2026-02-13", datetime.date(2026, 2, 13)),
        ("'2026-02-13'", datetime.date(2026, 2, 13)),
        ("2026-02-13T23:30:00-08:00", datetime.date(2026, 2, 13)),
        ("2026-02-30", None),
        ("昨天", None),
    ],
)
def test_a_date_keeps_its_day_and_is_never_moved_to_utc(literal: str, day: datetime.date | None) -> None:
    assert fields.day(str(read(f"date: {literal}")["date"])) == day
    assert (day is None) == bool(faults(f"date: {literal}"))


@pytest.mark.parametrize(
    ("line", "draft"),
    [
        ("draft: true", True),
        ("draft: false", False),
        ("draft: no", True),
        ("draft: 'false'", True),
        ("draft:", False),
        ("title: no draft key", False),
    ],
)
def test_draft_is_read_as_the_site_reads_it(line: str, draft: bool) -> None:
    assert read(line)["draft"] is draft


def test_an_asked_value_that_reads_the_same_is_no_change_however_it_is_spelt() -> None:
    present = document("title: 2024", "people: '[]'", "date: 2026-02-13", "summary: |", "  一", "  二", "tags: finance")
    asked = {
        "title": "2024",
        "people": [],
        "date": datetime.date(2026, 2, 13),
        "summary": "一\r\n二\r\n",
        "tags": ("finance",),
        "guest": "",
        "media_books": [],
    }
    assert fields.changes_onto(present, asked) == {}


def test_only_what_differs_is_a_change() -> None:
    present = document("title: 旧", "tags: [a]")
    assert fields.changes_onto(present, {"title": "新", "tags": ["a"], "guest": "客"}) == {"title": "新", "guest": "客"}


def test_a_nul_written_as_an_escape_reaches_no_column() -> None:
    assert read('title: "a\\0b"')["title"] == "a\N{REPLACEMENT CHARACTER}b"
