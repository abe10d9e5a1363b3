"""Resync: write all values of one side to the other, whatever was agreed before (behaviour A14)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils import timezone

from brygga.batch import chunks
from brygga.erp.crm_side import crm_side
from brygga.erp.engine import links as store
from brygga.erp.engine import marks
from brygga.erp.engine.channel import Channel, channels_of
from brygga.erp.engine.context import Context
from brygga.erp.engine.links import LinkRow
from brygga.erp.engine.progress import Progress
from brygga.erp.engine.reconcile import SAVE_BATCH
from brygga.erp.engine.report import ConnectionReport, RunReport
from brygga.erp.engine.run import at_work, push_links, push_waiting
from brygga.erp.models import Connection, Link, Run
from brygga.erp.services.sync import Clock, active_connections, finish, foresee_carrying_on, share_foresight
from brygga.merge import Side


@dataclass(frozen=True)
class _Chosen:
    """The links to resync: all of them, or those of these ERP keys and of these records (type, id)."""

    erp_keys: Sequence[str] | None
    records: Sequence[tuple[str, int]] | None

    def pages(self, channel: Channel, after: int) -> Iterator[list[LinkRow]]:
        """The chosen links of a channel, each of them once; where all are meant, those after the one of this id."""
        if self.erp_keys is None and self.records is None:
            yield from _links_after(channel, after)
            return
        links = {link.id: link for link in (*self._by_key(channel), *self._by_record(channel))}
        yield from chunks(links.values(), SAVE_BATCH)

    def count(self, connection: Connection) -> int:
        """How many links there are to resync, for the progress shown; 0 where it takes a search to tell."""
        every = self.erp_keys is None and self.records is None
        return Link.objects.filter(connection=connection).count() if every else 0

    def _by_key(self, channel: Channel) -> list[LinkRow]:
        keys = list(dict.fromkeys(self.erp_keys or ()))
        return list(store.links_by_key(channel.connection.pk, channel.actor_type, keys).values())

    def _by_record(self, channel: Channel) -> list[LinkRow]:
        ids = [id_ for record_type, id_ in self.records or () if record_type == channel.record_type]
        links = store.links_by_record(channel.connection.pk, channel.record_type, ids).values()
        return [link for link in links if link.actor_type == channel.actor_type]


def resync(
    source: str | Connection,
    keep_blanks: bool,
    by: str,
    dry_run: bool = False,
    *,
    connections: Sequence[Connection] | None = None,
    erp_keys: Sequence[str] | None = None,
    record_ids: Sequence[tuple[str, int]] | None = None,
    progress: Progress | None = None,
    clock: Clock = timezone.now,
) -> RunReport:
    """Write CRM values to the ERPs (`source` "crm"), or one ERP's values to the CRM and on to the others.

    `connections` are the ERPs that are written to, besides the source; None means all active ones. `erp_keys` and
    `record_ids`, the latter (type, id), limit what is resynced to the links of either. With `keep_blanks` a blank never
    overwrites a value. Field directions hold: a field that does not flow that way is left alone. A dry run writes
    nothing and tells what it would do. `progress` is told the links dealt with, and can stop the resync between pages.
    """
    report = RunReport(dry_run=dry_run)
    run = None if dry_run else Run.objects.create(kind="resync", by=by)
    report.run = run.pk if run else None
    targets = active_connections() if connections is None else list(connections)
    copied = [source] if isinstance(source, Connection) else targets
    others = [target for target in targets if target not in copied]
    contexts = {c.pk: _context(c, report, clock, progress or Progress()) for c in (*copied, *others)}
    share_foresight(list(contexts.values()))
    with report.stoppable():
        for connection in copied:
            context = contexts[connection.pk]
            context.copy_from = Side.ERP if isinstance(source, Connection) else Side.CRM
            context.keep_blanks = keep_blanks
            _resync_connection(connection, _Chosen(erp_keys, record_ids), context)
        _carry_on(others, [contexts[other.pk] for other in others], dry_run)
    if run:
        finish(run, report)
    return report


def _context(connection: Connection, report: RunReport, clock: Clock, progress: Progress) -> Context:
    part = ConnectionReport.of(connection)
    report.connections.append(part)
    return Context(
        crm_side(), clock, part, f"resync:{connection.guid}", report.run or 0,
        report.dry_run, report.planned, progress=progress,
    )  # fmt: skip


def _resync_connection(connection: Connection, chosen: _Chosen, context: Context) -> None:
    with at_work(connection, context) as lease:
        if lease is None:
            return
        context.progress.expect(chosen.count(connection))
        for channel in channels_of(connection):
            place = f"{connection.pk} {channel.actor_type}"
            for page in chosen.pages(channel, context.progress.cursor.get(place, 0)):
                lease.renew()
                push_links(channel, page, context)
                context.progress.cursor[place] = page[-1].id
                context.progress.advance(len(page))


def _carry_on(others: Sequence[Connection], contexts: Sequence[Context], dry_run: bool) -> None:
    """What came from one ERP goes on to the others in the same run, as any other change in the CRM does (E4)."""
    if dry_run:
        foresee_carrying_on(others, contexts)
        return
    for other, context in zip(others, contexts, strict=True):
        if marks.has_due(other.pk, context.clock()):
            push_waiting(other, context)


def _links_after(channel: Channel, after: int) -> Iterator[list[LinkRow]]:
    while page := store.links_after(channel.connection.pk, channel.actor_type, after, SAVE_BATCH):
        after = page[-1].id
        yield page
