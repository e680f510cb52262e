"""Questions that a page asks the database at every visit: put into SQL once, and asked again with other values.

To build a query and to put it into SQL takes Django ten times as long as the database takes to answer one that an index
answers. A page with thirty of them spends its time there (docs/decisions/0034).
"""

from collections.abc import Callable, Hashable
from functools import cached_property, lru_cache
from importlib import import_module
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Expression, Field, Model, QuerySet

Row = TypeVar("Row", bound=Model)

_KEPT = 64


class Given(Expression):
    """The place in a question of a value that it is asked with; `output_field` is of the kind of the value."""

    def __init__(self, name: str, output_field: "Field[Any, Any]") -> None:
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """A placeholder; among the parameters it stands itself, until it is known what for."""
        return "%s", (self,)


class Question:
    """A queryset of `values_list` that is built once for each of the fixed values that it depends on.

    What `build` is called with is part of the SQL: the collections that somebody may see, say. Whatever is another one
    at each visit is a `Given`. No lookup may depend on the reader's time zone, which would be part of the SQL, too.
    """

    def __init__(self, build: Callable[..., QuerySet[Any]]) -> None:
        self._built = lru_cache(maxsize=_KEPT)(lambda vendor, *fixed: _in_sql(build(*fixed)))

    def ask(self, *fixed: Hashable, **given: Any) -> list[tuple[Any, ...]]:
        """The rows for these values, in one query."""
        built = self._built(connection.vendor, *fixed)
        if built is None:
            return []
        compiler, sql, places = built
        values = [_value(place, given) if isinstance(place, Given) else place for place in places]
        with _cursor() as cursor:
            cursor.execute(sql, values)
            rows = cursor.fetchall()
        return list(compiler.results_iter([rows]))


class RowQuestion(Generic[Row]):
    """A `Question` for whole rows of one model, `computed` with them: annotations of the queryset by these names."""

    def __init__(self, model: type[Row], build: Callable[..., QuerySet[Row]], *computed: str) -> None:
        self._model = model
        self._build = build
        self._computed = computed

    def ask(self, *fixed: Hashable, **given: Any) -> list[Row]:
        """The rows for these values, in one query."""
        return [self._made(row) for row in self._question.ask(*fixed, **given)]

    @cached_property
    def _columns(self) -> list[str]:
        return [field.attname for field in self._model._meta.concrete_fields]

    # Not before somebody asks: then all models are there.
    @cached_property
    def _question(self) -> Question:
        return Question(lambda *fixed: self._build(*fixed).values_list(*self._columns, *self._computed))

    def _made(self, values: tuple[Any, ...]) -> Row:
        row = self._model.from_db(connection.alias, self._columns, values[: len(self._columns)])
        for name, value in zip(self._computed, values[len(self._columns) :], strict=True):
            setattr(row, name, value)
        return row


def _cursor() -> Any:
    """A cursor; on PostgreSQL one for which the server keeps the plans, since to plan takes it longer than to answer.

    Django's own puts the values into the SQL there, so that each question is a new one to the server.
    """
    database: Any = connection
    if database.vendor != "postgresql":
        return database.cursor()
    database.ensure_connection()
    cursors: Any = import_module("django.db.backends.postgresql.base")
    return database._prepare_cursor(cursors.ServerBindingCursor(database.connection))


def _in_sql(queryset: QuerySet[Any]) -> tuple[Any, str, tuple[Any, ...]] | None:
    """The compiler of a queryset, its SQL and the parameters; None where no row can be meant."""
    compiler = queryset.query.get_compiler(connection=connection)
    try:
        sql, places = compiler.as_sql()
    except EmptyResultSet:
        return None
    return compiler, sql, tuple(places)


def _value(place: Given, given: dict[str, Any]) -> Any:
    return place.output_field.get_db_prep_value(given[place.name], connection)
