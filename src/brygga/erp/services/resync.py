"""Resync: write all values of one side to the other, whatever was agreed before (behaviour A14)."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils import timezone

from brygga.erp.crm_side import crm_side
from brygga.erp.engine import links as store
from brygga.erp.engine.channel import Channel, channels_of
from brygga.erp.engine.links import LinkRow
from brygga.erp.engine.reconcile import SAVE_BATCH, Context
from brygga.erp.engine.report import ConnectionReport, RunReport
from brygga.erp.engine.run import at_work, push_links
from brygga.erp.models import Connection, Run
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
        part = ConnectionReport.of(connection)
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
    with at_work(connection, context) as lease:
        if lease is None:
            return
        for channel in channels_of(connection):
            for page in _link_pages(connection, channel):
                lease.renew()
                push_links(channel, page, context)


def _link_pages(connection: Connection, channel: Channel) -> Iterator[list[LinkRow]]:
    after = 0
    while page := store.links_after(connection.pk, channel.actor_type, after, SAVE_BATCH):
        after = page[-1].id
        yield page
