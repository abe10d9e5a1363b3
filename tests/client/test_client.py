"""The client: every method against a live server, and what it makes of answers that say no."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from django.core.cache import cache
from pytest_django.live_server_helper import LiveServer
from tests.erp.memory_erp import MemoryErp
from tests.erp.scenes import company, connect_memory

from brygga.client import (
    AgentError,
    BadRequest,
    ConnectorFailed,
    Denied,
    ErpSync,
    NotFound,
    NotLoggedIn,
    Refused,
    ServerFailed,
    TooManyFailures,
    Unreachable,
)
from brygga.contract import ActorType
from brygga.crm.fields import RecordType
from brygga.crm.services.records import create_record
from brygga.crm.services.users import create_user
from brygga.erp import connectors
from brygga.erp.models import Connection, FieldMapping, Link
from brygga.erp.services.mapping import set_default

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def erp() -> Iterator[MemoryErp]:
    with connectors.use("memory", MemoryErp()) as erp:
        yield erp
    cache.clear()


@pytest.fixture
def connection(erp: MemoryErp, transactional_db: None) -> Connection:
    erp.put(ActorType.CUSTOMER, "1", NAME="Fjord", CITY="Bergen")
    create_record(RecordType.COMPANY, {"NAME": "Fjord", "POSTALCITY": "Oslo"}, by="anna")
    return connect_memory("memory")


@pytest.fixture
def sync(live_server: LiveServer) -> Iterator[ErpSync]:
    """In the name of an administrator with the licence, by password."""
    create_user("åsa", "påskägg", administrator=True, licences=["erp-sync"])
    with ErpSync(live_server.url, username="åsa", password="påskägg", language="sv") as sync:
        yield sync


def test_connectors_and_connections(sync: ErpSync, connection: Connection) -> None:
    (listed,) = sync.connectors()
    assert sync.configuration_fields(listed["Id"]) == []
    saved = sync.save_connector({"ErpConnectorId": listed["Id"], "DisplayName": "Minne"})
    assert (saved["DisplayName"], saved["URL"]) == ("Minne", "plugin://memory")
    assert [c["DisplayName"] for c in sync.connections()] == ["memory"]
    changed = sync.save_connection({"ErpConnectionId": connection.pk, "DisplayDescription": "Prov"})
    assert sync.connection(connection.pk) == changed
    assert sync.test_connection(connection.pk) is True
    sync.update_fields(connection.pk)
    sync.set_priorities([connection.pk, 0])
    assert sync.toggle_active(connection.pk) == []
    sync.delete_connection(connection.pk)
    assert sync.connections() == []
    assert [c["Deleted"] for c in sync.connections(include_deleted=True)] == [True]


def test_mapping(sync: ErpSync, connection: Connection) -> None:
    mapping = sync.mapping(connection.pk, "Customer")
    assert sync.save_mapping(mapping) == mapping
    lists = sync.list_mappings(connection.pk)
    assert sync.save_list_mappings(lists) == lists
    default = sync.default(mapping["FieldMappings"][0]["ErpFieldId"])
    assert sync.save_default({**default, "PromptUser": True})["PromptUser"] is True


def test_one_record(sync: ErpSync, erp: MemoryErp, connection: Connection) -> None:
    record, actor = ("Contact", company("Fjord").id), ("Customer", "1")
    set_default(FieldMapping.objects.get(key="CODE"), ask=True)
    assert [c["Connected"] for c in sync.connections_of(record)] == [False]
    assert [field["FieldKey"] for field in sync.fields_to_ask(connection.pk, "Customer")] == ["CODE"]
    assert sync.try_connect(connection.pk, record, ("Customer", "99")) is False
    cities = [v for v in sync.values_in_erp(connection.pk, actor) if v["CrmFieldKey"] == "POSTALCITY"]
    sync.connect(connection.pk, record, actor, cities)
    assert sync.live_values(connection.pk, record, ["CITY", "NAME"]) == ["Bergen", "Fjord"]
    assert {v["CrmFieldKey"]: v["Value"] for v in sync.values_in_crm(record)}["POSTALCITY"] == "Bergen"
    assert sync.disconnect(connection.pk, record) is True
    sync.create_actor(connection.pk, record, "Customer", {"CODE": "F1"})
    assert erp.value(Link.objects.get().erp_key, "CODE") == "F1"


def test_the_engine(sync: ErpSync, connection: Connection) -> None:
    assert sync.switch_engine(False)["IsRunning"] is False
    assert sync.sync_all()["ErrorCode"] == "automatic_sync_off"
    assert sync.sync_all(force=True)["Status"] == "Ok"
    sync.set_interval("00:05:00")
    assert sync.engine_status()["Interval"] == "00:05:00"
    assert sync.resync()["IsOk"] is sync.resync(connection.pk, keep_blanks=True)["IsOk"] is True
    summary = {"ErpSyncConnectionId": connection.pk}
    assert sync.call("GetErpSyncConnectionSummary", summary)["DisplayName"] == "memory"
    (listed,) = sync.connectors()
    assert sync.call("GetErpSyncConnectorEntity", erpSyncConnectorEntityId=listed["Id"])["URL"] == "plugin://memory"


def test_what_is_refused_says_why(sync: ErpSync, erp: MemoryErp, connection: Connection) -> None:
    with pytest.raises(BadRequest) as bad:
        sync.call("SaveConnection", {"Connection": {"ErpConnectionId": "ten"}})
    assert list(bad.value.members) == ["Connection.ErpConnectionId"]
    with pytest.raises(NotFound) as missing:
        sync.connection(4711)
    assert (missing.value.status, missing.value.code) == (404, "not_found")
    assert missing.value.message == str(missing.value)
    with pytest.raises(Refused):
        sync.save_connector({"DisplayName": "", "URL": ""})
    with pytest.raises(NotFound):
        sync.call("NoSuchOperation")
    erp.down = "Stängt för natten."
    with pytest.raises(ConnectorFailed, match=r"Stängt för natten\."):
        sync.values_in_erp(connection.pk, ("Customer", "1"))


def test_who_may_not(live_server: LiveServer, erp: MemoryErp) -> None:
    create_user("anna", "hemligt", licences=["erp-sync"])
    with ErpSync(live_server.url, username="anna", password="hemligt") as anna, pytest.raises(Denied):
        anna.connections()
    with ErpSync(live_server.url, token="brygga_wrong") as nobody, pytest.raises(NotLoggedIn):
        nobody.connections()
    with ErpSync(live_server.url, username="anna", password="fel") as guessing:
        for _ in range(10):
            with pytest.raises(NotLoggedIn):
                guessing.connections()
        with pytest.raises(TooManyFailures):
            guessing.connections()


@contextmanager
def answering(status: int, body: bytes, **headers: str) -> Iterator[tuple[str, list[str]]]:
    """A server that gives one answer to everything; its address, and the requests it was sent."""
    seen: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            seen.append(f"{self.command} {self.path}")
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Quiet."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/", seen
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("status", "error"), [(502, ServerFailed), (500, ServerFailed), (413, AgentError), (302, AgentError)]
)
def test_an_answer_of_somebody_else_is_an_error_and_nothing_is_repeated(status: int, error: type[AgentError]) -> None:
    answer = answering(status, b"<html>Bad gateway</html>", Location="/elsewhere")
    with answer as (url, seen), ErpSync(url, token="t") as sync, pytest.raises(error) as raised:
        sync.sync_all()
    assert type(raised.value) is error
    assert (raised.value.status, raised.value.code) == (status, "")
    assert seen == ["POST /api/v1/Agents/ErpSync/SyncAll"]


def test_no_answer_is_told_apart() -> None:
    with answering(204, b"") as (url, _seen):
        pass
    with ErpSync(url, token="t", timeout=2) as sync, pytest.raises(Unreachable) as raised:
        sync.sync_all()
    assert raised.value.status == 0


@pytest.mark.parametrize("given", [{}, {"username": "anna"}, {"token": "t", "username": "a", "password": "b"}])
def test_credentials_are_whole(given: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="a token, or a user name and a password"):
        ErpSync("http://127.0.0.1", **given)  # type: ignore[arg-type]


def test_an_address_is_one() -> None:
    with pytest.raises(ValueError, match="not the address of a server"):
        ErpSync("127.0.0.1:8000", token="t")


def test_the_client_does_not_need_django() -> None:
    code = "import sys, brygga.client; sys.exit(any(m in sys.modules for m in ('django', 'ninja', 'brygga.erp')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
