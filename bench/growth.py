"""What a run with a fixed number of changes costs as the links grow, and what a run costs that has nothing to do.

The most links are in one database and fewer in a second one, and runs alternate between the two.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.db.backends.base.base import BaseDatabaseWrapper

from bench import tables
from bench.beside import instead, second_database
from bench.changes import Changes
from bench.connector import CHANGING
from bench.figures import Figure
from bench.loading import UniformErp, load
from bench.scene import Scene, scene

GROWTH_LIMIT = 1.3


@dataclass(frozen=True)
class GrowthPlan:
    """How much to measure: `changes` on each side, with the most links and beside each of the `fewer`.

    The goal for growth is for the step from `judged` links to the most of them.
    """

    fewer: tuple[int, ...] = (1_000, 10_000)
    most: int = 1_000_000
    judged: int = 10_000
    changes: int = 200
    repeats: int = 9
    goals: bool = True


QUICK_GROWTH = GrowthPlan(fewer=(100, 200), most=400, judged=200, changes=5, repeats=1, goals=False)


def measure_growth(plan: GrowthPlan) -> Iterator[Figure]:
    """Every figure of growth, one after the other; empties the tables in the end."""
    with scene(UniformErp(plan.most)) as made:
        load(made)
        for figure in _figures(made, plan):
            yield figure if plan.goals else replace(figure, limit=None)
        made.clear()


def _figures(made: Scene, plan: GrowthPlan) -> Iterator[Figure]:
    yield _beside_floor(made, plan)
    with second_database() as second:
        for count in plan.fewer:
            with instead(second), scene(UniformErp(count)) as few:
                load(few)
            limit = GROWTH_LIMIT if count == plan.judged else None
            yield _in_turn(Figure(f"  the same beside {count:,} links", limit=limit), made, few, second, plan)
            if count == plan.judged:
                quiet = Figure(f"run without changes, {plan.most:,} beside {count:,} links", limit=limit)
                yield _in_turn(quiet, made, few, second, replace(plan, changes=0))


def _beside_floor(made: Scene, plan: GrowthPlan) -> Figure:
    """No goal: with so few changes it is the fixed costs of a run that are measured.

    The first run is not counted, here and below: it opens what later runs find open.
    """
    name = f"run with {plan.changes} changed on each side, {plan.most:,} links"
    figure = Figure(name)
    _timed_run(made, plan.changes)
    for _ in range(plan.repeats):
        tables.settle()
        keys = made.erp.change(plan.changes), made.change_companies(plan.changes)
        changes = Changes([*keys[0], *keys[1]])
        figure.values.append(_timed(made, plan.changes))
        figure.floors.append(changes.timed_write() * 1000)
    return figure


def _in_turn(figure: Figure, many: Scene, few: Scene, second: BaseDatabaseWrapper, plan: GrowthPlan) -> Figure:
    for turn in range(plan.repeats + 1):
        taken = _timed_run(many, plan.changes)
        with instead(second):
            beside = _timed_run(few, plan.changes)
        if turn:
            figure.values.append(taken)
            figure.floors.append(beside)
    return figure


def _timed_run(made: Scene, changes: int) -> float:
    """Change so many customers and so many other companies, and time the run that carries this over, in ms."""
    if changes:
        made.erp.change(changes)
        made.change_companies(changes)
    return _timed(made, changes)


def _timed(made: Scene, changes: int) -> float:
    gc.collect()
    fields = changes * len(CHANGING)
    return made.timed_run(to_crm=fields, to_erp=fields) * 1000
