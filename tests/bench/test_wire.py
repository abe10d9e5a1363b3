"""The benchmarks of the wire: both sides do the same work, and what is measured is what is said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import pytest
import urllib3
from bench.__main__ import main
from bench.wire import QUICK_WIRE, WirePlan, measure_wire
from bench.wire_memory import memory_figure
from bench.wire_messages import LISTED, SAVED, SmallCall, customers, listing, small_calls
from bench.wire_server import serving
from bench.wire_zeep import Zeep, same

from brygga.contract import ActorsResponse
from brygga.soap.client import SoapConnector
from brygga.soap.codec import decode_request, decode_response

FIGURES = [
    "12 small calls, each",
    "decode of 200 actors, beside lxml alone",
    "  zeep's decode beside ours",
    "  ours as a share of zeep's",
    "encode of a save of 200 actors",
    "  zeep's encode beside ours",
    "  ours as a share of zeep's",
    "memory of reading 2,000 actors",
]


@pytest.fixture(scope="module")
def zeep() -> Iterator[Zeep]:
    client = Zeep()
    yield client
    client.close()


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with serving() as url:
        yield url


def test_command_measures_the_wire_alone(tmp_path: Path, capfd: Any) -> None:
    file = tmp_path / "figures.json"

    assert main(["--quick", "--only", "wire", "--json", str(file)]) == 0

    document = json.loads(file.read_text(encoding="utf-8"))
    figures = document["wire"]["figures"]
    assert [figure["name"] for figure in figures] == FIGURES
    assert {figure["limit"] for figure in figures} == {None}
    assert all(value > 0 for figure in figures[:-1] for value in figure["values"] + figure["floors"])
    assert {"sqlite", "postgresql"}.isdisjoint(document)
    assert "12 small calls" in capfd.readouterr().out


def test_goals_are_those_of_the_full_plan() -> None:
    plan = WirePlan(**{**vars(QUICK_WIRE), "goals": True})
    assert [figure.limit for figure in measure_wire(plan)] == [1.5, 3.2, None, 7.69, None, None, 2.0, 100.0]


def test_zeep_reads_what_we_read(zeep: Zeep) -> None:
    by_zeep = zeep.decode(b"".join(listing(30)))

    assert len(by_zeep) == 30
    assert all(map(same, by_zeep, customers(30)))
    assert not same(by_zeep[0], list(customers(2))[1])


def test_zeep_writes_what_we_write(zeep: Zeep) -> None:
    actors = list(customers(30))

    call = decode_request(zeep.encode(zeep.request_to_save(actors)))

    assert call.operation is SAVED
    assert call.arguments[1] == actors


def test_the_answer_that_is_decoded_holds_the_customers() -> None:
    blocks = list(listing(100))
    response = cast(ActorsResponse, decode_response(LISTED, BytesIO(b"".join(blocks))))
    assert list(response.actors) == list(customers(100))
    assert len(blocks) > 1


@pytest.mark.parametrize("call", small_calls(), ids=lambda call: f"{call.operation.name} {call.actors}")
def test_client_and_urllib3_get_the_same_answer_to_the_same_bytes(server: str, call: SmallCall) -> None:
    connector = SoapConnector(server)
    response = connector.call(call.operation, call.arguments)
    read = list(response.actors) if isinstance(response, ActorsResponse) else []
    connector.close()

    with urllib3.PoolManager() as pool:
        assert pool.request("POST", server, body=call.request).data == call.answer
    assert read == list(customers(call.actors))


def test_the_server_knows_the_small_calls_only(server: str, capfd: Any) -> None:
    with urllib3.PoolManager(retries=False) as pool, pytest.raises(urllib3.exceptions.ProtocolError):
        pool.request("POST", server, body=b"<Envelope/>")


def test_memory_that_is_held_would_be_seen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """By a decoder that keeps every actor; the process that measures finds it instead of ours."""
    hook = tmp_path / "sitecustomize.py"
    hook.write_text(
        "import brygga.soap.read as read\n"
        "kept, actor = [], read.actor\n"
        "read.actor = lambda element: kept.append(actor(element)) or kept[-1]\n",
        encoding="utf-8",
    )
    frugal = memory_figure(20_000).median
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert memory_figure(20_000).median > frugal + 20
