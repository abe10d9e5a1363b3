"""Undo from the log: what was written is set back, nothing echoes, what was changed since is left alone (G2)."""

from __future__ import annotations

import pytest
from django.utils import timezone
from tests.erp.memory_erp import MemoryErp
from tests.erp.scenes import company, connect_memory, edit

from brygga.contract import ActorType
from brygga.crm.fields import RecordType
from brygga.crm.models import Company, Contact
from brygga.crm.services import records
from brygga.erp import connectors
from brygga.erp.engine.run import leased
from brygga.erp.errors import NotFound, Refused
from brygga.erp.models import Link, LogEntry, PlanOutcome, StoredPlan
from brygga.erp.services import linking, plans
from brygga.erp.services.applying import apply
from brygga.erp.services.importing import Selection, import_actors
from brygga.erp.services.resync import resync
from brygga.erp.services.sync import sync_now
from brygga.erp.services.undo import Undoing, make_undo_plan, undo

pytestmark = pytest.mark.django_db
CUSTOMER = ActorType.CUSTOMER
ALL = Selection(everything=True)


def changes(report) -> tuple[int, int]:
    return sum(c.to_crm for c in report.connections), sum(c.to_erp for c in report.connections)


def codes(report) -> list[str]:
    return [problem["code"] for part in report.connections for problem in part.problems]


def nothing_flows() -> bool:
    return all(changes(sync_now(None, by="test", by_hand=True)) == (0, 0) for _ in range(2))


def synced(erp) -> int:
    """A run in which both sides were written, and its number."""
    edit(company("Fjord"), NAME="Fjord AS")
    erp.put(CUSTOMER, "1", CITY="Oslo")
    erp.put(CUSTOMER, "2", CITY="Luleå")
    return sync_now(None, by="test").run


def test_undo_of_a_run_sets_both_sides_back_and_nothing_flows_until_somebody_edits(erp, connection):
    run = synced(erp)
    report = undo(Undoing(run_id=run), by="anna")

    assert (changes(report), report.failed) == ((2, 1), 0)
    assert erp.value("1", "NAME") == "Fjord"
    assert company("Fjord AS").fields["POSTALCITY"] == "Bergen"
    assert company("Skog").fields["POSTALCITY"] == "Umeå"
    assert nothing_flows()
    assert (erp.value("1", "CITY"), erp.value("1", "NAME")) == ("Oslo", "Fjord")

    edit(company("Fjord AS"), POSTALCITY="Voss")
    erp.put(CUSTOMER, "1", NAME="Fjorden")
    assert changes(sync_now(None, by="test")) == (1, 1)
    assert erp.value("1", "CITY") == "Voss"
    assert company("Fjorden").id


def test_an_undo_is_logged_as_such(erp, connection):
    run = synced(erp)
    report = undo(Undoing(run_id=run), by="anna")
    entries = LogEntry.objects.filter(run_id=report.run)
    rows = entries.values_list("target", "erp_key", "crm_field", "old", "new", "rule")
    assert sorted(rows) == [
        ("crm", "1", "POSTALCITY", "Oslo", "Bergen", "undone"),
        ("crm", "2", "POSTALCITY", "Luleå", "Umeå", "undone"),
        ("erp", "1", "NAME", "Fjord AS", "Fjord", "undone"),
    ]
    entry = entries.first()
    assert (entry.run.kind, entry.run.by) == ("undo", "anna")


def test_undo_of_one_value_leaves_the_others(erp, connection):
    run = synced(erp)
    entry = LogEntry.objects.get(run_id=run, erp_key="1", erp_field="CITY")
    assert changes(undo(Undoing(log_id=entry.pk), by="anna")) == (1, 0)
    assert company("Fjord AS").fields["POSTALCITY"] == "Bergen"
    assert (erp.value("1", "NAME"), company("Skog").fields["POSTALCITY"]) == ("Fjord AS", "Luleå")
    assert nothing_flows()


