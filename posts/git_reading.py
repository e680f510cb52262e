"""What git prints, as values: differences of trees, histories, contents."""

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass

from posts.git_process import Conversation, GitError, HungUp

FILE, EXECUTABLE, SYMLINK, SUBMODULE = 0o100644, 0o100755, 0o120000, 0o160000

LOG_FORMAT = "commit %H%x00%an%x00%ae%x00%ad%x00%s%x00%(trailers:key=Post-Revision,valueonly,unfold,separator=%x0A)"
_STATUS = {b"A": "added", b"D": "deleted", b"R": "renamed"}


@dataclass(frozen=True, slots=True)
class Change:
    """One file that differs between two trees.

    `status` is added, changed, deleted or renamed. `blob` and `mode` are of the newer side, of the older for a
    deleted file; a submodule has no blob. `size` is in bytes where git tells it without more work. `similarity` is in
    per cent, 100 but for a renamed file whose text changed as well.
    """

    status: str
    path: bytes
    old_path: bytes | None
    blob: str | None
    mode: int
    size: int | None
    old_blob: str | None
    similarity: int = 100


@dataclass(frozen=True, slots=True)
class LoggedCommit:
    """One commit of the remote's history, with the values of its `Post-Revision:` trailers and what it touched.

    `renames` are the old and the new place of what it moved; the new one is among `paths`.
    """

    id: str
    author_name: str
    author_email: str
    at: datetime.datetime
    subject: str
    revisions: tuple[str, ...]
    paths: tuple[bytes, ...]
    renames: tuple[tuple[bytes, bytes], ...] = ()


def listed(git: Conversation) -> Iterator[Change]:
    """What `git ls-tree -r -z -l` lists, as if all of it had been added."""
    for entry in git.fields():
        facts, _, path = entry.partition(b"\t")
        mode, _, found, size = facts.split()
        yield Change(
            status="added",
            path=path,
            old_path=None,
            blob=_blob(mode, found),
            mode=int(mode, 8),
            size=None if size == b"-" else int(size),
            old_blob=None,
        )


def compared(git: Conversation) -> Iterator[Change]:
    """What `git diff-tree -r -z -M --raw --no-abbrev` finds."""
    fields = git.fields()
    for facts in fields:
        old_mode, mode, old, new, status = facts.removeprefix(b":").split(b" ")
        kind = status[:1]
        old_path = _next(fields) if kind == b"R" else None
        yield Change(
            status=_STATUS.get(kind, "changed"),
            path=_next(fields),
            old_path=old_path,
            blob=_blob(mode, new),
            mode=int(old_mode if kind == b"D" else mode, 8),
            size=None,
            old_blob=_blob(old_mode, old),
            similarity=int(status[1:] or 100),
        )


def content(git: Conversation, blob: str, limit: int) -> bytes | None:
    """The answer of `git cat-file --batch` to the question for `blob`, or None if it is of more than `limit` bytes."""
    found, _, rest = git.line().partition(b" ")
    kind, _, size = rest.partition(b" ")
    if kind != b"blob":
        raise GitError("git_failed", f"{found.decode()}: {kind.decode()}, not a blob", blob=blob)
    if int(size) > limit:
        git.skip(int(size) + 1)
        return None
    return git.exactly(int(size) + 1)[:-1]


def logged(git: Conversation) -> Iterator[LoggedCommit]:
    """What `git log -z -c -M --name-status` tells in the format `LOG_FORMAT`."""
    fields = git.fields()
    header: list[bytes] = []
    paths: list[bytes] = []
    renames: list[tuple[bytes, bytes]] = []
    for field in fields:
        # Where a status is due, it is told by its form: a line's end may precede it, and nothing may stand for it.
        status = field.removeprefix(b"\n")
        if status.startswith(b"commit "):
            if header:
                yield _logged_commit(header, paths, renames)
            header = [status, *(_next(fields) for _ in range(5))]
            paths, renames = [], []
        elif status:
            if re.fullmatch(rb"R\d+", status):
                renames.append((_next(fields), _next(fields)))
                paths.append(renames[-1][1])
            else:
                paths.append(_next(fields))
    if header:
        yield _logged_commit(header, paths, renames)


def _logged_commit(header: list[bytes], paths: list[bytes], renames: list[tuple[bytes, bytes]]) -> LoggedCommit:
    commit, name, email, date, subject, trailers = (field.decode(errors="replace") for field in header)
    return LoggedCommit(
        id=commit.removeprefix("commit "),
        author_name=name,
        author_email=email,
        at=_moment(date),
        subject=subject,
        revisions=tuple(value.strip() for value in trailers.splitlines() if value.strip()),
        paths=tuple(paths),
        renames=tuple(renames),
    )


_THE_FIRST = datetime.datetime.fromtimestamp(0, datetime.UTC)


def _moment(raw: str) -> datetime.datetime:
    """`1700000000 +0800` as a moment; what no clock can have shown (histories hold such dates) becomes 1970."""
    seconds, _, zone = raw.partition(" ")
    try:
        offset = datetime.timedelta(hours=int(zone[1:3]), minutes=int(zone[3:5]))
        place = datetime.timezone(-offset if zone.startswith("-") else offset)
        moment = datetime.datetime.fromtimestamp(int(seconds), place)
        # At the very ends of the calendar another time zone has no day for it.
        return moment if datetime.MINYEAR < moment.year < datetime.MAXYEAR else _THE_FIRST
    except (ValueError, OverflowError, OSError):
        return _THE_FIRST


def _next(fields: Iterator[bytes]) -> bytes:
    try:
        return next(fields)
    except StopIteration:
        raise HungUp from None


def _blob(mode: bytes, found: bytes) -> str | None:
    if int(mode, 8) in (0, SUBMODULE):
        return None
    return found.decode()
