"""`Document`: the content of one file, to the byte, and the one way to change it."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

from yaml import Node, ScalarNode

from posts.document.asked import Asked, asked_for
from posts.document.bodies import body_with_own_line_ends
from posts.document.editing import with_values
from posts.document.errors import DocumentError, EditRefused
from posts.document.front_matter import FrontMatter
from posts.document.nodes import compose, error_at, is_merge_key
from posts.document.schemas import BOOLEANS
from posts.document.spans import Entry, Fences, newline_of, split
from posts.document.values import Value, is_true, kind_of, value_of

LIMIT = 5 * 1024 * 1024
"""The size in bytes from which on a file is no post (DESIGN §6: files of 50 MB occur)."""

_SHORT = 100_000
"""In bytes; longer texts are not kept in memory after they were read."""

_MARK_AT_A_LINE_S_START = re.compile(r"(?<=[\r\n])[ \t]*\ufeff")


class Document:
    """Front matter and body of one post. Immutable: `replace` gives another one.

    `bytes(Document.parse(data)) == data` for everything that parses.
    """

    __slots__ = ("_front", "_values", "text")

    text: str
    """The whole file, decoded; a byte order mark stays as its first character."""

    def __init__(self, text: str, front: FrontMatter | None) -> None:
        """Not for callers: use `parse` or `from_text`."""
        self.text = text
        self._front = front
        self._values: Mapping[str, Value] | None = None

    @classmethod
    def parse(cls, data: bytes) -> "Document":
        """The document that a file with these bytes is. Raises DocumentError with any of its codes."""
        if len(data) > LIMIT:
            raise DocumentError("too_large", size=len(data), limit=LIMIT)
        try:
            text = data.decode()
        except UnicodeDecodeError as error:
            read = data[: error.start].decode()
            raise error_at(read, len(read), "not_utf8") from None
        return cls._read(text)

    @classmethod
    def from_text(cls, text: str) -> "Document":
        """The document that a file with this text is. Raises DocumentError as `parse` does."""
        try:
            size = len(text.encode())
        except UnicodeEncodeError as error:
            raise error_at(text, error.start, "not_utf8") from None
        if size > LIMIT:
            raise DocumentError("too_large", size=size, limit=LIMIT)
        return _read_lately(text) if size <= _SHORT else cls._read(text)

    @classmethod
    def _read(cls, text: str) -> "Document":
        if "\0" in text:
            raise error_at(text, text.index("\0"), "nul")
        fences = split(text)
        if fences is None:
            return cls(text, None)
        mark = _MARK_AT_A_LINE_S_START.search(text, fences.start - 1 if fences.start else 0, fences.end)
        if mark is not None:
            # libyaml passes over it and reads the key behind it; js-yaml takes it for a part of the key.
            raise error_at(text, mark.end() - 1, "broken_yaml", detail="a byte order mark before a key")
        return cls(text, FrontMatter(text, fences, compose(text, fences.start, fences.end)))

    def __bytes__(self) -> bytes:
        return self.text.encode()

    def __eq__(self, other: object) -> bool:
        return self.text == other.text if isinstance(other, Document) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"<Document {self.blob_id[:12]} {', '.join(self.keys)}>"

    @property
    def blob_id(self) -> str:
        """The name that git gives a blob with these bytes."""
        data = bytes(self)
        return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()

    @property
    def has_front_matter(self) -> bool:
        """Whether there are fences, be there nothing between them."""
        return self._front is not None

    @property
    def head(self) -> str:
        """Byte order mark, fences and what is between, with the closing fence's line end; "" without fences."""
        return self.text[: self._front.fences.head_end] if self._front else ""

    @property
    def body(self) -> str:
        """All that is not `head`."""
        return self.text[self._front.fences.head_end :] if self._front else self.text

    @property
    def newline(self) -> str:
        """The line end of the opening fence; without front matter that of the first line."""
        return self._front.fences.newline if self._front else newline_of(self.text)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Where each top-level key lies, in file order."""
        return self._front.entries if self._front else ()

    @property
    def nodes(self) -> list[tuple[Node, Node]]:
        """The key and the value of each top-level key as they were read, in file order."""
        return list(self._front.root.value) if self._front and self._front.root else []

    @property
    def keys(self) -> tuple[str, ...]:
        """The top-level keys that are text, in file order. A merge key is none; what it supplies isn't among them."""
        return tuple(entry.key for entry in self.entries if entry.is_scalar_key)

    @property
    def values(self) -> Mapping[str, Value]:
        """The value of each top-level key as neutral data; what a merge key supplies is there too.

        True and False are what YAML 1.1 and 1.2 both call so, None is nothing, `~` and null; any other scalar is
        its literal text (1.10 is "1.10", no is "no").
        """
        if self._values is None:
            nodes = self._nodes()
            block = self._front.block if self._front else ""
            self._values = MappingProxyType({key: value_of(node, block) for key, node in nodes.items()})
        return self._values

    def truthy(self, key: str) -> bool:
        """The value as the site takes it: YAML 1.2 by js-yaml, then JavaScript's truth. A missing key is false."""
        return is_true(self._nodes().get(key))

    def kind_on_site(self, key: str) -> str:
        """What the site's reader makes of the value, as `kind_of` says it; `null` for a missing key."""
        return kind_of(self._nodes().get(key))

    @property
    def surely_draft(self) -> bool:
        """Whether no reader at all could take this text for anything but a draft: such a text may leave unreviewed.

        Stricter than `truthy("draft")`, which answers for the site's own reader. `draft` must be a plain, untagged
        `true` of its own, among top-level keys that are plain texts: js-yaml makes `draft` of a key `[draft]`, too.
        """
        if self._front is None:
            return False
        entry = self._front.by_key.get("draft")
        if entry is None or entry.is_alias or not isinstance(entry.node, ScalarNode):
            return False
        plain = not entry.node.style and entry.node.tag is None and BOOLEANS.get(entry.node.value) is True
        return plain and all(_is_plain_key(each) for each in self.entries)

    def line_of(self, key: str) -> int | None:
        """The line of the file, from 1, where the key stands; None if it doesn't."""
        entry = self._front.by_key.get(key) if self._front else None
        return None if entry is None else self.text.count("\n", 0, entry.key_start) + 1

    def lines_of(self, key: str) -> str:
        """The exact source of the key's own lines, without the comments before it; "" if it isn't there."""
        entry = self._front.by_key.get(key) if self._front else None
        return "" if entry is None else self.text[entry.start : entry.end]

    def replace(
        self, changes: Mapping[str, object], *, body: str | None = None, key_order: Sequence[str] = ()
    ) -> "Document":
        """The document with `changes` made, every other line as it was; itself if nothing changes.

        A value is text, True or False, a whole number, a date or date-time, None, or a list of text. One that is
        equal to what stands there touches nothing. A key that isn't there is added where `key_order` says.
        `body` may come from a browser: line ends do not count as a difference.
        Raises EditRefused when the result would not read back as asked under YAML 1.1 and 1.2 alike.
        """
        asked = self._asked(changes)
        new = self
        if asked:
            front = with_values(self._front or self._empty_front_matter(), asked, key_order)
            new = Document(front.text, front)
        if body is not None:
            new = new._with_body(body)
        # Four bytes are the most that a character takes, so most documents need not be encoded to be measured.
        if new is not self and len(new.text) * 4 > LIMIT and len(bytes(new)) > LIMIT:
            raise EditRefused("result_too_large", size=len(bytes(new)), limit=LIMIT)
        return new

    def _nodes(self) -> dict[str, Node]:
        return self._front.nodes if self._front else {}

    def _asked(self, changes: Mapping[str, object]) -> dict[str, Asked]:
        """What of `changes` is a change."""
        if not changes:
            return {}
        nodes = self._nodes()
        block = self._front.block if self._front else ""
        asked = {}
        for key, wanted in changes.items():
            node = nodes.get(key)
            one = asked_for(key, wanted, None if node is None else value_of(node, block))
            if node is None or not one.is_what_stands_there(node, block):
                asked[key] = one
        return asked

    def _empty_front_matter(self) -> FrontMatter:
        """Fences with nothing between, put before the body; a byte order mark stays in front."""
        mark = "\ufeff" if self.text.startswith("\ufeff") else ""
        fence = "---" + self.newline
        text = mark + fence + fence + self.text.removeprefix(mark)
        start = len(mark + fence)
        return FrontMatter(text, Fences(start, start, start + len(fence), self.newline), None)

    def _with_body(self, body: str) -> "Document":
        try:
            body.encode()
        except UnicodeEncodeError:
            raise EditRefused("body_not_text") from None
        if "\0" in body:
            raise EditRefused("body_not_text")
        body = body_with_own_line_ends(self.body, body, self.newline)
        if body == self.body:
            return self
        head = self.head
        if body and head and not head.endswith("\n"):
            head += self.newline  # the closing fence was the end of the file
        text = head + body
        try:
            fences = split(text)
        except DocumentError:
            raise EditRefused("body_changed") from None
        if (fences.head_end if fences else 0) != len(head):
            raise EditRefused("body_changed")
        return Document(text, FrontMatter(text, fences, self._front.root) if fences and self._front else None)


@lru_cache(maxsize=128)
def _read_lately(text: str) -> Document:
    """The document of `text`, kept for a while: whatever changes a post reads its texts in several places."""
    return Document._read(text)


def _is_plain_key(entry: Entry) -> bool:
    return is_merge_key(entry.key_node) or (isinstance(entry.key_node, ScalarNode) and entry.key_node.tag is None)
