"""What an ERP offers: its actor types and fields, read through the connector and stored (behaviour A4, A8)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from django.db import transaction

from brygga.contract import ActorType, FieldMetadata
from brygga.crm.fields import RecordType, fields_of
from brygga.erp import connectors
from brygga.erp.models import ActorMapping, Connection, FieldMapping

_log = structlog.get_logger(__name__)

RECORD_TYPES: dict[ActorType, RecordType] = {
    ActorType.CUSTOMER: RecordType.COMPANY,
    ActorType.SUPPLIER: RecordType.COMPANY,
    ActorType.PARTNER: RecordType.COMPANY,
    ActorType.PERSON: RecordType.CONTACT,
    ActorType.PROJECT: RecordType.PROJECT,
}
"""The CRM record an actor type stands for (contract, section 4); the others are offered but not synced."""

_TOLD = (
    "name", "description", "type", "list_name", "connector_default", "max_length", "access", "searchable", "missing",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Offer:
    """What a connector offers of one actor type. `searchable` holds keys of fields."""

    actor_type: ActorType
    fields: Sequence[FieldMetadata]
    searchable: frozenset[str]


def refresh_fields(connection: Connection) -> None:
    """Read what the connector offers now and store it; mappings stay.

    A field that is no longer offered is kept, marked as missing, its directions cleared (behaviour A8).
    Raises ConnectorFailed; then nothing is changed.
    """
    store_offers(connection, read_offers(lambda *call: connectors.call(connection, *call)))


def read_offers(ask: Callable[..., Any]) -> list[Offer]:
    """All actor types with their fields. `ask(operation, *args)` calls the connector for a connection."""
    return [_read_offer(ask, actor_type) for actor_type in _known_types(ask("get_supported_actor_types").items)]


@transaction.atomic
def store_offers(connection: Connection, offers: Sequence[Offer]) -> None:
    """Make the stored actor types and fields of a connection agree with what is offered."""
    known = {actor.actor_type: actor for actor in connection.actors.all()}
    for offer in offers:
        actor = known.pop(offer.actor_type, None) or ActorMapping.objects.create(
            connection=connection, actor_type=offer.actor_type, record_type=RECORD_TYPES.get(offer.actor_type, "")
        )
        _store_fields(actor, offer)
    gone = FieldMapping.objects.filter(actor__in=known.values())
    gone.update(missing=True, to_crm=False, to_erp=False)


def _known_types(names: Sequence[str]) -> list[ActorType]:
    unknown = [name for name in names if name not in list(ActorType)]
    if unknown:
        _log.warning("connector_offers_unknown_actor_types", names=unknown)
    return list(dict.fromkeys(ActorType(name) for name in names if name not in unknown))


def _read_offer(ask: Callable[..., Any], actor_type: ActorType) -> Offer:
    fields = {field.key: field for field in ask("get_supported_actor_type_fields", actor_type).fields}
    searchable = ask("get_searchable_fields", actor_type).items
    return Offer(actor_type, list(fields.values()), frozenset(searchable))


def _store_fields(actor: ActorMapping, offer: Offer) -> None:
    known = {field.key: field for field in actor.fields.all()}
    taken = {field.crm_key for field in known.values()}
    crm_keys = {key: crm_key for key, crm_key in automatic_keys(actor).items() if crm_key not in taken}
    new, changed = [], []
    for told in offer.fields:
        field = known.pop(told.key, None)
        if field is None:
            field = FieldMapping(actor=actor, key=told.key, rank=told.rank, crm_key=crm_keys.pop(told.key.upper(), ""))
            new.append(field)
        else:
            changed.append(field)
        _tell(field, told, offer)
    for field in known.values():
        field.missing, field.to_crm, field.to_erp = True, False, False
        changed.append(field)
    FieldMapping.objects.bulk_create(new)
    FieldMapping.objects.bulk_update(changed, [*_TOLD, "to_crm", "to_erp"], batch_size=200)


def automatic_keys(actor: ActorMapping) -> dict[str, str]:
    """The CRM fields that ERP fields map to by themselves, by the ERP key in capitals (behaviour A8)."""
    if not actor.record_type:
        return {}
    return {key: key for key in fields_of(RecordType(actor.record_type)) if key.isupper()}


def _tell(field: FieldMapping, told: FieldMetadata, offer: Offer) -> None:
    field.name, field.description = told.name, told.description
    field.type, field.access, field.max_length = told.type, told.access, told.max_length
    field.list_name, field.connector_default = told.list_name, told.default
    field.searchable = told.key in offer.searchable
    field.missing = False
