"""One branch of a remote git repository and our bare mirror of it: the only room that runs git.

It knows no post and no YAML. Names of files are bytes, as they are to git. There is no work tree: texts are read
by blob id, and written through `git fast-import`, whose cost does not grow with the number of files.

The mirror's refs are named after what they are for, not after the branch, so that a branch `a` that becomes `a/b`,
or another branch chosen later, needs no care:

* `refs/evergreen/incoming`: what the last fetch brought;
* `refs/evergreen/theirs`: the head of the remote branch as far as we know;
* `refs/evergreen/outgoing`: what we made to be pushed;
* `refs/evergreen/seen/<id>`: a head that a forced push has left behind.

Those last refs keep every text readable that we have ever seen: `base` of an open conflict may lie nowhere else.
The mirror's configuration forbids pruning besides, should somebody run `git gc` in it by hand.
"""

import re
import shutil
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path

from posts.git_address import check_branch, check_url, protocol_of
from posts.git_commits import NewCommit, write_commits
from posts.git_locking import clear_leftovers, lock_held
from posts.git_process import CODES, Git, GitError, Interrupted, RepositoryBusy, failure, never
from posts.git_reading import (
    EXECUTABLE,
    FILE,
    LOG_FORMAT,
    SUBMODULE,
    SYMLINK,
    Change,
    LoggedCommit,
    compared,
    content,
    listed,
    logged,
)

__all__ = [
    "CODES",
    "EXECUTABLE",
    "FILE",
    "SUBMODULE",
    "SYMLINK",
    "Change",
    "GitError",
    "Interrupted",
    "LoggedCommit",
    "NewCommit",
    "Repository",
    "RepositoryBusy",
    "check_branch",
    "check_url",
    "ls_remote",
    "never",
]

_INCOMING, _THEIRS, _OUTGOING = "refs/evergreen/incoming", "refs/evergreen/theirs", "refs/evergreen/outgoing"
_SEEN = "refs/evergreen/seen"
# Of blob ids, as many as are sure to fit into a pipe that nobody reads (4,096 bytes at its smallest): so neither git
# nor we ever wait with a full pipe for the other to read.
_ASKED_AT_ONCE = 50


