"""Lists of records with their filters, the suggestions of the top bar, and the records used last (behaviour C2)."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.web.conftest import Erp

from brygga.crm.fields import RecordType
from brygga.crm.models import User
from brygga.crm.services import lists
from brygga.crm.services.records import RecordView, create_record, delete_record
from brygga.erp.models import ActorMapping, Connection

pytestmark = pytest.mark.django_db

COMPANY, CONTACT, PROJECT = RecordType.COMPANY, RecordType.CONTACT, RecordType.PROJECT


@dataclass
class Firms:
    """Three companies: two in retail, the second of them ours by Anna."""

    retail: str
    first: RecordView
    second: RecordView
    third: RecordView


@pytest.fixture
def firms(user: User) -> Firms:
    """The companies of the tests."""
    retail, health = lists.add_items("category", ["Retail", "Health"]).values()
    made = [
        create_record(COMPANY, {"NAME": name, **more}, "test")
        for name, more in (
            ("First", {"category": retail}),
            ("Second", {"category": retail, "our_contact": str(user.pk)}),
            ("Third", {"category": health}),
        )
    ]
    return Firms(retail, *made)


def shown(client: Client, address: str) -> list[str]:
    """The names in a list, as it stands."""
    return [row.name for row in client.get(address).context["rows"]]


def test_filters_narrow_the_list_and_stay_in_the_address(as_user: Client, user: User, firms: Firms) -> None:
    assert shown(as_user, f"/companies?category={firms.retail}") == ["First", "Second"]
    assert shown(as_user, f"/companies?category={firms.retail}&our_contact={user.pk}") == ["Second"]
    assert shown(as_user, f"/companies?category={firms.retail}&q=sec") == ["Second"]
    page = as_user.get(f"/companies?category={firms.retail}&sort=-NAME").text
    assert f'<option value="{firms.retail}" selected>Retail</option>' in page
    assert f'href="?category={firms.retail}&amp;sort=NUMBER2"' in page
    assert "Reset" in page


@pytest.mark.parametrize("query", ["category=x", "category=99999", "erp=linked-99", "erp=x", "COUNTRY=%00"])
def test_a_choice_that_is_not_on_offer_counts_as_none(query: str, as_user: Client, firms: Firms, erp: Erp) -> None:
    assert shown(as_user, f"/companies?{query}") == ["First", "Second", "Third"]


def test_linked_and_not_linked(as_user: Client, firms: Firms, erp: Erp) -> None:
    erp.link(firms.second)
    assert shown(as_user, "/companies?erp=linked") == ["Second"]
    assert shown(as_user, "/companies?erp=unlinked") == ["First", "Third"]
    other = Connection.objects.create(names={"en": "Lager"}, connector=erp.connection.connector, active=True)
    ActorMapping.objects.create(connection=other, actor_type="Customer", record_type="company", sync=True)
    assert shown(as_user, f"/companies?erp=linked-{erp.connection.pk}") == ["Second"]
    assert shown(as_user, f"/companies?erp=linked-{other.pk}") == []
    assert shown(as_user, f"/companies?erp=unlinked-{other.pk}") == ["First", "Second", "Third"]
    assert "Not connected: Lager" in as_user.get("/companies").text


def test_who_sees_no_connection_has_no_filter_by_links(as_user: Client, user: User, firms: Firms, erp: Erp) -> None:
    erp.link(firms.second)
    User.objects.filter(pk=user.pk).update(licences=[])
    assert 'name="erp"' not in as_user.get("/companies").text
    assert shown(as_user, "/companies?erp=linked") == ["First", "Second", "Third"]


def test_nothing_found_says_what_to_do(as_user: Client, firms: Firms) -> None:
    page = as_user.get(f"/companies?category={firms.retail}&q=zzz").text
    assert "Nothing matches “zzz” and the filter." in page
    assert "Show all" in page
    assert "There is no project yet." in as_user.get("/projects").text


def test_contacts_are_sorted_by_their_company(as_user: Client, firms: Firms) -> None:
    for company, name in ((firms.second, "Ek"), (firms.first, "Lind")):
        create_record(CONTACT, {"LASTNAME": name}, "test", company.id)
    assert shown(as_user, "/contacts?sort=parent") == ["Lind", "Ek"]
    assert 'aria-sort="descending"' in as_user.get("/contacts?sort=-parent").text


def test_suggestions_come_from_all_kinds(as_user: Client, firms: Firms) -> None:
    create_record(CONTACT, {"FIRSTNAME": "Eva", "LASTNAME": "Firsten"}, "test", firms.second.id)
    create_record(PROJECT, {"NAME": "First floor"}, "test")
    page = as_user.get("/find/options?q=first").text
    assert page.count('role="option"') == 4  # and "Show all"
    for text in ("Companies", "Eva Firsten", "Second", "First floor", "3 suggestions", "/find?q=first"):
        assert text in page
    assert "0 suggestions" in as_user.get("/find/options?q=zzz").text
    assert 'role="option"' not in as_user.get("/find/options?q=zzz").text


def test_the_records_used_last_are_offered_first(as_user: Client, firms: Firms) -> None:
    assert "Recently used" not in as_user.get("/find/options").text
    project = create_record(PROJECT, {"NAME": "Warehouse"}, "test")
    for path in (f"/companies/{firms.first.id}", f"/projects/{project.id}", f"/companies/{firms.first.id}"):
        as_user.get(path)
    for address in ("/find/options", "/find"):
        page = as_user.get(address).text
        assert "Recently used" in page
        assert page.index("First") < page.index("Warehouse")
        assert page.count(f'href="/companies/{firms.first.id}"') == 1
    delete_record(COMPANY, firms.first.id, 1, "bo")
    assert f'href="/companies/{firms.first.id}"' not in as_user.get("/find").text
    stranger = Client()
    stranger.force_login(User.objects.create_user("stranger"))
    assert "Warehouse" not in stranger.get("/find").text


def test_a_record_looked_at_twice_writes_the_session_once(as_user: Client, firms: Firms) -> None:
    as_user.get(f"/companies/{firms.first.id}")
    with CaptureQueriesContext(connection) as queries:
        as_user.get(f"/companies/{firms.first.id}")
    assert not [query for query in queries if query["sql"].startswith(("UPDATE", "INSERT"))]


def test_more_records_take_no_more_queries(as_user: Client, firms: Firms, erp: Erp) -> None:
    erp.link(firms.first, "1")
    counts: dict[str, set[int]] = {}
    for number in (1, 4):
        for n in range(number):
            made = create_record(COMPANY, {"NAME": f"Firm {number} {n}", "category": firms.retail}, "test")
            erp.link(made, f"{number}-{n}")
        for address in (f"/companies?erp=linked&category={firms.retail}", "/find/options?q=fir", "/find?q=fir"):
            with CaptureQueriesContext(connection) as queries:
                assert as_user.get(address).status_code == 200
            counts.setdefault(address, set()).add(len(queries))
    assert [len(one) for one in counts.values()] == [1, 1, 1]
