"""From nodes to neutral plain data: text stays the text that stands there, nothing becomes a number or a date.

Typing a value (a date, a list of terms) is the field table's business; here `1.10` is "1.10" and `no` is "no".
"""

from typing import TypeAlias

from yaml import MappingNode, Node, ScalarNode, SequenceNode

from posts.document.nodes import is_merge_key
from posts.document.schemas import BOOLEANS, NULLS, YAML_1_2, is_true_on_the_site

Value: TypeAlias = "str | bool | list[Value] | dict[str, Value] | None"

_TYPED_TAGS = frozenset({f"tag:yaml.org,2002:{name}" for name in ("bool", "null", "int", "float", "timestamp")})


def value_of(node: Node, source: str = "") -> Value:
    """The value of `node`: text, True, False, None, a list or a dict. Aliases are resolved, merge keys applied.

    `source` is the block that the node's marks count in; it names keys that are lists or mappings themselves.
    """
    if isinstance(node, ScalarNode):
        if is_plain(node):
            if node.value in NULLS:
                return None
            return BOOLEANS.get(node.value, node.value)
        text: str = node.value
        return text
    if isinstance(node, SequenceNode):
        return [value_of(item, source) for item in node.value]
    return {name: value_of(value, source) for name, value in pairs_of(node, source).items()}


def pairs_of(mapping: Node, source: str = "") -> dict[str, Node]:
    """The mapping's keys by name with their value nodes: its own first, then what its merge keys supply."""
    own: dict[str, Node] = {}
    merges: list[Node] = []
    for key, value in mapping.value:
        if is_merge_key(key):
            merges.append(value)
        else:
            own[key_name(key, source)] = value
    for merge in merges:
        for supplier in merge.value if isinstance(merge, SequenceNode) else [merge]:
            if isinstance(supplier, MappingNode):
                for name, value in pairs_of(supplier, source).items():
                    own.setdefault(name, value)
    return own


def key_name(key: Node, source: str) -> str:
    """A key's text; of a key that is a list or a mapping (`{{ x }}`), its text as written."""
    return key.value if isinstance(key, ScalarNode) else source[key.start_mark.index : key.end_mark.index]


def is_plain(node: Node) -> bool:
    """Whether `node` is an unquoted scalar whose type the reader finds out, or one tagged with such a type."""
    if not isinstance(node, ScalarNode):
        return False
    return (not node.style and node.tag is None) or node.tag in _TYPED_TAGS


def kind_of(node: Node | None) -> str:
    """What the site's reader makes of a value: `list`, `dict`, or a type of `YAML_1_2`; `null` for no value."""
    if node is None:
        return "null"
    if not isinstance(node, ScalarNode):
        return "list" if isinstance(node, SequenceNode) else "dict"
    return YAML_1_2.type_of(node.value) if is_plain(node) else "str"


def is_true(node: Node | None) -> bool:
    """The truth of a value as the site takes it: YAML 1.2 as js-yaml reads it, then JavaScript's."""
    if node is None:
        return False
    if not isinstance(node, ScalarNode):
        return True
    return is_true_on_the_site(node.value) if is_plain(node) else node.value != ""
