"""Changes and failures over time, counted by the database from the reports of runs (behaviour A15)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from django.db import connection as database

from brygga.erp.models import Connection, Run

_CHANGED = ("to_crm", "to_erp", "created")


@dataclass(frozen=True, slots=True)
class Figure:
    """What the runs that began in one step of time did with one connection.

    `step` counts from 0. `changes` are fields and records that got new values, `failures` records that were set aside
    and the times that the connection itself failed. `connection_id` is None in reports of before ids were kept.
    """

    step: int
    connection_id: int | None
    changes: int
    failures: int


@dataclass(frozen=True, slots=True)
class _Dialect:
    """How a database takes a JSON list apart: `each` gives a row `part` per item, `value` what lies on a path."""

    each: str
    open: str
    between: str
    close: str
    moment: str

    def value(self, *path: str) -> str:
        return f"{self.open}{self.between.join(path)}{self.close}"

    def number(self, name: str) -> str:
        return f"CAST(COALESCE({self.value(name)}, '0') AS integer)"


_DIALECTS: Mapping[str, _Dialect] = {
    "sqlite": _Dialect("json_each(run.report) AS part", "json_extract(part.value, '$.", ".", "')", "%s"),
    "postgresql": _Dialect(
        "jsonb_array_elements(run.report) AS part (value)", "(part.value #>> '{", ",", "}')", "%s::timestamptz"
    ),
}


def figures(edges: Sequence[datetime]) -> list[Figure]:
    """The figures of the steps between each two neighbours of `edges`, which rise; steps without runs are left out.

    One statement, whose cost depends on the runs in these steps only.
    """
    steps = list(pairwise(edges))
    if not steps:
        return []
    adapted = database.ops.adapt_datetimefield_value
    values = [value for n, (low, high) in enumerate(steps) for value in (n, adapted(low), adapted(high))]
    with database.cursor() as cursor:
        cursor.execute(_statement(_DIALECTS[database.vendor], len(steps)), values)
        return [Figure(*row) for row in cursor.fetchall()]


def connection_names(found: Sequence[Figure]) -> dict[int, str]:
    """The names of the connections that figures are about, by id, in the reader's language."""
    ids = {figure.connection_id for figure in found if figure.connection_id is not None}
    return {pk: connection.name for pk, connection in Connection.objects.in_bulk(ids).items()}


def _statement(dialect: _Dialect, steps: int) -> str:
    step = f"(%s, {dialect.moment}, {dialect.moment})"
    connection, reason = f"CAST({dialect.value('connection')} AS bigint)", dialect.value("failure", "code")
    failed = f"CASE WHEN {dialect.value('failure')} IS NULL OR COALESCE({reason}, '') = 'busy' THEN 0 ELSE 1 END"
    return (
        f"WITH step (n, low, high) AS (VALUES {', '.join([step] * steps)}) "
        f"SELECT step.n, {connection}, SUM({' + '.join(dialect.number(name) for name in _CHANGED)}), "
        f"SUM({dialect.number('failed')} + {failed}) "
        f"FROM step CROSS JOIN {Run._meta.db_table} run CROSS JOIN {dialect.each} "
        "WHERE run.started_at >= step.low AND run.started_at < step.high "
        "GROUP BY 1, 2 ORDER BY 1, 2"
    )
