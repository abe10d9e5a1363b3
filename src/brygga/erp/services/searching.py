"""Searching an ERP for the actor that a record is to be connected to, the likest first (behaviour U3, U4, S)."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from django.utils.translation import gettext as _

from brygga.contract import ActorType, ErpActor, SearchRestriction
from brygga.contract.search import PARENT_KEY, PARENT_TYPE
from brygga.contract.values import BadValue, as_text, decode_any
from brygga.crm.fields import RecordType
from brygga.erp import connectors
from brygga.erp.crm_side import crm_side
from brygga.erp.errors import Refused
from brygga.erp.models import ActorMapping, Connection, FieldMapping, Link
from brygga.erp.services.likeness import KEYS, Identity, Likeness, Reason, identity, likeness, telling_words
from brygga.erp.services.mapping import shown_in_search
from brygga.erp.services.tab import LiveValue, list_texts, live_value

MOST = 100
"""How many actors a search shows; who has more to look through searches more closely."""
_WORDS = 2
"""How many words of a name are searched for one by one."""
RANKED = 2000
"""How many of the actors that are found are looked at for the likest."""


@dataclass(frozen=True, slots=True)
class Match:
    """An actor that was found, with its values by rank; `linked_to` names the record that has it already.

    `score` says how alike it is to the record, 0 to 1, and `reasons` why (see `likeness`).
    """

    erp_key: str
    values: list[LiveValue]
    linked_to: str = ""
    score: float = 0.0
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Matches:
    """What a search found, the likest first; `more` says that there is more than is shown."""

    actors: list[Match]
    more: bool


def search(actor: ActorMapping, record_id: int, text: str) -> Matches:
    """The actors that a free text finds, all for an empty one; of a contact's company only (behaviour U3).

    Their values are those of the fields that are shown in search results. Raises Refused for a contact whose company
    is not connected, and ConnectorFailed.
    """
    return _matches(actor, record_id, _ask(actor, record_id, text))


def search_for(actor: ActorMapping, record_id: int) -> Matches:
    """The actors that may be the record, to begin with: those that its name finds.

    Where it finds none, for a name is seldom spelt alike on both sides, those that its VAT number or one of the
    longest words of the name finds. Raises as `search`.
    """
    record_type = RecordType(actor.record_type)
    keys = [key for key in ("NAME", "FIRSTNAME", "LASTNAME", "VATNO") if key in crm_side().fields(record_type)]
    snapshot = crm_side().read(record_type, [record_id], keys).get(record_id)
    if snapshot is None:
        return search(actor, record_id, "")
    found = list(islice(_ask(actor, record_id, snapshot.name), RANKED))
    for text in () if found else [str(snapshot.values.get("VATNO") or ""), *telling_words(snapshot.name)[:_WORDS]]:
        found += islice(_ask(actor, record_id, text), RANKED) if text else ()
    return _matches(actor, record_id, {one.erp_key: one for one in found}.values())


def search_by(actor: ActorMapping, record_id: int, criteria: Sequence[SearchRestriction]) -> Matches:
    """The actors for which all criteria hold, all without any (behaviour S); otherwise as `search`."""
    kind, parent, restrictions = ActorType(actor.actor_type), _parent_of(actor, record_id), list(criteria)
    if parent is not None:
        restrictions += [
            SearchRestriction(PARENT_TYPE, "=", [parent.actor_type]),
            SearchRestriction(PARENT_KEY, "=", [parent.erp_key]),
        ]
    found = connectors.call(actor.connection, "search_actors_advanced", kind, restrictions, _keys(actor))
    return _matches(actor, record_id, found.actors)


def parent_link(connection: Connection, record_type: RecordType, record_id: int) -> Link | None:
    """The link of a contact's company in this connection, if there is one."""
    snapshot = crm_side().read(record_type, [record_id], []).get(record_id)
    if snapshot is None or snapshot.parent_id is None:
        return None
    return Link.objects.filter(
        connection=connection, record_type=RecordType.COMPANY, record_id=snapshot.parent_id
    ).first()


def identity_of_record(record_type: RecordType, record_id: int) -> Identity:
    """What identifies a record of the CRM."""
    keys = [key for key in crm_side().fields(record_type) if key in KEYS]
    snapshot = crm_side().read(record_type, [record_id], keys).get(record_id)
    return identity({key: str(value) for key, value in snapshot.values.items() if value} if snapshot else {})


