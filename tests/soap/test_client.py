"""The client against a server that is as strict as .NET: all operations, and how calls share connections."""

from __future__ import annotations

import gc
import inspect
import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import get_type_hints

import pytest
from tests.soap.wcf_forms import REQUESTS
from tests.soap.wcf_server import WcfServer

from brygga.contract import (
    ZERO_GUID,
    Access,
    ActorType,
    ConnectionInfo,
    Connector,
    ErpActor,
    ErrorCode,
    FieldType,
    SearchRestriction,
    State,
)
from brygga.soap.client import ClientSettings, SoapConnector
from brygga.soap.operations import OPERATIONS

GUID = "0F8FAD5B-d9cb-469f-a165-70867728950e"
CUSTOMER, PERSON = ActorType.CUSTOMER, ActorType.PERSON


@pytest.fixture
def server() -> Iterator[WcfServer]:
    with WcfServer() as running:
        running.service.connections[GUID.lower()] = {}
        yield running
        assert running.violations == []


@pytest.fixture
def connector(server: WcfServer) -> Iterator[SoapConnector]:
    client = SoapConnector(server.url)
    yield client
    client.close()


def keys(actors: object) -> list[str]:
    assert not isinstance(actors, (list, tuple))
    return [actor.erp_key for actor in actors]  # type: ignore[attr-defined]


# The operations


def test_every_operation_of_the_contract_is_a_call_with_the_contract_s_signature(server: WcfServer) -> None:
    assert {operation.wire for operation in OPERATIONS.values()} == set(REQUESTS)
    for name in OPERATIONS:
        ours, contract = getattr(SoapConnector, name), getattr(Connector, name)
        assert ours is not contract
        assert inspect.signature(ours) == inspect.signature(contract)
        assert get_type_hints(ours) == get_type_hints(contract)


def test_a_connection_is_configured_tested_used_and_deleted(server: WcfServer, connector: SoapConnector) -> None:
    fields = connector.get_config_data().fields
    assert [(field.key, field.type, field.access, field.list_name) for field in fields] == [
        ("Company", FieldType.LIST, Access.MANDATORY, "Companies"),
        ("Secret", FieldType.PASSWORD, Access.NORMAL, ""),
    ]
    assert fields[0].name == 'US:"Company";SW:"Företag"'
    assert connector.test_config_data(ConnectionInfo(values={"Company": "A & B"})).ok
    assert connector.save_connection(ConnectionInfo(ZERO_GUID[:-1] + "1", {"Company": "A & B", "Secret": ""})).ok
    assert server.service.connections[ZERO_GUID[:-1] + "1"] == {"Company": "A & B", "Secret": ""}
    assert connector.test_connection(ZERO_GUID[:-1] + "1").ok
    assert connector.delete_connection(ZERO_GUID[:-1] + "1").ok
    gone = connector.test_connection(ZERO_GUID[:-1] + "1")
    assert (gone.ok, gone.state, gone.error_code) == (False, State.ERROR, ErrorCode.UNKNOWN_CONNECTION_ID)


def test_what_a_connector_refuses_comes_back_as_its_response(connector: SoapConnector) -> None:
    refused = connector.test_config_data(ConnectionInfo())
    assert not refused.ok
    assert refused.state is State.ERROR
    assert refused.user_explanation == 'US:"Choose a company";SW:"Välj ett företag"'
    assert refused.tech_explanation == "by the service"


def test_types_fields_and_lists_are_read(connector: SoapConnector) -> None:
    assert connector.get_supported_actor_types(GUID).items == ["Customer", "Person"]
    fields = connector.get_supported_actor_type_fields(GUID, CUSTOMER).fields
    assert [(field.key, field.name, field.type, field.max_length) for field in fields] == [
        ("Name", "Customer name", FieldType.TEXT, 40),
        ("Group", "Group", FieldType.LIST, 40),
    ]
    assert connector.get_searchable_fields(GUID, CUSTOMER).items == ["Name"]
    assert connector.get_searchable_fields(GUID, PERSON).items == []
    assert connector.get_list(ZERO_GUID, "Group").items == {"1": 'US:"Retail";SW:"Detalj"', "2": "Industry <heavy>"}
    assert connector.get_list_items(GUID, "Group", ["2", "9"]).items == {"2": "Industry <heavy>"}


