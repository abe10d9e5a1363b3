"""The client against servers that fail: what it reports, how often it tries, and how long it pauses."""

from __future__ import annotations

import time
from email.utils import formatdate

import pytest
from tests.soap import fault_server as fault
from tests.soap.client_kit import (
    CREATED,
    FAULT,
    GUID,
    PAGE,
    TESTED,
    Pauses,
    client,
    create,
    failure_of,
    result,
)
from tests.soap.fault_server import FaultServer, Reply, answer, message

from brygga.contract import ActorType, ErpActor
from brygga.soap.client import ClientSettings
from brygga.soap.failures import Reason


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


# Every way to fail. Of each: reason, whether to repeat, whether the outcome is unknown, HTTP status.

REPLIES: dict[str, tuple[Reply, Reason, bool, bool, int]] = {
    "silence": (fault.silent, Reason.READ_TIMEOUT, True, True, 0),
    "half an answer, then silence": (fault.stalled(message(TESTED)[:-20]), Reason.READ_TIMEOUT, True, True, 0),
    "closed at once": (fault.hang_up, Reason.BROKEN_OFF, True, True, 0),
    "reset at once": (fault.reset, Reason.BROKEN_OFF, True, True, 0),
    "closed within the header": (fault.raw(b"HTTP/1.1 200 OK\r\nContent-Ty"), Reason.BROKEN_OFF, True, True, 200),
    "closed within the body": (fault.raw(message(TESTED)[:-20]), Reason.BROKEN_OFF, True, True, 0),
    "closed within a chunk": (
        fault.raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n<s:Env"),
        *(Reason.BROKEN_OFF, True, True, 0),
    ),
    "no HTTP": (fault.raw(b"220 mail.example ESMTP\r\n"), Reason.BROKEN_OFF, True, True, 0),
    "400": (answer(b"", "400 Bad Request"), Reason.REFUSED_BY_SERVER, False, False, 400),
    "401": (answer(PAGE, "401 Unauthorized", "text/html"), Reason.NOT_AUTHORISED, False, False, 401),
    "403": (answer(PAGE, "403 Forbidden", "text/html"), Reason.NOT_AUTHORISED, False, False, 403),
    "404": (answer(PAGE, "404 Not Found", "text/html"), Reason.NOT_FOUND, False, False, 404),
    "405": (answer(b"", "405 Method Not Allowed"), Reason.NOT_FOUND, False, False, 405),
    "408": (answer(b"", "408 Request Timeout"), Reason.REFUSED_BY_SERVER, True, False, 408),
    "413": (answer(b"", "413 Content Too Large"), Reason.REFUSED_BY_SERVER, False, False, 413),
    "429": (answer(b"", "429 Too Many Requests"), Reason.SERVER_BUSY, True, False, 429),
    "502": (answer(PAGE, "502 Bad Gateway", "text/html"), Reason.SERVER_BUSY, True, True, 502),
    "503": (answer(PAGE, "503 Service Unavailable", "text/html"), Reason.SERVER_BUSY, True, False, 503),
    "504": (answer(b"", "504 Gateway Timeout"), Reason.SERVER_BUSY, True, True, 504),
    "501": (answer(b"", "501 Not Implemented"), Reason.SERVER_FAILED, True, True, 501),
    "500 with a fault": (answer(FAULT, "500 Internal Server Error"), Reason.FAULT, True, True, 500),
    "500 with a page": (answer(PAGE, "500 Oops", "text/html"), Reason.SERVER_FAILED, True, True, 500),
    "500 with nothing": (answer(b"", "500 Oops"), Reason.SERVER_FAILED, True, True, 500),
    "500 with half a fault": (answer(FAULT[:-30], "500 Oops"), Reason.SERVER_FAILED, True, True, 500),
    "200 with a fault": (answer(FAULT), Reason.FAULT, True, True, 200),
    "200 with a page": (answer(PAGE, content_type="text/html"), Reason.NOT_SOAP, True, True, 200),
    "200 with JSON": (answer(b'{"ok": true}', content_type="application/json"), Reason.NOT_SOAP, True, True, 200),
    "200 with nothing": (answer(b""), Reason.NOT_SOAP, True, True, 200),
    "202": (answer(b"", "202 Accepted"), Reason.NOT_SOAP, True, True, 202),
    "204": (answer(b"", "204 No Content"), Reason.NOT_SOAP, True, True, 204),
    "gzip that is none": (
        answer(TESTED, "200 OK", fault.XML, "Content-Encoding: gzip"),
        Reason.NOT_SOAP,
        True,
        True,
        0,
    ),
    "truncated XML": (answer(TESTED[:-30], length=False), Reason.BAD_XML, True, True, 200),
    "malformed XML": (answer(TESTED.replace(b"</IsOk>", b"</IsOK>")), Reason.BAD_XML, True, True, 200),
    "another operation's answer": (answer(result("WSGetList")), Reason.BAD_XML, True, True, 200),
    "too large": (answer(result("WSTestConnection", explanation="x" * 70_000)), Reason.TOO_LARGE, False, True, 200),
}


