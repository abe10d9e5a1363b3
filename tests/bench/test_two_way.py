"""Runs in which several sides have news carry over what was changed, and their floor writes the very same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest
from bench.changes import Changes
from bench.connector import CHANGING
from bench.scene import Scene
from bench.two_way import QUICK_TWO_WAY, fanned_out, measure_two_way, timed_fan_out

from bench import tables
from brygga.crm.models import Company
from brygga.erp.models import Connection, Link, LogEntry

pytestmark = pytest.mark.django_db(transaction=True)

Fanned = tuple[Scene, list[Connection]]


@pytest.fixture
def fanned() -> Iterator[Fanned]:
    with fanned_out(40) as (made, others):
        yield made, others


def test_other_connections_are_linked_with_the_same_companies_and_get_what_one_erp_brings(fanned: Fanned) -> None:
    made, others = fanned
    connections = [made.connection, *others]
    assert [sorted(one.links.values_list("record_id", flat=True)) for one in connections] == [list(range(1, 41))] * 3

    made.erp.change(2)
    timed_fan_out(connections, 2 * len(CHANGING))

    written = Counter(LogEntry.objects.values_list("connection_id", "target"))
    assert written == {(one.pk, "erp" if one in others else "crm"): 2 * len(CHANGING) for one in connections}


def test_refuses_to_time_a_run_that_carried_on_something_else(fanned: Fanned) -> None:
    made, others = fanned
    made.erp.change(2)

    with pytest.raises(RuntimeError, match="expected 2 changes carried on"):
        timed_fan_out([made.connection, *others], 2)


def test_floor_of_carrying_on_writes_what_the_run_wrote(fanned: Fanned) -> None:
    made, others = fanned
    changes = Changes(made.erp.change(2))
    timed_fan_out([made.connection, *others], 2 * len(CHANGING))
    after = {model: tables.select(model, "ORDER BY id") for model in (Company, Link, LogEntry)}

    changes.timed_write()

    assert {model: tables.select(model, "ORDER BY id") for model in after} == after
    assert len(after[LogEntry]) == 3 * 2 * len(CHANGING)


def test_connections_of_the_fan_out_are_gone_afterwards() -> None:
    with fanned_out(5):
        pass

    assert [one.name for one in Connection.objects.filter(deleted=False)] == ["Bench"]
    assert not Link.objects.exists()


def test_both_runs_are_measured_and_judged() -> None:
    figures = list(measure_two_way(replace(QUICK_TWO_WAY, goals=True)))

    assert [(figure.name, figure.limit) for figure in figures] == [
        ("run with 5 of 500 changed on each side", 3.0),
        ("  the run after it, which reads what was saved", None),
        ("run with 5 of 500 changed, carried on to two ERPs", 3.0),
        ("  the run after it, which reads what was saved", None),
    ]
    assert all(one > 0 for figure in figures for one in figure.values + figure.floors)
    assert [len(figure.floors) for figure in figures] == [1, 0, 1, 0]
