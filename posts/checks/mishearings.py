"""What a transcript is known to mishear, found in the prose, with what is meant in its place."""

from collections import Counter
from collections.abc import Iterator, Sequence

from posts.checks.bodies import Body
from posts.checks.findings import BodyFix, Context, Finding, Severity, WordsFix
from posts.checks.hits import BODY, PARTS, Exchange, Hit, Searched
from posts.document.document import Document

_BESIDE = 12


def known_mishearings(document: Document, body: Body, context: Context) -> Iterator[Finding]:
    """Each place of the title, the summary and the body, with a mend and a passage of its own."""
    if not context.mishearings:
        return
    searched = Searched(document, body)
    for part, found in _by_part(searched, context.mishearings).items():
        seen: Counter[str] = Counter()
        for exchange, hit in found:
            yield _finding(part, exchange, hit, seen)


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


def _finding(part: str, exchange: Exchange, hit: Hit, seen: Counter[str]) -> Finding:
    key = "" if part == BODY else part
    # Several of them may stand in one line: each is known by its words in its passage, and by its number among equals.
    passage = f"{hit.before[-_BESIDE:]}⟨{hit.found}⟩{hit.after[:_BESIDE]}"
    seen[passage] += 1
    if seen[passage] > 1:
        passage = f"{passage} ({seen[passage]})"
    if key:
        fix: BodyFix | WordsFix = WordsFix(key, hit.start, hit.end, exchange.by)
    else:
        fix = BodyFix(hit.start, hit.end, exchange.by)
    facts = {"heard": hit.found, "meant": exchange.by}
    return Finding("known_mishearing", Severity.DOUBT, key, hit.line, passage, facts, fix)
