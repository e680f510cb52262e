"""A bare git repository as the others see it: what a site's remote is, and what other people push to it.

It runs git itself and shares no code with `posts.git`, so that the two check each other.
"""

import copy
import os
import subprocess
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

Content = bytes | str | None

_ENVIRONMENT = {
    "PATH": os.environ.get("PATH", os.defpath),
    "HOME": "/nonexistent",
    "LC_ALL": "C.UTF-8",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_AUTHOR_NAME": "Somebody",
    "GIT_AUTHOR_EMAIL": "somebody@example.org",
    "GIT_COMMITTER_NAME": "Somebody",
    "GIT_COMMITTER_EMAIL": "somebody@example.org",
}
_FIRST_MOMENT = 1_700_000_000


class BareRemote:
    """A bare repository in `folder`, empty at first; `branch` is the one that all calls are about.

    Paths are text (other bytes as `os.fsdecode` writes them) or bytes, contents are bytes or text.
    """

    def __init__(self, folder: Path, branch: str = "main") -> None:
        self.folder = folder
        self.branch = branch
        self._moment = _FIRST_MOMENT
        folder.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["git", "init", "--quiet", "--bare", "--template=", f"--initial-branch={branch}", "--", str(folder)],
            env=_ENVIRONMENT,
            check=True,
        )

    @property
    def url(self) -> str:
        """The address by which git reaches it."""
        return str(self.folder)

    def git(self, *arguments: str, given: bytes = b"") -> bytes:
        """Run git in the repository and return what it printed."""
        told = subprocess.run(
            ["git", f"--git-dir={self.folder}", *arguments], input=given, env=_ENVIRONMENT, capture_output=True
        )
        assert told.returncode == 0, told.stderr.decode(errors="replace")
        return told.stdout

    def commit(
        self,
        files: Mapping[str, Content] | Mapping[bytes, Content],
        *,
        message: str = "A commit",
        author: tuple[str, str] = ("Somebody", "somebody@example.org"),
        modes: Mapping[str, int] | None = None,
        at: int | None = None,
        onto: str | None = None,
    ) -> str:
        """Write (or, with None, delete) files in one commit on the branch, and return its id.

        `modes` are of files that are not 0o100644 (the content of a submodule, 0o160000, is its commit's id); `at`
        is in seconds since 1970; `onto` starts from another commit than the head, and "" from none: a forced push.
        """
        self._moment = at if at is not None else self._moment + 60
        told = message.encode()
        by = f"{author[0]} <{author[1]}> {self._moment} +0800".encode()
        start = [
            b"commit refs/heads/%s\nmark :1\nauthor %s\ncommitter %s\n" % (self.branch.encode(), by, by),
            b"data %d\n%s\n" % (len(told), told),
        ]
        orders = []
        for path, content in files.items():
            name = _quoted(path)
            mode = (modes or {}).get(os.fsdecode(path), 0o100644)
            data = content.encode() if isinstance(content, str) else content
            if data is None:
                orders.append(b"D %s\n" % name)
            elif mode == 0o160000:
                orders.append(b"M 160000 %s %s\n" % (data, name))
            else:
                orders.append(b"M %o inline %s\ndata %d\n%s\n" % (mode, name, len(data), data))
        if onto is not None:
            parent = [b"from %s\n" % onto.encode()] if onto else []
            self.git("fast-import", "--quiet", "--force", given=b"".join([*start, *parent, *orders]))
        else:
            self._fast_forward(start, orders)
        head = self.head()
        assert head is not None
        return head

    def _fast_forward(self, start: list[bytes], orders: list[bytes]) -> None:
        """Commit onto the head, and again if somebody else pushed meanwhile: never over what they pushed."""
        for _ in range(50):
            parent = self.head()
            onto = [b"from %s\n" % parent.encode()] if parent else []
            told = subprocess.run(
                ["git", f"--git-dir={self.folder}", "fast-import", "--quiet"],
                input=b"".join([*start, *onto, *orders]),
                env=_ENVIRONMENT,
                capture_output=True,
            )
            if told.returncode == 0:
                return
            assert b"Not updating" in told.stderr or b"cannot lock ref" in told.stderr, told.stderr.decode()
        raise AssertionError("others kept pushing")

    def push(self, path: str | bytes, content: bytes | str, **how: object) -> str:
        """Write one file in one commit; takes what `commit` takes besides."""
        return self.commit({path: content}, **how)  # type: ignore[arg-type]

    def rewrite(self, path: str, change: Callable[[str], str], **how: object) -> str:
        """Change one file as somebody with a clone does: onto the newest head, and again if that moved meanwhile."""
        aside = copy.copy(self)
        aside.branch = f"aside-{threading.get_ident()}"
        while True:
            head = self.head()
            assert head is not None
            old = self.git("cat-file", "blob", f"{head}:{path}").decode()
            made = aside.push(path, change(old), onto=head, **how)
            if self._moved(head, made):
                return made

    def _moved(self, old: str, new: str) -> bool:
        order = ["git", f"--git-dir={self.folder}", "update-ref", f"refs/heads/{self.branch}", new, old]
        return subprocess.run(order, env=_ENVIRONMENT, capture_output=True).returncode == 0

    def delete(self, *paths: str | bytes, **how: object) -> str:
        """Delete files in one commit."""
        return self.commit(dict.fromkeys(paths), **how)  # type: ignore[arg-type]

    def rename(self, old: str, new: str, content: bytes | str | None = None, **how: object) -> str:
        """Move a file in one commit, with another content if there is one."""
        kept: Content = self.read(old) if content is None else content
        return self.commit({old: None, new: kept}, **how)  # type: ignore[arg-type]

    def force_push(self, commit: str) -> None:
        """Set the branch to any commit."""
        self.git("update-ref", f"refs/heads/{self.branch}", commit)

    def delete_branch(self) -> None:
        """Remove the branch, and with it every way to its commits."""
        self.git("update-ref", "-d", f"refs/heads/{self.branch}")

    def head(self) -> str | None:
        """The id of the branch's newest commit, or None while there is none."""
        return self.git("for-each-ref", "--format=%(objectname)", f"refs/heads/{self.branch}").decode().strip() or None

    def read(self, path: str | bytes) -> bytes:
        """The content of one file at the head."""
        return self.git("cat-file", "blob", f"refs/heads/{self.branch}:{os.fsdecode(path)}")

    def files(self, commit: str | None = None) -> dict[str, bytes]:
        """All files at the head (or another commit), but submodules."""
        names = []
        for entry in self.git("ls-tree", "-r", "-z", commit or f"refs/heads/{self.branch}").split(b"\0")[:-1]:
            facts, _, path = entry.partition(b"\t")
            _, kind, blob = facts.split()
            if kind == b"blob":
                names.append((os.fsdecode(path), blob))
        contents = self.git("cat-file", "--batch", given=b"".join(blob + b"\n" for _, blob in names))
        found, at = {}, 0
        for name, _ in names:
            start = contents.index(b"\n", at) + 1
            at = start + int(contents[at:start].split(b" ")[2])
            found[name] = contents[start:at]
            at += 1
        return found

    def modes(self) -> dict[str, int]:
        """The mode of every file at the head."""
        entries = self.git("ls-tree", "-r", "-z", f"refs/heads/{self.branch}").split(b"\0")[:-1]
        return {os.fsdecode(entry.partition(b"\t")[2]): int(entry.split(b" ")[0], 8) for entry in entries}

    def log(self, form: str = "%s") -> list[str]:
        """One line for each commit, newest first, by default its subject; `form` as in `git log --format`."""
        return self.git("log", f"--format={form}", f"refs/heads/{self.branch}", "--").decode().splitlines()

    def log_patch(self) -> str:
        """What `git log -p` prints."""
        return self.git("log", "-p", "--no-color", f"refs/heads/{self.branch}", "--").decode(errors="replace")

    def hook(self, name: str, script: str) -> None:
        """Put a shell script in the place of one of the server's hooks."""
        hook = self.folder / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\n{script}\n")
        hook.chmod(0o755)

    def check(self) -> None:
        """Fail if git finds any fault in the repository."""
        told = self.git("fsck", "--strict", "--full", "--no-dangling")
        assert told == b"", told.decode(errors="replace")


def _quoted(path: str | bytes) -> bytes:
    name = os.fsencode(path)
    return b'"' + name.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n") + b'"'
