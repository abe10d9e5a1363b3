"""Quote/Sync: how sync stands, its settings, and the log with its filters and its file."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone, translation
from tests.web.conftest import Erp

from brygga.crm.models import User
from brygga.crm.services.records import RecordView
from brygga.erp.engine.report import ConnectionReport
from brygga.erp.models import Connection, Job, LinkState, LogEntry, Run, SyncSettings
from brygga.erp.problems import told
from brygga.erp.services import automatic, jobs
from brygga.erp.services.status import ConnectionState, connection_states
from brygga.jobs.runner import Runner

pytestmark = pytest.mark.django_db


def entry(run: Run, erp: Erp, company: RecordView, **values: object) -> LogEntry:
    """A line in the log."""
    given = {
        "at": timezone.now(), "actor_type": "Customer", "erp_key": "10017", "record_type": "company",
        "record_id": company.id, "erp_field": "PHONE", "crm_field": "PHONE", "target": "crm",
        "old": "72", "new": "+47 72", "rule": "changed", **values,
    }  # fmt: skip
    return LogEntry.objects.create(run=run, connection=erp.connection, **given)


def test_automatic_sync_is_switched_with_its_state_in_words(as_admin: Client) -> None:
    as_admin.post("/sync/automatic", {"automatic": "off"})
    assert "Automatic sync is off." in as_admin.get("/sync").text
    assert SyncSettings.load().next_run_at is None
    as_admin.post("/sync/automatic", {"automatic": "on"})
    assert "Automatic sync is on." in as_admin.get("/sync").text
    assert SyncSettings.load().next_run_at is not None


def test_the_interval_is_set_within_its_bounds(as_admin: Client) -> None:
    assert as_admin.post("/sync/interval", {"interval": "300"}).status_code == 302
    assert "Every 5 minutes." in as_admin.get("/sync").text
    for wrong in ("", "x", "1", str(automatic.LONGEST + 1)):
        response = as_admin.post("/sync/interval", {"interval": wrong})
        assert response.status_code == 422
        assert "data-open" in response.text
    assert SyncSettings.load().interval == 300


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({"active": False}, ConnectionState.INACTIVE),
        ({"failure": told("The file is missing.").stored()}, ConnectionState.FAILED),
        ({}, ConnectionState.NEW),
        ({"last_run_at": timezone.now()}, ConnectionState.IN_SYNC),
    ],
)
def test_a_connection_says_how_it_stands(change: dict[str, object], state: ConnectionState, erp: Erp) -> None:
    Connection.objects.filter(pk=erp.connection.pk).update(**change)
    assert [status.state for status in connection_states()] == [state]


def test_conflicts_and_failures_are_counted(as_admin: Client, erp: Erp, company: RecordView) -> None:
    erp.link(company, state=LinkState.CONFLICT)
    page = as_admin.get("/sync").text
    assert "1 conflict" in page
    assert connection_states()[0].links == 1


def test_sync_now_runs_in_the_background_and_says_what_came_of_it(as_admin: Client) -> None:
    page = as_admin.post("/sync/now", follow=True).text
    assert "It begins in a moment." in page
    assert 'hx-trigger="every 1s"' in page
    as_admin.post("/sync/now")
    assert Runner().look()
    page = as_admin.get("/sync").text
    assert "0 changes." in page
    assert "every 1s" not in page
    assert Run.objects.get(kind="sync", by="eva").state == "done"


def seen(page: str) -> str:
    """What the page tells the server that it shows."""
    found = re.search(r'id="jobs-seen" name="seen" value="([^"]*)"', page)
    assert found is not None
    return found[1]


def test_polling_tells_news_once_and_ends_with_the_last_job(as_admin: Client, erp: Erp) -> None:
    answer = as_admin.post("/sync/now", {"seen": seen(as_admin.get("/sync").text)}, headers={"HX-Request": "true"})
    assert 'id="jobs"' in answer.text
    assert '<p id="jobs-news" hx-swap-oob="innerHTML">Sync: Waiting.</p>' in answer.text
    again = as_admin.get("/sync/jobs", {"seen": seen(answer.text)})
    assert again.status_code == 200
    assert "jobs-news" not in again.text
    Runner().look()
    last = as_admin.get("/sync/jobs", {"seen": seen(answer.text)})
    assert last.status_code == 286
    assert "Sync: Failed. 0 changes. Fjord:" in last.text
    assert 'id="connections" hx-swap-oob="true"' in last.text
    assert 'id="sync-summary" hx-swap-oob="true"' in last.text


def test_a_running_job_shows_how_far_it_is(as_admin: Client, erp: Erp) -> None:
    params = {"connection": erp.connection.pk, "actor_type": "Customer", "everything": True}
    job = Job.objects.create(kind="import", params=params, by="eva", state="running", done=2000, total=10000)
    lease = jobs.lease_of(job)
    assert lease.take()
    page = as_admin.get("/sync").text
    for part in (
        "Import of Customer from Fjord", "Running", "2,000 of 10,000 records.", 'value="2000" max="10000"',
        f'aria-labelledby="job-{job.pk}"', f'action="/sync/jobs/{job.pk}/stop?',
    ):  # fmt: skip
        assert part in page
    Job.objects.update(total=0)
    page = as_admin.get("/sync").text
    assert "2,000 records so far." in page
    assert "max=" not in page.split("<progress")[1].split("</progress>")[0]  # nobody knows how far it is
    Job.objects.update(state="waiting")
    assert 'value="0" max="1"' in as_admin.get("/sync").text
    Job.objects.update(state="running")
    User.objects.update(language="de")
    Job.objects.update(total=10000)
    assert 'value="2000" max="10000"' in as_admin.get("/sync").text
    User.objects.update(language="en")
    lease.release()
    assert "Interrupted" in as_admin.get("/sync").text


@pytest.mark.parametrize(
    ("kind", "params", "title"),
    [
        ("sync", {"connections": None}, "Sync"),
        ("sync", {"connections": [0]}, "Sync with Fjord"),
        ("resync", {"source": "crm"}, "Resync from CRM"),
        ("resync", {"source": 0}, "Resync from Fjord"),
        ("apply", {"plan": 7}, "Plan 7"),
    ],
)
def test_a_job_says_what_it_does(kind: str, params: dict[str, object], title: str, as_admin: Client, erp: Erp) -> None:
    pk = erp.connection.pk
    given = {name: pk if value == 0 else [pk] if value == [0] else value for name, value in params.items()}
    job = Job.objects.create(kind=kind, params=given, by="eva")
    assert f'<strong id="job-{job.pk}">{title}</strong>' in as_admin.get("/sync").text


def test_a_job_is_stopped_from_the_page(as_admin: Client, as_user: Client) -> None:
    as_admin.post("/sync/now")
    job = Job.objects.get()
    assert as_user.post(f"/sync/jobs/{job.pk}/stop").status_code == 403
    lease = jobs.lease_of(job)
    assert lease.take()
    Job.objects.update(state="running")
    answer = as_admin.post(f"/sync/jobs/{job.pk}/stop", headers={"HX-Request": "true"})
    assert "What is done stays done." in answer.text
    assert "/stop" not in answer.text
    lease.release()
    Runner().look()
    assert "Stopped" in as_admin.get("/sync").text
    assert as_admin.post("/sync/jobs/4711/stop").status_code == 404


def test_a_job_that_waits_long_says_why(as_admin: Client) -> None:
    as_admin.post("/sync/now")
    Job.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    assert "brygga job run" in as_admin.get("/sync").text


def test_a_failed_job_says_why_in_the_readers_language(as_admin: Client, erp: Erp) -> None:
    as_admin.post("/sync/now")
    failure = told('US:"Closed.";SW:"Stängt."').stored()
    part = {"name": "Fjord", "connection": erp.connection.pk, "to_crm": 3, "failed": 2, "failure": failure}
    run = Run.objects.create(kind="sync", state="failed", report=[part])
    Job.objects.update(state="failed", run=run, cursor={"runs": [run.pk]}, ended_at=timezone.now())
    assert "Fjord: Closed." in as_admin.get("/sync").text
    assert "3 changes. 2 need attention." in as_admin.get("/sync").text
    User.objects.filter(username="eva").update(language="sv")
    assert "Fjord: Stängt." in as_admin.get("/sync").text


def test_the_log_is_filtered(as_admin: Client, erp: Erp, run: Run, company: RecordView) -> None:
    entry(run, erp, company, new="to crm")
    entry(run, erp, company, new="to erp", target="erp", at=timezone.now() - timedelta(days=2))
    yesterday = (timezone.now() - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    both, crm, erp_only = ["to crm", "to erp"], ["to crm"], ["to erp"]
    for query, expected in {
        "": both,
        "target=crm": crm,
        "target=erp": erp_only,
        f"since={yesterday}": crm,
        f"until={yesterday}": erp_only,
        f"record=company:{company.id}": both,
        "record=company:4711": [],
        "record=orkdal": both,
        "record=zzz": [],
        f"connection={erp.connection.pk}": both,
    }.items():
        rows = as_admin.get(f"/sync/log?{query}").context["rows"]
        assert [row.texts.new for row in rows] == expected, query
    assert as_admin.get("/sync/log?connection=4711").status_code == 422


def test_a_wrong_filter_is_said_at_its_field_and_exports_nothing(as_admin: Client) -> None:
    for path in ("/sync/log", "/sync/log.csv"):
        response = as_admin.get(f"{path}?since=yesterday")
        assert response.status_code == 422
        assert 'id="id_since_error"' in response.text


def test_the_log_has_pages(as_admin: Client, erp: Erp, run: Run, company: RecordView) -> None:
    for number in range(51):
        entry(run, erp, company, new=f"value {number}", at=timezone.now() - timedelta(minutes=number))
    assert len(as_admin.get("/sync/log").context["rows"]) == 50
    assert [row.texts.new for row in as_admin.get("/sync/log?page=2").context["rows"]] == ["value 50"]


def test_the_file_holds_what_the_filter_lets_through(as_admin: Client, erp: Erp, run: Run, company: RecordView) -> None:
    entry(run, erp, company, new='=HYPERLINK("x")', old="a;b\nc")
    entry(run, erp, company, target="erp")
    response = as_admin.get("/sync/log.csv?target=crm")
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in response.headers["Content-Disposition"]
    text = response.getvalue().decode("utf-8-sig")
    head, line = csv.reader(io.StringIO(text, newline=""))
    assert head[:4] == ["When", "Run", "Connection", "Record"]
    assert line[3:5] == [f"company:{company.id}", "Orkdal Eldresenter"]
    assert line[-4:] == ["a;b\nc", '\'=HYPERLINK("x")', f"Run {run.pk}, anna", ""]


def test_a_value_that_was_not_written_says_why(as_admin: Client, erp: Erp, run: Run, company: RecordView) -> None:
    entry(run, erp, company, new="x" * 300, old=None, rule="refused: too_long")
    assert "Not written: the text is too long" in as_admin.get("/sync/log").text
    assert "Not written: the text is too long" in as_admin.get("/sync/log.csv").getvalue().decode()


@pytest.mark.parametrize(("language", "text"), [("en", "Closed."), ("sv", "Stängt."), ("nl", "Closed.")])
def test_a_failure_is_read_in_ones_own_language(language: str, text: str, as_admin: Client, erp: Erp) -> None:
    failure = told('US:"Closed.";SW:"Stängt."').stored()
    Connection.objects.filter(pk=erp.connection.pk).update(failure=failure, names={"en": "Fjord", "sv": "Fjärd"})
    run = Run.objects.create(kind="sync", state="done", ended_at=timezone.now())
    run.report = [ConnectionReport(name="Fjord", to_crm=3, connection=erp.connection.pk).stored()]
    run.save()
    User.objects.filter(username="eva").update(language=language)
    assert text in as_admin.get("/sync").text
    with translation.override(language):
        (status,) = connection_states()
    assert (status.failure, status.changes) == (text, 3)


def test_telephone_numbers_stay_as_they_are_in_the_file(
    as_admin: Client, erp: Erp, run: Run, company: RecordView
) -> None:
    entry(run, erp, company, new="+47 72 48 00 00")
    assert ",+47 72 48 00 00," in as_admin.get("/sync/log.csv").getvalue().decode()


def test_a_records_own_log_is_open_to_users(as_user: Client, erp: Erp, run: Run, company: RecordView) -> None:
    entry(run, erp, company)
    assert "+47 72" in as_user.get(f"/companies/{company.id}/history").text
