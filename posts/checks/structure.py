"""Headings, folded blocks, the transcript's chunks, and texts that are hardly there."""

import re
from collections.abc import Iterator
from itertools import islice

from markdown_it.token import Token

from posts.checks.bodies import Body, without_addresses
from posts.checks.findings import Context, Finding, Severity
from posts.document.document import Document
from taxonomy.words import plain

_FIRST_HEADING = 3
_CHUNK = re.compile(r"<!--\s*chunk\s+(\d{1,6})\s*/\s*(\d{1,6})\s*-->", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_SIGN = re.compile(r"[^\W_]")
_DETAILS = re.compile(r"(?<!\\)<(/?)details\b[^<>]*>", re.IGNORECASE)


def headings(document: Document, body: Body) -> Iterator[Finding]:
    """Headings that skip a level, or say the title again."""
    title = document.values.get("title")
    said = _alike(title) if isinstance(title, str) else ""
    level = 0  # The title above the text is the first level; many texts begin with the third.
    for token, inline in zip(body.tokens, body.tokens[1:], strict=False):
        if token.type != "heading_open" or not token.map:
            continue
        place, now = body.start_of(token.map[0]), int(token.tag[1:])
        at = {"line": body.line_at(place), "passage": inline.content[:200]}
        if now > (level + 1 if level else _FIRST_HEADING):
            yield Finding("heading_jumps", Severity.DOUBT, facts={"from": level or 1, "to": now}, **at)  # type: ignore[arg-type]
        if said and _alike(_words(inline)) == said:
            yield Finding("heading_repeats_title", Severity.DOUBT, **at)  # type: ignore[arg-type]
        level = now


def _words(inline: Token) -> str:
    return "".join(
        each.content for each in inline.children or () if each.type in ("text", "text_special", "code_inline")
    )


def _alike(text: str) -> str:
    return "".join(sign for sign in plain(text) if sign.isalnum())


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


def unclosed_comment(body: Body) -> Iterator[Finding]:
    """A comment that nothing closes hides all that follows. In a line of text it is none, and is shown."""
    if "<!--" not in body.text:
        return
    opened: tuple[Token, int] | None = None
    for token in body.tokens:
        for each in (token, *(token.children or ())):
            if each.type not in ("html_block", "html_inline"):
                continue
            if opened is not None and "-->" in each.content:
                opened = None
            begins = each.content.find("<!--", each.content.rfind("-->") + 1)
            if opened is None and begins >= 0:
                opened = each, begins
    if opened is not None:
        at = _place_in(body, *opened)
        passage = body.around(at, at + 4, 40)
        yield Finding("comment_not_closed", Severity.WRONG, line=body.line_at(at), passage=passage)


def _place_in(body: Body, block: Token, offset: int) -> int:
    """Where in the body the sign at `offset` of a block's content stands. Only before it a line has more: `> `."""
    first = block.map[0] if block.map else 0
    line = first + block.content.count("\n", 0, offset)
    behind = block.content[offset:].partition("\n")[0]
    return body.start_of(line) + len(body.text[body.start_of(line) :].partition("\n")[0]) - len(behind)


def chunks(body: Body) -> Iterator[Finding]:
    """The marks that the pipeline leaves: out of order, twice, or one that is missing is a piece of text lost."""
    marks = list(_CHUNK.finditer(body.without_fences))
    if not marks:
        return
    totals = {int(mark[2]) for mark in marks}
    if len(totals) > 1:
        yield _at(body, "chunks_of_two_texts", marks[0])
        return
    there = {int(mark[1]) for mark in marks}
    wanted = 1
    for mark in marks:
        number = int(mark[1])
        if number < wanted:
            yield _at(body, "chunk_out_of_order", mark, number=number)
        elif missing := _missing(wanted, number, there):
            yield _at(body, "chunk_missing", mark, missing=missing)
        wanted = max(wanted, number + 1)
    if missing := _missing(wanted, totals.pop() + 1, there):
        yield _at(body, "chunk_missing", marks[-1], missing=missing)


def _missing(start: int, end: int, there: set[int]) -> str:
    """The first ten numbers from `start` to before `end` that are not `there`, in words."""
    return ", ".join(map(str, islice((number for number in range(start, end) if number not in there), 10)))


def length(body: Body, context: Context) -> Iterator[Finding]:
    """A body with nothing in it, or hardly anything."""
    signs = len(_SIGN.findall(body.prose))
    if signs < max(context.shortest_body, 1) and body.prose != body.text:
        # Code is no prose, but it is there for the readers.
        signs = len(_SIGN.findall(without_addresses(_COMMENT.sub("", body.text))))
    if not signs:
        yield Finding("body_empty", Severity.WRONG, line=body.line_at(0))
    elif signs < context.shortest_body:
        facts = {"signs": signs, "least": context.shortest_body}
        passage = " ".join(body.text.split())[:200]
        yield Finding("body_short", Severity.DOUBT, line=body.line_at(0), passage=passage, facts=facts)


def _at(body: Body, code: str, mark: re.Match[str], **facts: object) -> Finding:
    return Finding(code, Severity.WRONG, line=body.line_at(mark.start()), passage=mark[0][:200], facts=facts)
