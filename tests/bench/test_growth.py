"""Links that are loaded are those that an import makes, and runs on many and on few of them are told apart."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from bench.connector import CHANGING
from bench.growth import QUICK_GROWTH, measure_growth
from bench.loading import UniformErp, load
from bench.scene import scene

from brygga.crm.models import Company
from brygga.erp.models import Link
from brygga.erp.services.importing import Selection, import_actors

pytestmark = pytest.mark.django_db(transaction=True)

UNLIKE = {"id", "record_id", "created_at", "updated_at"}
"""What differs between a row that was loaded and one that was imported."""


def rows(model: type[Company] | type[Link]) -> list[dict[str, Any]]:
    found = model._default_manager.order_by("id").values()
    return [{name: value for name, value in row.items() if name not in UNLIKE} for row in found]


def test_loaded_rows_are_those_that_an_import_makes() -> None:
    erp = UniformErp(3)
    with scene(erp) as made:
        load(made)
        loaded = rows(Company), rows(Link)
        made.clear()

        import_actors(made.connection, "Customer", Selection(keys=erp.spread(3)), by="test")

        assert (rows(Company), rows(Link)) == loaded
        assert [company["name"] for company in loaded[0]] == [f"Företag 100000{number} AB" for number in (1, 2, 3)]


def test_a_run_finds_nothing_to_do_in_loaded_links_and_carries_over_what_changes_then() -> None:
    with scene(UniformErp(20)) as made:
        load(made)
        assert made.timed_run() > 0

        made.erp.change(4)
        made.change_companies(4)

        assert made.timed_run(to_crm=4 * len(CHANGING), to_erp=4 * len(CHANGING)) > 0
        assert made.timed_run() > 0


def test_customers_that_are_changed_are_spread_and_others_the_next_time() -> None:
    erp = UniformErp(100)

    first, second = erp.change(4), erp.change(4)

    assert [int(key[1:]) - 1_000_000 for key in first] == [1, 26, 51, 76]
    assert not set(first) & set(second)


def test_every_figure_of_growth_is_measured_and_judged() -> None:
    figures = list(measure_growth(replace(QUICK_GROWTH, goals=True)))

    assert [(figure.name, figure.limit) for figure in figures] == [
        ("run with 5 changed on each side, 400 links", None),
        ("  the same beside 100 links", None),
        ("  the same beside 200 links", 1.3),
        ("run without changes, 400 beside 200 links", 1.3),
    ]
    assert all(one > 0 for figure in figures for one in figure.values + figure.floors)
    assert all(len(figure.values) == len(figure.floors) == 1 for figure in figures)
    assert not Link.objects.exists()
