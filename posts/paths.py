"""Paths of posts: which files are posts, and which names cannot be trusted. Pure."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

LONGEST_PATH = 800
"""In bytes: three times as long in the key's letter case, a path still fits into an index of PostgreSQL."""


def matcher(globs: Iterable[str]) -> re.Pattern[str]:
    """One pattern that matches a whole path exactly if one of `globs` does.

    `**/` stands for any folders or none, `*` and `?` for what is not a slash, `[...]` for one of a set: the
    rules of `pathlib.PurePath.full_match`, which Python 3.11 lacks.
    """
    return _matcher(tuple(globs))


def why_unsafe(path: str) -> str | None:
    """The code of what makes `path` unfit as a post's place in a repository, or None.

    A path is relative, without `.` or `..` or empty steps, without control characters, and not inside `.git`.
    """
    if not path or len(path.encode(errors="replace")) > LONGEST_PATH:
        return "path_length"
    if path.startswith(("/", "~")) or "\\" in path or re.match(r"^[A-Za-z]:", path):
        return "path_outside"
    if any(ord(character) < 32 or ord(character) == 127 for character in path):
        return "path_control_character"
    steps = path.split("/")
    if any(step in ("", ".", "..") for step in steps):
        return "path_outside"
    if any(step.lower() == ".git" for step in steps):
        return "path_outside"
    return None


def path_key(path: str) -> str:
    """`path` as a file system that ignores case, or composes accents, would take it: equal keys are one file there."""
    return unicodedata.normalize("NFC", path).casefold()


@lru_cache(maxsize=64)
def _matcher(globs: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{_translated(glob)})" for glob in globs) or r"(?!)", re.DOTALL)


def _translated(glob: str) -> str:
    out, rest = "", glob.lstrip("/")
    while rest:
        if rest.startswith("**/"):
            out, rest = out + "(?:[^/]+/)*", rest[3:]
        elif rest.startswith("**"):
            out, rest = out + ".*", rest[2:]
        elif rest[0] == "*":
            out, rest = out + "[^/]*", rest[1:]
        elif rest[0] == "?":
            out, rest = out + "[^/]", rest[1:]
        elif rest[0] == "[" and (closing := rest.find("]", 2)) > 0:
            inner = rest[1:closing].replace("\\", r"\\").replace("[", r"\[")
            inner = "^" + inner[1:] if inner.startswith("!") else inner
            out, rest = out + f"[{inner}]", rest[closing + 1 :]
        else:
            out, rest = out + re.escape(rest[0]), rest[1:]
    return out
