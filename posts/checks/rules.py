"""All rules for one document, in the order in which an editor reads: front matter, then the body from above."""

from collections.abc import Iterator
from dataclasses import replace

from posts import fields
from posts.checks import (
    brackets,
    characters,
    dates,
    emphasis,
    front_matter,
    links,
    markup,
    mishearings,
    scripts,
    shown_marks,
    structure,
    unmade_links,
    widths,
)
from posts.checks.bodies import Body
from posts.checks.findings import Context, Finding
from posts.document.document import Document

VERSION = 7
"""Of the rules: with another one, every post is checked anew."""

CODES: tuple[str, ...] = (
    "key_empty",
    "list_as_text",
    "scalar_for_list",
    "wrong_kind",
    "empty_item",
    "not_a_date",
    "name_too_long",
    "category_unknown",
    "area_unknown",
    "category_of_other_area",
    "status_unknown",
    "live_and_archived",
    "date_stops_build",
    "date_in_future",
    "date_unlike_name",
    "source_malformed",
    "source_no_video",
    "title_long",
    "summary_long",
    "key_misspelt",
    "key_unknown",
    "build_key_changed",
    "body_empty",
    "body_short",
    "literal_asterisks",
    "literal_marks",
    "heading_jumps",
    "heading_repeats_title",
    "anchor_missing",
    "link_without_address",
    "image_without_address",
    "link_not_read",
    "link_name_missing",
    "file_missing",
    "image_missing",
    "bare_address",
    "details_not_closed",
    "details_not_opened",
    "chunk_missing",
    "chunk_out_of_order",
    "chunks_of_two_texts",
    "html_dropped",
    "template_syntax",
    "template_comment",
    "comment_not_closed",
    "bracket_not_closed",
    "bracket_not_opened",
    "half_width_punctuation",
    "full_width_punctuation",
    "no_blank_beside_latin",
    "invisible_signs",
    "bidirectional_signs",
    "control_signs",
    "traditional_in_simplified",
    "simplified_in_traditional",
    "known_mishearing",
)
"""Every code that a rule for one document can give."""


def check(document: Document, context: Context) -> list[Finding]:
    """What is wrong or doubtful in `document`, as far as it alone and `context` tell."""
    return [_without_nul(each) for each in (*_of_front_matter(document, context), *_of_body(document, context))]


def _without_nul(finding: Finding) -> Finding:
    """The finding in words that can be kept: an escape in double quotes makes a NUL, which PostgreSQL does not take."""
    if "\0" not in f"{finding.key}{finding.passage}{finding.place}" and "\\x00" not in repr(finding.facts):
        return finding
    key, passage, place = map(fields.as_text, (finding.key, finding.passage, finding.place))
    facts = {name: fields.as_text(told) for name, told in finding.facts.items()}
    return replace(finding, key=key, passage=passage, place=place, facts=facts)


def _of_front_matter(document: Document, context: Context) -> Iterator[Finding]:
    yield from front_matter.required_keys(document, context)
    yield from front_matter.kinds_of_values(document)
    yield from front_matter.vocabularies(document, context)
    yield from front_matter.nesting(document, context)
    yield from front_matter.status(document)
    yield from dates.build_stopped_by_date(document)
    yield from front_matter.date(document, context)
    yield from front_matter.source(document)
    yield from front_matter.lengths(document, context)
    yield from front_matter.unknown_keys(document, context)
    yield from markup.keys_of_the_build(document, context)
    yield from characters.invisible_in_keys(document)
    yield from characters.invisible_in_other_keys(document)


def _of_body(document: Document, context: Context) -> Iterator[Finding]:
    body = Body(document)
    found = [
        *structure.length(body, context),
        *emphasis.literal_asterisks(body),
        *shown_marks.literal_marks(body),
        *structure.headings(document, body),
        *structure.unclosed_details(body),
        *structure.unclosed_comment(body),
        *structure.chunks(body),
        *links.broken_links(document, body, context),
        *unmade_links.links_with_blanks(body),
        *unmade_links.names_without_links(body),
        *links.bare_addresses(body),
        *markup.dropped_html(body),
        *markup.template_syntax(body),
        *brackets.unbalanced(body),
        *widths.half_width(document, body),
        *widths.full_width(body),
        *widths.blanks(body),
        *characters.invisible(body),
        *scripts.mixed_scripts(document, body),
        *mishearings.known_mishearings(document, body, context),
    ]
    yield from sorted(found, key=lambda each: each.line or 0)
