"""Records that move or merge: described states with what can be done about them (behaviour E8, G8)."""

from __future__ import annotations

import pytest
from tests.erp.memory_erp import MemoryErp
from tests.erp.scenes import company, connect_memory, edit

from brygga.contract import ActorType
from brygga.crm.errors import NoSuchRecord, Refused
from brygga.crm.fields import RecordType
from brygga.crm.models import Contact, DirtyMark
from brygga.crm.services import records
from brygga.crm.services.members import add_member, members
from brygga.erp import connectors
from brygga.erp.errors import Refused as ErpRefused
from brygga.erp.models import Connection, CreateIntent, Link, LinkState, LogEntry
from brygga.erp.problems import text_in
from brygga.erp.services import attention, decisions
from brygga.erp.services.importing import Selection, import_actors
from brygga.erp.services.sync import sync_now

pytestmark = pytest.mark.django_db
CUSTOMER, PERSON = ActorType.CUSTOMER, ActorType.PERSON


def eva() -> records.RecordView:
    return records.get_record(RecordType.CONTACT, Contact.objects.get(lastname="Berg").pk)


def link_of_eva() -> Link:
    return Link.objects.select_related("connection").get(actor_type="Person", erp_key="10")


def move_in_crm(name: str) -> None:
    records.move_contact(eva().id, eva().version, company(name).id, by="anna")


def test_an_import_remembers_the_company_of_a_person(erp, connection):
    assert link_of_eva().parent_key == "1"


def test_a_person_who_moved_in_the_erp_is_a_described_state_and_still_syncs(erp, connection):
    erp.put(PERSON, "10", parent="2", FIRSTNAME="Evy")

    assert sync_now(None, by="test").failed == 0

    link = link_of_eva()
    assert (link.state, link.issues[0]["code"]) == (LinkState.MOVED, "moved_in_erp")
    assert "now belongs to Skog, in the CRM to Fjord" in text_in(link.issues[0])
    assert eva().fields["FIRSTNAME"] == "Evy"
    assert eva().parent.name == "Fjord"
    edit(eva(), FIRSTNAME="Eva")
    sync_now(None, by="test")
    assert erp.value("10", "FIRSTNAME", PERSON) == "Eva"
    assert (link_of_eva().state, link_of_eva().issues[0]["code"]) == (LinkState.MOVED, "moved_in_erp")


def test_the_contact_can_be_moved_after_the_person(erp, connection):
    erp.put(PERSON, "10", parent="2")
    sync_now(None, by="test")

    decisions.move_contact(link_of_eva(), "anna")

    assert eva().parent.name == "Skog"
    assert (link_of_eva().state, link_of_eva().issues, link_of_eva().parent_key) == (LinkState.OK, [], "2")
    assert sync_now(None, by="test").changes == 0


def test_a_contact_who_moved_in_the_crm_is_a_described_state_and_still_syncs(erp, connection):
    move_in_crm("Skog")
    edit(eva(), FIRSTNAME="Evy")

    sync_now(None, by="test")

    link = link_of_eva()
    assert (link.state, link.issues[0]["code"]) == (LinkState.MOVED, "moved_in_crm")
    assert "In the CRM the contact belongs to Skog, in the ERP system to Fjord." in text_in(link.issues[0])
    assert erp.value("10", "FIRSTNAME", PERSON) == "Evy"


def test_the_state_ends_when_either_side_follows(erp, connection):
    move_in_crm("Skog")
    sync_now(None, by="test")
    erp.put(PERSON, "10", parent="2")
    sync_now(None, by="test")
    assert link_of_eva().state == LinkState.OK

    move_in_crm("Fjord")
    sync_now(None, by="test")
    assert link_of_eva().state == LinkState.MOVED
    move_in_crm("Skog")
    sync_now(None, by="test")
    assert (link_of_eva().state, link_of_eva().issues) == (LinkState.OK, [])


@pytest.mark.parametrize("moved_in", ["crm", "erp"])
def test_the_two_can_be_kept_apart_until_one_of_them_moves_again(erp, connection, moved_in):
    if moved_in == "crm":
        move_in_crm("Skog")
    else:
        erp.put(PERSON, "10", parent="2")
    sync_now(None, by="test")

    decisions.keep_apart(link_of_eva(), "anna")

    assert (link_of_eva().state, link_of_eva().issues) == (LinkState.OK, [])
    edit(eva(), FIRSTNAME="Evy")
    sync_now(None, by="test")
    assert link_of_eva().state == LinkState.OK
    assert erp.value("10", "FIRSTNAME", PERSON) == "Evy"

    erp.put(CUSTOMER, "3", NAME="Hav")
    import_actors(connection, "Customer", Selection(keys=["3"]), by="test")
    erp.put(PERSON, "10", parent="3")
    sync_now(None, by="test")
    assert link_of_eva().state == LinkState.MOVED


def test_a_company_that_is_not_linked_says_nothing_until_it_is(erp, connection):
    erp.put(CUSTOMER, "3", NAME="Hav")
    erp.put(PERSON, "10", parent="3")
    sync_now(None, by="test")
    assert (link_of_eva().state, link_of_eva().parent_key) == (LinkState.OK, "3")

    import_actors(connection, "Customer", Selection(keys=["3"]), by="test")
    edit(eva(), FIRSTNAME="Evy")
    sync_now(None, by="test")
    assert link_of_eva().state == LinkState.MOVED


