"""What belongs together in two sequences: patience matching (https://bramcohen.livejournal.com/73318.html).

Articles repeat lines: `<details>`, `</details>`, table rules, blank ones. The longest run of such lines may lie far
from where it belongs, so items that stand once on each side decide first, and what lies between them is matched next.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import TypeAlias

TOO_MANY = 40_000
"""From so many pairs on, the longest common run decides among repeated items: comparing them all takes too long."""

Span: TypeAlias = tuple[int, int, int, int]
"""`a[a_start:a_end]` and `b[b_start:b_end]`."""

Block: TypeAlias = tuple[int, int, int]
"""`(i, j, n)`: `a[i:i+n] == b[j:j+n]`."""


class Matcher:
    """What `merge3.Merge3` asks of a sequence matcher, in the shape of `difflib.SequenceMatcher`."""

    def __init__(
        self,
        isjunk: Callable[[str], bool] | None = None,
        a: Sequence[str] = "",
        b: Sequence[str] = "",
        autojunk: bool = True,
    ) -> None:
        self.a = a
        self.b = b

    def get_matching_blocks(self) -> list[Block]:
        """The blocks in order; none overlaps another on either side, none is empty."""
        blocks: list[Block] = []
        spans = [(0, len(self.a), 0, len(self.b))]
        while spans:
            for block, span in _matched(self.a, self.b, spans.pop()):
                if block[2]:
                    blocks.append(block)
                if span[0] < span[1] and span[2] < span[3]:
                    spans.append(span)
        return sorted(blocks)


def _matched(a: Sequence[str], b: Sequence[str], span: Span) -> Iterator[tuple[Block, Span]]:
    """Blocks found in the span, each with the span before it that is still to be looked into."""
    i, i_end, j, j_end = span
    start = i
    while i < i_end and j < j_end and a[i] == b[j]:
        i, j = i + 1, j + 1
    yield (start, j - (i - start), i - start), (0, 0, 0, 0)
    end = i_end
    while i < i_end and j < j_end and a[i_end - 1] == b[j_end - 1]:
        i_end, j_end = i_end - 1, j_end - 1
    tail = (i_end, j_end, end - i_end)
    if i < i_end and j < j_end:
        inner = (i, i_end, j, j_end)
        for i_found, j_found in _anchors(a, b, inner) or _repeated(a, b, inner):
            yield (i_found, j_found, 1), (i, i_found, j, j_found)
            i, j = i_found + 1, j_found + 1
        if (i, j) != (inner[0], inner[2]):
            yield tail, (i, i_end, j, j_end)
            return
    yield tail, (0, 0, 0, 0)


def _anchors(a: Sequence[str], b: Sequence[str], span: Span) -> list[tuple[int, int]]:
    """The places of items that stand once in each half of the span: as many of them as keep the same order."""
    in_a = _single(a, span[0], span[1])
    in_b = _single(b, span[2], span[3])
    # The longest rising run of places in b, by patience sorting: the last of each pile, and what lay before it.
    tops: list[int] = []
    chains: list[tuple[tuple[int, int], int]] = []
    last: list[int] = []
    for item, i in in_a.items():
        j = in_b.get(item, -1)
        if j >= 0:
            pile = bisect_left(tops, j)
            chains.append(((i, j), last[pile - 1] if pile else -1))
            tops[pile : pile + 1] = [j]
            last[pile : pile + 1] = [len(chains) - 1]
    found = []
    at = last[-1] if last else -1
    while at >= 0:
        place, at = chains[at]
        found.append(place)
    return found[::-1]


def _repeated(a: Sequence[str], b: Sequence[str], span: Span) -> list[tuple[int, int]]:
    """The places of items that are the same, where none stands once on both sides: as many as keep the same order.

    Blank ones do not count: they go with their neighbours.
    """
    in_a = [i for i in range(span[0], span[1]) if not a[i].isspace()]
    in_b = [j for j in range(span[2], span[3]) if not b[j].isspace()]
    if len(in_a) * len(in_b) > TOO_MANY:
        blocks = SequenceMatcher(None, [a[i] for i in in_a], [b[j] for j in in_b]).get_matching_blocks()
        return [(in_a[i + step], in_b[j + step]) for i, j, length in blocks for step in range(length)]
    longest = [[0] * (len(in_b) + 1) for _ in range(len(in_a) + 1)]
    for x in range(len(in_a) - 1, -1, -1):
        row, below, item = longest[x], longest[x + 1], a[in_a[x]]
        for y in range(len(in_b) - 1, -1, -1):
            row[y] = below[y + 1] + 1 if item == b[in_b[y]] else max(below[y], row[y + 1])
    found = []
    x = y = 0
    while x < len(in_a) and y < len(in_b):
        if a[in_a[x]] == b[in_b[y]]:
            found.append((in_a[x], in_b[y]))
            x, y = x + 1, y + 1
        elif longest[x + 1][y] >= longest[x][y + 1]:
            x += 1
        else:
            y += 1
    return found


def _single(items: Sequence[str], start: int, end: int) -> dict[str, int]:
    """Where each item stands that stands once between `start` and `end` and isn't blank."""
    places: dict[str, int] = {}
    for index in range(start, end):
        item = items[index]
        places[item] = -1 if item in places else index
    return {item: index for item, index in places.items() if index >= 0 and not item.isspace()}
