"""Syncing now: all active connections, chosen ones, or one record (behaviour E1, E4, U8)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from django.utils import timezone

from brygga.crm.fields import RecordType
from brygga.erp.crm_side import crm_side
from brygga.erp.engine import health, marks
from brygga.erp.engine import links as store
from brygga.erp.engine.channel import channels_of
from brygga.erp.engine.context import Context
from brygga.erp.engine.foresight import Foreseen
from brygga.erp.engine.progress import Progress
from brygga.erp.engine.report import ConnectionReport, RunReport
from brygga.erp.engine.run import at_work, collect_changes, foresee_news, push_links, run_connection
from brygga.erp.models import Connection, Run, RunState
from brygga.erp.services.figures import note_figures
from brygga.erp.services.resting import resting

ROUNDS = 3
"""How often what one ERP brought is carried on to the others within a run before the next run goes on."""

Clock = Callable[[], datetime]


def sync_now(
    connections: Sequence[Connection] | None,
    by: str,
    dry_run: bool = False,
    record: tuple[str, int] | None = None,
    clock: Clock = timezone.now,
    by_hand: bool = False,
    progress: Progress | None = None,
    accept_gone: bool = False,
) -> RunReport:
    """Bring both sides into agreement.

    `connections` None means all active ones; with `record` (type, id) only that record is compared. A sync
    `by_hand` tries records again at once that were set aside (behaviour E6). A dry run writes nothing and
    returns what it would do. Failures of records and connections are in the report. `progress` is told the actors
    that were compared, and can stop the sync between pages. With `accept_gone` any number of actors may be missing
    in the ERPs without a connection being paused for it.
    """
    chosen = list(connections) if connections is not None else active_connections()
    report = RunReport(dry_run=dry_run)
    run = None if dry_run else Run.objects.create(kind="sync", by=by)
    report.run = run.pk if run else None
    contexts = [_context(connection, report, by, clock, run, progress or Progress()) for connection in chosen]
    share_foresight(contexts)
    with report.stoppable():
        for connection, context in zip(chosen, contexts, strict=True):
            context.accept_gone = accept_gone
            if by_hand and not dry_run:
                marks.retry_failed(connection.pk)
            if record is None:
                run_connection(connection, context)
            else:
                _sync_record(connection, record, context)
        if dry_run:
            foresee_carrying_on(chosen, contexts)
        elif record is None:
            _carry_on(chosen, contexts, clock)
    if run:
        finish(run, report)
    return report


def active_connections() -> list[Connection]:
    """The connections that take part in sync, in order of priority (behaviour A12)."""
    return list(Connection.objects.filter(active=True, deleted=False, connector__deleted=False))


def due_connections(clock: Clock = timezone.now) -> list[Connection]:
    """The active connections without those that are paused, rest after a failure or are imported from (E6, I1)."""
    now = clock()
    imported_from = resting(now)
    return [one for one in active_connections() if one.pk not in imported_from and health.is_due(one, now)]


def finish(run: Run, report: RunReport) -> None:
    """Store how a run ended. That a connection was left to another run is no failure of this one."""
    run.report = [part.stored() for part in report.connections]
    failures = [part.failure for part in report.connections if part.failure and part.failure.code != "busy"]
    run.state = RunState.STOPPED if report.stopped else RunState.FAILED if failures else RunState.DONE
    run.ended_at = timezone.now()
    run.save(update_fields=["report", "state", "ended_at"])
    note_figures(run)


def _context(
    connection: Connection, report: RunReport, by: str, clock: Clock, run: Run | None, progress: Progress
) -> Context:
    part = ConnectionReport.of(connection)
    report.connections.append(part)
    return Context(
        crm_side(), clock, part, origin=f"sync:{connection.guid}", run_id=run.pk if run else 0,
        dry_run=report.dry_run, planned=report.planned, progress=progress,
    )  # fmt: skip


def _carry_on(connections: Sequence[Connection], contexts: Sequence[Context], clock: Clock) -> None:
    """What came from one ERP goes on to the others in the same run (behaviour E4)."""
    for _ in range(ROUNDS):
        waiting = [
            (connection, context)
            for connection, context in zip(connections, contexts, strict=True)
            if not context.report.failure and marks.has_due(connection.pk, clock())
        ]
        if not waiting:
            return
        for connection, context in waiting:
            run_connection(connection, context, poll=False)


def share_foresight(contexts: Sequence[Context]) -> None:
    """Let each connection's part of a dry run see the CRM as the parts before it would leave it."""
    foreseen: Foreseen = {}
    for context in contexts:
        context.foreseen = foreseen


def foresee_carrying_on(connections: Sequence[Connection], contexts: Sequence[Context]) -> None:
    """What would come from one ERP would go on to the others in the same run (behaviour E4)."""
    for connection, context in zip(connections, contexts, strict=True):
        if not context.report.failure:
            foresee_news(connection, context)


def _sync_record(connection: Connection, record: tuple[str, int], context: Context) -> None:
    record_type, record_id = RecordType(record[0]), record[1]
    with at_work(connection, context) as lease:
        if lease is None:
            return
        if not context.dry_run:
            collect_changes(context.crm)
        link = store.links_by_record(connection.pk, record_type, [record_id]).get(record_id)
        channels = [c for c in channels_of(connection) if link and c.actor_type == link.actor_type]
        for channel in channels:
            push_links(channel, [link] if link else [], context)