def test_actors_are_read_by_key_with_the_fields_that_were_asked_for(connector: SoapConnector) -> None:
    (actor,) = connector.get_actors(GUID, CUSTOMER, ["1", "nobody"], ["Name", "City"]).actors
    assert actor == ErpActor(
        CUSTOMER, "1", "000001", ActorType.UNKNOWN, "", {"Name": "Kvarnen & Söner", "City": "Umeå"}
    )
    assert list(connector.get_actors(GUID, CUSTOMER, [], []).actors) == []


def test_actors_are_found_by_text_parent_restrictions_and_stamp(connector: SoapConnector) -> None:
    assert keys(connector.search_actors(GUID, CUSTOMER, "n & S", ["Name"]).actors) == ["1"]
    assert keys(connector.search_actors(GUID, CUSTOMER, "", []).actors) == ["1", "2"]
    assert keys(connector.search_actor_by_parent(GUID, PERSON, "", CUSTOMER, "1", ["Name"]).actors) == ["7"]
    assert keys(connector.search_actor_by_parent(GUID, PERSON, "x", CUSTOMER, "1", []).actors) == []
    restrictions = [SearchRestriction("Group", "oneof", ["2", "3"]), SearchRestriction("Name", "oneof", ["Smedjan"])]
    assert keys(connector.search_actors_advanced(GUID, CUSTOMER, restrictions, []).actors) == ["2"]
    assert keys(connector.get_actors_by_timestamp(GUID, "000002", CUSTOMER, []).actors) == ["2"]
    assert keys(connector.get_actors_by_timestamp(GUID, "", CUSTOMER, []).actors) == ["1", "2"]


def test_an_actor_is_created_and_saved(server: WcfServer, connector: SoapConnector) -> None:
    new = ErpActor(PERSON, "", parent_type=CUSTOMER, parent_key="2", fields={"Name": "Eva <]]> & \"Nils'\r\n"})
    created = connector.create_actor(GUID, new)
    assert created.ok
    assert created.actor is not None
    assert (created.actor.erp_key, created.actor.last_modified) == ("103", "000004")
    assert created.actor.fields == new.fields
    assert (created.actor.parent_type, created.actor.parent_key) == (CUSTOMER, "2")
    changed = [ErpActor(CUSTOMER, "1", fields={"City": ""}), ErpActor(CUSTOMER, "2", fields={"City": "日本 🏔"})]
    saved = list(connector.save_actors(GUID, changed).actors)
    assert [(actor.erp_key, actor.last_modified, actor.fields["City"]) for actor in saved] == [
        ("1", "000005", ""),
        ("2", "000006", "日本 🏔"),
    ]
    assert server.operations == ["WSCreateActor", "WSSaveActors"]


def test_arguments_may_be_given_by_name(connector: SoapConnector) -> None:
    found = connector.get_actors(guid=GUID, field_keys=["Name"], actor_type=CUSTOMER, erp_keys=["2"])
    assert keys(found.actors) == ["2"]
    with pytest.raises(TypeError, match="erp_keys"):
        connector.get_actors(GUID, CUSTOMER, field_keys=[])  # type: ignore[call-arg]


# HTTP


def test_a_request_is_what_basic_http_binding_expects(server: WcfServer) -> None:
    connector = SoapConnector(server.url + "?ConnectorName=Nordic%20Sheets")
    connector.get_supported_actor_types(GUID)
    connector.close()
    (headers,) = server.headers
    namespace = "http://www.superoffice.net/EIS/Connector/1.0"
    assert headers["soapaction"] == f'"{namespace}/IErpConnectorWS/WSGetSupportedActorTypes"'
    assert headers["content-type"] == "text/xml; charset=utf-8"
    assert headers["accept-encoding"] == "gzip"
    assert headers["user-agent"].startswith("Brygga/")
    assert "expect" not in headers
    assert "transfer-encoding" not in headers
    assert server.queries == [{"ConnectorName": ["Nordic Sheets"]}]


