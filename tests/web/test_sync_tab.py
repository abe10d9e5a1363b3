"""The Sync tab: two tables, one row of each selected, and what can be done with it (behaviour A1 to A3)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.web.conftest import Erp

from brygga.erp.models import ActorMapping, Connection, Connector, FieldMapping, Job, Run, SyncSettings
from brygga.erp.problems import told
from brygga.erp.services.status import sync_at_work

pytestmark = pytest.mark.django_db


@pytest.fixture
def second(erp: Erp) -> Connection:
    """A connection that is not active, and a connector that no connection uses."""
    Connector.objects.create(name="Unused", url="plugin://tab")
    return Connection.objects.create(names={"en": "Lager DK"}, connector=erp.connection.connector, priority=9)


def selected(page: str) -> list[str]:
    """The ids of the links of the rows that are selected."""
    return re.findall(r'<a class="main" id="([^"]+)"[^>]*aria-current="true"', page)


def dimmed(page: str) -> dict[str, str]:
    """The buttons that can't be pressed, by id, and why."""
    found = re.findall(r'<button class="[^"]*" id="([^"]+)" type="button" aria-disabled="true" title="([^"]*)"', page)
    return dict(found)


def test_the_first_row_of_each_table_is_selected(as_admin: Client, erp: Erp, second: Connection) -> None:
    page = as_admin.get("/sync").text
    assert selected(page) == [f"connector-{erp.connection.connector_id}", f"connection-{erp.connection.pk}"]
    assert "Count: 2" in page


def test_the_address_selects(as_admin: Client, erp: Erp, second: Connection) -> None:
    unused = Connector.objects.get(name="Unused")
    page = as_admin.get(f"/sync?connector={unused.pk}&connection={second.pk}").text
    assert selected(page) == [f"connector-{unused.pk}", f"connection-{second.pk}"]
    assert f'href="/sync?connector={erp.connection.connector_id}&amp;connection={second.pk}"' in page
    assert '<h2 id="selected-title">Lager DK</h2>' in page


@pytest.mark.parametrize("query", ["connection=4711", "connection=x", "connection=-1", f"connection={'9' * 40}"])
def test_what_is_not_there_is_not_selected(query: str, as_admin: Client, erp: Erp) -> None:
    page = as_admin.get(f"/sync?{query}").text
    assert f"connection-{erp.connection.pk}" in selected(page)


def test_buttons_that_can_not_be_pressed_say_why(as_admin: Client, erp: Erp, second: Connection) -> None:
    page = as_admin.get("/sync").text
    assert dimmed(page) == {
        "connectors-delete": "2 ERP connections use it.",
        "connections-delete": "It is active. Deactivate it first.",
    }
    page = as_admin.get(f"/sync?connector={Connector.objects.get(name='Unused').pk}&connection={second.pk}").text
    why = "It is not active. Activate it first."
    assert dimmed(page) == {"connections-resync": why, "link-resync": why}


def test_empty_tables_say_to_press_add(as_admin: Client) -> None:
    page = as_admin.get("/sync").text
    assert "There is no sync connector yet." in page
    assert "There is no ERP connection yet." in page
    assert page.count("Press Add") == 2
    assert "config apply" not in page
    assert dimmed(page) == {
        "connectors-configure": "Select a sync connector first.",
        "connectors-delete": "Select a sync connector first.",
        "connections-add": "Add a sync connector first.",
        "connections-configure": "Select an ERP connection first.",
        "connections-test": "Select an ERP connection first.",
        "connections-priority": "No ERP connection is active yet.",
        "connections-resync": "Select an ERP connection first.",
        "connections-delete": "Select an ERP connection first.",
    }


def test_deleted_ones_are_shown_on_request_and_can_only_be_restored(
    as_admin: Client, erp: Erp, second: Connection
) -> None:
    Connection.objects.filter(pk=second.pk).update(deleted=True)
    Connector.objects.filter(name="Unused").update(deleted=True)
    page = as_admin.get("/sync").text
    assert "Lager DK" not in page
    assert "Unused" not in page
    unused = Connector.objects.get(name="Unused").pk
    page = as_admin.get(f"/sync?connector={unused}&connection={second.pk}&old_connectors=1&old_connections=1").text
    assert selected(page) == [f"connector-{unused}", f"connection-{second.pk}"]
    assert page.count('aria-checked="true"') == 3  # both switches, and the connection that is active
    assert 'id="connectors-restore"' in page
    assert 'id="connections-restore"' in page
    why = "It is deleted. Restore it first."
    assert set(dimmed(page).values()) == {why}
    assert len(dimmed(page)) == 11


def test_a_connection_tells_when_it_ran_last_and_runs_next(as_admin: Client, erp: Erp) -> None:
    now = timezone.now()
    SyncSettings.load()
    SyncSettings.objects.update(next_run_at=now + timedelta(days=2))
    assert "Next run" in as_admin.get("/sync").text
    later = now + timedelta(days=9)
    Connection.objects.update(retry_at=later, failure=told("No such file.").stored())
    assert f"Next run {later.strftime('%-d %b %Y')}" in as_admin.get("/sync").text
    Connection.objects.update(paused=told("Too many.").stored())
    page = as_admin.get("/sync").text
    assert later.strftime("%-d %b %Y") not in page
    assert "Too many." in page


