"""Changes and failures over time: kept for each run, and added up by the database (behaviour A15)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.db import connection as database

from brygga.erp.models import Connection, Run, RunFigure

_CHANGED = ("to_crm", "to_erp", "created")
_BUSY = "busy"
_MOMENT: Mapping[str, str] = {"sqlite": "%s", "postgresql": "%s::timestamptz"}


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


def note_figures(run: Run) -> None:
    """Keep the figures of a run's report; a plan that goes on after a break has another report each time."""
    noted = [_figure(run, part) for part in run.report]
    run.figures.all().delete()
    RunFigure.objects.bulk_create(figure for figure in noted if figure.changes or figure.failures)


def _figure(run: Run, part: Mapping[str, Any]) -> RunFigure:
    """The figures of a part of a report. That a connection was left to another run is no failure."""
    changes = sum(part.get(name, 0) for name in _CHANGED)
    has_failed = part.get("failure", {}).get("code", _BUSY) != _BUSY
    failures = part.get("failed", 0) + has_failed
    return RunFigure(run=run, connection_id=part.get("connection"), changes=changes, failures=failures)


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
        cursor.execute(_statement(len(steps)), values)
        return [Figure(*row) for row in cursor.fetchall()]


def connection_names(found: Sequence[Figure]) -> dict[int, str]:
    """The names of the connections that figures are about, by id, in the reader's language."""
    ids = {figure.connection_id for figure in found if figure.connection_id is not None}
    return {pk: connection.name for pk, connection in Connection.objects.in_bulk(ids).items()}


def _statement(steps: int) -> str:
    moment = _MOMENT[database.vendor]
    return (
        f"WITH step (n, low, high) AS (VALUES {', '.join([f'(%s, {moment}, {moment})'] * steps)}) "
        "SELECT step.n, figure.connection_id, SUM(figure.changes), SUM(figure.failures) "
        f"FROM step CROSS JOIN {Run._meta.db_table} run "
        f"JOIN {RunFigure._meta.db_table} figure ON figure.run_id = run.id "
        "WHERE run.started_at >= step.low AND run.started_at < step.high "
        "GROUP BY 1, 2 ORDER BY 1, 2"
    )
