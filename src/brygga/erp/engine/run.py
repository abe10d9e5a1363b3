"""A run of one connection: take the lease, poll the ERP, push what waits, move the position."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import structlog
from django.db import transaction

from brygga.contract import ActorType, ErpActor, stamps
from brygga.erp import connectors
from brygga.erp.crm_side import CrmSide
from brygga.erp.engine import links as store
from brygga.erp.engine.channel import Channel, channels_of, pages
from brygga.erp.engine.lease import HeldLease, LeaseLost
from brygga.erp.engine.links import LinkRow, LinkUpdate
from brygga.erp.engine.reconcile import Context, note_problem, reconcile
from brygga.erp.errors import ConnectorFailed
from brygga.erp.models import ActorMapping, Connection, LinkState

log = structlog.get_logger(__name__)

PAGE = 2000
"""Actors compared at a time; bounds memory."""

EVERY_MARK = 1_000_000
"""Marks of changed records that a dry run looks at."""


@contextmanager
def leased(connection: Connection, clock: Callable[[], datetime]) -> Iterator[HeldLease | None]:
    """The connection's lease, or None when another engine is at work on it."""
    lease = HeldLease(f"connection:{connection.pk}", clock)
    if not lease.take():
        yield None
        return
    try:
        yield lease
    finally:
        lease.release()


def run_connection(connection: Connection, context: Context, *, poll: bool = True) -> None:
    """Poll and push one connection. Failures end in the report and on the connection, never in an exception."""
    started = time.monotonic()
    with leased(connection, context.clock) as lease:
        if lease is None:
            context.report.error = "Another run is at work on this connection; it was left to it."
            return
        try:
            _run_leased(connection, context, lease, poll=poll)
            failure = ""
        except ConnectorFailed as failed:
            failure = str(failed.user_message)
            log.warning("connection failed", connection=connection.name, technical=failed.technical)
        except LeaseLost:
            failure = "Another server took over this connection because this one was too slow."
            log.warning("lease lost", connection=connection.name)
        context.report.error = context.report.error or failure
        context.report.seconds += time.monotonic() - started
        if not context.dry_run:
            Connection.objects.filter(pk=connection.pk).update(last_run_at=context.clock(), failure=failure)


def _run_leased(connection: Connection, context: Context, lease: HeldLease, *, poll: bool) -> None:
    channels = channels_of(connection)
    if not context.dry_run:
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
    while marks := crm.changed(PAGE):
        with transaction.atomic():
            for record_type in {mark.record_type for mark in marks}:
                versions = {mark.record_id: mark.version for mark in marks if mark.record_type == record_type}
                store.mark_changed(record_type, versions)
            crm.forget(marks)


def _poll(channel: Channel, context: Context, lease: HeldLease) -> None:
    """Merge what the ERP has changed since the position; move the position when all of it is dealt with."""
    position = channel.actor.position
    answer = connectors.call(
        channel.connection, "get_actors_by_timestamp", position, channel.actor_type, channel.erp_keys
    )
    latest = position
    for page in pages(iter(answer.actors), PAGE):
        lease.renew()
        latest = stamps.latest([latest, *(actor.last_modified for actor in page)])
        links = store.links_by_key(channel.connection.pk, channel.actor_type, [actor.erp_key for actor in page])
        reconcile(channel, [(links[a.erp_key], a) for a in _last_of_each(page) if a.erp_key in links], context)
    if latest != position and not context.dry_run:
        ActorMapping.objects.filter(pk=channel.actor.pk).update(position=latest)


def _last_of_each(page: list[ErpActor]) -> list[ErpActor]:
    """An actor that is delivered twice counts once, as delivered last."""
    return list({actor.erp_key: actor for actor in page}.values())


def _push(channel: Channel, context: Context, lease: HeldLease) -> None:
    """Merge the links whose CRM record changed, with the actors as they are in the ERP now."""
    connection, after, now = channel.connection, 0, context.clock()
    while waiting := store.waiting_links(connection.pk, channel.actor_type, now, after, PAGE):
        lease.renew()
        push_links(channel, waiting, context)
        after = waiting[-1].id


def _foresee_push(channel: Channel, context: Context) -> None:
    """In a dry run changes stay in the CRM's journal, so they are looked up there."""
    marks = [mark.record_id for mark in context.crm.changed(EVERY_MARK) if mark.record_type == channel.record_type]
    links = store.links_by_record(channel.connection.pk, channel.record_type, marks)
    of_type = [link for link in links.values() if link.actor_type == channel.actor_type]
    for page in pages(iter(of_type), PAGE):
        push_links(channel, page, context)


def push_links(channel: Channel, waiting: list[LinkRow], context: Context) -> None:
    """Merge these links with their actors as the ERP has them now; note the actors that are gone."""
    found = fetch_actors(channel.connection, channel.actor_type, [w.erp_key for w in waiting], channel.erp_keys)
    gone = [link for link in waiting if link.erp_key not in found]
    if not context.dry_run:
        _note_gone(gone, context)
    reconcile(channel, [(link, found[link.erp_key]) for link in waiting if link.erp_key in found], context)


def fetch_actors(
    connection: Connection, actor_type: ActorType, erp_keys: list[str], field_keys: list[str]
) -> dict[str, ErpActor]:
    """Actors by key; keys that the ERP does not know are left out."""
    answer = connectors.call(connection, "get_actors", actor_type, erp_keys, field_keys)
    return {actor.erp_key: actor for actor in answer.actors}


def _note_gone(gone: list[LinkRow], context: Context) -> None:
    """The ERP no longer has these actors: they wait, marked, and go on should the actor come back (behaviour E8)."""
    text = "The ERP system no longer has this record."
    for link in gone:
        link.failures += 1
        if link.state != LinkState.GONE:
            note_problem(context, link, "", text)
        link.state = LinkState.GONE
        link.issues = [{"field": "", "code": "erp_gone", "text": text, "value": None, "target": "erp"}]
    context.report.failed += len(gone)
    store.store([LinkUpdate(link, "") for link in gone], context.clock())
