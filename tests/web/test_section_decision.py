"""Deciding about a conflict in the ERP tab: both values, who may, what has moved (behaviour U10)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from tests.erp.memory_erp import MemoryErp
from tests.erp.scenes import company, connect_memory, edit
from tests.web.tab_steps import HX, seen_in, tab_url

from brygga.contract import ActorType
from brygga.crm.fields import RecordType
from brygga.crm.models import User
from brygga.crm.services.records import RecordView, create_record, get_record
from brygga.erp import connectors
from brygga.erp.models import Connection, Link, LinkState
from brygga.erp.services import acting
from brygga.erp.services.access import Grant, set_scope
from brygga.erp.services.sync import sync_now

pytestmark = pytest.mark.django_db


@pytest.fixture
def erp() -> Iterator[MemoryErp]:
    erp = MemoryErp()
    with connectors.use("memory", erp):
        yield erp


@pytest.fixture
def connection(erp: MemoryErp, db: None) -> Connection:
    erp.put(ActorType.CUSTOMER, "1", NAME="Fjord", CITY="Bergen", GROUP="1")
    connection = connect_memory("memory")
    Connection.objects.update(policy="ask")
    connection.refresh_from_db()
    return connection


@pytest.fixture
def fjord(erp: MemoryErp, connection: Connection, user: User) -> RecordView:
    """A company whose city was changed on both sides."""
    made = create_record(RecordType.COMPANY, {"NAME": "Fjord", "POSTALCITY": "Bergen"}, "anna")
    acting.connect(user, connection.pk, made.type, made.id, "Customer", "1")
    edit(made, POSTALCITY="Oslo")
    erp.put(ActorType.CUSTOMER, "1", CITY="Stavanger")
    sync_now(None, by="test")
    assert Link.objects.get().state == LinkState.CONFLICT
    return made


def url_of(record: RecordView, connection: Connection) -> str:
    return tab_url(record, f"/{connection.pk}/decide")


def test_both_values_stand_to_choose_from_with_who_saved_last(
    as_user: Client, connection: Connection, fjord: RecordView
) -> None:
    page = as_user.get(url_of(fjord, connection), headers=HX).text
    for text in ("Oslo", "Stavanger", 'name="decide-CITY" value="erp"', ", anna"):
        assert text in page
    assert "checked" not in page
    assert "data-open" in as_user.get(url_of(fjord, connection)).text


@pytest.mark.parametrize(("side", "city"), [("crm", "Oslo"), ("erp", "Stavanger")])
def test_the_value_chosen_stands_on_both_sides(
    side: str, city: str, as_user: Client, erp: MemoryErp, connection: Connection, fjord: RecordView
) -> None:
    url = url_of(fjord, connection)
    seen = seen_in(as_user.get(url, headers=HX).text)
    answer = as_user.post(url, {"seen": seen, "decide-CITY": side}, headers=HX)
    assert answer.headers["HX-Redirect"] == tab_url(fjord)
    assert "1 value was changed" in as_user.get(tab_url(fjord)).text
    assert company("Fjord").fields["POSTALCITY"] == erp.value("1", "CITY") == city
    assert Link.objects.get().state == LinkState.OK
    assert as_user.get(url).status_code == 404, "nothing waits any more"


def test_a_conflict_that_has_moved_is_shown_again(
    as_user: Client, erp: MemoryErp, connection: Connection, fjord: RecordView
) -> None:
    url = url_of(fjord, connection)
    seen = seen_in(as_user.get(url, headers=HX).text)
    erp.put(ActorType.CUSTOMER, "1", CITY="Bodø")
    sync_now(None, by="test")
    answer = as_user.post(url, {"seen": seen, "decide-CITY": "erp"}, headers=HX)
    assert "changed since it was shown" in answer.text
    assert "Bodø" in answer.text
    assert company("Fjord").fields["POSTALCITY"] == "Oslo"


def test_nothing_chosen_is_asked_again(as_user: Client, connection: Connection, fjord: RecordView) -> None:
    url = url_of(fjord, connection)
    sent = {"seen": seen_in(as_user.get(url, headers=HX).text), "decide-CITY": "nobody"}
    assert "Choose one of the two first." in as_user.post(url, sent, headers=HX).text


def test_an_erp_that_does_not_answer_is_told(
    as_user: Client, erp: MemoryErp, connection: Connection, fjord: RecordView
) -> None:
    url = url_of(fjord, connection)
    seen = seen_in(as_user.get(url, headers=HX).text)
    erp.down = "Closed for the night."
    as_user.post(url, {"seen": seen, "decide-CITY": "crm"}, headers=HX)
    assert "Closed for the night." in as_user.get(tab_url(fjord)).text
    assert Link.objects.get().state == LinkState.CONFLICT


@pytest.fixture
def eva(erp: MemoryErp, connection: Connection, user: User) -> RecordView:
    """A person who was moved to another company in the ERP; both companies are connected."""
    companies = [create_record(RecordType.COMPANY, {"NAME": name}, "anna") for name in ("Fjord", "Skog")]
    erp.put(ActorType.CUSTOMER, "2", NAME="Skog")
    erp.put(ActorType.PERSON, "10", parent="1", FIRSTNAME="Eva", LASTNAME="Berg")
    for key, made in zip(("1", "2"), companies, strict=True):
        acting.connect(user, connection.pk, made.type, made.id, "Customer", key)
    names = {"FIRSTNAME": "Eva", "LASTNAME": "Berg"}
    made = create_record(RecordType.CONTACT, names, "anna", companies[0].id)
    acting.connect(user, connection.pk, made.type, made.id, "Person", "10")
    erp.put(ActorType.PERSON, "10", parent="2", LASTNAME="Berge")
    sync_now(None, by="test")
    return get_record(RecordType.CONTACT, made.id)


@pytest.mark.parametrize(("company_is", "name"), [("move", "Skog"), ("keep", "Fjord")])
def test_a_contact_whose_company_differs_is_moved_or_left(
    company_is: str, name: str, as_user: Client, connection: Connection, eva: RecordView
) -> None:
    assert "Belongs to another company" in as_user.get(tab_url(eva, f"/{connection.pk}")).text
    url = url_of(eva, connection)
    page = as_user.get(url, headers=HX).text
    assert "Move the contact in the CRM" in page
    as_user.post(url, {"seen": seen_in(page), "company": company_is}, headers=HX)
    parent = get_record(RecordType.CONTACT, eva.id).parent
    assert parent is not None
    assert parent.name == name
    assert "Connected Contact 10" in as_user.get(tab_url(eva, f"/{connection.pk}")).text


def test_only_who_may_connect_decides(as_user: Client, user: User, connection: Connection, fjord: RecordView) -> None:
    set_scope(connection, everyone=False, grants=[Grant(user=user, may_connect=False)])
    assert as_user.get(url_of(fjord, connection)).status_code == 403
    assert "Decide…" not in as_user.get(tab_url(fjord, f"/{connection.pk}")).text
    set_scope(connection, everyone=False)
    assert as_user.get(url_of(fjord, connection)).status_code == 404
