"""A connector that forgets is given its configuration again, and sees no other's."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from structlog.testing import capture_logs
from tests.soap.hosting import GUID, Memory, Served, live, unknown

from brygga.contract import ConnectionInfo, ErrorCode, ItemsResponse, Response
from brygga.soap.host import application


def restarted(served: Served) -> Any:
    """The same connectors forgetful as after a restart, in a host of their own with the same store."""
    return application({name: type(connector)() for name, connector in served.connectors.items()}, served.store)


def test_a_saved_connection_survives_a_restart(served: Served) -> None:
    served.save(Server="a")
    with live(restarted(served)) as url:
        again = Served(url, served.connectors, served.store)
        assert again.types().items == ["a"]


def test_a_refused_connection_is_not_stored(served: Served) -> None:
    assert not served.save(Server="refused").ok
    assert served.store.load("one", GUID) is None


def test_a_connector_that_has_forgotten_is_told_and_asked_again(served: Served, one: Memory) -> None:
    served.save(Server="a")
    one.known.clear()
    assert served.types().items == ["a"]
    assert (one.asked, one.saves) == (2, 2)


def test_the_call_is_repeated_once_only(served: Served, one: Memory) -> None:
    served.save(Server="a")
    one.get_supported_actor_types = lambda guid: _count(one)  # type: ignore[method-assign]
    answer = served.types()
    assert answer.error_code == ErrorCode.UNKNOWN_CONNECTION_ID
    assert one.asked == 2


def _count(connector: Memory) -> Any:
    connector.asked += 1
    return unknown(ItemsResponse)


def test_a_connection_that_was_never_saved_is_the_connectors_to_refuse(served: Served, one: Memory) -> None:
    answer = served.types()
    assert answer.error_code == ErrorCode.UNKNOWN_CONNECTION_ID
    assert (one.asked, one.saves) == (1, 0)


def test_each_connector_sees_its_own_connections_only(served: Served) -> None:
    served.save(connector="one", Server="a")
    assert served.types(connector="two").error_code == ErrorCode.UNKNOWN_CONNECTION_ID
    served.save(connector="two", Server="b")
    served.call("delete_connection", GUID, connector="two")
    assert served.types(connector="one").items == ["a"]


def test_a_connection_that_is_refused_when_given_again_staysunknown(served: Served, one: Memory) -> None:
    served.store.save("one", GUID, {"Server": "refused"})
    with capture_logs() as log:
        assert served.types().error_code == ErrorCode.UNKNOWN_CONNECTION_ID
    assert {"stored_connection_refused"} == {entry["event"] for entry in log}
    assert one.asked == 1


def test_a_deleted_connection_is_forgotten(served: Served, one: Memory) -> None:
    served.save(Server="a")
    assert served.call("delete_connection", GUID).ok
    assert served.store.load("one", GUID) is None
    assert served.types().error_code == ErrorCode.UNKNOWN_CONNECTION_ID


def test_a_deleted_connection_is_forgotten_even_if_the_connector_fails(served: Served, one: Memory) -> None:
    served.save(Server="a")
    one.delete_connection = lambda guid: 1 / 0  # type: ignore[method-assign, assignment, return-value]
    assert not served.call("delete_connection", GUID).ok
    assert served.store.load("one", GUID) is None


def test_what_another_process_has_saved_is_given_to_the_connector(served: Served) -> None:
    served.save(Server="a")
    with live(restarted(served)) as url:
        other = Served(url, served.connectors, served.store)
        other.save(Server="b")
    assert served.types().items == ["b"]


def test_saving_without_a_guid_stores_nothing(served: Served) -> None:
    answer = served.save(guid="")
    assert not answer.ok
    assert served.store.load("one", "") is None


def test_many_installations_at_once(served: Served) -> None:
    guids = [f"00000000-0000-0000-0000-{number:012}" for number in range(8)]
    for guid in guids:
        served.save(guid, Server=guid)
    with live(restarted(served)) as url:
        again = Served(url, served.connectors, served.store)

        def work(turn: int) -> bool:
            guid = guids[turn % len(guids)]
            return bool(again.types(guid).items == [guid])

        with ThreadPoolExecutor(16) as pool:
            assert all(pool.map(work, range(96)))


def test_threads_that_come_first_at_once_wait_for_the_configuration(served: Served, tmp_path: Path) -> None:
    served.save(Server="a")
    fresh = Memory()
    slowly = fresh.save_connection

    def save(info: ConnectionInfo) -> Response:
        threading.Event().wait(0.2)
        return slowly(info)

    fresh.save_connection = save  # type: ignore[method-assign]
    with live(application({"one": fresh}, served.store)) as url, ThreadPoolExecutor(6) as pool:
        again = Served(url, {"one": fresh}, served.store)
        assert [answer.items for answer in pool.map(lambda _: again.types(), range(6))] == [["a"]] * 6
    assert (fresh.saves, fresh.asked) == (1, 6)