@pytest.mark.parametrize("name", REPLIES)
def test_a_failed_read_says_why_and_is_tried_again_if_that_may_help(name: str, pauses: Pauses) -> None:
    reply, reason, may_repeat, unknown_outcome, status = REPLIES[name]
    settings = pauses.settings(read_timeout=0.2, largest_answer=60_000)
    with FaultServer([reply]) as server, client(server.url, settings) as connector:
        failure = failure_of(lambda: connector.test_connection(GUID))
        assert (failure.reason, failure.may_repeat, failure.unknown_outcome, failure.status) == (
            *(reason, may_repeat, unknown_outcome, status),
        )
        assert failure.technical
        assert len(server.requests) == (3 if may_repeat else 1)
        assert pauses.taken == ([1.0, 2.0] if may_repeat else [])


@pytest.mark.parametrize("name", REPLIES)
def test_a_failed_create_is_never_tried_again(name: str, pauses: Pauses) -> None:
    reply, reason, _, unknown_outcome, _ = REPLIES[name]
    with FaultServer([reply]) as server, client(server.url, pauses.settings(read_timeout=0.2)) as connector:
        failure = failure_of(lambda: create(connector))
        expected = Reason.BAD_XML if reason is Reason.TOO_LARGE else reason  # here it is another operation's answer
        assert (failure.reason, failure.unknown_outcome) == (expected, unknown_outcome)
        assert (len(server.requests), pauses.taken) == (1, [])


@pytest.mark.parametrize("name", [name for name, reply in REPLIES.items() if reply[2]])
def test_a_read_succeeds_when_the_second_try_does(name: str, pauses: Pauses) -> None:
    script = [REPLIES[name][0], answer(TESTED)]
    with FaultServer(script) as server, client(server.url, pauses.settings(read_timeout=0.2)) as connector:
        assert connector.test_connection(GUID).user_explanation == "Grüße"
        assert (len(server.requests), pauses.taken) == (2, [1.0])


def test_saving_and_deleting_are_tried_again_too(pauses: Pauses) -> None:
    script = [fault.hang_up, answer(result("WSSaveActors")), fault.hang_up, answer(result("WSDeleteConnection"))]
    with FaultServer(script) as server, client(server.url, pauses.settings()) as connector:
        assert list(connector.save_actors(GUID, [ErpActor(ActorType.CUSTOMER, "1")]).actors) == []
        assert connector.delete_connection(GUID).ok
        assert len(server.requests) == 4


def test_a_redirect_is_not_followed_and_its_target_is_told_without_the_query(pauses: Pauses) -> None:
    script = [answer(b"", "302 Found", fault.XML, "Location: /login?token=hunter2")]
    with FaultServer(script) as server, client(server.url, pauses.settings()) as connector:
        failure = failure_of(lambda: connector.test_connection(GUID))
        assert (failure.reason, failure.may_repeat, failure.unknown_outcome) == (Reason.REFUSED_BY_SERVER, False, False)
        assert f"http://127.0.0.1:{server.port}/login" in failure.technical
        assert "hunter2" not in failure.technical
        assert len(server.requests) == 1


