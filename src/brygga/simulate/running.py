"""Running schedules: build the scene once, carry out the steps, let the world come to rest, check the promises."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from random import Random

from django.conf import settings
from django.core.management import call_command
from django.db import connection as database

from brygga.erp import connectors
from brygga.erp.models import LogEntry
from brygga.erp.services.sync import sync_now
from brygga.simulate import scene
from brygga.simulate.erp import SimulatedErp
from brygga.simulate.promises import broken
from brygga.simulate.schedule import Schedule, make
from brygga.simulate.world import Start, World

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
    world = World(_start(schedule.erps))
    with world.connected():
        scene.settle_by(schedule.policy, schedule.crm_first)
        for step in schedule.steps:
            world.do(step)
        return _come_to_rest(world) + broken(world)


def search(seeds: Iterator[int] | range, progress: Callable[[int], None] = lambda seed: None) -> Iterator[Failure]:
    """Run the schedules of these seeds; yields those that fail."""
    for seed in seeds:
        schedule = make(seed)
        if found := run(schedule):
            yield Failure(schedule, found)
        progress(seed)


def shortened(failure: Failure) -> Failure:
    """The shortest schedule found that still fails, by leaving out steps as long as it does."""
    shortest, size = failure, len(failure.schedule.steps)
    while size:
        size = max(1, size // 2) if size > 1 else 0
        start = 0
        while size and start < len(shortest.schedule.steps):
            fewer = shortest.schedule.steps[:start] + shortest.schedule.steps[start + size :]
            shorter = _failing(replace(shortest.schedule, steps=fewer))
            if shorter:
                shortest = shorter
            else:
                start += size
    return shortest


def _failing(schedule: Schedule) -> Failure | None:
    found = run(schedule)
    return Failure(schedule, found) if found else None


def _come_to_rest(world: World) -> list[str]:
    """The troubles end, the ERPs accept everything, and the engine runs until it has nothing more to do."""
    for erp in world.erps.values():
        erp.refuses.clear()
        erp.unordered = False
    for _ in range(_RUNS_TO_REST):
        _run_a_day_later(world)
    before = _writes(world)
    _run_a_day_later(world)
    return [] if _writes(world) == before else ["I2: the engine still writes when nobody has edited for two runs"]


def _run_a_day_later(world: World) -> None:
    world.machine.move_clock(_A_DAY)
    sync_now(None, by="simulator", clock=world.machine.now)


def _writes(world: World) -> tuple[int, int]:
    return LogEntry.objects.count(), sum(len(erp.written) for erp in world.erps.values())


def _start(erps: tuple[str, ...]) -> Start:
    """A copy of the scene's database in place of the one that the last schedule left, and its ERPs."""
    template, start = _built(erps)
    database.close()
    _copy_database(template, _database_file())
    return copy.deepcopy(start)


@cache
def _built(erps: tuple[str, ...]) -> tuple[Path, Start]:
    database.close()
    file, template = _database_file(), _database_file().with_suffix(f".{'-'.join(erps)}")
    _remove(file)
    call_command("migrate", interactive=False, verbosity=0)
    simulated = {name: SimulatedErp(Random(name)) for name in erps}
    with _used(simulated):
        record_ids, keys = scene.build(simulated)
        sync_now(None, by="setup")
    database.close()
    _copy_database(file, template)
    return template, Start(record_ids, keys, simulated)


def _used(simulated: dict[str, SimulatedErp]) -> ExitStack:
    stack = ExitStack()
    for name, erp in simulated.items():
        stack.enter_context(connectors.use(name, erp))
    return stack


def _database_file() -> Path:
    return Path(settings.DATABASES["default"]["NAME"])


def _copy_database(source: Path, target: Path) -> None:
    _remove(target)
    shutil.copyfile(source, target)


def _remove(file: Path) -> None:
    for name in (file.name, f"{file.name}-wal", f"{file.name}-shm"):
        file.with_name(name).unlink(missing_ok=True)
