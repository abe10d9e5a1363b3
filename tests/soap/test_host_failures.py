"""What the host does about connectors that fail, break off, or forget."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import pytest
import urllib3
from structlog.testing import capture_logs
from tests.soap.hosting import GUID, Memory, Served, post, request

from brygga.contract import (
    ActorResponse,
    ActorsResponse,
    ActorType,
    ConnectionInfo,
    ErpActor,
    ItemsResponse,
    Response,
    State,
)
from brygga.soap.codec import decode_response
from brygga.soap.host import HELD_BACK
from brygga.soap.operations import OPERATIONS

SECRET = "p@ss 'ord"


# Failures of connectors


def test_what_a_connector_raises_is_an_error_response(served: Served, one: Memory) -> None:
    one.raises = ValueError("row 7 is odd")
    with capture_logs() as log:
        answer = served.types()
    assert not answer.ok
    assert answer.state is State.ERROR
    assert answer.tech_explanation == "WSGetSupportedActorTypes: ValueError: row 7 is odd"
    assert "row 7" not in answer.user_explanation
    assert answer.user_explanation
    [entry] = [entry for entry in log if entry["event"] == "connector_failed"]
    assert entry["connector"] == "one"
    assert "Traceback" in entry["trace"]


@pytest.mark.parametrize("given", [SECRET, repr(SECRET)[1:-1], "p%40ss%20%27ord"])
def test_secrets_of_the_configuration_are_kept_out_of_answer_and_log(served: Served, one: Memory, given: str) -> None:
    served.save(Password=SECRET, Server="erp")
    one.raises = ValueError(f"cannot log in at erp with {given}")
    with capture_logs() as log:
        answer = served.types()
    assert answer.tech_explanation.endswith("cannot log in at erp with •••")
    assert given not in str(log)


def test_secrets_are_kept_where_a_configuration_is_only_tried(served: Served, one: Memory) -> None:
    def refuse(info: ConnectionInfo) -> Response:
        raise ValueError(f"{info.values}")

    one.test_config_data = refuse  # type: ignore[method-assign]
    with capture_logs() as log:
        answer = served.call("test_config_data", ConnectionInfo("", {"Password": SECRET, "Server": "erp"}))
    assert "erp" in answer.tech_explanation
    assert SECRET not in answer.tech_explanation + str(log)


def test_all_values_are_secret_while_the_connector_cannot_say_which_are(served: Served, one: Memory) -> None:
    served.save(Server="erp")
    one.raises = ValueError("no way to erp")
    one.get_config_data = lambda: 1 / 0  # type: ignore[method-assign, assignment, return-value]
    assert served.types().tech_explanation.endswith("no way to •••")


@pytest.mark.parametrize("wrong", [None, "text", ItemsResponse(), Response()])
def test_an_answer_of_the_wrong_type_is_an_error(served: Served, one: Memory, wrong: Any) -> None:
    one.create_actor = lambda guid, actor: wrong  # type: ignore[method-assign]
    answer = served.call("create_actor", GUID, ErpActor(ActorType.PERSON, ""))
    assert isinstance(answer, ActorResponse)
    assert not answer.ok
    assert "TypeError" in answer.tech_explanation


def test_a_plain_failure_will_do_as_answer_of_any_operation(served: Served, one: Memory) -> None:
    one.create_actor = lambda guid, actor: Response.failure("Full.", "disk full", "FULL")  # type: ignore
    answer = served.call("create_actor", GUID, ErpActor(ActorType.PERSON, ""))
    assert (answer.ok, answer.user_explanation, answer.error_code) == (False, "Full.", "FULL")


# Streams


def actors(number: int, then: Exception | None = None) -> Callable[[], Iterator[ErpActor]]:
    def stream() -> Iterator[ErpActor]:
        for place in range(number):
            yield ErpActor(ActorType.CUSTOMER, str(place), "1", fields={"NAME": "x" * 1000})
        if then:
            raise then

    return stream


def search(served: Served, **headers: str) -> urllib3.BaseHTTPResponse:
    return post(served.url, request("search_actors"), **headers)


def test_a_long_stream_comes_whole_and_is_not_held_back(served: Served, one: Memory) -> None:
    one.actors = actors(3000)
    reply = search(served)
    assert "Content-Length" not in reply.headers
    answer = decode_response(OPERATIONS["search_actors"], BytesIO(reply.data))
    assert isinstance(answer, ActorsResponse)
    assert [int(actor.erp_key) for actor in answer.actors] == list(range(3000))


def test_the_first_of_a_stream_is_sent_before_the_last_is_made(served: Served, one: Memory) -> None:
    seen = threading.Event()

    def stream() -> Iterator[ErpActor]:
        yield from actors(2 * HELD_BACK // 1000)()
        assert seen.wait(20)
        yield ErpActor(ActorType.CUSTOMER, "last", "1")

    one.actors = stream
    with urllib3.PoolManager(retries=False) as pool:
        headers = {"Content-Type": "text/xml"}
        reply = pool.request("POST", served.url, body=request("search_actors"), headers=headers, preload_content=False)
        assert b"<ErpKey>0</ErpKey>" in reply.read(1000)
        seen.set()
        assert b"<ErpKey>last</ErpKey>" in reply.read()


def test_a_stream_that_breaks_early_is_an_error_response(served: Served, one: Memory) -> None:
    one.actors = actors(10, OSError("cable cut"))
    answer = decode_response(OPERATIONS["search_actors"], BytesIO(search(served).data))
    assert isinstance(answer, ActorsResponse)
    assert not answer.ok
    assert answer.tech_explanation == "WSSearchActors: OSError: cable cut"
    assert list(answer.actors) == []


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_a_stream_that_breaks_late_breaks_the_connection(served: Served, one: Memory, encoding: str) -> None:
    served.save(Password=SECRET)
    one.actors = actors(2 * HELD_BACK // 1000, OSError(f"cable cut {SECRET}"))
    with capture_logs() as log, pytest.raises((urllib3.exceptions.ProtocolError, http.client.IncompleteRead)):
        search(served, Accept_Encoding=encoding)
    assert [entry["error"] for entry in log if entry["event"] == "connector_failed"] == ["OSError: cable cut •••"]


def test_a_broken_stream_is_cut_for_callers_that_know_no_chunks(served: Served, one: Memory) -> None:
    one.actors = actors(2 * HELD_BACK // 1000, OSError("cable cut"))
    parts = urlsplit(served.url)
    body = request("search_actors")
    head = f"POST {parts.path} HTTP/1.0\r\nContent-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n"
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=20) as sock:
        sock.sendall(head.encode() + body)
        received = b"".join(iter(lambda: sock.recv(65536), b""))
    assert b" 200 OK" in received
    assert b"</s:Envelope>" not in received


def test_a_value_that_cannot_be_written_is_an_error_response(served: Served, one: Memory) -> None:
    one.actors = lambda: iter([ErpActor(ActorType.CUSTOMER, "1", fields={"NAME": 5})])  # type: ignore[dict-item]
    answer = decode_response(OPERATIONS["search_actors"], BytesIO(search(served).data))
    assert not answer.ok
