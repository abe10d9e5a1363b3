"""Connecting, creating and disconnecting one record (behaviour U5, U6, U9), and resync (A14)."""

from __future__ import annotations

import pytest
from django.utils import timezone
from tests.erp.scenes import company, edit

from brygga.contract import ActorType
from brygga.crm.fields import RecordType
from brygga.crm.services import records
from brygga.erp.engine import creating
from brygga.erp.errors import ConnectorFailed, NotFound, Refused
from brygga.erp.models import CreateIntent, Link, LogEntry, WaitingLink
from brygga.erp.services import linking
from brygga.erp.services.resync import resync
from brygga.erp.services.sync import sync_now

pytestmark = pytest.mark.django_db
CUSTOMER = ActorType.CUSTOMER


@pytest.fixture
def hav(connection):
    """A company that is in the CRM only."""
    return records.create_record(RecordType.COMPANY, {"NAME": "Hav", "POSTALCITY": "Malmö"}, by="anna")


@pytest.mark.parametrize(("prefer", "city"), [("crm", "Malmö"), ("erp", "Lund")])
def test_connecting_takes_the_preferred_side_and_fills_blanks(erp, connection, hav, prefer, city):
    erp.put(CUSTOMER, "3", NAME="Hav", CITY="Lund", CODE="H3")

    link = linking.connect(connection, "company", hav.id, "Customer", "3", prefer, by="anna")

    assert company("Hav").fields["POSTALCITY"] == erp.value("3", "CITY") == city
    assert company("Hav").fields["NUMBER1"] == "H3"
    assert link.state == "ok"
    assert not WaitingLink.objects.filter(link=link).exists()
    assert sync_now(None, by="test").changes == 0


def test_a_record_or_an_actor_is_linked_once(erp, connection, hav):
    with pytest.raises(Refused):
        linking.connect(connection, "company", hav.id, "Customer", "1", "crm", by="anna")
    erp.put(CUSTOMER, "3", NAME="Fjord")
    with pytest.raises(Refused):
        linking.connect(connection, "company", company("Fjord").id, "Customer", "3", "crm", by="anna")


@pytest.mark.parametrize(
    ("record_type", "record", "actor_type", "key"),
    [("company", None, "Customer", "99"), ("company", 9999, "Customer", "1"), ("company", None, "Planet", "1")],
)
def test_what_does_not_exist_is_not_connected(connection, hav, record_type, record, actor_type, key):
    with pytest.raises(NotFound):
        linking.connect(connection, record_type, record or hav.id, actor_type, key, "crm", by="anna")
    assert not Link.objects.filter(record_id=hav.id, record_type="company").exists()


def test_a_person_is_connected_within_its_company_only(erp, connection, hav):
    contact = records.create_record(RecordType.CONTACT, {"LASTNAME": "Dal"}, parent=company("Skog").id, by="anna")
    erp.put(ActorType.PERSON, "11", parent="1", LASTNAME="Dal")
    with pytest.raises(Refused):
        linking.connect(connection, "contact", contact.id, "Person", "11", "crm", by="anna")


def test_creating_makes_one_actor_and_links_it(erp, connection, hav):
    link = linking.create_in_erp(connection, "company", hav.id, "Customer", {}, by="anna")

    assert erp.value(link.erp_key, "NAME") == "Hav"
    assert erp.value(link.erp_key, "CITY") == "Malmö"
    assert not CreateIntent.objects.exists()
    assert LogEntry.objects.filter(rule="created", record_id=hav.id).exists()
    assert sync_now(None, by="test").changes == 0
    with pytest.raises(Refused):
        linking.create_in_erp(connection, "company", hav.id, "Customer", {}, by="anna")
    assert erp.count("create_actor") == 1


def test_a_lost_answer_does_not_make_a_second_actor(erp, connection, hav):
    def lose_reply(operation):
        if operation == "created":
            erp.before = lambda _: None
            raise TimeoutError("no answer")

    erp.before = lose_reply
    with pytest.raises(ConnectorFailed):
        linking.create_in_erp(connection, "company", hav.id, "Customer", {}, by="anna")
    made = len(erp.actors)

    link = linking.create_in_erp(connection, "company", hav.id, "Customer", {}, by="anna")

    assert len(erp.actors) == made
    assert erp.value(link.erp_key, "NAME") == "Hav"


def test_a_request_that_never_arrived_is_sent_again(erp, connection, hav):
    def lose_request(operation):
        if operation == "create_actor":
            erp.before = lambda _: None
            raise TimeoutError("no connection")

    erp.before = lose_request
    with pytest.raises(ConnectorFailed):
        linking.create_in_erp(connection, "company", hav.id, "Customer", {}, by="anna")
    with pytest.raises(Refused, match="may still be creating"):  # and then there would be two
        linking.create_in_erp(connection, "company", hav.id, "Customer", {}, by="anna")
    later = timezone.now() + creating.UNDER_WAY
    link = linking.create_in_erp(connection, "company", hav.id, "Customer", {}, by="anna", clock=lambda: later)
    assert [a.fields["NAME"] for a in erp.actors.values() if "NAME" in a.fields].count("Hav") == 1
    assert erp.value(link.erp_key, "NAME") == "Hav"


def test_a_refused_create_leaves_nothing(erp, connection, hav):
    erp.down = "Closed."
    with pytest.raises(ConnectorFailed, match="Closed"):
        linking.create_in_erp(connection, "company", hav.id, "Customer", {}, by="anna")
    assert not CreateIntent.objects.exists()
    assert not Link.objects.filter(record_id=hav.id, record_type="company").exists()


def test_disconnecting_deletes_nothing_and_stops_the_sync(erp, connection):
    fjord = company("Fjord")
    linking.disconnect(connection, "company", fjord.id, by="anna")
    edit(fjord, NAME="Fjord AS")
    sync_now(None, by="test")
    assert erp.value("1", "NAME") == "Fjord"
    with pytest.raises(NotFound):
        linking.disconnect(connection, "company", fjord.id, by="anna")


def test_resync_from_crm_writes_what_the_crm_has(erp, connection):
    erp.put(CUSTOMER, "1", CITY="Oslo", CODE="Z")
    report = resync("crm", keep_blanks=False, by="test")
    assert report.failed == 0
    assert erp.value("1", "CITY") == "Bergen"
    assert erp.value("1", "CODE") == "Z"  # flows to the CRM only
    sync_now(None, by="test")
    assert company("Fjord").fields["NUMBER1"] == "Z"


@pytest.mark.parametrize(("keep_blanks", "city"), [(True, "Umeå"), (False, None)])
def test_resync_from_an_erp_with_and_without_blanks(erp, connection, keep_blanks, city):
    erp.put(CUSTOMER, "2", CITY="")
    edit(company("Skog"), NAME="Skog AB")
    resync(connection, keep_blanks=keep_blanks, by="test")
    assert company("Skog").fields["POSTALCITY"] == city


def test_a_dry_resync_only_tells(erp, connection):
    erp.put(CUSTOMER, "1", CITY="Oslo")
    report = resync("crm", keep_blanks=False, by="test", dry_run=True)
    assert [(p["side"], p["field"], p["new"]) for p in report.planned] == [("erp", "POSTALCITY", "Bergen")]
    assert erp.value("1", "CITY") == "Oslo"