def identity_of_actor(actor: ErpActor, fields: Mapping[str, str]) -> Identity:
    """What identifies an actor; `fields` are its identifying fields as `identifying_fields` names them."""
    return identity(identifying_texts(actor, fields))


def identifying_texts(actor: ErpActor, fields: Mapping[str, str]) -> dict[str, str]:
    """The same as texts by CRM field key, without blank ones."""
    texts = {crm_key: _plain(actor.fields.get(erp_key, "")) for crm_key, erp_key in fields.items()}
    return {crm_key: text for crm_key, text in texts.items() if text}


def identifying_fields(actor: ActorMapping) -> dict[str, str]:
    """The ERP field for each CRM field that identifies a record: the mapped one, or one of the same key (A8)."""
    fields = list(actor.fields.filter(missing=False))
    alike = {field.key.upper(): field.key for field in fields if field.key.upper() in KEYS}
    return alike | {field.crm_key: field.key for field in fields if field.crm_key in KEYS}


def _ask(actor: ActorMapping, record_id: int, text: str) -> Iterable[ErpActor]:
    kind, parent = ActorType(actor.actor_type), _parent_of(actor, record_id)
    if parent is None:
        answer = connectors.call(actor.connection, "search_actors", kind, text, _keys(actor))
    else:
        place = (ActorType(parent.actor_type), parent.erp_key)
        answer = connectors.call(actor.connection, "search_actor_by_parent", kind, text, *place, _keys(actor))
    found: Iterable[ErpActor] = answer.actors
    return found


def _parent_of(actor: ActorMapping, record_id: int) -> Link | None:
    """The actor that a contact is to be found within; None for records of other kinds."""
    if actor.record_type != RecordType.CONTACT:
        return None
    parent = parent_link(actor.connection, RecordType.CONTACT, record_id)
    if parent is None:
        raise Refused(_("Connect the contact's company first."))
    return parent


def _keys(actor: ActorMapping) -> list[str]:
    """The fields to ask for: those that are shown, and those that say how alike an actor is."""
    shown = [field.key for field in _columns(actor)]
    return list(dict.fromkeys([*shown, *identifying_fields(actor).values()]))


def _columns(actor: ActorMapping) -> list[FieldMapping]:
    return shown_in_search(actor)


def _matches(actor: ActorMapping, record_id: int, actors: Iterable[ErpActor]) -> Matches:
    stream = iter(actors)
    looked_at = list(islice(stream, max(RANKED, MOST)))
    more = len(looked_at) > MOST or next(stream, None) is not None
    ranked = _likest(actor, record_id, looked_at)
    found, columns = [one for one, _likeness in ranked], _columns(actor)
    texts = list_texts(actor.connection, found, columns)
    linked = _linked(actor, [one.erp_key for one in found])
    return Matches([_match(one, alike, columns, texts, linked) for one, alike in ranked], more)


def _likest(actor: ActorMapping, record_id: int, found: Sequence[ErpActor]) -> list[tuple[ErpActor, Likeness]]:
    """The actors most like the record; those that are as like stay in the ERP's order."""
    ours, fields = identity_of_record(RecordType(actor.record_type), record_id), identifying_fields(actor)
    judged = [(one, likeness(ours, identity_of_actor(one, fields))) for one in found]
    return heapq.nlargest(MOST, judged, key=lambda pair: pair[1].score)


def _match(
    actor: ErpActor,
    alike: Likeness,
    columns: Sequence[FieldMapping],
    texts: Mapping[tuple[str, str], str],
    linked: Mapping[str, str],
) -> Match:
    values = [live_value(column, actor.fields.get(column.key, ""), texts) for column in columns]
    return Match(actor.erp_key, values, linked.get(actor.erp_key, ""), alike.score, alike.reasons)


def _plain(wire: str) -> str:
    """A value as text; many an ERP keeps phone numbers as numbers."""
    try:
        return as_text(decode_any(wire)) if wire.startswith("[") else wire
    except BadValue:
        return wire


def _linked(actor: ActorMapping, erp_keys: Sequence[str]) -> dict[str, str]:
    """The names of the records that these actors are linked to, by ERP key."""
    links = Link.objects.filter(connection=actor.connection, actor_type=actor.actor_type, erp_key__in=erp_keys)
    records = dict(links.values_list("erp_key", "record_id"))
    names = crm_side().describe(RecordType(actor.record_type), list(records.values()))
    return {key: names.get(record_id) or f"#{record_id}" for key, record_id in records.items()}
