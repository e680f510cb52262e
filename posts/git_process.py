"""Starting git, talking to it and ending it: the environment, the time-outs, and its failures as errors.

Only `posts/git.py` calls this. Every process runs in a group of its own, so that a time-out or an abandoned
stream ends git together with the ssh, the hooks and the packers that it started.
"""

import io
import os
import re
import select
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import IO

from posts.errors import EvergreenError
from posts.git_environment import environment_of_git, forms_of_token
from posts.git_words import fit_to_show, percent_received, tail

CODES = (
    "unreachable",
    "refused_credentials",
    "credentials_missing",
    "host_key",
    "no_repository",
    "branch_missing",
    "rubbish_answer",
    "push_rejected",
    "push_refused",
    "timeout",
    "protocol_not_allowed",
    "bad_url",
    "bad_branch",
    "bad_path",
    "disk_full",
    "busy",
    "stopped",
    "git_failed",
)
"""Every code that a `GitError` may have."""

_SLICE_SECONDS = 0.5

# No configuration is read (see `environment`), so what matters is said here, on every call. Nothing is ever pruned
# or packed behind our back: a background `gc` would outlive its parent with our lock in its hands, and could take
# the texts that conflicts still point at.
_SETTINGS = (
    "core.hooksPath=/dev/null",
    "protocol.ext.allow=never",
    "gc.auto=0",
    "gc.pruneExpire=never",
    "maintenance.auto=false",
    # A worker that was killed leaves its time-out behind with it: these end a dead connection all the same.
    "http.lowSpeedLimit=1",
    "http.lowSpeedTime=120",
)
# git and its transports have no error codes: their words are all there is (in English, by LC_ALL). The order counts:
# the last words are nearly always "Could not read from remote repository", whatever the reason.
_SIGNS = tuple(
    (re.compile(pattern, re.IGNORECASE), code)
    for pattern, code in (
        (r"no space left on device|out of disk ?space|disk quota exceeded", "disk_full"),
        (r"transport '[^']*' not allowed", "protocol_not_allowed"),
        (r"host key verification failed|host key is known|certificate|REMOTE HOST IDENTIFICATION", "host_key"),
        (
            r"permission denied \(|authentication failed|could not read (username|password)|invalid credentials"
            r"|requested url returned error: 40[13]|terminal prompts disabled|too many authentication failures",
            "refused_credentials",
        ),
        (r"couldn't find remote ref|remote branch .* not found", "branch_missing"),
        (
            r"could not resolve host|failed to connect|couldn't connect|connection (refused|timed out|reset|closed)"
            r"|no route to host|network is unreachable|operation timed out|operation too slow|name or service not known"
            r"|temporary failure in name resolution|kex_exchange_identification|requested url returned error: 5\d\d",
            "unreachable",
        ),
        (
            r"does not appear to be a git repository|repository not found|repository '.*' not found"
            r"|requested url returned error: 404|not a git repository|not valid: is this a git repository",
            "no_repository",
        ),
        (r"hung up unexpectedly|early eof|unexpected disconnect|unable to access '", "unreachable"),
    )
)


def never() -> bool:
    """No: what nobody can interrupt."""
    return False


class GitError(EvergreenError):
    """Git did not do what was asked: one of `CODES`, and as the fact `words` what git itself said of it.

    The words carry no credentials and no control characters, and are never longer than `LONGEST_WORDS`.
    """

    def __init__(self, code: str, words: str = "", **facts: object) -> None:
        super().__init__(code, words=fit_to_show(words), **facts)


class RepositoryBusy(GitError):
    """Somebody else, or a git process that somebody else left behind, holds the lock of the mirror."""

    def __init__(self) -> None:
        super().__init__("busy")


class Interrupted(GitError):
    """Git was ended in the middle, because whoever started it was asked to stop."""

    def __init__(self) -> None:
        super().__init__("stopped")


class HungUp(Exception):
    """Git closed its end of the conversation: its status and its words, read later, tell why."""


