"""A run of one connection: take the lease, poll the ERP, push what waits, move the position."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime

import structlog
from django.db import transaction
from django.utils import timezone

from brygga.batch import chunks
from brygga.contract import ErpActor, stamps
from brygga.erp import connectors
from brygga.erp.crm_side import CrmSide
from brygga.erp.engine import health, marks, sending
from brygga.erp.engine import links as store
from brygga.erp.engine.channel import Channel, channels_of
from brygga.erp.engine.context import Context
from brygga.erp.engine.creating import settle_intents
from brygga.erp.engine.lease import HeldLease, LeaseLost
from brygga.erp.engine.links import LinkRow, LinkUpdate
from brygga.erp.engine.reconcile import SAVE_BATCH, fetch_actors, note_problem, reconcile
from brygga.erp.errors import BryggaError, Refused
from brygga.erp.models import ActorMapping, Connection, LinkState
from brygga.erp.problems import Problem, issue

log = structlog.get_logger(__name__)

PAGE = 2000
"""Actors compared at a time; bounds memory."""

EVERY_MARK = 1_000_000
"""Marks of changed records that a dry run looks at."""


@contextmanager
def leased(
    connection: Connection, clock: Callable[[], datetime], wait: Callable[[], bool] = lambda: False
) -> Iterator[HeldLease | None]:
    """The connection's lease, or None when another engine is at work on it and `wait` says not to wait for its end.

    By the real clock the lease is kept alive while a call lasts; by a clock of the caller's own, it is for the caller
    to say how time passes.
    """
    lease = HeldLease(f"connection:{connection.pk}", clock)
    while not lease.take():
        if not wait():
            yield None
            return
    try:
        sending.remember_lost(connection.pk)
        with lease.kept_alive() if clock is timezone.now else nullcontext():
            yield lease
    finally:
        lease.release()


@contextmanager
def at_work(connection: Connection, context: Context) -> Iterator[HeldLease | None]:
    """The connection's lease for work whose failures end in the report, never in an exception.

    None, and reported, where another engine is at work or the connection is paused: then there is nothing to do. At
    the end, the links whose actors were found missing are marked, or the connection is paused if they are too many
    (behaviour G8). A sync and an import never meet on a connection that way: automatic sync is off for it while an
    import goes on, and is back with the lease however that ends, also by a kill (behaviour I1). Raises StopRequested.
    """
    context.progress.advance(0)  # to stop before anything is begun
    if not context.dry_run and (reason := health.paused_by(connection)):
        context.report.failure = reason
        yield None
        return
    with leased(connection, context.clock, context.progress.wait) as lease:
        if lease is None:
            context.report.failure = Problem("busy")
        else:
            context.hold = lease.renew
        try:
            yield lease
            _settle_gone(connection, context)
        except LeaseLost:
            context.report.failure = Problem("lease_lost")
            log.warning("lease lost", connection=connection.name)
        except BryggaError as failed:
            context.report.failure = failed.problem
            log.warning("connection failed", connection=connection.name, technical=failed.technical)
            if not context.dry_run and health.remedy_of(failed.problem.code) is health.Remedy.STOP:
                health.pause(connection, failed.problem, context.clock())


def run_connection(connection: Connection, context: Context, *, poll: bool = True) -> None:
    """Poll and push one connection. Failures end in the report and on the connection, never in an exception.

    Raises StopRequested between pages: the position then stays, and the next run reads and compares once more.
    """
    started = time.monotonic()
    with at_work(connection, context) as lease:
        if lease is None:
            return
        _run_leased(connection, context, lease, poll=poll)
    context.report.seconds += time.monotonic() - started
    if not context.dry_run and context.report.failure != Problem("lease_lost"):  # who has it now remembers how it went
        failed = context.report.failed - context.missing
        health.after_run(connection, context.report, failed, context.clock())


def _run_leased(connection: Connection, context: Context, lease: HeldLease, *, poll: bool) -> None:
    channels = channels_of(connection)
    if not context.dry_run:
        settle_intents(channels, context)
        collect_changes(context.crm)
    if poll:
        for channel in channels:
            _poll(channel, context, lease)
    for channel in channels:
        _push(channel, context, lease)
        if context.dry_run:
            _foresee_push(channel, context)


def collect_changes(crm: CrmSide) -> None:
    """Move the CRM's marks of changed records to their links, so that each connection has its own to work off."""
    while changed := crm.changed(PAGE):
        with transaction.atomic():
            for record_type in {one.record_type for one in changed}:
                versions = {one.record_id: one.version for one in changed if one.record_type == record_type}
                marks.mark_changed(record_type, versions)
            crm.forget(changed)


