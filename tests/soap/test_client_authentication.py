"""When the client logs in, and what becomes of calls that wait for it."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

import pytest
from tests.soap import fault_server as fault
from tests.soap.client_kit import (
    CREATED,
    GUID,
    PAGE,
    TESTED,
    Pauses,
    client,
    create,
    failure_of,
)
from tests.soap.fault_server import FaultServer, answer

from brygga.contract import ActorType, ErpActor
from brygga.soap.client import Post
from brygga.soap.failures import CallFailed, Reason


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@dataclass
class LogIns:
    """Authenticates by one message; counts how often, and says how long each lasts."""

    lasting: float = 3600.0
    replies: list[bytes] = field(default_factory=list)

    def __call__(self, post: Post) -> float:
        self.replies.append(post(b"<hello/>", "urn:authenticate"))
        return time.time() + self.lasting


REFUSED = answer(PAGE, "401 Unauthorized", "text/html")


def test_the_first_call_logs_in_and_later_ones_do_not(pauses: Pauses) -> None:
    log_ins = LogIns()
    script = [answer(b"<welcome/>"), answer(TESTED)]
    with FaultServer(script) as server, client(server.url, pauses.settings(), log_ins) as connector:
        assert connector.test_connection(GUID).ok
        assert connector.test_connection(GUID).ok
        assert log_ins.replies == [b"<welcome/>"]
        assert [request.headers["soapaction"].rpartition("/")[2] for request in server.requests] == [
            *('"urn:authenticate"', 'WSTestConnection"', 'WSTestConnection"'),
        ]
        assert server.requests[0].body == b"<hello/>"


def test_a_log_in_that_has_expired_is_renewed(pauses: Pauses) -> None:
    log_ins = LogIns(lasting=-1)
    script = [answer(b"<a/>"), answer(TESTED), answer(b"<b/>"), answer(TESTED)]
    with FaultServer(script) as server, client(server.url, pauses.settings(), log_ins) as connector:
        assert connector.test_connection(GUID).ok
        assert connector.test_connection(GUID).ok
        assert log_ins.replies == [b"<a/>", b"<b/>"]


def test_a_log_in_that_the_server_forgot_is_made_again_once(pauses: Pauses) -> None:
    log_ins = LogIns()
    script = [answer(b"<a/>"), REFUSED, answer(b"<b/>"), answer(TESTED), REFUSED, answer(b"<c/>"), REFUSED]
    with FaultServer(script) as server, client(server.url, pauses.settings(), log_ins) as connector:
        assert connector.test_connection(GUID).ok
        assert len(server.requests) == 4
        failure = failure_of(lambda: connector.test_connection(GUID))
        assert (failure.reason, failure.status, len(server.requests)) == (Reason.NOT_AUTHORISED, 401, 7)
        assert (len(log_ins.replies), pauses.taken) == (3, [])


def test_a_create_that_the_server_wants_a_log_in_for_is_left_to_the_caller_who_may_try_again(pauses: Pauses) -> None:
    log_ins = LogIns()
    script = [answer(b"<a/>"), REFUSED, answer(b"<b/>"), answer(CREATED)]
    with FaultServer(script) as server, client(server.url, pauses.settings(), log_ins) as connector:
        failure = failure_of(lambda: create(connector))
        assert (failure.reason, failure.unknown_outcome) == (Reason.NOT_AUTHORISED, False)
        assert connector.create_actor(GUID, ErpActor(ActorType.CUSTOMER, "")).ok
        assert len(log_ins.replies) == 2
        assert len(server.requests) == 4


def test_a_log_in_that_breaks_off_leaves_no_doubt_about_the_create_that_waited_for_it(pauses: Pauses) -> None:
    with FaultServer([fault.hang_up]) as server, client(server.url, pauses.settings(), LogIns()) as connector:
        failure = failure_of(lambda: create(connector))
        assert (failure.reason, failure.unknown_outcome) == (Reason.BROKEN_OFF, False)
        assert b"WSCreateActor" not in b"".join(request.body for request in server.requests)


def test_a_refused_log_in_is_the_failure_of_the_call(pauses: Pauses) -> None:
    def refused(post: Post) -> float:
        raise CallFailed(Reason.NOT_AUTHORISED, "no such application", may_repeat=False, unknown_outcome=False)

    with FaultServer([answer(TESTED)]) as server, client(server.url, pauses.settings(), refused) as connector:
        assert failure_of(lambda: connector.test_connection(GUID)).reason is Reason.NOT_AUTHORISED
        assert (server.requests, pauses.taken) == ([], [])


def test_a_thread_waits_for_another_s_log_in_no_longer_than_its_call_may_take(pauses: Pauses) -> None:
    begun, done = threading.Event(), threading.Event()

    def slow(post: Post) -> float:
        begun.set()
        done.wait(10)
        return 4e9

    settings = pauses.settings(total_timeout=0.3)
    with FaultServer([answer(TESTED)]) as server, client(server.url, settings, slow) as connector:
        first = threading.Thread(target=lambda: failure_of(lambda: connector.test_connection(GUID)))
        first.start()
        begun.wait(10)
        failure = failure_of(lambda: create(connector))
        assert (failure.reason, failure.unknown_outcome) == (Reason.CONNECT_TIMEOUT, False)
        done.set()
        first.join()
        assert server.requests == []
