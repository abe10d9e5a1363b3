"""The measurements on one database: imports, runs without changes, runs with changes, memory."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection

from bench import tables
from bench.changes import Changes
from bench.connector import CHANGING, MemoryErp
from bench.figures import Figure
from bench.scene import Scene, scene

IMPORT_LIMIT = {"sqlite": 4.0, "postgresql": 3.5}
CHANGED_LIMIT = 3.0
QUIET_LIMIT_MS = 20.0
GROWTH_LIMIT = 1.3
MEMORY_LIMIT_MB = 400.0


@dataclass(frozen=True)
class Plan:
    """How much to measure: `links` in rising order; imports and changes are measured from `from_links` links on."""

    links: tuple[int, ...] = (1_000, 10_000, 100_000)
    from_links: int = 10_000
    imports: int = 5
    quiet_runs: int = 25
    runs: int = 5

    @property
    def changed(self) -> int:
        """One in a hundred of the most links."""
        return max(1, self.links[-1] // 100)


QUICK = Plan(links=(100, 1_000), from_links=1_000, imports=1, quiet_runs=1, runs=1)


def measure(plan: Plan) -> Iterator[Figure]:
    """Every figure of a database, one after the other; leaves the tables filled."""
    quiet = []
    for count in plan.links:
        with scene(MemoryErp(count)) as made, _frozen():
            imports = _imports(made, plan.imports if count >= plan.from_links else 1)
            if count >= plan.from_links:
                yield imports
            quiet.append(_quiet(made, plan.quiet_runs))
            yield quiet[-1]
            if count == plan.links[-1]:
                yield _changed(made, plan)
    yield Figure(
        f"the same, {plan.links[-1]:,} beside {plan.links[0]:,} links", quiet[-1].values, quiet[0].values,
        limit=GROWTH_LIMIT,
    )  # fmt: skip


def memory(plan: Plan) -> Figure:
    """What the largest import takes besides what the process had, measured in a process of its own."""
    command = [sys.executable, "-m", "bench.memory", str(plan.links[-1])]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return Figure(f"memory of importing {plan.links[-1]:,}", [json.loads(output)], unit="MB", limit=MEMORY_LIMIT_MB)


def _imports(made: Scene, repeats: int) -> Figure:
    """Import and floor in turn. The floor loads the rows of the first import, of which the others are repeats."""
    figure = Figure(f"import of {made.erp.count:,}", limit=IMPORT_LIMIT[connection.vendor])
    dump: tables.Dump | None = None
    for _ in range(repeats):
        made.clear()
        tables.settle()
        gc.collect()
        figure.values.append(made.timed_import() * 1000)
        dump = dump or tables.Dump()
        gc.freeze()
        figure.floors.append(dump.timed_load() * 1000)
    return figure


def _quiet(made: Scene, repeats: int) -> Figure:
    """The first run is not counted: it opens what later runs find open."""
    tables.settle()
    made.timed_run(changes=0)
    values = [made.timed_run(changes=0) * 1000 for _ in range(repeats)]
    return Figure(f"run without changes, {made.erp.count:,} links", values, limit=QUIET_LIMIT_MS)


def _changed(made: Scene, plan: Plan) -> Figure:
    figure = Figure(f"run with {plan.changed:,} of {made.erp.count:,} changed", limit=CHANGED_LIMIT)
    for _ in range(plan.runs):
        keys = made.erp.change(plan.changed)
        changes = Changes(keys)
        tables.settle()
        gc.collect()
        figure.values.append(made.timed_run(len(keys) * len(CHANGING)) * 1000)
        figure.floors.append(changes.timed_write() * 1000)
    return figure


@contextmanager
def _frozen() -> Iterator[None]:
    """Keep the garbage collector from walking through what the ERP in memory holds; no real one is in memory."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
