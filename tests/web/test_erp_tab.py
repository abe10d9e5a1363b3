"""The ERP tab: each state of a connection's section, and syncing from it."""

from __future__ import annotations

import pytest
from django.test import Client
from tests.web.conftest import Erp

from brygga.crm.models import User
from brygga.crm.services.records import RecordView
from brygga.erp.models import LinkState

pytestmark = pytest.mark.django_db


def section(client: Client, company: RecordView, erp: Erp) -> str:
    """The section as it loads by itself."""
    response = client.get(f"/companies/{company.id}/erp/{erp.connection.pk}")
    assert response.status_code == 200
    return str(response.text)


def test_the_tab_opens_without_asking_the_erp(as_user: Client, company: RecordView, erp: Erp) -> None:
    erp.link(company)
    page = as_user.get(f"/companies/{company.id}/erp").text
    assert erp.connector.calls == []
    assert f'hx-get="/companies/{company.id}/erp/{erp.connection.pk}" hx-trigger="load"' in page
    assert "Loading" in page


def test_live_values_stand_by_rank_with_list_texts(as_user: Client, company: RecordView, erp: Erp) -> None:
    erp.link(company)
    page = section(as_user, company, erp)
    assert "Connected Customer 10017" in page
    places = [page.index(text) for text in ("Customer since", "6 Jul 2009", "Credit limit", "1,500.5", "Group four")]
    assert places == sorted(places)
    assert "Phone" not in page
    assert erp.connector.calls == ["get_actors", "get_list_items"]


def test_texts_of_the_erp_come_in_the_users_language(
    as_user: Client, user: User, company: RecordView, erp: Erp
) -> None:
    user.language = "sv"
    user.save()
    erp.link(company)
    page = section(as_user, company, erp)
    for text in ("Kopplad Kund 10017", "Grupp fyra", "Grupp</dt>"):
        assert text in page


def test_a_record_that_is_not_connected_says_so(as_user: Client, company: RecordView, erp: Erp) -> None:
    page = section(as_user, company, erp)
    assert "Not connected" in page
    assert "Customer" in page
    assert erp.connector.calls == []


def test_a_failing_erp_is_explained_and_can_be_tried_again(as_user: Client, company: RecordView, erp: Erp) -> None:
    erp.link(company)
    erp.connector.failure = "The books are closed for the night."
    page = section(as_user, company, erp)
    for text in ("Does not answer", "The books are closed for the night.", "Try again"):
        assert text in page
    erp.connector.failure = ""
    assert "Connected Customer 10017" in section(as_user, company, erp)


def test_a_connector_that_is_not_installed_is_explained(as_user: Client, company: RecordView, erp: Erp) -> None:
    erp.link(company)
    erp.connection.connector.url = "plugin://vanished"
    erp.connection.connector.save()
    assert "vanished" in section(as_user, company, erp)


def test_an_actor_that_the_erp_no_longer_has_is_said_to_be_missing(
    as_user: Client, company: RecordView, erp: Erp
) -> None:
    erp.link(company)
    erp.connector.gone = True
    assert "Missing in ERP" in section(as_user, company, erp)


def test_a_conflict_shows_the_field_and_both_values(as_user: Client, company: RecordView, erp: Erp) -> None:
    issue = {"field": "PHONE", "code": "conflict", "text": "x", "value": ["72 48 00 00", "+47 1"], "target": ""}
    erp.link(company, state=LinkState.CONFLICT, issues=[issue])
    page = section(as_user, company, erp)
    for text in ("Conflict on Phone", "CRM: 72 48 00 00", "ERP: +47 1"):
        assert text in page
    assert "Needs attention" in as_user.get(f"/companies/{company.id}").text


def test_a_failure_shows_its_reason(as_user: Client, company: RecordView, erp: Erp) -> None:
    issue = {"field": "PHONE", "code": "too_long", "text": "Too long by far.", "value": "x", "target": "erp"}
    erp.link(company, state=LinkState.FAILED, issues=[issue])
    page = section(as_user, company, erp)
    assert "Failed: Phone" in page
    assert "Too long by far." in page


def test_sync_now_answers_with_the_section_and_the_outcome(as_user: Client, company: RecordView, erp: Erp) -> None:
    erp.link(company)
    address = f"/companies/{company.id}/erp/{erp.connection.pk}/sync"
    answer = as_user.post(address, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert f'id="connection-{erp.connection.pk}"' in answer.text
    assert 'role="status"' in answer.text
    assert as_user.post(address).headers["Location"] == f"/companies/{company.id}/erp"


def test_sync_all_now_covers_the_linked_connections(as_user: Client, company: RecordView, erp: Erp) -> None:
    erp.link(company)
    answer = as_user.post(f"/companies/{company.id}/erp/sync", headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "Connected Customer 10017" in answer.text
