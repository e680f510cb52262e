"""Making commits out of texts, through one `git fast-import` and without a work tree."""

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass

from posts.git_process import Conversation, GitError

_REGULAR = (b"100644", b"100755")
_FOLDER = b"040000"


@dataclass(frozen=True, slots=True)
class NewCommit:
    """A commit to be made: what it says, by whom and when, and the files that it writes or (None) deletes."""

    message: str
    author_name: str
    author_email: str
    at: datetime.datetime
    committer_name: str
    committer_email: str
    files: tuple[tuple[bytes, bytes | None], ...]


def write_commits(git: Conversation, ref: str, parent: str | None, commits: Iterable[NewCommit]) -> str:
    """Tell a `git fast-import --done` of `commits`, one upon the other from `parent` on; return the last one's id.

    An existing file keeps its mode; a symlink or a submodule in its place becomes a plain file. Raises `GitError`
    with the code `bad_path` for a name that no tree can hold, or whose place is taken: writing `a/b` where `a` is a
    file, or `a` where it is a folder, would silently delete the others.
    """
    made = 0
    for commit in commits:
        made += 1
        start = f"from {parent}\n" if parent and made == 1 else ""
        git.send(f"commit {ref}\nmark :{made}\n".encode() + _heading(commit) + start.encode())
        # Deletions first, so that a file may move into a folder of its own old name.
        for path, _ in (each for each in commit.files if each[1] is None):
            _delete(git, path)
        folders: set[bytes] = set()
        for path, content in commit.files:
            if content is not None:
                _write(git, path, content, folders)
    if not made:
        raise ValueError("no commits to make")
    git.send(f"get-mark :{made}\n".encode())
    last = git.line().decode()
    git.send(b"done\n")
    git.hang_up()
    git.output.read()
    return last


def _heading(commit: NewCommit) -> bytes:
    message = commit.message.replace("\0", "").rstrip("\n").encode(errors="replace") + b"\n"
    return b"author %s\ncommitter %s\ndata %d\n%s\n" % (
        _person(commit.author_name, commit.author_email, commit.at),
        _person(commit.committer_name, commit.committer_email, commit.at),
        len(message),
        message,
    )


def _person(name: str, email: str, at: datetime.datetime) -> bytes:
    offset = at.utcoffset()
    if offset is None:
        raise ValueError("the time of a commit needs a zone")
    minutes = int(offset.total_seconds()) // 60
    sign, minutes = ("-", -minutes) if minutes < 0 else ("+", minutes)
    email = _clean(email).replace(" ", "")
    name = _clean(name) or email.partition("@")[0] or "unknown"
    # fast-import knows no time before 1970.
    seconds = max(0, int(at.timestamp()))
    return f"{name} <{email}> {seconds} {sign}{minutes // 60:02}{minutes % 60:02}".encode(errors="replace")


def _clean(words: str) -> str:
    # What git itself takes off an author's name: its own marks anywhere, its "crud" at the ends.
    words = re.sub(r"[<>\x00-\x1f\x7f-\x9f]+", " ", words)
    return " ".join(words.split()).strip(" .,:;\"\\'")


def _delete(git: Conversation, path: bytes) -> None:
    mode = _mode(git, path)
    if mode == _FOLDER:
        raise _bad(path, "there is a folder of this name")
    if mode is not None:
        git.send(b"D " + _quoted(path) + b"\n")


def _write(git: Conversation, path: bytes, content: bytes, folders: set[bytes]) -> None:
    mode = _mode(git, path)
    if mode == _FOLDER:
        raise _bad(path, "there is a folder of this name")
    if mode is None:
        _check_folders(git, path, folders)
    git.send(
        b"M %s inline %s\ndata %d\n%s\n"
        % (mode if mode in _REGULAR else _REGULAR[0], _quoted(path), len(content), content)
    )


def _check_folders(git: Conversation, path: bytes, folders: set[bytes]) -> None:
    steps = path.split(b"/")
    for depth in range(1, len(steps)):
        folder = b"/".join(steps[:depth])
        if folder in folders:
            continue
        mode = _mode(git, folder)
        if mode is None:
            return
        if mode != _FOLDER:
            raise _bad(path, f"{folder.decode(errors='replace')} is not a folder")
        folders.add(folder)


def _mode(git: Conversation, path: bytes) -> bytes | None:
    """What is at `path` in the commit that is being made, as git writes it, or None."""
    git.send(b"ls " + _quoted(path) + b"\n")
    mode, _, _ = git.line().partition(b" ")
    return None if mode == b"missing" else mode


def _quoted(path: bytes) -> bytes:
    if b"\0" in path or any(step.lower() in (b"", b".", b"..", b".git") for step in path.split(b"/")):
        raise _bad(path, "no tree can hold this name")
    return b'"' + path.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n") + b'"'


def _bad(path: bytes, words: str) -> GitError:
    return GitError("bad_path", words, path=path.decode(errors="replace"))
