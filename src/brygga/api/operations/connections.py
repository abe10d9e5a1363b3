"""Operations on connections (behaviour A3 to A6, A12, A13)."""

from __future__ import annotations

from django.db.models import prefetch_related_objects
from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from brygga.api.enums import ErpActorType
from brygga.api.frame import operation, user_of
from brygga.api.schemas.connections import (
    DeleteConnectionRequest,
    ErpConnection,
    ErpSyncActorSummary,
    ErpSyncConnectionSummary,
    GetAllConnectionsRequest,
    GetConnectionRequest,
    GetErpConnectionConfigFieldsRequest,
    GetErpSyncConnectionSummaryRequest,
    SaveConnectionRequest,
    SaveErpConnectionSyncPrioritiesRequest,
    TestConnectionByConfigRequest,
    TestConnectionByIdRequest,
    ToggleErpConnectionActiveRequest,
)
from brygga.erp.errors import ConnectorFailed, Refused
from brygga.erp.models import Connection
from brygga.erp.services import access, activation, connection_config, connection_saving, connections, removal

router = Router()


@operation(router, "GetConnection", admin=True)
def get_connection(request: HttpRequest, body: GetConnectionRequest) -> ErpConnection:
    """A connection with its configuration, also a deleted one."""
    return _with_config(connections.get_connection(body.erp_connection_id, with_deleted=True))


@operation(router, "GetAllConnections", admin=True)
def get_all_connections(request: HttpRequest, body: GetAllConnectionsRequest) -> list[ErpConnection]:
    """The connections in order of priority, without their configuration."""
    found = connections.list_connections(with_deleted=body.include_deleted)
    prefetch_related_objects(found, "access", "actors")
    return [_shown(connection) for connection in found]


@operation(router, "SaveConnection", admin=True)
def save_connection(request: HttpRequest, body: SaveConnectionRequest) -> ErpConnection:
    """Define a connection, or change one; what is left out stays as it is.

    A new connection needs `ErpConnectorId`, `DisplayName` and the configuration values its connector asks for; they
    are tried before anything is stored. Without `AllAccess` or ids of users and groups it is open to everyone.
    `ConfigFields` holds all values; those of an active connection can't change. A secret one that is left out stays as
    it is stored, one that is given empty is removed.
    A plain `DisplayName` is the name in the caller's language. `Active`, `Deleted`, `ConnectionId` and
    `MostRecentTimestamp` are not saved: there are operations for the first two, and the server sets the others.
    """
    given = body.connection
    draft = connection_saving.Draft(
        connector_id=given.erp_connector_id or 0,
        name=given.display_name,
        description=given.display_description,
        values=given.config_fields,
        all_access=given.all_access,
        group_ids=given.user_group_access_ids,
        user_ids=given.associate_access_ids,
    )
    return _with_config(connection_saving.save(given.erp_connection_id or 0, draft))


@operation(router, "DeleteConnection", admin=True)
def delete_connection(request: HttpRequest, body: DeleteConnectionRequest) -> None:
    """Mark a connection as deleted and have its connector forget it; nothing is deleted in the ERP.

    An active connection is refused: deactivate it first, by `ToggleErpConnectionActive`.
    """
    removal.delete_inactive(connections.get_connection(body.erp_connection_id), user_of(request).username)


@operation(router, "GetErpConnectionConfigFields", admin=True)
def get_config_fields(request: HttpRequest, body: GetErpConnectionConfigFieldsRequest) -> dict[str, str]:
    """The configuration values of a connection by field key, without the secret ones."""
    return connection_config.open_values(connections.get_connection(body.erp_connection_id, with_deleted=True))


@operation(router, "ToggleErpConnectionActive", admin=True)
def toggle_active(request: HttpRequest, body: ToggleErpConnectionActiveRequest) -> list[str]:
    """Deactivate an active connection, or activate it unless something speaks against it: then the answer says what."""
    connection = connections.get_connection(body.erp_connection_id)
    if connection.active:
        activation.deactivate(connection)
        return []
    return [finding.message for finding in activation.activate(connection)]


@operation(router, "TestConnectionById", admin=True)
def test_connection(request: HttpRequest, body: TestConnectionByIdRequest) -> bool:
    """Whether a connection works now."""
    connection = connections.get_connection(body.erp_connection_id)
    try:
        connections.test(connection)
    except (ConnectorFailed, Refused):
        return False
    return True


@operation(router, "TestConnectionByConfig", admin=True)
def test_config(request: HttpRequest, body: TestConnectionByConfigRequest) -> bool:
    """Whether a connection would work with these configuration values; nothing is stored.

    A secret that is left out is taken from what is stored; one that is given empty is tried without.
    """
    connection = connections.get_connection(body.erp_connection_id)
    try:
        connections.test_values(connection, body.config_fields)
    except (ConnectorFailed, Refused):
        return False
    return True


@operation(router, "SaveErpConnectionSyncPriorities", admin=True)
def save_priorities(request: HttpRequest, body: SaveErpConnectionSyncPrioritiesRequest) -> bool:
    """Put the connections in this order; those left out follow in theirs.

    0 stands for the CRM; without it as many connections as before go before the CRM.
    """
    connection_saving.save_priorities(body.erp_connection_ids)
    return True


@operation(router, "GetErpSyncConnectionSummary", admin=True)
def get_summary(request: HttpRequest, body: GetErpSyncConnectionSummaryRequest) -> ErpSyncConnectionSummary:
    """What is mapped and what has defaults in a connection, per actor type."""
    connection = connections.get_connection(body.erp_sync_connection_id, with_deleted=True)
    return ErpSyncConnectionSummary(
        display_name=connection.name,
        display_description=connection.description,
        active=connection.active,
        deleted=connection.deleted,
        last_sync=timezone.localtime(connection.last_run_at) if connection.last_run_at else None,
        actors=[_summed_up(actor) for actor in connections.summary(connection)],
    )


def _shown(connection: Connection) -> ErpConnection:
    user_ids, group_ids = access.granted(connection)
    return ErpConnection(
        erp_connection_id=connection.pk,
        erp_connector_id=connection.connector_id,
        display_name=connection.name,
        display_description=connection.description,
        active=connection.active,
        connection_id=str(connection.guid),
        most_recent_timestamp=connections.position(connection),
        deleted=connection.deleted,
        all_access=connection.all_access,
        user_group_access_ids=group_ids,
        associate_access_ids=user_ids,
    )


def _with_config(connection: Connection) -> ErpConnection:
    shown = _shown(connection)
    shown.config_fields = connection_config.open_values(connection)
    return shown


def _summed_up(actor: connections.ActorSummary) -> ErpSyncActorSummary:
    mappings = [f"{field.erp_name} {_arrow(field)} {field.crm_name}" for field in actor.fields]
    return ErpSyncActorSummary(
        actor_type=ErpActorType(actor.actor_type),
        has_mappings=bool(actor.fields),
        defaults=", ".join(actor.defaults),
        mappings=", ".join(mappings),
    )


def _arrow(field: connections.FieldSummary) -> str:
    return {(True, True): "↔", (True, False): "→", (False, True): "←"}.get((field.to_crm, field.to_erp), "–")
