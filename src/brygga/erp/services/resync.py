"""Resync: write all values of one side to the other, whatever was agreed before (behaviour A14)."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils import timezone

from brygga.erp.crm_side import crm_side
from brygga.erp.engine.channel import Channel, channels_of
from brygga.erp.engine.links import LinkRow
from brygga.erp.engine.reconcile import Context
from brygga.erp.engine.report import ConnectionReport, RunReport
from brygga.erp.engine.run import PAGE, leased, push_links
from brygga.erp.errors import ConnectorFailed
from brygga.erp.models import Connection, Link, Run
from brygga.erp.services.sync import active_connections, finish
from brygga.merge import Side


def resync(source: str | Connection, keep_blanks: bool, by: str, dry_run: bool = False) -> RunReport:
    """Write CRM values to all active ERPs (`source` "crm"), or one ERP's values to the CRM.

    What comes from a connection goes on to the others in their next run. With `keep_blanks` a blank never
    overwrites a value. Field directions hold: a field that does not flow that way is left alone.
    """
    chosen = [source] if isinstance(source, Connection) else active_connections()
    copy_from = Side.ERP if isinstance(source, Connection) else Side.CRM
    report = RunReport(dry_run=dry_run)
    run = None if dry_run else Run.objects.create(kind="resync", by=by)
    report.run = run.pk if run else None
    for connection in chosen:
        part = ConnectionReport(connection.name)
        report.connections.append(part)
        context = Context(
            crm_side(), timezone.now, part, f"resync:{connection.guid}", run.pk if run else 0,
            dry_run, report.planned, copy_from=copy_from, keep_blanks=keep_blanks,
        )  # fmt: skip
        _resync_connection(connection, context)
    if run:
        finish(run, report)
    return report


def _resync_connection(connection: Connection, context: Context) -> None:
    with leased(connection, context.clock) as lease:
        if lease is None:
            context.report.error = "Another run is at work on this connection; it was left to it."
            return
        try:
            for channel in channels_of(connection):
                for page in _link_pages(connection, channel):
                    lease.renew()
                    push_links(channel, page, context)
        except ConnectorFailed as failed:
            context.report.error = str(failed.user_message)


def _link_pages(connection: Connection, channel: Channel) -> Iterator[list[LinkRow]]:
    after = 0
    columns = ("id", "actor_type", "erp_key", "record_type", "record_id", "base", "crm_dirty", "state", "issues")
    links = Link.objects.filter(connection=connection, actor_type=channel.actor_type).order_by("id")
    while rows := list(links.filter(id__gt=after).values_list(*columns, "failures")[:PAGE]):
        page = [LinkRow(*row) for row in rows]
        after = page[-1].id
        yield page
