"""A connector in memory, for tests of everything around connectors: what it offers can be changed as a test goes."""

from __future__ import annotations

from collections.abc import Sequence

from brygga.contract import (
    Access,
    ActorType,
    ConnectionInfo,
    Connector,
    ErrorCode,
    FieldMetadata,
    FieldsResponse,
    FieldType,
    ItemsResponse,
    ListResponse,
    Response,
)


def customer_fields() -> list[FieldMetadata]:
    return [
        FieldMetadata("Name", 'US:"Name";SW:"Namn"', access=Access.MANDATORY, max_length=60, rank=1),
        FieldMetadata("NUMBER2", "Customer number", access=Access.READ_ONLY, rank=2),
        FieldMetadata("VATNO", "VAT number", rank=3),
        FieldMetadata("CUSTGR", "Customer group", type=FieldType.LIST, list_name="groups", rank=4),
        FieldMetadata("Blocked", "Blocked", type=FieldType.CHECKBOX, rank=5),
        FieldMetadata("PAYTERM", "Payment term", type=FieldType.INTEGER, rank=6),
    ]


class SampleConnector(Connector):
    """Knows Customer, Person and Employee. `calls` lists the operations, `saved` the configurations by GUID."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.saved: dict[str, dict[str, str]] = {}
        self.fields: dict[ActorType, list[FieldMetadata]] = {
            ActorType.CUSTOMER: customer_fields(),
            ActorType.PERSON: [FieldMetadata("firstname", "First name"), FieldMetadata("LASTNAME", "Last name")],
            ActorType.EMPLOYEE: [FieldMetadata("NAME", "Name")],
        }
        self.lists = {"groups": {"1": "Retail", "2": 'US:"Industry";SW:"Industri"', "3": "Public"}}
        self.down = False

    def get_config_data(self) -> FieldsResponse:
        return FieldsResponse(
            fields=[
                FieldMetadata("Password", "Password", type=FieldType.PASSWORD, rank=2),
                FieldMetadata("Server", "Server", access=Access.MANDATORY, max_length=30, rank=1),
                FieldMetadata("Port", "Port", type=FieldType.INTEGER, rank=3),
            ]
        )

    def test_config_data(self, info: ConnectionInfo) -> Response:
        self.calls.append("test_config_data")
        if info.values["Server"] == "nowhere":
            return Response.failure('US:"No such server.";SW:"Servern finns inte."', f"tried {info.values}")
        return Response()

    def save_connection(self, info: ConnectionInfo) -> Response:
        self.calls.append("save_connection")
        self.saved[info.guid] = dict(info.values)
        return Response()

    def test_connection(self, guid: str) -> Response:
        return self._known(guid, "test_connection", Response())

    def delete_connection(self, guid: str) -> Response:
        self.calls.append("delete_connection")
        self.saved.pop(guid, None)
        return Response()

    def get_supported_actor_types(self, guid: str) -> ItemsResponse:
        return self._known(guid, "get_supported_actor_types", ItemsResponse(items=[*self.fields, "Spaceship"]))

    def get_supported_actor_type_fields(self, guid: str, actor_type: ActorType) -> FieldsResponse:
        return self._known(guid, "get_supported_actor_type_fields", FieldsResponse(fields=self.fields[actor_type]))

    def get_searchable_fields(self, guid: str, actor_type: ActorType) -> ItemsResponse:
        keys = [field.key for field in self.fields[actor_type][:2]]
        return self._known(guid, "get_searchable_fields", ItemsResponse(items=keys))

    def get_list(self, guid: str, list_name: str) -> ListResponse:
        return self._known(guid, "get_list", ListResponse(items=self.lists[list_name]))

    def get_list_items(self, guid: str, list_name: str, keys: Sequence[str]) -> ListResponse:
        items = {key: text for key, text in self.lists[list_name].items() if key in keys}
        return self._known(guid, "get_list_items", ListResponse(items=items))

    def _known(self, guid: str, operation: str, answer):  # type: ignore[no-untyped-def]
        self.calls.append(operation)
        if self.down:
            return type(answer).failure("The ERP is closed for the night.", "maintenance window")
        if guid not in self.saved:
            return type(answer).failure("Unknown connection.", "", ErrorCode.UNKNOWN_CONNECTION_ID)
        return answer
