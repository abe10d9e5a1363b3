"""A connector that asks for configuration of every type, for the tests of its dialog."""

from __future__ import annotations

from tests.erp.sample_connector import SampleConnector

from brygga.contract import (
    ZERO_GUID,
    Access,
    ConnectionInfo,
    FieldMetadata,
    FieldsResponse,
    FieldType,
    ListResponse,
    Response,
)


class ConfigErp(SampleConnector):
    """Asks for a field of every type; `tried` has the values of each test, `closed` and `listless` make it fail."""

    def __init__(self) -> None:
        super().__init__()
        self.tried: list[dict[str, str]] = []
        self.closed = False
        self.listless = False

    def get_config_data(self) -> FieldsResponse:
        if self.closed:
            return FieldsResponse.failure('US:"Closed for the night.";SW:"Nattstängt."')
        return FieldsResponse(
            fields=[
                FieldMetadata("Hint", "<b>Read this</b>", "Ask the keeper.", FieldType.LABEL, rank=0),
                FieldMetadata("Password", 'US:"Password";SW:"Lösenord"', "", FieldType.PASSWORD, rank=3),
                FieldMetadata(
                    "Server", 'US:"Server";SW:"Värd"', "<i>Its name</i>", access=Access.MANDATORY, max_length=30, rank=1
                ),
                FieldMetadata("Port", "Port", "", FieldType.INTEGER, default="[I:8080]", rank=2),
                FieldMetadata("Ratio", "Ratio", "", FieldType.DOUBLE, default="[F:1.5]", rank=4),
                FieldMetadata("Client", "Client", "", FieldType.LIST, "clients", rank=5),
                FieldMetadata("Since", "Since", "", FieldType.DATETIME, default="[D:12/31/2025]", rank=6),
                FieldMetadata("Secure", "Secure", "", FieldType.CHECKBOX, default="[I:1]", rank=7),
                FieldMetadata("Serial", "Serial", default="<ser#>", access=Access.READ_ONLY, rank=8),
                FieldMetadata("Company", "Company", default="<NAME> by <user>, <other>", rank=9),
            ]
        )

    def test_config_data(self, info: ConnectionInfo) -> Response:
        self.tried.append(dict(info.values))
        if info.values["Server"] == "nowhere":
            text = f'US:"<b>No such server</b>, {info.values.get("Password", "")}.";SW:"Servern finns inte."'
            return Response.failure(text)
        return Response(user_explanation="Found 3 clients.")

    def get_list(self, guid: str, list_name: str) -> ListResponse:
        if self.listless:
            return ListResponse.failure("The list is locked.")
        if guid == ZERO_GUID and list_name == "clients":
            return ListResponse(items={"1": 'US:"North";SW:"Norr"', "2": "South"})
        return super().get_list(guid, list_name)
