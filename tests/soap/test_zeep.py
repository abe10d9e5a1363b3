"""An independent SOAP client, zeep, drives a live host by nothing but its WSDL, and takes nothing that is not in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import zeep
from tests.soap.hosting import ARGUMENTS, GUID, Recorder, answer_to, live, new_store
from zeep.helpers import serialize_object

from brygga.contract import ConnectionInfo, ErpActor, FieldMetadata, SearchRestriction
from brygga.contract.responses import Response
from brygga.soap.host import application
from brygga.soap.operations import OPERATIONS, Kind, Operation
from brygga.soap.vocabulary import wire_name


@pytest.fixture(scope="module")
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture(scope="module")
def client(recorder: Recorder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[zeep.Client]:
    hosting = application({"other": Recorder(), "rec order": recorder}, new_store(tmp_path_factory.mktemp("zeep")))
    with live(hosting) as url:
        found = zeep.Client(f"{url}?wsdl&ConnectorName=rec%20order", settings=zeep.Settings(strict=True))
        with found.transport.session:
            yield found


@pytest.mark.parametrize("name", OPERATIONS)
def test_arguments_arrive_and_answers_come_back(client: zeep.Client, recorder: Recorder, name: str) -> None:
    operation = OPERATIONS[name]
    recorder.calls.clear()
    answer = client.service[operation.wire](**_request(operation))
    asked = (name, ARGUMENTS[name])
    assert asked in recorder.calls
    assert serialize_object(answer, dict) == _expected(answer_to(name))


def test_the_operations_on_offer_are_those_of_the_contract(client: zeep.Client) -> None:
    operations = client.service._binding._operations
    assert list(operations) == [operation.wire for operation in OPERATIONS.values()]


def test_the_address_in_the_wsdl_is_the_one_asked_with_the_connector(client: zeep.Client) -> None:
    assert client.service._binding_options["address"].endswith("/Services/ErpConnectorWS.svc?ConnectorName=rec%20order")


# What zeep wants and gives


def _request(operation: Operation) -> dict[str, Any]:
    if not operation.request_type:
        return {}
    members = {
        parameter.member: _WRITTEN.get(parameter.kind, lambda value: value)(argument)
        for parameter, argument in zip(operation.parameters, ARGUMENTS[operation.name], strict=True)
    }
    if operation.name == "save_connection":
        members["ConnectionGuid"] = GUID
    return {"request": members}


def _expected(answer: Response) -> dict[str, Any]:
    base = {
        "ErrorCode": answer.error_code,
        "IsOk": answer.ok,
        "State": wire_name(answer.state),
        "TechExplanation": answer.tech_explanation,
        "UserExplanation": answer.user_explanation,
    }
    own = {name: value for name, value in vars(answer).items() if name in _ANSWERED}
    assert len(own) <= 1
    for name, value in own.items():
        member, written = _ANSWERED[name](value)
        base[member] = written
    return base


def _texts(values: list[str]) -> dict[str, list[str]]:
    return {"string": values}


def _entries(values: dict[str, str]) -> dict[str, list[dict[str, str]]] | None:
    """As zeep writes and reads a dictionary; what is empty is read as none."""
    entries = [{"Key": key, "Value": value or None} for key, value in values.items()]
    return {"KeyValueOfstringstring": entries} if entries else None


def _actor(actor: ErpActor) -> dict[str, Any]:
    return {
        "ActorType": actor.actor_type,
        "ErpKey": actor.erp_key,
        "FieldValues": _entries(actor.fields),
        "LastModified": actor.last_modified,
        "ParentActorType": actor.parent_type,
        "ParentErpKey": actor.parent_key or None,
    }


def _actors(actors: list[ErpActor]) -> dict[str, Any]:
    return {"ErpActorWS": [_actor(actor) for actor in actors]}


def _restrictions(restrictions: list[SearchRestriction]) -> dict[str, Any]:
    lines = [
        {"FieldKey": line.field_key, "Operator": line.operator, "Values": _texts(line.values)} for line in restrictions
    ]
    return {"SearchRestrictionInfoWS": lines}


def _field(field: FieldMetadata) -> dict[str, Any]:
    return {
        "Access": wire_name(field.access),
        "DefaultValue": field.default or None,
        "DisplayDescription": field.description or None,
        "DisplayName": field.name or None,
        "FieldKey": field.key,
        "FieldType": wire_name(field.type),
        "ListName": field.list_name or None,
        "MaxLength": field.max_length,
        "Rank": field.rank,
    }


def _connection(info: ConnectionInfo) -> Any:
    return _entries(info.values)


def _items(items: list[str] | dict[str, str]) -> tuple[str, Any]:
    if isinstance(items, dict):
        return "ListItems", _entries(items)
    return "Items", _texts([item or None for item in items])


_WRITTEN: dict[Kind, Any] = {
    Kind.TEXTS: _texts,
    Kind.ACTOR: _actor,
    Kind.ACTORS: _actors,
    Kind.RESTRICTIONS: _restrictions,
    Kind.CONNECTION: _connection,
}
_ANSWERED: dict[str, Any] = {
    "fields": lambda fields: ("FieldMetaDataObjects", {"FieldMetadataInfoWS": [_field(field) for field in fields]}),
    "items": _items,
    "actors": lambda actors: ("Actors", _actors(actors)),
    "actor": lambda actor: ("Actor", _actor(actor)),
}
