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
    sql = f"SELECT {target.listed(columns)} FROM {target.name} WHERE {one_of(target, columns[0])}"
    with target.connection.cursor() as cursor:
        cursor.execute(sql, [any_value([row[0] for row in rows])])
        return set(cursor.fetchall())


def delete(target: Target, key: Sequence[str], rows: Iterable[Row]) -> int:
    """Delete by key; returns how many rows went."""
    return _run_many(target, f"DELETE FROM {target.name} WHERE {_equal(target, key)}", rows)


def _equal(target: Target, columns: Iterable[str]) -> str:
    return " AND ".join(f"{target.quote(column)} = %s" for column in columns)


def one_of(target: Target, column: str) -> str:
    """The condition that a column holds one of `any_value`: one parameter, however many values."""
    return f"{target.quote(column)} IN (SELECT value FROM json_each(%s))"


def any_value(values: Sequence[Any]) -> str:
    """The parameter of `one_of`: numbers or text."""
    return json.dumps(values)


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
