"""Jobs as the services know them: started, stopped, listed; and work that ends between two pages (behaviour E10)."""

from __future__ import annotations

import pytest
from django.utils import timezone
from tests.erp.memory_erp import MemoryErp

from brygga.contract import ActorType
from brygga.crm.models import Company
from brygga.erp.engine import run
from brygga.erp.engine.progress import Progress, StopRequested
from brygga.erp.engine.run import leased
from brygga.erp.errors import NotFound
from brygga.erp.models import ActorMapping, Connection, JobState, Lease, Link, LogEntry, Run, RunState
from brygga.erp.problems import Problem
from brygga.erp.services import importing, jobs, resync
from brygga.erp.services.importing import Selection, import_actors
from brygga.erp.services.interrupted import close_interrupted_runs
from brygga.erp.services.jobs import JobKind
from brygga.erp.services.sync import sync_now

pytestmark = pytest.mark.django_db

ALL = Selection(everything=True)
SYNC = {"connections": None, "record": None}


class StopAfter(Progress):
    """Ends the work once so many records are done; remembers what it was told."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self._count = count
        self.told: list[tuple[int, int]] = []

    def report(self, done: int, total: int = 0) -> None:
        super().report(done, total)
        self.told.append((done, total))
        if done >= self._count:
            raise StopRequested


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name in ((importing, "PAGE"), (run, "PAGE"), (run, "SAVE_BATCH"), (resync, "SAVE_BATCH")):
        monkeypatch.setattr(module, name, 2)


def more_actors(erp: MemoryErp) -> None:
    for key in range(3, 9):
        erp.put(ActorType.CUSTOMER, str(key), NAME=f"Company {key}")


def test_the_same_work_is_queued_once(db: None) -> None:
    first = jobs.start(JobKind.SYNC, SYNC, "eva")
    assert jobs.start(JobKind.SYNC, SYNC, "anna") == first
    assert jobs.start(JobKind.SYNC, {**SYNC, "connections": [1]}, "eva") != first
    jobs.stop(first)
    assert jobs.start(JobKind.SYNC, SYNC, "eva") != first


def test_a_job_that_nobody_works_on_is_stopped_at_once(db: None) -> None:
    job = jobs.start(JobKind.SYNC, SYNC, "eva")
    jobs.stop(job)
    assert (job.state, job.stop) == (JobState.STOPPED, True)
    assert job.ended_at is not None
    assert not Lease.objects.exists()


def test_one_at_work_is_asked_to_stop(db: None) -> None:
    job = jobs.start(JobKind.SYNC, SYNC, "eva")
    lease = jobs.lease_of(job)
    assert lease.take()
    jobs.stop(job)
    assert (job.state, job.stop) == (JobState.WAITING, True)


def test_an_ended_job_stays_as_it_ended(db: None) -> None:
    job = jobs.start(JobKind.SYNC, SYNC, "eva")
    job.state = JobState.DONE
    job.save()
    jobs.stop(job)
    assert (job.state, job.stop) == (JobState.DONE, False)


def test_jobs_are_found_and_listed(db: None) -> None:
    first, second, third = (jobs.start(JobKind.SYNC, {**SYNC, "connections": [n]}, "eva") for n in range(3))
    jobs.stop(first)
    jobs.stop(third)
    assert jobs.unfinished() == [second]
    assert jobs.recent(10) == [third, first]
    assert jobs.recent(1) == [third]
    assert jobs.get(second.pk) == second
    with pytest.raises(NotFound, match="4711"):
        jobs.get(4711)


def test_the_outcome_adds_up_the_runs_a_job_took(connection: Connection) -> None:
    parts = [
        {"name": "X", "connection": connection.pk, "to_crm": 2, "created": 1, "conflicts": 1, "failed": 2},
        {"name": "X", "connection": connection.pk, "to_erp": 4, "failure": Problem("busy").stored()},
    ]
    runs = [Run.objects.create(kind="sync", report=[part]).pk for part in parts]
    Run.objects.create(kind="sync", report=parts)
    job = jobs.start(JobKind.SYNC, SYNC, "eva")
    job.cursor = {"runs": runs}
    came = jobs.outcome(job)
    assert (came.changes, came.attention) == (7, 3)
    assert came.failures == (f"{connection.name}: {Problem('busy')}",)


@pytest.mark.usefixtures("small_pages")
def test_a_stopped_import_has_whole_pages_and_goes_on_later(erp: MemoryErp, connection: Connection) -> None:
    more_actors(erp)
    progress = StopAfter(4)
    report = import_actors(connection, "Customer", ALL, by="test", progress=progress)

    assert report.stopped
    assert report.as_json()["stopped"] is True
    assert progress.told == [(0, 0), (0, 0), (0, 8), (2, 8), (4, 8)]
    assert Run.objects.get(pk=report.run).state == RunState.STOPPED
    assert Company.objects.count() == Link.objects.filter(actor_type="Customer").count() == 4
    assert not Lease.objects.exists()

    again = import_actors(connection, "Customer", ALL, by="test")
    assert (again.stopped, again.connections[0].created, again.connections[0].unchanged) == (False, 4, 4)
    assert Company.objects.count() == 8
    assert sync_now(None, by="test").changes == 0


@pytest.mark.usefixtures("small_pages")
def test_a_stopped_sync_leaves_the_rest_to_the_next(erp: MemoryErp, connection: Connection) -> None:
    more_actors(erp)
    import_actors(connection, "Customer", ALL, by="test")
    ActorMapping.objects.update(position="")
    for key in range(1, 9):
        erp.put(ActorType.CUSTOMER, str(key), CITY=f"City {key}")

    report = sync_now(None, by="test", progress=StopAfter(4))

    assert report.stopped
    assert report.connections[0].to_crm == 4
    assert ActorMapping.objects.get(actor_type="Customer").position == ""
    assert not Lease.objects.exists()
    assert sync_now(None, by="test").connections[0].to_crm == 4
    assert sync_now(None, by="test").changes == 0
    logged = LogEntry.objects.filter(crm_field="POSTALCITY").exclude(rule="import")
    assert sorted(logged.values_list("new", flat=True)) == [f"City {key}" for key in range(1, 9)]


@pytest.mark.usefixtures("small_pages")
def test_a_resync_goes_on_from_its_cursor(erp: MemoryErp, connection: Connection) -> None:
    more_actors(erp)
    import_actors(connection, "Customer", ALL, by="test")
    for key in range(1, 9):
        erp.put(ActorType.CUSTOMER, str(key), CITY="Elsewhere")
    progress = StopAfter(4)
    report = resync.resync("crm", False, "test", progress=progress)
    assert (report.stopped, report.connections[0].read) == (True, 4)
    assert progress.told[-1] == (4, 9)

    rest = Progress()
    rest.cursor = progress.cursor
    assert resync.resync("crm", False, "test", progress=rest).connections[0].read == 5
    assert {erp.value(str(key), "CITY") for key in range(3, 9)} == {""}


def test_runs_that_a_crash_cut_off_are_closed(connection: Connection) -> None:
    cut_off, ended = Run.objects.create(kind="sync"), Run.objects.create(kind="sync", state=RunState.DONE)
    assert close_interrupted_runs() == 1
    for run_, state in ((cut_off, RunState.STOPPED), (ended, RunState.DONE)):
        run_.refresh_from_db()
        assert run_.state == state
    assert cut_off.ended_at is not None


def test_a_run_is_not_closed_while_an_engine_is_at_work(connection: Connection) -> None:
    at_work = Run.objects.create(kind="sync")
    with leased(connection, timezone.now):
        assert close_interrupted_runs() == 0
    at_work.refresh_from_db()
    assert at_work.state == RunState.RUNNING
