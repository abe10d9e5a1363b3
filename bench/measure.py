"""The measurements on one database: imports, runs without changes, runs with changes, memory."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from django.db import connection

from bench import tables
from bench.beside import instead, second_database
from bench.changes import Changes
from bench.connector import CHANGING, MemoryErp
from bench.figures import Figure
from bench.scene import Scene, frozen, scene

IMPORT_LIMIT = {"sqlite": 4.0, "postgresql": 3.5}
CHANGED_LIMIT = 3.0
QUIET_LIMIT_MS = 20.0
GROWTH_LIMIT = 1.3
MEMORY_LIMIT_MB = 400.0


@dataclass(frozen=True)
class Plan:
    """How much to measure: `links` in rising order; imports and changes are measured from `from_links` links on.

    With `peers_at` links the import's rows are made by `bulk_create`, too. The goals are for the full plan: with
    few rows it is the fixed costs of a run that are measured, so then there are none.
    """

    links: tuple[int, ...] = (1_000, 10_000, 100_000)
    from_links: int = 10_000
    peers_at: int = 10_000
    imports: int = 5
    quiet_runs: int = 25
    runs: int = 5
    goals: bool = True

    @property
    def changed(self) -> int:
        """One in a hundred of the most links."""
        return max(1, self.links[-1] // 100)


QUICK = Plan(links=(100, 1_000), from_links=1_000, peers_at=1_000, imports=1, quiet_runs=1, runs=1, goals=False)


def measure(plan: Plan) -> Iterator[Figure]:
    """Every figure of a database, one after the other; leaves the tables filled."""
    for figure in _figures(plan):
        yield figure if plan.goals else replace(figure, limit=None)


def _figures(plan: Plan) -> Iterator[Figure]:
    for count in plan.links:
        with scene(MemoryErp(count)) as made, frozen():
            imports = list(_imports(made, plan, plan.imports if count >= plan.from_links else 1))
            if count >= plan.from_links:
                yield from imports
            yield _quiet(made, plan.quiet_runs)
            if count == plan.links[-1]:
                yield _growth(made, plan)
                yield _changed(made, plan)
                yield _changed_in_crm(made, plan)


def memory(plan: Plan) -> Figure:
    """What the largest import takes besides what the process had, measured in a process of its own."""
    command = [sys.executable, "-m", "bench.memory", str(plan.links[-1])]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    limit = MEMORY_LIMIT_MB if plan.goals else None
    return Figure(f"memory of importing {plan.links[-1]:,}", [json.loads(output)], unit="MB", limit=limit)


def _imports(made: Scene, plan: Plan, repeats: int) -> Iterator[Figure]:
    """Import, floor and peer in turn. All load the rows of the first import, of which the others are repeats."""
    count = f"{made.erp.count:,}"
    figure = Figure(f"import of {count}", limit=IMPORT_LIMIT[connection.vendor])
    log = Figure(f"  the log's part of that floor, {count}")
    peer = Figure(f"  the same rows by bulk_create, {count}", floors=figure.floors)
    dump: tables.Dump | None = None
    for _ in range(repeats):
        made.clear()
        tables.settle()
        gc.collect()
        figure.values.append(made.timed_import() * 1000)
        dump = dump or tables.Dump()
        gc.freeze()
        whole, of_log = dump.timed_load()
        figure.floors.append(whole * 1000)
        log.values.append(of_log * 1000)
        if made.erp.count == plan.peers_at:
            peer.values.append(tables.timed_bulk_create() * 1000)
    yield from (figure, log)
    if peer.values:
        yield peer


def _quiet(made: Scene, repeats: int) -> Figure:
    """The first run is not counted: it opens what later runs find open."""
    tables.settle()
    made.timed_run()
    values = [made.timed_run() * 1000 for _ in range(repeats)]
    return Figure(f"run without changes, {made.erp.count:,} links", values, limit=QUIET_LIMIT_MS)


def _growth(made: Scene, plan: Plan) -> Figure:
    """Runs with many links and with few in turn: what else the machine does changes from one minute to the next."""
    figure = Figure(f"  the same beside {plan.links[0]:,} links", limit=GROWTH_LIMIT)
    with second_database() as second:
        with instead(second), scene(MemoryErp(plan.links[0])) as small:
            small.timed_import()
            tables.settle()
            small.timed_run()
        for _ in range(plan.quiet_runs):
            figure.values.append(made.timed_run() * 1000)
            with instead(second):
                figure.floors.append(small.timed_run() * 1000)
    return figure


def _changed(made: Scene, plan: Plan) -> Figure:
    figure = Figure(f"run with {plan.changed:,} of {made.erp.count:,} changed", limit=CHANGED_LIMIT)
    fields = plan.changed * len(CHANGING)
    return _beside_floor(figure, plan, made.erp.change, lambda: made.timed_run(to_crm=fields))


def _changed_in_crm(made: Scene, plan: Plan) -> Figure:
    """The ERP is asked for the records and is given them, so there is more to do than the floor knows of."""
    figure = Figure("  the same, changed in the CRM")
    fields = plan.changed * len(CHANGING)
    return _beside_floor(figure, plan, made.change_companies, lambda: made.timed_run(to_erp=fields))


def _beside_floor(
    figure: Figure, plan: Plan, change: Callable[[int], list[str]], timed_run: Callable[[], float]
) -> Figure:
    for _ in range(plan.runs):
        changes = Changes(change(plan.changed))
        tables.settle()
        gc.collect()
        figure.values.append(timed_run() * 1000)
        figure.floors.append(changes.timed_write() * 1000)
    return figure
