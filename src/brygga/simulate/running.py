"""Running schedules: build the scene once, carry out the steps, let the world come to rest, check the promises."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from sqlite3 import Connection

from django.core.management import call_command

from brygga.erp import connectors
from brygga.erp.models import LogEntry, WaitingLink
from brygga.erp.services.sync import sync_now
from brygga.simulate import machine, operating, people, planning, scene
from brygga.simulate.doing import do
from brygga.simulate.erp import SimulatedErp
from brygga.simulate.promises import broken
from brygga.simulate.schedule import Schedule, make
from brygga.simulate.world import Start, World

STEPS = (people, operating, planning)
"""The modules that know how steps are done."""

_BEFORE = datetime(2029, 12, 3, 8, tzinfo=UTC)
"""When the scene was built: long ago, however wrong clocks are."""
_A_DAY = 86_400
_RUNS_TO_REST = 2
"""After the last edit, this many runs may still write (docs/promises.md, I2)."""


@dataclass(frozen=True)
class Failure:
    """A schedule that breaks a promise, and how."""

    schedule: Schedule
    broken: list[str]


def run(schedule: Schedule) -> list[str]:
    """Carry out a schedule in a new world; returns what promises it broke."""
    world, terms = World(_start(schedule.erps), schedule.terms), schedule.terms
    with world.connected():
        scene.settle_by(terms.policy, terms.own, terms.crm_first)
        for step in schedule.steps:
            do(step, world)
        return _come_to_rest(world) + broken(world)


def search(seeds: Iterator[int] | range, progress: Callable[[int], None] = lambda seed: None) -> Iterator[Failure]:
    """Run the schedules of these seeds; yields those that fail."""
    for seed in seeds:
        schedule = make(seed)
        if found := run(schedule):
            yield Failure(schedule, found)
        progress(seed)


def shortened(failure: Failure) -> Failure:
    """The shortest schedule found that breaks one of the same promises, by leaving out steps as long as it does."""
    shortest, size = failure, len(failure.schedule.steps)
    while size:
        size = max(1, size // 2) if size > 1 else 0
        start = 0
        while size and start < len(shortest.schedule.steps):
            fewer = shortest.schedule.steps[:start] + shortest.schedule.steps[start + size :]
            shorter = _failing(replace(shortest.schedule, steps=fewer), failure)
            if shorter:
                shortest = shorter
            else:
                start += size
    return shortest


def _failing(schedule: Schedule, like: Failure) -> Failure | None:
    """How a schedule fails, if it breaks a promise that the other one broke."""
    found = run(schedule)
    return Failure(schedule, found) if _promises(found) & _promises(like.broken) else None


def _promises(broken: list[str]) -> set[str]:
    return {sentence.partition(":")[0] for sentence in broken}


def _come_to_rest(world: World) -> list[str]:
    """The troubles end, the ERPs accept everything, and the engine runs until it has nothing more to do."""
    for erp in world.erps.values():
        erp.refuses.clear()
        erp.unordered = False
    for _ in range(_RUNS_TO_REST - 1):
        _run_a_day_later(world)
    if not _run_a_day_later(world) and not WaitingLink.objects.exists():
        return []
    return ["I2: the engine still writes when nobody has edited for two runs"] if _run_a_day_later(world) else []


def _run_a_day_later(world: World) -> bool:
    """A run; says whether it wrote something."""
    world.machine.move_clock(_A_DAY)
    before = _writes(world)
    sync_now(None, by="simulator", clock=world.machine.now)
    return _writes(world) != before


def _writes(world: World) -> tuple[int, int]:
    return LogEntry.objects.count(), sum(len(erp.written) for erp in world.erps.values())


def _start(erps: tuple[str, ...]) -> Start:
    """The scene's database in place of the one that the last schedule left, and its ERPs."""
    photograph, start = _built(erps)
    machine.restore(photograph)
    return start


@cache
def _built(erps: tuple[str, ...]) -> tuple[Connection, Start]:
    machine.restore(_migrated())
    simulated = {name: SimulatedErp(name) for name in erps}
    before = machine.Machine(_BEFORE)
    with before.on_the_wall(), ExitStack() as stack:
        for name, erp in simulated.items():
            stack.enter_context(connectors.use(name, erp))
            erp.run_by(before.true_time, 0)
        ids, keys = scene.build(simulated)
        sync_now(None, by="setup", clock=before.now)
    return machine.photograph(), Start(ids, keys, simulated)


@cache
def _migrated() -> Connection:
    machine.use_memory()
    call_command("migrate", interactive=False, verbosity=0)
    return machine.photograph()
