"""The floor under a run with changes: select by key, update, insert the log, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter
from typing import Any

from django.db import connection, models, transaction
from django.db.models import Max

from bench import tables
from brygga.crm.models import Company
from brygga.erp.models import Link, LogEntry, Run

_CHUNK = 500
_RECORD = ("version", "updated_at", "updated_by", "phone", "streetad1")
_LINK = ("base", "erp_stamp", "state", "issues", "failures", "retry_at")


class Changes:
    """What the newest run wrote for the actors with these keys."""

    def __init__(self, erp_keys: Sequence[str]) -> None:
        self._keys = list(erp_keys)
        links = _after(Link, "erp_key", self._keys)
        self._ids = [link["record_id"] for link in links]
        self._links = [(*(link[name] for name in _LINK), link["id"]) for link in links]
        records = _after(Company, "id", self._ids)
        self._records = [(*(record[name] for name in _RECORD), record["id"]) for record in records]
        run = Run.objects.aggregate(newest=Max("id"))["newest"]
        self._log = tables.select(LogEntry, "WHERE run_id = %s", [run])

    def timed_write(self) -> float:
        """Read and write the same rows again; returns seconds."""
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM erp_logentry WHERE run_id = %s", [self._log[0][2]])
        tables.settle()
        started = perf_counter()
        with transaction.atomic():
            _select_all(Link, "erp_key", self._keys)
            _select_all(Company, "id", self._ids)
            _update(Company, _RECORD, self._records)
            _update(Link, _LINK, self._links)
            tables.load(LogEntry, self._log)
        return perf_counter() - started


def _after(model: type[models.Model], key: str, values: Sequence[Any]) -> list[dict[str, Any]]:
    rows: tables.Rows = []
    for condition, chunk in _conditions(key, values):
        rows += tables.select(model, condition.replace("?", "%s"), chunk)
    return [dict(zip(tables.columns_of(model), row, strict=True)) for row in rows]


def _conditions(key: str, values: Sequence[Any]) -> list[tuple[str, list[Any]]]:
    """Conditions for chunks of keys, with their parameters; links are found as their unique index has them."""
    first = "connection_id = (SELECT min(id) FROM erp_connection) AND actor_type = 'Customer' AND "
    chunks = [list(values[start : start + _CHUNK]) for start in range(0, len(values), _CHUNK)]
    head = f'WHERE {first if key == "erp_key" else ""}"{key}"'
    return [(f"{head} IN ({', '.join('?' * len(chunk))})", chunk) for chunk in chunks]


def _select_all(model: type[models.Model], key: str, values: Sequence[Any]) -> None:
    cursor = connection.connection.cursor()
    columns = ", ".join(f'"{name}"' for name in tables.columns_of(model))
    for condition, chunk in _conditions(key, values):
        cursor.execute(_plain(f"SELECT {columns} FROM {model._meta.db_table} {condition}"), chunk)
        cursor.fetchall()


def _update(model: type[models.Model], columns: Sequence[str], rows: tables.Rows) -> None:
    assigned = ", ".join(f'"{name}" = ?' for name in columns)
    connection.connection.cursor().executemany(
        _plain(f'UPDATE {model._meta.db_table} SET {assigned} WHERE "id" = ?'), rows
    )


def _plain(sql: str) -> str:
    """The statement with the driver's own placeholders."""
    return sql if connection.vendor == "sqlite" else sql.replace("?", "%s")
