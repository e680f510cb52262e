"""Private servers for the tests: each on a free port of 127.0.0.1, each gone when its block ends.

As a program it runs a command with a private PostgreSQL in DATABASE_URL:

    python -m tests.servers pytest -m database
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
import redis

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
PATIENCE = 120.0
"""Seconds until a server must answer, generous because the machine may be busy with other tests."""


class NotThere(RuntimeError):
    """A program that the tests need is not installed, or a server did not start."""


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listened at a moment ago."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def wait_for(ready: Callable[[], bool], what: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Return once `ready()` says so; raise `NotThere` with the log's end if the process dies or takes too long."""
    deadline = time.monotonic() + PATIENCE
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise NotThere(f"{what} did not start:\n{log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.05)


def end(process: subprocess.Popen[bytes]) -> None:
    """Stop the process: politely, then by force."""
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


# --- PostgreSQL


def postgres_programs() -> Path:
    """The folder of the newest PostgreSQL's own programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    raise NotThere("PostgreSQL is not installed: run scripts/install_servers.sh")


def postgres_owner() -> str | None:
    """Whom the server runs as: it refuses to run as root. None for who we are."""
    if os.getuid() != 0:
        return None
    with suppress(KeyError):
        return pwd.getpwnam("postgres").pw_name
    raise NotThere("PostgreSQL will not run as root, and there is no user postgres.")


def accepts_connections(url: str) -> bool:
    """Whether the PostgreSQL at `url` takes connections."""
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


@contextmanager
def postgres() -> Iterator[str]:
    """A PostgreSQL of one's own; gives the URL of an empty database. It forgets to be careful, and is fast."""
    programs, owner = postgres_programs(), postgres_owner()
    with tempfile.TemporaryDirectory(prefix="evergreen-pg-", ignore_cleanup_errors=True) as made:
        folder = Path(made)
        if owner:
            shutil.chown(folder, owner)
        data, port, log = folder / "data", free_port(), folder / "log"
        initdb = [programs / "initdb", "-D", data, "-U", "evergreen", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
        made_cluster = subprocess.run([*initdb, "--no-sync"], user=owner, cwd=folder, capture_output=True, text=True)
        if made_cluster.returncode:
            raise NotThere(f"initdb failed:\n{made_cluster.stderr}")
        careless = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=100"]
        server = [programs / "postgres", "-D", data, "-h", HOST, "-p", str(port), "-k", folder]
        server += [word for setting in careless for word in ("-c", setting)]
        with log.open("wb") as output:
            process = subprocess.Popen(server, user=owner, cwd=folder, stdout=output, stderr=output)
        url = f"postgres://evergreen@{HOST}:{port}/postgres"
        try:
            wait_for(lambda: accepts_connections(url), "PostgreSQL", process, log)
            yield url
        finally:
            # A "smart" stop (TERM) would wait for connections that a failed test left open.
            if process.poll() is None:
                subprocess.run(
                    [programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"],
                    user=owner,
                    cwd=folder,
                    capture_output=True,
                )
            end(process)


# --- Redis


def is_answering(url: str) -> bool:
    """Whether the Redis at `url` answers."""
    client = redis.Redis.from_url(url, socket_timeout=2)
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False
    finally:
        client.close()


@contextmanager
def redis_server() -> Iterator[str]:
    """A Redis of one's own that keeps nothing; gives its URL."""
    program = shutil.which("redis-server")
    if program is None:
        raise NotThere("Redis is not installed: run scripts/install_servers.sh")
    with tempfile.TemporaryDirectory(prefix="evergreen-redis-", ignore_cleanup_errors=True) as made:
        port, log = free_port(), Path(made) / "log"
        command = [program, "--bind", HOST, "--port", str(port), "--save", "", "--appendonly", "no", "--dir", made]
        with log.open("wb") as output:
            process = subprocess.Popen(command, stdout=output, stderr=output)
        url = f"redis://{HOST}:{port}/0"
        try:
            wait_for(lambda: is_answering(url), "Redis", process, log)
            yield url
        finally:
            end(process)


# --- A Celery worker


@dataclass(frozen=True)
class Worker:
    """A worker process: `process` to kill it in the middle of its work, `log` to read what it said."""

    process: subprocess.Popen[bytes]
    log: Path


@contextmanager
def celery_worker(environment: Mapping[str, str], log: Path, app: str = "cms") -> Iterator[Worker]:
    """A real worker in a process of its own, ready for work.

    `environment` comes on top of ours and says where it works: DATABASE_URL, CELERY_BROKER_URL, VAR_DIR. `app` is the
    module with its Celery application.
    """
    redis_broker = environment.get("CELERY_BROKER_URL", "").startswith("redis")
    pool = ["--pool", "prefork", "--concurrency", "2"] if redis_broker else ["--pool", "solo"]
    command = [sys.executable, "-m", "celery", "-A", app, "worker", "--loglevel", "INFO", *pool]
    command += ["--without-gossip", "--without-mingle"]
    settings = {"DJANGO_SETTINGS_MODULE": "cms.settings.test", "PYTHONUNBUFFERED": "1"}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **settings, **environment},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        wait_for(lambda: b" ready." in log.read_bytes(), "The Celery worker", process, log)
        yield Worker(process, log)
    finally:
        # A warm shutdown takes Celery five seconds, and a test has nothing left to lose: all of its group at once.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


# --- As a program


def main() -> int:
    """Run the command in the arguments with DATABASE_URL set; give its exit status."""
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    with postgres() as url:
        return subprocess.run(sys.argv[1:], env={**os.environ, "DATABASE_URL": url}).returncode


if __name__ == "__main__":
    sys.exit(main())
