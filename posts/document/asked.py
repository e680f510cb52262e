"""What an edit asks a key to become, in one form, whatever Python type it came as."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from yaml import Node, ScalarNode

from posts.document.errors import EditRefused
from posts.document.values import Value, is_plain, value_of


@dataclass(frozen=True, slots=True)
class Asked:
    """`value` as `Document.values` must give it back. `number`: it is to be a number to the reader too."""

    value: Value
    number: bool = False

    def is_what_stands_there(self, node: Node, source: str) -> bool:
        """Whether the value `node` is equal already: same type, same text. Such a key is not touched."""
        if self.number:
            return is_plain(node) and node.value == self.value
        return value_of(node, source) == self.value


def asked_for(key: str, wanted: object, old: Value) -> Asked:
    """`wanted` as `Asked`; `old` is the value that the key has now.

    A date or date-time is its ISO text. A list may hold text, and whatever else `old` holds, unchanged.
    Raises EditRefused: unsupported_value.
    """
    if wanted is None or isinstance(wanted, bool):
        return Asked(wanted)
    if isinstance(wanted, str):
        return Asked(_text(key, wanted))
    if isinstance(wanted, int):
        return Asked(str(int(wanted)), number=True)
    if isinstance(wanted, datetime.date):
        return Asked(wanted.isoformat())
    if isinstance(wanted, list | tuple):
        return Asked(_items(key, wanted, old if isinstance(old, list) else []))
    if isinstance(wanted, dict) and wanted == old:
        return Asked(old)
    raise EditRefused("unsupported_value", key=key)


def _items(key: str, wanted: Sequence[object], old: list[Value]) -> list[Value]:
    known = {repr(item): item for item in old}
    items: list[Value] = []
    for item in wanted:
        if isinstance(item, str):
            items.append(_text(key, item))
        elif repr(item) in known:
            items.append(known[repr(item)])
        else:
            raise EditRefused("unsupported_value", key=key)
    return items


def _text(key: str, wanted: str) -> str:
    try:
        wanted.encode()
    except UnicodeEncodeError:
        raise EditRefused("unsupported_value", key=key) from None
    return str.__str__(wanted)


def is_collection(node: Node) -> bool:
    """Whether `node` is a list or a mapping."""
    return not isinstance(node, ScalarNode)
