"""Searching an ERP for the actor that a record is to be connected to (behaviour U3, U4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from django.utils.translation import gettext as _

from brygga.contract import ActorType, ErpActor
from brygga.crm.fields import RecordType
from brygga.erp import connectors
from brygga.erp.crm_side import crm_side
from brygga.erp.errors import Refused
from brygga.erp.models import ActorMapping, Connection, Link
from brygga.erp.services.tab import LiveValue, list_texts, live_value

MOST = 100
"""How many actors a search shows; who has more to look through searches more closely."""


@dataclass(frozen=True, slots=True)
class Match:
    """An actor that was found, with its values by rank; `linked_to` names the record that has it already."""

    erp_key: str
    values: list[LiveValue]
    linked_to: str = ""


@dataclass(frozen=True, slots=True)
class Matches:
    """What a search found; `more` says that there is more than is shown."""

    actors: list[Match]
    more: bool


def search(actor: ActorMapping, record_id: int, text: str) -> Matches:
    """The actors that a free text finds, all for an empty one; of a contact's company only (behaviour U3).

    Their values are those of the fields that are shown in search results. Raises Refused for a contact whose company
    is not connected, and ConnectorFailed.
    """
    fields = list(actor.fields.filter(show_in_search=True, missing=False))
    asked = list(islice(_ask(actor, record_id, text, [field.key for field in fields]), MOST + 1))
    found = asked[:MOST]
    texts = list_texts(actor.connection, found, fields)
    linked = _linked(actor, [one.erp_key for one in found])
    matches = [
        Match(
            one.erp_key, [live_value(f, one.fields.get(f.key, ""), texts) for f in fields], linked.get(one.erp_key, "")
        )
        for one in found
    ]
    return Matches(matches, len(asked) > MOST)


def parent_link(connection: Connection, record_type: RecordType, record_id: int) -> Link | None:
    """The link of a contact's company in this connection, if there is one."""
    snapshot = crm_side().read(record_type, [record_id], []).get(record_id)
    if snapshot is None or snapshot.parent_id is None:
        return None
    return Link.objects.filter(
        connection=connection, record_type=RecordType.COMPANY, record_id=snapshot.parent_id
    ).first()


def _ask(actor: ActorMapping, record_id: int, text: str, keys: Sequence[str]) -> Iterable[ErpActor]:
    kind, connection = ActorType(actor.actor_type), actor.connection
    if actor.record_type != RecordType.CONTACT:
        return connectors.call(connection, "search_actors", kind, text, keys).actors
    parent = parent_link(connection, RecordType.CONTACT, record_id)
    if parent is None:
        raise Refused(_("Connect the contact's company first."))
    place = (ActorType(parent.actor_type), parent.erp_key)
    return connectors.call(connection, "search_actor_by_parent", kind, text, *place, keys).actors


def _linked(actor: ActorMapping, erp_keys: Sequence[str]) -> dict[str, str]:
    """The names of the records that these actors are linked to, by ERP key."""
    links = Link.objects.filter(connection=actor.connection, actor_type=actor.actor_type, erp_key__in=erp_keys)
    records = dict(links.values_list("erp_key", "record_id"))
    names = crm_side().describe(RecordType(actor.record_type), list(records.values()))
    return {key: names.get(record_id) or f"#{record_id}" for key, record_id in records.items()}
