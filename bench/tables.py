"""The three tables that import fills, below Brygga: emptied, dumped, loaded by the driver's plainest means.

Beside that, loaded by Django's `bulk_create`, which is what a plain Django program would do.
"""

from __future__ import annotations

import gc
from collections.abc import Sequence
from time import perf_counter
from typing import Any

from django.db import connection, models, transaction

from brygga.crm.models import Company
from brygga.erp.models import Link, LogEntry

Rows = list[tuple[Any, ...]]

_MODELS: tuple[type[models.Model], ...] = (Company, Link, LogEntry)


def empty() -> None:
    """Delete every company, link and line of the log, and what the database remembers of them."""
    names = [model._meta.db_table for model in reversed(_MODELS)]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"TRUNCATE {', '.join(names)} CASCADE")
            return
        for name in names:
            cursor.execute(f"DELETE FROM {name}")


def settle() -> None:
    """Let the database do now what it would otherwise do during a measurement, and learn the tables' sizes."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM ANALYZE")
        else:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


class Dump:
    """The rows of the three tables as they stand."""

    def __init__(self) -> None:
        self._rows = {model: select(model, "") for model in _MODELS}

    def timed_load(self) -> tuple[float, float]:
        """Empty the tables and load the rows again: the floor under an import.

        Returns seconds, of all and of the lines of the log alone.
        """
        _start_over()
        started = perf_counter()
        with transaction.atomic():
            load(Company, self._rows[Company])
            load(Link, self._rows[Link])
            at_log = perf_counter()
            load(LogEntry, self._rows[LogEntry])
        ended = perf_counter()
        return ended - started, ended - at_log


def timed_bulk_create(batch: int = 2_000) -> float:
    """Empty the tables and make the rows that stood there again, as Django's model instances. Returns seconds."""
    values = {model: list(model._default_manager.values()) for model in _MODELS}
    _start_over()
    started = perf_counter()
    with transaction.atomic():
        for model, rows in values.items():
            for start in range(0, len(rows), batch):
                model._default_manager.bulk_create([model(**row) for row in rows[start : start + batch]])
    return perf_counter() - started


def _start_over() -> None:
    empty()
    settle()
    gc.collect()


def columns_of(model: type[models.Model]) -> list[str]:
    """The columns of a table, in the order of `select`."""
    return [field.column for field in model._meta.concrete_fields]


def select(model: type[models.Model], condition: str, parameters: Sequence[Any] = ()) -> Rows:
    """Rows as the driver gives them, equal values being one object: there may be millions."""
    # With a plus sign SQLite gives what is stored, instead of dates and booleans that would be converted back.
    sign = "" if connection.vendor == "postgresql" else "+"
    columns = ", ".join(f'{sign}"{name}"' for name in columns_of(model))
    known: dict[tuple[type, Any], Any] = {}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM {model._meta.db_table} {condition}", parameters)
        return [tuple(known.setdefault((type(value), value), value) for value in row) for row in cursor]


def load(model: type[models.Model], rows: Rows) -> None:
    """Insert rows: executemany on SQLite, COPY on PostgreSQL."""
    names = columns_of(model)
    columns = ", ".join(f'"{name}"' for name in names)
    if connection.vendor == "postgresql":
        copy_to(f"{model._meta.db_table} ({columns})", rows)
        return
    sql = f"INSERT INTO {model._meta.db_table} ({columns}) VALUES ({', '.join('?' * len(names))})"
    connection.connection.cursor().executemany(sql, rows)


def copy_to(target: str, rows: Rows) -> None:
    """COPY rows to a table of PostgreSQL."""
    with connection.connection.cursor().copy(f"COPY {target} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
