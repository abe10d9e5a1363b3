"""Operations on mapped fields, their defaults and their rank (behaviour A7, A8, A10, A11)."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from ninja import Router

from brygga.api.enums import CrmActorType, ErpActorType
from brygga.api.errors import BadBody
from brygga.api.frame import operation, user_of
from brygga.api.schemas.fields import field_access, field_type
from brygga.api.schemas.kinds import crm_actor_type
from brygga.api.schemas.mapping import (
    ErpSyncActorTypeMapping,
    ErpSyncDefaultValue,
    ErpSyncFieldMapping,
    GetActorTypeMappingRequest,
    GetCrmActorTypeRequest,
    GetDefaultValueInfoRequest,
    MoveErpFieldItemRequest,
    SaveActorTypeMappingRequest,
    SaveDefaultValueInfoRequest,
    SupportsAdvancedSearchRequest,
    UpdateConnectionFieldsRequest,
    ValidateArchiveColumnConfigRequest,
)
from brygga.contract.localised import text_for
from brygga.crm.fields import CrmField
from brygga.erp.models import ActorMapping, Connection, FieldMapping
from brygga.erp.services import access, actor_mapping, connections, fields, mapping
from brygga.erp.services.actor_mapping import FieldChoice

router = Router()


@operation(router, "UpdateConnectionFields", admin=True)
def update_fields(request: HttpRequest, body: UpdateConnectionFieldsRequest) -> bool:
    """Read the actor types and fields that the connector offers now, and store them; mappings stay."""
    connections.refresh_fields(connections.get_connection(body.erp_connection_id))
    return True


@operation(router, "GetActorTypeMapping", admin=True)
def get_mapping(request: HttpRequest, body: GetActorTypeMappingRequest) -> ErpSyncActorTypeMapping:
    """The mapping of an actor type, its fields in rank order."""
    connection = connections.get_connection(body.erp_connection_id)
    return _shown(fields.get_actor(connection, body.actor_type))


@operation(router, "SaveActorTypeMapping", admin=True)
def save_mapping(request: HttpRequest, body: SaveActorTypeMappingRequest) -> ErpSyncActorTypeMapping:
    """Map fields and switch the sync of an actor type, all or nothing; what is left out stays as it is.

    A direction that is not available is refused with the reason.
    """
    given = body.mapping
    connection = connections.get_connection(given.erp_connection_id or 0)
    actor = fields.get_actor(connection, given.actor_type_erp or ErpActorType.UNKNOWN)
    if given.actor_type_crm not in (None, CrmActorType.UNKNOWN, crm_actor_type(actor.record_type)):
        text = _("%(erp)s stands for %(crm)s records, which can't be changed.")
        raise BadBody(text % {"erp": actor.actor_type, "crm": crm_actor_type(actor.record_type).value})
    actor_mapping.save(actor, given.is_active, [_choice(field) for field in given.field_mappings or ()])
    return _shown(fields.get_actor(connection, actor.actor_type))


@operation(router, "GetCrmActorType")
def get_crm_type(request: HttpRequest, body: GetCrmActorTypeRequest) -> CrmActorType:
    """The type of the CRM records that an actor type stands for."""
    connection = _readable(request, body.erp_connection_id)
    return crm_actor_type(fields.get_actor(connection, body.erp_actor_type).record_type)


@operation(router, "SupportsAdvancedSearch")
def supports_search(request: HttpRequest, body: SupportsAdvancedSearchRequest) -> bool:
    """Whether the ERP can be searched by the fields of an actor type."""
    connection = _readable(request, body.erp_connection_id)
    return fields.supports_advanced_search(fields.get_actor(connection, body.erp_actor_type))


@operation(router, "MoveErpFieldItem", admin=True)
def move_field(request: HttpRequest, body: MoveErpFieldItemRequest) -> None:
    """Move a field among those of its actor type: up by a negative direction, down by a positive one.

    `ErpConnectionId` and `ErpActorType`, where given, must be those of the field.
    """
    field = fields.get_field(body.erp_field_id)
    given = (body.erp_connection_id or field.actor.connection_id, body.erp_actor_type)
    expected = (field.actor.connection_id, field.actor.actor_type)
    if given not in (expected, (expected[0], ErpActorType.UNKNOWN)):
        raise BadBody(_("The field belongs to another connection or actor type."), f"field of {expected}")
    fields.move_field(field, body.direction)


@operation(router, "ValidateArchiveColumnConfig", admin=True)
def validate_columns(request: HttpRequest, body: ValidateArchiveColumnConfigRequest) -> None:
    """Take fields that the ERP no longer has out of search results and the ERP tab."""
    fields.forget_missing_columns(connections.get_connection(body.erp_connection_id))


@operation(router, "GetDefaultValueInfo", admin=True)
def get_default(request: HttpRequest, body: GetDefaultValueInfoRequest) -> ErpSyncDefaultValue:
    """What a new actor gets in a field."""
    return _shown_default(fields.get_field(body.erp_field_id))


@operation(router, "SaveDefaultValueInfo", admin=True)
def save_default(request: HttpRequest, body: SaveDefaultValueInfoRequest) -> ErpSyncDefaultValue:
    """Say what a new actor gets in a field; what is left out stays as it is.

    A mandatory field needs a value or has to be asked for. The field itself is not changed: its key, type, list and
    access are the connector's.
    """
    given = body.erp_sync_default_value
    field = fields.get_field(given.erp_field_id or 0)
    has_value = _given(given.has_first_sync_default_value, field.default_set)
    value = field.default_value if given.first_sync_default_value is None else given.first_sync_default_value
    mapping.set_default(
        field,
        value=value if has_value else None,
        ask=_given(given.prompt_user, field.default_ask),
        mandatory=_given(given.mandatory, field.default_mandatory),
    )
    return _shown_default(field)


def _readable(request: HttpRequest, connection_id: int) -> Connection:
    """A connection that the caller uses or, being an administrator, sets up: that one need not be active yet."""
    user = user_of(request)
    if user.is_administrator:
        return connections.get_connection(connection_id)
    return access.connection_for(user, connection_id)


def _given(value: bool | None, stored: bool) -> bool:
    return stored if value is None else value


def _choice(field: ErpSyncFieldMapping) -> FieldChoice:
    return FieldChoice(
        field_id=field.erp_field_id,
        erp_key=field.erp_field_key,
        crm_key=field.crm_field_key,
        to_crm=field.sync_to_crm,
        to_erp=field.sync_to_erp,
        show_in_tab=field.show_in_gui,
        show_in_search=field.show_in_search,
    )


def _shown(actor: ActorMapping) -> ErpSyncActorTypeMapping:
    crm_fields, fed = mapping.crm_fields_of(actor), actor_mapping.fed_by_others(actor)
    return ErpSyncActorTypeMapping(
        erp_connection_id=actor.connection_id,
        is_active=actor.sync,
        field_mappings=[_shown_field(field, crm_fields, fed) for field in actor.fields.all()],
        actor_type_erp=ErpActorType(actor.actor_type),
        actor_type_crm=crm_actor_type(actor.record_type),
    )


def _shown_field(field: FieldMapping, crm_fields: Mapping[str, CrmField], fed: Collection[str]) -> ErpSyncFieldMapping:
    crm_field = crm_fields.get(field.crm_key)
    return ErpSyncFieldMapping(
        erp_field_id=field.pk,
        crm_field_key=field.crm_key,
        crm_display_name=str(crm_field.label) if crm_field else field.crm_key,
        crm_display_tooltip="",
        erp_field_key=field.key,
        field_type=field_type(field.type),
        erp_display_name=mapping.label_of(field),
        erp_display_tooltip=text_for(field.description, get_language() or "en"),
        sync_to_crm=field.to_crm,
        sync_to_erp=field.to_erp,
        show_in_gui=field.show_in_tab,
        show_in_search=field.show_in_search,
        already_mapped=field.crm_key in fed,
        missing_in_erp=field.missing,
        missing_in_crm=bool(field.crm_key) and crm_field is None,
        access=field_access(field.access),
        list_reference=field.list_name,
    )


def _shown_default(field: FieldMapping) -> ErpSyncDefaultValue:
    return ErpSyncDefaultValue(
        erp_field_id=field.pk,
        default_value=field.connector_default,
        has_first_sync_default_value=field.default_set,
        first_sync_default_value=field.default_value,
        prompt_user=field.default_ask,
        mandatory=field.default_mandatory,
        erp_field_key=field.key,
        field_type=field_type(field.type),
        list_name=field.list_name,
        access=field_access(field.access),
    )
