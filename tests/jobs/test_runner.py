"""The runner: each kind of job does its work, ends in its state, and is stopped between pages."""

from __future__ import annotations

import pytest
from django.utils import timezone
from tests.erp.memory_erp import MemoryErp
from tests.erp.scenes import company, edit
from tests.jobs.conftest import ACTORS, PAGE, on_call

from brygga.contract import ActorType
from brygga.crm.models import Company
from brygga.erp.engine.run import leased
from brygga.erp.models import Connection, Job, JobState, Lease, Run, RunState
from brygga.erp.services import jobs
from brygga.erp.services.importing import Selection, import_actors
from brygga.erp.services.jobs import JobKind
from brygga.erp.services.plans import make_sync_plan
from brygga.jobs import kinds, runner
from brygga.jobs.runner import Runner

pytestmark = pytest.mark.django_db

SYNC = {"connections": None, "record": None}


def import_job(connection: Connection, **params: object) -> Job:
    return jobs.start(JobKind.IMPORT, {"connection": connection.pk, "actor_type": "Customer"} | params, "eva")


def imported(connection: Connection) -> None:
    import_actors(connection, "Customer", Selection(everything=True), by="test")


def test_without_a_job_there_is_nothing_to_do(db: None) -> None:
    assert not Runner().look()


def test_an_import_is_worked_off(connection: Connection) -> None:
    job = Runner().run_next() if import_job(connection, everything=True) else None
    assert job is not None
    assert (job.state, job.done, job.total) == (JobState.DONE, ACTORS, ACTORS)
    assert None not in (job.started_at, job.ended_at, job.run)
    assert (job.run.kind, job.run.by, job.run.state) == ("import", "eva", RunState.DONE)
    assert jobs.outcome(job) == jobs.Outcome(ACTORS, 0, ())
    assert Company.objects.count() == ACTORS
    assert not Lease.objects.exists()


@pytest.mark.parametrize(
    ("selection", "names"),
    [
        ({"keys": ["2", "3"]}, {"Company 2", "Company 3"}),
        ({"where": [["NAME", "=", ["Company 5"]]]}, {"Company 5"}),
    ],
)
def test_an_import_takes_what_was_chosen(
    selection: dict[str, object], names: set[str], erp: MemoryErp, connection: Connection
) -> None:
    erp.search_actors_advanced = lambda guid, kind, where, keys: erp.get_actors(  # type: ignore[method-assign]
        guid, kind, [key for (_, key), actor in erp.actors.items() if actor.fields["NAME"] in where[0].values], keys
    )
    import_job(connection, **selection)
    assert Runner().look()
    assert set(Company.objects.values_list("name", flat=True)) == names


def test_a_sync_is_worked_off(erp: MemoryErp, connection: Connection) -> None:
    imported(connection)
    edit(company("Company 3"), POSTALCITY="Malmö")
    jobs.start(JobKind.SYNC, SYNC, "eva")
    assert Runner().look()
    assert erp.value("3", "CITY") == "Malmö"
    assert Job.objects.get().state == JobState.DONE


def test_one_record_is_synced_with_the_connections_chosen(erp: MemoryErp, connection: Connection) -> None:
    imported(connection)
    for name in ("Company 3", "Company 4"):
        edit(company(name), POSTALCITY="Malmö")
    record = ["company", company("Company 3").id]
    jobs.start(JobKind.SYNC, {"connections": [connection.pk], "record": record}, "eva")
    assert Runner().look()
    assert (erp.value("3", "CITY"), erp.value("4", "CITY")) == ("Malmö", "Bergen")


@pytest.mark.parametrize(("source", "city"), [("crm", "Bergen"), ("erp", "Lund")])
def test_a_resync_is_worked_off(source: str, city: str, erp: MemoryErp, connection: Connection) -> None:
    imported(connection)
    for key in range(1, ACTORS + 1):
        erp.put(ActorType.CUSTOMER, str(key), CITY="Lund")
    params = {"source": "crm" if source == "crm" else connection.pk, "keep_blanks": False}
    jobs.start(JobKind.RESYNC, params, "eva")
    assert Runner().look()
    assert (erp.value("7", "CITY"), company("Company 7").fields["POSTALCITY"]) == (city, city)
    assert (Job.objects.get().done, Job.objects.get().total) == (ACTORS, ACTORS)


def test_a_plan_is_carried_out(erp: MemoryErp, connection: Connection) -> None:
    imported(connection)
    edit(company("Company 3"), POSTALCITY="Malmö")
    plan = make_sync_plan(None, "eva")
    job = jobs.start(JobKind.APPLY, {"plan": plan.pk}, "eva")
    assert Runner().look()
    assert erp.value("3", "CITY") == "Malmö"
    job.refresh_from_db()
    assert (job.state, job.done, job.total) == (JobState.DONE, 1, 1)


