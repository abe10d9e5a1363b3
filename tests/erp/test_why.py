"""Why a value is what it is: rule, mapping, what was agreed, both sides then, run, call, decision (behaviour G3)."""

from __future__ import annotations

import json

import pytest
from django.utils import translation
from tests.erp.scenes import company, edit

from brygga.contract import ActorType
from brygga.crm.fields import RecordType
from brygga.crm.models import CrmListItem
from brygga.crm.services import records
from brygga.erp.errors import NotFound
from brygga.erp.models import Connection, FieldMapping, LogEntry, SyncSettings
from brygga.erp.services import linking, plans, why
from brygga.erp.services.applying import apply
from brygga.erp.services.resync import resync
from brygga.erp.services.sync import sync_now
from brygga.erp.services.undo import Undoing, undo
from brygga.merge import Rule
from brygga.merge.rules import EXPLANATIONS

pytestmark = pytest.mark.django_db
CUSTOMER = ActorType.CUSTOMER


def explained(run: int, field: str = "CITY") -> why.Explanation:
    return why.why(LogEntry.objects.get(run_id=run, erp_field=field).pk)


def test_a_value_from_the_erp(erp, connection):
    erp.put(CUSTOMER, "1", GROUP="2")
    found = explained(sync_now(None, by="anna").run, "GROUP")
    assert (found.rule, found.sentence) == ("erp_changed", "Only the ERP changed; its value goes to the CRM.")
    retail, industry = (str(CrmListItem.objects.get(text=text).pk) for text in ("Retail", "Industry"))
    assert (found.old, found.new) == (retail, industry)
    assert (found.erp, found.crm, found.base) == ("2", retail, [retail, "1"])
    assert (found.mapping.direction, found.mapping.policy, found.mapping.own_policy) == ("both", "priority", False)
    assert (found.mapping.erp_field, found.mapping.crm_field) == ("GROUP", "category")
    assert found.mapping.crm_label == "Category"
    assert found.mapping.items == ("2", "Industry")
    assert (found.connection, found.connector, found.by, found.run_kind) == ("memory", "memory", "anna", "sync")
    assert (found.call, found.decision) == ("get_actors_by_timestamp / get_actors", "")
    json.dumps(found.as_json(), default=str)


def test_a_value_to_the_erp(erp, connection):
    edit(company("Fjord"), POSTALCITY="Oslo")
    found = explained(sync_now(None, by="anna").run)
    assert (found.crm, found.erp, found.base) == ("Oslo", "Bergen", ["Bergen", "Bergen"])
    assert (found.target, found.call, found.rule) == ("erp", "save_actors", "crm_changed")


@pytest.mark.parametrize(
    ("policy", "own", "crm_priority", "decision"),
    [
        ("priority", "", 0, "the connection's policy, priority: the CRM comes before memory"),
        ("priority", "", 9, "the connection's policy, priority: memory comes before the CRM"),
        ("crm", "", 0, "the connection's policy, crm"),
        ("ask", "erp", 0, "the field's policy, erp"),
    ],
)
def test_who_decided_a_conflict(erp, connection, policy, own, crm_priority, decision):
    SyncSettings.load()
    SyncSettings.objects.update(crm_priority=crm_priority)
    Connection.objects.update(policy=policy)
    FieldMapping.objects.filter(key="CITY").update(policy=own)
    edit(company("Fjord"), POSTALCITY="Voss")
    erp.put(CUSTOMER, "1", CITY="Oslo")
    found = explained(sync_now(None, by="anna").run)
    assert found.decision == decision
    assert {found.crm, found.erp} == {"Voss", "Oslo"}
    assert (found.mapping.policy, found.mapping.own_policy) == (own or policy, bool(own))


def test_who_asked_for_a_copy_or_an_undo(erp, connection):
    erp.put(CUSTOMER, "1", CITY="Oslo")
    copied = resync("crm", False, by="anna").run
    assert explained(copied).decision == f"anna, by resync in run {copied}"
    undone = undo(Undoing(run_id=copied), by="bo").run
    found = explained(undone)
    assert (found.decision, found.rule) == (f"bo, by undo in run {undone}", "undone")
    assert (found.crm, found.erp, found.new) == ("Bergen", "Bergen", "Oslo")  # the plan knows the other side


