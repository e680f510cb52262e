"""What a transcript is known to mishear, found in the prose, with what is meant in its place."""

from collections.abc import Iterator

from posts.checks.bodies import Body
from posts.checks.findings import BodyFix, Context, Finding, KeyFix, Severity
from posts.checks.hits import BODY, PARTS, Exchange, Hit, Searched
from posts.document.document import Document


def known_mishearings(document: Document, body: Body, context: Context) -> Iterator[Finding]:
    """Each place of the body; of a field one finding, whose mend makes all of its words right."""
    if not context.mishearings:
        return
    searched = Searched(document, body)
    in_fields: dict[str, list[tuple[Exchange, Hit]]] = {part: [] for part in PARTS if part != BODY}
    for exchange in context.mishearings:
        for hit in searched.hits(exchange):
            if hit.part == BODY:
                yield _finding(exchange, hit, BodyFix(hit.start, hit.end, exchange.by))
            else:
                in_fields[hit.part].append((exchange, hit))
    for key, found in in_fields.items():
        if found:
            yield _finding(*found[0], KeyFix(key, _mended(searched.text(key), found)))


def _finding(exchange: Exchange, hit: Hit, fix: BodyFix | KeyFix) -> Finding:
    key = fix.key if isinstance(fix, KeyFix) else ""
    passage = f"{hit.before}{hit.found}{hit.after}"
    facts = {"heard": hit.found, "meant": exchange.by}
    return Finding("known_mishearing", Severity.DOUBT, key, hit.line, passage[:200], facts, fix)


def _mended(text: str, found: list[tuple[Exchange, Hit]]) -> str:
    """`text` with what was found mended; of words that overlap, the first alone."""
    pieces, at = [], 0
    for exchange, hit in sorted(found, key=lambda each: (each[1].start, -each[1].end)):
        if hit.start >= at:
            pieces += [text[at : hit.start], exchange.by]
            at = hit.end
    return "".join([*pieces, text[at:]])
