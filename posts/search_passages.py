"""Where a text says what was searched for, with the words around it. Pure."""

from collections.abc import Sequence

from taxonomy.words import Phrase, passages

_BEFORE, _BEHIND = 30, 70


def marked(text: str, phrases: Sequence[Phrase]) -> list[tuple[str, bool]]:
    """`text` in pieces, each with whether it is one of `phrases`."""
    found = sorted(place for phrase in phrases for place in passages(text, phrase))
    pieces: list[tuple[str, bool]] = []
    at = 0
    for start, end in found:
        if end <= at:
            continue
        if start > at:
            pieces.append((text[at:start], False))
        pieces.append((text[max(start, at) : end], True))
        at = end
    if at < len(text):
        pieces.append((text[at:], False))
    return pieces


def passage(text: str, phrases: Sequence[Phrase]) -> list[tuple[str, bool]]:
    """The first place in `text` that says one of `phrases`, with what stands around it; nothing if none does.

    In pieces as `marked` gives them; an ellipsis stands where it was cut.
    """
    first = min((place for phrase in phrases for place in list(passages(text, phrase))[:1]), default=None)
    if first is None:
        return []
    start, end = max(0, first[0] - _BEFORE), min(len(text), first[1] + _BEHIND)
    pieces = marked(" ".join(text[start:end].split()), phrases)
    if start:
        pieces.insert(0, ("…", False))
    if end < len(text):
        pieces.append(("…", False))
    return pieces
