"""Links and images that were meant as such, and that Markdown makes none of: readers see the brackets."""

import re
from collections.abc import Iterator

from markdown_it.common.utils import normalizeReference

from posts.checks.bodies import Body
from posts.checks.findings import BodyFix, Finding, Severity

_INLINE = re.compile(r"(?<!\\)(!?)\[[^\[\]\n]*\]\((?!\s*<)((?:[^()\n]|\([^()\n]*\))*)\)")
_TITLE = re.compile(r"[ \t]+(?:\"[^\"]*\"|'[^']*'|\([^()]*\))\Z")
# Brackets behind brackets may be prose. An address ends like a file, leads somewhere, or is an image's.
_ADDRESS = re.compile(r"\.[A-Za-z][A-Za-z0-9]{1,4}(?:[?#][^/]*)?\Z|/|\Ahttps?:", re.IGNORECASE)
_NO_ADDRESS = re.compile(r"[<>\"\\]")
_BY_NAME = re.compile(r"(?<![A-Za-z0-9_\]\\])!?\[([^\[\]\n]+)\]\[([^\[\]\n^][^\[\]\n]*)\](?![\[(:])")
_A_LETTER = re.compile(r"[^\W\d_]")


def links_with_blanks(body: Body) -> Iterator[Finding]:
    """Addresses with a blank in them, which end there: between angle brackets they are whole."""
    text = body.without_code
    if "](" not in text:
        return
    for found in _INLINE.finditer(text):
        said = found[2].strip()
        title = _TITLE.search(said)
        address = said[: title.start()] if title else said
        # What a template puts there is not ours to judge.
        if not re.search(r"\s", address) or not (found[1] or _ADDRESS.search(address)) or "{{" in address:
            continue
        start = found.start(2) + found[2].index(address)
        end = start + len(address)
        yield Finding(
            "link_not_read",
            Severity.WRONG,
            line=body.line_at(start),
            passage=address[:200],
            facts={"address": address[:200]},
            fix=None if _NO_ADDRESS.search(address) or body.is_html(start) else BodyFix(start, end, f"<{address}>"),
        )


def names_without_links(body: Body) -> Iterator[Finding]:
    """`[words][name]` where nothing says what the name stands for."""
    text = body.without_code
    if "][" not in text:
        return
    for found in _BY_NAME.finditer(text):
        name = found[2]
        # Numbers behind one another cite, and signs behind one another are a pattern: `[-+=][0-7]`.
        if _A_LETTER.search(found[1]) and normalizeReference(name) not in body.link_names:
            line = body.line_at(found.start())
            yield Finding(
                "link_name_missing", Severity.DOUBT, line=line, passage=name[:200], facts={"name": name[:200]}
            )
