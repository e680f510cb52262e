"""Addresses of images in a text, and the files of the repository that they stand for. Pure.

The site shows the files of one folder of the repository under one address; a text names them by that address, in full,
or beside its own file. Names may be written in Chinese or percent by percent.
"""

import html
import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

from posts.paths import why_unsafe
from posts.pictures import TYPES

_LONGEST = 1000
_ENDING = re.compile(rf"\.(?:{'|'.join(TYPES)})(?![\w-]|\.\w)", re.IGNORECASE)
_NEVER_IN_A_NAME = re.compile(r'[\n"<>|]')
# Where an address without blanks begins, and what opens one that may have some.
_BEFORE_AN_ADDRESS = re.compile(r"[\s\"'<>\[\]{}|=,;`]")
_OPENED_BY = {'"': '"', "'": "'", ">": "<"}
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_DESCRIBED = re.compile(r"!\[((?:[^\]\\\n]|\\.)+)\]\(\s*<?([^)>\s]+)")
# As nh3 writes its tags: every value in double quotes, so that no ">" of a value ends the tag.
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


def may_name_images(text: str) -> bool:
    """Whether `images_in` can find anything in `text`: quickly, for most texts name none."""
    return _ENDING.search(text) is not None


def images_in(text: str, place: MediaPlace, beside: str) -> set[str]:
    """The paths of all images in the folder of `place` that `text`, a whole file at `beside`, mentions.

    An address in full counts wherever it stands: in a value of the front matter, in a site's own short code
    (`{% image "/assets/a.png" %}`), in an example. One that starts beside the file counts from where it may begin.
    Nothing is parsed: this is asked of every text that is saved, and takes as long as it is long.
    """
    if not place.folder:
        return set()
    plain = html.unescape(text)
    found = {*_in_full(unquote(plain), place), *_beside(_ESCAPED.sub(r"\1", plain), place, beside)}
    return {path for path in found if path.startswith(f"{place.folder}/") and why_unsafe(path) is None}


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


def _in_full(plain: str, place: MediaPlace) -> Iterator[str]:
    start = unquote(place.address_of(f"{place.folder}/"))
    at = plain.find(start)
    while at >= 0:
        # "../assets/" begins beside the file.
        beside = plain[max(0, at - 1) : at] == "."
        rest = "" if beside else plain[at + len(start) : at + len(start) + _LONGEST]
        rest = _NEVER_IN_A_NAME.split(rest, maxsplit=1)[0]
        ending = _ENDING.search(rest)
        if ending:
            yield posixpath.normpath(f"{place.folder}/{rest[: ending.end()]}")
        at = plain.find(start, at + 1)


def _beside(plain: str, place: MediaPlace, beside: str) -> Iterator[str]:
    for ending in _ENDING.finditer(plain):
        before = plain[max(0, ending.end() - _LONGEST) : ending.end()].rpartition("\n")[2]
        asked = {_BEFORE_AN_ADDRESS.split(before)[-1].lstrip("(")}
        _, opener, within = before.rpartition(_OPENED_BY.get(plain[ending.end() : ending.end() + 1], "\n"))
        if opener:
            asked.add(within)
        yield from filter(None, (place.path_of(address, beside) for address in asked))
