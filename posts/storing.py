"""Many rows stored at once (decision 36): new ones by COPY on PostgreSQL, by one prepared statement on SQLite.

Django's own ways look at each value of each row several times over: a third of what a first import took.
"""

from collections.abc import Callable, Sequence
from functools import cache
from operator import attrgetter
from typing import Any

from django.db import connection, transaction
from django.db.models import DateField, Field, ForeignKey, JSONField, Model, UUIDField

_CONVERTED = {"postgresql": (JSONField,), "sqlite": (DateField, JSONField, UUIDField)}
"""Kinds whose values a database wants in a form of its own; every other value it takes as it is."""


def insert_rows(rows: Sequence[Model]) -> None:
    """Insert `rows`, new ones of one model, and give those a key that have none.

    Nothing else is filled in: what else they say must be set, and rows that they point at must be stored already, or
    be stored in this transaction under the key that they have.
    """
    if not rows:
        return
    model = type(rows[0])
    with transaction.atomic(savepoint=False):
        without = [row for row in rows if row.pk is None]
        for row, key in zip(without, _new_keys(model, len(without)), strict=True):
            row.pk = key
        columns, values = _columns(model)
        insert_values(model._meta.db_table, columns, [values(row) for row in rows])
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def update_rows(rows: Sequence[Model], *, only: Sequence[str] = ()) -> None:
    """Let the stored rows be what `rows`, all of one model, say, in each column or in the fields of `only`.

    Nothing else is filled in. As with `save`, a row that another process has changed since it was read is written
    over: the caller holds the lock.
    """
    if not rows:
        return
    model, name = type(rows[0]), connection.ops.quote_name
    columns, values = _columns(model, *only)
    changes = ", ".join(f"{name(column)} = %s" for column in columns)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {name(model._meta.db_table)} SET {changes} WHERE {name(str(model._meta.pk.column))} = %s",  # noqa: S608
            [[*values(row), row.pk] for row in rows],
        )


def insert_values(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert `rows`, the values of `columns` each. The names are ours, never anybody's words."""
    name = connection.ops.quote_name
    into = f"{name(table)} ({', '.join(map(name, columns))})"
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            places = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {into} VALUES ({places})", rows)  # noqa: S608
            return
        with connection.wrap_database_errors, cursor.copy(f"COPY {into} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)


def _new_keys(model: type[Model], count: int) -> Sequence[int]:
    """Numbers that no row of `model` has, nor will have. SQLite's transaction keeps all other writers out."""
    if not count:
        return []
    table, column = model._meta.db_table, str(model._meta.pk.column)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            order = "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)"
            cursor.execute(order, [table, column, count])
            return [key for (key,) in cursor.fetchall()]
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        last = cursor.fetchone()
    first = (last[0] if last else 0) + 1
    return range(first, first + count)


@cache
def _columns(model: type[Model], *only: str) -> tuple[list[str], Callable[[Any], Sequence[Any]]]:
    """The columns of `model`, or of the fields `only`, and what gives their values of a row."""
    fields = [field for field in model._meta.concrete_fields if not only or field.name in only]
    names = [field.attname for field in fields]
    # All at once is several times as fast; of one alone it gives no tuple.
    as_they_are = attrgetter(*names) if len(names) > 1 else lambda row: (getattr(row, names[0]),)
    kinds = _CONVERTED[connection.vendor]
    converted = [(place, field) for place, field in enumerate(fields) if isinstance(_kind(field), kinds)]

    def values(row: Any) -> Sequence[Any]:
        found = list(as_they_are(row))
        for place, field in converted:
            if found[place] is not None:
                found[place] = field.get_db_prep_save(found[place], connection)
        return found

    return [str(field.column) for field in fields], values


def _kind(field: "Field[Any, Any]") -> "Field[Any, Any]":
    """The field itself; of a foreign key, the one that it points at."""
    return field.target_field if isinstance(field, ForeignKey) else field
