"""The three texts of a settled conflict side by side, to be read: they are kept for good."""

import difflib
import itertools
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from posts.models import Conflict, Revision

_AROUND = 3
_LONGEST_COMPARED = 6000  # lines: what is longer is shown without marks rather than late


@dataclass(frozen=True)
class Run:
    """Lines that follow each other: `marked` ones were changed by this side, `folded` ones are alike and many."""

    lines: list[str]
    marked: bool = False
    folded: bool = False


@dataclass(frozen=True)
class Pane:
    """One of the three texts."""

    title: Any
    who: str
    runs: list[Run]
    empty: Any


def panes(conflict: Conflict) -> list[Pane]:
    """What was before, what was here, and what the other had, with who made each."""
    base, ours, theirs = conflict.base, conflict.ours, conflict.theirs
    before, here, there = (_lines(text) for text in (_text(base), _text(ours), _text(theirs) or conflict.unreadable))
    compared = bool(before) and len(before) + max(len(here), len(there)) <= _LONGEST_COMPARED
    old_here, new_here = _changed(before, here) if compared else (set(), set())
    old_there, new_there = _changed(before, there) if compared and there else (set(), set())
    return [
        Pane(
            _("Before"),
            base.who if base else "",
            _runs(before, old_here | old_there),
            _("No text: both sides began on their own."),
        ),
        Pane(
            _("What was typed") if conflict.kind == Conflict.Kind.FORM else _("The text here"),
            ours.who if ours else "",
            _runs(here, new_here),
            _("No text."),
        ),
        Pane(
            _("The other's text"),
            (theirs.who if theirs else "") or conflict.theirs_author,
            _runs(there, new_there),
            _("No text."),
        ),
    ]


def _text(revision: Revision | None) -> str:
    return revision.text if revision else ""


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").split("\n") if text else []


def _changed(before: list[str], after: list[str]) -> tuple[set[int], set[int]]:
    """The numbers of the lines of each that are not in the other at their place."""
    old: set[int] = set()
    new: set[int] = set()
    for tag, old_start, old_end, start, end in difflib.SequenceMatcher(None, before, after).get_opcodes():
        if tag != "equal":
            old |= set(range(old_start, old_end))
            new |= set(range(start, end))
    return old, new


def _runs(lines: list[str], marked: set[int]) -> list[Run]:
    """`lines` in runs; what is alike is folded but for some lines around what is marked, if anything is."""
    runs: list[Run] = []
    for is_marked, numbers in itertools.groupby(range(len(lines)), key=lambda number: number in marked):
        run = [lines[number] for number in numbers]
        if is_marked or not marked or len(run) <= 2 * _AROUND + 2:
            runs.append(Run(run, marked=is_marked))
            continue
        head = run[:_AROUND] if runs else []
        last = len(lines) == sum(len(each.lines) for each in runs) + len(run)
        tail = [] if last else run[-_AROUND:]
        middle = run[len(head) : len(run) - len(tail)]
        runs += [part for part in (Run(head), Run(middle, folded=True), Run(tail)) if part.lines]
    return runs
