"""Addresses of images in a text, and the files of the repository that they stand for. Pure.

The site shows the files of one folder of the repository under one address; a text names them by that address, in full,
or beside its own file. Names may be written in Chinese or percent by percent.
"""

import html
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import quote, unquote, urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

from posts.paths import why_unsafe

_MARKDOWN = MarkdownIt("js-default", {"html": True}).disable("code")
_IN_HTML = frozenset({"src", "href", "poster", "data-src"})
# As nh3 writes its tags: every value in double quotes, so that no ">" of a value ends the tag.
_DESCRIBED = re.compile(r"!\[((?:[^\]\\\n]|\\.)+)\]\(\s*<?([^)>\s]+)")
_SHOWN = re.compile(r'(<img(?: [\w-]+="[^"]*")*? src=")([^"]*)(")')


@dataclass(frozen=True, slots=True)
class MediaPlace:
    """Where images lie: a folder of the repository, the address under which the site shows it, and the site's own."""

    folder: str
    url: str
    site: str = ""

    def address_of(self, path: str) -> str:
        """The address of the file at `path`, which lies in the folder, as it is written into a text."""
        return self._start + quote(path.removeprefix(f"{self.folder}/"), safe="/")

    def path_of(self, address: str, beside: str = "") -> str | None:
        """The path of the file that `address` stands for in a text whose own path is `beside`; None: another's."""
        try:
            parts = urlsplit(html.unescape(address.strip()))
        except ValueError:
            return None
        asked = unquote(parts.path)
        if parts.scheme or parts.netloc:
            full = f"{parts.scheme or 'https'}://{parts.netloc}"
            if full == self._start[: len(full)]:
                asked = full + asked
            elif full != self.site.rstrip("/"):
                return None
        if not parts.path or not self.folder:
            return None
        if asked.startswith(self._start):
            path = posixpath.normpath(f"{self.folder}/{asked.removeprefix(self._start)}")
            return path if path.startswith(f"{self.folder}/") and why_unsafe(path) is None else None
        if asked.startswith(("/", "http://", "https://")) or not beside:
            return None
        path = posixpath.normpath(posixpath.join(posixpath.dirname(beside), asked))
        return path if why_unsafe(path) is None else None

    @property
    def _start(self) -> str:
        return self.url.rstrip("/") + "/"


def addresses_in(markdown: str) -> Iterator[str]:
    """Every address in a body that may be an image's: of images and links, in Markdown and in HTML.

    What stands in a code block is no address.
    """
    for token in _all(_MARKDOWN.parse(markdown)):
        if token.type in ("image", "link_open"):
            yield str(token.attrs.get("src") or token.attrs.get("href") or "")
        elif token.type in ("html_block", "html_inline"):
            found = _Found()
            found.feed(token.content)
            yield from found.addresses


def mentioned(text: str, paths: Iterable[str], place: MediaPlace, beside: str) -> list[str]:
    """Those of `paths` that `text`, a whole file at `beside`, mentions: by an address in its body or anywhere else.

    A value of the front matter and a site's own short code (`{% image "/assets/a.png" %}`) are mentions as well.
    """
    plain = unquote(html.unescape(text))
    near = [path for path in paths if posixpath.basename(path) in plain]
    if not near:
        return []
    by_address = {place.path_of(address, beside) for address in addresses_in(text)}
    return [path for path in near if path in by_address or _says(plain, unquote(place.address_of(path)))]


def described_as(text: str, path: str) -> str:
    """The words with which `text` describes the image at `path` where it shows it; "" for none."""
    name = posixpath.basename(path)
    for words, address in _DESCRIBED.findall(text):
        if posixpath.basename(unquote(address)) == name:
            return re.sub(r"\\(.)", r"\1", words)
    return ""


def with_images_shown(shown_html: str, show: Callable[[str], str | None]) -> str:
    """Sanitised HTML (as nh3 writes it) whose images come from where `show` says; None leaves an address as it is."""

    def shown(found: re.Match[str]) -> str:
        address = show(html.unescape(found[2]))
        return found[0] if address is None else found[1] + html.escape(address) + found[3]

    return _SHOWN.sub(shown, shown_html)


def _says(text: str, address: str) -> bool:
    return re.search(rf"{re.escape(address)}(?![\w-]|\.\w)", text) is not None


def _all(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _all(token.children or ())


class _Found(HTMLParser):
    """Addresses in a piece of HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what the attributes of one tag name."""
        for name, value in attrs:
            if name in _IN_HTML and value:
                self.addresses.append(value)
            elif name == "srcset" and value:
                self.addresses += [each.split()[0] for each in value.split(",") if each.strip()]
