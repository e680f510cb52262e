"""A front matter as it was read: its nodes, its entries, and the habits of whoever wrote it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from yaml import MappingNode, Node, ScalarNode, SequenceNode

from posts.document.nodes import children
from posts.document.spans import Entry, Fences, entries_of
from posts.document.values import pairs_of

DEFAULT_LIST_INDENT = 2


@dataclass(frozen=True)
class FrontMatter:
    """The block of a document between its fences. `root` is None when it holds no key."""

    text: str
    fences: Fences
    root: MappingNode | None

    @property
    def block(self) -> str:
        """The text between the fences."""
        return self.text[self.fences.start : self.fences.end]

    @property
    def in_braces(self) -> bool:
        """Whether the whole front matter is one flow mapping: `{a: 1}`."""
        return self.root is not None and bool(self.root.flow_style)

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """The top-level keys in file order, merge keys and keys that are no text included."""
        return entries_of(self.text, self.fences, self.root) if self.root is not None else ()

    @cached_property
    def by_key(self) -> dict[str, Entry]:
        """The entries whose key is a text."""
        return {entry.key: entry for entry in self.entries if entry.is_scalar_key}

    @cached_property
    def nodes(self) -> dict[str, Node]:
        """The value nodes by key, with what merge keys supply."""
        return pairs_of(self.root, self.block) if self.root is not None else {}

    @cached_property
    def indent(self) -> int:
        """How far the top level is indented: 0 but for odd files."""
        if not self.entries or self.in_braces:
            return 0
        first = self.entries[0]
        line = self.text[first.start : first.key_start]
        return len(line) - len(line.lstrip(" "))

    @cached_property
    def quote(self) -> str:
        """The quotes that most of the file's quoted values use; single ones when there are none."""
        double = single = 0
        for node in self._values():
            if isinstance(node, ScalarNode):
                double += node.style == '"'
                single += node.style == "'"
        return '"' if double > single else "'"

    @cached_property
    def list_indent(self) -> int | None:
        """How far the file's block lists are indented under their key; None if it writes its lists as `[a, b]`."""
        has_flow_lists = False
        for entry in self.entries:
            if isinstance(entry.node, SequenceNode) and entry.node.value and not entry.is_alias:
                if entry.node.flow_style:
                    has_flow_lists = True
                elif self.text.startswith("-", entry.value_start):  # no anchor or tag before it
                    line_start = self.text.rfind("\n", 0, entry.value_start) + 1
                    return max(0, entry.value_start - line_start - self.indent)
        return None if has_flow_lists else DEFAULT_LIST_INDENT

    def _values(self) -> Iterator[Node]:
        for entry in self.entries:
            yield entry.node
            if not isinstance(entry.node, ScalarNode) and not entry.is_alias:
                yield from children(entry.node)
