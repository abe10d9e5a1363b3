"""A connector as a .NET service: reads requests as strictly as its serialiser does and writes the byte forms it writes.

What the serialiser would drop silently, a member out of its order say, is refused here with a fault and noted in
`violations`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

from tests.soap.wcf_forms import (
    Violation,
    element,
    fault,
    metadata,
    metadata_array,
    read_request,
    result,
    string_array,
    string_dictionary,
)


@dataclass
class Record:
    """An actor of the service."""

    type: str
    key: str
    stamp: int
    values: dict[str, str]
    parent_type: str = "Unknown"
    parent_key: str | None = None

    def xml(self, name: str, keys: list[str]) -> str:
        values = {key: self.values[key] for key in keys if key in self.values} if keys else self.values
        return (
            f"<{name}><ActorType>{self.type}</ActorType>{element('ErpKey', self.key)}"
            + string_dictionary("FieldValues", values)
            + element("LastModified", f"{self.stamp:06d}")
            + f"<ParentActorType>{self.parent_type}</ParentActorType>"
            + f"{element('ParentErpKey', self.parent_key)}</{name}>"
        )


def _actors(records: list[Record], keys: list[str]) -> str:
    inner = "".join(record.xml("ErpActorWS", keys) for record in records)
    return f"<Actors>{inner}</Actors>" if records else "<Actors/>"


class Service:
    """The connector: a handful of actors, and the connections that were saved."""

    def __init__(self) -> None:
        self.connections: dict[str, dict[str, str]] = {}
        self.lists = {"Group": {"1": 'US:"Retail";SW:"Detalj"', "2": "Industry <heavy>"}}
        self.clock = 3
        self.records = [
            Record("Customer", "1", 1, {"Name": "Kvarnen & Söner", "City": "Umeå", "Group": "1"}),
            Record("Customer", "2", 2, {"Name": "Smedjan", "City": "", "Group": "2"}),
            Record("Person", "7", 3, {"Name": "Åsa\nBerg"}, "Customer", "1"),
        ]

    def answer(self, operation: str, request: dict[str, Any]) -> bytes:
        guid = request.get("ConnectionGuid")
        free = operation in ("WSSaveConnection", "WSGetList")
        if guid and not free and guid not in self.connections:
            return result(operation, error="Unknown connection", code="UNKNOWN_CONNECTION_ID")
        handler: Callable[[dict[str, Any]], str] = getattr(self, f"_{operation[2:]}")
        try:
            return result(operation, handler(request))
        except LookupError as error:
            return result(operation, error=str(error.args[0]))

    def _GetConfigData(self, request: dict[str, Any]) -> str:
        company = metadata("Company", 'US:"Company";SW:"Företag"', "List", "Mandatory", 1, "Companies")
        return metadata_array(company, metadata("Secret", "Password", "Password", rank=2))

    def _TestConfigData(self, request: dict[str, Any]) -> str:
        if not request["ConnectionInfo"].get("Company"):
            raise LookupError('US:"Choose a company";SW:"Välj ett företag"')
        return ""

    def _SaveConnection(self, request: dict[str, Any]) -> str:
        self.connections[request["ConnectionGuid"]] = request["ConnectionInfo"]
        return ""

    def _TestConnection(self, request: dict[str, Any]) -> str:
        return ""

    def _DeleteConnection(self, request: dict[str, Any]) -> str:
        del self.connections[request["ConnectionGuid"]]
        return ""

    def _GetSupportedActorTypes(self, request: dict[str, Any]) -> str:
        return string_array("Items", sorted({record.type for record in self.records}))

    def _GetSupportedActorTypeFields(self, request: dict[str, Any]) -> str:
        return metadata_array(
            metadata("Name", request["ActorType"] + " name"), metadata("Group", "Group", "List", list_name="Group")
        )

    def _GetSearchableFields(self, request: dict[str, Any]) -> str:
        return string_array("Items", ["Name"] if request["ActorType"] == "Customer" else [])

    def _found(self, request: dict[str, Any], wanted: Callable[[Record], bool]) -> str:
        found = [record for record in self.records if record.type == request["ActorType"] and wanted(record)]
        return _actors(found, request["FieldKeys"])

    def _GetActors(self, request: dict[str, Any]) -> str:
        return self._found(request, lambda record: record.key in request["ErpKeys"])

    def _SearchActors(self, request: dict[str, Any]) -> str:
        return self._found(request, lambda record: request["SearchText"] in record.values["Name"])

    def _SearchActorByParent(self, request: dict[str, Any]) -> str:
        parent = (request["ParentActorType"], request["ParentActorErpKey"])
        return self._found(
            request,
            lambda record: (
                (record.parent_type, record.parent_key) == parent and request["SearchText"] in record.values["Name"]
            ),
        )

    def _SearchActorsAdvanced(self, request: dict[str, Any]) -> str:
        def holds(record: Record, restriction: dict[str, Any]) -> bool:
            if restriction["Operator"] != "oneof":
                raise LookupError(f"Unknown operator {restriction['Operator']}")
            return record.values.get(restriction["FieldKey"]) in restriction["Values"]

        return self._found(request, lambda record: all(holds(record, each) for each in request["Restrictions"]))

    def _CreateActor(self, request: dict[str, Any]) -> str:
        sent = request["Actor"]
        if sent["ErpKey"]:
            raise LookupError("A new actor has no key yet")
        self.clock += 1
        key = str(100 + len(self.records))
        parent = (sent["ParentActorType"], sent["ParentErpKey"])
        self.records.append(Record(sent["ActorType"], key, self.clock, sent["FieldValues"], *parent))
        return self.records[-1].xml("Actor", [])

    def _SaveActors(self, request: dict[str, Any]) -> str:
        by_key = {(record.type, record.key): record for record in self.records}
        saved = []
        for sent in request["Actors"]:
            record = by_key[sent["ActorType"], sent["ErpKey"]]
            self.clock += 1
            record.stamp = self.clock
            record.values |= sent["FieldValues"]
            saved.append(record)
        return _actors(saved, [])

    def _GetList(self, request: dict[str, Any]) -> str:
        return string_dictionary("ListItems", self.lists[request["ListName"]])

    def _GetListItems(self, request: dict[str, Any]) -> str:
        items = self.lists[request["ListName"]]
        return string_dictionary("ListItems", {key: items[key] for key in request["ListItemKeys"] if key in items})

    def _GetActorsByTimestamp(self, request: dict[str, Any]) -> str:
        return self._found(request, lambda record: f"{record.stamp:06d}" >= request["UpdatedOnOrAfter"])


@dataclass
class WcfServer:
    """Serves a Service on loopback while it is entered."""

    service: Service = field(default_factory=Service)
    operations: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    queries: list[dict[str, list[str]]] = field(default_factory=list)
    connections: int = 0

    def __enter__(self) -> WcfServer:
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads = True
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}/Services/ErpConnectorWS.svc"
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.block_on_close = False  # connections that a client keeps open end with the process
        self._http.server_close()

    def handle(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        """Status and body of the answer to one POST."""
        with self._lock:
            self.headers.append(headers)
            self.queries.append(parse_qs(urlsplit(path).query))
            try:
                if headers.get("content-type") != "text/xml; charset=utf-8":
                    raise Violation(f"content type {headers.get('content-type')}")
                operation, request = read_request(body, headers.get("soapaction", ""))
            except (Violation, ElementTree.ParseError) as error:
                self.violations.append(str(error))
                return 500, fault(str(error))
            self.operations.append(operation)
            return 200, self.service.answer(operation, request)


def _handler(server: WcfServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        server_version = "Microsoft-IIS/10.0"
        sys_version = ""
        wbufsize = -1
        disable_nagle_algorithm = True

        def setup(self) -> None:
            super().setup()
            server.connections += 1

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, answer = server.handle(self.path, headers, body)
            self.send_response(status)
            self.send_header("Cache-Control", "private")
            self.send_header("Content-Type", "text/xml; charset=utf-8")
            self.send_header("X-AspNet-Version", "4.0.30319")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            """Stay quiet."""

    return Handler
