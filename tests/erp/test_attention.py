"""The inbox: what is in it, what it says, what can be done, and that it empties itself (behaviour E6, G4)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from tests.erp.mapped import set_mapping
from tests.erp.memory_erp import MemoryErp
from tests.erp.scenes import company, edit

from brygga.contract import ActorType
from brygga.crm.fields import RecordType
from brygga.crm.models import CrmListItem, User
from brygga.crm.models.users import ERP_SYNC
from brygga.crm.services import lists, records
from brygga.erp.engine.health import Remedy
from brygga.erp.engine.lease import HeldLease
from brygga.erp.errors import BryggaError, NotFound, Refused
from brygga.erp.models import Access, Connection, CreateIntent, FieldMapping, Link, LogEntry, Run
from brygga.erp.services import attention, decisions, linking, mapping
from brygga.erp.services.attention import Action, AttentionItem, Kind
from brygga.erp.services.importing import Selection, import_actors
from brygga.erp.services.sync import sync_now

pytestmark = pytest.mark.django_db
CUSTOMER, PERSON = ActorType.CUSTOMER, ActorType.PERSON
TOO_LONG = "Llanfairpwllgwyngyllgogerych"  # longer than the ERP's 20


def only() -> AttentionItem:
    (item,) = attention.items()
    return item


def link(key: str = "1") -> Link:
    return Link.objects.select_related("connection").get(actor_type="Customer", erp_key=key)


@pytest.fixture
def conflict(erp: MemoryErp, connection: Connection) -> Link:
    """Name, city and category of Fjord were changed on both sides, and a person is to decide."""
    Connection.objects.update(policy="ask")
    FieldMapping.objects.filter(key="CITY").update(name='US:"Town";SW:"Ort"')
    edit(company("Fjord"), NAME="Fjord AS", POSTALCITY="Oslo", category=None)
    erp.put(CUSTOMER, "1", NAME="Fjord ASA", CITY="Ås", GROUP="2")
    assert sync_now(None, by="test").conflicts == 3
    return link()


@pytest.fixture
def doubt(erp: MemoryErp, connection: Connection) -> CreateIntent:
    """The answer to a create was lost, and somebody has edited since what it may have made."""
    hav = records.create_record(
        RecordType.COMPANY, {"NAME": "Hav", "POSTALCITY": "Malmö", "NUMBER1": "H1", "VATNO": "SE1"}, by="anna"
    )

    def lose_answer(operation: str) -> None:
        if operation == "created":
            erp.before = lambda _: None
            raise TimeoutError("no answer")

    erp.before = lose_answer
    with pytest.raises(BryggaError):
        linking.create_in_erp(connection, "company", hav.id, "Customer", {}, "anna")
    (made,) = (key for kind, key in erp.actors if kind == CUSTOMER and key not in ("1", "2"))
    erp.put(CUSTOMER, made, CITY="Lund")
    sync_now(None, by="test")
    return CreateIntent.objects.select_related("connection__connector").get()


def test_an_empty_inbox(erp, connection):
    sync_now(None, by="test")
    assert attention.items() == []
    assert attention.count() == 0


# Conflicts


def test_a_conflict_says_which_values_stand_against_each_other(conflict):
    item = only()
    assert (item.kind, item.record_name, item.erp_key, item.remedy) == (Kind.CONFLICT, "Fjord AS", "1", Remedy.ASK)
    assert item.fields == ("NAME", "CITY", "GROUP")
    assert "Town: both sides were changed, to “Oslo” in the CRM and “Ås” in the ERP system." in item.sentence
    assert "GROUP: both sides were changed, to “(empty)” in the CRM and “2”" in item.sentence
    with translation.override("sv"):
        assert "Ort: " in item.sentence
    assert Action.RESOLVE in item.actions
    assert attention.count() == 1


def test_a_decision_settles_one_field_and_leaves_the_others(erp, conflict):
    report = decisions.resolve_conflict(conflict, ["CITY"], "erp", "anna")

    assert report.failed == 0
    assert company("Fjord AS").fields["POSTALCITY"] == "Ås"
    assert only().fields == ("NAME", "GROUP")
    entry = LogEntry.objects.get(run_id=report.run)
    assert (entry.old, entry.new, entry.target, entry.rule) == ("Oslo", "Ås", "crm", "copied_from_erp")
    run = Run.objects.get(pk=report.run)
    assert (run.kind, run.by, run.state) == ("resolve", "anna", "done")


def test_a_decision_for_the_crm_reaches_the_erp(erp, conflict):
    report = decisions.resolve_conflict(conflict, None, "crm", "anna")

    assert (erp.value("1", "NAME"), erp.value("1", "CITY"), erp.value("1", "GROUP")) == ("Fjord AS", "Oslo", "")
    assert {entry.rule for entry in LogEntry.objects.filter(run_id=report.run)} == {"copied_from_crm"}
    assert attention.items() == []
    assert sync_now(None, by="test").changes == 0


def test_a_decision_takes_other_changes_along(erp, conflict):
    edit(company("Fjord AS"), VATNO="NO9")
    decisions.resolve_conflict(conflict, ["NAME"], "crm", "anna")
    assert (erp.value("1", "NAME"), erp.value("1", "VATNO"), erp.value("1", "CITY")) == ("Fjord AS", "NO9", "Ås")


def test_a_decision_that_does_not_reach_the_erp_is_told_and_asked_again(erp, conflict):
    erp.down = "Closed for the night."
    report = decisions.resolve_conflict(conflict, None, "crm", "anna")
    assert report.connections[0].error == "Closed for the night."
    erp.down = ""
    sync_now(None, by="test", by_hand=True)
    assert only().kind == Kind.CONFLICT


@pytest.mark.parametrize("fields", [["VATNO"], [], ["NAME", "CODE"]])
def test_only_what_is_in_conflict_can_be_decided(conflict, fields):
    with pytest.raises(Refused, match="no conflict waits"):
        decisions.resolve_conflict(conflict, fields, "crm", "anna")


def test_a_conflict_ends_when_the_sides_have_become_equal(erp, conflict):
    erp.put(CUSTOMER, "1", NAME="Fjord AS", CITY="Oslo", GROUP="")
    sync_now(None, by="test")
    assert attention.items() == []


# Failures


def test_a_failure_says_what_to_do_and_since_when(erp, connection):
    now = timezone.now() - timedelta(days=1)
    edit(company("Fjord"), POSTALCITY=TOO_LONG)
    sync_now(None, by="test", clock=lambda: now)
    sync_now(None, by="test", by_hand=True)
    item = only()
    assert (item.kind, item.since, item.remedy) == (Kind.FAILED, now, Remedy.ASK)
    assert item.sentence == "CITY: The text has 28 characters and the field takes 20. Shorten it."
    assert item.actions == (Action.RESUBMIT, Action.RETRY, Action.DISCONNECT, Action.ASSIGN)


def test_a_retry_does_not_wait_for_the_pause(erp, connection):
    erp.refuses = {"1"}
    edit(company("Fjord"), NAME="Fjord AS")
    sync_now(None, by="test")
    assert "locked by the accountant" in only().sentence
    erp.refuses = set()
    assert decisions.retry(link(), "anna").failed == 0
    assert erp.value("1", "NAME") == "Fjord AS"
    assert attention.items() == []


def test_a_disconnected_record_needs_nothing_any_more(erp, connection):
    edit(company("Fjord"), POSTALCITY=TOO_LONG)
    sync_now(None, by="test")
    decisions.disconnect(link(), "anna")
    assert attention.items() == []
    assert erp.value("1", "NAME") == "Fjord"


def test_a_missing_list_item_is_told_once_for_all_its_records(erp, connection):
    for key in ("1", "2"):
        erp.put(CUSTOMER, key, GROUP="3")
    sync_now(None, by="test")
    item = only()
    assert (item.kind, item.count, item.remedy, item.actions) == (Kind.LIST_ITEM, 2, Remedy.WAIT, (Action.MAP,))
    assert item.sentence.startswith("GROUP: The list item “3” has no counterpart")
    assert item.sentence.endswith("2 records wait for it.")
    assert attention.count() == 2


def test_an_item_of_the_crm_is_told_by_its_text(erp, connection):
    (added,) = lists.add_items("category", ["Harbours"]).values()
    edit(company("Fjord"), category=str(added))
    sync_now(None, by="test")
    assert "“Harbours”" in only().sentence


@pytest.mark.parametrize(
    "end",
    [
        lambda field: mapping.set_items(field, {"3": CrmListItem.objects.get(text="Public").pk}),
        lambda field: set_mapping(field, "", False, False),
        lambda field: set_mapping(field, "category", False, True),
    ],
    ids=["mapped", "left unmapped", "one way only"],
)
def test_records_go_on_in_the_next_run_when_the_mapping_changes(erp, connection, end: Callable[[FieldMapping], None]):
    lists.add_items("category", ["Public"])
    erp.put(CUSTOMER, "1", GROUP="3")
    erp.put(CUSTOMER, "2", CITY="Lund")  # the newest one is delivered again in each run
    sync_now(None, by="test")
    before = erp.count("get_actors")
    assert sync_now(None, by="test").failed == 0  # it rests
    assert erp.count("get_actors") == before
    end(FieldMapping.objects.get(key="GROUP"))
    assert sync_now(None, by="test").failed == 0
    assert attention.items() == []
    assert link().state == "ok"


def test_a_new_default_puts_up_what_failed_in_the_field(erp, connection):
    edit(company("Fjord"), POSTALCITY=TOO_LONG)
    sync_now(None, by="test")
    assert link().waiting.retry_at is not None
    mapping.set_default(FieldMapping.objects.get(key="CITY"), value="Bergen")
    assert link().waiting.retry_at is None


# Records that disappear


def test_what_is_gone_from_the_erp_can_be_accepted(erp, connection):
    del erp.actors[CUSTOMER, "2"]
    edit(company("Skog"), NAME="Skog AB")
    sync_now(None, by="test")
    assert (only().kind, only().actions) == (Kind.GONE, (Action.RETRY, Action.ACCEPT_GONE, Action.ASSIGN))
    decisions.accept_gone(link("2"), "anna")
    assert attention.items() == []
    assert company("Skog AB").id


def test_what_is_back_is_not_accepted_as_gone(erp, connection):
    with pytest.raises(Refused, match="not missing"):
        decisions.accept_gone(link(), "anna")


def test_a_deleted_company_is_a_described_state(erp, connection):
    skog = company("Skog")
    records.delete_record(RecordType.COMPANY, skog.id, skog.version, by="anna")
    sync_now(None, by="test")
    assert only().sentence == "The CRM record was deleted. The ERP record is left as it is."
    assert only().actions == (Action.ACCEPT_GONE, Action.ASSIGN)


# Creating in doubt


def test_a_create_in_doubt_names_the_candidates(doubt):
    item = only()
    assert (item.kind, item.record_name, item.actions) == (Kind.DOUBT, "Hav", (Action.CONNECT, Action.GIVE_UP))
    assert "Customer 1003" in item.sentence
    assert attention.find(item.ref) == doubt


def test_the_candidate_can_be_connected(erp, doubt):
    made = decisions.connect_try(doubt, "1003", "crm", "anna")
    assert (made.erp_key, erp.value("1003", "CITY")) == ("1003", "Malmö")
    assert attention.items() == []


def test_the_try_can_be_given_up_and_the_actor_created_again(erp, doubt):
    decisions.give_up_try(doubt, "anna")
    assert attention.items() == []
    made = linking.create_in_erp(doubt.connection, "company", doubt.record_id, "Customer", {}, "anna")
    assert made.erp_key != "1003"


def test_the_doubt_ends_when_the_candidate_turns_out_to_be_another_ones(erp, doubt):
    other = records.create_record(RecordType.COMPANY, {"NAME": "Hav"}, by="anna")
    linking.connect(doubt.connection, "company", other.id, "Customer", "1003", "erp", "anna")
    sync_now(None, by="test")
    assert attention.items() == []
    assert CreateIntent.objects.get().doubt == {}


def test_nothing_is_given_up_while_an_engine_is_at_work(doubt):
    other = HeldLease(f"connection:{doubt.connection_id}", timezone.now)
    assert other.take()
    with pytest.raises(Refused, match="Another run"):
        decisions.give_up_try(doubt, "anna")


# Persons whose company is missing


def test_a_person_waits_for_the_company_and_comes_with_it(erp, connection):
    erp.put(CUSTOMER, "3", NAME="Hav")
    erp.put(PERSON, "12", parent="3", LASTNAME="Dal")
    erp.put(PERSON, "13", parent="3", LASTNAME="Ek")
    import_actors(connection, "Person", Selection(everything=True), by="test")
    item = only()
    assert (item.kind, item.count, item.remedy) == (Kind.PERSON, 2, Remedy.WAIT)
    assert "Its company, Customer 3, is not linked." in item.sentence
    import_actors(connection, "Person", Selection(everything=True), by="test")
    assert only().count == 2

    import_actors(connection, "Customer", Selection(keys=["3"]), by="anna")

    assert attention.items() == []
    assert Link.objects.filter(actor_type="Person", erp_key__in=["12", "13"]).count() == 2
    assert Run.objects.order_by("-pk").first().by == "anna"


def test_a_person_comes_when_the_company_is_connected_by_hand(erp, connection):
    erp.put(CUSTOMER, "3", NAME="Hav")
    erp.put(PERSON, "12", parent="3", LASTNAME="Dal")
    import_actors(connection, "Person", Selection(keys=["12"]), by="test")
    hav = records.create_record(RecordType.COMPANY, {"NAME": "Hav"}, by="anna")
    linking.connect(connection, "company", hav.id, "Customer", "3", "crm", "anna")
    assert attention.items() == []
    assert Link.objects.filter(actor_type="Person", erp_key="12").exists()


# Connections


def test_a_failing_connection_is_there_until_it_works(erp, connection):
    began = timezone.now() - timedelta(hours=2)
    erp.down = "Closed for the night."
    sync_now(None, by="test", clock=lambda: began)
    sync_now(None, by="test")
    item = only()
    assert (item.kind, item.sentence, item.since) == (Kind.FAILING, "Closed for the night.", began)
    assert (item.remedy, item.actions, attention.count()) == (Remedy.REPEAT, (Action.RETRY,), 1)
    erp.down = ""
    decisions.retry(attention.find(item.ref), "anna")
    assert attention.items() == []


def test_a_paused_connection_says_why(erp, connection):
    paused = {"code": "many_failed", "params": {"failed": 5000, "limit": 100}}
    Connection.objects.update(paused=paused)
    item = only()
    assert (item.kind, item.actions, item.remedy) == (Kind.PAUSED, (Action.RESUME,), Remedy.STOP)
    assert "5000 records failed in one run" in item.sentence


# Who sees what, who takes care


def test_a_user_sees_the_connections_that_are_open_to_them(erp, conflict):
    anna = User.objects.create(username="anna", licences=[ERP_SYNC])
    chief = User.objects.create(username="chief", is_staff=True)
    assert len(attention.items(anna)) == 1
    Connection.objects.update(all_access=False)
    assert attention.items(anna) == []
    assert attention.count(anna) == 0
    assert len(attention.items(chief)) == 1
    Access.objects.create(connection=conflict.connection, user=anna)
    assert len(attention.items(anna)) == 1


def test_an_item_can_be_given_to_somebody(erp, conflict):
    anna = User.objects.create(username="anna")
    decisions.assign(conflict, anna, "chief")
    assert only().assignee == "anna"
    assert len(attention.items(assignee=anna)) == 1
    sync_now(None, by="test", by_hand=True)
    assert only().assignee == "anna"
    decisions.assign(conflict, None, "chief")
    assert attention.items(assignee=anna) == []
    assert only().assignee == ""


def test_a_connection_that_takes_no_part_in_sync_needs_no_attention(erp, conflict):
    assert len(attention.items(connection=conflict.connection)) == 1
    Connection.objects.update(active=False)
    assert attention.items() == []


@pytest.mark.parametrize("ref", ["link:4711", "link:x", "try:1", "connection:99", "moon:1", "", "list:1:Customer:A:1"])
def test_what_is_not_there_is_named(connection, ref):
    with pytest.raises(NotFound):
        attention.find(ref)


def test_pages_and_queries(erp, connection):
    def fail(count: int) -> None:
        for number in range(count):
            made = records.create_record(RecordType.COMPANY, {"NAME": f"No {number}"}, by="anna")
            erp.put(CUSTOMER, f"N{made.id}", NAME=f"No {number}")
            issue = {"field": "CITY", "code": "too_long", "params": {"length": 30, "max_length": 20}}
            Link.objects.create(
                connection=connection, actor_type="Customer", erp_key=f"N{made.id}", record_type="company",
                record_id=made.id, state="failed", issues=[issue | {"value": "x", "target": "erp"}],
            )  # fmt: skip

    fail(2)
    with CaptureQueriesContext(database) as few:
        assert len(attention.items()) == 2
    fail(5)
    with CaptureQueriesContext(database) as many:
        found = attention.items()
    assert len(many) == len(few)
    assert all(item.since for item in found)

    first = attention.items(limit=3)
    rest = attention.items(limit=100, after=int(first[-1].ref.partition(":")[2]))
    assert [item.ref for item in (*first, *rest)] == [item.ref for item in found]