def test_a_dry_undo_only_tells(erp, connection):
    run = synced(erp)
    logged = LogEntry.objects.count()
    report = undo(Undoing(run_id=run), by="anna", dry_run=True)
    shape = {"side", "type", "id", "erp_key", "field", "old", "new", "rule"}
    assert [set(item) for item in report.as_json()["planned"]] == 3 * [shape]
    assert {(item["side"], item["field"], item["new"]) for item in report.planned} == {
        ("erp", "NAME", "Fjord"), ("crm", "POSTALCITY", "Bergen"), ("crm", "POSTALCITY", "Umeå"),
    }  # fmt: skip
    assert erp.value("1", "NAME") == "Fjord AS"
    assert LogEntry.objects.count() == logged
    assert not StoredPlan.objects.exists()


def test_what_was_changed_since_is_left_alone_and_told(erp, connection):
    run = synced(erp)
    edit(company("Fjord AS"), POSTALCITY="Voss")
    erp.put(CUSTOMER, "1", NAME="Fjorden")
    report = undo(Undoing(run_id=run), by="anna")

    assert changes(report) == (1, 0)
    assert codes(report) == ["undo_changed_since"] * 2
    assert (report.failed, company("Fjord AS").fields["POSTALCITY"]) == (2, "Voss")
    sync_now(None, by="test")
    assert (erp.value("1", "CITY"), company("Fjorden").fields["POSTALCITY"]) == ("Voss", "Voss")


def test_an_edit_of_the_other_side_that_still_has_to_flow_is_not_lost_by_an_undo(erp, connection):
    run = synced(erp)
    erp.put(CUSTOMER, "1", CITY="Tromsø")
    assert changes(undo(Undoing(run_id=run), by="anna")) == (2, 1)
    assert company("Fjord AS").fields["POSTALCITY"] == "Bergen"
    sync_now(None, by="test")
    assert company("Fjord AS").fields["POSTALCITY"] == "Tromsø"


def test_an_edit_in_the_crm_that_still_has_to_flow_is_not_lost_by_an_undo(erp, connection):
    run = synced(erp)
    edit(company("Fjord AS"), NAME="Fjord Holding")
    edit(company("Skog"), NAME="Skog AB")  # another field of a record that is set back
    assert changes(undo(Undoing(run_id=run), by="anna")) == (2, 1)
    sync_now(None, by="test")
    assert (erp.value("1", "NAME"), erp.value("2", "NAME")) == ("Fjord Holding", "Skog AB")


def test_undo_of_a_record_goes_back_through_all_its_runs(erp, connection):
    before = company("Fjord")
    for city in ("Oslo", "Voss", "Moss"):
        erp.put(CUSTOMER, "1", CITY=city)
        sync_now(None, by="test")
    report = undo(Undoing(record=("company", before.id)), by="anna")
    assert changes(report) == (1, 0)
    assert company("Fjord").fields["POSTALCITY"] == "Bergen"
    assert set(codes(report)) == {"undo_imported"}  # the record itself came by an import, which has its own undo
    assert nothing_flows()


def test_undo_stops_at_what_a_person_entered_in_between(erp, connection):
    erp.put(CUSTOMER, "1", CITY="Oslo")
    sync_now(None, by="test")
    edit(company("Fjord"), POSTALCITY="Voss")
    sync_now(None, by="test")
    erp.put(CUSTOMER, "1", CITY="Moss")
    sync_now(None, by="test")
    undo(Undoing(record=("company", company("Fjord").id)), by="anna")
    assert company("Fjord").fields["POSTALCITY"] == "Voss"


def test_an_undo_can_be_undone(erp, connection):
    first = undo(Undoing(run_id=synced(erp)), by="anna")
    assert changes(undo(Undoing(run_id=first.run), by="anna")) == (2, 1)
    assert erp.value("1", "NAME") == "Fjord AS"
    assert company("Fjord AS").fields["POSTALCITY"] == "Oslo"
    assert nothing_flows()


def test_undo_of_a_resync_and_of_a_conflict_brings_the_overruled_values_back(erp, connection):
    erp.put(CUSTOMER, "1", CITY="Oslo")
    edit(company("Fjord"), POSTALCITY="Voss")  # a conflict that the CRM wins
    conflict = sync_now(None, by="test")
    assert erp.value("1", "CITY") == "Voss"
    undo(Undoing(run_id=conflict.run), by="anna")
    assert (erp.value("1", "CITY"), company("Fjord").fields["POSTALCITY"]) == ("Oslo", "Voss")
    assert nothing_flows()

    copied = resync("crm", False, by="test")
    assert erp.value("1", "CITY") == "Voss"
    undo(Undoing(run_id=copied.run), by="anna")
    assert erp.value("1", "CITY") == "Oslo"
    assert nothing_flows()


