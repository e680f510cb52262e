"""A remote repository with corpus posts, made once for each number of posts and kept."""

import hashlib
import inspect
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from tests.corpus import make_corpus

_SEED, _TRAPS = 1, 0.05
_POSTS_A_COMMIT = 100
_FIRST_MOMENT = 1_700_000_000
BRANCH = "refs/heads/main"
_ALWAYS_A_PACK = ("-c", "fastimport.unpackLimit=0")


def corpus(count: int, folder: Path) -> Path:
    """A bare repository of `count` posts under `folder`, with a commit for each hundred; the same bytes each time."""
    mark = hashlib.sha1(inspect.getsource(make_corpus).encode(), usedforsecurity=False).hexdigest()[:8]
    made = folder / f"corpus-{count}-{mark}.git"
    if not made.exists():
        folder.mkdir(parents=True, exist_ok=True)
        half = made.with_suffix(".making")
        shutil.rmtree(half, ignore_errors=True)
        subprocess.run(["git", "init", "--quiet", "--bare", "--template=", "--initial-branch=main", half], check=True)
        _fast_import(half, _commits(count))
        half.rename(made)
    return made


def remote_on(corpus: Path, folder: Path) -> Path:
    """A bare repository at `folder` that starts as `corpus` is and may be pushed to; `corpus` stays as it is."""
    subprocess.run(["git", "init", "--quiet", "--bare", "--template=", "--initial-branch=main", folder], check=True)
    packs = folder / "objects" / "pack"
    for pack in (corpus / "objects" / "pack").iterdir():
        os.link(pack, packs / pack.name) if corpus.stat().st_dev == packs.stat().st_dev else shutil.copy(pack, packs)
    (folder / "refs" / "heads" / "main").write_text(head(corpus) + "\n")
    return folder


def push(remote: Path, files: Mapping[str, bytes]) -> None:
    """Write files, all in one commit, on the remote's branch."""
    start = b"from %s^0\n" % BRANCH.encode()
    changed = (_file(path, content) for path, content in files.items())
    _fast_import(remote, [_heading("Change posts", 0) + start, *changed])


def read(remote: Path, path: str) -> bytes:
    """One file as the remote has it."""
    return _git(remote, "cat-file", "blob", f"{BRANCH}:{path}")


def head(remote: Path) -> str:
    """The id of the branch's newest commit."""
    return _git(remote, "rev-parse", BRANCH).decode().strip()


def _git(repository: Path, *arguments: str) -> bytes:
    return subprocess.run(["git", f"--git-dir={repository}", *arguments], check=True, capture_output=True).stdout


def _commits(count: int) -> Iterator[bytes]:
    maker = make_corpus.Maker(_SEED, _TRAPS, 0.0)
    for number in range(count):
        day, prefix, content = maker.post()
        name = maker.rng.choice(["{d}-talk-{n}", "{d}-访谈-{n}", "{n}-notes"]).format(d=day, n=number)
        if number % _POSTS_A_COMMIT == 0:
            yield _heading("Import transcripts", number)
        yield _file(f"src/posts/{day.year}/{prefix}{name}.md", content)


def _heading(message: str, number: int) -> bytes:
    told = message.encode()
    moment = _FIRST_MOMENT + number
    by = b"Pipeline <pipeline@example.org> %d +0800" % moment
    return b"commit %s\ncommitter %s\ndata %d\n%s\n" % (BRANCH.encode(), by, len(told), told)


def _file(path: str, content: bytes) -> bytes:
    return b'M 100644 inline "%s"\ndata %d\n%s\n' % (path.encode(), len(content), content)


def _fast_import(repository: Path, orders: Iterable[bytes]) -> None:
    command = ["git", f"--git-dir={repository}", *_ALWAYS_A_PACK, "fast-import", "--quiet", "--force"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as git:
        assert git.stdin is not None
        for order in orders:
            git.stdin.write(order)
        git.stdin.close()
    if git.returncode:
        raise RuntimeError(f"git fast-import: {git.returncode}")
