"""SQLite: one prepared statement run over a stream of rows.

SQLite refuses a write in a transaction that has read if another one wrote in between; therefore reading first and
writing afterwards in one transaction is safe here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction

from brygga.batch.statements import Row, Target, placeholders


def _run_many(target: Target, sql: str, rows: Iterable[Row]) -> int:
    with target.connection.cursor() as cursor:
        many: Any = cursor  # sqlite3 takes a stream where Django's type asks for a sequence
        many.executemany(sql, rows)
        return max(int(cursor.rowcount), 0)


def _insert_into(target: Target, columns: Sequence[str]) -> str:
    return f"INSERT INTO {target.name} ({target.listed(columns)}) VALUES {placeholders(len(columns))}"


def insert(target: Target, columns: Sequence[str], rows: Iterable[Row]) -> int:
    """Insert a stream of rows; returns how many."""
    return _run_many(target, _insert_into(target, columns), rows)


def upsert(
    target: Target, columns: Sequence[str], rows: Iterable[Row], conflict: Sequence[str], update: Sequence[str]
) -> int:
    """Insert rows, updating those that stand already; returns how many were written."""
    return _run_many(target, f"{_insert_into(target, columns)} {target.on_conflict(conflict, update)}", rows)


def update(target: Target, key: Sequence[str], columns: Sequence[str], rows: Iterable[Row]) -> int:
    """Set columns by key; rows are (key…, values…); returns how many were changed."""
    assigned = ", ".join(f"{target.quote(column)} = %s" for column in columns)
    width = len(key)
    turned = ((*row[width:], *row[:width]) for row in rows)
    return _run_many(target, f"UPDATE {target.name} SET {assigned} WHERE {_equal(target, key)}", turned)


def update_guarded(
    target: Target, key: Sequence[str], guard: str, columns: Sequence[str], rows: Sequence[Row]
) -> set[tuple[Any, ...]]:
    """Set columns where the guard holds; rows are (key…, expected guard, values…); returns the keys written."""
    width = len(key) + 1
    with transaction.atomic(using=target.connection.alias):
        standing = _standing(target, (*key, guard), rows)
        fresh = [row for row in rows if tuple(row[:width]) in standing]
        update(target, (*key, guard), columns, fresh)
    return {tuple(row[: width - 1]) for row in fresh}


def _standing(target: Target, columns: Sequence[str], rows: Sequence[Row]) -> set[tuple[Any, ...]]:
    """Which of the combinations that the rows begin with are in the table now."""
    return set(select(target, columns, columns[0], [row[0] for row in rows], "", ()))


def delete(target: Target, key: Sequence[str], rows: Iterable[Row]) -> int:
    """Delete by key; returns how many rows went."""
    return _run_many(target, f"DELETE FROM {target.name} WHERE {_equal(target, key)}", rows)


def _equal(target: Target, columns: Iterable[str]) -> str:
    return " AND ".join(f"{target.quote(column)} = %s" for column in columns)


def select(
    target: Target, columns: Sequence[str], key: str, values: Sequence[Any], condition: str, params: Row
) -> list[tuple[Any, ...]]:
    """The rows that hold one of the values: one parameter, however many values."""
    one_of = f"{target.quote(key)} IN (SELECT value FROM json_each(%s))"
    with target.connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {target.listed(columns)} FROM {target.name} WHERE {one_of}{condition}",
            [json.dumps(list(values)), *params],
        )
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def pairs(pairs: Sequence[tuple[int, int]]) -> tuple[str, list[Any]]:
    """Pairs as a source with the columns a and b, called pair, and its parameters."""
    columns = "json_extract(value, '$[0]') AS a, json_extract(value, '$[1]') AS b"
    return f"(SELECT {columns} FROM json_each(%s)) AS pair", [json.dumps(pairs)]


def reserve(target: Target, count: int) -> Sequence[int]:
    """Take ids after the highest ever given, and remember them as given."""
    with transaction.atomic(using=target.connection.alias), target.connection.cursor() as cursor:
        cursor.execute("SELECT max(seq) FROM sqlite_sequence WHERE name = %s", [target.table])
        given = cursor.fetchone()[0]
        cursor.execute(f"SELECT max({target.quote('id')}) FROM {target.name}", [])
        last = max(given or 0, cursor.fetchone()[0] or 0)
        if given is None:
            cursor.execute("INSERT INTO sqlite_sequence (seq, name) VALUES (%s, %s)", [last + count, target.table])
        else:
            cursor.execute("UPDATE sqlite_sequence SET seq = %s WHERE name = %s", [last + count, target.table])
    return range(last + 1, last + count + 1)
