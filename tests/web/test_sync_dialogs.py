"""Set sync priority and resync, on screen (behaviour A12, A14)."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from tests.web.conftest import Erp

from brygga.crm.services.records import RecordView
from brygga.erp.models import Connection, FieldMapping, Job
from brygga.erp.services.priority import order_now
from brygga.jobs.runner import Runner

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def second(erp: Erp) -> Connection:
    """Another active connection."""
    return Connection.objects.create(
        names={"en": "Lager DK"}, connector=erp.connection.connector, priority=9, active=True
    )


def order(page: str) -> list[str]:
    """The names in the order of a page."""
    return re.findall(r'<li class="ranking-item" data-name="([^"]+)"', page)


def test_the_priority_is_stored_as_it_was_put_in_order(as_admin: Client, erp: Erp, second: Connection) -> None:
    assert order(as_admin.get("/sync/priority").text) == ["CRM", "Fjord", "Lager DK"]
    ids = [str(second.pk), "0", str(erp.connection.pk)]
    answer = as_admin.post(f"/sync/priority?connection={second.pk}", {"order": ids})
    assert answer.headers["Location"] == f"/sync?connection={second.pk}"
    assert order_now() == [second, None, erp.connection]


def test_an_arrow_button_moves_without_a_script_and_stores_nothing(
    as_admin: Client, erp: Erp, second: Connection
) -> None:
    ids = ["0", str(erp.connection.pk), str(second.pk)]
    page = as_admin.post("/sync/priority", {"order": ids, "up": str(second.pk)}).text
    assert order(page) == ["CRM", "Lager DK", "Fjord"]
    assert order_now() == [None, erp.connection, second]


def test_only_active_connections_have_a_priority_to_set(as_admin: Client, erp: Erp, second: Connection) -> None:
    Connection.objects.filter(pk=second.pk).update(active=False)
    assert order(as_admin.get("/sync/priority", headers=HTMX).text) == ["CRM", "Fjord"]


def test_the_priority_is_for_administrators(as_user: Client) -> None:
    assert as_user.get("/sync/priority").status_code == 403
    assert as_user.post("/sync/priority").status_code == 403


@pytest.fixture
def linked(erp: Erp, company: RecordView) -> Connection:
    """A connection with one link, whose ERP has another credit limit than the CRM."""
    erp.link(company)
    FieldMapping.objects.filter(key="CREDIT").update(crm_key="NUMBER1", to_crm=True)
    return erp.connection


@pytest.mark.parametrize(
    ("source", "warning"), [("crm", "Back up the ERP system first."), ("erp", "Back them up first.")]
)
def test_a_resync_warns_first(source: str, warning: str, as_admin: Client, linked: Connection) -> None:
    page = as_admin.get(f"/sync/connections/{linked.pk}/resync/{source}").text
    assert warning in page
    assert "1 linked record" in page
    assert not Job.objects.exists()


def test_a_preview_shows_what_would_change(as_admin: Client, linked: Connection, company: RecordView) -> None:
    page = as_admin.post(
        f"/sync/connections/{linked.pk}/resync/erp", {"preview": "1", "keep_blanks": "on"}, headers=HTMX
    ).text
    assert "1 value would change." in page
    assert "Orkdal Eldresenter" in page
    assert "1500.5" in page
    assert 'name="keep_blanks" value="on" checked' in page
    assert not Job.objects.exists()


def test_a_preview_tells_that_the_erp_can_not_be_read(as_admin: Client, erp: Erp, linked: Connection) -> None:
    erp.connector.failure = "The books are closed."
    page = as_admin.post(f"/sync/connections/{linked.pk}/resync/erp", {"preview": "1"}).text
    assert "Fjord: The books are closed." in page
    assert "0 values would change." in page


@pytest.mark.parametrize("source", ["crm", "erp"])
def test_a_resync_runs_as_a_job(source: str, as_admin: Client, linked: Connection) -> None:
    query = f"?connection={linked.pk}"
    answer = as_admin.post(f"/sync/connections/{linked.pk}/resync/{source}{query}", {"keep_blanks": "on"})
    assert answer.headers["Location"] == f"/sync{query}"
    job = Job.objects.get()
    assert (job.kind, job.by, job.params["keep_blanks"]) == ("resync", "eva", True)
    assert job.params["source"] == ("crm" if source == "crm" else linked.pk)
    assert "Resync from" in as_admin.get("/sync").text
    assert Runner().run_next() is not None


def test_nothing_is_resynced_where_nothing_is_linked_or_active(as_admin: Client, erp: Erp) -> None:
    path = f"/sync/connections/{erp.connection.pk}/resync/erp"
    assert 'disabled title="No record is linked with it."' in as_admin.get(path).text
    Connection.objects.update(active=False)
    for answer in (as_admin.get(path), as_admin.post(path)):
        assert "Activate it before you resync." in answer.text
    assert not Job.objects.exists()


def test_a_plan_is_made_in_the_background_and_opened_from_its_job(as_admin: Client, linked: Connection) -> None:
    as_admin.post(f"/sync/connections/{linked.pk}/resync/erp", {"plan": "1"})
    assert "Plan for: Resync from Fjord" in as_admin.get("/sync").text
    assert Runner().run_next() is not None
    page = as_admin.get("/sync").text
    assert "The plan is ready." in page
    found = re.search(r'<a href="(/sync/plans/\d+)">Open the plan</a>', page)
    assert found is not None
    assert as_admin.get(found[1]).status_code == 200
