"""The ERP tab: each state of a connection's section, and syncing from it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.web.conftest import Erp

from brygga.crm.models import User
from brygga.crm.services.records import RecordView
from brygga.erp.models import ActorMapping, Connection, FieldMapping, Link, LinkState

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
    assert "Press Edit to connect it." in page
    assert "Customer" not in page
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
    assert f'href="/companies/{company.id}/erp/{erp.connection.pk}/decide"' in page
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


def test_a_contact_whose_company_differs_can_be_decided_about(as_user: Client, company: RecordView, erp: Erp) -> None:
    issue = {"field": "", "code": "moved_in_erp", "params": {"company": "Orkdal", "home": "Fjord"}, "value": [1, 2]}
    erp.link(company, state=LinkState.MOVED, issues=[issue])
    page = section(as_user, company, erp)
    for text in ("Belongs to another company", "Move the contact to Fjord", "Decide…"):
        assert text in page


def test_synced_values_stand_folded_each_with_its_reason(as_user: Client, company: RecordView, erp: Erp) -> None:
    erp.link(company)
    FieldMapping.objects.filter(key="PHONE").update(crm_key="PHONE", to_crm=True)
    page = section(as_user, company, erp)
    folded = page[page.index("<details>") :]
    assert "1 field is synced" in folded
    assert "72 48 00 00" in folded
    why = f"/why/company/{company.id}/{erp.connection.pk}/PHONE"
    assert f'hx-get="{why}"' in folded
    assert as_user.get(why).status_code == 200
    assert why not in page[: page.index("<details>")]


def test_edit_mode_has_no_sync_and_read_mode_nothing_to_change(as_user: Client, company: RecordView, erp: Erp) -> None:
    erp.link(company)
    read, edited = (as_user.get(f"/companies/{company.id}/erp{part}").text for part in ("", "/edit"))
    assert "Sync all now" in read
    assert "Save" not in read
    assert "Sync all now" not in edited
    assert 'action="/companies/' + str(company.id) + '/erp/save"' in edited
    place = f"/companies/{company.id}/erp/{erp.connection.pk}"
    assert "Disconnect" not in as_user.get(place).text
    assert "Disconnect" in as_user.get(f"{place}?edit=1").text
    assert "Sync Now" not in as_user.get(f"{place}?edit=1").text


def test_the_tab_takes_as_many_queries_for_three_connections_as_for_one(
    as_user: Client, company: RecordView, erp: Erp, django_assert_num_queries: Any
) -> None:
    erp.link(company)
    url = f"/companies/{company.id}/erp"
    with CaptureQueriesContext(connection) as one:
        as_user.get(url)
    for number in (2, 3):
        other = Connection.objects.create(
            names={"en": f"Fjord {number}"}, connector=erp.connection.connector, active=True
        )
        ActorMapping.objects.create(connection=other, actor_type="Customer", record_type="company", sync=True)
        place = {"record_type": "company", "record_id": company.id}
        Link.objects.create(connection=other, actor_type="Customer", erp_key=str(number), **place)
    with django_assert_num_queries(len(one)):
        as_user.get(url)
