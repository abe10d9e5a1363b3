"""The client's time limits, and servers that there is no connection to."""

from __future__ import annotations

import socket
import threading
import time

import pytest
from tests.soap import fault_server as fault
from tests.soap.client_kit import (
    GUID,
    TESTED,
    Pauses,
    client,
    create,
    failure_of,
    result,
)
from tests.soap.fault_server import FaultServer, answer, message

from brygga.contract import ActorType, ErpActor
from brygga.soap.failures import Reason
from brygga.soap.transport import Transport


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


# Not connected


def test_a_refused_connection_is_unreachable(pauses: Pauses) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with client(f"http://127.0.0.1:{port}/x.svc", pauses.settings()) as connector:
        failure = failure_of(lambda: connector.test_connection(GUID))
        assert (failure.reason, failure.may_repeat, failure.unknown_outcome) == (Reason.UNREACHABLE, True, False)
        assert pauses.taken == [1.0, 2.0]
        failure = failure_of(lambda: create(connector))
        assert (failure.reason, failure.unknown_outcome) == (Reason.UNREACHABLE, False)
        assert pauses.taken == [1.0, 2.0]


def test_an_unknown_host_is_unreachable(pauses: Pauses, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object) -> object:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with client("http://erp.invalid/x.svc", pauses.settings(proxy="")) as connector:
        failure = failure_of(lambda: connector.test_connection(GUID))
    assert (failure.reason, failure.may_repeat, failure.unknown_outcome) == (Reason.UNREACHABLE, True, False)
    assert "erp.invalid" in failure.technical


def test_a_server_that_does_not_take_the_connection_is_a_connect_timeout(pauses: Pauses) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        address = full.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for sock in waiting:  # fill the queue of connections that nobody accepts
            sock.setblocking(False)
            sock.connect_ex(address)
        with client(f"http://127.0.0.1:{address[1]}/x.svc", pauses.settings(connect_timeout=0.2)) as connector:
            failure = failure_of(lambda: create(connector))
        for sock in waiting:
            sock.close()
    assert (failure.reason, failure.may_repeat, failure.unknown_outcome) == (Reason.CONNECT_TIMEOUT, True, False)


def test_waiting_in_vain_for_a_free_connection_is_a_connect_timeout(pauses: Pauses) -> None:
    settings = pauses.settings(connections=1, total_timeout=0.3, attempts=1, read_timeout=5.0)
    with FaultServer([fault.silent]) as server:
        transport = Transport(server.url, settings)
        holder = threading.Thread(
            target=lambda: failure_of(lambda: transport.post(b"<x/>", "x", time.monotonic() + 0.4))
        )
        holder.start()
        while not server.requests:
            time.sleep(0.01)
        failure = failure_of(lambda: transport.post(b"<x/>", "x", time.monotonic() + 0.1))
        holder.join()
        transport.close()
    assert (failure.reason, failure.may_repeat, failure.unknown_outcome) == (Reason.CONNECT_TIMEOUT, True, False)


# Time


def test_a_server_that_is_slow_but_within_the_limits_is_waited_for(pauses: Pauses) -> None:
    script = [fault.late(0.3, answer(TESTED))]
    with FaultServer(script) as server, client(server.url, pauses.settings(read_timeout=1.0)) as connector:
        assert connector.test_connection(GUID).ok


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("header", message(TESTED)),
        ("chunk sizes", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\n<\r\n" * 50),
    ],
)
def test_a_server_that_dribbles_is_cut_off_by_the_total_time(name: str, data: bytes, pauses: Pauses) -> None:
    settings = pauses.settings(read_timeout=1.0, total_timeout=0.6)
    with FaultServer([fault.dribbled(data, 0.05)]) as server, client(server.url, settings) as connector:
        started = time.monotonic()
        failure = failure_of(lambda: connector.test_connection(GUID))
        assert time.monotonic() - started < 1.5
        assert (failure.reason, failure.unknown_outcome) == (Reason.READ_TIMEOUT, True)
        assert len(server.requests) == 1  # no time is left for another try


def test_a_server_that_does_not_read_is_given_up(pauses: Pauses) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        settings = pauses.settings(read_timeout=0.3, attempts=1)
        with client(f"http://127.0.0.1:{deaf.getsockname()[1]}/x.svc", settings) as connector:
            big = [ErpActor(ActorType.CUSTOMER, "1", fields={"Note": "x" * 20_000_000})]
            failure = failure_of(lambda: connector.save_actors(GUID, big))
    assert (failure.reason, failure.may_repeat, failure.unknown_outcome) == (Reason.READ_TIMEOUT, True, True)


def test_a_large_request_may_take_longer_to_send_than_a_connection_to_open(pauses: Pauses) -> None:
    with socket.create_server(("127.0.0.1", 0)) as slow:

        def serve() -> None:
            sock, _ = slow.accept()
            with sock:
                time.sleep(0.6)
                received = b""
                while not received.endswith(b"Envelope>"):
                    received = received[-20:] + sock.recv(1 << 20)
                sock.sendall(message(result("WSSaveActors")))

        thread = threading.Thread(target=serve)
        thread.start()
        settings = pauses.settings(connect_timeout=0.2, read_timeout=5.0, attempts=1)
        with client(f"http://127.0.0.1:{slow.getsockname()[1]}/x.svc", settings) as connector:
            big = [ErpActor(ActorType.CUSTOMER, "1", fields={"Note": "x" * 20_000_000})]
            assert connector.save_actors(GUID, big).ok
        thread.join()
