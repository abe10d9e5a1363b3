"""The two sides of a record that is to be connected, and the values that a person chose of them (behaviour U5).

Values stand in the form of the CRM field, as text of the wire, so that equal ones look equal: a list item is the id
of the CRM's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import NoReturn

from django.utils.translation import gettext as _

from brygga.contract import ActorType, ErpActor, FieldMetadata
from brygga.crm.errors import NoSuchRecord
from brygga.crm.fields import CrmField, RecordType
from brygga.crm.models import User
from brygga.erp import connectors
from brygga.erp.crm_side import Snapshot, crm_side
from brygga.erp.engine.channel import Channel, open_channel
from brygga.erp.errors import ConnectorFailed, NotFound, Refused
from brygga.erp.models import ActorMapping, FieldMapping
from brygga.erp.services import mapping as mappings
from brygga.erp.services import new_actor
from brygga.erp.services.seen import seen_of
from brygga.erp.services.tab import connections_for, list_texts
from brygga.erp.shown import shown
from brygga.merge import FieldMapping as MergeMapping
from brygga.merge import Misfit, Side, writer
from brygga.merge.values import Kind, Value, reader


@dataclass(frozen=True, slots=True)
class SideValue:
    """A mapped field of one side: its name there, the CRM field, the value in wire form and as people read it.

    `to_crm` and `to_erp` say where it may flow; a value of the ERP that the CRM field can't hold flows nowhere.
    """

    label: str
    crm_key: str
    value: str
    shown: str
    to_crm: bool
    to_erp: bool


@dataclass(frozen=True, slots=True)
class BothSides:
    """What there is to choose from when a record is connected with an actor (behaviour U5).

    `seen` is what `crm` and `erp` show, for a later check; `asked` the fields to ask for, which are blank in the ERP.
    """

    name: str
    crm: list[SideValue]
    erp: list[SideValue]
    seen: dict[str, list[str]]
    asked: list[FieldMetadata]


def both_sides(actor: ActorMapping, record_id: int, erp_key: str) -> BothSides:
    """The fields that a record and an actor are to agree on, as they are now.

    Raises NoSuchRecord, NotFound for the actor, and ConnectorFailed.
    """
    channel, record_type = open_channel(actor), RecordType(actor.record_type)
    snapshot = crm_side().read(record_type, [record_id], channel.crm_keys).get(record_id)
    if snapshot is None or snapshot.deleted:
        raise NoSuchRecord(record_type, record_id)
    found = _with_fields(channel, erp_key, new_actor.askable_keys(actor))
    fields = {field.key: field for field in actor.fields.all()}
    known = mappings.crm_fields_of(actor)
    texts = _texts_of_strange_items(channel, fields, found)
    erp = [_erp_value(m, fields[m.erp.key], known[m.crm.key], found, texts) for m in channel.mappings]
    in_crm = {key for key, value in snapshot.values.items() if value is not None}
    return BothSides(
        _actor_name(erp) or erp_key,
        [_crm_value(known[key], snapshot) for key in known if key in snapshot.values],
        erp,
        seen_of(channel, snapshot, found),
        new_actor.fields_to_fill(actor, found.fields, in_crm),
    )


def values_to_send(actor: ActorMapping, record_id: int) -> list[SideValue]:
    """A record's values that an actor is made of, without blank ones. Raises NoSuchRecord."""
    channel, record_type = open_channel(actor), RecordType(actor.record_type)
    keys = {mapping.crm.key for mapping in channel.mappings if not mapping.erp.read_only}
    snapshot = crm_side().read(record_type, [record_id], sorted(keys)).get(record_id)
    if snapshot is None or snapshot.deleted:
        raise NoSuchRecord(record_type, record_id)
    known = mappings.crm_fields_of(actor)
    return [_crm_value(known[key], snapshot) for key in known if snapshot.values.get(key) is not None]


def crm_values(user: User, record_type: RecordType, record_id: int) -> list[SideValue]:
    """A record's fields that are mapped in the connections this user sees. Raises NoSuchRecord."""
    crm, known = crm_side(), crm_side().fields(record_type)
    directions = _mapped_keys(user, record_type, known)
    snapshot = crm.read(record_type, [record_id], list(directions)).get(record_id)
    if snapshot is None or snapshot.deleted:
        raise NoSuchRecord(record_type, record_id)
    values = snapshot.values
    return [_side_value(str(known[key].label), known[key], values[key], *flows) for key, flows in directions.items()]


def erp_values(actor: ActorMapping, erp_key: str) -> list[SideValue]:
    """The mapped fields of an actor as the ERP has it now. Raises NotFound and ConnectorFailed."""
    channel = open_channel(actor)
    found = _with_fields(channel, erp_key, [])
    fields = {field.key: field for field in actor.fields.all()}
    known = mappings.crm_fields_of(actor)
    return [_erp_value(m, fields[m.erp.key], known[m.crm.key], found) for m in channel.mappings]


def sides_chosen(channel: Channel, snapshot: Snapshot, actor: ErpActor, chosen: Mapping[str, str]) -> dict[str, Side]:
    """Whose value was chosen, by ERP field key; where both sides have the same, neither.

    Raises Refused for a field that is not mapped, a value that is on neither side, and one that the direction of the
    field does not let through.
    """
    by_key: dict[str, list[MergeMapping]] = {}
    for mapping in channel.mappings:
        by_key.setdefault(mapping.crm.key, []).append(mapping)
    sides: dict[str, Side] = {}
    for crm_key, text in chosen.items():
        if crm_key not in by_key:
            shown_as = {"field": crm_key, "connection": channel.connection.name}
            raise Refused(_("%(connection)s does not map the CRM field %(field)s.") % shown_as)
        sides |= _chosen_of(by_key[crm_key], snapshot.values[crm_key], actor, text)
    return sides


