"""Operations on connectors (behaviour A2)."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import get_language
from ninja import Query, Router

from brygga.api.auth import user_of
from brygga.api.enums import ConnectorState
from brygga.api.frame import operation
from brygga.api.schemas.base import Int32
from brygga.api.schemas.connections import GetConfigurationFieldsRequest
from brygga.api.schemas.connectors import (
    CanDeleteErpSyncConnectorEntityRequest,
    ErpSyncConnectorEntity,
    ListItem,
    TestConnectorUrlRequest,
)
from brygga.api.schemas.fields import FieldMetadata, field_metadata
from brygga.erp.errors import ConnectorFailed, NotFound, Refused
from brygga.erp.models import Connector
from brygga.erp.services import connectors
from brygga.erp.services.template_tags import filled_fields, tag_values

router = Router()

_ID = Query(alias="erpSyncConnectorEntityId")


@operation(router, "GetAllConnectors", admin=True)
def get_all_connectors(request: HttpRequest) -> list[ListItem]:
    """The connectors by name; their addresses as tool tips."""
    return [ListItem(id=row.pk, name=row.name, tool_tip=row.url) for row in connectors.list_connectors()]


@operation(router, "CreateDefaultErpSyncConnectorEntity", admin=True)
def create_default_connector(request: HttpRequest) -> ErpSyncConnectorEntity:
    """A connector to fill in and save; nothing is stored yet."""
    return _shown(Connector(), 0)


@operation(router, "GetErpSyncConnectorEntity", admin=True)
def get_connector(request: HttpRequest, connector_id: Int32 = _ID) -> ErpSyncConnectorEntity:
    """A connector, also a deleted one."""
    return _shown(connectors.get_connector(connector_id, with_deleted=True), connector_id)


@operation(router, "SaveErpSyncConnectorEntity", admin=True)
def save_connector(request: HttpRequest, entity: ErpSyncConnectorEntity) -> ErpSyncConnectorEntity:
    """Store a connector's name and address; one without an id is new.

    A new address must be that of a connector that answers. What is left out stays as it is; `Deleted` is not saved.
    """
    stored = connectors.get_connector(entity.erp_connector_id) if entity.erp_connector_id else Connector()
    name = stored.name if entity.display_name is None else entity.display_name
    saved = connectors.save_connector(stored, name, stored.url if entity.url is None else entity.url)
    return _shown(saved, saved.pk)


@operation(router, "DeleteErpSyncConnectorEntity", admin=True)
def delete_connector(request: HttpRequest, connector_id: Int32 = _ID) -> None:
    """Mark a connector as deleted; one that connections use stays."""
    connectors.delete_connectors([connectors.get_connector(connector_id)])


@operation(router, "CanDeleteErpSyncConnectorEntity", admin=True)
def can_delete_connector(request: HttpRequest, body: CanDeleteErpSyncConnectorEntityRequest) -> ConnectorState:
    """Whether a connector can be deleted, or what speaks against it."""
    try:
        connector = connectors.get_connector(body.erp_sync_connector_id)
    except NotFound:
        return ConnectorState.NOT_FOUND
    return ConnectorState.HAS_CONNECTIONS if connectors.connections_of(connector) else ConnectorState.NO_ERROR


@operation(router, "TestConnectorUrl", admin=True)
def test_connector_url(request: HttpRequest, body: TestConnectorUrlRequest) -> ConnectorState:
    """Whether a connector answers at an address."""
    try:
        connectors.fields_at(body.url)
    except (ConnectorFailed, Refused):
        return ConnectorState.NOT_FOUND
    return ConnectorState.NO_ERROR


@operation(router, "GetConfigurationFields", admin=True)
def get_configuration_fields(request: HttpRequest, body: GetConfigurationFieldsRequest) -> list[FieldMetadata]:
    """The configuration fields that a connection of a connector needs, in rank order; the connector is asked.

    In default values the tags `<ser#>` and `<user>` are filled in; `<name>` stands for the name of the connection.
    """
    asked = connectors.config_fields(connectors.get_connector(body.erp_connector_id))
    fields = filled_fields(asked, tag_values(user_of(request).username))
    return [field_metadata(field, get_language() or "en") for field in fields]


def _shown(connector: Connector, connector_id: int) -> ErpSyncConnectorEntity:
    return ErpSyncConnectorEntity(
        erp_connector_id=connector_id, display_name=connector.name, url=connector.url, deleted=connector.deleted
    )
