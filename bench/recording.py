"""The git commands that a sync runs, noted down and run again bare on copies of what they worked on."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from posts import git_process


@dataclass(slots=True)
class Command:
    """One command as it was started, and what was written to it."""

    words: list[str]
    environment: dict[str, str]
    given: bytearray = field(default_factory=bytearray)


@contextmanager
def recorded() -> Iterator[list[Command]]:
    """Note every git command of the block."""
    commands: list[Command] = []
    of_process: dict[int, Command] = {}
    git, talk = git_process.Git, git_process.Conversation
    started, began, sent = git._started, talk.__init__, talk.send

    def start(self: Any, arguments: tuple[str, ...], *others: Any) -> Any:
        process = started(self, arguments, *others)
        commands.append(Command([*self._start, *arguments], dict(self._environment)))
        of_process[process.pid] = commands[-1]
        return process

    def begin(self: Any, process: Any, patience: float) -> None:
        began(self, process, patience)
        self.noted = of_process[process.pid]

    def send(self: Any, data: bytes) -> None:
        self.noted.given += data
        sent(self, data)

    git._started, talk.__init__, talk.send = start, begin, send  # type: ignore[method-assign,assignment]
    try:
        yield commands
    finally:
        git._started, talk.__init__, talk.send = started, began, sent  # type: ignore[method-assign]


class Copies:
    """Copies of folders as they are now; a file with links to it is never written to by git, but replaced."""

    def __init__(self, into: Path, *folders: Path) -> None:
        self._of = {str(folder): str(into / str(number)) for number, folder in enumerate(folders)}
        for folder, copy in self._of.items():
            shutil.copytree(folder, copy, copy_function=os.link)

    def replayed(self, commands: list[Command]) -> float:
        """Run `commands` on the copies, one after the other; give the seconds that they took together."""
        total = 0.0
        for command in commands:
            words = [self._moved(word) for word in command.words]
            started = time.perf_counter()
            done = subprocess.run(
                words, input=bytes(command.given), env=command.environment, cwd="/", capture_output=True
            )
            total += time.perf_counter() - started
            if done.returncode:
                raise RuntimeError(f"{words}: {done.stderr.decode(errors='replace')}")
        return total

    def _moved(self, word: str) -> str:
        for folder, copy in self._of.items():
            word = word.replace(folder, copy)
        return word
