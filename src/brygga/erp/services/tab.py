"""The ERP tab of a record: which connections a user sees there, how each stands, its live values (behaviour U1, U2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from brygga.contract import ActorType, ErpActor
from brygga.contract import FieldType as ErpFieldType
from brygga.contract.localised import text_for
from brygga.crm.fields import CrmField, RecordType
from brygga.crm.models import User
from brygga.erp import connectors
from brygga.erp.crm_side import crm_side
from brygga.erp.errors import BryggaError, NotFound
from brygga.erp.models import ActorMapping, Connection, FieldMapping, Link, LinkState
from brygga.erp.problems import Problem, text_in
from brygga.erp.services.access import visible_connections
from brygga.merge import Misfit
from brygga.merge.values import Kind, Value, kind_of, reader


@dataclass(frozen=True, slots=True)
class Issue:
    """What is wrong with a link, for the user: the field's name (or empty), and a sentence.

    `crm` and `erp` are the two canonical values of a conflict, and `kind` how they are shown. `key` is the ERP field's,
    `code` that of the problem, and `since` when it came up, in ISO 8601, where that is known.
    """

    field: str
    text: str
    conflict: bool = False
    kind: Kind = Kind.TEXT
    crm: Value = None
    erp: Value = None
    key: str = ""
    code: str = ""
    since: str = ""


@dataclass(frozen=True, slots=True)
class LiveValue:
    """One field as it is now: its name, and its canonical value (a list item is given by its text).

    `crm_key` names the CRM field that it is kept in agreement with, if it is.
    """

    label: str
    kind: Kind
    value: Value
    crm_key: str = ""


@dataclass(slots=True)
class Section:
    """One connection in the tab of one record.

    `actor_type` and `erp_key` are empty while the record is not connected; `actor_types` are the types it could
    be connected to. `values` is filled by `with_live_values`, `error` says why they could not be read.
    """

    connection: Connection
    actor_types: list[str]
    actor_type: str = ""
    erp_key: str = ""
    state: str = ""
    issues: list[Issue] = field(default_factory=list)
    values: list[LiveValue] = field(default_factory=list)
    gone: bool = False
    error: str = ""

    @property
    def is_linked(self) -> bool:
        """Whether the record is connected to an actor of this connection."""
        return bool(self.erp_key)


def connections_for(user: User, record_type: RecordType) -> list[Connection]:
    """The active connections that this user may see for this kind of record, in order of priority.

    None without the licence (behaviour U1, A5).
    """
    active = Connection.objects.filter(active=True, deleted=False, connector__deleted=False)
    mapped = active.filter(actors__sync=True, actors__record_type=record_type).distinct()
    return visible_connections(user, mapped.select_related("connector"))


def sections(user: User, record_type: RecordType, record_id: int) -> list[Section]:
    """The sections of a record's tab, without live values: no connector is called. Four queries."""
    return _sections(connections_for(user, record_type), record_type, record_id)


def section(user: User, connection_id: int, record_type: RecordType, record_id: int) -> Section:
    """One section, without live values. Raises NotFound where this user has no such section."""
    chosen = [c for c in connections_for(user, record_type) if c.pk == connection_id]
    if not chosen:
        raise NotFound(_("This connection is not active, or you have no access to it."))
    return _sections(chosen, record_type, record_id)[0]


def with_live_values(found: Section) -> Section:
    """The section with the fields shown in the ERP tab, read from the ERP now (behaviour U2).

    A failure of the connector is given in `error`; nothing is raised for it.
    """
    if not found.is_linked:
        return found
    fields = shown_fields(found.connection, found.actor_type)
    try:
        found.values, found.gone = _read(found, fields)
    except BryggaError as failed:
        found.error = failed.user_message
    return found


def synced_values(found: Section, record_type: RecordType, record_id: int) -> list[LiveValue]:
    """The fields that sync keeps in agreement, in rank order, with what the CRM holds; no connector is called."""
    if not found.is_linked:
        return []
    known = crm_side().fields(record_type)
    fields = FieldMapping.objects.filter(
        Q(to_crm=True) | Q(to_erp=True), actor__connection=found.connection, actor__actor_type=found.actor_type
    )
    keys = list(dict.fromkeys(key for key in fields.values_list("crm_key", flat=True) if key in known))
    snapshot = crm_side().read(record_type, [record_id], keys).get(record_id)
    return [_synced(known[key], snapshot.values[key]) for key in keys] if snapshot else []


