"""A server stops, politely or not: its jobs go on at the next start, and nothing is done twice (behaviour E5, E10)."""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Callable

import pytest
from django.db import OperationalError
from django.db import connections as databases
from tests.erp.memory_erp import MemoryErp
from tests.jobs.conftest import ACTORS, PAGE, on_call

from brygga.contract import ActorType
from brygga.crm.models import Company
from brygga.erp.models import Connection, Job, JobState, Lease, Link, LogEntry, Run, RunState, SyncSettings
from brygga.erp.services import jobs
from brygga.erp.services.importing import Selection, import_actors
from brygga.erp.services.jobs import JobKind
from brygga.jobs import runner
from brygga.jobs.loop import stop_all
from brygga.jobs.runner import Runner
from brygga.jobs.scheduler import Scheduler

KEYS = [str(key) for key in range(1, ACTORS + 1)]


def import_job(connection: Connection) -> Job:
    return jobs.start(JobKind.IMPORT, {"connection": connection.pk, "actor_type": "Customer", "keys": KEYS}, "eva")


def resync_job(erp: MemoryErp, connection: Connection) -> Job:
    """A resync from the CRM of customers that were all changed in the ERP."""
    import_actors(connection, "Customer", Selection(everything=True), by="test")
    for key in KEYS:
        erp.put(ActorType.CUSTOMER, key, CITY="Lund")
    erp.calls.clear()
    return jobs.start(JobKind.RESYNC, {"source": "crm", "keep_blanks": False}, "eva")


def in_a_process_that_dies(erp: MemoryErp, operation: str, number: int, work: Callable[[], object]) -> None:
    """Work in a process of its own, which ends without any tidying up at the nth call of an operation."""
    databases.close_all()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forking where threads are: this child makes its own
        child = os.fork()
    if not child:
        on_call(erp, operation, number, lambda: os._exit(9))
        work()
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


@pytest.mark.django_db
def test_an_import_pauses_at_the_next_page_and_goes_on(erp: MemoryErp, connection: Connection) -> None:
    job, server = import_job(connection), Runner()
    on_call(erp, "get_actors", 2, server.ask_to_stop)
    server.look()
    job.refresh_from_db()
    assert (job.state, job.done, job.ended_at) == (JobState.RUNNING, 2 * PAGE, None)
    assert Run.objects.get().state == RunState.STOPPED
    assert not Lease.objects.exists()

    assert Runner().look()
    job.refresh_from_db()
    assert (job.state, Company.objects.count()) == (JobState.DONE, ACTORS)
    assert jobs.outcome(job).changes == ACTORS
    assert Link.objects.count() == ACTORS


@pytest.mark.django_db
def test_a_resync_goes_on_where_it_was(erp: MemoryErp, connection: Connection) -> None:
    job, server = resync_job(erp, connection), Runner()
    on_call(erp, "save_actors", 1, server.ask_to_stop)
    server.look()
    job.refresh_from_db()
    assert (job.state, job.done, job.total) == (JobState.RUNNING, PAGE, ACTORS)

    assert Runner().look()
    job.refresh_from_db()
    assert (job.state, job.done, job.total) == (JobState.DONE, ACTORS, ACTORS)
    assert erp.count("save_actors") == ACTORS / PAGE
    assert {erp.value(key, "CITY") for key in KEYS} == {"Bergen"}
    assert LogEntry.objects.filter(target="erp").count() == jobs.outcome(job).changes == ACTORS


@pytest.mark.django_db
def test_an_automatic_sync_ends_at_the_next_page_too(erp: MemoryErp, connection: Connection) -> None:
    import_actors(connection, "Customer", Selection(keys=KEYS), by="test")
    SyncSettings.load()
    server = Scheduler()
    on_call(erp, "get_actors_by_timestamp", 1, server.ask_to_stop)
    assert server.look()
    assert Run.objects.get(kind="sync").state == RunState.STOPPED
    assert not Lease.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_killed_import_goes_on_at_once(erp: MemoryErp, connection: Connection) -> None:
    job = import_job(connection)
    in_a_process_that_dies(erp, "get_actors", 3, Runner().run_next)
    job.refresh_from_db()
    assert (job.state, job.done, Company.objects.count()) == (JobState.RUNNING, 2 * PAGE, 2 * PAGE)
    assert set(Lease.objects.values_list("name", flat=True)) == {f"job:{job.pk}", f"connection:{connection.pk}"}

    server = Runner()
    assert server.look()
    job.refresh_from_db()
    assert (job.state, Company.objects.count(), Link.objects.count()) == (JobState.DONE, ACTORS, ACTORS)
    assert Run.objects.filter(state=RunState.RUNNING).count() == 1  # of the process that was killed
    server.look()
    assert sorted(Run.objects.values_list("state", flat=True)) == [RunState.DONE, RunState.STOPPED]


@pytest.mark.django_db(transaction=True)
def test_a_killed_resync_goes_on_from_its_cursor(erp: MemoryErp, connection: Connection) -> None:
    job = resync_job(erp, connection)
    in_a_process_that_dies(erp, "get_actors", 3, Runner().run_next)
    assert Runner().look()
    job.refresh_from_db()
    assert (job.state, job.done, job.total) == (JobState.DONE, ACTORS, ACTORS)
    assert erp.count("save_actors") == 1  # the pages before were saved by the process that was killed
    assert LogEntry.objects.filter(target="erp").count() == ACTORS


@pytest.mark.django_db(transaction=True)
def test_a_job_goes_on_when_the_database_was_away(
    erp: MemoryErp, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = import_job(connection)
    with monkeypatch.context() as away:
        away.setattr(runner, "carry_out", failing_database)
        assert Runner().look()
        job.refresh_from_db()
        assert (job.state, job.cursor["tries"]) == (JobState.RUNNING, 1)
    assert Runner().look()
    job.refresh_from_db()
    assert (job.state, job.cursor["tries"], Company.objects.count()) == (JobState.DONE, 0, ACTORS)


@pytest.mark.django_db(transaction=True)
def test_a_job_that_never_gets_further_is_given_up(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    job = import_job(connection)
    monkeypatch.setattr(runner, "carry_out", failing_database)
    while Runner().look():
        pass
    job.refresh_from_db()
    assert (job.state, job.problem["code"], job.cursor["tries"]) == (JobState.FAILED, "job_given_up", runner.TRIES + 1)


def failing_database(job: Job, progress: object) -> None:
    raise OperationalError("the connection was closed")


@pytest.mark.django_db(transaction=True)
def test_a_clean_stop_does_not_wait_for_the_end_of_a_long_import(erp: MemoryErp, connection: Connection) -> None:
    job, under_way, go_on = import_job(connection), threading.Event(), threading.Event()
    on_call(erp, "get_actors", 2, lambda: (under_way.set(), go_on.wait(10)))
    server = [Runner(), Runner()]
    for loop in server:
        loop.start()
    assert under_way.wait(10)
    assert not stop_all(server, 0.05)
    go_on.set()
    assert stop_all(server, 10)
    job.refresh_from_db()
    assert (job.state, Company.objects.count()) == (JobState.RUNNING, 2 * PAGE)
