"""Bring up everything on this machine: migrate, make the demo, then web, worker and beat until Ctrl-C.

For one's own machine. On a server each of the three runs under the system's own supervisor.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
HOST = "127.0.0.1"
PATIENCE = 10.0
"""Seconds that a process has to end by itself."""


@dataclass(frozen=True)
class Part:
    """One of the processes, by the name that its lines are marked with."""

    name: str
    process: subprocess.Popen[str]


class Stopping:
    """Set by Ctrl-C or TERM."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self.asked.set()


def say(line: str) -> None:
    """Print `line`; if nobody reads our output any more, that must not keep us from stopping the others."""
    with contextlib.suppress(BrokenPipeError):
        print(line, flush=True)


def port_from_environment() -> int:
    """PORT, or 8000; exits with 2 if it is no port."""
    told = os.environ.get("PORT", "8000")
    if not told.isdigit() or not 0 < int(told) < 65536:
        print(f"PORT={told!r} is not a port number.", file=sys.stderr)
        sys.exit(2)
    return int(told)


def answers(port: int) -> bool:
    """Whether somebody listens at `port`."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((HOST, port)) == 0


def commands(port: int, broker: str) -> dict[str, list[str]]:
    """What is to be started, by name."""
    web = [
        *("gunicorn", "cms.wsgi:application", "--bind", f"{HOST}:{port}", "--workers", "1", "--threads", "4"),
        *("--worker-class", "gthread", "--graceful-timeout", "5", "--no-control-socket"),
    ]
    # The embedded broker loses what a killed child had fetched and polls once for each child: one is enough.
    pool = ["--pool", "prefork", "--concurrency", "2"] if broker.startswith("redis") else ["--pool", "solo"]
    celery = ["celery", "--quiet", "--app", "cms"]
    worker = [*celery, "worker", "--loglevel", "INFO", *pool, "--without-gossip", "--without-mingle"]
    beat = [*celery, "beat", "--loglevel", "WARNING", "--pidfile="]
    return {"web": web, "worker": worker, "beat": beat}


def relay(part: Part) -> None:
    """Print the process's lines with its name before each, until it closes its output."""
    assert part.process.stdout is not None
    for line in part.process.stdout:
        say(f"{part.name:>6} | {line.rstrip()}")


def start(name: str, command: list[str]) -> Part:
    """Start a process whose lines are relayed. It is out of the terminal's reach: Ctrl-C comes through us alone."""
    program, *arguments = command
    process = subprocess.Popen(
        [str(BIN / program), *arguments],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    part = Part(name, process)
    threading.Thread(target=relay, args=(part,), daemon=True).start()
    return part


def stop(parts: list[Part]) -> None:
    """Ask each to end, wait for all, kill what is still there."""
    for part in parts:
        if part.process.poll() is None:
            part.process.terminate()
    deadline = time.monotonic() + PATIENCE
    for part in parts:
        try:
            part.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            say(f"{part.name} did not stop in {PATIENCE:.0f} s and is killed.")
            os.killpg(part.process.pid, signal.SIGKILL)
            part.process.wait()


def first(*command: str) -> None:
    """Run a Python program of ours to its end; exits with its status if it fails."""
    status = subprocess.run([sys.executable, *command], cwd=ROOT).returncode
    if status:
        sys.exit(status)


def watch(parts: list[Part], stopping: Stopping, port: int) -> int:
    """Wait until one process dies (1) or the user has had enough (0); say when the site answers."""
    greeted = False
    while not stopping.asked.wait(0.2):
        for part in parts:
            status = part.process.poll()
            if status is not None:
                say(f"{part.name} ended by itself with status {status}: stopping the others.")
                return 1
        if not greeted and answers(port):
            greeted = True
            say(f"\nEvergreen is at http://{HOST}:{port}/ . Stop it with Ctrl-C.\n")
    return 0


def main() -> int:
    """Run until stopped; 0 if that was asked for, 1 if a part died."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.development")
    os.environ["PYTHONUNBUFFERED"] = "1"
    port = port_from_environment()
    if answers(port):
        print(f"Port {port} is taken. Give another one: make run PORT=8001", file=sys.stderr)
        return 2
    first("manage.py", "migrate", "--noinput", "--verbosity", "0")
    demo = subprocess.run([sys.executable, "scripts/make_demo.py"], cwd=ROOT).returncode
    if demo:
        return demo
    stopping = Stopping()
    parts: list[Part] = []
    try:
        for name, command in commands(port, os.environ.get("CELERY_BROKER_URL", "")).items():
            parts.append(start(name, command))
        return watch(parts, stopping, port)
    finally:
        say("Stopping.")
        stop(parts)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        # While it migrated or made the demo: nothing was started yet.
        sys.exit(130)
