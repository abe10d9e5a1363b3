"""A call and an answer for each operation: what the golden messages say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from brygga.contract import (
    Access,
    ActorResponse,
    ActorsResponse,
    ActorType,
    ConnectionInfo,
    ErpActor,
    ErrorCode,
    FieldMetadata,
    FieldsResponse,
    FieldType,
    ItemsResponse,
    ListResponse,
    Response,
    SearchRestriction,
    State,
)
from brygga.soap.operations import Operation

GOLDEN = Path(__file__).parent / "golden"
GUID = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"

COMPANY = ErpActor(
    ActorType.CUSTOMER, "10001", "[DT:12/31/2013 23:59:59.0000000]", fields={"NAME": "Ærø & Sønner", "NOTE": ""}
)
PERSON = ErpActor(ActorType.PERSON, "7", "42", ActorType.CUSTOMER, "10001", {"NAME": "Ada\r\n<Lind>"})
NEW = ErpActor(ActorType.PROJECT, "", fields={"NAME": "Bridge"})
FIELDS = [
    FieldMetadata(
        "CUSTGR", 'US:"Group"', "", FieldType.LIST, "Groups", "1", max_length=0, access=Access.READ_ONLY, rank=2
    ),
    FieldMetadata("WHEN", "When", "Since", FieldType.DATETIME, max_length=30, access=Access.MANDATORY, rank=3),
]

CALLS: dict[str, tuple[object, ...]] = {
    "get_config_data": (),
    "test_config_data": (ConnectionInfo(values={"Filename": "erp.xlsx", "Password": ""}),),
    "save_connection": (ConnectionInfo(GUID, {"Filename": "erp.xlsx"}),),
    "test_connection": (GUID,),
    "delete_connection": (GUID,),
    "get_supported_actor_types": (GUID,),
    "get_supported_actor_type_fields": (GUID, ActorType.SALE),
    "get_searchable_fields": (GUID, ActorType.SUPPLIER),
    "get_actors": (GUID, ActorType.CUSTOMER, ["10001", "1 < 2"], ["NAME"]),
    "search_actors": (GUID, ActorType.PARTNER, "", []),
    "search_actor_by_parent": (GUID, ActorType.PERSON, "ada", ActorType.CUSTOMER, "10001", ["NAME", ""]),
    "search_actors_advanced": (
        GUID,
        ActorType.CUSTOMER,
        [SearchRestriction("NAME", "begins", ["A"]), SearchRestriction("CUSTGR", "oneof", ["1", "2"])],
        ["NAME"],
    ),
    "create_actor": (GUID, NEW),
    "save_actors": (GUID, [COMPANY, PERSON]),
    "get_list": (GUID, "Groups"),
    "get_list_items": (GUID, "Groups", ["1"]),
    "get_actors_by_timestamp": (GUID, "42", ActorType.EMPLOYEE, ["NAME"]),
}
_UNKNOWN = {"user": 'US:"Unknown"', "tech": "no such connection", "code": ErrorCode.UNKNOWN_CONNECTION_ID.value}

ANSWERS: dict[str, Response] = {
    "get_config_data": FieldsResponse(fields=FIELDS),
    "test_config_data": Response(state=State.OK_WITH_INFO, user_explanation="Works & well"),
    "save_connection": Response(),
    "test_connection": Response.failure(**_UNKNOWN),
    "delete_connection": Response(state=State.WARNING, tech_explanation="was not there"),
    "get_supported_actor_types": ItemsResponse(items=["Customer", "Person"]),
    "get_supported_actor_type_fields": FieldsResponse(fields=FIELDS[:1]),
    "get_searchable_fields": ItemsResponse(),
    "get_actors": ActorsResponse(actors=[COMPANY]),
    "search_actors": ActorsResponse(actors=[COMPANY, PERSON]),
    "search_actor_by_parent": ActorsResponse(actors=[PERSON]),
    "search_actors_advanced": ActorsResponse(actors=[]),
    "create_actor": ActorResponse(actor=COMPANY),
    "save_actors": ActorsResponse.failure(**_UNKNOWN),
    "get_list": ListResponse(items={"1": 'US:"Retail"', "2": ""}),
    "get_list_items": ListResponse(),
    "get_actors_by_timestamp": ActorsResponse(actors=[PERSON]),
}


def golden_request(operation: Operation) -> bytes:
    """The request of the call above, as it must be on the wire."""
    return (GOLDEN / f"{operation.wire}.xml").read_bytes()


def golden_response(operation: Operation) -> bytes:
    """The answer above, as it must be on the wire."""
    return (GOLDEN / f"{operation.wire}Response.xml").read_bytes()


def listed(response: Response) -> Response:
    """The response with its actors as a list, to compare it; the one that is given stays as it is."""
    return replace(response, actors=list(response.actors)) if isinstance(response, ActorsResponse) else response