class Conversation:
    """A running git process that is read from and, if it was so started, written to.

    After the `with` block of `Git.running` its `status` and `words` are known.
    """

    def __init__(self, process: subprocess.Popen[bytes], patience: "_Patience") -> None:
        assert process.stdout is not None
        self.output = io.BufferedReader(_Patient(process.stdout.fileno(), patience), 1 << 16)
        self.status = 0
        self.words = ""
        self._input: IO[bytes] | None = process.stdin
        self._patience = patience
        if self._input is not None:
            os.set_blocking(self._input.fileno(), False)

    def send(self, data: bytes) -> None:
        """Write all of `data`; raises `HungUp` when git has stopped listening.

        What git answers is not read meanwhile: send no more than it takes without being listened to.
        """
        assert self._input is not None
        rest = memoryview(data)
        while rest:
            self._patience.wait_for(self._input.fileno(), select.POLLOUT)
            try:
                rest = rest[os.write(self._input.fileno(), rest) :]
            except BrokenPipeError:
                raise HungUp from None

    def hang_up(self) -> None:
        """Tell git that nothing more will be written."""
        if self._input is not None:
            self._input.close()

    def line(self) -> bytes:
        """The next line without its end; raises `HungUp` when there is none."""
        line = self.output.readline()
        if not line.endswith(b"\n"):
            raise HungUp
        return line[:-1]

    def exactly(self, size: int) -> bytes:
        """The next `size` bytes; raises `HungUp` when there are fewer."""
        data = self.output.read(size)
        if len(data) < size:
            raise HungUp
        return data

    def skip(self, size: int) -> None:
        """Pass over `size` bytes without ever holding more than a little of them."""
        while size:
            size -= len(self.exactly(min(size, 1 << 16)))

    def fields(self) -> Iterator[bytes]:
        """All that comes, split at the NULs that `-z` writes; raises `HungUp` if the last one is missing."""
        rest = b""
        while chunk := self.output.read1(1 << 16):
            *whole, rest = (rest + chunk).split(b"\0")
            yield from whole
        if rest:
            raise HungUp


class Git:
    """The git program, for one repository (or for none) and one remote protocol."""

    def __init__(
        self,
        folder: str | None,
        *,
        protocol: str,
        timeout: float,
        environment: Mapping[str, str] | None = None,
        interrupted: Callable[[], bool] = never,
    ) -> None:
        """`timeout` is in seconds without any movement between git and us.

        Once `interrupted`, which is asked several times a second, says yes, git is ended and `Interrupted` raised.
        """
        # `--git-dir` leaves nothing to be discovered, so the repository that we may stand in cannot meddle.
        self._start: tuple[str, ...] = ("git", f"--git-dir={folder or os.devnull}", *_set(*_SETTINGS))
        if protocol == "http":
            # A server on the loopback must not send us on to one that is not.
            self._start += _set("http.followRedirects=false")
        self._environment = environment_of_git(protocol, environment or {})
        self._hidden = forms_of_token(environment or {})
        self._timeout = timeout
        self._interrupted = interrupted

    def without_secrets(self, words: str) -> str:
        """What git or a server said, without the token that it was given, however it is written."""
        for secret in self._hidden:
            words = words.replace(secret, "***")
        return words

    def run(self, *arguments: str, given: bytes = b"", lock: int | None = None) -> bytes:
        """Run git to its end and return all that it printed; raises `GitError`. `given` must be small."""
        with self.running(*arguments, lock=lock, talks=bool(given)) as git:
            if given:
                git.send(given)
            git.hang_up()
            return git.output.read()

    @contextmanager
    def running(
        self,
        *arguments: str,
        lock: int | None = None,
        talks: bool = False,
        check: bool = True,
        settings: tuple[str, ...] = (),
        received: Callable[[int], None] | None = None,
        traced: bool = False,
    ) -> Iterator[Conversation]:
        """Start git, talk to it in the `with` block, and see that it has ended well when the block ends.

        A block that is left early, by an exception or because a generator around it was closed, kills git and
        all that it started. `lock` is a descriptor that they inherit; `settings` are further ones, as `git -c` takes
        them; `received` is told how many per cent git has fetched; if it is `traced`, git's words have each packet.
        Raises `GitError`; with `check` off, a failure of git is only noted in the conversation.
        """
        with tempfile.TemporaryFile() as words:
            process = self._started((*_set(*settings), *arguments), words, lock, talks, traced)
            patience = _Patience(self._timeout, self._interrupted, words, received)
            git = Conversation(process, patience)
            gone = False
            try:
                try:
                    yield git
                except HungUp:
                    gone = True
                git.hang_up()
                git.status = patience.wait_for_end(process)
            except _Silent:
                raise GitError("timeout", self.without_secrets(tail(words)), seconds=self._timeout) from None
            finally:
                _end(process)
            git.words = self.without_secrets(tail(words))
        if git.status < 0:
            git.words = f"{git.words}\ngit was ended by signal {-git.status}".strip()
        if check and (git.status or gone):
            raise failure(git.words)

    def _started(
        self, arguments: tuple[str, ...], words: IO[bytes], lock: int | None, talks: bool, traced: bool
    ) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(
                [*self._start, *arguments],
                bufsize=0,
                stdin=subprocess.PIPE if talks else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                # A file, not a pipe: nobody has to read it for git to go on.
                stderr=words,
                env={**self._environment, "GIT_TRACE_PACKET": "1"} if traced else self._environment,
                cwd="/",
                start_new_session=True,
                pass_fds=() if lock is None else (lock,),
            )
        except OSError as error:
            raise GitError("git_failed", f"git cannot be started: {error}") from error


