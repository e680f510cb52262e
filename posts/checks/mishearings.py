"""What a transcript is known to mishear, found in the prose, with what is meant in its place."""

from collections.abc import Iterator, Sequence

from posts.checks.bodies import Body
from posts.checks.findings import BodyFix, Context, Finding, KeyFix, Severity
from posts.checks.hits import BODY, PARTS, Exchange, Hit, Searched
from posts.document.document import Document


def known_mishearings(document: Document, body: Body, context: Context) -> Iterator[Finding]:
    """Each place of the body; of a field one finding, whose mend makes all of its words right."""
    if not context.mishearings:
        return
    searched = Searched(document, body)
    for part, found in _by_part(searched, context.mishearings).items():
        if part == BODY:
            for exchange, hit in found:
                yield _finding(exchange, hit, BodyFix(hit.start, hit.end, exchange.by))
        elif found:
            yield _finding(*found[0], KeyFix(part, _mended(searched.text(part), found)))


def _by_part(searched: Searched, known: Sequence[Exchange]) -> dict[str, list[tuple[Exchange, Hit]]]:
    """What is found in each part, in order; of words that overlap the first alone, and at one place the longest."""
    found = [(exchange, hit) for exchange in known for hit in searched.hits(exchange)]
    found.sort(key=lambda each: (each[1].start, -each[1].end))
    kept: dict[str, list[tuple[Exchange, Hit]]] = {part: [] for part in PARTS}
    for exchange, hit in found:
        before = kept[hit.part]
        if not before or hit.start >= before[-1][1].end:
            before.append((exchange, hit))
    return kept


def _finding(exchange: Exchange, hit: Hit, fix: BodyFix | KeyFix) -> Finding:
    key = fix.key if isinstance(fix, KeyFix) else ""
    passage = f"{hit.before}{hit.found}{hit.after}"
    facts = {"heard": hit.found, "meant": exchange.by}
    return Finding("known_mishearing", Severity.DOUBT, key, hit.line, passage[:200], facts, fix)


def _mended(text: str, found: Sequence[tuple[Exchange, Hit]]) -> str:
    pieces, at = [], 0
    for exchange, hit in found:
        pieces += [text[at : hit.start], exchange.by]
        at = hit.end
    return "".join([*pieces, text[at:]])