class Repository:
    """A bare mirror, in `folder`, of one branch of the repository at `url`.

    What only reads (`changes`, `read`, `log`) may be called at any time; what writes needs the lock. One object is
    for one thread.
    """

    def __init__(
        self,
        folder: Path,
        url: str,
        branch: str,
        *,
        timeout: float = 600,
        environment: Mapping[str, str] | None = None,
        interrupted: Callable[[], bool] = never,
    ) -> None:
        """`timeout` is in seconds without any sign from git. `environment` is what git may know of ours.

        That is nothing by default: SSH_AUTH_SOCK, GIT_SSH_COMMAND, GIT_ASKPASS, HOME or a proxy must be named.
        `interrupted` is asked again and again while git works or the lock is waited for; once it says yes, git is
        ended with all that it started, and whatever was called raises `Interrupted`.
        Raises `GitError` for a `url` or `branch` that is not allowed.
        """
        check_branch(branch)
        self.folder = folder.absolute()
        self.lock_path = self.folder.with_suffix(".lock")
        self._url = url
        self._branch = branch
        self._git = Git(
            str(self.folder),
            protocol=protocol_of(url),
            timeout=timeout,
            environment=environment,
            interrupted=interrupted,
        )
        self._interrupted = interrupted
        self._lock: int | None = None

    def locked(self, *, wait: float | None = 0) -> AbstractContextManager[None]:
        """Hold the mirror's lock for a `with` block; raises `RepositoryBusy` if it is held for `wait` seconds more.

        With None it waits for as long as it takes. The lock is a `flock` that git's processes inherit: it is free
        when the last of them is gone, however the worker that started them ended, and never before.
        """
        return self._locked(wait)

    @contextmanager
    def _locked(self, wait: float | None) -> Iterator[None]:
        with lock_held(self.lock_path, wait, self._interrupted) as descriptor:
            clear_leftovers(self.folder)
            self._lock = descriptor
            try:
                yield
            finally:
                self._lock = None

    def fetch(self, received: Callable[[int], None] | None = None) -> str | None:
        """Bring the mirror up to the remote branch, also after a forced push, and return the id of its head.

        `received` is told again and again how many per cent of it are there. None stands for a remote without any
        branch. Raises `GitError`: `branch_missing` if it has others only, `rubbish_answer` from what is no git at all.
        """
        lock = self._held()
        self._make()
        try:
            with self._git.running(
                "fetch",
                "--progress" if received is not None else "--quiet",
                "--no-tags",
                "--no-write-fetch-head",
                "--no-auto-maintenance",
                "--no-recurse-submodules",
                "--no-show-forced-updates",
                *_upload_pack(self._url),
                "--",
                self._url,
                f"+refs/heads/{self._branch}:{_INCOMING}",
                lock=lock,
                received=received,
            ) as git:
                git.output.read()
        except GitError as error:
            if error.code != "branch_missing":
                raise
            if _heads(self._git, self._url):
                raise GitError("branch_missing", str(error.facts["words"]), branch=self._branch) from None
            return None
        refs = self._refs()
        self._follow(refs.get(_THEIRS), refs[_INCOMING])
        return refs[_INCOMING]

    def changes(self, before: str | None, after: str, *, under: Sequence[str] = ()) -> Iterator[Change]:
        """What differs between two commits, related or not; without `before`, all of `after` (`under` these paths).

        A renamed file is one change, by git's own measure (half of the text the same); a change of mode or of kind
        is "changed".
        """
        if before is None:
            only = [f":(literal){path}" for path in under]
            with self._git.running("ls-tree", "-r", "-z", "-l", "--full-tree", _checked(after), "--", *only) as git:
                yield from listed(git)
            return
        trees = (_checked(before), _checked(after))
        with self._git.running("diff-tree", "-r", "-z", "-M", "--raw", "--no-abbrev", *trees, "--") as git:
            yield from compared(git)

    def read(self, blobs: Iterable[str], *, limit: int) -> Iterator[tuple[str, bytes | None]]:
        """The contents of `blobs`, in their order; None for one of more than `limit` bytes.

        One git process serves them all, and one content is held at a time. `blobs` may be lazy: it is asked from this
        thread and read ahead by a few. Raises `GitError` for a blob that the mirror has not.
        """
        wanted = map(_checked, blobs)
        # Above the threshold git passes a blob on in pieces, too.
        threshold = f"core.bigFileThreshold={max(limit, 1)}"
        with self._git.running("cat-file", "--batch", talks=True, settings=(threshold,)) as git:
            asked: deque[str] = deque()
            while True:
                if len(asked) <= _ASKED_AT_ONCE // 2:
                    more = list(islice(wanted, _ASKED_AT_ONCE - len(asked)))
                    git.send("".join(f"{blob}\n" for blob in more).encode())
                    asked.extend(more)
                if not asked:
                    return
                blob = asked.popleft()
                yield blob, content(git, blob, limit)

    def log(self, before: str | None, after: str) -> Iterator[LoggedCommit]:
        """The commits that `after` has and `before` has not, newest first, each with the paths that it changed.

        A merge lists only what is like none of its parents, so that a path is laid at the door of who changed it,
        not of who merged. What differs between the two trees and is in no such commit (a forced push back, a merge
        that took one side as it was) comes at the end, as paths of `after` itself, unless `before` is None.
        """
        after = _checked(after)
        named: set[bytes] = set()
        for commit in self._logged(after if before is None else f"{_checked(before)}..{after}"):
            named.update(commit.paths)
            yield commit
        if before is None:
            return
        missed = tuple(change.path for change in self.changes(before, after) if change.path not in named)
        if missed:
            (last,) = self._logged(after, "--max-count=1")
            yield replace(last, paths=missed)

    def knows(self, commit: str) -> bool:
        """Whether the mirror has `commit`."""
        return self._answers("cat-file", "-e", f"{_checked(commit)}^{{commit}}")

    def contains(self, commit: str, head: str) -> bool:
        """Whether `head` is `commit` or has it among its ancestors; one that the mirror does not know it has not."""
        return self._answers("merge-base", "--is-ancestor", _checked(commit), _checked(head))

    def related(self, one: str, other: str) -> bool:
        """Whether two commits have an ancestor in common; one that the mirror does not know is related to none."""
        return self._answers("merge-base", _checked(one), _checked(other))

    def commit(self, parent: str | None, commits: Iterable[NewCommit]) -> str:
        """Make `commits`, each upon the one before and the first upon `parent`, and return the last one's id.

        Nothing is pushed, and on any error nothing is made. A file that exists keeps its mode. `commits` may be lazy.
        Raises `GitError`, `bad_path` among others (`write_commits`).
        """
        lock = self._held()
        self._make()
        # With `unpackLimit` as it is (100), a few objects become loose ones: a pack for each sync would in the end
        # cost every look-up more.
        with self._git.running(
            "fast-import", "--quiet", "--done", "--force", "--date-format=raw", lock=lock, talks=True
        ) as git:
            last = write_commits(git, _OUTGOING, parent and _checked(parent), commits)
        return last

    def push(self, commit: str) -> None:
        """Move the remote branch forward to `commit`; make it, if the remote has none.

        Raises `GitError`: `push_rejected` if the branch has moved on meanwhile (fetch, and go round again), and
        `push_refused` if the server does not want it, with its words.
        """
        lock = self._held()
        ref = f"refs/heads/{self._branch}"
        with self._git.running(
            "push",
            "--porcelain",
            "--quiet",
            "--no-verify",
            "--no-signed",
            "--no-follow-tags",
            "--recurse-submodules=no",
            *_receive_pack(self._url),
            "--",
            self._url,
            f"{_checked(commit)}:{ref}",
            lock=lock,
            check=False,
        ) as git:
            answer = git.output.read().decode(errors="replace")
        if git.status:
            raise _push_failure(self._git.without_secrets(answer), git.words)
        self._git.run("update-ref", _THEIRS, commit, lock=lock)

    def _answers(self, *question: str) -> bool:
        """What git says by its status alone: yes, or no; of an object that it has not, it says no.

        Nor does it know anything without a mirror.
        """
        if not (self.folder / "HEAD").exists():
            return False
        with self._git.running(*question, check=False) as git:
            git.output.read()
        if git.status > 1 and not re.search(r"Not a valid (commit|object) name", git.words):
            raise failure(git.words)
        return git.status == 0

    def _held(self) -> int:
        if self._lock is None:
            raise RuntimeError("the mirror is written to without its lock")
        return self._lock

    def _make(self) -> None:
        """Make the mirror if it isn't there: under another name first, so that there is never half of one."""
        if (self.folder / "HEAD").exists():
            return
        lock = self._held()
        half = self.folder.with_suffix(".making")
        shutil.rmtree(half, ignore_errors=True)
        # `transfer.fsckObjects` stays off: old repositories have harmless faults in their history (a mode written
        # 040000), which would keep all their posts out, and without a work tree there is nothing to be harmed.
        self._git.run("init", "--quiet", "--bare", "--template=", "--initial-branch=main", "--", str(half), lock=lock)
        with (half / "config").open("a") as config:
            config.write("[gc]\n\tauto = 0\n\tpruneExpire = never\n[maintenance]\n\tauto = false\n")
        half.rename(self.folder)

    def _refs(self) -> dict[str, str]:
        listed = self._git.run("for-each-ref", "--format=%(refname) %(objectname)", "--", _INCOMING, _THEIRS)
        pairs = (line.split(" ") for line in listed.decode().splitlines())
        return dict(pairs)

    def _follow(self, old: str | None, new: str) -> None:
        if old == new:
            return
        orders = f"update {_THEIRS} {new}\n"
        if old is not None and self._git.run("rev-list", "--max-count=1", old, f"^{new}", "--"):
            orders += f"update {_SEEN}/{old} {old}\n"
        self._git.run("update-ref", "--stdin", given=orders.encode(), lock=self._held())

    def _logged(self, commits: str, *options: str) -> Iterator[LoggedCommit]:
        with self._git.running(
            "log",
            "-z",
            "-c",
            "-M",
            "--name-status",
            "--date-order",
            "--no-show-signature",
            "--no-ext-diff",
            "--encoding=UTF-8",
            "--date=raw",
            f"--format={LOG_FORMAT}",
            *options,
            commits,
            "--",
        ) as git:
            yield from logged(git)


