"""Operations are timed from request to answer, and take as many statements for many links as for few."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from bench.api import QUICK_API, Call, calls, measure_api, p95, server
from bench.two_way import fanned_out
from django.db import connection

from brygga.erp.models import Connection

pytestmark = pytest.mark.django_db(transaction=True)


def statements(work: Callable[[], object]) -> int:
    """How many; Django's own list of them is emptied by each request."""
    made: list[str] = []

    def note(execute: Callable[..., Any], sql: str, *more: Any) -> Any:
        made.append(sql)
        return execute(sql, *more)

    with connection.execute_wrapper(note):
        work()
    return len(made)


def test_operations_are_measured_beside_an_empty_view() -> None:
    figures = list(measure_api(replace(QUICK_API, goals=True)))

    assert [(figure.name, figure.limit) for figure in figures] == [
        ("an empty view, p95 of 20 calls, 500 links", None),
        ("GetConnectionsAndDisplayFields, p95 of 20 calls, 500 links", 50.0),
        ("GetActorTypeMapping, p95 of 20 calls, 500 links", 50.0),
        ("GetAllConnections, p95 of 20 calls, 500 links", 50.0),
    ]
    assert all(len(figure.values) == 1 and figure.median > 0 for figure in figures)


def test_an_operation_takes_as_many_statements_for_many_links_and_connections_as_for_few() -> None:
    def taken(links: int, others: int) -> dict[str, int]:
        with fanned_out(links) as (made, more), server() as timed:
            Connection.objects.filter(pk__in=[one.pk for one in more[others:]]).update(deleted=True)
            asked = calls([made.connection, *more[:others]], 3)
            return {call.name: statements(partial(timed, call)) for call in asked}

    few, many = taken(5, 1), taken(50, 2)

    assert few == many
    assert few["an empty view"] == 0
    assert max(few.values()) < 10


def test_refuses_to_time_a_call_that_was_answered_otherwise() -> None:
    with server() as timed, pytest.raises(RuntimeError, match="expected 7 objects, got 0"):
        timed(Call("GetAllConnections", "/api/v1/Agents/ErpSync/GetAllConnections", b"{}", 7))


def test_p95_is_the_time_that_five_of_a_hundred_calls_exceed() -> None:
    taken = [float(number) for number in range(1, 101)]

    assert sum(one > p95(taken) for one in taken) == 5
