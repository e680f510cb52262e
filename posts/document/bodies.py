"""A body as it comes back from a browser, with the line ends of the file it belongs to.

Line ends are CRLF, LF and a lone CR. U+2028, U+2029 and U+0085 are ordinary characters here, which is why
`str.splitlines` is not used anywhere in this package.
"""

import re

from posts.document.merge_matching import Matcher

_LINE_END = re.compile(r"\r\n|\r|\n")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


def normalised(text: str) -> str:
    """`text` with every line end a line feed."""
    return _LINE_END.sub("\n", text) if "\r" in text else text


def body_with_own_line_ends(old: str, new: str, newline: str) -> str:
    """The body `new` as it is to stand in the file whose body was `old`.

    It is `old` itself where they differ in line ends alone. Lines get the line end that `old` uses throughout, or
    where it is mixed `newline`, and each line that stands in both keeps its own.
    """
    if old.startswith("\ufeff") and not new.startswith("\ufeff"):
        new = "\ufeff" + new  # in a file without front matter the byte order mark is the body's first character
    wanted, had = normalised(new), normalised(old)
    if wanted == had:
        return old
    used = set(_LINE_END.findall(old))
    if len(used) <= 1:
        return wanted.replace("\n", used.pop() if used else newline)
    return _line_by_line(_LINE.findall(old), wanted, newline)


def _line_by_line(old_lines: list[str], wanted: str, newline: str) -> str:
    had = [normalised(line) for line in old_lines]
    lines = _LINE.findall(wanted)
    result = []
    at = 0
    # difflib's own matcher takes the cube of the lines where many are the same.
    for old_from, new_from, length in [*Matcher(a=had, b=lines).get_matching_blocks(), (0, len(lines), 0)]:
        result += [line.replace("\n", newline) for line in lines[at:new_from]]
        result += old_lines[old_from : old_from + length]
        at = new_from + length
    return "".join(result)