# Pauses


def test_pauses_are_drawn_at_random_over_a_growing_length(pauses: Pauses) -> None:
    settings = ClientSettings(attempts=8, sleep=pauses.sleep, random=lambda: 0.5)
    with FaultServer([answer(b"", "503 Busy")]) as server, client(server.url, settings) as connector:
        failure_of(lambda: connector.test_connection(GUID))
        assert len(server.requests) == 8
    assert pauses.taken == [0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 15.0]


@pytest.mark.parametrize(
    ("header", "expected"),
    [("7", [7.0]), ("0", [1.0]), ("soon", [1.0]), ("61", None), ("99999999999999999999", None)],
)
def test_a_server_that_says_when_to_come_back_is_obeyed_within_reason(
    header: str, expected: list[float] | None, pauses: Pauses
) -> None:
    script = [answer(b"", "503 Busy", fault.XML, f"Retry-After: {header}"), answer(TESTED)]
    settings = pauses.settings(total_timeout=1000.0)
    with FaultServer(script) as server, client(server.url, settings) as connector:
        if expected is None:
            assert failure_of(lambda: connector.test_connection(GUID)).reason is Reason.SERVER_BUSY
        else:
            assert connector.test_connection(GUID).ok
        assert pauses.taken == (expected or [])


def test_a_date_to_come_back_at_is_obeyed_too(pauses: Pauses) -> None:
    later = formatdate(time.time() + 30, usegmt=True)
    script = [answer(b"", "503 Busy", fault.XML, f"Retry-After: {later}"), answer(TESTED)]
    settings = pauses.settings(total_timeout=1000.0)
    with FaultServer(script) as server, client(server.url, settings) as connector:
        assert connector.test_connection(GUID).ok
    assert pauses.taken[0] == pytest.approx(30, abs=2)


def test_there_is_no_pause_beyond_the_total_time(pauses: Pauses) -> None:
    script = [answer(b"", "503 Busy", fault.XML, "Retry-After: 50")]
    with FaultServer(script) as server, client(server.url, pauses.settings(total_timeout=40.0)) as connector:
        failure_of(lambda: connector.test_connection(GUID))
        assert (len(server.requests), pauses.taken) == (1, [])


# Connections kept open


def test_a_kept_connection_that_the_server_closed_is_not_used_again(pauses: Pauses) -> None:
    with FaultServer([fault.raw(message(TESTED))]) as server, client(server.url, pauses.settings()) as connector:
        for _ in range(3):
            assert connector.test_connection(GUID).ok
            time.sleep(0.05)
        assert (server.connections, len(server.requests), pauses.taken) == (3, 3, [])


def test_a_create_is_not_lost_on_a_kept_connection_that_is_closed_as_it_leaves(pauses: Pauses) -> None:
    def closed_when_used_again(exchange: fault.Exchange) -> bool:
        if exchange.request.connection == 1 and len(server.requests) > 1:
            return False
        exchange.sock.sendall(message(CREATED if b"WSCreateActor" in exchange.request.body else TESTED))
        return True

    server = FaultServer([closed_when_used_again])
    with server, client(server.url, pauses.settings()) as connector:
        connector.test_connection(GUID)
        created = connector.create_actor(GUID, ErpActor(ActorType.CUSTOMER, ""))
        assert created.actor is not None
        assert created.actor.erp_key == "9"
        assert [request.connection for request in server.requests] == [1, 2]


def test_a_refusal_does_not_use_up_the_connections(pauses: Pauses) -> None:
    script = [answer(PAGE, "404 Not Found", "text/html")]
    settings = pauses.settings(connections=1, total_timeout=5.0)
    with FaultServer(script) as server, client(server.url, settings) as connector:
        for _ in range(5):
            assert failure_of(lambda: connector.test_connection(GUID)).reason is Reason.NOT_FOUND
        assert len(server.requests) == 5
