"""What a run asks of the database: as many statements for many records as for few, and none that reads them all."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from bench.connector import CHANGING, MemoryErp
from bench.scene import Scene, scene
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bench import tables
from brygga.erp.engine.reconcile import SAVE_BATCH
from brygga.erp.models import Connection

pytestmark = pytest.mark.django_db(transaction=True)

FEW, MANY = 60, 400
"""Both are too many for a statement of their own on PostgreSQL, and fit into a page."""

PER_CALL = 40
"""More than a call of the ERP takes, for 200 records: before it they are read again, after it all is stored."""

LINKS = 3_000

WASTEFUL = r"SCAN (erp_link|crm_company)|SEARCH erp_link USING (?!INDEX link_dirty).*\(connection_id=\?\)"
"""How SQLite says so."""


def statements(work: Callable[[], object]) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        work()
    return [query["sql"] for query in captured.captured_queries]


def shapes(sqls: list[str]) -> list[str]:
    """How the statements begin, without the names of savepoints and how often a prepared one is run."""
    return [" ".join(re.sub(r'^\S+ times: |"s\d+_x\d+"', "", sql).split()[:3]) for sql in sqls]


@pytest.fixture
def imported() -> Iterator[Scene]:
    with scene(MemoryErp(LINKS)) as made:
        made.timed_import()
        made.timed_run()
        yield made


def import_of(count: int) -> list[str]:
    with scene(MemoryErp(count)) as made:
        return statements(made.timed_import)


def test_an_import_takes_as_many_statements_for_many_actors_as_for_few() -> None:
    assert len(import_of(MANY)) == len(import_of(FEW))


def test_a_poll_takes_as_many_statements_for_many_changes_as_for_few(imported: Scene) -> None:
    def poll(count: int) -> list[str]:
        imported.erp.change(count)
        return statements(lambda: imported.timed_run(to_crm=count * len(CHANGING)))

    assert shapes(poll(MANY)) == shapes(poll(FEW))


def test_a_push_takes_more_statements_for_each_call_of_the_erp_only(imported: Scene) -> None:
    def push(count: int) -> int:
        imported.change_companies(count)
        made = len(statements(lambda: imported.timed_run(to_erp=count * len(CHANGING))))
        imported.timed_run()
        return made

    one_call, two_calls, three_calls = (push(calls * SAVE_BATCH) for calls in (1, 2, 3))

    assert push(FEW) == push(SAVE_BATCH) == one_call
    assert max(two_calls - one_call, three_calls - two_calls) < PER_CALL


@pytest.mark.parametrize("statistics", ["none", "fresh", "of another connection"])
def test_no_statement_of_a_run_reads_more_than_it_is_about(statistics: str) -> None:
    """Whatever the database knows about its tables: nothing right after a first import, little after another one."""
    if statistics == "of another connection":
        with scene(MemoryErp(LINKS)) as before:
            before.timed_import()
            tables.settle()
            Connection.objects.update(active=False, deleted=True)
    with scene(MemoryErp(LINKS)) as made:
        made.timed_import()
        if statistics == "fresh":
            tables.settle()
        made.erp.change(FEW)
        made.change_companies(FEW)
        fields = FEW * len(CHANGING)
        sqls = statements(lambda: made.timed_run(to_crm=fields, to_erp=fields))

        reading = [sql for sql in sqls if sql.lstrip().startswith("SELECT") and re.search("erp_link|crm_company", sql)]
        assert len(reading) > 5
        assert {sql: too_much for sql in reading if (too_much := excess(sql))} == {}


def excess(sql: str) -> list[str]:
    """The parts of the plan that read what they then throw away: whole tables, or a wide range of an index."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}")
            plan = document(cursor.fetchone()[0])[0]["Plan"]
            return [f"{node['Node Type']} {node.get('Index Name')}" for node in nodes(plan) if wasteful(node)]
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        return [row[3] for row in cursor.fetchall() if re.match(WASTEFUL, row[3])]


def document(text: Any) -> Any:
    return json.loads(text) if isinstance(text, str) else text


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


def wasteful(node: dict[str, Any]) -> bool:
    return node["Node Type"] == "Seq Scan" or node.get("Rows Removed by Filter", 0) > FEW
