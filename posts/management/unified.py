"""A difference as `diff -u` prints it, for terminals and for `patch`."""

import re

from posts.differences import Kind, Line, difference

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_NO_END = "\n\\ No newline at end of file\n"
_SIGNS = {Kind.SAME: " ", Kind.REMOVED: "-", Kind.ADDED: "+"}


def unified(old: str, new: str, *, old_name: str, new_name: str) -> str:
    """The unified diff from `old` to `new`; empty if they are the same.

    The lines are found by `posts.differences`, which long texts that repeat themselves do not keep for ever.
    """
    found = difference(old, new)
    if not found:
        return ""
    texts = _LINE.findall(old), _LINE.findall(new)
    hunks: list[list[Line]] = [[]]
    for line in found.lines:
        if line.kind is Kind.GAP:
            hunks.append([])
        else:
            hunks[-1].append(line)
    told = [f"--- {old_name}\n+++ {new_name}\n"]
    at_old = at_new = 0
    for hunk in filter(None, hunks):
        olds = [line.old for line in hunk if line.old is not None]
        news = [line.new for line in hunk if line.new is not None]
        at_old, at_new = (olds[0] if olds else at_old), (news[0] if news else at_new)
        told.append(f"@@ -{at_old},{len(olds)} +{at_new},{len(news)} @@\n")
        told += [_told(line, *texts) for line in hunk]
        at_old, at_new = (olds[-1] if olds else at_old), (news[-1] if news else at_new)
    return "".join(told)


def _told(line: Line, old: list[str], new: list[str]) -> str:
    text = new[line.new - 1] if line.new is not None else old[(line.old or 1) - 1]
    return _SIGNS[line.kind] + (text if text.endswith("\n") else text + _NO_END)
