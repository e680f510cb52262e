"""Links and images that lead nowhere, and addresses that are no link."""

import posixpath
import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from posts.checks.bodies import Body
from posts.checks.findings import BodyFix, Context, Finding, Severity

_ADDRESS = re.compile(r"(?<![<(\[\"'=/\w])https?://[^\s<>\"'（）()，。；：！？、”’」』》\]]+")
_ANCHOR = re.compile(r"\b(?:id|name)\s*=\s*[\"']?([^\s\"'>]+)")
_TRAILING = ".,;:!?"


def broken_links(body: Body, context: Context) -> Iterator[Finding]:
    """Links without an address, to a heading that is not there, and to a file that the repository has not."""
    anchors: set[str] | None = None
    for token in body.tokens:
        if token.type != "inline" or not token.map or not token.children:
            continue
        place = body.start_of(token.map[0])
        for child in token.children:
            if child.type not in ("link_open", "image"):
                continue
            image = child.type == "image"
            address = str(child.attrGet("src" if image else "href") or "")
            code = ""
            if not address:
                code = "image_without_address" if image else "link_without_address"
            elif address.startswith("#") and not image:
                anchors = _anchors(body) if anchors is None else anchors
                if len(address) > 1 and unquote(address[1:]) not in anchors:
                    code = "anchor_missing"
            elif context.files is not None and _is_missing(address, context):
                code = "image_missing" if image else "file_missing"
            if code:
                at = body.text.find(address, place) if address else -1
                line = body.line_at(at if at >= 0 else place)
                yield Finding(code, Severity.WRONG, line=line, passage=address[:200], facts={"address": address[:200]})


def _anchors(body: Body) -> set[str]:
    """The names that a link within the page can lead to: of headings, as the site's slugs make them, and of tags."""
    names = {name for found in _ANCHOR.finditer(body.without_code) for name in (found[1],)}
    for token, inline in zip(body.tokens, body.tokens[1:], strict=False):
        if token.type == "heading_open":
            words = re.sub(r"[^\w\s-]", "", inline.content.strip().lower())
            names |= {re.sub(r"\s+", "-", words), inline.content.strip()}
    return names


def _is_missing(address: str, context: Context) -> bool:
    """Whether a relative address of a file names none; of a page of the site nothing is known."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc or not parts.path or parts.path.startswith("/"):
        return False
    path = posixpath.normpath(posixpath.join(posixpath.dirname(context.path), unquote(parts.path)))
    return "." in posixpath.basename(path) and context.files is not None and path not in context.files


def bare_addresses(body: Body) -> Iterator[Finding]:
    """Addresses in the text that nobody can click: the site makes a link only of `<…>` and `[…](…)`."""
    for found in _ADDRESS.finditer(body.without_code):
        before = body.without_code[: found.start()]
        if re.search(r"\]:\s*$", before[-80:]) or before.endswith("]("):
            continue
        address = found[0].rstrip(_TRAILING)
        end = found.start() + len(address)
        yield Finding(
            "bare_address",
            Severity.ADVICE,
            line=body.line_at(found.start()),
            passage=address[:200],
            fix=BodyFix(found.start(), end, f"<{address}>"),
        )
