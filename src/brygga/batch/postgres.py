"""PostgreSQL: COPY into the table, or into a temporary one that the statement then reads.

Few rows are written into the statement itself: that is one round trip, where a temporary table takes several. Either
way the statement sees a source with the columns c0, c1, …, each with the type of the table's column it stands for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from typing import Any

from django.db import transaction

from brygga.batch.statements import Row, Target

FEW = 50
"""Up to this many rows go into the statement."""

_STAGE = "brygga_stage"


def insert(target: Target, columns: Sequence[str], rows: Iterable[Row]) -> int:
    """Insert a stream of rows; returns how many."""
    return _copy(target, f"COPY {target.name} ({target.listed(columns)}) FROM STDIN", rows)


def upsert(
    target: Target, columns: Sequence[str], rows: Iterable[Row], conflict: Sequence[str], update: Sequence[str]
) -> int:
    """Insert rows, updating those that stand already; returns how many were written."""
    with _source(target, columns, rows) as (source, params):
        sql = f"INSERT INTO {target.name} ({target.listed(columns)}) SELECT * FROM {source}"
        return _execute(target, f"{sql} {target.on_conflict(conflict, update)}", params)


def update(target: Target, key: Sequence[str], columns: Sequence[str], rows: Iterable[Row]) -> int:
    """Set columns by key; rows are (key…, values…); returns how many were changed."""
    with _source(target, (*key, *columns), rows) as (source, params):
        return _execute(target, _update_from(target, key, columns, source), params)


def update_guarded(
    target: Target, key: Sequence[str], guard: str, columns: Sequence[str], rows: Sequence[Row]
) -> set[tuple[Any, ...]]:
    """Set columns where the guard holds; rows are (key…, expected guard, values…); returns the keys written."""
    returned = ", ".join(f"old.{target.quote(column)}" for column in key)
    with _source(target, (*key, guard, *columns), rows) as (source, params), target.connection.cursor() as cursor:
        cursor.execute(f"{_update_from(target, (*key, guard), columns, source)} RETURNING {returned}", params)
        return set(cursor.fetchall())


def delete(target: Target, key: Sequence[str], rows: Iterable[Row]) -> int:
    """Delete by key; returns how many rows went."""
    with _source(target, key, rows) as (source, params):
        sql = f"DELETE FROM {target.name} AS old USING {source} WHERE {_joined(target, key)}"
        return _execute(target, sql, params)


def select(
    target: Target, columns: Sequence[str], key: str, values: Sequence[Any], condition: str, params: Row
) -> list[tuple[Any, ...]]:
    """The rows that hold one of the values, each looked up by the key's index.

    `key = ANY(…)` leaves the choice to the planner, which scans a table that it knows little about: one that was
    filled a moment ago, as by an import. OFFSET 0 keeps it from turning the look-ups back into such a join.
    """
    wanted = list(dict.fromkeys(values))
    kind = "text" if isinstance(wanted[0], str) else "bigint"
    sql = (
        f"SELECT found.* FROM unnest(%s::{kind}[]) AS wanted(one) CROSS JOIN LATERAL (SELECT {target.listed(columns)} "
        f"FROM {target.name} WHERE {target.quote(key)} = wanted.one{condition} OFFSET 0) AS found"
    )
    with target.connection.cursor() as cursor:
        cursor.execute(sql, [wanted, *params])
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def pairs(pairs: Sequence[tuple[int, int]]) -> tuple[str, list[Any]]:
    """Pairs as a source with the columns a and b, called pair, and its parameters."""
    return "unnest(%s::bigint[], %s::bigint[]) AS pair(a, b)", [[a for a, _b in pairs], [b for _a, b in pairs]]


def reserve(target: Target, count: int) -> Sequence[int]:
    """Take ids from the sequence of the table."""
    sql = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
    with target.connection.cursor() as cursor:
        cursor.execute(sql, [target.connection.ops.quote_name(target.table), count])
        return [number for (number,) in cursor.fetchall()]


def _update_from(target: Target, key: Sequence[str], columns: Sequence[str], source: str) -> str:
    assigned = ", ".join(f"{target.quote(column)} = new.c{len(key) + i}" for i, column in enumerate(columns))
    return f"UPDATE {target.name} AS old SET {assigned} FROM {source} WHERE {_joined(target, key)}"


def _joined(target: Target, key: Sequence[str]) -> str:
    return " AND ".join(f"old.{target.quote(column)} = new.c{i}" for i, column in enumerate(key))


@contextmanager
def _source(target: Target, columns: Sequence[str], rows: Iterable[Row]) -> Iterator[tuple[str, list[Any]]]:
    """The rows as something to select from, called new, and its parameters."""
    stream = iter(rows)
    head = list(islice(stream, FEW + 1))
    types = ", ".join(f"{target.quote(column)} AS c{i}" for i, column in enumerate(columns))
    empty = f"SELECT {types} FROM {target.name} WHERE false"
    if len(head) <= FEW:
        # One SELECT each: the rows of a VALUES list would agree on types among themselves, as texts.
        given = f" UNION ALL SELECT {', '.join(['%s'] * len(columns))}" * len(head)
        yield f"({empty}{given}) AS new", [value for row in head for value in row]
        return
    with transaction.atomic(using=target.connection.alias):
        _execute(target, f"CREATE TEMPORARY TABLE {_STAGE} AS {empty}")
        _copy(target, f"COPY {_STAGE} FROM STDIN", chain(head, stream))
        _execute(target, f"ANALYZE {_STAGE}")
        yield f"{_STAGE} AS new", []
        _execute(target, f"DROP TABLE {_STAGE}")


def _execute(target: Target, sql: str, params: Sequence[Any] = ()) -> int:
    with target.connection.cursor() as cursor:
        cursor.execute(sql, params)
        return int(cursor.rowcount)


def _copy(target: Target, sql: str, rows: Iterable[Row]) -> int:
    with target.connection.cursor() as cursor:
        with target.connection.wrap_database_errors, cursor.copy(sql.replace("%%", "%")) as copy:
            for row in rows:
                copy.write_row(row)
        return int(cursor.rowcount)
