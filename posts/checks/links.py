"""Links and images that lead nowhere, and addresses that are no link.

Judged is what is known here: files of the repository, the site's images, and addresses that only posts have. What else
the site has nobody can tell from here, and a link to it is left alone.
"""

import posixpath
import re
from collections import Counter
from collections.abc import Iterator
from urllib.parse import unquote, urljoin, urlsplit

from posts import fields
from posts.checks.bodies import ADDRESS, AUTOLINK, TAG, Body, blanked, blanked_at, paired
from posts.checks.findings import BodyFix, Context, Finding, Severity
from posts.checks.site import address_key
from posts.document.document import Document
from posts.site_addresses import address_on_site, named_at
from taxonomy.words import CJK

_ANCHOR = re.compile(r"\b(?:id|name)\s*=\s*[\"']?([^\s\"'>]+)")
_REFUSED = re.compile(r"\]\(\s*<?(?:javascript|vbscript|file|data):[^\s<>]*", re.IGNORECASE)
_DEFINES = re.compile(r"^ {0,3}\[[^\]\n]+\]:[ \t]*$")
_LONGEST_LABEL = 1000
_BRACKET = re.compile(r"(?<!\\)[\[\]]|\n[ \t>]*\n")
_ENDING = re.compile(r"\.[A-Za-z][A-Za-z0-9]{1,4}$")
_OF_PAGES = (".html", ".htm")
_OF_TEXTS = (".md", ".markdown")
_TRAILING = ".,;:!?"
_LINK = re.compile(r"<(/?)a\b[^<>]*>", re.IGNORECASE)
_ATTRIBUTE = "<[\"'="
# Between angle brackets these would be part of the address, or not what they are now, and beside a mark of emphasis
# the brackets would undo it.
_UNCLEAR = re.compile(rf"[{CJK}\[(\\]|&#?\w+;|:[a-z0-9_+-]+:")
_MARKS = "*_~"
_ADDRESS_OF = {"a": "href", "img": "src"}


def broken_links(document: Document, body: Body, context: Context) -> Iterator[Finding]:
    """Links without an address, to a heading that is not there, to no file of the repository, and to no post."""
    anchors: set[str] | None = None
    for address, place, image in _links(body):
        code, severity = "", Severity.WRONG
        if not address:
            code = "image_without_address" if image else "link_without_address"
        elif address.startswith("#") and not image:
            anchors = _anchors(body) if anchors is None else anchors
            if len(address) > 1 and unquote(address[1:]) not in anchors:
                code = "anchor_missing"
        elif missing := _missing(address, document, context):
            code, severity = "image_missing" if image else "file_missing", missing
        if code:
            at = body.text.find(address, place) if address else -1
            line = body.line_at(at if at >= 0 else place)
            yield Finding(code, severity, line=line, passage=address[:200], facts={"address": address[:200]})
    for found in _REFUSED.finditer(body.without_code):
        # Markdown makes no link of it, and shows it as it was typed.
        address = found[0].partition("(")[2].strip()[:200]
        line = body.line_at(found.start())
        yield Finding("link_without_address", Severity.WRONG, line=line, passage=address, facts={"address": address})


def _links(body: Body) -> Iterator[tuple[str, int, bool]]:
    """Each address of a link or an image, a place at or before it, and whether it is an image's."""
    for token in body.tokens:
        if token.type != "inline" or not token.map or not token.children:
            continue
        place = body.start_of(token.map[0])
        for child in token.children:
            if child.type in ("link_open", "image"):
                image = child.type == "image"
                yield str(child.attrGet("src" if image else "href") or ""), place, image
    for element in body.elements:
        said = dict(element.attributes).get(_ADDRESS_OF.get(element.tag, ""))
        if said and said.strip():
            yield said.strip(), element.start, element.tag == "img"


def _anchors(body: Body) -> set[str]:
    """The names that a link within the page can lead to: of headings, as the site's slugs make them, and of tags."""
    names = {name for found in _ANCHOR.finditer(body.without_code) for name in (found[1],)}
    seen: Counter[str] = Counter()
    for token, inline in zip(body.tokens, body.tokens[1:], strict=False):
        if token.type == "heading_open":
            words = re.sub(r"[^\w\s-]", "", inline.content.strip().lower())
            slug = re.sub(r"\s+", "-", words)
            names |= {slug, inline.content.strip()}
            if seen[slug]:
                names.add(f"{slug}-{seen[slug]}")
            seen[slug] += 1
    return names


