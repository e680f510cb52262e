"""Databases to measure in, and the processes that measure in them."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from tests.servers import postgres

ROOT = Path(__file__).resolve().parent.parent


def child(module: str, *arguments: object, environment: dict[str, str] | None = None) -> Any:
    """Run `python -m bench.<module>` in a process of its own and give what it printed as JSON."""
    command = [sys.executable, "-m", f"bench.{module}", *map(str, arguments)]
    told = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **(environment or {})}, stdout=subprocess.PIPE, text=True
    )
    if told.returncode:
        raise RuntimeError(f"{' '.join(command)} failed with {told.returncode}")
    return json.loads(told.stdout.splitlines()[-1])


@dataclass(frozen=True, slots=True)
class Place:
    """A migrated database with a VAR_DIR beside it."""

    kind: str
    var: Path
    url: str
    environment: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.var.mkdir(parents=True, exist_ok=True)
        told = {"VAR_DIR": str(self.var), "DATABASE_URL": self.url, "CELERY_BROKER_URL": "memory://"}
        object.__setattr__(self, "environment", {"DJANGO_SETTINGS_MODULE": "cms.settings.test", **told})

    def migrated(self) -> "Place":
        """The place itself, with its tables made."""
        command = [sys.executable, str(ROOT / "manage.py"), "migrate", "--verbosity=0"]
        subprocess.run(command, env={**os.environ, **self.environment}, check=True)
        return self

    def run(self, module: str, *arguments: object) -> Any:
        """What a measuring process says that works in this database."""
        return child("with_django", module, *arguments, environment=self.environment)


class Places:
    """Makes places of both kinds; each starts as a copy of one that was migrated once."""

    kinds = ("SQLite", "PostgreSQL")

    def __init__(self, folder: Path, server: str) -> None:
        self._folder = folder
        self._server = server
        self._made = 0
        self._patterns = {kind: self._place(kind, f"pattern_{kind.lower()}").migrated() for kind in self.kinds}

    def new(self, kind: str) -> Place:
        """An empty one."""
        self._made += 1
        return self._place(kind, f"bench_{self._made}", self._patterns[kind])

    def forget(self, place: Place) -> None:
        """Remove it with all that it holds."""
        shutil.rmtree(place.var, ignore_errors=True)
        if place.kind == "PostgreSQL":
            self._order(sql.SQL("DROP DATABASE {}").format(sql.Identifier(place.url.rpartition("/")[2])))

    def _place(self, kind: str, name: str, pattern: Place | None = None) -> Place:
        var = self._folder / name
        if kind == "PostgreSQL":
            source = sql.Identifier(pattern.url.rpartition("/")[2] if pattern else "template1")
            self._order(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), source))
            return Place(kind, var, f"{self._server.rpartition('/')[0]}/{name}")
        place = Place(kind, var, f"sqlite:///{var / 'evergreen.sqlite3'}")
        if pattern is not None:
            shutil.copy(pattern.var / "evergreen.sqlite3", var)
        return place

    def _order(self, order: sql.Composed) -> None:
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(order)


@contextmanager
def places(folder: Path) -> Iterator[Places]:
    """Both kinds of databases under `folder`, PostgreSQL by a server of our own."""
    with postgres() as server:
        yield Places(folder, server)