def _mapped_keys(user: User, record_type: RecordType, known: Mapping[str, CrmField]) -> dict[str, tuple[bool, bool]]:
    """The CRM fields that flow in one of the user's connections, in the CRM's order: to the CRM, to the ERP."""
    fields = FieldMapping.objects.filter(
        actor__connection__in=connections_for(user, record_type),
        actor__record_type=record_type,
        actor__sync=True,
        missing=False,
    )
    flows: dict[str, tuple[bool, bool]] = {}
    for key, to_crm, to_erp in fields.values_list("crm_key", "to_crm", "to_erp"):
        before = flows.get(key, (False, False))
        flows[key] = (before[0] or to_crm, before[1] or to_erp)
    return {key: flows[key] for key in known if any(flows.get(key, ()))}


def _with_fields(channel: Channel, erp_key: str, besides: Sequence[str]) -> ErpActor:
    """The actor with the fields that are synced and those `besides`. Raises NotFound and ConnectorFailed."""
    keys = list(dict.fromkeys([*channel.erp_keys, *besides]))
    answer = connectors.call(channel.connection, "get_actors", ActorType(channel.actor_type), [erp_key], keys)
    for actor in answer.actors:
        if actor.erp_key == erp_key:
            return actor  # type: ignore[no-any-return]  # the operations differ in what they answer
    text = _("%(type)s %(key)s was not found in the ERP system.")
    raise NotFound(text % {"type": channel.actor_type, "key": erp_key})


def _actor_name(values: Sequence[SideValue]) -> str:
    """What an actor is called, from the fields that the name of a record is made of."""
    by_key = {value.crm_key: value.shown for value in values}
    return " ".join(filter(None, (by_key.get(key, "") for key in ("NAME", "FIRSTNAME", "LASTNAME"))))


def _crm_value(field: CrmField, snapshot: Snapshot) -> SideValue:
    return _side_value(str(field.label), field, snapshot.values[field.key], True, True)


def _side_value(label: str, field: CrmField, value: Value, to_crm: bool, to_erp: bool) -> SideValue:
    items = crm_side().list_items(field.list_key) if field.kind is Kind.LIST else {}
    return SideValue(label, field.key, writer(field.kind)(value), shown(field.kind, value, items), to_crm, to_erp)


def _texts_of_strange_items(
    channel: Channel, fields: Mapping[str, FieldMapping], actor: ErpActor
) -> Mapping[tuple[str, str], str]:
    """The texts of the actor's list items that have no counterpart in the CRM, as far as the ERP tells them."""
    strange = [fields[m.erp.key] for m in channel.mappings if fields[m.erp.key].list_name and _is_strange(m, actor)]
    try:
        return list_texts(channel.connection, [actor], strange)
    except ConnectorFailed:  # their keys will do
        return {}


def _is_strange(mapping: MergeMapping, actor: ErpActor) -> bool:
    try:
        _converted(mapping, actor.fields.get(mapping.erp.key, ""))
    except Misfit:
        return True
    return False


def _erp_value(
    mapping: MergeMapping,
    field: FieldMapping,
    crm_field: CrmField,
    actor: ErpActor,
    texts: Mapping[tuple[str, str], str] = MappingProxyType({}),
) -> SideValue:
    text = actor.fields.get(field.key, "")
    try:
        value = _converted(mapping, text)
    except Misfit:  # shown as it came: hiding it would hide the fault
        told = texts.get((field.list_name, text), text)
        return SideValue(mapping.erp.label, mapping.crm.key, text, told, False, mapping.to_erp)
    return _side_value(mapping.erp.label, crm_field, value, mapping.to_crm, mapping.to_erp)


def _converted(mapping: MergeMapping, text: str) -> Value:
    return mapping.to_crm_converter()(reader(mapping.erp.kind)(text))


def _chosen_of(among: Sequence[MergeMapping], crm: Value, actor: ErpActor, text: str) -> dict[str, Side]:
    """For the ERP fields that one CRM field goes with, usually one."""
    wanted = _read(among[0], text)
    in_erp = {mapping.erp.key: _or_none(mapping, actor) for mapping in among}
    theirs = [mapping for mapping in among if in_erp[mapping.erp.key] == wanted and wanted != crm]
    if not theirs and wanted != crm:
        _refuse(among[0], _("The value chosen is neither the CRM's nor the ERP's. Choose one of the two."))
    side = Side.ERP if theirs else Side.CRM
    sides = {m.erp.key: side for m in theirs or among if in_erp[m.erp.key] != crm}
    for mapping in among:
        if mapping.erp.key in sides and not (mapping.to_crm if side is Side.ERP else mapping.to_erp):
            _refuse(mapping, _("The field is not synced in the direction of the value chosen. Choose the other one."))
    return sides


def _read(mapping: MergeMapping, text: str) -> Value:
    try:
        return reader(mapping.crm.kind)(text)
    except Misfit:
        _refuse(mapping, _("The value chosen is neither the CRM's nor the ERP's. Choose one of the two."))


def _or_none(mapping: MergeMapping, actor: ErpActor) -> Value:
    try:
        return _converted(mapping, actor.fields.get(mapping.erp.key, ""))
    except Misfit:
        return None


def _refuse(mapping: MergeMapping, reason: str) -> NoReturn:
    raise Refused(f"{mapping.crm.label}: {reason}")
