"""`brygga job`: listing, stopping and doing what waits."""

from __future__ import annotations

import json

import pytest

from brygga.cli import run
from brygga.cli.output import DONE, PARTLY, REFUSED
from brygga.erp.models import Job
from brygga.erp.services import jobs
from brygga.erp.services.jobs import JobKind

pytestmark = pytest.mark.django_db

SYNC = {"connections": None, "record": None}


def listed(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    capsys.readouterr()
    assert run(["job", "list", "--json"]) == DONE
    found: list[dict[str, object]] = json.loads(capsys.readouterr().out)
    return found


def test_what_waits_is_done_here_and_now(capsys: pytest.CaptureFixture[str]) -> None:
    job = jobs.start(JobKind.SYNC, SYNC, "eva")
    assert [(row["id"], row["kind"], row["by"], row["state"]) for row in listed(capsys)] == [
        (job.pk, "sync", "eva", "waiting")
    ]
    assert run(["job", "run", "--json"]) == DONE
    assert [row["state"] for row in json.loads(capsys.readouterr().out)] == ["done"]
    assert [(row["state"], row["problem"]) for row in listed(capsys)] == [("done", "")]


def test_a_table_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    jobs.start(JobKind.SYNC, SYNC, "eva")
    assert run(["job", "list"]) == DONE
    heads, row = capsys.readouterr().out.splitlines()
    assert heads.split("\t")[:4] == ["id", "kind", "by", "state"]
    assert row.split("\t")[1:4] == ["sync", "eva", "waiting"]


def test_a_failed_job_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    job = jobs.start(JobKind.RESYNC, {"source": 4711}, "eva")
    assert run(["job", "run"]) == PARTLY
    assert f"job {job.pk}: The ERP connection of this job has been deleted." in capsys.readouterr().err


def test_a_job_is_stopped(capsys: pytest.CaptureFixture[str]) -> None:
    waiting, at_work = (jobs.start(JobKind.SYNC, {"connections": [n]}, "eva") for n in (1, 2))
    assert jobs.lease_of(at_work).take()
    assert run(["job", "stop", str(waiting.pk)]) == DONE
    assert run(["job", "stop", str(at_work.pk)]) == DONE
    out = capsys.readouterr().out.splitlines()
    assert out == [f"Job {waiting.pk} is stopped.", f"Job {at_work.pk} stops after the page it is at."]
    assert dict(Job.objects.values_list("pk", "stop")) == {waiting.pk: True, at_work.pk: True}


def test_one_that_has_ended_or_is_not_there_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    job = jobs.start(JobKind.SYNC, SYNC, "eva")
    jobs.stop(job)
    for number, said in ((job.pk, "has ended already"), (4711, "no job 4711")):
        assert run(["job", "stop", str(number)]) == REFUSED
        assert said in capsys.readouterr().err
