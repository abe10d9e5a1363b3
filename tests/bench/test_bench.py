"""The benchmarks: they measure what they say, on the database under test, and judge by the goals."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from bench.__main__ import main
from bench.beside import instead, second_database
from bench.changes import Changes
from bench.connector import CHANGING, FIELDS, MemoryErp, customer
from bench.figures import Figure
from bench.measure import Plan, measure
from bench.scene import scene
from django.db import connection

from bench import tables
from brygga.contract import ActorType
from brygga.crm.models import Company
from brygga.erp.models import Link, LogEntry
from brygga.erp.services.sync import sync_now

SMALL = Plan(links=(20, 200), from_links=200, peers_at=200, imports=1, quiet_runs=1, runs=1)


@pytest.mark.django_db(transaction=True)
def test_measures_imports_and_runs_beside_their_floors() -> None:
    figures = {figure.name: figure for figure in measure(SMALL)}

    assert list(figures) == [
        "run without changes, 20 links",
        "import of 200",
        "  the log's part of that floor, 200",
        "  the same rows by bulk_create, 200",
        "run without changes, 200 links",
        "  the same beside 20 links",
        "run with 2 of 200 changed",
        "  the same, changed in the CRM",
    ]
    assert all(value > 0 for figure in figures.values() for value in figure.values + figure.floors)
    assert figures["import of 200"].ratio is not None
    assert figures["import of 200"].limit == (4.0 if connection.vendor == "sqlite" else 3.5)


@pytest.mark.django_db(transaction=True)
def test_floor_of_an_import_loads_the_same_rows() -> None:
    with scene(MemoryErp(30)) as made:
        made.timed_import()
        before = {model: tables.select(model, "ORDER BY id") for model in (Company, Link, LogEntry)}

        tables.Dump().timed_load()

        assert {model: tables.select(model, "ORDER BY id") for model in before} == before
        assert len(before[Link]) == 30
        assert len(before[LogEntry]) == 30 * len(FIELDS)


@pytest.mark.django_db(transaction=True)
def test_floor_of_a_run_writes_what_the_run_wrote() -> None:
    with scene(MemoryErp(50)) as made:
        made.timed_import()
        changes = Changes(made.erp.change(5))
        made.timed_run(5 * len(CHANGING))
        after = {model: tables.select(model, "ORDER BY id") for model in (Company, Link, LogEntry)}

        changes.timed_write()

        assert {model: tables.select(model, "ORDER BY id") for model in after} == after


@pytest.mark.django_db(transaction=True)
def test_floor_of_a_run_from_the_crm_writes_what_the_run_wrote() -> None:
    with scene(MemoryErp(50)) as made:
        made.timed_import()
        changes = Changes(made.change_companies(5))
        made.timed_run(to_erp=5 * len(CHANGING))
        after = {model: tables.select(model, "ORDER BY id") for model in (Company, Link, LogEntry)}

        changes.timed_write()

        assert {model: tables.select(model, "ORDER BY id") for model in after} == after
        assert made.timed_run() > 0


@pytest.mark.django_db(transaction=True)
def test_bulk_create_makes_the_same_rows() -> None:
    """All but the moment at which a link was made, which is Django's to set."""

    def made_rows() -> list[list[dict[str, object]]]:
        values = [list(model.objects.order_by("id").values()) for model in (Company, Link, LogEntry)]
        return [[{**row, "created_at": None} for row in rows] for rows in values]

    with scene(MemoryErp(7)) as made:
        made.timed_import()
        before = made_rows()

        tables.timed_bulk_create(batch=5)

        assert made_rows() == before
        assert [len(rows) for rows in before] == [7, 7, 7 * len(FIELDS)]


@pytest.mark.django_db(transaction=True)
def test_second_database_is_another_one_and_goes() -> None:
    with scene(MemoryErp(3)) as made:
        made.timed_import()

        with second_database() as second, instead(second), scene(MemoryErp(5)) as other:
            other.timed_import()
            assert Company.objects.count() == 5

        assert Company.objects.count() == 3
        with second_database() as second, instead(second):
            assert Company.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_refuses_to_time_a_run_that_did_something_else() -> None:
    with scene(MemoryErp(10)) as made:
        made.timed_import()
        made.erp.change(1)

        with pytest.raises(RuntimeError, match="expected"):
            made.timed_run()


@pytest.mark.django_db(transaction=True)
def test_every_field_of_the_memory_erp_reaches_the_crm() -> None:
    with scene(MemoryErp(1)) as made:
        made.timed_import()
        report = sync_now([made.connection], "test")
        company = Company.objects.get()

        assert report.changes == 0
        assert (company.number2, company.streetzip, company.category.text) == ("1", "10001", "Industry")
        assert company.extra == {"credit": 12.5, "since": "1991-02-02"}


def test_change_spreads_over_the_customers_and_raises_their_stamps() -> None:
    erp = MemoryErp(100)

    keys = erp.change(4)

    delivered = list(erp.get_actors_by_timestamp("", "101", ActorType.CUSTOMER, []).actors)
    assert [actor.erp_key for actor in delivered] == keys
    assert len(set(keys)) == 4
    assert delivered[0].fields["PHONE"] != customer(1).fields["PHONE"]


def test_customers_that_are_not_kept_are_the_same() -> None:
    kept, streamed = (
        list(MemoryErp(3, kept).get_actors_by_timestamp("", "", ActorType.CUSTOMER, []).actors)
        for kept in (True, False)
    )

    assert kept == streamed == [customer(1), customer(2), customer(3)]


@pytest.mark.parametrize(
    ("figure", "met"),
    [
        (Figure("ratio", [8.0, 12.0, 7.0], [4.0, 4.0, 4.0], limit=2.0), True),
        (Figure("ratio", [9.0], [4.0], limit=2.0), False),
        (Figure("value", [19.0], limit=20.0), True),
        (Figure("value", [21.0], limit=20.0), False),
        (Figure("information", [21.0]), None),
    ],
)
def test_goal_is_a_ratio_where_there_is_a_floor(figure: Figure, met: bool | None) -> None:
    assert figure.met is met
    assert Figure.from_json(figure.as_json()) == figure


def test_command_measures_a_throw_away_database(tmp_path: Path, monkeypatch, capfd) -> None:
    """SQLite whatever is under test: the other database is measured in the same way by the same code."""
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    file, page = tmp_path / "figures.json", tmp_path / "figures.md"

    assert main(["--quick", "--database", "sqlite", "--json", str(file), "--markdown", str(page)]) == 0

    document = json.loads(file.read_text(encoding="utf-8"))
    names = [figure["name"] for figure in document["sqlite"]["figures"]]
    assert document["sqlite"]["version"].startswith("SQLite 3.")
    assert {figure["limit"] for figure in document["sqlite"]["figures"]} == {None}
    assert {"memory of importing 1,000", "import of 1,000", "run with 10 of 1,000 changed"} <= set(names)
    assert "| import of 1,000 |" in page.read_text(encoding="utf-8")
    assert "import of 1,000" in capfd.readouterr().out


def test_help_says_what_it_measures() -> None:
    run = subprocess.run([sys.executable, "-m", "bench", "--help"], capture_output=True, text=True, check=True)

    assert "import and sync" in run.stdout
