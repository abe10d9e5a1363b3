"""Undo with preview, and plans: looked at, chosen from, applied, dropped (behaviour G1, G2)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.erp.memory_erp import MemoryErp
from tests.erp.scenes import company, edit
from tests.web.synced import CUSTOMER, memory_erp, synced

from brygga.erp.models import Job, LogEntry, PlanOutcome, PlanState, Run, StoredPlan
from brygga.erp.services import plans
from brygga.jobs.runner import Runner
from brygga.web.views import plans as views

pytestmark = pytest.mark.django_db


@pytest.fixture
def memory(db: None) -> Iterator[MemoryErp]:
    with memory_erp() as erp:
        yield erp


def planned(client: Client, **what: object) -> StoredPlan:
    response = client.post("/sync/undo", what)
    plan = StoredPlan.objects.latest("id")
    assert response.headers["Location"] == f"/sync/plans/{plan.pk}"
    return plan


def outcomes(plan: StoredPlan) -> list[str]:
    return [item.outcome for item in plans.items(plan)]


def test_a_row_is_looked_at_and_then_set_back(as_admin: Client, memory: MemoryErp) -> None:
    entry = LogEntry.objects.get(run_id=synced(memory), erp_field="CITY", erp_key="1")
    plan = planned(as_admin, log=entry.pk)
    page = as_admin.get(f"/sync/plans/{plan.pk}")
    (row,) = page.context["rows"]
    assert (row.record_name, row.field, row.old, row.new, row.outcome) == (
        "Fjord AS", "City (postal)", "Oslo", "Bergen", "To be changed",
    )  # fmt: skip
    assert company("Fjord AS").fields["POSTALCITY"] == "Oslo"
    said = as_admin.post(f"/sync/plans/{plan.pk}/apply", follow=True).text
    assert "1 change was made." in said
    assert company("Fjord AS").fields["POSTALCITY"] == "Bergen"
    assert Run.objects.latest("id").by == "eva"


def test_a_run_is_set_back_but_for_what_was_changed_since(as_admin: Client, memory: MemoryErp) -> None:
    run = synced(memory)
    edit(company("Skog"), POSTALCITY="Kiruna")
    plan = planned(as_admin, run=run)
    page = as_admin.get(f"/sync/plans/{plan.pk}")
    by_record = {row.record_name: row for row in page.context["rows"] if row.field == "City (postal)"}
    assert by_record["Skog"].outcome == "Left as it is"
    assert "changed since" in by_record["Skog"].problem
    assert not by_record["Skog"].can_turn
    assert len(as_admin.get(f"/sync/plans/{plan.pk}?outcome=moved").context["rows"]) == 1
    said = as_admin.post(f"/sync/plans/{plan.pk}/apply", follow=True).text
    assert "2 changes were made. 1 item was left as it is." in said
    assert memory.value("1", "NAME") == "Fjord"
    assert company("Skog").fields["POSTALCITY"] == "Kiruna"


def test_a_record_is_set_back_from_its_log(as_admin: Client, as_user: Client, memory: MemoryErp) -> None:
    synced(memory)
    skog = company("Skog")
    address = f"/companies/{skog.id}/history"
    assert f'value="company:{skog.id}"' in as_admin.get(address).text
    assert "/sync/undo" not in as_user.get(address).text
    plan = planned(as_admin, record=f"company:{skog.id}")
    assert PlanOutcome.WAITING in outcomes(plan)


def test_items_are_left_out_and_taken_in_again(as_admin: Client, memory: MemoryErp) -> None:
    plan = planned(as_admin, run=synced(memory))
    ids = [item.pk for item in plans.items(plan)]
    choose = f"/sync/plans/{plan.pk}/choose"
    part = as_admin.post(choose, {"shown": ids, "item": ids[1:]}, headers={"HX-Request": "true"})
    assert "2 values are to be changed." in part.text
    assert outcomes(plan) == ["unchecked", "waiting", "waiting"]
    as_admin.post(choose, {"all": "uncheck"})
    assert outcomes(plan) == ["unchecked"] * 3
    assert "disabled" in as_admin.get(f"/sync/plans/{plan.pk}").text
    as_admin.post(choose, {"shown": ids, "item": [ids[0], "x", "9" * 30]})
    assert outcomes(plan) == ["waiting", "unchecked", "unchecked"]
    as_admin.post(choose, {"all": "check"})
    assert outcomes(plan) == ["waiting"] * 3


def test_only_items_of_the_plan_are_chosen(as_admin: Client, memory: MemoryErp) -> None:
    run = synced(memory)
    first, other = planned(as_admin, run=run), planned(as_admin, run=run)
    ids = [item.pk for item in plans.items(other)]
    as_admin.post(f"/sync/plans/{first.pk}/choose", {"shown": ids})
    assert outcomes(other) == ["waiting"] * 3


def test_a_dropped_plan_is_not_applied(as_admin: Client, memory: MemoryErp) -> None:
    plan = planned(as_admin, run=synced(memory))
    assert "has been dropped" in as_admin.post(f"/sync/plans/{plan.pk}/drop", follow=True).text
    assert "is not open any more" in as_admin.post(f"/sync/plans/{plan.pk}/drop", follow=True).text
    assert "is not open any more" in as_admin.post(f"/sync/plans/{plan.pk}/apply", follow=True).text
    page = as_admin.get(f"/sync/plans/{plan.pk}").text
    assert "Dropped" in page
    assert f"/sync/plans/{plan.pk}/apply" not in page


def test_a_long_plan_is_a_job_that_shows_its_progress(
    as_admin: Client, memory: MemoryErp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "AT_ONCE", 2)
    plan = planned(as_admin, run=synced(memory))
    page = as_admin.post(f"/sync/plans/{plan.pk}/apply", follow=True).text
    assert "The plan is being applied." in page
    assert f"/sync/plans/{plan.pk}/apply" not in page
    Job.objects.update(state="running", done=1, total=3)
    assert "1 of 3 records." in as_admin.get(f"/sync/plans/{plan.pk}/progress").text
    Runner().look()
    ended = as_admin.get(f"/sync/plans/{plan.pk}/progress")
    assert (ended.status_code, ended.headers["HX-Refresh"]) == (286, "true")
    plan.refresh_from_db()
    assert plan.state == PlanState.APPLIED


def test_a_plan_of_a_sync_and_of_an_import_are_shown_alike(as_admin: Client, memory: MemoryErp) -> None:
    memory.put(CUSTOMER, "2", CITY="Luleå")
    memory.put(CUSTOMER, "3", NAME="Ny", CITY="Visby")
    sync = plans.make_sync_plan(None, "anna")
    (row,) = as_admin.get(f"/sync/plans/{sync.pk}").context["rows"]
    assert (row.new, row.rule) == ("Luleå", "Only the ERP changed; its value goes to the CRM.")
    connection = plans.items(sync)[0].connection
    imported = plans.make_import_plan(connection, "Customer", plans.Selection(keys=["3"]), by="anna")
    (row,) = as_admin.get(f"/sync/plans/{imported.pk}").context["rows"]
    assert (row.whole, row.record_name) == ("Create in the CRM", "Company")
    assert ("City (postal)", "Visby") in row.values
    as_admin.post(f"/sync/plans/{imported.pk}/apply")
    undone = planned(as_admin, run=Run.objects.latest("id").pk)
    (row,) = as_admin.get(f"/sync/plans/{undone.pk}").context["rows"]
    assert (row.whole, row.record_name) == ("Delete in the CRM", "Ny")
    listed = as_admin.get("/sync/plans").context["rows"]
    assert [entry.title for entry in listed] == [
        f"Undo, plan {undone.pk}", f"Import, plan {imported.pk}", f"Sync, plan {sync.pk}",
    ]  # fmt: skip
    assert listed[1].counts == [("Done", "1")]


def test_an_erp_that_is_down_is_told(as_admin: Client, memory: MemoryErp) -> None:
    run = synced(memory)
    memory.down = "Closed for the night."
    assert "Closed for the night." in as_admin.post("/sync/undo", {"run": run}, follow=True).text
    memory.down = ""
    plan = planned(as_admin, run=run)
    memory.down = "Closed for the night."
    said = as_admin.post(f"/sync/plans/{plan.pk}/apply", follow=True).text
    assert "Closed for the night. Apply the plan again for what still waits." in said
    assert f"/sync/plans/{plan.pk}/apply" in said


@pytest.mark.parametrize(
    "what", [{}, {"log": "4711"}, {"run": "4711"}, {"log": "x"}, {"record": "sale:1"}, {"record": "company"},
             {"log": "1", "run": "1"}],
)  # fmt: skip
def test_an_undo_of_nothing_in_particular_is_not_found(what: dict[str, str], as_admin: Client) -> None:
    assert as_admin.post("/sync/undo", what).status_code == 404


def test_an_undo_of_what_was_never_changed_says_so(as_admin: Client) -> None:
    assert "There is nothing to set back" in as_admin.post("/sync/undo", {"record": "company:1"}, follow=True).text


@pytest.mark.parametrize("part", ["", "/progress"])
def test_a_plan_that_is_not_there_is_not_found(part: str, as_admin: Client) -> None:
    assert as_admin.get(f"/sync/plans/4711{part}").status_code == 404


@pytest.mark.parametrize("address", ["/sync/undo", "/sync/plans/1/choose", "/sync/plans/1/apply", "/sync/plans/1/drop"])
def test_plans_are_for_administrators_and_not_done_by_a_link(address: str, as_user: Client, as_admin: Client) -> None:
    assert as_user.post(address).status_code == 403
    assert as_admin.get(address).status_code == 405
    assert as_user.get("/sync/plans").status_code == 403


def test_more_items_take_no_more_queries(as_admin: Client, memory: MemoryErp) -> None:
    run = synced(memory)
    one = planned(as_admin, log=LogEntry.objects.filter(run_id=run).first().pk)  # type: ignore[union-attr]
    all_of_them = planned(as_admin, run=run)
    counts = []
    for plan in (one, all_of_them):
        with CaptureQueriesContext(database) as queries:
            as_admin.get(f"/sync/plans/{plan.pk}")
        counts.append(len(queries))
    assert counts[0] == counts[1]