def test_jobs_are_worked_off_oldest_first(connection: Connection) -> None:
    first, second = import_job(connection, keys=["1"]), import_job(connection, keys=["2"])
    worker = Runner()
    assert [worker.run_next(), worker.run_next(), worker.run_next()] == [first, second, None]


def test_progress_is_seen_while_it_runs(erp: MemoryErp, connection: Connection) -> None:
    keys = [str(key) for key in range(1, ACTORS + 1)]
    job, seen = import_job(connection, keys=keys), []
    erp.before = lambda called: seen.append(Job.objects.values_list("state", "done", "total").get(pk=job.pk))
    Runner().look()
    assert [told for told in seen if told[2]] == [("running", done, ACTORS) for done in (0, PAGE, 2 * PAGE)]


def test_it_is_stopped_between_pages(erp: MemoryErp, connection: Connection) -> None:
    job = import_job(connection, keys=[str(key) for key in range(1, ACTORS + 1)])
    on_call(erp, "get_actors", 2, lambda: jobs.stop(job))
    assert Runner().look()
    job.refresh_from_db()
    assert job.state == JobState.STOPPED
    assert job.run is not None
    assert job.run.state == RunState.STOPPED
    assert Company.objects.count() == job.done == jobs.outcome(job).changes == 2 * PAGE
    assert not Runner().look()


def test_one_that_was_stopped_while_nobody_ran_it_does_not_begin(connection: Connection) -> None:
    job = import_job(connection, everything=True)
    Job.objects.update(state=JobState.RUNNING, stop=True)
    assert Runner().look()
    job.refresh_from_db()
    assert (job.state, job.run) == (JobState.STOPPED, None)
    assert Company.objects.count() == 0


def test_a_connection_that_fails_fails_the_job_in_words(erp: MemoryErp, connection: Connection) -> None:
    erp.down = "The books are closed."
    job = import_job(connection, everything=True)
    assert Runner().look()
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert jobs.outcome(job).failures == (f"{connection.name}: The books are closed.",)


def test_what_is_gone_or_refused_fails_the_job(connection: Connection) -> None:
    import_job(connection, actor_type="Planet")
    import_job(connection, duplicates="SHOE_SIZE")
    jobs.start(JobKind.RESYNC, {"source": 4711, "keep_blanks": False}, "eva")
    jobs.start(JobKind.SYNC, {"connections": [connection.pk], "record": None}, "eva")
    Connection.objects.update(active=False)
    worker, said = Runner(), []
    while job := worker.run_next():
        assert job.state == JobState.FAILED
        said += jobs.outcome(job).failures
    for text, part in zip(said, ("Planet", "SHOE_SIZE", "deleted", "not active"), strict=True):
        assert part in text


def test_a_failure_nobody_thought_of_fails_the_job_and_not_the_runner(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kinds, "import_actors", lambda *args, **more: 1 / 0)
    job = import_job(connection, everything=True)
    assert Runner().look()
    job.refresh_from_db()
    assert (job.state, job.problem["code"]) == (JobState.FAILED, "job_failed")
    assert "log" in jobs.outcome(job).failures[0]


def test_it_never_raises(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    monkeypatch.setattr(runner, "lease_of", lambda job: 1 / 0)
    jobs.start(JobKind.SYNC, SYNC, "eva")
    assert not Runner().look()


def test_it_waits_for_somebody_elses_work_on_the_connection(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_job(connection, everything=True)
    worker = Runner()
    with leased(connection, timezone.now) as other:
        assert other is not None
        monkeypatch.setattr(worker.stopping, "wait", lambda seconds: other.release())
        assert worker.look()
    assert Job.objects.get().state == JobState.DONE


def test_it_does_not_wait_for_ever(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "PATIENCE", 0.0)
    import_job(connection, everything=True)
    with leased(connection, timezone.now):
        assert Runner().look()
    assert Job.objects.get().problem["code"] == "busy"


def test_a_job_that_another_server_took_over_is_left_to_it(erp: MemoryErp, connection: Connection) -> None:
    job = import_job(connection, keys=[str(key) for key in range(1, ACTORS + 1)])

    def take_over() -> None:
        Lease.objects.filter(name=f"job:{job.pk}").update(owner="another")
        Job.objects.update(done=1)

    on_call(erp, "get_actors", 2, take_over)
    Runner().run_next()
    job.refresh_from_db()
    assert (job.state, job.done, job.ended_at) == (JobState.RUNNING, 1, None)
    assert Lease.objects.get().owner == "another"
    assert Company.objects.count() == 2 * PAGE


def test_runs_that_a_crash_cut_off_are_closed_at_the_start(db: None) -> None:
    Run.objects.create(kind="sync")
    Runner().look()
    assert Run.objects.get().state == RunState.STOPPED
