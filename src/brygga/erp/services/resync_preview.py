"""What a resync would change, tried on some linked records before it is started (behaviour A14, E9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from brygga.erp.engine.report import RunReport
from brygga.erp.models import Connection, Link, LogEntry, Run
from brygga.erp.services.history import LogLine, lines
from brygga.erp.services.jobs import JobKind, start
from brygga.erp.services.resync import resync
from brygga.merge import Side

TRIED = 100
"""How many linked records a preview looks at, so that it answers while somebody waits."""

_SHOWN = 20
"""How many changes are shown one by one."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What was found in `tried` of `links` linked records: how many fields would change, and the first of them.

    `failures` are the connections that could not be read, with the reason.
    """

    links: int
    tried: int
    changes: int
    failed: int
    lines: Sequence[LogLine]
    failures: Sequence[str]


def preview(connection: Connection, source: Side, keep_blanks: bool, by: str) -> Preview:
    """Try a resync of a connection, from its ERP or from the CRM, on its first linked records; nothing is written."""
    records = Link.objects.filter(connection=connection).order_by("id").values_list("record_type", "record_id")
    tried = list(records[:TRIED])
    report = resync(
        connection if source is Side.ERP else "crm", keep_blanks, by, dry_run=True,
        connections=None if source is Side.ERP else [connection], record_ids=tried,
    )  # fmt: skip
    return Preview(
        link_count(connection),
        len(tried),
        len(report.planned),
        sum(part.failed for part in report.connections),
        _lines(report, by),
        [f"{part.name}: {part.error}" for part in report.connections if part.failure],
    )


def link_count(connection: Connection) -> int:
    """How many records a resync of this connection is about."""
    return Link.objects.filter(connection=connection).count()


def start_resync(connection: Connection, source: Side, keep_blanks: bool, by: str) -> None:
    """Have a connection resynced in the background: from its ERP to the CRM and on, or from the CRM to its ERP."""
    start(JobKind.RESYNC, {**_what(connection, source, keep_blanks), "records": None}, by)


def start_plan(connection: Connection, source: Side, keep_blanks: bool, by: str) -> None:
    """Have every change listed that the resync would make, as a plan that can be applied as it is (behaviour G1)."""
    start(JobKind.PLAN_RESYNC, _what(connection, source, keep_blanks), by)


def _what(connection: Connection, source: Side, keep_blanks: bool) -> dict[str, Any]:
    """The params of a job."""
    if source is Side.CRM:
        return {"source": "crm", "connections": [connection.pk], "keep_blanks": keep_blanks}
    return {"source": connection.pk, "keep_blanks": keep_blanks}


def _lines(report: RunReport, by: str) -> list[LogLine]:
    """The first changes as the log would tell them."""
    shown = report.planned[:_SHOWN]
    connections = Connection.objects.in_bulk({entry["connection"] for entry in shown})
    return lines([_entry(planned, connections[planned["connection"]], by) for planned in shown])


def _entry(planned: Mapping[str, Any], connection: Connection, by: str) -> LogEntry:
    return LogEntry(
        at=timezone.now(),
        run=Run(kind="resync", by=by),
        connection=connection,
        actor_type=planned["actor_type"],
        erp_key=planned["erp_key"],
        record_type=planned["type"],
        record_id=planned["id"],
        erp_field=planned["erp_field"],
        crm_field=planned["field"],
        target=planned["side"],
        old=planned["old"],
        new=planned["new"],
        rule=planned["rule"],
    )
