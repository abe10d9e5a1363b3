"""Connections tested, activated with all findings, deactivated, deleted and restored on screen (behaviour A3, A13)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from tests.erp.sample_connector import SampleConnector
from tests.web.conftest import Erp

from brygga.contract import Access, FieldType
from brygga.crm.services.records import RecordView
from brygga.erp import connectors
from brygga.erp.models import ActorMapping, Connection, Connector, FieldMapping, Link

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def sample() -> Iterator[SampleConnector]:
    """A connector that works until it is told that its ERP is down."""
    with connectors.use("sample", SampleConnector()) as connector:
        yield connector


@pytest.fixture
def connection(sample: SampleConnector) -> Connection:
    """A connection that is not active and maps the name of customers."""
    row = Connector.objects.create(name="Sample", url="plugin://sample")
    connection = Connection.objects.create(names={"en": "Fjord"}, connector=row)
    connectors.open_connector(row).saved[str(connection.guid)] = {}  # type: ignore[attr-defined]
    actor = ActorMapping.objects.create(connection=connection, actor_type="Customer", record_type="company", sync=True)
    FieldMapping.objects.create(
        actor=actor, key="NAME", name="Name", max_length=200, crm_key="NAME", to_crm=True, to_erp=True
    )
    return connection


@pytest.fixture
def faulty(connection: Connection) -> Connection:
    """The same with a mandatory field and a list that nobody has dealt with."""
    actor = connection.actors.get()
    FieldMapping.objects.create(actor=actor, key="VAT", name="VAT <number>", access=Access.MANDATORY)
    FieldMapping.objects.create(
        actor=actor, key="GROUP", name="Group", type=FieldType.LIST, list_name="groups", crm_key="category", to_crm=True
    )
    return connection


def path(connection: Connection, part: str) -> str:
    """The address of what is done with a connection."""
    return f"/sync/connections/{connection.pk}/{part}"


def test_a_connection_without_fault_becomes_active(as_admin: Client, connection: Connection) -> None:
    answer = as_admin.post(path(connection, "activate") + f"?connection={connection.pk}")
    assert answer.headers["Location"] == f"/sync?connection={connection.pk}"
    assert Connection.objects.get().active
    assert "is active now" in as_admin.get("/sync").text


def test_every_fault_is_listed_and_leads_to_its_field(
    as_admin: Client, faulty: Connection, sample: SampleConnector
) -> None:
    sample.down = True
    page = as_admin.post(path(faulty, "activate"), headers=HTMX).text
    assert "can't be activated yet" in page
    for url in (
        "/mappings?actor=Customer&amp;field=VAT", "/list-mapping?actor=Customer&amp;field=GROUP", "/configure",
    ):  # fmt: skip
        assert f'{url}" hx-get' in page
    assert "VAT &lt;number&gt;" in page
    assert page.count('<li class="bad">') == 3
    assert not Connection.objects.get().active


def test_faults_stand_over_the_page_without_a_script(as_admin: Client, faulty: Connection) -> None:
    page = as_admin.post(path(faulty, "activate"))
    assert "data-open" in page.text
    assert "Check again" in page.text
    assert 'id="connections"' in page.text


def test_what_is_only_to_be_minded_is_asked_about_once(as_admin: Client, connection: Connection) -> None:
    FieldMapping.objects.filter(key="NAME").update(crm_key="NUMBER1", to_erp=True, max_length=3)
    page = as_admin.post(path(connection, "activate"), headers=HTMX).text
    assert "Activate “Fjord”?" in page
    assert '<li class="warn">' in page
    assert not Connection.objects.get().active
    as_admin.post(path(connection, "activate"), {"confirmed": "1"})
    assert Connection.objects.get().active


def test_deactivating_asks_and_tells_what_stops(as_admin: Client, erp: Erp) -> None:
    for method in (as_admin.get, as_admin.post):
        page = method(path(erp.connection, "deactivate")).text
        assert "Deactivate “Fjord”?" in page
        assert "no longer synced" in page
    assert Connection.objects.get().active
    as_admin.post(path(erp.connection, "deactivate"), {"confirmed": "1"})
    assert not Connection.objects.get().active


def test_a_test_tells_its_result_in_place(as_admin: Client, connection: Connection, sample: SampleConnector) -> None:
    assert "“Fjord” works." in as_admin.post(path(connection, "test"), headers=HTMX).text
    sample.down = True
    answer = as_admin.post(path(connection, "test"), headers=HTMX).text
    assert "“Fjord” does not work." in answer
    assert "<html" not in answer
    assert as_admin.post(path(connection, "test")).status_code == 302
    assert "“Fjord” does not work." in as_admin.get("/sync").text


def test_deleting_tells_how_many_links_stop(as_admin: Client, erp: Erp, company: RecordView) -> None:
    erp.link(company)
    answer = as_admin.get(path(erp.connection, "delete"))
    assert answer.status_code == 422
    assert "is active. Deactivate it before" in answer.text
    assert as_admin.post(path(erp.connection, "delete")).status_code == 422
    assert not Connection.objects.get().deleted
    Connection.objects.update(active=False)
    page = as_admin.get(path(erp.connection, "delete")).text
    assert "1 linked record is no longer synced. Companies: 1." in page
    Link.objects.all().delete()
    assert "No record is linked with it." in as_admin.get(path(erp.connection, "delete")).text
    assert as_admin.post(path(erp.connection, "delete")).status_code == 302
    assert Connection.objects.get().deleted
    assert as_admin.get(path(erp.connection, "delete")).status_code == 404


def test_a_deleted_connection_is_restored(as_admin: Client, connection: Connection) -> None:
    Connection.objects.update(deleted=True)
    as_admin.post(path(connection, "restore"))
    assert not Connection.objects.get().deleted
    Connection.objects.update(deleted=True)
    Connector.objects.update(deleted=True)
    answer = as_admin.post(path(connection, "restore"), headers=HTMX)
    assert "Restore the connector first." in answer.text
    assert Connection.objects.get().deleted


PARTS = ("activate", "deactivate", "test", "delete", "restore", "resync/crm", "resync/erp")


@pytest.mark.parametrize("part", PARTS)
def test_connections_are_for_administrators(part: str, as_user: Client, connection: Connection) -> None:
    assert as_user.post(path(connection, part)).status_code == 403


@pytest.mark.parametrize("part", PARTS)
def test_a_connection_that_is_not_there_is_not_found(part: str, as_admin: Client) -> None:
    assert as_admin.post(f"/sync/connections/4711/{part}").status_code == 404


@pytest.mark.parametrize("part", ["activate", "test", "restore"])
def test_what_changes_something_is_posted(part: str, as_admin: Client, connection: Connection) -> None:
    assert as_admin.get(path(connection, part)).status_code == 405
