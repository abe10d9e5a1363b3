"""Creating an actor once (behaviour E5, U6): the intent is stored first, and a lost answer is settled by looking.

The intent outlives crash and time-out. Whoever comes next, the user who tries again or the next run, first looks
among the actors that are new since for the one that the first try may have made.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from django.db import IntegrityError, transaction

from brygga.contract import ActorType, ErpActor, stamps
from brygga.erp import connectors
from brygga.erp.engine import links as store
from brygga.erp.engine import marks
from brygga.erp.engine.channel import Channel
from brygga.erp.engine.context import Context
from brygga.erp.engine.links import LogRow
from brygga.erp.engine.reconcile import reconcile
from brygga.erp.errors import ConnectorFailed, Refused
from brygga.erp.models import CreateIntent, Link
from brygga.erp.problems import Problem
from brygga.merge import Base, Side

log = structlog.get_logger(__name__)

KEPT = timedelta(days=1)
"""How long an actor is looked for after a try whose answer was lost; an ERP may take its time."""
UNDER_WAY = timedelta(minutes=2)
"""How long an ERP may still be at work on a try whose call broke off."""
_SIMILAR = 0.5
"""The share of equal values from which an actor may be the one that was created and edited since."""


def intent_of(channel: Channel, record_id: int) -> CreateIntent | None:
    """An earlier try to create this record's actor whose end is not known."""
    return CreateIntent.objects.filter(
        connection=channel.connection, record_type=channel.record_type, record_id=record_id
    ).first()


def create(channel: Channel, record_id: int, actor: ErpActor, base: Base, context: Context) -> ErpActor:
    """Create the actor, the intent being stored before the call. Raises ConnectorFailed."""
    since, known = _newest(channel)
    intent, _new = CreateIntent.objects.update_or_create(
        connection=channel.connection,
        record_type=channel.record_type,
        record_id=record_id,
        defaults={
            "actor_type": channel.actor_type,
            "values": actor.fields,
            "base": base,
            "parent_type": actor.parent_type or "",
            "parent_key": actor.parent_key,
            "since": since,
            "known": known,
            "created_at": context.clock(),
            "doubt": {},
        },
    )
    try:
        made = connectors.call(channel.connection, "create_actor", actor).actor
    except ConnectorFailed as failed:
        if not failed.unknown_outcome:  # refused, so nothing was made
            intent.delete()
        raise
    if made is None or not made.erp_key:
        raise ConnectorFailed(Problem("created_without_key"), "create_actor without key", unknown_outcome=True)
    return made


def found_again(channel: Channel, intent: CreateIntent) -> ErpActor | None:
    """The actor that a try whose answer was lost has made, if there is one.

    Raises Refused where there are several, or one that is similar only: somebody may have edited it since.
    """
    wanted = _canonical(channel, {key: value for key, value in intent.values.items() if value})
    candidates = _new_since(channel, intent)
    shares = {actor.erp_key: _share(channel, actor, wanted) for actor in candidates}
    same = [actor for actor in candidates if shares[actor.erp_key] == 1]
    if len(same) == 1:
        return same[0]
    doubtful = same or [actor for actor in candidates if shares[actor.erp_key] >= _SIMILAR]
    if doubtful:
        raise _in_doubt(channel, intent, doubtful)
    if intent.doubt:
        CreateIntent.objects.filter(pk=intent.pk).update(doubt={})
    return None


def _in_doubt(channel: Channel, intent: CreateIntent, candidates: Sequence[ErpActor]) -> Refused:
    """Note that it takes a person to say what an earlier try has made; what to raise."""
    keys = ", ".join(actor.erp_key for actor in candidates[:5])
    problem = Problem("create_in_doubt", {"type": str(channel.actor_type), "keys": keys})
    CreateIntent.objects.filter(pk=intent.pk).update(doubt=problem.stored())
    return Refused(problem)


def found_earlier(channel: Channel, intent: CreateIntent, now: datetime) -> ErpActor | None:
    """What an earlier try has made, for somebody who tries again; None if it has made nothing.

    Raises Refused as `found_again`, and also while the ERP may still be at work on that try: then a second one would
    make a second actor.
    """
    made = found_again(channel, intent)
    if made is None and now < intent.created_at + UNDER_WAY:
        raise Refused(Problem("create_under_way", {"seconds": int(UNDER_WAY.total_seconds())}))
    return made


