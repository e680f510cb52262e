"""Changing values of a front matter: propose an edit, make it, let the gate read it back, try the next."""

from collections.abc import Iterator, Mapping, Sequence

from posts.document.asked import Asked
from posts.document.edits import Edit, applied
from posts.document.errors import DocumentError, EditRefused
from posts.document.front_matter import FrontMatter
from posts.document.gate import passes
from posts.document.nodes import compose
from posts.document.spans import split
from posts.document.writing import edits_of_new_key, edits_of_value, place_of_new_key


def with_values(front: FrontMatter, asked: Mapping[str, Asked], key_order: Sequence[str]) -> FrontMatter:
    """`front` with each key of `asked` reading as asked and every other line as it was.

    Raises EditRefused: reads_back_wrong, anchor_in_use, flow_mapping, nested_items, unusual_key.
    """
    ordered = _in_order(asked, key_order)
    if len(ordered) > 1:
        # All at once, each key by its most faithful edit; if that fails, one by one with all their edits.
        at_once = _at_once(front, ordered, asked, key_order)
        if at_once is not None:
            return at_once
    for key in ordered:
        front = _with_one_value(front, key, asked[key], key_order)
    return front


def _in_order(asked: Mapping[str, Asked], key_order: Sequence[str]) -> list[str]:
    """The keys as they are to be added: those of `key_order` in its order, then the others as they were given."""
    known = [key for key in key_order if key in asked]
    return known + [key for key in asked if key not in key_order]


def _at_once(
    front: FrontMatter, keys: list[str], asked: Mapping[str, Asked], key_order: Sequence[str]
) -> FrontMatter | None:
    added: dict[str, int] = {}
    edits = []
    for key in keys:
        edit = next(_edits(front, key, asked[key], key_order, added), None)
        if edit is None:
            return None
        edits.append(edit)
    return _made(front, edits, added, asked)


def _with_one_value(front: FrontMatter, key: str, asked: Asked, key_order: Sequence[str]) -> FrontMatter:
    added: dict[str, int] = {}
    for edit in _edits(front, key, asked, key_order, added):
        made = _made(front, [edit], added, {key: asked})
        if made is not None:
            return made
    raise EditRefused("reads_back_wrong", key=key)


def _edits(
    front: FrontMatter, key: str, asked: Asked, key_order: Sequence[str], added: dict[str, int]
) -> Iterator[Edit]:
    """The edits to try for one key; a key that is new is noted in `added` with the offset where it goes."""
    if key in front.by_key:
        return edits_of_value(front, front.by_key[key], asked)
    added[key] = place_of_new_key(front, key, key_order, added)
    return edits_of_new_key(front, key, asked, added[key])


def _made(
    front: FrontMatter, edits: list[Edit], added: Mapping[str, int], asked: Mapping[str, Asked]
) -> FrontMatter | None:
    """`front` with the edits made, or None if the gate does not let the result through."""
    text = applied(front.text, edits)
    try:
        fences = split(text)
        root = compose(text, fences.start, fences.end) if fences else None
    except DocumentError:
        return None
    if fences is None or text[fences.head_end :] != front.text[front.fences.head_end :]:
        return None
    new = FrontMatter(text, fences, root)
    return new if passes(front, new, _keys_with(front, added), asked) else None


def _keys_with(front: FrontMatter, added: Mapping[str, int]) -> list[str]:
    """The keys that the result must have, in order: what is added at a key's first line comes before it."""
    places = [(offset, 0, key) for key, offset in added.items()]
    places += [(entry.start, 1, entry.key) for entry in front.entries]
    return [key for _, _, key in sorted(places, key=lambda place: place[:2])]
