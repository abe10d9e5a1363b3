"""Bodies of the operations that users call for one record and an ERP."""

from __future__ import annotations

from pydantic import Field

from brygga.api.enums import CrmActorType, ErpActorType
from brygga.api.schemas.base import Carrier, Int32, Model, Texts
from brygga.api.schemas.fields import FieldMetadata


class ErpConnectionData(Carrier):
    """A connection as a record's ERP tab has it; `ErpFields` are shown there once the record is connected."""

    erp_connection_id: Int32 | None = None
    connection_name: str | None = None
    connected: bool | None = None
    erp_fields: list[FieldMetadata] | None = None
    crm_actor_type: CrmActorType | None = None
    erp_actor_type: ErpActorType | None = None
    erp_actor_types: list[ErpActorType] | None = None


class ErpSyncFieldValue(Carrier):
    """A mapped field of one side; `Value` has the form of the CRM field, so that equal values look equal."""

    display_name: str | None = None
    crm_field_key: str | None = None
    value: str | None = None
    display_value: str | None = None
    sync_to_crm: bool | None = None
    sync_to_erp: bool | None = None


class _RecordRequest(Model):
    """A record and a connection."""

    erp_connection_id: Int32 = 0
    crm_record_id: Int32 = 0
    crm_actor_type: CrmActorType = CrmActorType.UNKNOWN


class GetConnectionsAndDisplayFieldsRequest(Model):
    """The record."""

    crm_actor_type: CrmActorType = CrmActorType.UNKNOWN
    entity_id: Int32 = 0


class GetErpFieldValuesRequest(Model):
    """The record, the connection, and the fields; none means those of the ERP tab."""

    erp_connection_id: Int32 = 0
    crm_actor_type: CrmActorType = CrmActorType.UNKNOWN
    entity_id: Int32 = 0
    field_keys: list[str] = Field(default_factory=list)


class GetFieldsForNewErpActorRequest(Model):
    """The actor type that is to be created."""

    erp_connection_id: Int32 = 0
    erp_actor_type: ErpActorType = ErpActorType.UNKNOWN


class GetFieldValuesFromCrmRequest(Model):
    """The record."""

    record_id: Int32 = 0
    actor_type_crm: CrmActorType = CrmActorType.UNKNOWN


class GetFieldValuesFromErpRequest(Model):
    """The actor."""

    erp_connection_id: Int32 = 0
    actor_type_erp: ErpActorType = ErpActorType.UNKNOWN
    erp_key: str = ""


class CreateActorLinkRequest(_RecordRequest):
    """The record and the actor to link."""

    erp_key: str = ""
    erp_actor_type: ErpActorType = ErpActorType.UNKNOWN


class ConnectActorRequest(CreateActorLinkRequest):
    """The record, the actor, and of fields in which they differ the value chosen: that of either side."""

    field_values: list[ErpSyncFieldValue] = Field(default_factory=list)


class TryConnectActorRequest(ConnectActorRequest):
    """As for `ConnectActor`."""


class BreakActorLinkRequest(_RecordRequest):
    """The record and the connection."""


class CreateErpActorFromCrmRequest(Model):
    """The record, the actor type to create, and the answers to what was asked, by ERP field key in wire form."""

    connection_id: Int32 = 0
    crm_entity_id: Int32 = 0
    erp_actor_type: ErpActorType = ErpActorType.UNKNOWN
    crm_actor_type: CrmActorType = CrmActorType.UNKNOWN
    erp_field_key_values: Texts = Field(default_factory=dict)
