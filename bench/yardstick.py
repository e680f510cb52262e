"""The yardstick of the first import: read every blob with `git cat-file --batch`, and compose each front matter.

As a program, in a process of its own: python -m bench.yardstick REPOSITORY
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import yaml

from bench.clock import Clock
from bench.corpus import BRANCH


def contents(repository: Path, most: int | None = None) -> Iterator[bytes]:
    """What every file of the branch holds, or about `most` of them, from all over it. To be read to its end."""
    git = ["git", f"--git-dir={repository}"]
    listed = subprocess.run([*git, "ls-tree", "-r", "-z", BRANCH], check=True, capture_output=True).stdout
    blobs = [entry.split(None, 3)[2] for entry in listed.split(b"\0")[:-1]]
    blobs = blobs[:: max(1, len(blobs) // most)] if most else blobs
    with subprocess.Popen([*git, "cat-file", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        asking, answers = process.stdin, process.stdout
        assert asking is not None and answers is not None

        def ask() -> None:
            asking.writelines(blob + b"\n" for blob in blobs)
            asking.close()

        thread = Thread(target=ask)
        thread.start()
        for _ in blobs:
            size = int(answers.readline().split()[2])
            yield answers.read(size + 1)[:-1]
        thread.join()


def block_of(text: str) -> str | None:
    """The front matter of `text`, found as simply as can be; None if it has none."""
    text = text.removeprefix("\ufeff")
    if not text.startswith("---"):
        return None
    start = text.index("\n") + 1
    return text[start : text.index("\n---", start - 1) + 1]


def main() -> None:
    """Print how long it took and how many bytes it were."""
    clock, size, count = Clock(), 0, 0
    for data in contents(Path(sys.argv[1])):
        count += 1
        size += len(data)
        block = block_of(data.decode())
        if block is not None:
            yaml.compose(block, Loader=yaml.CSafeLoader)
    spent = clock.spent()
    print(json.dumps({"wall": spent.wall, "cpu": spent.total, "files": count, "bytes": size}))


if __name__ == "__main__":
    main()
