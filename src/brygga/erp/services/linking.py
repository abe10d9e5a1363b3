"""Linking one record: connect it to an actor, create the actor, disconnect (behaviour U5, U6, U9)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from brygga.contract import ActorType, ErpActor, FieldType
from brygga.crm.fields import RecordType
from brygga.erp import connectors
from brygga.erp.crm_side import Snapshot, crm_side
from brygga.erp.engine import creating, sending
from brygga.erp.engine import links as store
from brygga.erp.engine.channel import Channel, Values, open_channel
from brygga.erp.engine.context import Context
from brygga.erp.engine.reconcile import fetch_actors, reconcile
from brygga.erp.engine.report import ConnectionReport, RunReport
from brygga.erp.engine.run import leased
from brygga.erp.errors import BryggaError, NotFound, Refused
from brygga.erp.models import ActorMapping, Connection, CreateIntent, Link, Run
from brygga.erp.problems import Problem, misfit_problem
from brygga.erp.services.choosing import sides_chosen
from brygga.erp.services.importing import import_arrived
from brygga.erp.services.seen import Seen, check_unmoved, seen_of
from brygga.erp.services.sync import Clock, finish
from brygga.merge import Base, Misfit, Policy, Side, kind_of, reader

ANSWERED = "answered"
"""The rule of a value that a person was asked for when the record was connected; it has no CRM field."""


def connect(
    connection: Connection,
    record_type: str,
    record_id: int,
    actor_type: str,
    erp_key: str,
    prefer: str | None,
    by: str,
    clock: Clock = timezone.now,
    *,
    chosen: Mapping[str, str] | None = None,
    answers: Mapping[str, str] | None = None,
    seen: Seen | None = None,
) -> Link:
    """Link a record and an actor that exist, and bring them into agreement.

    `prefer` ("crm" or "erp") is the side whose values win where both have one; None leaves that to the mapping.
    `chosen` names the values that a person chose, in wire form by CRM field key: those of either side (see
    `choosing`). `answers` are written to blank fields of the actor before it is linked, in wire form by ERP field key.
    `seen` is what the person saw of both sides. Raises `NotFound` for an unknown record, actor type or actor, `Refused`
    when either is linked already, for a choice that can't be kept and for values that have moved since they were
    `seen`, `ConnectorFailed` when the ERP fails.
    """
    channel = _channel(connection, record_type, actor_type)
    snapshot = _record(channel, record_id)
    _check_free(connection, record_type, record_id)
    actor = _actor(channel, erp_key)
    _check_parent(channel, snapshot, actor)
    if seen is not None:
        check_unmoved(channel, snapshot, actor, seen)
    sides = sides_chosen(channel, snapshot, actor, chosen or {})
    run = Run.objects.create(kind="connect", by=by)
    report = RunReport(run.pk, [ConnectionReport.of(connection)])
    try:
        with leased(connection, clock) as lease:
            if lease is None:
                raise Refused(Problem("busy"))
            actor = _answered(channel, record_id, actor, answers or {})
            link = creating.insert_link(channel, record_id, erp_key, {})
            CreateIntent.objects.filter(connection=connection, record_type=record_type, record_id=record_id).delete()
            context = Context(
                crm_side(), clock, report.connections[0], f"user:{by}", run.pk, chosen=sides, hold=lease.renew
            )
            row = store.links_by_record(connection.pk, record_type, [record_id])[record_id]
            store.write_log(run.pk, connection.pk, clock(), _answer_log(channel, row, answers or {}))
            reconcile(channel.with_policy(Policy(prefer)) if prefer else channel, [(row, actor)], context)
    finally:
        finish(run, report)
    link.refresh_from_db()
    if channel.record_type == RecordType.COMPANY:
        import_arrived(connection, by, clock=clock)
    return link


def check_connection(
    connection: Connection, record_type: str, record_id: int, actor_type: str, erp_key: str, chosen: Mapping[str, str]
) -> dict[str, list[str]]:
    """Whether a record and an actor could be connected now with this choice; says what there is to see of them.

    Nothing is written. Raises as `connect` does.
    """
    channel = _channel(connection, record_type, actor_type)
    snapshot = _record(channel, record_id)
    actor = _actor(channel, erp_key)
    _check_parent(channel, snapshot, actor)
    sides_chosen(channel, snapshot, actor, chosen)
    _check_both_free(channel, record_id, erp_key)
    return seen_of(channel, snapshot, actor)


def create_in_erp(
    connection: Connection,
    record_type: str,
    record_id: int,
    actor_type: str,
    values: Mapping[str, str],
    by: str,
    clock: Clock = timezone.now,
    *,
    seen: Seen | None = None,
) -> Link:
    """Create an actor from a record's mapped values, the defaults and `values` (ERP field key to wire value).

    The intent is stored first. If an earlier try lost its answer, the ERP is searched for what that try may have
    made, and what is found is linked instead of made again. `seen` is what a person saw of the record. Raises `Refused`
    for a missing mandatory field, a value that does not fit or one that has moved since it was `seen`,
    `ConnectorFailed` when the ERP refuses or fails.
    """
    channel = _channel(connection, record_type, actor_type)
    snapshot = _record(channel, record_id)
    _check_free(connection, record_type, record_id)
    if seen is not None:
        check_unmoved(channel, snapshot, None, seen)
    actor, base = _actor_to_create(channel, snapshot, values)
    run = Run.objects.create(kind="create", by=by)
    report = RunReport(run.pk, [ConnectionReport.of(connection)])
    context = Context(crm_side(), clock, report.connections[0], f"user:{by}", run.pk)
    try:
        with leased(connection, clock) as lease:
            if lease is None:
                raise Refused(Problem("busy"))
            context.hold = lease.renew
            _check_free(connection, record_type, record_id)  # a second click may have passed the first one meanwhile
            intent = creating.intent_of(channel, record_id)
            made = creating.found_earlier(channel, intent, clock()) if intent else None
            made = made or creating.create(channel, record_id, actor, base, context)
            return creating.link_created(channel, _intent(channel, record_id), made, context)
    finally:
        finish(run, report)


def check_creation(
    connection: Connection, record_type: str, record_id: int, actor_type: str, values: Mapping[str, str]
) -> dict[str, list[str]]:
    """Whether an actor could be made of a record now, as far as Brygga can tell; says what there is to see of it.

    No connector is called and nothing is written. Raises `NotFound` and `Refused` as `create_in_erp` does.
    """
    channel = _channel(connection, record_type, actor_type)
    snapshot = _record(channel, record_id)
    _check_free(connection, record_type, record_id)
    _actor_to_create(channel, snapshot, values)
    return seen_of(channel, snapshot, None)


def _actor(channel: Channel, erp_key: str) -> ErpActor:
    actor = fetch_actors(channel, [erp_key]).get(erp_key)
    if actor is None:
        place = {"type": channel.actor_type, "key": erp_key}
        raise NotFound(_("%(type)s %(key)s was not found in the ERP system.") % place)
    return actor


def _answered(channel: Channel, record_id: int, actor: ErpActor, answers: Mapping[str, str]) -> ErpActor:
    """The actor with the answers, which are written to the ERP: before the link, so that a refusal leaves none."""
    if not answers:
        return actor
    _check_both_free(channel, record_id, actor.erp_key)
    written = ErpActor(channel.actor_type, actor.erp_key, fields=dict(answers))
    connectors.call(channel.connection, "save_actors", [written])
    return replace(actor, fields={**actor.fields, **answers})


def _answer_log(channel: Channel, row: store.LinkRow, answers: Mapping[str, str]) -> list[store.LogRow]:
    kinds = {field.key: kind_of(FieldType(field.type)) for field in channel.actor.fields.all()}
    return [
        store.LogRow(row, key, "", str(Side.ERP), None, reader(kinds[key])(text), ANSWERED)
        for key, text in answers.items()
        if text
    ]


def _check_both_free(channel: Channel, record_id: int, erp_key: str) -> None:
    _check_free(channel.connection, channel.record_type, record_id)
    if store.links_by_key(channel.connection.pk, channel.actor_type, [erp_key]):
        raise Refused(Problem("linked", {"key": erp_key}))


def _check_free(connection: Connection, record_type: str, record_id: int) -> None:
    if store.links_by_record(connection.pk, record_type, [record_id]):
        raise Refused(_("This record is linked with %(connection)s already.") % {"connection": connection.name})


def _intent(channel: Channel, record_id: int) -> CreateIntent:
    intent = creating.intent_of(channel, record_id)
    assert intent is not None, "the lease is held, and the intent was stored under it"
    return intent


def disconnect(connection: Connection, record_type: str, record_id: int, by: str, clock: Clock = timezone.now) -> None:
    """Remove a link; nothing is deleted on either side, and the log keeps what was.

    What was sent and never answered for goes to the log first, for nobody looks at the actor afterwards (promise I5).
    Raises `NotFound` when the record is not linked, `Refused` while it is being sent something.
    """
    link = Link.objects.filter(connection=connection, record_type=record_type, record_id=record_id).first()
    if link is None:
        raise NotFound(_("This record is not linked with %(connection)s.") % {"connection": connection.name})
    if sending.is_unanswered(link):
        with leased(connection, clock) as lease:
            if lease is None:
                raise Refused(Problem("busy"))
            _delete_noted(connection, link, clock)
    else:
        link.delete()
    run = Run.objects.create(kind="disconnect", by=by)
    finish(run, RunReport(run.pk, [ConnectionReport.of(connection)]))


def _delete_noted(connection: Connection, link: Link, clock: Clock) -> None:
    """Delete a link, and log what its actor was sent: as written where the actor has it, else as never answered."""
    rows, values = store.links_by_id([link.pk]), _values(connection, link)
    with transaction.atomic():  # or a stop in between would leave the line, and the next run write it once more
        for row in rows:
            if row.sent:
                store.write_log(row.sent["run"], connection.pk, clock(), sending.noted_on(row, values))
        link.delete()


def _values(connection: Connection, link: Link) -> Values | None:
    """The values of a link's actor; None where they can't be read."""
    try:
        channel = _channel(connection, link.record_type, link.actor_type)
        return channel.read_actor(_actor(channel, link.erp_key))[0]
    except BryggaError:
        return None


def _channel(connection: Connection, record_type: str, actor_type: str) -> Channel:
    actor = (
        ActorMapping.objects.filter(connection=connection, actor_type=actor_type).select_related("connection").first()
    )
    if actor is None or actor.record_type != record_type:
        raise NotFound(
            _("%(connection)s does not offer %(actor)s for this kind of record.")
            % {"connection": connection.name, "actor": actor_type}
        )
    return open_channel(actor)


def _record(channel: Channel, record_id: int) -> Snapshot:
    snapshot = crm_side().read(channel.record_type, [record_id], channel.crm_keys).get(record_id)
    if snapshot is None or snapshot.deleted:
        raise NotFound(_("Record %(id)s does not exist.") % {"id": record_id})
    return snapshot


def _check_parent(channel: Channel, snapshot: Snapshot, actor: ErpActor) -> None:
    """A contact is connected only within the actor its company is connected to (behaviour U3)."""
    if channel.record_type != RecordType.CONTACT:
        return
    parent = _parent_link(channel, snapshot)
    if parent is None or (actor.parent_type, actor.parent_key) != (parent.actor_type, parent.erp_key):
        raise Refused(
            _("The contact's company is not connected to the company that this person belongs to in the ERP.")
        )


def _parent_link(channel: Channel, snapshot: Snapshot) -> store.LinkRow | None:
    if snapshot.parent_id is None:
        return None
    found = store.links_by_record(channel.connection.pk, RecordType.COMPANY, [snapshot.parent_id])
    return found.get(snapshot.parent_id)


def _actor_to_create(channel: Channel, snapshot: Snapshot, given: Mapping[str, str]) -> tuple[ErpActor, Base]:
    """The actor as it is to be sent, and the pairs of values that will have been agreed with it."""
    values: Values = {}
    for mapping in channel.mappings:
        try:
            value = mapping.to_erp_converter()(snapshot.values.get(mapping.crm.key))
        except Misfit as misfit:
            raise Refused(f"{mapping.crm.label}: {misfit_problem(misfit)}") from misfit
        if value is not None and not mapping.erp.read_only:
            values[mapping.erp.key] = value
    wire = channel.to_wire(values)
    fields = list(channel.actor.fields.all())
    for field in fields:
        if field.default_set and not wire.get(field.key):
            wire[field.key] = field.default_value
    wire.update(given)
    missing = [f for f in fields if (f.access == 1 or f.default_mandatory) and not wire.get(f.key)]
    if missing:
        raise Refused(_("A value is needed for: %(fields)s.") % {"fields": ", ".join(f.key for f in missing)})
    actor = ErpActor(channel.actor_type, "", fields=wire)
    if channel.record_type == RecordType.CONTACT:
        parent = _parent_link(channel, snapshot)
        if parent is None:
            raise Refused(_("Connect the contact's company first."))
        actor.parent_type, actor.parent_key = ActorType(parent.actor_type), parent.erp_key
    sent, _unreadable = channel.read_actor(actor)
    base = {m.erp.key: [snapshot.values.get(m.crm.key), sent[m.erp.key]] for m in channel.mappings if m.erp.key in sent}
    return actor, base
