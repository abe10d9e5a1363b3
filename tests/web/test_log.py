"""The log: its filter by field and run, its order, why a value was written, and pages that stay quick."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.erp.memory_erp import MemoryErp
from tests.erp.scenes import company
from tests.web.conftest import Erp
from tests.web.synced import link, memory_erp, misfit, synced, the_connection

from brygga.crm.models import User
from brygga.crm.services.records import RecordView
from brygga.erp.models import Connection, LogEntry, Run
from brygga.erp.services import linking

pytestmark = pytest.mark.django_db


@pytest.fixture
def memory(db: None) -> Iterator[MemoryErp]:
    with memory_erp() as erp:
        yield erp


def entry_of(run: int, field: str, key: str = "1") -> LogEntry:
    return LogEntry.objects.get(run_id=run, crm_field=field, erp_key=key)


def test_the_log_is_filtered_by_field_and_run(as_admin: Client, memory: MemoryErp) -> None:
    run = synced(memory)
    for query, expected in {
        f"run={run}": 3,
        f"run={run}&field=company:POSTALCITY": 2,
        f"run={run}&field=company:NAME": 1,
        f"run={run}&field=contact:FIRSTNAME": 0,
        "run=4711": 0,
    }.items():
        assert len(as_admin.get(f"/sync/log?{query}").context["rows"]) == expected, query


@pytest.mark.parametrize("query", ["run=x", "run=0", f"run={2**63}", "field=company:NO", "field=sale:NAME", "target=x"])
def test_a_filter_that_is_nonsense_is_said_and_shows_nothing(query: str, as_admin: Client, memory: MemoryErp) -> None:
    response = as_admin.get(f"/sync/log?{query}")
    assert (response.status_code, response.context["rows"], response.context["page"].total) == (422, [], 0)


def test_the_log_is_sorted(as_admin: Client, memory: MemoryErp) -> None:
    run = synced(memory)
    newest = [row.texts.id for row in as_admin.get(f"/sync/log?run={run}").context["rows"]]
    assert [row.texts.id for row in as_admin.get(f"/sync/log?run={run}&sort=at").context["rows"]] == newest[::-1]
    by_field = [row.texts.field for row in as_admin.get(f"/sync/log?run={run}&sort=field").context["rows"]]
    assert (
        by_field == [row.texts.field for row in as_admin.get(f"/sync/log?run={run}&sort=-field").context["rows"]][::-1]
    )
    targets = [row.texts.target for row in as_admin.get(f"/sync/log?run={run}&sort=-target").context["rows"]]
    assert targets == ["ERP", "CRM", "CRM"]
    page = as_admin.get(f"/sync/log?run={run}&sort=connection").text
    assert 'aria-sort="ascending"' in page
    assert "sort=-connection" in page
    assert as_admin.get("/sync/log?sort=nonsense").context["order"] == "-at"


def test_the_file_has_the_order_of_the_page(as_admin: Client, memory: MemoryErp) -> None:
    run = synced(memory)
    lines = as_admin.get(f"/sync/log.csv?run={run}&sort=-target").getvalue().decode().splitlines()
    assert [line.split(",")[9] for line in lines] == ["Target", "ERP", "CRM", "CRM"]


def test_a_page_far_down_reads_its_own_rows_only(as_admin: Client, erp: Erp, run: Run, company: RecordView) -> None:
    now = timezone.now()
    LogEntry.objects.bulk_create(
        LogEntry(
            at=now - timedelta(minutes=n), run=run, connection=erp.connection, actor_type="Customer", erp_key="1",
            record_type="company", record_id=company.id, erp_field="PHONE", crm_field="PHONE", target="crm",
            new=str(n), rule="erp_changed",
        )
        for n in range(1000)
    )  # fmt: skip
    counts = []
    for number in (1, 20):
        with CaptureQueriesContext(database) as queries:
            rows = as_admin.get(f"/sync/log?page={number}").context["rows"]
        assert [row.texts.new for row in rows] == [str(n) for n in range(number * 50 - 50, number * 50)]
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_why_tells_rule_mapping_values_run_and_call(as_admin: Client, memory: MemoryErp) -> None:
    entry = entry_of(synced(memory), "POSTALCITY")
    page = as_admin.get(f"/sync/log/{entry.pk}/why", headers={"HX-Request": "true"}).text
    for text in (
        "Fjord AS: City", "“Bergen” to “Oslo” in the CRM", "Only the ERP changed; its value goes to the CRM.",
        "CITY ↔ City (postal). Bidirectional sync.", "Agreed before", "get_actors", f"Run {entry.run_id}, Sync, anna",
        "The side that comes first in the sync priority wins. This is set for the whole connection.",
    ):  # fmt: skip
        assert text in page, text


def test_why_without_a_script_stands_over_the_log(as_admin: Client, as_user: Client, memory: MemoryErp) -> None:
    entry = entry_of(synced(memory), "POSTALCITY")
    page = as_admin.get(f"/sync/log/{entry.pk}/why").text
    assert 'id="dialog"' in page
    assert "data-open" in page
    assert "/sync/undo" in page
    theirs = as_user.get(f"/sync/log/{entry.pk}/why").text
    assert "Only the ERP changed" in theirs
    assert "/sync/undo" not in theirs
    assert f"/sync/runs/{entry.run_id}" not in theirs


def test_why_of_a_value_that_was_not_written(as_admin: Client, memory: MemoryErp) -> None:
    misfit()
    entry = LogEntry.objects.get(rule__startswith="refused")
    page = as_admin.get(f"/sync/log/{entry.pk}/why", headers={"HX-Request": "true"}).text
    assert "was not written in memory" in page
    assert "Not written: the text is too long" in page
    assert "/sync/undo" not in page


def test_why_of_a_value_that_was_never_answered_for(as_admin: Client, memory: MemoryErp) -> None:
    entry = entry_of(synced(memory), "POSTALCITY")
    LogEntry.objects.filter(pk=entry.pk).update(target="erp", rule="unanswered: crm_changed")
    page = as_admin.get(f"/sync/log/{entry.pk}/why", headers={"HX-Request": "true"}).text
    assert "“Oslo” had been sent to memory without an answer, and was not found there." in page
    assert "Only the CRM changed; its value goes to the ERP. It was sent and no answer came." in page
    assert "/sync/undo" not in page
    assert "Sent without an answer, and not found there later" in as_admin.get("/sync/log").text


def test_why_of_a_list_item_shows_texts(as_admin: Client, memory: MemoryErp) -> None:
    memory.put("Customer", "1", GROUP="2")  # type: ignore[arg-type]
    run = synced(memory)
    page = as_admin.get(f"/sync/log/{entry_of(run, 'category').pk}/why", headers={"HX-Request": "true"}).text
    assert "“Retail” to “Industry”" in page
    assert "2 ↔ Industry" in page


def test_how_a_field_stands_now(as_admin: Client, as_user: Client, user: User, memory: MemoryErp) -> None:
    run = synced(memory)
    fjord, connection = company("Fjord AS").id, the_connection()
    address = f"/why/company/{fjord}/{connection.pk}/POSTALCITY"
    for client in (as_admin, as_user):
        page = client.get(address, headers={"HX-Request": "true"}).text
        assert "Both sides agree on this field" in page
        assert f"/sync/log/{entry_of(run, 'POSTALCITY').pk}/why" in page
    Connection.objects.update(all_access=False)
    assert as_user.get(address).status_code == 404
    assert as_admin.get(address).status_code == 200


def test_a_field_in_trouble_says_what_is_wrong(as_admin: Client, memory: MemoryErp) -> None:
    record = misfit().record_id
    address = f"/why/company/{record}/{the_connection().pk}/POSTALCITY"
    assert "The text has 28 characters" in as_admin.get(address, headers={"HX-Request": "true"}).text


def test_a_field_that_is_not_synced_any_more_says_so(as_admin: Client, memory: MemoryErp) -> None:
    record, connection = link().record_id, the_connection()
    linking.disconnect(connection, "company", record, "anna")
    page = as_admin.get(f"/why/company/{record}/{connection.pk}/NAME", headers={"HX-Request": "true"}).text
    assert "is not synced with memory" in page


@pytest.mark.parametrize("address", ["/sync/log/4711/why", "/why/sale/1/1/NAME", "/why/company/1/4711/NAME"])
def test_what_is_not_there_is_not_explained(address: str, as_admin: Client, as_user: Client) -> None:
    for client in (as_admin, as_user):
        assert client.get(address).status_code == 404