def failure(words: str) -> GitError:
    """The error that git's own words stand for."""
    for sign, code in _SIGNS:
        if sign.search(words):
            return GitError(code, words)
    return GitError("git_failed", words)


class _Silent(Exception):
    """Nothing has moved for longer than our patience."""


class _Patience:
    """How long git may be silent, and whether we still want to hear it; both looked at in short slices of time."""

    def __init__(
        self,
        seconds: float,
        interrupted: Callable[[], bool],
        words: IO[bytes],
        received: Callable[[int], None] | None,
    ) -> None:
        self._seconds, self._interrupted = seconds, interrupted
        self._words, self._length, self._received = words, 0, received

    def wait_for(self, descriptor: int, event: int) -> None:
        """Return when `descriptor` is ready; raises `_Silent`, `Interrupted`."""
        waiting = select.poll()
        waiting.register(descriptor, event)
        self._wait(lambda slice_seconds: bool(waiting.poll(slice_seconds * 1000)))

    def wait_for_end(self, process: subprocess.Popen[bytes]) -> int:
        """The status of `process` once it has ended; raises `_Silent`, `Interrupted`."""

        def ended(slice_seconds: float) -> bool:
            with suppress(subprocess.TimeoutExpired):
                process.wait(slice_seconds)
            return process.returncode is not None

        self._wait(ended)
        return process.returncode

    def _wait(self, happens: Callable[[float], bool]) -> None:
        until = time.monotonic() + self._seconds
        while True:
            if self._interrupted():
                raise Interrupted
            if self._hears():
                until = time.monotonic() + self._seconds
            left = until - time.monotonic()
            if happens(max(0.0, min(left, _SLICE_SECONDS))):
                return
            if left <= 0:
                raise _Silent

    def _hears(self) -> bool:
        """Whether git said more since the last time: a long fetch says how far it is, and nothing else."""
        length = os.fstat(self._words.fileno()).st_size
        if length == self._length:
            return False
        self._length = length
        percent = percent_received(self._words, length) if self._received is not None else None
        if percent is not None and self._received is not None:
            self._received(percent)
        return True


class _Patient(io.RawIOBase):
    """The reading end of a pipe, which raises `_Silent` instead of waiting for ever. Leaves the pipe open."""

    def __init__(self, descriptor: int, patience: "_Patience") -> None:
        self._descriptor = descriptor
        self._patience = patience

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        self._patience.wait_for(self._descriptor, select.POLLIN)
        return os.readv(self._descriptor, [buffer])


def _end(process: subprocess.Popen[bytes]) -> None:
    # The group is killed only while its leader is not reaped: afterwards its number may be somebody else's.
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()


def _set(*settings: str) -> tuple[str, ...]:
    return tuple(word for setting in settings for word in ("-c", setting))