def test_the_selected_connection_shows_what_it_maps(as_admin: Client, erp: Erp) -> None:
    FieldMapping.objects.filter(key="PHONE").update(crm_key="PHONE", to_crm=True, to_erp=True)
    FieldMapping.objects.filter(key="CREDIT").update(crm_key="NUMBER1", missing=True, default_set=True)
    ActorMapping.objects.create(connection=erp.connection, actor_type="Supplier", record_type="company")
    page = as_admin.get("/sync").text
    assert "Bidirectional sync" in page
    assert "Missing in ERP" in page
    assert "Default values: Credit limit" in page
    supplier = page.split("<dt>Supplier")[1]
    assert "Not synced" in supplier
    assert "No field is mapped yet." in supplier


def test_the_selected_connection_leads_to_its_parts(as_admin: Client, erp: Erp) -> None:
    page = as_admin.get("/sync").text
    for key in ("mappings", "list-mapping", "defaults", "rank", "import", "resync"):
        assert re.search(rf'<a class="button " id="link-{key}" href="/[^"]+"', page), key
    assert f'href="/sync/connections/{erp.connection.pk}/resync/crm?' in page


def test_the_number_of_queries_does_not_grow_with_the_rows(as_admin: Client, erp: Erp) -> None:
    def queries() -> int:
        with CaptureQueriesContext(database) as captured:
            as_admin.get("/sync?old_connectors=1&old_connections=1")
        return len(captured)

    queries()
    few = queries()
    for number in range(20):
        connector = Connector.objects.create(name=f"C{number}", url="plugin://tab", deleted=number % 2 == 0)
        Connection.objects.create(names={"en": f"N{number}"}, connector=connector, priority=number + 1)
    assert queries() == few


def test_what_a_connector_calls_itself_is_shown_as_text(as_admin: Client, erp: Erp) -> None:
    Connection.objects.update(names={"en": "<img src=x>"}, descriptions={"en": "<b>x</b>"})
    FieldMapping.objects.filter(key="PHONE").update(crm_key="PHONE", name="<script>x</script>")
    page = as_admin.get("/sync").text
    assert "<img" not in page
    assert "<b>x" not in page
    assert "<script>x" not in page


def test_the_selection_outlives_what_is_done_on_the_tab(as_admin: Client, erp: Erp, second: Connection) -> None:
    query = f"?connector={erp.connection.connector_id}&connection={second.pk}"
    for path, data in (("automatic", {"automatic": "on"}), ("interval", {"interval": "60"}), ("now", {})):
        assert as_admin.post(f"/sync/{path}{query}", data).headers["Location"] == f"/sync{query}"
    page = as_admin.get(f"/sync{query}").text
    assert f'hx-get="/sync/jobs?connector={erp.connection.connector_id}&amp;connection={second.pk}"' in page
    answer = as_admin.get(f"/sync/jobs{query}&seen=-").text
    assert selected(answer) == [f"connection-{second.pk}"]


def test_a_sync_that_nobody_started_by_hand_is_followed(as_admin: Client, erp: Erp) -> None:
    run = Run.objects.create(kind="sync", state="running")
    page = as_admin.get("/sync").text
    assert "A sync is at work now." in page
    assert 'hx-trigger="every 1s"' in page
    seen = re.search(r'name="seen" value="([^"]*)"', page)
    assert seen is not None
    assert "jobs-news" not in as_admin.get("/sync/jobs", {"seen": seen[1]}).text
    Run.objects.filter(pk=run.pk).update(state="done", ended_at=timezone.now())
    answer = as_admin.get("/sync/jobs", {"seen": seen[1]})
    assert "A sync has ended." in answer.text
    assert 'id="connections" hx-swap-oob="true"' in answer.text
    assert (answer.status_code, answer.headers["HX-Reswap"]) == (286, "outerHTML")


def test_a_run_that_was_cut_off_is_not_waited_for(erp: Erp) -> None:
    run = Run.objects.create(kind="sync", state="running")
    assert sync_at_work()
    Run.objects.filter(pk=run.pk).update(started_at=timezone.now() - timedelta(minutes=5))
    assert not sync_at_work()


def test_a_page_at_rest_looks_again_when_the_next_run_begins(as_admin: Client, erp: Erp) -> None:
    SyncSettings.load()
    SyncSettings.objects.update(next_run_at=timezone.now() + timedelta(seconds=60))
    page = as_admin.get("/sync").text
    assert re.search(r'hx-trigger="load delay:6[012]s"', page)
    SyncSettings.objects.update(next_run_at=timezone.now() - timedelta(seconds=60))
    assert 'hx-trigger="load delay:5s"' in as_admin.get("/sync").text
    SyncSettings.objects.update(automatic=False, next_run_at=None)
    assert "hx-trigger" not in as_admin.get("/sync").text.split('id="jobs"')[1].split(">")[0]
    whole = as_admin.get("/sync/jobs", {"seen": "-", "whole": "1"})
    assert '<div id="jobs"' in whole.text


def test_a_resync_to_one_connection_says_so(as_admin: Client, erp: Erp) -> None:
    Job.objects.create(kind="resync", params={"source": "crm", "connections": [erp.connection.pk]}, by="eva")
    assert "Resync from CRM to Fjord" in as_admin.get("/sync").text