def link_created(channel: Channel, intent: CreateIntent, made: ErpActor, context: Context) -> Link:
    """Link a record and the actor that was created for it; what the ERP made of the values goes on from there.

    Raises Refused if the record or the actor is linked already.
    """
    with transaction.atomic():
        link = insert_link(channel, intent.record_id, made.erp_key, intent.base)
        row = store.links_by_record(channel.connection.pk, channel.record_type, [link.record_id])[link.record_id]
        store.write_log(context.run_id, channel.connection.pk, context.clock(), _creation(channel, row))
        intent.delete()
    context.report.created += 1
    reconcile(channel, [(row, made)], context, fresh=False)
    return link


def settle_intents(channels: Sequence[Channel], context: Context) -> None:
    """Link what earlier tries have made; forget the tries that have made nothing for a day.

    A record may have been linked otherwise since, as companies were merged; then a person has to look.
    """
    by_kind = {(str(channel.actor_type), str(channel.record_type)): channel for channel in channels}
    for intent in CreateIntent.objects.filter(connection=channels[0].connection) if channels else ():
        channel = by_kind.get((intent.actor_type, intent.record_type))
        if channel is None:
            continue
        try:
            made = found_again(channel, intent)
            if made is not None and _is_linked(channel, intent):
                raise _in_doubt(channel, intent, [made])
            if made is not None:
                link_created(channel, intent, made, context)
            elif intent.created_at < context.clock() - KEPT:
                intent.delete()
        except Refused as doubt:
            log.warning("create in doubt", record=f"{intent.record_type}:{intent.record_id}", reason=str(doubt))


def _is_linked(channel: Channel, intent: CreateIntent) -> bool:
    return bool(store.links_by_record(channel.connection.pk, intent.record_type, [intent.record_id]))


def insert_link(channel: Channel, record_id: int, erp_key: str, base: Base) -> Link:
    """Insert a link that waits to be merged; the database holds each record and actor to one link.

    Raises Refused if either is linked already.
    """
    try:
        with transaction.atomic():
            link = Link.objects.create(
                connection=channel.connection,
                actor_type=channel.actor_type,
                erp_key=erp_key,
                record_type=channel.record_type,
                record_id=record_id,
                base=base,
            )
            marks.mark({link.pk: 0})
            return link
    except IntegrityError as error:
        raise Refused(Problem("linked", {"key": erp_key})) from error


def _newest(channel: Channel) -> tuple[str, list[str]]:
    """The newest stamp there is, and the keys of the actors that have it: what is created comes after them."""
    position = channel.actor.position
    answer = connectors.call(channel.connection, "get_actors_by_timestamp", position, channel.actor_type, [])
    newest, keys = position, []
    for actor in answer.actors:
        if stamps.newer(actor.last_modified, newest):
            newest, keys = actor.last_modified, []
        if actor.last_modified == newest:
            keys.append(actor.erp_key)
    return newest, keys


def _new_since(channel: Channel, intent: CreateIntent) -> list[ErpActor]:
    """The actors that are new or changed since the intent, have its parent, and are not linked."""
    answer = connectors.call(
        channel.connection, "get_actors_by_timestamp", intent.since, channel.actor_type, list(intent.values)
    )
    parent = (ActorType(intent.parent_type) if intent.parent_type else None, intent.parent_key)
    found = [actor for actor in answer.actors if not any(parent) or (actor.parent_type, actor.parent_key) == parent]
    taken = store.links_by_key(channel.connection.pk, channel.actor_type, [actor.erp_key for actor in found])
    return list({actor.erp_key: actor for actor in found if actor.erp_key not in {*taken, *intent.known}}.values())


def _canonical(channel: Channel, fields: dict[str, str]) -> dict[str, object]:
    """Values to compare: mapped ones by meaning, others as they are written."""
    values, _unreadable = channel.read_actor(ErpActor(channel.actor_type, "", fields=fields))
    return {**fields, **values}


def _share(channel: Channel, actor: ErpActor, wanted: dict[str, object]) -> float:
    values = _canonical(channel, actor.fields)
    equal = sum(values.get(key) == value for key, value in wanted.items())
    return equal / len(wanted) if wanted else 0


def _creation(channel: Channel, row: store.LinkRow) -> list[LogRow]:
    return [
        LogRow(row, m.erp.key, m.crm.key, str(Side.ERP), None, row.base[m.erp.key][1], "created")
        for m in channel.mappings
        if row.base.get(m.erp.key, [None, None])[1] is not None
    ]
