"""Paths of posts: which files are posts, and which names cannot be trusted. Pure."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

LONGEST_PATH = 800
"""In bytes: three times as long in the key's letter case, a path still fits into an index of PostgreSQL."""

_LONGEST_STEP = 255
_MOST_STARS = 3
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")


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
    if not path or is_too_long(path):
        return "path_length"
    if path.startswith(("/", "~")) or "\\" in path or re.match(r"^[A-Za-z]:", path):
        return "path_outside"
    if _CONTROL.search(path):
        return "path_control_character"
    steps = path.split("/")
    if any(step in ("", ".", "..") for step in steps):
        return "path_outside"
    if any(_is_dot_git(step) for step in steps):
        return "path_outside"
    return None


def is_too_long(path: str) -> bool:
    """Whether `path`, or one of its steps, has more bytes than a post's place may have."""
    longest = max(len(step.encode(errors="replace")) for step in path.split("/"))
    return longest > _LONGEST_STEP or len(path.encode(errors="replace")) > LONGEST_PATH


def _is_dot_git(step: str) -> bool:
    """Whether some file system takes `step` for git's own folder, which git's servers refuse (git's `verify_path`).

    A Mac drops invisible characters; Windows drops what follows a colon, and blanks and dots at the end.
    """
    name = _INVISIBLE.sub("", step).casefold().partition(":")[0].rstrip(" .")
    return name in (".git", "git~1")


def path_key(path: str) -> str:
    """`path` as a file system that ignores case, or composes accents, would take it: equal keys are one file there."""
    return unicodedata.normalize("NFC", path).casefold()


def why_bad_glob(glob: str) -> str | None:
    """The code of what makes `glob` unfit as a pattern, or None."""
    try:
        re.compile(_translated(glob))
    except re.error:
        return "glob_unreadable"
    # Each star may try every length: a few of them in one step are all that a pattern needs.
    steps = glob.replace("**", "").split("/")
    if glob.count("**") > _MOST_STARS or any(step.count("*") > _MOST_STARS for step in steps):
        return "glob_too_many_stars"
    return None


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
