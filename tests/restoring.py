"""The database as the migrations left it, given back after each test that commits.

Django empties every table instead, which on PostgreSQL makes several hundred files anew, and takes away what the
migrations had written.
"""

import sqlite3
from collections.abc import Callable

from django.db import connection, transaction

KEPT = "as_migrated"
"""The schema that on PostgreSQL holds the rows of the migrations."""


def as_it_is_now() -> Callable[[], None]:
    """Remember the rows of the test's database; gives what brings them back, and nothing else."""
    return _of_sqlite() if connection.vendor == "sqlite" else _of_postgresql()


def _of_sqlite() -> Callable[[], None]:
    kept = sqlite3.connect(":memory:")
    connection.ensure_connection()
    connection.connection.backup(kept)

    def give_back() -> None:
        connection.ensure_connection()
        kept.backup(connection.connection)

    return give_back


def _of_postgresql() -> Callable[[], None]:
    with connection.cursor() as cursor:
        tables = [connection.ops.quote_name(name) for name in connection.introspection.table_names(cursor)]
        asked = " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})" for table in tables)
        cursor.execute(asked)
        kept = [table for (table,) in cursor.fetchall()]
        cursor.execute(f"CREATE SCHEMA {KEPT}")
        for table in kept:
            cursor.execute(f"CREATE TABLE {KEPT}.{table} AS TABLE {table}")

    def give_back() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            # Foreign keys are not looked at: all that is deleted and all that comes back belongs together.
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(asked)
            written = [table for (table,) in cursor.fetchall()]
            orders = [f"DELETE FROM {table}" for table in written]
            orders += [f"INSERT INTO {table} TABLE {KEPT}.{table}" for table in kept]
            cursor.execute("; ".join(orders))

    return give_back
