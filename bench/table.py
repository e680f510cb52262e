"""The one table that a run prints."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One line: what was measured, ours and its yardstick as text, and their ratio with the bound that it must keep.

    Without a `ratio` the line could not be measured, and `ours` says why.
    """

    name: str
    ours: str
    yardstick: str = ""
    ratio: float | None = None
    bound: float | None = None

    @property
    def verdict(self) -> str:
        """Whether the bound was kept; nothing where there is none."""
        if self.bound is None:
            return ""
        if self.ratio is None:
            return "?"
        return "ok" if self.ratio <= self.bound else "MISS"

    def cells(self) -> list[str]:
        """The line as text."""
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        bound = "" if self.bound is None else f"{self.bound:g}"
        return [self.name, self.ours, self.yardstick, ratio, bound, self.verdict]


_HEADINGS = ["figure", "ours", "yardstick", "ratio", "bound", ""]


def printed(figures: Sequence[Figure]) -> str:
    """The figures as a table in Markdown."""
    rows = [_HEADINGS, *(figure.cells() for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    lines.insert(1, "| " + " | ".join("-" * width for width in widths) + " |")
    return "\n".join(lines)


def milliseconds(seconds: float) -> str:
    """A time as it is shown."""
    return f"{seconds * 1000:.3g} ms" if seconds < 10 else f"{seconds:.1f} s"


def tell(words: str) -> None:
    """Say on standard error how far the run is."""
    print(f"bench: {words}", file=sys.stderr, flush=True)
