"""Traditional and Simplified signs in one text."""

import re
from collections.abc import Iterator
from functools import cache

from posts.checks.bodies import Body
from posts.checks.findings import Finding, Severity
from posts.checks.hits import text_of
from posts.document.document import Document
from taxonomy.words import SIMPLIFIED_ALONE, TRADITIONAL_ALONE

_ENOUGH_OF_BOTH = 5
# What somebody else wrote keeps its script.
_QUOTED = re.compile(
    r"《[^《》\n]*》|〈[^〈〉\n]*〉|「[^「」\n]*」|『[^『』\n]*』|“[^“”\n]*”|^[ \t]*>.*$", re.MULTILINE
)


def mixed_scripts(document: Document, body: Body) -> Iterator[Finding]:
    """Signs of one script in a text of the other, enough of them that it is no name; not in code and quotations."""
    texts = {key: _QUOTED.sub("", text_of(document, key)) for key in ("title", "summary")}
    texts[""] = _QUOTED.sub(lambda found: " " * len(found[0]), body.prose)
    traditional, simplified = _signs()
    counts = [sum(len(signs.findall(text)) for text in texts.values()) for signs in (traditional, simplified)]
    if min(counts) < _ENOUGH_OF_BOTH:
        return
    rare, code = (
        (traditional, "traditional_in_simplified")
        if counts[0] <= counts[1]
        else (simplified, "simplified_in_traditional")
    )
    key, text = next((key, text) for key, text in texts.items() if rare.search(text))
    found = [sign for each in texts.values() for sign in rare.findall(each)]
    facts = {"count": len(found), "signs": "".join(dict.fromkeys(found))[:20]}
    at = next(rare.finditer(text)).start()
    line, passage = (document.line_of(key), text[:200]) if key else (body.line_at(at), body.around(at, at + 1))
    yield Finding(code, Severity.DOUBT, key, line, passage, facts)


@cache
def _signs() -> tuple[re.Pattern[str], re.Pattern[str]]:
    # A class of signs is looked up fast in the first plane alone; what is beyond is rare.
    traditional, simplified = (
        re.compile(f"[{''.join(sorted(sign for sign in signs if sign <= chr(0xFFFF)))}]")
        for signs in (TRADITIONAL_ALONE, SIMPLIFIED_ALONE)
    )
    return traditional, simplified
