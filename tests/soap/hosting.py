"""What the tests of the host share: a connector that remembers its calls, and servers on loopback."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import urllib3
import waitress
from cryptography.fernet import Fernet
from waitress import wasyncore

from brygga.contract import (
    Access,
    ActorResponse,
    ActorsResponse,
    ActorType,
    ConnectionInfo,
    Connector,
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
from brygga.soap.codec import decode_response, encode_request
from brygga.soap.operations import OPERATIONS
from brygga.soap.store import ConnectionStore

GUID = "0f8fad5b-d9cb-469f-a165-70867728950e"
ODD = "  Å & <b> \"quoted\" 'x' ]]> \t\n 漢字 🙂"
ACTOR = ErpActor(
    ActorType.PERSON, "17", "638000000000000001", ActorType.CUSTOMER, "10001", {"NAME": ODD, "AGE": "[I:42]", "NO": ""}
)
PLAIN_ACTOR = ErpActor(ActorType.CUSTOMER, "10001", "5")
INFO = ConnectionInfo(GUID, {"Filename": "c:\\erp & co\\<x>.xlsx", "Password": "hemlig"})
ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "get_config_data": (),
    "test_config_data": (ConnectionInfo("", INFO.values),),
    "save_connection": (INFO,),
    "test_connection": (GUID,),
    "delete_connection": (GUID,),
    "get_supported_actor_types": (GUID,),
    "get_supported_actor_type_fields": (GUID, ActorType.CUSTOMER),
    "get_searchable_fields": (GUID, ActorType.PERSON),
    "get_actors": (GUID, ActorType.CUSTOMER, ["1", ODD], ["NAME", "AGE"]),
    "search_actors": (GUID, ActorType.PROJECT, "Berg & Co", ["NAME"]),
    "search_actor_by_parent": (GUID, ActorType.PERSON, "", ActorType.CUSTOMER, "10001", []),
    "search_actors_advanced": (
        GUID,
        ActorType.CUSTOMER,
        [SearchRestriction("NAME", "begins", ["A", "B"]), SearchRestriction("ParentErpKey", "=", ["<1>"])],
        ["NAME"],
    ),
    "create_actor": (GUID, ACTOR),
    "save_actors": (GUID, [ACTOR, PLAIN_ACTOR]),
    "get_list": (GUID, "groups"),
    "get_list_items": (GUID, "groups", ["1", "2"]),
    "get_actors_by_timestamp": (GUID, "638000000000000000", ActorType.CUSTOMER, ["NAME"]),
}
"""Arguments for each operation, in the order of the Python method."""

FIELDS = [
    FieldMetadata(
        "GROUP", 'US:"Group";SW:"Grupp"', ODD, FieldType.LIST, "groups", "1", 20, access=Access.MANDATORY, rank=2
    ),
    *(FieldMetadata(f"K{kind.value}", type=kind, access=Access.READ_ONLY, rank=3) for kind in FieldType),
]
_BASE: dict[str, Any] = {
    "state": State.OK_WITH_INFO,
    "user_explanation": 'US:"All is well";SW:"Allt är väl"',
    "tech_explanation": ODD,
    "error_code": "NONE",
}
ANSWERS: dict[type[Response], dict[str, Any]] = {
    Response: {},
    FieldsResponse: {"fields": FIELDS},
    ItemsResponse: {"items": ["Customer", ODD, ""]},
    ActorsResponse: {"actors": [ACTOR, PLAIN_ACTOR]},
    ActorResponse: {"actor": ACTOR},
    ListResponse: {"items": {"1": 'US:"Retail"', ODD: ""}},
}


def answer_to(operation: str) -> Response:
    """A rich answer of the type that the operation has."""
    kind = OPERATIONS[operation].answer
    return kind(**_BASE, **ANSWERS[kind])


class Recorder(Connector):
    """Answers every operation with `answer_to`, and remembers operations and arguments in `calls`."""

    title = 'US:"Recorder <one>";SW:"Inspelare"'
    description = "Remembers & answers"

    def __init__(self) -> None:
        self.calls: list[tuple[str, tuple[Any, ...]]] = []

    def _record(self, operation: str, *arguments: Any) -> Any:
        self.calls.append((operation, arguments))
        return answer_to(operation)


def _recording(operation: str) -> Any:
    return lambda self, *arguments: self._record(operation, *arguments)


for _name in OPERATIONS:
    setattr(Recorder, _name, _recording(_name))


def new_store(folder: Path) -> ConnectionStore:
    return ConnectionStore(folder / "host-connections.sqlite3", [Fernet.generate_key().decode()])


@contextlib.contextmanager
def live(application: Any, **options: Any) -> Iterator[str]:
    """Serve on loopback within the block; the URL of the service."""
    server = waitress.create_server(application, host="127.0.0.1", port=0, threads=8, **options)
    over = threading.Event()

    def run() -> None:
        while not over.is_set():
            wasyncore.loop(timeout=0.2, map=server._map, count=1)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}/Services/ErpConnectorWS.svc"
    finally:
        over.set()
        server.trigger.pull_trigger()
        thread.join(20)
        server.task_dispatcher.shutdown()
        wasyncore.close_all(server._map, ignore_all=True)


def post(url: str, body: bytes | Iterable[bytes], **headers: str) -> urllib3.BaseHTTPResponse:
    """One POST on a connection of its own; the reply is read whole, and unpacked."""
    given = {"Content-Type": "text/xml; charset=utf-8"} | {name.replace("_", "-"): at for name, at in headers.items()}
    with urllib3.PoolManager(retries=False) as pool:
        return pool.request("POST", url, body=body, headers=given, timeout=20)


def request(operation: str) -> bytes:
    """The request of an operation with the arguments above."""
    return encode_request(OPERATIONS[operation], ARGUMENTS[operation])


class Memory(Connector):
    """Keeps connections in memory only, and counts what it is asked. `lost` empties it before the next call."""

    def __init__(self) -> None:
        self.known: dict[str, dict[str, str]] = {}
        self.saves = 0
        self.asked = 0
        self.raises: Exception | None = None
        self.actors: Callable[[], Iterator[ErpActor]] = lambda: iter(())

    def get_config_data(self) -> FieldsResponse:
        return FieldsResponse(
            fields=[FieldMetadata("Password", type=FieldType.PASSWORD), FieldMetadata("Server", type=FieldType.TEXT)]
        )

    def save_connection(self, info: ConnectionInfo) -> Response:
        if info.values.get("Server") == "refused":
            return Response.failure("No.")
        self.saves += 1
        self.known[info.guid] = dict(info.values)
        return Response()

    def delete_connection(self, guid: str) -> Response:
        if self.known.pop(guid, None) is None:
            return unknown(Response)
        return Response()

    def get_supported_actor_types(self, guid: str) -> ItemsResponse:
        self.asked += 1
        if self.raises:
            raise self.raises
        if guid not in self.known:
            return unknown(ItemsResponse)
        return ItemsResponse(items=[self.known[guid].get("Server", "")])

    def search_actors(self, guid: str, *rest: Any) -> ActorsResponse:
        return ActorsResponse(actors=self.actors())


def unknown(kind: Any) -> Any:
    return kind.failure("Unknown.", code=ErrorCode.UNKNOWN_CONNECTION_ID)


class Served:
    """A host that is up: its URL, its connectors, and calls of it by their Python names."""

    def __init__(self, url: str, connectors: dict[str, Connector], store: ConnectionStore) -> None:
        self.url = url
        self.connectors = connectors
        self.store = store

    def call(self, operation: str, *arguments: Any, connector: str = "") -> Any:
        url = f"{self.url}?ConnectorName={connector}" if connector else self.url
        reply = post(url, encode_request(OPERATIONS[operation], arguments))
        assert reply.status == 200
        return decode_response(OPERATIONS[operation], BytesIO(reply.data))

    def save(self, guid: str = GUID, connector: str = "", **values: str) -> Any:
        return self.call("save_connection", ConnectionInfo(guid, values), connector=connector)

    def types(self, guid: str = GUID, connector: str = "") -> Any:
        return self.call("get_supported_actor_types", guid, connector=connector)