def test_nothing_has_come_apart_and_nothing_can_be_decided(erp, connection):
    for decide in (decisions.move_contact, decisions.keep_apart):
        with pytest.raises(ErpRefused, match="same company"):
            decide(link_of_eva(), "anna")


def test_a_move_is_told_after_failures_and_conflicts(erp, connection):
    Connection.objects.update(policy="ask")
    edit(eva(), FIRSTNAME="Evy")
    erp.put(PERSON, "10", parent="2", FIRSTNAME="Ewa")
    sync_now(None, by="test")
    link = link_of_eva()
    assert (link.state, [noted["code"] for noted in link.issues]) == (LinkState.CONFLICT, ["conflict", "moved_in_erp"])
    decisions.resolve_conflict(link, None, "crm", "anna")
    assert (link_of_eva().state, erp.value("10", "FIRSTNAME", PERSON)) == (LinkState.MOVED, "Evy")


# Merging companies


def merge(keep: str, drop: str) -> records.RecordView:
    return records.merge_companies(company(keep).id, company(drop).id, by="anna")


def test_the_kept_company_gets_what_it_lacks_and_the_contacts(erp, connection):
    project = records.create_record(RecordType.PROJECT, {"NAME": "Bridge"}, by="anna")
    add_member(project.id, eva().id)
    version = eva().version

    kept = merge("Skog", "Fjord")

    assert (kept.fields["NAME"], kept.fields["POSTALCITY"], kept.fields["VATNO"]) == ("Skog", "Umeå", "NO1")
    assert (eva().parent.id, eva().version) == (kept.id, version + 1)
    assert [member.id for member in members(project.id)] == [eva().id]
    company_id = Link.objects.get(erp_key="1").record_id
    with pytest.raises(NoSuchRecord):
        records.get_record(RecordType.COMPANY, company_id)
    marks = set(DirtyMark.objects.values_list("record_type", "record_id"))
    assert {("company", kept.id), ("company", company_id), ("contact", eva().id)} <= marks


def test_companies_that_are_not_two_are_refused(erp, connection):
    with pytest.raises(Refused):
        merge("Fjord", "Fjord")
    with pytest.raises(NoSuchRecord):
        records.merge_companies(company("Fjord").id, 4711, by="anna")
    assert company("Fjord").version == 1


def test_a_link_follows_where_the_kept_company_has_none(erp, connection):
    hav = records.create_record(RecordType.COMPANY, {"NAME": "Hav", "POSTALCITY": "Malmö"}, by="anna")

    merge("Hav", "Fjord")
    assert sync_now(None, by="test").failed == 0

    link = Link.objects.get(actor_type="Customer", erp_key="1")
    assert (link.record_id, link.state) == (hav.id, LinkState.OK)
    assert (erp.value("1", "NAME"), erp.value("1", "CITY"), erp.value("1", "GROUP")) == ("Hav", "Malmö", "1")
    assert LogEntry.objects.filter(target="erp", erp_key="1", old="Fjord", new="Hav").count() == 1
    assert link_of_eva().state == LinkState.OK  # her company is the one that her parent is linked with
    assert eva().parent.id == hav.id


def test_two_actors_for_one_company_are_a_described_state(erp, connection):
    merge("Skog", "Fjord")
    sync_now(None, by="test")
    sync_now(None, by="test", by_hand=True)

    link = Link.objects.get(actor_type="Customer", erp_key="1")
    assert (link.state, link.issues[0]["code"]) == (LinkState.GONE, "two_actors")
    assert "merged with Skog, which is connected to 2" in text_in(link.issues[0])
    assert erp.value("1", "NAME") == "Fjord"
    (item,) = attention.items()
    assert attention.Action.ACCEPT_GONE in item.actions
    decisions.accept_gone(link, "anna")
    assert attention.items() == []


def test_links_with_other_connections_follow_by_themselves(erp, connection):
    second = MemoryErp()
    second.put(CUSTOMER, "77", NAME="Fjord", CITY="Bergen")
    with connectors.use("second", second):
        other = connect_memory("second", both="to_erp", in_="to_erp")
        base = {"NAME": ["Fjord", "Fjord"], "CITY": ["Bergen", "Bergen"]}
        record = {"record_type": "company", "record_id": company("Fjord").id}
        Link.objects.create(connection=other, actor_type="Customer", erp_key="77", base=base, **record)
        merge("Skog", "Fjord")
        sync_now(None, by="test")
        assert Link.objects.get(erp_key="77").record_id == company("Skog").id
        assert second.value("77", "NAME") == "Skog"
    assert Link.objects.get(connection=connection, actor_type="Customer", erp_key="1").issues[0]["code"] == "two_actors"


def test_a_try_to_create_follows_as_well(erp, connection):
    hav = records.create_record(RecordType.COMPANY, {"NAME": "Hav"}, by="anna")
    dal = records.create_record(RecordType.COMPANY, {"NAME": "Dal"}, by="anna")
    tried = {"connection": connection, "actor_type": "Customer", "record_type": "company"}
    CreateIntent.objects.create(record_id=hav.id, **tried)
    merge("Dal", "Hav")
    assert CreateIntent.objects.get().record_id == dal.id
