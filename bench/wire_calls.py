"""Small calls on one connection, by Brygga's client and by urllib3 alone, call by call in turn.

Of each kind of call the tenth that ended first counts, by its slowest: a machine that is busy with something else
interrupts many of the calls, and those tell more of it than of either side. On an idle one the median says the same.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from statistics import mean
from time import perf_counter

import urllib3

from bench.figures import Figure
from bench.wire_messages import SmallCall, small_calls
from bench.wire_server import serving
from brygga.contract import ActorsResponse
from brygga.soap.client import SoapConnector
from brygga.soap.transport import HEADERS

CALLS_LIMIT = 1.5

Caller = Callable[[SmallCall], object]


def small_calls_figure(calls: int, repeats: int) -> Figure:
    """What a call takes, on average over the kinds of call, beside urllib3; one round of `calls` for each repeat."""
    figure = Figure(f"{calls} small calls, each", unit="us", limit=CALLS_LIMIT)
    with serving() as url:
        connector, pool = SoapConnector(url), urllib3.PoolManager().connection_from_url(url)
        ours, bare = _calling(connector), _posting(pool, urllib3.util.parse_url(url).request_uri)
        try:
            _round(ours, bare, calls)
            for _ in range(repeats):
                value, floor = _round(ours, bare, calls)
                figure.values.append(value)
                figure.floors.append(floor)
        finally:
            connector.close()
            pool.close()
    return figure


def _calling(connector: SoapConnector) -> Caller:
    """Calls the connector and reads the answer to its end."""

    def call(small: SmallCall) -> None:
        response = connector.call(small.operation, small.arguments)
        actors = list(response.actors) if isinstance(response, ActorsResponse) else []
        if len(actors) != small.actors:
            raise RuntimeError(f"expected {small.actors} actors, got {len(actors)}")

    return call


def _posting(pool: urllib3.HTTPConnectionPool, target: str) -> Caller:
    """Posts the same bytes with the same headers and reads the reply, without looking into it."""

    def call(small: SmallCall) -> None:
        headers = {**HEADERS, "SOAPAction": f'"{small.operation.action}"'}
        reply = pool.request("POST", target, body=small.request, headers=headers)
        if len(reply.data) != len(small.answer):
            raise RuntimeError(f"expected {len(small.answer)} bytes, got {len(reply.data)}")

    return call


def _round(ours: Caller, bare: Caller, calls: int) -> tuple[float, float]:
    """Microseconds of a call, ours and bare."""
    kinds = small_calls()
    times: dict[Caller, list[list[float]]] = {caller: [[] for _ in kinds] for caller in (ours, bare)}
    gc.collect()
    gc.disable()
    try:
        for turn in range(calls):
            for caller, taken in times.items():
                taken[turn % len(kinds)].append(_timed(caller, kinds[turn % len(kinds)]))
    finally:
        gc.enable()
    return mean(map(_undisturbed, times[ours])), mean(map(_undisturbed, times[bare]))


def _undisturbed(taken: list[float]) -> float:
    return sorted(taken)[len(taken) // 10]


def _timed(call: Caller, small: SmallCall) -> float:
    started = perf_counter()
    call(small)
    return (perf_counter() - started) * 1e6