@pytest.fixture
def second(db):
    erp = MemoryErp()
    with connectors.use("second", erp):
        connection = connect_memory("second", both="to_erp", in_="none")
        fjord = company("Fjord")
        linking.create_in_erp(connection, "company", fjord.id, "Customer", {}, by="test")
        yield erp


def test_undo_of_a_run_reaches_every_erp_that_the_run_reached(erp, connection, second):
    (key,) = (key for _type, key in second.actors)
    sync_now(None, by="test")
    erp.put(CUSTOMER, "1", CITY="Oslo")
    run = sync_now(None, by="test").run
    assert second.value(key, "CITY") == "Oslo"

    report = undo(Undoing(run_id=run), by="anna")
    assert (changes(report), report.failed) == ((1, 1), 0)
    assert (company("Fjord").fields["POSTALCITY"], second.value(key, "CITY")) == ("Bergen", "Bergen")
    assert nothing_flows()
    assert erp.value("1", "CITY") == "Oslo"


def test_a_value_that_is_set_back_in_the_crm_does_not_flow_to_another_erp(erp, connection, second):
    (key,) = (key for _type, key in second.actors)
    erp.put(CUSTOMER, "1", CITY="Oslo")
    run = sync_now(None, by="test").run
    entry = LogEntry.objects.get(run_id=run, target="crm")
    undo(Undoing(log_id=entry.pk), by="anna")
    assert nothing_flows()
    assert (company("Fjord").fields["POSTALCITY"], second.value(key, "CITY")) == ("Bergen", "Oslo")
    edit(company("Fjord"), POSTALCITY="Voss")
    sync_now(None, by="test")
    assert (erp.value("1", "CITY"), second.value(key, "CITY")) == ("Voss", "Voss")


def test_what_was_created_in_an_erp_can_not_be_undone_and_it_is_said_so(erp, connection):
    made = records.create_record(RecordType.COMPANY, {"NAME": "Hav"}, by="anna")
    linking.create_in_erp(connection, "company", made.id, "Customer", {}, by="anna")
    run = LogEntry.objects.filter(rule="created").latest("pk").run_id
    report = undo(Undoing(run_id=run), by="anna")
    assert set(codes(report)) == {"undo_created"}
    assert Link.objects.filter(record_type="company", record_id=made.id).exists()


def imported_run() -> int:
    return LogEntry.objects.filter(rule="import", record_type="contact").latest("pk").run_id


def test_undo_of_an_import_deletes_what_it_created_and_the_links(erp, connection):
    report = undo(Undoing(run_id=imported_run()), by="anna")
    assert report.failed == 0
    assert not Contact.objects.filter(deleted=False).exists()
    assert not Link.objects.filter(record_type="contact").exists()
    entry = LogEntry.objects.get(run_id=report.run, erp_field="LASTNAME")
    assert (entry.old, entry.new, entry.rule) == ("Berg", None, "undone")
    assert nothing_flows()
    assert erp.value("10", "LASTNAME", ActorType.PERSON) == "Berg"
    assert import_actors(connection, "Person", ALL, by="test").connections[0].created == 1


def test_an_imported_record_that_was_changed_or_is_in_use_is_kept(erp, connection):
    edit(company("Skog"), PHONE="123")
    run = LogEntry.objects.filter(rule="import", record_type="company").latest("pk").run_id
    report = undo(Undoing(run_id=run), by="anna")
    assert sorted(codes(report)) == ["undo_changed_since", "undo_in_use"]  # Fjord has a contact
    assert Company.objects.filter(deleted=False).count() == 2
    assert Link.objects.filter(record_type="company").count() == 2