def test_many_small_calls_use_one_connection(server: WcfServer, connector: SoapConnector) -> None:
    for _ in range(200):
        assert connector.test_connection(GUID).ok
    assert (len(server.operations), server.connections) == (200, 1)


def test_a_create_has_a_connection_of_its_own(server: WcfServer, connector: SoapConnector) -> None:
    connector.test_connection(GUID)
    connector.create_actor(GUID, ErpActor(CUSTOMER, "", fields={"Name": "Ny"}))
    connector.test_connection(GUID)
    assert server.connections == 2


def test_a_stream_that_is_left_unread_does_not_hold_a_connection(server: WcfServer) -> None:
    connector = SoapConnector(server.url, ClientSettings(connections=1, total_timeout=5))
    streams = [connector.search_actors(GUID, CUSTOMER, "", []).actors for _ in range(3)]
    assert [keys(stream) for stream in streams] == [["1", "2"]] * 3
    assert server.connections == 1
    connector.close()


def test_threads_share_a_bounded_number_of_connections(server: WcfServer) -> None:
    connector = SoapConnector(server.url, ClientSettings(connections=3))
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: keys(connector.search_actors(GUID, CUSTOMER, "", []).actors), range(120)))
    assert answers == [["1", "2"]] * 120
    assert server.connections <= 3
    connector.close()


def test_an_answer_larger_than_memory_allows_goes_through_a_file_that_is_closed(
    server: WcfServer, connector: SoapConnector
) -> None:
    server.service.records[0].values["Name"] = "x" * 5_000_000
    read = connector.search_actors(GUID, CUSTOMER, "", [])
    assert [len(actor.fields["Name"]) for actor in read.actors] == [5_000_000, 7]
    begun = iter(connector.search_actors(GUID, CUSTOMER, "", []).actors)
    assert next(begun).erp_key == "1"
    dropped = connector.search_actors(GUID, CUSTOMER, "", [])
    del begun, dropped
    gc.collect()  # a file left open is a ResourceWarning, and warnings fail the test


def test_closing_ends_the_connections_and_the_next_call_opens_new_ones(
    server: WcfServer, connector: SoapConnector
) -> None:
    connector.test_connection(GUID)
    connector.close()
    assert connector.test_connection(GUID).ok
    assert server.connections == 2


def test_no_value_reaches_the_log(
    server: WcfServer, connector: SoapConnector, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    connector.test_config_data(ConnectionInfo(values={"Secret": "hunter2"}))
    connector.save_connection(ConnectionInfo(GUID, {"Secret": "hunter2"}))
    assert "hunter2" not in caplog.text


@pytest.mark.parametrize(
    "url",
    [
        "erp.example/Connector.svc",
        "ftp://erp.example/Connector.svc",
        "plugin://workbook",
        "http://",
        "http://erp.example:port/Connector.svc",
        "http://erp.example/Connector .svc",
        "http://anna:hunter2@erp.example/Connector.svc",
        "http://anna@erp.example/Connector.svc",
    ],
)
def test_an_address_that_cannot_be_used_is_refused_without_repeating_a_password(url: str) -> None:
    with pytest.raises(ValueError, match="address") as refused:
        SoapConnector(url)
    assert "hunter2" not in str(refused.value)


def test_a_ca_file_that_cannot_be_read_is_named() -> None:
    with pytest.raises(ValueError, match=r"missing\.pem"):
        SoapConnector("https://127.0.0.1/x.svc", ClientSettings(ca_file="missing.pem"))


# Authentication


def test_threads_wait_for_one_log_in_and_share_it(server: WcfServer) -> None:
    log_ins: list[int] = []

    def authenticate(post: object) -> float:
        log_ins.append(threading.get_ident())
        return 4e9

    connector = SoapConnector(server.url, authenticate=authenticate)
    with ThreadPoolExecutor(8) as pool:
        assert all(response.ok for response in pool.map(connector.test_connection, [GUID] * 40))
    assert len(log_ins) == 1
    connector.close()
