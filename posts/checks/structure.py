"""Headings, folded blocks, the transcript's chunks, and texts that are hardly there."""

import re
import unicodedata
from collections.abc import Iterator

from posts.checks.bodies import Body
from posts.checks.findings import Context, Finding, Severity
from posts.document.document import Document

_CHUNK = re.compile(r"<!--\s*chunk\s+(\d+)\s*/\s*(\d+)\s*-->")
_DETAILS = re.compile(r"<(/?)details\b[^<>]*>", re.IGNORECASE)


def headings(document: Document, body: Body) -> Iterator[Finding]:
    """Headings that skip a level, or say the title again."""
    title = document.values.get("title")
    said = _alike(title) if isinstance(title, str) else ""
    level = 0
    for token, inline in zip(body.tokens, body.tokens[1:], strict=False):
        if token.type != "heading_open" or not token.map:
            continue
        place, now = body.start_of(token.map[0]), int(token.tag[1:])
        at = {"line": body.line_at(place), "passage": inline.content[:200]}
        if level and now > level + 1:
            yield Finding("heading_jumps", Severity.DOUBT, facts={"from": level, "to": now}, **at)  # type: ignore[arg-type]
        if said and _alike(inline.content) == said:
            yield Finding("heading_repeats_title", Severity.DOUBT, **at)  # type: ignore[arg-type]
        level = now


def _alike(text: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKC", text).casefold() if sign.isalnum())


def unclosed_details(body: Body) -> Iterator[Finding]:
    """A `<details>` that nothing closes folds away all that follows; one that nothing opened is left over."""
    opened: list[re.Match[str]] = []
    for tag in _DETAILS.finditer(body.without_code):
        if not tag[1]:
            opened.append(tag)
        elif opened:
            opened.pop()
        else:
            yield _at(body, "details_not_opened", tag)
    for tag in opened:
        yield _at(body, "details_not_closed", tag)


def chunks(body: Body) -> Iterator[Finding]:
    """The marks that the pipeline leaves: out of order, twice, or one that is missing is a piece of text lost."""
    marks = list(_CHUNK.finditer(body.text))
    if not marks:
        return
    totals = {int(mark[2]) for mark in marks}
    if len(totals) > 1:
        yield _at(body, "chunks_of_two_texts", marks[0])
        return
    wanted = 1
    for mark in marks:
        number = int(mark[1])
        if number > wanted:
            missing = ", ".join(map(str, range(wanted, number)[:10]))
            yield _at(body, "chunk_missing", mark, missing=missing)
        elif number < wanted:
            yield _at(body, "chunk_out_of_order", mark, number=number)
        wanted = max(wanted, number + 1)
    total = totals.pop()
    if wanted <= total:
        missing = ", ".join(map(str, range(wanted, total + 1)[:10]))
        yield _at(body, "chunk_missing", marks[-1], missing=missing)


def length(body: Body, context: Context) -> Iterator[Finding]:
    """A body with nothing in it, or hardly anything."""
    signs = sum(1 for sign in body.prose if sign.isalnum())
    if not signs:
        yield Finding("body_empty", Severity.WRONG, line=body.line_at(0))
    elif signs < context.shortest_body:
        facts = {"signs": signs, "least": context.shortest_body}
        passage = " ".join(body.text.split())[:200]
        yield Finding("body_short", Severity.DOUBT, line=body.line_at(0), passage=passage, facts=facts)


def _at(body: Body, code: str, mark: re.Match[str], **facts: object) -> Finding:
    return Finding(code, Severity.WRONG, line=body.line_at(mark.start()), passage=mark[0][:200], facts=facts)
