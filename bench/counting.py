"""What a piece of work takes of the database."""

from collections.abc import Callable
from typing import Any

from django.db import connection


class Queries:
    """Counts the queries of a `with` block, hardly slowing them down."""

    def __init__(self) -> None:
        self.count = 0
        self._wrapped = connection.execute_wrapper(self._note)

    def __enter__(self) -> "Queries":
        self._wrapped.__enter__()
        return self

    def __exit__(self, *failure: Any) -> None:
        self._wrapped.__exit__(*failure)

    def _note(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        self.count += 1
        return execute(*arguments)


def server_process() -> int | None:
    """The process of PostgreSQL that serves our connection; None for SQLite, which works in our own."""
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])
