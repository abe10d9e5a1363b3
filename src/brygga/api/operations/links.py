"""Operations for one record and an ERP, in the name of a user (behaviour U2, U3, U5, U6, U9)."""

from __future__ import annotations

from collections.abc import Iterable

import structlog
from django.http import HttpRequest
from django.utils.translation import get_language
from ninja import Router

from brygga.api.enums import ErpActorType
from brygga.api.frame import operation, user_of
from brygga.api.schemas.fields import FieldMetadata, field_metadata
from brygga.api.schemas.kinds import crm_actor_type, record_type
from brygga.api.schemas.links import (
    BreakActorLinkRequest,
    ConnectActorRequest,
    CreateActorLinkRequest,
    CreateErpActorFromCrmRequest,
    ErpConnectionData,
    ErpSyncFieldValue,
    GetConnectionsAndDisplayFieldsRequest,
    GetErpFieldValuesRequest,
    GetFieldsForNewErpActorRequest,
    GetFieldValuesFromCrmRequest,
    GetFieldValuesFromErpRequest,
    TryConnectActorRequest,
)
from brygga.crm.errors import CrmError
from brygga.crm.fields import RecordType
from brygga.crm.models import User
from brygga.erp.errors import ConnectorFailed, NotFound, Refused
from brygga.erp.models import FieldMapping
from brygga.erp.services import acting, choosing, tab
from brygga.erp.services.choosing import SideValue
from brygga.erp.services.fields import described

router = Router()

_log = structlog.get_logger(__name__)


@operation(router, "GetConnectionsAndDisplayFields")
def get_connections(request: HttpRequest, body: GetConnectionsAndDisplayFieldsRequest) -> list[ErpConnectionData]:
    """The connections that the caller sees for a record, and the fields to show of those it is connected to."""
    kind = record_type(body.crm_actor_type)
    sections = acting.sections(user_of(request), kind, body.entity_id)
    fields = tab.shown_fields_of(sections)
    return [_shown_section(section, kind, fields.get(section.connection.pk, ())) for section in sections]


@operation(router, "GetErpFieldValues")
def get_field_values(request: HttpRequest, body: GetErpFieldValuesRequest) -> list[str]:
    """Fields of the actor that a record is connected to, as the ERP has them now, in the order of `FieldKeys`.

    List items are given by their text, other values in wire form.
    """
    kind = record_type(body.crm_actor_type)
    return acting.live_values(user_of(request), body.erp_connection_id, kind, body.entity_id, body.field_keys)


@operation(router, "GetFieldsForNewErpActor")
def get_fields_for_new(request: HttpRequest, body: GetFieldsForNewErpActorRequest) -> list[FieldMetadata]:
    """The fields to ask a user for when an actor is created."""
    found = acting.fields_for_new_actor(user_of(request), body.erp_connection_id, body.erp_actor_type)
    return [field_metadata(field, get_language() or "en") for field in found]


@operation(router, "GetFieldValuesFromCrm")
def get_crm_values(request: HttpRequest, body: GetFieldValuesFromCrmRequest) -> list[ErpSyncFieldValue]:
    """A record's fields that are mapped in the connections the caller sees."""
    values = choosing.crm_values(user_of(request), record_type(body.actor_type_crm), body.record_id)
    return [_shown_value(value) for value in values]


@operation(router, "GetFieldValuesFromErp")
def get_erp_values(request: HttpRequest, body: GetFieldValuesFromErpRequest) -> list[ErpSyncFieldValue]:
    """The mapped fields of an actor, as the ERP has them now, in the form of the CRM fields."""
    values = acting.values_in_erp(user_of(request), body.erp_connection_id, body.actor_type_erp, body.erp_key)
    return [_shown_value(value) for value in values]


@operation(router, "CreateActorLink")
def create_link(request: HttpRequest, body: CreateActorLinkRequest) -> bool:
    """Link a record and an actor and bring them into agreement, as the mapping settles differences."""
    _connect(user_of(request), body, ())
    return True


@operation(router, "ConnectActor")
def connect(request: HttpRequest, body: ConnectActorRequest) -> None:
    """Link a record and an actor and bring them into agreement, with the values that were chosen.

    `FieldValues` names CRM fields and for each the value to keep, that of either side, as `GetFieldValuesFromCrm` and
    `GetFieldValuesFromErp` give it. Other fields are settled as the mapping says.
    """
    _connect(user_of(request), body, body.field_values)


@operation(router, "TryConnectActor")
def try_connect(request: HttpRequest, body: TryConnectActorRequest) -> bool:
    """As `ConnectActor`; says whether it was done, instead of why not. A caller without the right is told so."""
    try:
        _connect(user_of(request), body, body.field_values)
    except (Refused, NotFound, ConnectorFailed, CrmError) as error:
        _log.info("not_connected", connection=body.erp_connection_id, code=error.code, technical=error.technical)
        return False
    return True


@operation(router, "BreakActorLink")
def break_link(request: HttpRequest, body: BreakActorLinkRequest) -> bool:
    """Remove a link; nothing is deleted on either side. Says whether there was one."""
    kind = record_type(body.crm_actor_type)
    return acting.disconnect(user_of(request), body.erp_connection_id, kind, body.crm_record_id)


@operation(router, "CreateErpActorFromCrm")
def create_actor(request: HttpRequest, body: CreateErpActorFromCrmRequest) -> bool:
    """Create an actor from a record's values, the defaults and the answers given, and link the two.

    A repeated call makes no second actor.
    """
    kind, values = record_type(body.crm_actor_type), body.erp_field_key_values
    acting.create(user_of(request), body.connection_id, kind, body.crm_entity_id, body.erp_actor_type, values)
    return True


def _connect(user: User, body: CreateActorLinkRequest, values: Iterable[ErpSyncFieldValue]) -> None:
    acting.connect(
        user,
        body.erp_connection_id,
        record_type(body.crm_actor_type),
        body.crm_record_id,
        body.erp_actor_type,
        body.erp_key,
        {value.crm_field_key or "": value.value or "" for value in values},
    )


def _shown_section(section: tab.Section, kind: RecordType, fields: Iterable[FieldMapping]) -> ErpConnectionData:
    return ErpConnectionData(
        erp_connection_id=section.connection.pk,
        connection_name=section.connection.name,
        connected=section.is_linked,
        erp_fields=[_shown_field(field) for field in fields],
        crm_actor_type=crm_actor_type(kind),
        erp_actor_type=ErpActorType(section.actor_type or "Unknown"),
        erp_actor_types=[ErpActorType(actor_type) for actor_type in section.actor_types],
    )


def _shown_field(field: FieldMapping) -> FieldMetadata:
    return field_metadata(described(field), get_language() or "en", in_search=field.show_in_search)


def _shown_value(value: SideValue) -> ErpSyncFieldValue:
    return ErpSyncFieldValue(
        display_name=value.label,
        crm_field_key=value.crm_key,
        value=value.value,
        display_value=value.shown,
        sync_to_crm=value.to_crm,
        sync_to_erp=value.to_erp,
    )
