"""The 17 operations as they travel: which wire name, which members a request has, what kind of answer comes back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from brygga.contract.responses import (
    ActorResponse,
    ActorsResponse,
    FieldsResponse,
    ItemsResponse,
    ListResponse,
    Response,
)

NAMESPACE = "http://www.superoffice.net/EIS/Connector/1.0"
"""The namespace of the contract and of its data (contract, section 6)."""
ARRAYS = "http://schemas.microsoft.com/2003/10/Serialization/Arrays"
"""The namespace of .NET's arrays of simple types and of dictionaries."""
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
INTERFACE = "IErpConnectorWS"


class Kind(Enum):
    """How a member of a request is written, and the Python type it stands for."""

    GUID = auto()
    """`str`; lower case, with hyphens."""
    TEXT = auto()
    """`str`"""
    ACTOR_TYPE = auto()
    """`ActorType`, by name."""
    TEXTS = auto()
    """`Sequence[str]`, an array of strings."""
    ACTOR = auto()
    """`ErpActor`"""
    ACTORS = auto()
    """`Sequence[ErpActor]`"""
    RESTRICTIONS = auto()
    """`Sequence[SearchRestriction]`"""
    CONNECTION = auto()
    """`ConnectionInfo`"""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument of an operation: its name in Python, its member on the wire, and how it is written."""

    name: str
    member: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: `parameters` in the order of the Python method, `request_type` empty where none is sent."""

    name: str
    wire: str
    request_type: str
    parameters: tuple[Parameter, ...]
    answer: type[Response]

    @property
    def action(self) -> str:
        """The SOAPAction, without quotes."""
        return f"{NAMESPACE}/{INTERFACE}/{self.wire}"


_GUID = Parameter("guid", "ConnectionGuid", Kind.GUID)
_TYPE = Parameter("actor_type", "ActorType", Kind.ACTOR_TYPE)
_KEYS = Parameter("field_keys", "FieldKeys", Kind.TEXTS)
_SEARCH = Parameter("search_text", "SearchText", Kind.TEXT)
_INFO = Parameter("info", "ConnectionInfo", Kind.CONNECTION)
_LIST = Parameter("list_name", "ListName", Kind.TEXT)
_BASE = "RequestBaseWS"

_ALL = (
    Operation("get_config_data", "WSGetConfigData", "", (), FieldsResponse),
    Operation("test_config_data", "WSTestConfigData", "TestConfigDataRequestWS", (_INFO,), Response),
    Operation("save_connection", "WSSaveConnection", "SaveConnectionRequestWS", (_INFO,), Response),
    Operation("test_connection", "WSTestConnection", _BASE, (_GUID,), Response),
    Operation("delete_connection", "WSDeleteConnection", _BASE, (_GUID,), Response),
    Operation("get_supported_actor_types", "WSGetSupportedActorTypes", _BASE, (_GUID,), ItemsResponse),
    Operation(
        "get_supported_actor_type_fields",
        "WSGetSupportedActorTypeFields",
        "GetSupportedActorTypeFieldsRequestWS",
        (_GUID, _TYPE),
        FieldsResponse,
    ),
    Operation(
        "get_searchable_fields", "WSGetSearchableFields", "GetSearchableFieldsRequestWS", (_GUID, _TYPE), ItemsResponse
    ),
    Operation(
        "get_actors",
        "WSGetActors",
        "GetActorsRequestWS",
        (_GUID, _TYPE, Parameter("erp_keys", "ErpKeys", Kind.TEXTS), _KEYS),
        ActorsResponse,
    ),
    Operation(
        "search_actors", "WSSearchActors", "SearchActorsRequestWS", (_GUID, _TYPE, _SEARCH, _KEYS), ActorsResponse
    ),
    Operation(
        "search_actor_by_parent",
        "WSSearchActorByParent",
        "SearchActorByParentRequestWS",
        (
            _GUID,
            _TYPE,
            _SEARCH,
            Parameter("parent_type", "ParentActorType", Kind.ACTOR_TYPE),
            Parameter("parent_key", "ParentActorErpKey", Kind.TEXT),
            _KEYS,
        ),
        ActorsResponse,
    ),
    Operation(
        "search_actors_advanced",
        "WSSearchActorsAdvanced",
        "SearchActorsAdvancedRequestWS",
        (_GUID, _TYPE, Parameter("restrictions", "Restrictions", Kind.RESTRICTIONS), _KEYS),
        ActorsResponse,
    ),
    Operation(
        "create_actor",
        "WSCreateActor",
        "CreateActorRequestWS",
        (_GUID, Parameter("actor", "Actor", Kind.ACTOR)),
        ActorResponse,
    ),
    Operation(
        "save_actors",
        "WSSaveActors",
        "SaveActorsRequestWS",
        (_GUID, Parameter("actors", "Actors", Kind.ACTORS)),
        ActorsResponse,
    ),
    Operation("get_list", "WSGetList", "GetListRequestWS", (_GUID, _LIST), ListResponse),
    Operation(
        "get_list_items",
        "WSGetListItems",
        "GetListItemsRequestWS",
        (_GUID, _LIST, Parameter("keys", "ListItemKeys", Kind.TEXTS)),
        ListResponse,
    ),
    Operation(
        "get_actors_by_timestamp",
        "WSGetActorsByTimestamp",
        "GetActorsByTimestampRequestWS",
        (_GUID, Parameter("updated_on_or_after", "UpdatedOnOrAfter", Kind.TEXT), _TYPE, _KEYS),
        ActorsResponse,
    ),
)

OPERATIONS = {operation.name: operation for operation in _ALL}
"""The operations by Python name, in the order of the contract."""
BY_WIRE_NAME = {operation.wire: operation for operation in _ALL}
