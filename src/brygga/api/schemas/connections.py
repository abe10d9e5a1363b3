"""Bodies of the connections' operations."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from brygga.api.enums import ErpActorType
from brygga.api.schemas.base import Carrier, Int32, Model, Texts


class ErpConnection(Carrier):
    """A connection: a connector with configuration, who may use it, and how far it has come.

    `ConnectionId` is its GUID. Secret configuration values are never given; on saving, those left out stay, and those
    given empty are removed.
    """

    erp_connection_id: Int32 | None = None
    erp_connector_id: Int32 | None = None
    display_name: str | None = None
    display_description: str | None = None
    active: bool | None = None
    connection_id: str | None = None
    most_recent_timestamp: str | None = None
    config_fields: Texts | None = None
    deleted: bool | None = None
    all_access: bool | None = None
    user_group_access_ids: list[Int32] | None = None
    associate_access_ids: list[Int32] | None = None


class ErpSyncActorSummary(Carrier):
    """What is configured for one actor type: the fields with defaults and those mapped, as text."""

    actor_type: ErpActorType | None = None
    has_mappings: bool | None = None
    defaults: str | None = None
    mappings: str | None = None


class ErpSyncConnectionSummary(Carrier):
    """What is configured for a connection, and when it was last synced."""

    display_name: str | None = None
    display_description: str | None = None
    active: bool | None = None
    deleted: bool | None = None
    last_sync: datetime | None = None
    actors: list[ErpSyncActorSummary] | None = None


class ConnectionRequest(Model):
    """The connection that an operation is about."""

    erp_connection_id: Int32 = 0


class GetConnectionRequest(ConnectionRequest):
    """The connection to read."""


class DeleteConnectionRequest(ConnectionRequest):
    """The connection to delete."""


class GetErpConnectionConfigFieldsRequest(ConnectionRequest):
    """The connection whose configuration to read."""


class ToggleErpConnectionActiveRequest(ConnectionRequest):
    """The connection to activate or deactivate."""


class TestConnectionByIdRequest(ConnectionRequest):
    """The connection to test."""

    __test__ = False


class TestConnectionByConfigRequest(ConnectionRequest):
    """The connection, and the values to test it with."""

    __test__ = False

    config_fields: Texts = Field(default_factory=dict)


class SaveConnectionRequest(Model):
    """The connection to save; one without an id is new."""

    connection: ErpConnection


class GetConfigurationFieldsRequest(Model):
    """The connector to ask."""

    erp_connector_id: Int32 = 0


class GetAllConnectionsRequest(Model):
    """Whether deleted ones are wanted too."""

    include_deleted: bool = False


class SaveErpConnectionSyncPrioritiesRequest(Model):
    """The connections in their new order."""

    erp_connection_ids: list[Int32] = Field(default_factory=list)


class GetErpSyncConnectionSummaryRequest(Model):
    """The connection to sum up."""

    erp_sync_connection_id: Int32 = 0
