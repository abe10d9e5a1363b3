"""The measurements of the wire: reading and writing many actors, memory, small calls. They need no database."""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from io import BytesIO
from time import process_time

from lxml import etree

from bench.figures import Figure
from bench.wire_calls import small_calls_figure
from bench.wire_memory import memory_figure
from bench.wire_messages import GUID, LISTED, SAVED, customers, listing
from bench.wire_zeep import Zeep
from brygga.contract import ActorsResponse
from brygga.soap.codec import decode_response, encode_request

DECODE_LIMIT = 3.2
DECODE_FASTER_THAN_ZEEP = 13
ENCODE_FASTER_THAN_ZEEP = 50


@dataclass(frozen=True)
class WirePlan:
    """How much to measure. The goals are for the full plan: with little it is fixed costs that are measured."""

    actors: int = 10_000
    repeats: int = 7
    read_actors: int = 1_000_000
    calls: int = 200
    rounds: int = 11
    goals: bool = True


QUICK_WIRE = WirePlan(actors=200, repeats=1, read_actors=2_000, calls=12, rounds=1, goals=False)


def measure_wire(plan: WirePlan) -> Iterator[Figure]:
    """Every figure of the wire, one after the other."""
    for figure in _figures(plan):
        yield figure if plan.goals else replace(figure, limit=None)


def _figures(plan: WirePlan) -> Iterator[Figure]:
    yield small_calls_figure(plan.calls, plan.rounds)
    yield from _codec(plan)
    yield memory_figure(plan.read_actors)


@dataclass
class _Times:
    """Milliseconds of processor time, one for each repeat."""

    lxml: list[float] = field(default_factory=list)
    decode: list[float] = field(default_factory=list)
    decode_by_zeep: list[float] = field(default_factory=list)
    encode: list[float] = field(default_factory=list)
    encode_by_zeep: list[float] = field(default_factory=list)


def _codec(plan: WirePlan) -> Iterator[Figure]:
    times, count = _times(plan), f"{plan.actors:,}"
    yield Figure(f"decode of {count} actors, beside lxml alone", times.decode, times.lxml, limit=DECODE_LIMIT)
    yield Figure("  zeep's decode beside ours", times.decode_by_zeep, times.decode)
    yield _share("  ours as a share of zeep's", times.decode, times.decode_by_zeep, DECODE_FASTER_THAN_ZEEP)
    yield Figure(f"encode of a save of {count} actors", times.encode)
    yield Figure("  zeep's encode beside ours", times.encode_by_zeep, times.encode)
    yield _share("  ours as a share of zeep's", times.encode, times.encode_by_zeep, ENCODE_FASTER_THAN_ZEEP)


def _share(name: str, ours: list[float], zeeps: list[float], faster: int) -> Figure:
    """To be so many times faster is to take that part of the other's time."""
    shares = [100 * mine / theirs for mine, theirs in zip(ours, zeeps, strict=True)]
    return Figure(name, shares, unit="%", limit=round(100 / faster, 2))


def _times(plan: WirePlan) -> _Times:
    """All in turn, repeat by repeat, so that what else the machine does meets all of them."""
    times, answer, actors = _Times(), b"".join(listing(plan.actors)), list(customers(plan.actors))
    with closing(Zeep()) as zeep:
        request = zeep.request_to_save(actors)
        work: list[tuple[list[float], Callable[[], object]]] = [
            (times.decode, lambda: decode_streamed(answer)),
            (times.lxml, lambda: etree.fromstring(answer)),
            (times.decode_by_zeep, lambda: zeep.decode(answer)),
            (times.encode, lambda: encode_request(SAVED, (GUID, actors))),
            (times.encode_by_zeep, lambda: zeep.encode(request)),
        ]
        for _ in range(plan.repeats):
            for taken, one in work:
                taken.append(_timed(one))
    return times


def decode_streamed(answer: bytes) -> None:
    """Read every actor of an answer and let go of it."""
    response = decode_response(LISTED, BytesIO(answer))
    if not isinstance(response, ActorsResponse):
        raise TypeError(f"expected actors, got {response}")
    deque(response.actors, maxlen=0)


def _timed(work: Callable[[], object]) -> float:
    """Milliseconds of processor time without garbage collection, and without freeing what the work gave."""
    gc.collect()
    gc.disable()
    started = process_time()
    result = work()
    taken = process_time() - started
    gc.enable()
    del result
    return taken * 1000
