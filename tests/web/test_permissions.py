"""Who sees what: the ERP tab by licence and scope, the way to Quote/Sync; and that foreign code stays out.

Who may open which address at all is in test_every_address.py.
"""

from __future__ import annotations

import pytest
from django.test import Client
from tests.web.conftest import Erp

from brygga.crm.models import User
from brygga.crm.models.users import UserGroup
from brygga.crm.services.records import RecordView
from brygga.erp.models import Access
from brygga.web.middleware import POLICY

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("part", ["", "/edit", "/people", "/history", "/erp"])
def test_a_record_that_is_not_there_is_not_found(part: str, as_user: Client) -> None:
    assert as_user.get(f"/companies/4711{part}").status_code == 404


def test_only_administrators_see_the_way_to_quote_sync(as_user: Client, as_admin: Client, company: RecordView) -> None:
    assert 'href="/sync"' not in as_user.get("/companies").text
    assert 'href="/sync"' in as_admin.get("/companies").text


def test_the_erp_tab_needs_the_licence(as_user: Client, user: User, company: RecordView, erp: Erp) -> None:
    assert as_user.get(f"/companies/{company.id}/erp").status_code == 200
    user.licences = []
    user.save()
    for part in ("erp", f"erp/{erp.connection.pk}"):
        assert as_user.get(f"/companies/{company.id}/{part}").status_code == 404
    assert as_user.post(f"/companies/{company.id}/erp/{erp.connection.pk}/sync").status_code == 404
    assert f"/companies/{company.id}/erp" not in as_user.get(f"/companies/{company.id}").text


@pytest.mark.parametrize("change", [{"active": False}, {"deleted": True}, {"all_access": False}])
def test_the_erp_tab_needs_a_connection_for_this_user(
    change: dict[str, bool], as_user: Client, company: RecordView, erp: Erp
) -> None:
    type(erp.connection).objects.filter(pk=erp.connection.pk).update(**change)
    assert as_user.get(f"/companies/{company.id}/erp").status_code == 404
    assert as_user.get(f"/companies/{company.id}/erp/{erp.connection.pk}").status_code == 404


def test_access_comes_by_user_and_by_either_kind_of_group(
    as_user: Client, user: User, company: RecordView, erp: Erp
) -> None:
    erp.connection.all_access = False
    erp.connection.save()
    primary, other = UserGroup.objects.create(name="Sales"), UserGroup.objects.create(name="Board")
    user.primary_group = primary
    user.save()
    user.other_groups.add(other)
    for who in ({"user": user}, {"group": primary}, {"group": other}):
        row = Access.objects.create(connection=erp.connection, **who)
        assert as_user.get(f"/companies/{company.id}/erp/{erp.connection.pk}").status_code == 200
        row.delete()
        assert as_user.get(f"/companies/{company.id}/erp/{erp.connection.pk}").status_code == 404


def test_a_connection_is_offered_only_where_it_maps_the_kind_of_record(as_user: Client, erp: Erp) -> None:
    made = as_user.post("/projects/new", {"NAME": "Warehouse"})
    assert made.status_code == 302
    assert as_user.get(f"{made.headers['Location']}/erp").status_code == 404


def test_pages_keep_foreign_code_out(as_user: Client, company: RecordView) -> None:
    response = as_user.get(f"/companies/{company.id}")
    assert response.headers["Content-Security-Policy"] == POLICY
    assert "unsafe" not in POLICY
    assert response.headers["Cache-Control"] == "no-store"
    for forbidden in ("<script>", " style=", " onclick=", "hx-on", "javascript:"):
        assert forbidden not in response.text


def test_what_users_type_is_shown_as_text(as_user: Client) -> None:
    evil = "<img src=x onerror=alert(1)>"
    made = as_user.post("/companies/new", {"NAME": evil})
    for path in (made.headers["Location"], "/companies", f"/find?q={evil}", f"{made.headers['Location']}/edit"):
        page = as_user.get(path).text
        assert "<img" not in page
        assert "&lt;img" in page
