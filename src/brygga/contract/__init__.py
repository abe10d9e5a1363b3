"""The sync-connector contract in Python: what a connector author imports.

    from brygga.contract import Connector, ErpActor

The helpers are grouped in modules: `values` (the wire form of field values), `stamps` (order of LastModified),
`localised` (multi-language text), `search` (operators and matching) and `config` (typed configuration).
"""

from brygga.contract import config, localised, search, stamps, values
from brygga.contract.actors import (
    ZERO_GUID,
    Access,
    ActorType,
    ConnectionInfo,
    ErpActor,
    FieldMetadata,
    FieldType,
    SearchRestriction,
)
from brygga.contract.config import ConfigError, config_field
from brygga.contract.connector import Connector
from brygga.contract.responses import (
    ActorResponse,
    ActorsResponse,
    ErrorCode,
    FieldsResponse,
    ItemsResponse,
    ListResponse,
    Response,
    State,
)
from brygga.contract.search import SearchError
from brygga.contract.values import BadValue

__all__ = [
    "ZERO_GUID",
    "Access",
    "ActorResponse",
    "ActorType",
    "ActorsResponse",
    "BadValue",
    "ConfigError",
    "ConnectionInfo",
    "Connector",
    "ErpActor",
    "ErrorCode",
    "FieldMetadata",
    "FieldType",
    "FieldsResponse",
    "ItemsResponse",
    "ListResponse",
    "Response",
    "SearchError",
    "SearchRestriction",
    "State",
    "config",
    "config_field",
    "localised",
    "search",
    "stamps",
    "values",
]
