"""Sync connectors: added, configured, deleted and restored on screen, and the catalogue (behaviour A2)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from tests.erp.sample_connector import SampleConnector
from tests.web.conftest import Erp

from brygga import connectors as installed
from brygga.contract import FieldsResponse
from brygga.crm.models import User
from brygga.erp import connectors
from brygga.erp.models import Connector

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def sample() -> Iterator[SampleConnector]:
    """A connector that asks for a server, a password and a port."""
    with connectors.use("sample", SampleConnector()) as connector:
        yield connector


@pytest.fixture
def row(sample: SampleConnector) -> Connector:
    """A sync connector that no connection uses."""
    return Connector.objects.create(name="Sample", url="plugin://sample")


def test_a_connector_that_answers_is_added_and_selected(as_admin: Client, sample: SampleConnector) -> None:
    page = as_admin.get("/sync/connectors/add")
    assert 'id="dialog" aria-labelledby="dialog-title" data-open' in page.text
    assert '<option value="plugin://workbook">Excel workbook</option>' in page.text
    answer = as_admin.post("/sync/connectors/add", {"name": " Sample ", "url": "plugin://sample"})
    made = Connector.objects.get()
    assert (made.name, made.url) == ("Sample", "plugin://sample")
    assert answer.headers["Location"] == f"/sync?connector={made.pk}"
    assert "has been saved" in as_admin.get("/sync").text


def test_over_a_page_the_dialog_comes_alone(as_admin: Client, sample: SampleConnector) -> None:
    page = as_admin.get("/sync/connectors/add", headers=HTMX).text
    assert "<html" not in page
    assert "Add a sync connector" in page
    answer = as_admin.post("/sync/connectors/add", {"name": "Sample", "url": "plugin://sample"}, headers=HTMX)
    assert answer.headers["HX-Redirect"] == f"/sync?connector={Connector.objects.get().pk}"


@pytest.mark.parametrize(
    ("name", "url", "text"),
    [
        ("", "plugin://sample", "This field is required."),
        ("Sample", "", "This field is required."),
        ("x" * 201, "plugin://sample", "at most 200 characters"),
        ("Sample", "ftp://sample", "is not an address of a connector"),
        ("Sample", "plugin://nothing", "No connector &quot;nothing&quot; is installed"),
        ("Sample", "http://127.0.0.1:9/x", "can&#x27;t be reached"),
    ],
)
def test_without_an_answer_nothing_is_stored(
    name: str, url: str, text: str, as_admin: Client, sample: SampleConnector
) -> None:
    answer = as_admin.post("/sync/connectors/add", {"name": name, "url": url})
    assert answer.status_code == 422
    assert text in answer.text
    assert f'value="{name}"' in answer.text if name else True
    assert not Connector.objects.exists()


def test_a_connectors_own_explanation_is_shown(
    as_admin: Client, sample: SampleConnector, monkeypatch: pytest.MonkeyPatch
) -> None:
    failure = FieldsResponse.failure("<b>Licence expired.</b>", "status 7")
    monkeypatch.setattr(sample, "get_config_data", lambda: failure)
    answer = as_admin.post("/sync/connectors/add", {"name": "Sample", "url": "plugin://sample"})
    assert "&lt;b&gt;Licence expired.&lt;/b&gt;" in answer.text
    assert "status 7" not in answer.text


def test_an_address_is_tried_while_one_types(as_admin: Client, sample: SampleConnector) -> None:
    def said(url: str) -> str:
        return as_admin.post("/sync/connectors/check", {"url": url}, headers=HTMX).text

    assert "It asks for: Server, Password, Port." in said("plugin://sample")
    assert "No connector" in said("plugin://nothing")
    assert said(" ") == ""
    assert not Connector.objects.exists()


def test_a_connector_is_configured(as_admin: Client, row: Connector) -> None:
    path = f"/sync/connectors/{row.pk}/configure"
    page = as_admin.get(path).text
    assert 'value="Sample"' in page
    assert as_admin.post(path, {"name": "Better", "url": "plugin://sample"}).status_code == 302
    row.refresh_from_db()
    assert row.name == "Better"
    assert as_admin.post(path, {"name": "Better", "url": "plugin://nothing"}).status_code == 422
    assert as_admin.get("/sync/connectors/4711/configure").status_code == 404


def test_a_name_that_is_taken_is_refused(as_admin: Client, row: Connector) -> None:
    answer = as_admin.post("/sync/connectors/add", {"name": "Sample", "url": "plugin://sample"})
    assert "Choose another name" in answer.text
    assert Connector.objects.count() == 1


def test_deleting_asks_first_and_can_be_taken_back(as_admin: Client, row: Connector) -> None:
    path = f"/sync/connectors/{row.pk}"
    assert "can be restored" in as_admin.get(f"{path}/delete").text
    assert not Connector.objects.get().deleted
    assert as_admin.post(f"{path}/delete").status_code == 302
    assert Connector.objects.get().deleted
    assert as_admin.get(f"{path}/delete").status_code == 404
    assert as_admin.post(f"{path}/restore").status_code == 302
    assert not Connector.objects.get().deleted


def test_a_connector_in_use_is_not_deleted_and_says_why(as_admin: Client, erp: Erp) -> None:
    path = f"/sync/connectors/{erp.connection.connector_id}/delete"
    for answer in (as_admin.get(path), as_admin.post(path)):
        assert answer.status_code == 422
        assert "these connections use it: Fjord." in answer.text
        assert 'class="button primary danger"' not in answer.text
    assert not Connector.objects.get().deleted


def test_a_connector_whose_name_is_taken_stays_deleted(as_admin: Client, row: Connector) -> None:
    deleted = Connector.objects.create(name="Sample", url="plugin://sample", deleted=True)
    answer = as_admin.post(f"/sync/connectors/{deleted.pk}/restore")
    assert "Another connector is called" in answer.text
    assert Connector.objects.get(pk=deleted.pk).deleted


def test_the_catalogue_lists_what_is_installed(as_admin: Client) -> None:
    Connector.objects.create(name="My books", url="plugin://workbook")
    page = as_admin.get("/sync/catalogue").text
    for text in (
        "Excel workbook", "An .xlsx or .xlsm file", "File name", "Mandatory", "In use as My books", "CSV files", "pip",
        'href="/sync/connectors/add?name=CSV+files&amp;url=plugin%3A%2F%2Fcsv"',
    ):  # fmt: skip
        assert text in page
    dialog = as_admin.get("/sync/connectors/add?name=CSV+files&url=plugin%3A%2F%2Fcsv").text
    assert 'value="CSV files"' in dialog
    assert 'value="plugin://csv"' in dialog


def test_the_catalogue_is_in_the_readers_language(as_admin: Client) -> None:
    User.objects.filter(username="eva").update(language="sv")
    page = as_admin.get("/sync/catalogue").text
    assert "An .xlsx or .xlsm file" not in page
    assert "plugin://workbook" in page


def test_a_broken_connector_can_not_be_added_from_the_catalogue(
    as_admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installed, "names", lambda: ("broken",))
    page = as_admin.get("/sync/catalogue").text
    assert "No connector &quot;broken&quot; is installed" in page
    assert "/sync/connectors/add" not in page
    monkeypatch.setattr(installed, "names", tuple)
    assert "No connector is installed on this server." in as_admin.get("/sync/catalogue").text


def test_connectors_are_for_administrators(as_user: Client, row: Connector) -> None:
    for path in ("/sync/catalogue", "/sync/connectors/add", f"/sync/connectors/{row.pk}/configure"):
        assert as_user.get(path).status_code == 403
    for part in ("configure", "delete", "restore"):
        assert as_user.post(f"/sync/connectors/{row.pk}/{part}").status_code == 403
    assert as_user.post("/sync/connectors/check", {"url": "plugin://sample"}).status_code == 403


def test_what_changes_something_is_posted(as_admin: Client, row: Connector) -> None:
    assert as_admin.get(f"/sync/connectors/{row.pk}/restore").status_code == 405
    assert as_admin.get("/sync/connectors/check").status_code == 405
