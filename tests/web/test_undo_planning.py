"""The undo of a long run: planned by a job that shows its progress and leads to the plan (behaviour G2, E10)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from tests.erp.memory_erp import MemoryErp
from tests.web.synced import memory_erp, synced

from brygga.erp.models import Job, JobState, LogEntry, PlanState, StoredPlan
from brygga.erp.services import jobs
from brygga.erp.services.jobs import JobKind
from brygga.jobs.runner import Runner
from brygga.web.views import undoing

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def memory(db: None) -> Iterator[MemoryErp]:
    with memory_erp() as erp:
        yield erp


@pytest.fixture(autouse=True)
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(undoing, "AT_ONCE", 2)


@pytest.fixture
def job(as_admin: Client, memory: MemoryErp) -> Job:
    """The job that plans the undo of a run with three changes."""
    run = synced(memory)
    answer = as_admin.post("/sync/undo", {"run": run})
    job = Job.objects.get()
    assert answer.headers["Location"] == f"/sync/plans/undo/{job.pk}"
    assert (job.kind, job.by, job.params) == (JobKind.PLAN_UNDO, "eva", {"log": None, "record": None, "run": run})
    assert not StoredPlan.objects.exists()
    return job


def test_the_page_shows_how_far_the_job_is_and_leads_to_the_plan(as_admin: Client, job: Job) -> None:
    page = as_admin.get(f"/sync/plans/undo/{job.pk}").text
    assert f"Plan for: Undo of run {job.params['run']}" in page
    assert f'hx-get="/sync/plans/undo/{job.pk}"' in page
    assert '<noscript><a class="button" href="">Refresh</a></noscript>' in page
    lease = jobs.lease_of(job)
    assert lease.take()
    Job.objects.update(state=JobState.RUNNING, done=1, total=3)
    part = as_admin.get(f"/sync/plans/undo/{job.pk}", headers=HTMX).text
    assert "1 of 3 records." in part
    assert "<html" not in part
    lease.release()

    Runner().look()
    plan = StoredPlan.objects.get()
    assert (plan.state, plan.by, plan.items.count()) == (PlanState.OPEN, "eva", 3)
    assert as_admin.get(f"/sync/plans/undo/{job.pk}").headers["Location"] == f"/sync/plans/{plan.pk}"
    ended = as_admin.get(f"/sync/plans/undo/{job.pk}", headers=HTMX)
    assert (ended.status_code, ended.headers["HX-Redirect"]) == (286, f"/sync/plans/{plan.pk}")
    listed = as_admin.get("/sync").text
    assert "The plan is ready." in listed
    assert f"/sync/plans/{plan.pk}" in listed


def test_asking_twice_is_one_job(as_admin: Client, job: Job) -> None:
    again = as_admin.post("/sync/undo", {"run": job.params["run"]})
    assert again.headers["Location"] == f"/sync/plans/undo/{job.pk}"
    assert Job.objects.count() == 1


def test_a_job_that_is_stopped_leaves_no_plan(as_admin: Client, job: Job) -> None:
    stopped = as_admin.post(f"/sync/plans/undo/{job.pk}/stop", follow=True).text
    assert "Stopped" in stopped
    assert "No plan was made." in stopped
    assert "undo-progress" not in stopped
    ended = as_admin.get(f"/sync/plans/undo/{job.pk}", headers=HTMX)
    assert (ended.status_code, ended.headers["HX-Refresh"]) == (286, "true")
    Runner().look()
    assert not StoredPlan.objects.exists()


def test_why_there_is_no_plan_is_told(as_admin: Client, memory: MemoryErp, job: Job) -> None:
    memory.down = "Closed for the night."
    Runner().look()
    page = as_admin.get(f"/sync/plans/undo/{job.pk}").text
    assert "Closed for the night." in page
    assert "No plan was made." in page
    assert not StoredPlan.objects.exists()


def test_a_job_that_was_interrupted_begins_anew(as_admin: Client, job: Job) -> None:
    Job.objects.update(state=JobState.RUNNING, done=2, total=3, cursor={"at": {}, "runs": [], "tries": 1})
    Runner().look()
    job.refresh_from_db()
    assert (job.state, job.done, job.total) == (JobState.DONE, 2, 2)
    assert StoredPlan.objects.get().pk == job.cursor["at"]["plan"]


def test_a_job_that_finds_nothing_says_so(as_admin: Client, job: Job) -> None:
    LogEntry.objects.all().delete()
    Runner().look()
    assert "There is nothing to set back" in as_admin.get(f"/sync/plans/undo/{job.pk}", follow=True).text


def test_only_jobs_that_plan_an_undo_are_shown_here(as_admin: Client, as_user: Client, job: Job) -> None:
    other = jobs.start(JobKind.SYNC, {"connections": None, "record": None}, "eva")
    for address in (f"/sync/plans/undo/{other.pk}", "/sync/plans/undo/4711"):
        assert as_admin.get(address).status_code == 404
        assert as_admin.post(f"{address}/stop").status_code == 404
    assert as_user.get(f"/sync/plans/undo/{job.pk}").status_code == 403
    assert as_user.post(f"/sync/plans/undo/{job.pk}/stop").status_code == 403
    assert as_admin.get(f"/sync/plans/undo/{job.pk}/stop").status_code == 405
