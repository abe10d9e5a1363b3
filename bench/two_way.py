"""Runs in which more than one side has news: an ERP and the CRM, and an ERP whose news goes on to two other ERPs."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from time import perf_counter

from bench import tables
from bench.changes import Changes
from bench.connector import CHANGING
from bench.figures import Figure
from bench.loading import UniformErp, load
from bench.scene import Scene, frozen, scene
from brygga.erp import connectors
from brygga.erp.models import Connection, Connector, FieldMapping
from brygga.erp.services import mapping
from brygga.erp.services.connections import activate, define
from brygga.erp.services.sync import sync_now

CHANGED_LIMIT = 3.0
OTHERS = ("second", "third")


@dataclass(frozen=True)
class TwoWayPlan:
    """How much to measure: one in a hundred of the `links` is changed, on each side that has news."""

    links: int = 100_000
    repeats: int = 5
    goals: bool = True

    @property
    def changed(self) -> int:
        """How many records a side changes."""
        return max(1, self.links // 100)


QUICK_TWO_WAY = TwoWayPlan(links=500, repeats=1, goals=False)


def measure_two_way(plan: TwoWayPlan) -> Iterator[Figure]:
    """Both runs, each with the run after it; empties the tables in the end."""
    with scene(UniformErp(plan.links)) as made:
        load(made)
        with frozen():
            yield from _two_way(made, plan)
    with fanned_out(plan.links) as (made, others), frozen():
        yield from _fan_out(made, others, plan)


@contextmanager
def fanned_out(links: int) -> Iterator[tuple[Scene, list[Connection]]]:
    """A scene with so many links, and two other connections that are linked with the same companies."""
    with scene(UniformErp(links)) as made, ExitStack() as stack:
        for name in OTHERS:
            stack.enter_context(connectors.use(name, UniformErp(links)))
        others = [_another(made.connection, name) for name in OTHERS]
        load(made, others)
        yield made, others
        made.clear()
        Connection.objects.filter(pk__in=[one.pk for one in others]).update(deleted=True, active=False)


def _another(first: Connection, name: str) -> Connection:
    """An active connection with the same mapping, but to the ERP only: a field of the CRM has one source."""
    connector, _is_new = Connector.objects.get_or_create(name=name, url=f"plugin://{name}")
    made = define(connector, {"en": name}, {})
    mapped = {field.key: field for field in FieldMapping.objects.filter(actor__connection=first)}
    for field in FieldMapping.objects.filter(actor__connection=made).select_related("actor"):
        like = mapped[field.key]
        mapping.assign(field, like.crm_key, to_crm=False, to_erp=True, show_in_tab=True)
        mapping.set_items(field, dict(like.items.values_list("erp_item", "crm_item_id")))
    mapping.set_sync(made.actors.get(), True)
    activate(made)
    return made


def _two_way(made: Scene, plan: TwoWayPlan) -> tuple[Figure, Figure]:
    def change() -> list[str]:
        return [*made.erp.change(plan.changed), *made.change_companies(plan.changed)]

    def timed_run(fields: int) -> float:
        return made.timed_run(to_crm=fields, to_erp=fields)

    return _beside_floor(f"run with {plan.changed:,} of {plan.links:,} changed on each side", plan, change, timed_run)


def _fan_out(made: Scene, others: Sequence[Connection], plan: TwoWayPlan) -> tuple[Figure, Figure]:
    """The changed companies, three links of each, and the log of all three ways are the floor's to write as well."""

    def change() -> list[str]:
        return made.erp.change(plan.changed)

    def timed_run(fields: int) -> float:
        return timed_fan_out([made.connection, *others], fields)

    name = f"run with {plan.changed:,} of {plan.links:,} changed, carried on to two ERPs"
    return _beside_floor(name, plan, change, timed_run)


def timed_fan_out(connections: Sequence[Connection], fields: int) -> float:
    """Run a sync that has to bring so many field changes from the first ERP to all the others; returns seconds."""
    started = perf_counter()
    report = sync_now(connections, "bench")
    seconds = perf_counter() - started
    counts = [(part.to_crm, part.to_erp, part.failed) for part in report.connections]
    if counts != [(fields, 0, 0), *[(0, fields, 0)] * (len(connections) - 1)]:
        raise RuntimeError(f"expected {fields} changes carried on, got {counts} (to CRM, to ERP, failed)")
    return seconds


def _beside_floor(
    name: str, plan: TwoWayPlan, change: Callable[[], list[str]], timed_run: Callable[[int], float]
) -> tuple[Figure, Figure]:
    """The figure of a run, and that of the run after it: an ERP then delivers what it was given, as changed."""
    figure = Figure(name, limit=CHANGED_LIMIT if plan.goals else None)
    echo = Figure("  the run after it, which reads what was saved")
    for _ in range(plan.repeats):
        changes = Changes(change())
        tables.settle()
        gc.collect()
        figure.values.append(timed_run(plan.changed * len(CHANGING)) * 1000)
        figure.floors.append(changes.timed_write() * 1000)
        echo.values.append(timed_run(0) * 1000)
    return figure, echo