def _missing(address: str, document: Document, context: Context) -> Severity | None:
    """How bad it is that `address` leads nowhere; None where it leads somewhere, or nobody here can tell.

    A file is surely missing. Where only posts have such addresses, the site may still have another page.
    """
    try:
        parts, site = urlsplit(address), urlsplit(context.site_url)
    except ValueError:
        return None
    if not parts.path or parts.scheme not in ("", "http", "https"):
        return None
    path = unquote(parts.path)
    outside = bool(parts.netloc) and parts.netloc.lower() != site.netloc.lower()
    relative = not parts.netloc and not path.startswith("/")
    file = "" if relative else _image(address, "" if outside else parts.path, context)
    ending = posixpath.splitext(path)[1].lower() if _ENDING.search(path) else ""
    is_page = not ending or ending in _OF_PAGES
    if not file and not outside and not is_page and (relative or ending in _OF_TEXTS):
        file = _file(path, context)
    if file:
        return None if context.files is None or file in context.files else Severity.WRONG
    return _missing_page(path, relative, document, context) if is_page and not outside else None


def _image(address: str, path: str, context: Context) -> str:
    """The file of the repository that the site shows at `address`, or at `path` on the site itself; "" for none."""
    place = context.media
    return (place.path_of(address) or place.path_of(path) or "") if place else ""


def _file(path: str, context: Context) -> str:
    """The path in the repository that an address means: from the text's own folder, or from the top."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(context.path), path)).lstrip("/")


def _missing_page(path: str, relative: bool, document: Document, context: Context) -> Severity | None:
    if relative:
        file = _file(path, context)
        beside = posixpath.dirname(file) == posixpath.dirname(context.path)
        if context.files is None or any(f"{file}{rest}" in context.files for rest in (".md", "/index.md", "")):
            return None
        own = _own_address(document, context)
        if not own:
            # Beside the text's own file are posts, and nothing else.
            return Severity.DOUBT if beside and file != context.path else None
        path = unquote(urljoin(own, path))
    if context.pages is None or not context.post_url:
        return None
    before = urlsplit(context.site_url).path.rstrip("/")
    key = address_key(path)
    said = key.removeprefix(before)
    if not key.startswith(f"{before}/") or named_at(context.post_url, said) is None or said in context.pages:
        return None
    return Severity.DOUBT


def _own_address(document: Document, context: Context) -> str:
    date = fields.day(str(fields.read_one(document, "date")))
    return urlsplit(address_on_site(context.site_url, context.post_url, context.path, date)).path


def bare_addresses(body: Body) -> Iterator[Finding]:
    """Addresses in the text that nobody can click: the site makes a link only of `<…>` and `[…](…)`."""
    text = body.without_destinations
    if not ADDRESS.search(text):
        return
    tags = [(*tag.span(), *((None, "a") if tag[1] else ("a", None))) for tag in _LINK.finditer(text)]
    text = blanked_at(text, paired(tags))
    for of_links in (AUTOLINK, TAG):
        text = of_links.sub(lambda found: blanked(found[0]), text)
    for found in ADDRESS.finditer(text):
        start = found.start()
        before = text[max(0, start - 1) : start]
        if (before and before in _ATTRIBUTE) or _is_defined(text, start) or _in_a_link(body, start):
            continue
        address = found[0].rstrip(_TRAILING + (before if before == "_" else ""))
        end = start + len(address)
        yield Finding(
            "bare_address",
            Severity.ADVICE,
            line=body.line_at(start),
            passage=address[:200],
            fix=BodyFix(start, end, f"<{address}>") if _is_clear(body, start, end) else None,
        )


def _is_defined(text: str, start: int) -> bool:
    """Whether an address is what a name for links stands for: `[1]: https://…`."""
    line_start = text.rfind("\n", max(0, start - _LONGEST_LABEL), start) + 1
    return _DEFINES.match(text[line_start:start]) is not None


def _in_a_link(body: Body, start: int) -> bool:
    """Whether what is at `start` is part of the words of a link or an image: these hold no other link."""
    text, opened, depth = body.without_code, 0, 0
    for sign in _BRACKET.finditer(text, max(0, start - _LONGEST_LABEL), start):
        opened = {"[": opened + 1, "]": max(0, opened - 1)}.get(sign[0], 0)
    for sign in _BRACKET.finditer(text, start, start + _LONGEST_LABEL) if opened else ():
        if sign[0] not in "[]":
            break
        depth += 1 if sign[0] == "[" else -1
        if depth < 0:
            return text[sign.end() : sign.end() + 1] in ("(", "[")
    return False


def _is_clear(body: Body, start: int, end: int) -> bool:
    """Whether angle brackets around this address make a link of it alone, and change nothing else."""
    address, before, after = body.text[start:end], body.text[max(0, start - 1) : start], body.text[end : end + 1]
    beside = {before, address[-1], after}
    if "://" not in address or _UNCLEAR.search(address + after) or beside & set(_MARKS):
        return False
    # Within HTML, angle brackets make a tag.
    return not body.is_html(start)
