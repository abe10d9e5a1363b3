"""The functions of this room: each picks the database's way of doing it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, overload

from django.db import DEFAULT_DB_ALIAS, connections

from brygga.batch import postgres, sqlite
from brygga.batch.statements import Engine, Row, Target, chunks

_KEYS_PER_SELECT = 10_000
_ROWS_PER_GUARDED_UPDATE = 10_000
_ENGINES: dict[str, Engine] = {"sqlite": sqlite, "postgresql": postgres}


def insert_rows(table: str, columns: Sequence[str], rows: Iterable[Row], using: str = "default") -> int:
    """Insert rows as they come, in constant memory; returns how many."""
    return _engine(using).insert(_target(table, using), columns, rows)


def upsert_rows(
    table: str,
    columns: Sequence[str],
    rows: Iterable[Row],
    conflict: Sequence[str],
    update: Sequence[str],
    using: str = "default",
) -> int:
    """Insert rows; where one stands with the same `conflict` columns (a unique constraint), set `update` in it.

    No two rows may be in conflict with each other. Returns how many rows were written.
    """
    return _engine(using).upsert(_target(table, using), columns, rows, conflict, update)


@overload
def update_rows(
    table: str,
    key: str | Sequence[str],
    columns: Sequence[str],
    rows: Iterable[Row],
    using: str = "default",
    *,
    guard: None = None,
) -> int: ...


@overload
def update_rows(
    table: str,
    key: str | Sequence[str],
    columns: Sequence[str],
    rows: Iterable[Row],
    using: str = "default",
    *,
    guard: str,
) -> set[Any]: ...


def update_rows(
    table: str,
    key: str | Sequence[str],
    columns: Sequence[str],
    rows: Iterable[Row],
    using: str = "default",
    *,
    guard: str | None = None,
) -> int | set[Any]:
    """Set `columns` in the rows with these keys; no key may come twice.

    Without `guard`, rows are (key…, values…) and the number of rows changed is returned. With it, rows are (key…,
    expected value of the guard column, values…), only rows where that still holds are changed, and the keys of the
    others are returned: as they are where `key` is one name, as tuples where it is several.
    """
    if guard is None:
        return _engine(using).update(_target(table, using), _names(key), columns, rows)
    refused: set[Any] = set()
    for chunk in chunks(rows, _ROWS_PER_GUARDED_UPDATE):
        refused |= _refused(_target(table, using), key, guard, columns, chunk)
    return refused


def _refused(
    target: Target, key: str | Sequence[str], guard: str, columns: Sequence[str], rows: Sequence[Row]
) -> set[Any]:
    names = _names(key)
    written = _engine(target.connection.alias).update_guarded(target, names, guard, columns, rows)
    missed = {tuple(row[: len(names)]) for row in rows} - written
    return {one for (one,) in missed} if isinstance(key, str) else missed


def delete_by_keys(table: str, key: str | Sequence[str], values: Iterable[Any], using: str = "default") -> int:
    """Delete the rows with these keys: values where `key` is one name, tuples where it is several."""
    rows = ((value,) for value in values) if isinstance(key, str) else values
    return _engine(using).delete(_target(table, using), _names(key), rows)


def select_by_keys(
    table: str,
    columns: Sequence[str],
    key: str,
    values: Iterable[Any],
    where: Mapping[str, Any] | None = None,
    using: str = "default",
) -> Iterator[tuple[Any, ...]]:
    """The rows whose `key` column is one of `values`, in no particular order.

    The column holds whole numbers or text and has an index, alone or with the columns of `where`. `where` adds
    conditions: the column equals the value, or is null where the value is None.
    """
    target, engine = _target(table, using), _engine(using)
    condition, params = _condition(target, where or {})
    for chunk in chunks(values, _KEYS_PER_SELECT):
        yield from engine.select(target, columns, key, chunk, condition, params)


def _condition(target: Target, where: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """The values are hidden from the planner: of a value that is new since it last took statistics, as the id of a
    connection is in its first import, it thinks that hardly a row has it, and goes by that column alone."""
    tests = {name: "IS NULL" if value is None else "= (SELECT %s)" for name, value in where.items()}
    parts = (f" AND {target.quote(name)} {test}" for name, test in tests.items())
    return "".join(parts), [value for value in where.values() if value is not None]


def execute_with_pairs(sql: str, pairs: Sequence[tuple[int, int]]) -> None:
    """Execute a statement in which `{pairs}` stands for a source of these pairs: pair, with the columns a and b."""
    if not pairs:
        return
    source, params = _engine(DEFAULT_DB_ALIAS).pairs(pairs)
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(sql.format(pairs=source), params)


def reserve_ids(table: str, count: int, using: str = "default") -> Sequence[int]:
    """`count` values for the `id` column of a table that nobody else will get, in rising order."""
    return _engine(using).reserve(_target(table, using), count) if count else []


def native_moment(moment: datetime, using: str = "default") -> Any:
    """A moment with time zone as the database stores it in a Django column."""
    return connections[using].ops.adapt_datetimefield_value(moment)


def _engine(using: str) -> Engine:
    return _ENGINES[connections[using].vendor]


def _target(table: str, using: str) -> Target:
    return Target(connections[using], table)


def _names(key: str | Sequence[str]) -> tuple[str, ...]:
    return (key,) if isinstance(key, str) else tuple(key)
