"""The floor under a run with changes: select by key, update, insert the log, and nothing else.

The floor changes what the run changed, from the same values to the same values: to write what stands there already
costs a database less.
"""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter
from typing import Any

from django.db import connection, models, transaction
from django.db.models import Max

from bench import tables
from brygga.crm.models import Company
from brygga.erp.models import Connection, Link, LogEntry, Run

_CHUNK = 500
_WRITTEN: dict[type[models.Model], tuple[str, ...]] = {
    Company: ("version", "updated_at", "updated_by", "phone", "streetad1"),
    Link: ("base", "erp_stamp", "state", "issues", "failures", "sent", "parent_key"),
}

State = dict[type[models.Model], tables.Rows]


class Changes:
    """A run's changes to the records of some actors, and to their links with every connection.

    Make it before the run, and time it afterwards.
    """

    def __init__(self, erp_keys: Sequence[str]) -> None:
        self._keys = list(erp_keys)
        self._ids = sorted({link["record_id"] for link in _standing(Link, "erp_key", self._keys)})
        self._before = self._state()

    def timed_write(self) -> float:
        """Put the rows back as they were before the run, then write what the run wrote; returns seconds."""
        after, log = _difference(self._state(), self._before), _newest_log()
        with transaction.atomic():
            _update_all(self._before)
            LogEntry.objects.filter(run_id=_newest_run()).delete()
        tables.settle()
        started = perf_counter()
        with transaction.atomic():
            _select_all(Link, "erp_key", self._keys)
            _select_all(Company, "id", self._ids)
            _update_all(after)
            tables.load(LogEntry, log)
        return perf_counter() - started

    def _state(self) -> State:
        """The columns that a run writes, and the id, of the records and links as they are now."""
        links = _standing(Link, "erp_key", self._keys)
        records = _standing(Company, "id", self._ids)
        return {
            Company: [(*(record[name] for name in _WRITTEN[Company]), record["id"]) for record in records],
            Link: [(*(link[name] for name in _WRITTEN[Link]), link["id"]) for link in links],
        }


def _difference(after: State, before: State) -> State:
    """The rows of `after` that are not in `before`."""
    known = {model: set(rows) for model, rows in before.items()}
    return {model: [row for row in rows if row not in known[model]] for model, rows in after.items()}


def _newest_run() -> int:
    return Run.objects.aggregate(newest=Max("id"))["newest"] or 0


def _newest_log() -> tables.Rows:
    return tables.select(LogEntry, "WHERE run_id = %s", [_newest_run()])


def _standing(model: type[models.Model], key: str, values: Sequence[Any]) -> list[dict[str, Any]]:
    rows: tables.Rows = []
    for condition, chunk in _conditions(key, values):
        rows += tables.select(model, condition.replace("?", "%s"), chunk)
    return [dict(zip(tables.columns_of(model), row, strict=True)) for row in rows]


def _conditions(key: str, values: Sequence[Any]) -> list[tuple[str, list[Any]]]:
    """Conditions for chunks of keys, with their parameters; links are found as their unique index has them."""
    chunks = [list(values[start : start + _CHUNK]) for start in range(0, len(values), _CHUNK)]
    head = f'WHERE {_of_connections() if key == "erp_key" else ""}"{key}"'
    return [(f"{head} IN ({', '.join('?' * len(chunk))})", chunk) for chunk in chunks]


def _of_connections() -> str:
    ids = ", ".join(map(str, Connection.objects.filter(deleted=False).values_list("id", flat=True)))
    return f"connection_id IN ({ids}) AND actor_type = 'Customer' AND "


def _select_all(model: type[models.Model], key: str, values: Sequence[Any]) -> None:
    cursor = connection.connection.cursor()
    columns = ", ".join(f'"{name}"' for name in tables.columns_of(model))
    for condition, chunk in _conditions(key, values):
        sql = f"SELECT {columns} FROM {model._meta.db_table} {condition}"
        cursor.execute(sql if connection.vendor == "sqlite" else sql.replace("?", "%s"), chunk)
        cursor.fetchall()


def _update_all(state: State) -> None:
    """Update by id in each database's fastest plain way, whichever that is: a slow floor would flatter."""
    update = _update_by_stage if connection.vendor == "postgresql" else _update_by_row
    for model, rows in state.items():
        if rows:
            update(model, rows)


def _update_by_row(model: type[models.Model], rows: tables.Rows) -> None:
    assigned = ", ".join(f'"{name}" = ?' for name in _WRITTEN[model])
    sql = f'UPDATE {model._meta.db_table} SET {assigned} WHERE "id" = ?'
    connection.connection.cursor().executemany(sql, rows)


def _update_by_stage(model: type[models.Model], rows: tables.Rows) -> None:
    """COPY to a temporary table and join it: little more than half the time of executemany, pipelined as that is."""
    cursor, table = connection.connection.cursor(), model._meta.db_table
    columns = ", ".join(f'"{name}"' for name in (*_WRITTEN[model], "id"))
    assigned = ", ".join(f'"{name}" = new."{name}"' for name in _WRITTEN[model])
    cursor.execute(f"CREATE TEMPORARY TABLE bench_new AS SELECT {columns} FROM {table} WHERE false")
    tables.copy_to("bench_new", rows)
    cursor.execute(f"UPDATE {table} AS old SET {assigned} FROM bench_new AS new WHERE old.id = new.id")
    cursor.execute("DROP TABLE bench_new")
