"""The operations of the agent API as methods.

Each says which operation it calls, and raises AgentError. What has no method of its own is called by `call`.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, TypeAlias, TypeVar

from brygga.client import carriers
from brygga.client.carriers import CrmActorType, ErpActorType
from brygga.client.transport import Transport

Answer = TypeVar("Answer")

Record: TypeAlias = tuple[CrmActorType, int]
"""A CRM record: what it is, and its id."""

Actor: TypeAlias = tuple[ErpActorType, str]
"""An ERP record: what it is, and its key."""


class ErpSync:
    """A server's ERP Sync agent, in the name of a user.

    Give a token (`brygga token create USER`), or a user name and a password. `language` is that of messages and names,
    by default the user's own; `timeout` is in seconds, for connecting and for each read; `ca_file` names a
    file with the certificates to trust, by default those of the system.
    """

    def __init__(
        self,
        url: str,
        *,
        token: str | None = None,
        username: str | None = None,
        password: str | None = None,
        language: str | None = None,
        timeout: float = 60.0,
        ca_file: str | None = None,
    ) -> None:
        headers = _authorization(token, username, password)
        if language:
            headers["Accept-Language"] = language
        self._transport = Transport(url, headers, timeout, ca_file)

    def __enter__(self) -> ErpSync:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections to the server."""
        self._transport.close()

    def call(self, operation: str, body: object = None, **query: str | int) -> Any:
        """Call any operation by its published name; the answer is None where it has none."""
        return self._transport.call(operation, body, query)

    def _get(self, kind: type[Answer], operation: str, body: object = None) -> Answer:
        """As `call`, for an answer of this type."""
        answer: Answer = self.call(operation, body)
        return answer

    # Connectors

    def connectors(self) -> list[carriers.ListItem]:
        """GetAllConnectors."""
        return self._get(list[carriers.ListItem], "GetAllConnectors")

    def save_connector(self, connector: carriers.Connector) -> carriers.Connector:
        """SaveErpSyncConnectorEntity: without an id it is new."""
        return self._get(carriers.Connector, "SaveErpSyncConnectorEntity", connector)

    def configuration_fields(self, connector_id: int) -> list[carriers.FieldMetadata]:
        """GetConfigurationFields."""
        return self._get(list[carriers.FieldMetadata], "GetConfigurationFields", {"ErpConnectorId": connector_id})

    # Connections

    def connections(self, *, include_deleted: bool = False) -> list[carriers.Connection]:
        """GetAllConnections."""
        return self._get(list[carriers.Connection], "GetAllConnections", {"IncludeDeleted": include_deleted})

    def connection(self, connection_id: int) -> carriers.Connection:
        """GetConnection."""
        return self._get(carriers.Connection, "GetConnection", _of(connection_id))

    def save_connection(self, connection: carriers.Connection) -> carriers.Connection:
        """SaveConnection: without an id it is new."""
        return self._get(carriers.Connection, "SaveConnection", {"Connection": connection})

    def delete_connection(self, connection_id: int) -> None:
        """DeleteConnection."""
        self.call("DeleteConnection", _of(connection_id))

    def test_connection(self, connection_id: int) -> bool:
        """TestConnectionById."""
        return bool(self.call("TestConnectionById", _of(connection_id)))

    def toggle_active(self, connection_id: int) -> list[str]:
        """ToggleErpConnectionActive: what speaks against activating it, or nothing."""
        return self._get(list[str], "ToggleErpConnectionActive", _of(connection_id))

    def set_priorities(self, connection_ids: Sequence[int]) -> None:
        """SaveErpConnectionSyncPriorities; 0 stands for the CRM."""
        self.call("SaveErpConnectionSyncPriorities", {"ErpConnectionIds": list(connection_ids)})

    def update_fields(self, connection_id: int) -> None:
        """UpdateConnectionFields."""
        self.call("UpdateConnectionFields", _of(connection_id))

    # Mapping

    def mapping(self, connection_id: int, actor_type: ErpActorType) -> carriers.ActorMapping:
        """GetActorTypeMapping."""
        body = _of(connection_id) | {"ActorType": actor_type}
        return self._get(carriers.ActorMapping, "GetActorTypeMapping", body)

    def save_mapping(self, mapping: carriers.ActorMapping) -> carriers.ActorMapping:
        """SaveActorTypeMapping: what is left out stays."""
        return self._get(carriers.ActorMapping, "SaveActorTypeMapping", {"Mapping": mapping})

    def list_mappings(self, connection_id: int) -> carriers.ListMappings:
        """GetConnectionListMappings."""
        return self._get(carriers.ListMappings, "GetConnectionListMappings", _of(connection_id))

    def save_list_mappings(self, mappings: carriers.ListMappings) -> carriers.ListMappings:
        """SaveConnectionListMappings."""
        return self._get(carriers.ListMappings, "SaveConnectionListMappings", {"ListMapping": mappings})

    def default(self, field_id: int) -> carriers.DefaultValue:
        """GetDefaultValueInfo."""
        return self._get(carriers.DefaultValue, "GetDefaultValueInfo", {"ErpFieldId": field_id})

    def save_default(self, default: carriers.DefaultValue) -> carriers.DefaultValue:
        """SaveDefaultValueInfo: what is left out stays."""
        return self._get(carriers.DefaultValue, "SaveDefaultValueInfo", {"ErpSyncDefaultValue": default})

    # One record and an ERP

    def connections_of(self, record: Record) -> list[carriers.ConnectionData]:
        """GetConnectionsAndDisplayFields."""
        body = {"CrmActorType": record[0], "EntityId": record[1]}
        return self._get(list[carriers.ConnectionData], "GetConnectionsAndDisplayFields", body)

    def live_values(self, connection_id: int, record: Record, keys: Sequence[str] = ()) -> list[str]:
        """GetErpFieldValues: by ERP field key, or those of the ERP tab."""
        body = _of(connection_id) | {"CrmActorType": record[0], "EntityId": record[1], "FieldKeys": list(keys)}
        return self._get(list[str], "GetErpFieldValues", body)

    def values_in_crm(self, record: Record) -> list[carriers.FieldValue]:
        """GetFieldValuesFromCrm."""
        body = {"ActorTypeCrm": record[0], "RecordId": record[1]}
        return self._get(list[carriers.FieldValue], "GetFieldValuesFromCrm", body)

    def values_in_erp(self, connection_id: int, actor: Actor) -> list[carriers.FieldValue]:
        """GetFieldValuesFromErp."""
        body = _of(connection_id) | {"ActorTypeErp": actor[0], "ErpKey": actor[1]}
        return self._get(list[carriers.FieldValue], "GetFieldValuesFromErp", body)

    def connect(
        self, connection_id: int, record: Record, actor: Actor, chosen: Sequence[carriers.FieldValue] = ()
    ) -> None:
        """ConnectActor: `chosen` are the values to keep, of either side."""
        self.call("ConnectActor", _both(connection_id, record, actor) | {"FieldValues": list(chosen)})

    def try_connect(self, connection_id: int, record: Record, actor: Actor) -> bool:
        """TryConnectActor."""
        return bool(self.call("TryConnectActor", _both(connection_id, record, actor)))

    def disconnect(self, connection_id: int, record: Record) -> bool:
        """BreakActorLink: whether there was a link."""
        body = _of(connection_id) | {"CrmRecordId": record[1], "CrmActorType": record[0]}
        return bool(self.call("BreakActorLink", body))

    def fields_to_ask(self, connection_id: int, actor_type: ErpActorType) -> list[carriers.FieldMetadata]:
        """GetFieldsForNewErpActor."""
        body = _of(connection_id) | {"ErpActorType": actor_type}
        return self._get(list[carriers.FieldMetadata], "GetFieldsForNewErpActor", body)

    def create_actor(
        self, connection_id: int, record: Record, actor_type: ErpActorType, values: Mapping[str, str] | None = None
    ) -> None:
        """CreateErpActorFromCrm: `values` answer what is asked, by ERP field key in wire form."""
        self.call(
            "CreateErpActorFromCrm",
            {
                "ConnectionId": connection_id,
                "CrmEntityId": record[1],
                "CrmActorType": record[0],
                "ErpActorType": actor_type,
                "ErpFieldKeyValues": dict(values or {}),
            },
        )

    # The engine

    def engine_status(self) -> carriers.EngineStatus:
        """GetEngineStatus."""
        return self._get(carriers.EngineStatus, "GetEngineStatus")

    def switch_engine(self, run: bool) -> carriers.EngineStatus:
        """ChangeEngineStatus."""
        return self._get(carriers.EngineStatus, "ChangeEngineStatus", {"Run": run})

    def set_interval(self, interval: str) -> None:
        """ChangeEngineInterval: a time span, `hh:mm:ss`."""
        self.call("ChangeEngineInterval", {"Interval": interval})

    def sync_all(self, *, force: bool = False) -> carriers.PluginResponse:
        """SyncAll or, even if automatic sync is off, ForceSyncAll."""
        return self._get(carriers.PluginResponse, "ForceSyncAll" if force else "SyncAll")

    def resync(
        self, connection_id: int = 0, link_ids: Sequence[int] = (), *, keep_blanks: bool = False
    ) -> carriers.PluginResponse:
        """ForceResync or ForceResyncNoBlankValues: from a connection, or from the CRM (0); all links, or these."""
        name = "ForceResyncNoBlankValues" if keep_blanks else "ForceResync"
        return self._get(carriers.PluginResponse, name, _of(connection_id) | {"InternalKeyIds": list(link_ids)})


def _authorization(token: str | None, username: str | None, password: str | None) -> dict[str, str]:
    if token is not None and username is None and password is None:
        return {"Authorization": f"Bearer {token}"}
    if token is None and username is not None and password is not None:
        return {"Authorization": "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()}
    raise ValueError("give a token, or a user name and a password")


def _of(connection_id: int) -> dict[str, Any]:
    return {"ErpConnectionId": connection_id}


def _both(connection_id: int, record: Record, actor: Actor) -> dict[str, Any]:
    return _of(connection_id) | {
        "CrmRecordId": record[1],
        "CrmActorType": record[0],
        "ErpKey": actor[1],
        "ErpActorType": actor[0],
    }
