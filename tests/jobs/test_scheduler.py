"""The scheduler's thread and its one decision, with a clock that stands still unless it is moved."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from brygga.erp.engine.progress import Progress
from brygga.erp.models import Run, SyncSettings
from brygga.jobs.loop import LOOK_EVERY
from brygga.jobs.scheduler import Scheduler

NOON = datetime(2024, 5, 17, 12, 0, tzinfo=UTC)


class Bench:
    """A scheduler with a clock and a count of its runs."""

    def __init__(self) -> None:
        self.now = NOON
        self.runs = 0
        self.fails = False
        self.scheduler = Scheduler(self.work, clock=lambda: self.now)

    def work(self, progress: Progress) -> None:
        self.runs += 1
        if self.fails:
            raise RuntimeError("the ERP is away")


@pytest.fixture
def bench(db: None) -> Bench:
    SyncSettings.objects.update_or_create(pk=1, defaults={"automatic": True, "interval": 60, "next_run_at": None})
    return Bench()


def test_it_runs_at_once_and_then_every_interval(bench: Bench) -> None:
    ran = []
    for seconds in (0, 1, 59, 60, 61, 119, 120):
        bench.now = NOON + timedelta(seconds=seconds)
        if bench.scheduler.look():
            ran.append(seconds)
    assert ran == [0, 60, 120]
    assert SyncSettings.load().next_run_at == NOON + timedelta(seconds=180)


def test_settings_are_read_anew(bench: Bench) -> None:
    assert bench.scheduler.look()
    SyncSettings.objects.update(next_run_at=NOON)
    assert bench.scheduler.look()
    SyncSettings.objects.update(next_run_at=NOON, automatic=False)
    assert not bench.scheduler.look()
    assert bench.runs == 2


def test_of_two_servers_one_runs(bench: Bench) -> None:
    other = Scheduler(bench.work, clock=lambda: bench.now)
    assert [bench.scheduler.look(), other.look()] == [True, False]
    assert bench.runs == 1


def test_a_failed_run_stops_nothing(bench: Bench) -> None:
    bench.fails = True
    assert not bench.scheduler.look()
    bench.now += timedelta(seconds=60)
    bench.fails = False
    assert bench.scheduler.look()
    assert bench.runs == 2


@pytest.mark.django_db
def test_by_default_it_runs_the_engine() -> None:
    assert Scheduler().look()
    assert list(Run.objects.values_list("kind", "by", "state")) == [("sync", "scheduler", "done")]


def test_stop_waits_for_the_current_run(monkeypatch: pytest.MonkeyPatch) -> None:
    started, finish = threading.Event(), threading.Event()

    def look(self: Scheduler) -> bool:
        started.set()
        return finish.wait(10)

    monkeypatch.setattr(Scheduler, "look", look)
    scheduler = Scheduler()
    scheduler.start()
    assert started.wait(10)
    assert not scheduler.stop(timeout=0.05)
    finish.set()
    assert scheduler.stop(timeout=10)


def test_it_pauses_between_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    events: list[object] = []
    ended = threading.Event()
    monkeypatch.setattr(Scheduler, "look", lambda self: bool(events.append("look")))

    def wait(seconds: float) -> bool:
        events.append(seconds)
        if len(events) == 6:
            ended.set()
        return ended.is_set()

    scheduler = Scheduler(wait=wait)
    scheduler.start()
    assert ended.wait(10)
    assert scheduler.stop(timeout=10)
    assert events == ["look", LOOK_EVERY] * 3