def ls_remote(
    url: str, branch: str, *, timeout: float = 60, environment: Mapping[str, str] | None = None
) -> str | None:
    """The id of the head of `branch` at `url`, without a mirror: the test of a connection.

    None stands for a remote without any branch. Raises `GitError` as `Repository.fetch` does.
    """
    check_branch(branch)
    heads = _heads(Git(None, protocol=protocol_of(url), timeout=timeout, environment=environment), url)
    if not heads:
        return None
    try:
        return heads[f"refs/heads/{branch}".encode()]
    except KeyError:
        raise GitError("branch_missing", branch=branch) from None


def _heads(git: Git, url: str) -> dict[bytes, str]:
    question = ("ls-remote", "--quiet", "--heads", *_upload_pack(url), "--", url)
    listed = git.run(*question)
    if not listed and protocol_of(url) in ("http", "https"):
        # An empty page looks to git like an old server's list of no branches. Whoever speaks git sends packets.
        with git.running(*question, traced=True) as asked:
            listed = asked.output.read()
        if not listed and not re.search(r"packet: .*<", asked.words):
            raise GitError("rubbish_answer")
    pairs = (line.split(b"\t") for line in listed.splitlines())
    return {name: commit.decode() for commit, name in pairs}


def _upload_pack(url: str) -> tuple[str, ...]:
    # git refuses a repository on this machine that belongs to another user, and does not read from us that we mean
    # it but from its own command line. Whoever connects a folder means it.
    return ("--upload-pack=git -c safe.directory='*' upload-pack",) if protocol_of(url) == "file" else ()


def _receive_pack(url: str) -> tuple[str, ...]:
    return ("--receive-pack=git -c safe.directory='*' receive-pack",) if protocol_of(url) == "file" else ()


def _push_failure(answer: str, words: str) -> GitError:
    # With `--porcelain` each ref has a line "flag TAB from:to TAB summary (reason)".
    for line in answer.splitlines():
        flag, _, told = line.partition("\t")
        if flag != "!":
            continue
        words = f"{words}\n{told}".strip()
        if "[rejected]" in told or re.search(r"cannot lock ref|failed to update ref|already exists", told):
            return GitError("push_rejected", words)
        if "[remote rejected]" in told:
            full = failure(words)
            return full if full.code == "disk_full" else GitError("push_refused", words)
    return failure(words)


def _checked(name: str) -> str:
    """`name` if it is an object's full id, which can neither be an option nor end a line."""
    if not re.fullmatch(r"[0-9a-f]{40}(?:[0-9a-f]{24})?", name):
        raise ValueError(f"not the id of an object: {name!r}")
    return name