def test_what_connecting_chose(erp, connection):
    made = records.create_record(RecordType.COMPANY, {"NAME": "Hav", "POSTALCITY": "Voss"}, by="anna")
    erp.put(CUSTOMER, "3", NAME="Hav", CITY="Oslo")
    linking.connect(connection, "company", made.id, "Customer", "3", "erp", by="anna")
    found = why.why(LogEntry.objects.get(erp_key="3", erp_field="CITY").pk)
    assert found.rule == "conflict_erp_wins"
    assert found.decision.startswith("anna, by connect")
    assert found.call == "get_actors"


def test_a_record_that_was_imported_and_an_actor_that_was_created(erp, connection):
    imported = why.why(LogEntry.objects.get(rule="import", erp_key="1", erp_field="CITY").pk)
    assert imported.sentence == "The CRM record was created from the ERP's with this value."
    assert (imported.base, imported.erp) == (None, "Bergen")
    made = records.create_record(RecordType.COMPANY, {"NAME": "Hav"}, by="anna")
    link = linking.create_in_erp(connection, "company", made.id, "Customer", {}, by="anna")
    created = why.why(LogEntry.objects.get(rule="created", erp_key=link.erp_key, erp_field="NAME").pk)
    assert (created.call, created.crm, created.erp) == ("create_actor", "Hav", None)


def test_a_value_that_was_not_written(erp, connection):
    erp.put(CUSTOMER, "1", GROUP="3")
    found = explained(sync_now(None, by="anna").run, "GROUP")
    assert found.sentence == "Not written: the list item is not mapped"
    assert (found.erp, found.mapping.items) == ("3", None)


def test_a_field_that_is_no_longer_mapped_that_way(erp, connection):
    erp.put(CUSTOMER, "1", CITY="Oslo")
    run = sync_now(None, by="anna").run
    FieldMapping.objects.filter(key="CITY").update(crm_key="STREETCITY")
    found = explained(run)
    assert (found.mapping, found.new, found.erp) == (None, "Oslo", None)


def test_what_a_plan_knew_is_told(erp, connection):
    erp.put(CUSTOMER, "1", CITY="Oslo")
    run = apply(plans.make_sync_plan(None, by="anna"), by="bo").run
    assert (explained(run).erp, explained(run).by) == ("Oslo", "bo")


def test_every_rule_has_a_sentence():
    assert set(EXPLANATIONS) == set(Rule)
    assert set(map(str, Rule)) <= {str(rule) for rule in why.RULES}
    for rule in ("created", "import", "undone", "linked"):
        assert why.sentence_of(rule) != rule
    with translation.override("en"):
        assert why.sentence_of("of_a_later_version") == "of_a_later_version"


def test_how_a_value_stands_now(erp, connection):
    Connection.objects.update(policy="ask")
    for city in ("Oslo", "Moss"):
        erp.put(CUSTOMER, "1", CITY=city)
        sync_now(None, by="anna")
    edit(company("Fjord"), POSTALCITY="Voss")
    erp.put(CUSTOMER, "1", CITY="Bodø")
    sync_now(None, by="anna")
    found = why.why_value(connection, ("company", company("Fjord").id), "POSTALCITY")
    assert (found.crm, found.base, found.state, found.erp_key) == ("Voss", ["Moss", "Moss"], "conflict", "1")
    assert found.issues == ["Both sides were changed."]
    assert [one.new for one in found.latest] == ["Moss", "Oslo", "Bergen"]
    assert (found.mapping.erp_field, found.waiting) == ("CITY", False)


def test_what_is_not_there_can_not_be_explained(erp, connection):
    with pytest.raises(NotFound, match="99999"):
        why.why(99999)
    with pytest.raises(NotFound, match="PHONE"):
        why.why_value(connection, ("company", company("Fjord").id), "PHONE")
    with pytest.raises(NotFound, match="NAME"):
        why.why_value(connection, ("company", 99999), "NAME")