def _synced(field: CrmField, value: Value) -> LiveValue:
    if field.kind is not Kind.LIST:
        return LiveValue(str(field.label), field.kind, value, field.key)
    text = crm_side().list_items(field.list_key).get(str(value)) if value is not None else None
    return LiveValue(str(field.label), Kind.TEXT, text, field.key)


def shown_fields(connection: Connection, actor_type: str) -> list[FieldMapping]:
    """The fields of an actor type that are shown in the ERP tab, in rank order."""
    return list(
        FieldMapping.objects.filter(
            actor__connection=connection, actor__actor_type=actor_type, show_in_tab=True, missing=False
        )
    )


def shown_fields_of(found: Iterable[Section]) -> dict[int, list[FieldMapping]]:
    """The fields that each connected section shows, in rank order, by id of its connection; one query for all."""
    types = {part.connection.pk: part.actor_type for part in found if part.is_linked}
    shown: dict[int, list[FieldMapping]] = {connection_id: [] for connection_id in types}
    fields = FieldMapping.objects.filter(actor__connection__in=types, show_in_tab=True, missing=False)
    for mapping in fields.select_related("actor"):
        if mapping.actor.actor_type == types[mapping.actor.connection_id]:
            shown[mapping.actor.connection_id].append(mapping)
    return shown


def values_of(found: Section, keys: Sequence[str]) -> list[str]:
    """These fields as the ERP has them now, in their order: list items by their text, other values in wire form.

    No keys means those shown in the ERP tab. Raises NotFound for a record that is not connected, an actor that the ERP
    no longer has, and a field that users are not shown anywhere; ConnectorFailed.
    """
    if not found.is_linked:
        raise NotFound(_("This record is not linked with %(connection)s.") % {"connection": found.connection.name})
    fields = _wanted(found, keys) if keys else shown_fields(found.connection, found.actor_type)
    actor = _actor(found, fields)
    if actor is None:
        raise NotFound(text_in(Problem("erp_gone").stored()))
    texts = list_texts(found.connection, [actor], fields)
    wire = [(field.list_name, actor.fields.get(field.key, "")) for field in fields]
    return [texts.get((name, text), text) for name, text in wire]


def alarms(found: Iterable[Section]) -> int:
    """How many sections have something that waits for a person (behaviour U10)."""
    return sum(part.is_linked and part.state != LinkState.OK for part in found)


def _sections(chosen: Sequence[Connection], record_type: RecordType, record_id: int) -> list[Section]:
    links = {
        link.connection_id: link
        for link in Link.objects.filter(connection__in=chosen, record_type=record_type, record_id=record_id)
    }
    offered: dict[int, list[str]] = defaultdict(list)
    actors = ActorMapping.objects.filter(connection__in=chosen, record_type=record_type, sync=True)
    for connection_id, actor_type in actors.values_list("connection_id", "actor_type"):
        offered[connection_id].append(actor_type)
    names = _field_names([link for link in links.values() if link.issues])
    return [_section(connection, offered[connection.pk], links.get(connection.pk), names) for connection in chosen]


def _section(
    connection: Connection,
    actor_types: list[str],
    link: Link | None,
    fields: Mapping[tuple[int, str, str], FieldMapping],
) -> Section:
    if link is None:
        return Section(connection, actor_types)
    issues = [_issue(link, raw, fields) for raw in link.issues]
    return Section(connection, actor_types, link.actor_type, link.erp_key, link.state, issues)


def _issue(link: Link, raw: Mapping[str, Any], fields: Mapping[tuple[int, str, str], FieldMapping]) -> Issue:
    mapping = fields.get((link.connection_id, link.actor_type, raw["field"]))
    name = _name(mapping) if mapping else raw["field"]
    more = {"key": raw["field"], "code": raw["code"], "since": raw.get("since", "")}
    if raw["code"] != "conflict" or not isinstance(raw.get("value"), list):
        return Issue(name, text_in(raw), **more)
    crm, erp = raw["value"]
    if mapping and mapping.list_name:
        crm, erp = _item_texts(mapping, crm, erp)
    kind = kind_of(ErpFieldType(mapping.type)) if mapping and not mapping.list_name else Kind.TEXT
    return Issue(name, text_in(raw), True, kind, crm, erp, **more)


