"""Operations of the agent API on a database with many links, beside a view that does nothing, call by call in turn.

The calls go through the whole WSGI application: middleware, token, rights, reading and writing JSON.
"""

from __future__ import annotations

import gc
import json
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

from django.core.handlers.wsgi import WSGIHandler
from django.test import override_settings

from bench.api_addresses import EMPTY
from bench.connector import FIELDS
from bench.figures import Figure
from bench.requests import Asking, p95
from bench.two_way import fanned_out
from brygga.crm.models.users import ERP_SYNC
from brygga.crm.services.tokens import create_token
from brygga.crm.services.users import create_user
from brygga.erp.models import Connection

P95_LIMIT_MS = 50.0
OPERATIONS = "/api/v1/Agents/ErpSync/"

Timed: TypeAlias = "Callable[[Call], float]"


@dataclass(frozen=True)
class ApiPlan:
    """How much to measure: each of three connections has so many links; a round is so many calls of each kind."""

    links: int = 100_000
    calls: int = 200
    rounds: int = 3
    goals: bool = True


QUICK_API = ApiPlan(links=500, calls=20, rounds=1, goals=False)


@dataclass(frozen=True)
class Call:
    """A request, and how many objects its answer has to hold, all in all."""

    name: str
    address: str
    body: bytes = b""
    objects: int = 0


def measure_api(plan: ApiPlan) -> Iterator[Figure]:
    """A figure for each operation and for the empty view; a value is the 95th percentile of a round."""
    with fanned_out(plan.links) as (made, others), server() as timed:
        figures = {call: _figure(call, plan) for call in calls([made.connection, *others], plan.links // 2)}
        for call in figures:
            timed(call)
        for _ in range(plan.rounds):
            for call, taken in _round(timed, list(figures), plan.calls).items():
                figures[call].values.append(p95(taken))
        yield from figures.values()


def calls(connections: Sequence[Connection], record_id: int) -> list[Call]:
    """What the ERP tab and the administration ask for most; the record is linked with every connection."""
    record = {"CrmActorType": "Contact", "EntityId": record_id}
    actor_type = {"ErpConnectionId": connections[0].pk, "ActorType": "Customer"}
    shown = len(FIELDS) * (len(connections) - 1)  # the first connection shows no field in the tab
    return [
        Call("an empty view", EMPTY),
        _operation("GetConnectionsAndDisplayFields", record, len(connections) + shown),
        _operation("GetActorTypeMapping", actor_type, 1 + len(FIELDS)),
        _operation("GetAllConnections", {"IncludeDeleted": False}, len(connections)),
    ]


def _operation(name: str, body: dict[str, Any], objects: int) -> Call:
    return Call(name, OPERATIONS + name, json.dumps(body).encode(), objects)


def _figure(call: Call, plan: ApiPlan) -> Figure:
    name = f"{call.name}, p95 of {plan.calls} calls, {plan.links:,} links"
    return Figure(name, limit=P95_LIMIT_MS if plan.goals and call.objects else None)


def _round(timed: Timed, asked: Sequence[Call], count: int) -> dict[Call, list[float]]:
    taken: dict[Call, list[float]] = {call: [] for call in asked}
    gc.collect()
    for _ in range(count):
        for call in asked:
            taken[call].append(timed(call))
    return taken


@contextmanager
def server() -> Iterator[Timed]:
    """The WSGI application with the empty view, and what calls it in the name of a new administrator.

    Gives a function that makes a call and returns milliseconds. It raises RuntimeError for another answer than that
    which was meant.
    """
    user = create_user(f"bench-{secrets.token_hex(4)}", secrets.token_hex(16), administrator=True, licences=[ERP_SYNC])
    _token, key = create_token(user, "bench")
    with override_settings(ROOT_URLCONF="bench.api_addresses"):
        application = WSGIHandler()
        yield lambda call: _timed(application, call, key)
    user.delete()


def _timed(application: WSGIHandler, call: Call, key: str) -> float:
    asking = Asking("POST", call.address, {"HTTP_AUTHORIZATION": f"Bearer {key}"}, call.body)
    answer = asking.timed(application)
    objects = answer.body.count(b"{")
    if answer.status != "200 OK" or objects != call.objects:
        told = f"{answer.status} {answer.body[:500]!r}"
        raise RuntimeError(f"{call.name}: expected {call.objects} objects, got {objects}: {told}")
    return answer.milliseconds
