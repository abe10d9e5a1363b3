"""Bodies of the operations on mapped fields, defaults and ranks."""

from __future__ import annotations

from pydantic import Field

from brygga.api.enums import CrmActorType, ErpActorType, FieldAccess, FieldType
from brygga.api.schemas.base import Carrier, Int32, Model


class ErpSyncFieldMapping(Carrier):
    """An ERP field and the CRM field it goes with.

    On saving, the field is named by `ErpFieldId` or `ErpFieldKey`, an empty `CrmFieldKey` maps it to nothing, and what
    is left out stays. `AlreadyMapped` says that another connection feeds the CRM field, so this one can't.
    """

    erp_field_id: Int32 | None = None
    crm_field_key: str | None = None
    crm_display_name: str | None = None
    crm_display_tooltip: str | None = None
    erp_field_key: str | None = None
    field_type: FieldType | None = None
    erp_display_name: str | None = None
    erp_display_tooltip: str | None = None
    sync_to_crm: bool | None = None
    sync_to_erp: bool | None = None
    show_in_gui: bool | None = None
    show_in_search: bool | None = None
    already_mapped: bool | None = None
    missing_in_erp: bool | None = Field(None, alias="MissingInERP")
    missing_in_crm: bool | None = Field(None, alias="MissingInCRM")
    access: FieldAccess | None = None
    list_reference: str | None = None


class ErpSyncActorTypeMapping(Carrier):
    """The mapping of an actor type; `IsActive` switches its sync."""

    erp_connection_id: Int32 | None = None
    is_active: bool | None = None
    field_mappings: list[ErpSyncFieldMapping] | None = None
    actor_type_erp: ErpActorType | None = None
    actor_type_crm: CrmActorType | None = None


class ErpSyncDefaultValue(Carrier):
    """What a new actor gets in a field.

    `DefaultValue` is what the connector suggests; `FirstSyncDefaultValue` counts where `HasFirstSyncDefaultValue`. Both
    are in wire form. `PromptUser` has a user asked, with the value as suggestion.
    """

    erp_field_id: Int32 | None = None
    default_value: str | None = None
    has_first_sync_default_value: bool | None = None
    first_sync_default_value: str | None = None
    prompt_user: bool | None = None
    mandatory: bool | None = None
    erp_field_key: str | None = None
    field_type: FieldType | None = None
    list_name: str | None = None
    access: FieldAccess | None = None


class GetActorTypeMappingRequest(Model):
    """The actor type of a connection."""

    erp_connection_id: Int32 = 0
    actor_type: ErpActorType = ErpActorType.UNKNOWN


class SaveActorTypeMappingRequest(Model):
    """The mapping to save."""

    mapping: ErpSyncActorTypeMapping


class UpdateConnectionFieldsRequest(Model):
    """The connection whose fields to read again."""

    erp_connection_id: Int32 = 0


class GetCrmActorTypeRequest(Model):
    """The actor type of a connection."""

    erp_connection_id: Int32 = 0
    erp_actor_type: ErpActorType = ErpActorType.UNKNOWN


class SupportsAdvancedSearchRequest(Model):
    """The actor type of a connection."""

    erp_connection_id: Int32 = 0
    erp_actor_type: ErpActorType = ErpActorType.UNKNOWN


class MoveErpFieldItemRequest(Model):
    """The field to move, and by how many places: up below zero, down above it."""

    erp_field_id: Int32 = 0
    direction: Int32 = 0
    erp_connection_id: Int32 = 0
    erp_actor_type: ErpActorType = ErpActorType.UNKNOWN


class ValidateArchiveColumnConfigRequest(Model):
    """The connection whose columns to check. `ListOwner` is any list: all of them share the columns."""

    list_owner: str = ""
    erp_connection_id: Int32 = 0


class GetDefaultValueInfoRequest(Model):
    """The field."""

    erp_field_id: Int32 = 0


class SaveDefaultValueInfoRequest(Model):
    """The default to save; what is left out stays."""

    erp_sync_default_value: ErpSyncDefaultValue