def test_undo_of_an_import_sets_back_the_fields_that_it_filled(erp, connection):
    records.create_record(RecordType.COMPANY, {"NAME": "Hav"}, by="anna")
    erp.put(CUSTOMER, "3", NAME="Hav", CITY="Ålesund")
    report = import_actors(connection, "Customer", ALL, duplicates="NAME", on_duplicate="merge", by="test")
    assert company("Hav").fields["POSTALCITY"] == "Ålesund"
    undo(Undoing(run_id=report.run), by="anna")
    assert company("Hav").fields["POSTALCITY"] is None
    assert nothing_flows()


def test_a_mandatory_field_is_not_emptied(erp, connection):
    entry = LogEntry.objects.get(rule="import", erp_key="2", erp_field="NAME")
    assert codes(undo(Undoing(log_id=entry.pk), by="anna")) == ["mandatory_blank"]
    assert company("Skog").id


def test_what_is_no_longer_linked_or_mapped_or_there_is_left_alone(erp, connection):
    run = synced(erp)
    linking.disconnect(connection, "company", company("Skog").id, by="anna")
    del erp.actors[CUSTOMER, "1"]
    assert set(codes(undo(Undoing(run_id=run), by="anna"))) == {"plan_not_linked", "erp_gone"}


def test_an_undo_is_a_plan_that_can_wait_and_is_exact(erp, connection):
    plan = make_undo_plan(Undoing(run_id=synced(erp)), by="anna")
    assert plan.kind == "undo"
    erp.put(CUSTOMER, "1", NAME="Fjorden")
    report = apply(plan, by="bo")
    assert (changes(report), codes(report)) == ((2, 0), ["plan_moved"])
    assert plans.counts(plan) == {PlanOutcome.DONE: 2, PlanOutcome.MOVED: 1}


def test_an_undo_whose_answer_is_lost_does_not_flow_back(erp, connection):
    run = synced(erp)
    plan = make_undo_plan(Undoing(run_id=run), by="anna")
    saved = MemoryErp.save_actors

    def lost(guid, actors):
        saved(erp, guid, actors)
        raise TimeoutError

    erp.save_actors = lost
    assert apply(plan, by="bo").connections[0].failure.code == "connector_raised"
    del erp.save_actors
    assert erp.value("1", "NAME") == "Fjord"

    assert nothing_flows()
    assert company("Fjord AS").id
    apply(plan, by="bo")
    assert set(plans.counts(plan)) == {PlanOutcome.DONE}
    assert LogEntry.objects.filter(rule="undone", erp_field="NAME").count() == 1


def test_an_erp_that_is_down_is_told(erp, connection):
    run = synced(erp)
    erp.down = "Closed."
    with pytest.raises(Refused, match="Closed"):
        undo(Undoing(run_id=run), by="anna")


@pytest.mark.parametrize("what", [Undoing(log_id=99999), Undoing(run_id=99999)])
def test_what_is_not_in_the_log_can_not_be_undone(connection, what):
    with pytest.raises(NotFound, match="99999"):
        undo(what, by="anna")


def test_an_undo_waits_while_an_engine_is_at_work_on_another_connection_of_the_record(erp, connection):
    """An engine that has read what was agreed on before would take the value set back for news, and carry it on."""
    other = MemoryErp()
    with connectors.use("other", other):
        other.put(CUSTOMER, "7", NAME="Fjord", CITY="Bergen")
        second = connect_memory("other", both="to_erp", in_="none")
        linking.connect(second, "company", company("Fjord").id, "Customer", "7", "crm", "test")
        erp.put(CUSTOMER, "1", CITY="Voss")
        sync_now(None, by="test")
        line = LogEntry.objects.get(new="Voss", target="crm")
        plan = make_undo_plan(Undoing(log_id=line.pk), by="anna")

        with leased(second, timezone.now) as lease:
            assert lease is not None
            report = apply(plan, "anna")
        assert [part.failure.code for part in report.connections if part.failure] == ["busy"]
        assert company("Fjord").fields["POSTALCITY"] == "Voss"

        assert changes(apply(plan, "anna")) == (1, 0)
        assert changes(sync_now(None, by="test")) == (0, 0)
        assert (company("Fjord").fields["POSTALCITY"], other.value("7", "CITY")) == ("Bergen", "Voss")
