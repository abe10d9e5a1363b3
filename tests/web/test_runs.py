"""Runs: the list, a run's page, stopping one, and the figures over time (behaviour A15)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.erp.memory_erp import MemoryErp
from tests.web.conftest import Erp
from tests.web.synced import TOO_LONG, memory_erp, misfit, synced

from brygga.crm.models import User
from brygga.erp.models import Connection, Job, JobState, Run, RunFigure
from brygga.erp.problems import Problem, told
from brygga.erp.services import figures, jobs
from brygga.erp.services.jobs import JobKind
from brygga.erp.services.sync import sync_now

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def memory(db: None) -> Iterator[MemoryErp]:
    with memory_erp() as erp:
        yield erp


def reported(erp: Erp, at: datetime, **part: Any) -> Run:
    """A run that began then, with a report on one connection."""
    made = Run.objects.create(
        kind="sync", by="scheduler", state="done", report=[{"name": "Fjord", "connection": erp.connection.pk, **part}]
    )
    Run.objects.filter(pk=made.pk).update(started_at=at, ended_at=at + timedelta(seconds=90))
    figures.note_figures(made)
    return made


def test_runs_are_listed_with_what_they_did_per_connection(as_admin: Client, erp: Erp) -> None:
    now = timezone.now()
    reported(erp, now, to_crm=2, to_erp=1, conflicts=1, failed=2)
    reported(erp, now - timedelta(hours=1))
    first, second = as_admin.get("/sync/runs").context["rows"]
    assert (first.kind, first.by, first.state, first.duration) == ("Sync", "scheduler", "Done", "1:30")
    assert [(part.name, part.text) for part in first.parts] == [("Fjord", "3 changes, 1 conflict, 2 failed")]
    assert (list(second.parts), second.more) == ([], 1)


def test_runs_are_filtered(as_admin: Client, memory: MemoryErp) -> None:
    run = synced(memory)
    Run.objects.create(kind="resync", state="failed")
    for query, expected in {
        "kind=sync": [run], "kind=resync&state=done": [], "state=failed": [Run.objects.latest("id").pk],
        "kind=sync&changed=on": [run],
    }.items():  # fmt: skip
        assert [row.id for row in as_admin.get(f"/sync/runs?{query}").context["rows"]] == expected, query
    assert "No run matches the filter." in as_admin.get("/sync/runs?kind=undo").text
    assert as_admin.get("/sync/runs?kind=nonsense&state=x").status_code == 200


def test_a_run_tells_its_report_and_its_problems(as_admin: Client, memory: MemoryErp) -> None:
    misfit()
    page = as_admin.get(f"/sync/runs/{Run.objects.latest('id').pk}").text
    for text in ("Set aside in memory", "Fjord", "CITY: The text has 28 characters", TOO_LONG):
        assert text in page, text


def test_a_run_tells_its_changes(as_admin: Client, memory: MemoryErp) -> None:
    run = synced(memory)
    response = as_admin.get(f"/sync/runs/{run}")
    assert response.context["changes"] == 3
    assert [row.texts.run_url for row in response.context["rows"]] == [f"/sync/runs/{run}"] * 3
    assert "Undo this run" in response.text


def test_a_failure_is_told_in_the_readers_language(as_admin: Client, erp: Erp) -> None:
    failure = told('US:"Closed.";SW:"Stängt."').stored()
    run = reported(erp, timezone.now(), failure=failure)
    User.objects.filter(username="eva").update(language="sv")
    for address in (f"/sync/runs/{run.pk}", "/sync/runs"):
        assert "Stängt." in as_admin.get(address).text


def test_a_run_that_is_a_jobs_work_is_stopped(as_admin: Client, memory: MemoryErp) -> None:
    job = jobs.start(JobKind.SYNC, {"connections": None, "record": None}, "eva")
    lease = jobs.lease_of(job)
    assert lease.take()
    Job.objects.update(state=JobState.RUNNING, started_at=timezone.now() - timedelta(seconds=5))
    run = Run.objects.create(kind="sync", by="eva")
    assert f"/sync/runs/{run.pk}/stop" in as_admin.get(f"/sync/runs/{run.pk}").text
    assert "What is done stays done." in as_admin.post(f"/sync/runs/{run.pk}/stop", follow=True).text
    job.refresh_from_db()
    assert job.stop
    lease.release()


def test_a_run_that_nobody_can_stop_says_so(as_admin: Client, erp: Erp) -> None:
    run = Run.objects.create(kind="sync", by="scheduler")
    page = as_admin.get(f"/sync/runs/{run.pk}").text
    assert "It was not started as a job, so it ends by itself." in page
    assert f"/sync/runs/{run.pk}/stop" not in page
    assert "ends by itself only" in as_admin.post(f"/sync/runs/{run.pk}/stop", follow=True).text
    Run.objects.update(state="done")
    assert "has ended already" in as_admin.post(f"/sync/runs/{run.pk}/stop", follow=True).text


def test_a_sync_keeps_its_figures_and_one_that_does_nothing_has_none(memory: MemoryErp) -> None:
    run = synced(memory)
    assert list(RunFigure.objects.filter(run=run).values_list("changes", "failures")) == [(3, 0)]
    quiet = sync_now(None, "anna").run
    assert not RunFigure.objects.filter(run=quiet).exists()
    memory.down = "Closed."
    failed = sync_now(None, "anna").run
    assert list(RunFigure.objects.filter(run=failed).values_list("changes", "failures")) == [(0, 1)]


def test_the_figures_of_runs_from_before_are_taken_from_their_reports(erp: Erp) -> None:
    run = reported(erp, timezone.now(), to_crm=2, created=1, failed=1, failure=told("Down.").stored())
    Run.objects.create(kind="sync", report=[{"name": "Gone", "connection": 4711, "to_erp": 5}])
    reported(erp, timezone.now(), failure=Problem("busy").stored())
    RunFigure.objects.all().delete()
    import_module("brygga.erp.migrations.0008_run_figures").keep_figures(apps, None)
    kept = list(RunFigure.objects.order_by("id").values_list("connection", "changes", "failures"))
    assert kept == [(erp.connection.pk, 3, 2), (None, 5, 0)]
    assert list(run.figures.values_list("changes", flat=True)) == [3]


def test_figures_are_counted_by_the_database_per_step_and_connection(erp: Erp) -> None:
    start = datetime(2026, 3, 1, tzinfo=UTC)
    edges = [start + timedelta(hours=n) for n in range(4)]
    reported(erp, start, to_crm=2, to_erp=3, created=1, failed=1)
    reported(erp, start + timedelta(minutes=59), to_crm=1, failure=told("Down.").stored())
    reported(erp, start + timedelta(hours=1), failure=Problem("busy").stored())
    reported(erp, start + timedelta(hours=3), to_crm=9)  # after the last edge
    reported(erp, start - timedelta(seconds=1), to_crm=9)
    old = reported(erp, start + timedelta(hours=2), to_crm=4)
    old.report = [{"name": "Fjord", "to_crm": 4}]  # instead of what was reported before
    figures.note_figures(old)
    found = [(f.step, f.connection_id, f.changes, f.failures) for f in figures.figures(edges)]
    pk = erp.connection.pk
    assert found == [(0, pk, 7, 2), (2, None, 4, 0)]  # a connection that was busy did nothing
    assert figures.figures(edges[:1]) == []


@pytest.mark.parametrize(("span", "rows"), [("day", 24), ("week", 7), ("month", 30), ("quarter", 90), ("x", 7)])
def test_figures_come_as_tables(span: str, rows: int, as_admin: Client, erp: Erp) -> None:
    reported(erp, timezone.now(), to_crm=1200, failed=2)
    response = as_admin.get(f"/sync/runs/figures?span={span}", headers=HTMX)
    changes, failures = response.context["plots"]
    assert (len(changes.rows), changes.columns, changes.total, failures.total) == (rows, ["Fjord"], 1200, 2)
    assert 'data-value="1200">1,200<' in response.text
    assert "<html" in as_admin.get("/sync/runs/figures").text


def test_quiet_times_have_no_plot(as_admin: Client) -> None:
    page = as_admin.get("/sync/runs/figures", headers=HTMX).text
    assert "Nothing has failed in this time." in page
    assert "<canvas" not in page


def test_many_connections_share_a_line(as_admin: Client, erp: Erp) -> None:
    copies = [Connection(names={"en": f"No {n}"}, connector=erp.connection.connector) for n in range(7)]
    made = Connection.objects.bulk_create(copies)
    parts = [{"name": "", "to_crm": 10 - n, "connection": connection.pk} for n, connection in enumerate(made)]
    made_run = Run.objects.create(kind="sync", state="done", report=[*parts, {"name": "Once", "to_crm": 50}])
    figures.note_figures(made_run)
    (changes, _failures) = as_admin.get("/sync/runs/figures", headers=HTMX).context["plots"]
    assert changes.columns == ["No 0", "No 1", "No 2", "No 3", "No 4", "Others"]
    assert [cell.value for cell in changes.rows[-1][1]] == [10, 9, 8, 7, 6, 5 + 4 + 50]


@pytest.mark.parametrize("address", ["/sync/runs", "/sync/runs/figures", "/sync/runs/1"])
def test_runs_are_for_administrators(address: str, as_user: Client) -> None:
    assert as_user.get(address).status_code == 403
    assert as_user.post("/sync/runs/1/stop").status_code == 403


def test_a_run_that_is_not_there_is_not_found(as_admin: Client) -> None:
    assert as_admin.get("/sync/runs/4711").status_code == 404
    assert as_admin.post("/sync/runs/4711/stop").status_code == 404


def test_more_runs_take_no_more_queries(as_admin: Client, erp: Erp) -> None:
    counts = []
    for number in (1, 5):
        for n in range(number):
            reported(erp, timezone.now() - timedelta(minutes=n), to_crm=n)
        with CaptureQueriesContext(database) as queries:
            as_admin.get("/sync/runs")
        counts.append(len(queries))
    assert counts[0] == counts[1]
