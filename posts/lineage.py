"""Who wrote this line: for each line of a body and each field, the text of the history that it came with. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from posts.differences import runs
from posts.document.document import Document
from posts.document.errors import DocumentError

Origin = TypeVar("Origin")


@dataclass(frozen=True, slots=True)
class Lineage(Generic[Origin]):
    """The last text: the lines of its body, each with its origin, and the origin of each key's value."""

    lines: tuple[tuple[str, Origin], ...]
    keys: dict[str, Origin]


def lineage(history: Iterable[tuple[str, Origin]]) -> Lineage[Origin] | None:
    """Where each part of the last text of `history` came from; None for no history.

    `history` is in order, each whole text with whatever names it. A text that was there before, word for word, has
    the origins of then: who brings a text back wrote none of it.
    """
    seen: dict[int, tuple[list[str], list[Origin]]] = {}
    values: dict[str, dict[str, Origin]] = {}
    lines: list[str] = []
    origins: list[Origin] = []
    keys: dict[str, Origin] = {}
    last = None
    for text, origin in history:
        if text == last:
            continue
        last = text
        told, body = _parts(text)
        keys = {key: values.setdefault(key, {}).setdefault(value, origin) for key, value in told.items()}
        now = body.splitlines()
        known = seen.get(hash(body))
        if known is not None and known[0] == now:
            lines, origins = now, known[1]
            continue
        lines, origins = now, _carried(lines, now, origins, origin)
        seen[hash(body)] = lines, origins
    if last is None:
        return None
    return Lineage(tuple(zip(lines, origins, strict=True)), keys)


def _carried(old: Sequence[str], new: Sequence[str], origins: Sequence[Origin], origin: Origin) -> list[Origin]:
    """The origins of the lines of `new`: those of `old` where a line stayed, else `origin`."""
    most = min(len(old), len(new))
    head = next((at for at in range(most) if old[at] != new[at]), most)
    tail = next((at for at in range(most - head) if old[-1 - at] != new[-1 - at]), most - head)
    carried = list(origins[:head])
    for same, old_from, old_to, new_from, new_to in runs(old[head : len(old) - tail], new[head : len(new) - tail]):
        carried += origins[head + old_from : head + old_to] if same else [origin] * (new_to - new_from)
    return carried + list(origins[len(origins) - tail :])


def _parts(text: str) -> tuple[dict[str, str], str]:
    """What each key says, by its source lines where they are enough, and the body."""
    try:
        document = Document.from_text(text)
    except DocumentError:
        return {}, text
    return {key: repr(value) for key, value in document.values.items()}, document.body
