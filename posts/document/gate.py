"""The gate: an edited front matter passes only if it reads back as asked and everything else as before.

Nodes are compared (tag, text and style), not Python values: `1 == True`, and a date would lose its spelling.
"""

from collections.abc import Mapping

from yaml import CollectionNode, MappingNode, Node, ScalarNode, SequenceNode

from posts.document.asked import Asked
from posts.document.front_matter import FrontMatter
from posts.document.nodes import is_merge_key
from posts.document.schemas import BOOLEANS, YAML_1_1, YAML_1_2, is_text_everywhere, is_timestamp
from posts.document.values import Value, key_name, value_of


def passes(old: FrontMatter, new: FrontMatter, keys: list[str], asked: Mapping[str, Asked]) -> bool:
    """Whether `new` has exactly `keys` in this order (each top-level key as `Entry.key` has it), those in `asked`
    read as asked under YAML 1.1 and 1.2, and all others are the same nodes as in `old`.
    """
    pairs = [] if new.root is None else new.root.value
    if len(pairs) != len(keys):
        return False
    # Keys that are no text (merge keys, `{{ x }}`) have a name that another may have too: they go by their order.
    texts = {entry.key: entry for entry in old.entries if entry.is_scalar_key}
    others = [entry for entry in old.entries if not entry.is_scalar_key]
    block = new.block
    for key, (key_node, node) in zip(keys, pairs, strict=True):
        if key_name(key_node, block) != key:
            return False
        if not isinstance(key_node, ScalarNode) or is_merge_key(key_node):
            was = others.pop(0) if others else None
            wanted = None
        else:
            was = texts.pop(key, None)
            wanted = asked.get(key)
        if was is not None and not same(was.key_node, key_node):
            return False
        if wanted is None:
            if was is None or not same(was.node, node):
                return False
        elif not _reads_as(node, wanted, was.node if was else None, block):
            return False
    return not texts and not others


def same(one: Node, other: Node) -> bool:
    """Whether two node trees have the same tags, texts and styles throughout."""
    if isinstance(one, ScalarNode):
        return (
            isinstance(other, ScalarNode)
            and bool(one.value == other.value)
            and one.style == other.style
            and one.tag == other.tag
        )
    if type(one) is not type(other) or one.tag != other.tag:
        return False
    if not isinstance(one, CollectionNode) or not isinstance(other, CollectionNode):
        return False
    if one.flow_style != other.flow_style or len(one.value) != len(other.value):
        return False
    if isinstance(one, MappingNode):
        return all(
            same(key, other_key) and same(value, other_value)
            for (key, value), (other_key, other_value) in zip(one.value, other.value, strict=True)
        )
    return all(map(same, one.value, other.value))


def _reads_as(node: Node, asked: Asked, was: Node | None, block: str) -> bool:
    value = asked.value
    if isinstance(value, list):
        return _reads_as_list(node, value, was, block)
    if not isinstance(node, ScalarNode) or node.tag is not None:
        return False
    if value is None or isinstance(value, bool):
        return not node.style and value_of(node) is value and (value is None or node.value in BOOLEANS)
    if asked.number:
        literal = node.value
        both = (YAML_1_1.type_of(literal), YAML_1_2.type_of(literal))
        return bool(literal == value and not node.style and both == ("int", "int"))
    if node.value == value and not node.style and is_timestamp(node.value):
        # A date may go on as a bare date where one stood; nowhere else does a text become a bare date.
        return isinstance(was, ScalarNode) and not was.style and is_timestamp(was.value)
    return _reads_as_text(node, value) and not loses_its_last_line_on_the_site(node, block)


def loses_its_last_line_on_the_site(node: Node, block: str) -> bool:
    """gray-matter cuts the front matter before the line end of its last line. A block scalar that keeps its blank
    lines (`|+`) and is last loses one there (found by reading our results with gray-matter 4 and js-yaml 3 and 4).
    """
    return bool(
        isinstance(node, ScalarNode)
        and node.style in ("|", ">")
        and node.value.endswith("\n\n")
        and node.end_mark.index >= len(block)
    )


def _reads_as_text(node: Node, text: Value) -> bool:
    if not isinstance(node, ScalarNode) or node.tag is not None or node.value != text:
        return False
    return bool(node.style) or is_text_everywhere(node.value)


def _reads_as_list(node: Node, items: list[Value], was: Node | None, block: str) -> bool:
    """Each item is the text that was asked, or an item that the list held before (a bare 1.10, a mapping)."""
    if not isinstance(node, SequenceNode) or len(node.value) != len(items):
        return False
    kept = was.value if isinstance(was, SequenceNode) else []
    for item, wanted in zip(node.value, items, strict=True):
        if _reads_as_text(item, wanted):
            continue
        if value_of(item, block) != wanted or not any(same(item, one) for one in kept):
            return False
    return True
