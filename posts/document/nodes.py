"""The YAML of a front matter as a tree of nodes, by libyaml, with what is wrong in it as a `DocumentError`.

Nodes, not Python values: `2024-02-30` and `{{ x }}` compose but do not load, a date keeps its spelling, and
every node says where it stands. `mark.index` counts characters from the start of the block.
"""

import yaml
from yaml import MappingNode, Node, ScalarNode, SequenceNode
from yaml._yaml import CParser

from posts.document.errors import DocumentError

MAX_DEPTH = 64
"""Lists and mappings inside each other. libyaml composes recursively in C: without a limit 100,000 times `[` kills
the process (measured; 20,000 still pass)."""

MAX_ALIAS_GROWTH = 10_000
"""How many nodes the resolved aliases may add."""

# The pure Python parser is no substitute: it refuses tabs that libyaml takes (31 of 5,000 real files).
if not yaml.__with_libyaml__:
    raise RuntimeError("Evergreen needs PyYAML built with libyaml")

# libyaml follows YAML 1.1 and breaks lines at these; the site's YAML 1.2 does not. While libyaml reads, private-use
# characters stand in for them (the first that the text does not use), so marks stay and values are put right after.
_BREAKS_OF_1_1 = ("\x85", "\u2028", "\u2029")
_PRIVATE_USE = range(0xE000, 0xF8FF)


class _Composer(CParser):
    """libyaml's composer without tag resolution (tags stay None unless written), and with a limit to nesting."""

    depth = 0

    def resolve(self, kind: type[Node], value: str, implicit: tuple[bool, bool]) -> None:
        return None

    def descend_resolver(self, parent: Node | None, index: object) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _TooDeep(parent.start_mark.index if parent else 0)

    def ascend_resolver(self) -> None:
        self.depth -= 1


class _TooDeep(Exception):
    """Where, as a mark's index. It never leaves this module."""


def compose(text: str, start: int, end: int) -> MappingNode | None:
    """The mapping in the YAML block `text[start:end]`, or None if it holds nothing but blanks and comments.

    Raises DocumentError: broken_yaml, duplicate_key, not_a_mapping, too_deep, too_many_aliases, recursive_alias.
    """
    block = text[start:end]
    stand_ins = _stand_ins(block)
    if stand_ins:
        block = block.translate(stand_ins)
    try:
        root = _Composer(block).get_single_node()
    except _TooDeep as error:
        raise error_at(text, start + int(error.args[0]), "too_deep", limit=MAX_DEPTH) from None
    except yaml.YAMLError as error:
        raise _broken(text, start, block, error) from None
    if root is None:
        return None
    if not isinstance(root, MappingNode):
        raise error_at(text, start + root.start_mark.index, "not_a_mapping")
    if stand_ins:
        _put_back(root, {chr(inside): chr(outside) for outside, inside in stand_ins.items()}, set())
    _Examination(text, start).look_at(root)
    return root


def error_at(text: str, offset: int, code: str, **facts: object) -> DocumentError:
    """A DocumentError that names the line and column of `offset` in `text`."""
    line, column = line_and_column(text, offset)
    return DocumentError(code, line, column, **facts)


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Where `offset` stands, as an editor counts: lines end with a line feed, both count from 1. No BOM."""
    line_start = text.rfind("\n", 0, offset) + 1
    byte_order_mark = line_start == 0 and text.startswith("\ufeff")
    return text.count("\n", 0, offset) + 1, max(1, offset - line_start + 1 - byte_order_mark)


def is_merge_key(key: Node) -> bool:
    """Whether `key` is the plain `<<` of YAML 1.1, that both readers obey (a quoted '<<' is a key as any other)."""
    return bool(key.value == "<<") and isinstance(key, ScalarNode) and not key.style and key.tag is None


def _stand_ins(block: str) -> dict[int, int]:
    needed = [character for character in _BREAKS_OF_1_1 if character in block]
    if not needed:
        return {}
    free = (code for code in _PRIVATE_USE if chr(code) not in block)
    return {ord(character): code for character, code in zip(needed, free, strict=False)}


def _put_back(node: Node, originals: dict[str, str], done: set[int]) -> None:
    if id(node) in done:
        return
    done.add(id(node))
    if isinstance(node, ScalarNode):
        for inside, outside in originals.items():
            node.value = node.value.replace(inside, outside)
    else:
        for child in children(node):
            _put_back(child, originals, done)


def children(node: Node) -> list[Node]:
    """The nodes straight below `node`: a mapping's keys and values, a list's items, none below a scalar."""
    if isinstance(node, MappingNode):
        return [child for pair in node.value for child in pair]
    return list(node.value) if isinstance(node, SequenceNode) else []


def _broken(text: str, start: int, block: str, error: yaml.YAMLError) -> DocumentError:
    if isinstance(error, yaml.reader.ReaderError):
        # libyaml was handed UTF-8 and counts bytes here, alone of all its errors.
        read = block.encode()[: error.position].decode(errors="ignore")
        return error_at(text, start + len(read), "broken_yaml", detail=f"{error.reason} (#x{error.character:04x})")
    if not isinstance(error, yaml.MarkedYAMLError):
        return error_at(text, start, "broken_yaml", detail=str(error))
    mark = error.problem_mark or error.context_mark
    if mark and error.context_mark and mark.index >= len(block):
        # What was never closed is found at the end of the block; where it was opened is what helps.
        mark = error.context_mark
    detail = ", ".join(str(words) for words in (error.context, error.problem) if words)
    return error_at(text, start + (mark.index if mark else 0), "broken_yaml", detail=detail)


class _Examination:
    """One walk over the tree: no key twice, no alias inside its own anchor, no blow-up by aliases."""

    def __init__(self, text: str, start: int) -> None:
        self.text = text
        self.start = start
        self.sizes: dict[int, int] = {}
        self.open: set[int] = set()
        self.added = 0

    def look_at(self, node: Node) -> int:
        """How many nodes there are below `node` (itself included) when aliases are resolved."""
        identity = id(node)
        if identity in self.sizes:
            size = self.sizes[identity]
            self.added += size
            if self.added > MAX_ALIAS_GROWTH:
                raise self._error(node, "too_many_aliases", limit=MAX_ALIAS_GROWTH)
            return size
        if identity in self.open:
            raise self._error(node, "recursive_alias")
        self.open.add(identity)
        size = 1
        if isinstance(node, MappingNode):
            self._refuse_duplicates(node)
            for key, value in node.value:
                size += 1 if type(key) is ScalarNode else self.look_at(key)
                size += 1 if type(value) is ScalarNode else self.look_at(value)
        else:
            for item in node.value:
                size += 1 if type(item) is ScalarNode else self.look_at(item)
        self.open.discard(identity)
        self.sizes[identity] = size
        return size

    def _refuse_duplicates(self, mapping: MappingNode) -> None:
        # An alias as a key compares as what it stands for; a list or mapping as a key compares as it is written.
        seen = set()
        for key, _ in mapping.value:
            name = key.value if type(key) is ScalarNode else (self._source(key),)
            if name in seen and not is_merge_key(key):
                shown = name if isinstance(name, str) else name[0]
                raise self._error(key, "duplicate_key", key=shown)
            seen.add(name)

    def _source(self, node: Node) -> str:
        return self.text[self.start + node.start_mark.index : self.start + node.end_mark.index]

    def _error(self, node: Node, code: str, **facts: object) -> DocumentError:
        return error_at(self.text, self.start + node.start_mark.index, code, **facts)
