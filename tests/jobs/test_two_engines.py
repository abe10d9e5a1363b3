"""Two servers on one database: each job is run once, each connection is at one engine at a time (behaviour E5)."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections as databases
from tests.erp.memory_erp import MemoryErp
from tests.erp.scenes import company, connect_memory, edit
from tests.jobs.conftest import ACTORS, on_call

from brygga.crm.models import Company
from brygga.erp import connectors
from brygga.erp.models import Connection, Job, JobState, Lease, Link, LogEntry, Run, SyncSettings
from brygga.erp.services import jobs
from brygga.erp.services.importing import Selection, import_actors
from brygga.erp.services.jobs import JobKind
from brygga.erp.services.sync import sync_now
from brygga.jobs import runner
from brygga.jobs.runner import Runner
from brygga.jobs.scheduler import Scheduler, run_engine

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(works: Sequence[Callable[[], object]]) -> list[object]:
    """Do the works in threads that begin together; their answers in order."""
    barrier = threading.Barrier(len(works))

    def begin(work: Callable[[], object]) -> object:
        barrier.wait(10)
        try:
            return work()
        finally:
            databases.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(begin, works))


def work_off() -> list[int]:
    """Work off jobs as a server does, until none waits or runs."""
    server, done = Runner(), []
    until = time.monotonic() + 60
    while Job.objects.filter(state__in=jobs.OPEN).exists():
        assert time.monotonic() < until
        if job := server.run_next():
            done.append(job.pk)
    return done


def test_each_job_is_run_once(erp: MemoryErp, connection: Connection) -> None:
    made = [
        jobs.start(JobKind.IMPORT, {"connection": connection.pk, "actor_type": "Customer", "keys": [str(key)]}, "eva")
        for key in range(1, ACTORS + 1)
    ]
    done = Counter(pk for server in at_once([work_off, work_off]) for pk in server)  # type: ignore[attr-defined]
    assert done == Counter(job.pk for job in made)
    assert set(Job.objects.values_list("state", flat=True)) == {JobState.DONE}
    assert Run.objects.filter(kind="import").count() == Company.objects.count() == Link.objects.count() == ACTORS
    assert not Lease.objects.exists()


def test_of_two_servers_that_look_at_the_same_moment_one_takes_the_job(connection: Connection) -> None:
    for _round in range(10):
        job = jobs.start(JobKind.SYNC, {"connections": [], "record": None}, "eva")
        assert sorted(map(bool, at_once([Runner().look, Runner().look]))) == [False, True]
        assert Run.objects.filter(jobs=job).count() == 1


def test_a_job_is_stopped_or_run_but_never_both(connection: Connection) -> None:
    for _round in range(10):
        job = jobs.start(JobKind.SYNC, {"connections": [], "record": None}, "eva")
        at_once([Runner().look, lambda job=job: jobs.stop(job)])  # type: ignore[misc]
        Runner().look()
        job.refresh_from_db()
        assert job.state in (JobState.DONE, JobState.STOPPED)
        assert job.ended_at is not None


def test_a_connection_is_synced_by_one_engine_at_a_time(erp: MemoryErp, connection: Connection) -> None:
    import_actors(connection, "Customer", Selection(everything=True), by="test")
    edit(company("Company 3"), POSTALCITY="Malmö")
    inside, overlaps = threading.Lock(), []

    def before(called: str) -> None:
        overlaps.append(not inside.acquire(blocking=False))
        time.sleep(0.02)
        if not overlaps[-1]:
            inside.release()

    erp.before = before
    at_once([run_engine, run_engine, run_engine])
    assert not any(overlaps)
    assert erp.value("3", "CITY") == "Malmö"
    assert LogEntry.objects.filter(target="erp", new="Malmö").count() == 1
    assert sync_now(None, by="test").changes == 0


def test_of_two_schedulers_one_runs_at_each_interval(connection: Connection) -> None:
    SyncSettings.load()
    assert sorted(map(bool, at_once([Scheduler().look, Scheduler().look]))) == [False, True]
    assert Run.objects.filter(kind="sync").count() == 1


def test_a_long_import_does_not_hold_up_the_other_connections(erp: MemoryErp, connection: Connection) -> None:
    under_way, go_on = threading.Event(), threading.Event()
    on_call(erp, "get_actors", 2, lambda: (under_way.set(), go_on.wait(30)))
    keys = [str(key) for key in range(1, ACTORS + 1)]
    job = jobs.start(JobKind.IMPORT, {"connection": connection.pk, "actor_type": "Customer", "keys": keys}, "eva")
    other, importing = MemoryErp(), Runner()
    with connectors.use("other", other):
        lager = connect_memory("other", both="to_erp", in_="to_erp")
        importing.start()
        try:
            assert under_way.wait(10)
            assert Scheduler().look()
            assert other.count("get_actors_by_timestamp") == 2
            assert erp.count("get_actors_by_timestamp") == 0
            failures = dict(Connection.objects.values_list("pk", "failure"))
            assert failures[lager.pk] == {}
        finally:
            go_on.set()
            assert importing.stop(20)
    job.refresh_from_db()
    assert job.state in (JobState.DONE, JobState.RUNNING)


def test_a_sync_by_hand_need_not_wait_behind_a_long_import(
    erp: MemoryErp, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "PATIENCE", 0.0)
    under_way, go_on = threading.Event(), threading.Event()
    on_call(erp, "get_actors_by_timestamp", 1, lambda: (under_way.set(), go_on.wait(30)))
    jobs.start(JobKind.IMPORT, {"connection": connection.pk, "actor_type": "Customer", "everything": True}, "eva")
    sync = jobs.start(JobKind.SYNC, {"connections": None, "record": None}, "eva")
    importing = Runner()
    importing.start()
    try:
        assert under_way.wait(10)
        assert Runner().run_next() == sync
    finally:
        go_on.set()
        assert importing.stop(20)