def _poll(channel: Channel, context: Context, lease: HeldLease) -> None:
    """Merge what the ERP has changed since the position; move the position when all of it is dealt with."""
    position = channel.actor.position
    answer = connectors.call(
        channel.connection, "get_actors_by_timestamp", position, channel.actor_type, channel.erp_keys
    )
    latest = position
    for page in chunks(answer.actors, PAGE):
        lease.renew()
        latest = stamps.latest([latest, *(actor.last_modified for actor in page)])
        links = store.links_by_key(channel.connection.pk, channel.actor_type, [actor.erp_key for actor in page])
        found = [(links[actor.erp_key], actor) for actor in _newest_of_each(page) if actor.erp_key in links]
        reconcile(channel, found, context, fresh=False)
        context.progress.advance(len(page))
    if latest != position and not context.dry_run:
        ActorMapping.objects.filter(pk=channel.actor.pk).update(position=latest)


def _newest_of_each(page: list[ErpActor]) -> list[ErpActor]:
    """An actor that is delivered several times counts once, as it was changed last."""
    return list(
        {actor.erp_key: actor for actor in sorted(page, key=lambda actor: stamps.key(actor.last_modified))}.values()
    )


def _push(channel: Channel, context: Context, lease: HeldLease) -> None:
    """Merge the links whose CRM record changed, with the actors as they are in the ERP now."""
    connection, after, now = channel.connection, 0, context.clock()
    while waiting := store.waiting_links(connection.pk, channel.actor_type, now, after, SAVE_BATCH):
        lease.renew()
        push_links(channel, waiting, context)
        context.progress.advance(len(waiting))
        after = waiting[-1].id


def _foresee_push(channel: Channel, context: Context) -> None:
    """In a dry run changes stay in the CRM's journal, so they are looked up there."""
    changed = [one.record_id for one in context.crm.changed(EVERY_MARK) if one.record_type == channel.record_type]
    links = store.links_by_record(channel.connection.pk, channel.record_type, changed)
    of_type = [link for link in links.values() if link.actor_type == channel.actor_type]
    for page in chunks(of_type, SAVE_BATCH):
        push_links(channel, page, context)


def push_waiting(connection: Connection, context: Context) -> None:
    """Push what waits for one connection, without polling it. Failures end in the report. Raises StopRequested."""
    with at_work(connection, context) as lease:
        if lease is None:
            return
        for channel in channels_of(connection):
            _push(channel, context, lease)


def foresee_news(connection: Connection, context: Context) -> None:
    """In a dry run: merge the links whose records other connections would write to, with what they would write."""
    with at_work(connection, context) as lease:
        if lease is None:
            return
        for channel in channels_of(connection):
            records = [id_ for record_type, id_ in context.foreseen if record_type == channel.record_type]
            links = store.links_by_record(connection.pk, channel.record_type, records).values()
            of_type = [link for link in links if link.actor_type == channel.actor_type]
            unseen = [link for link in of_type if (link.actor_type, link.erp_key) not in context.planned_links]
            for page in chunks(unseen, SAVE_BATCH):
                push_links(channel, page, context)


def push_links(channel: Channel, waiting: list[LinkRow], context: Context) -> None:
    """Merge these links with their actors as they are in the ERP now; the missing ones are dealt with in the end."""
    found = fetch_actors(channel, [link.erp_key for link in waiting])
    missing = [link for link in waiting if link.erp_key not in found]
    context.looked += sum(link.state != LinkState.GONE for link in waiting)
    context.gone += [link.id for link in missing if link.state != LinkState.GONE]
    if not context.dry_run:
        _note_gone(channel.connection, [link for link in missing if link.state == LinkState.GONE], context)
    reconcile(channel, [(link, found[link.erp_key]) for link in waiting if link.erp_key in found], context)


def _settle_gone(connection: Connection, context: Context) -> None:
    """Mark the links whose actors were found missing. Raises Refused, with none of them marked, if they are too many.

    They then all wait for the next run, in which they are back or their disappearance has been accepted.
    """
    if context.dry_run or not context.gone:
        return
    missing, context.gone = context.gone, []
    problem = None if context.accept_gone else health.too_many_gone(context.looked, len(missing))
    if problem:
        marks.mark(dict.fromkeys(missing, 0))
        raise Refused(problem)
    for page in chunks(missing, PAGE):
        _note_gone(connection, store.links_by_id(page), context)


def _note_gone(connection: Connection, gone: list[LinkRow], context: Context) -> None:
    """The ERP no longer has these actors: they wait, marked, and go on should the actor come back (behaviour E8)."""
    if not gone:
        return
    rows = [row for link in gone for row in sending.noted_on(link, None)]
    for link in gone:
        link.failures += 1
        link.sent = None
        link.issues = [issue("", Problem("erp_gone"), target="erp")]
        if link.state != LinkState.GONE:
            note_problem(context, link, link.issues[0])
        link.state = LinkState.GONE
    context.report.failed += len(gone)
    context.missing += len(gone)
    with transaction.atomic():
        now = context.clock()
        store.write_log(context.run_id, connection.pk, now, rows)
        store.store([LinkUpdate(link, "") for link in gone], now)