def _item_texts(mapping: FieldMapping, crm: Value, erp: Value) -> tuple[Value, Value]:
    """Both items of a list in the CRM's words, as far as they are mapped: no connector is called for it."""
    known = crm_side().fields(RecordType(mapping.actor.record_type)).get(mapping.crm_key)
    items = crm_side().list_items(known.list_key) if known else {}
    row = mapping.items.filter(erp_item=str(erp)).first()
    return items.get(str(crm), crm), items.get(str(row.crm_item_id), erp) if row else erp


def _field_names(links: Sequence[Link]) -> dict[tuple[int, str, str], FieldMapping]:
    if not links:
        return {}
    found = FieldMapping.objects.filter(actor__connection__in=[link.connection_id for link in links])
    return {(f.actor.connection_id, f.actor.actor_type, f.key): f for f in found.select_related("actor")}


def _read(found: Section, fields: Sequence[FieldMapping]) -> tuple[list[LiveValue], bool]:
    """The values, and whether the ERP no longer has the actor."""
    actor = _actor(found, fields)
    if actor is None:
        return [], True
    texts = list_texts(found.connection, [actor], fields)
    return [live_value(mapping, actor.fields.get(mapping.key, ""), texts) for mapping in fields], False


def _actor(found: Section, fields: Sequence[FieldMapping]) -> ErpActor | None:
    keys = [mapping.key for mapping in fields]
    answer = connectors.call(found.connection, "get_actors", ActorType(found.actor_type), [found.erp_key], keys)
    return next(iter(answer.actors), None)


def _wanted(found: Section, keys: Sequence[str]) -> list[FieldMapping]:
    """The fields with these keys, in their order, as far as users see them in the tab, in a search or in the CRM."""
    seen = Q(show_in_tab=True) | Q(show_in_search=True) | Q(to_crm=True) | Q(to_erp=True)
    offered = FieldMapping.objects.filter(
        seen, actor__connection=found.connection, actor__actor_type=found.actor_type, missing=False
    )
    fields = {field.key: field for field in offered}
    unknown = [key for key in keys if key not in fields]
    if unknown:
        text = _("%(actor)s has no field %(fields)s that is shown.")
        raise NotFound(text % {"actor": found.actor_type, "fields": ", ".join(unknown)})
    return [fields[key] for key in keys]


def list_texts(
    connection: Connection, actors: Sequence[ErpActor], fields: Sequence[FieldMapping]
) -> dict[tuple[str, str], str]:
    """The texts of the list items that actors have, by list and key; one call per list. Raises ConnectorFailed."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for mapping in fields:
        if mapping.list_name:
            wanted[mapping.list_name] |= {
                actor.fields[mapping.key] for actor in actors if actor.fields.get(mapping.key)
            }
    language = get_language() or "en"
    return {
        (name, key): text_for(text, language)
        for name, keys in wanted.items()
        if keys
        for key, text in connectors.call(connection, "get_list_items", name, sorted(keys)).items.items()
    }


def live_value(mapping: FieldMapping, wire: str, texts: Mapping[tuple[str, str], str]) -> LiveValue:
    """A field's value for the reader; `texts` are those of the list items, from `list_texts`."""
    crm_key = mapping.crm_key if mapping.to_crm or mapping.to_erp else ""
    if mapping.list_name:
        return LiveValue(_name(mapping), Kind.TEXT, texts.get((mapping.list_name, wire), wire) or None, crm_key)
    kind = kind_of(ErpFieldType(mapping.type))
    try:
        return LiveValue(_name(mapping), kind, reader(kind)(wire), crm_key)
    except Misfit:  # shown as it came: hiding it would hide the fault
        return LiveValue(_name(mapping), Kind.TEXT, wire, crm_key)


def _name(mapping: FieldMapping) -> str:
    return text_for(mapping.name, get_language() or "en") or mapping.key
