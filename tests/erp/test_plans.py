"""Plans: made from a dry run, carried out exactly, items that moved refused (behaviour G1)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.erp.memory_erp import MemoryErp
from tests.erp.scenes import company, connect_memory, edit

from brygga.contract import ActorType
from brygga.crm.fields import RecordType
from brygga.crm.models import Company
from brygga.crm.services import records
from brygga.crm.side import EmbeddedCrm
from brygga.erp import connectors
from brygga.erp.engine.lease import HeldLease
from brygga.erp.errors import NotFound, Refused
from brygga.erp.models import Connection, FieldMapping, Lease, Link, LogEntry, PlanOutcome, PlanState, Run
from brygga.erp.problems import text_in
from brygga.erp.services import linking, plans
from brygga.erp.services.applying import apply
from brygga.erp.services.importing import Selection, import_actors
from brygga.erp.services.sync import sync_now
from brygga.erp.services.undo import Undoing, undo

pytestmark = pytest.mark.django_db
CUSTOMER = ActorType.CUSTOMER
ALL = Selection(everything=True)


def outcomes(plan) -> dict[tuple[str, str], str]:
    return {(item.erp_key, item.crm_field): item.outcome for item in plans.items(plan)}


def changes(report) -> tuple[int, int]:
    return sum(c.to_crm for c in report.connections), sum(c.to_erp for c in report.connections)


def both_edited(erp) -> None:
    edit(company("Fjord"), NAME="Fjord AS")
    erp.put(CUSTOMER, "1", CITY="Oslo")
    erp.put(CUSTOMER, "2", CITY="Luleå")


def test_a_plan_lists_record_field_old_new_side_and_rule_and_writes_nothing(erp, connection):
    both_edited(erp)
    plan = plans.make_sync_plan(None, by="anna")

    found = {(i.side, i.erp_key, i.crm_field, i.old, i.new, i.rule) for i in plans.items(plan)}
    assert found == {
        ("erp", "1", "NAME", "Fjord", "Fjord AS", "crm_changed"),
        ("crm", "1", "POSTALCITY", "Bergen", "Oslo", "erp_changed"),
        ("crm", "2", "POSTALCITY", "Umeå", "Luleå", "erp_changed"),
    }
    assert (plan.kind, plan.by, plan.state) == ("sync", "anna", PlanState.OPEN)
    assert erp.value("1", "NAME") == "Fjord"
    assert company("Skog").fields["POSTALCITY"] == "Umeå"


def test_applying_writes_exactly_the_plan_under_one_run_in_the_log(erp, connection):
    both_edited(erp)
    plan = plans.make_sync_plan(None, by="anna")
    report = apply(plan, by="bo")

    assert changes(report) == (2, 1)
    assert set(outcomes(plan).values()) == {PlanOutcome.DONE}
    assert (plan.state, plan.run.pk, plan.run.by, plan.run.kind) == (PlanState.APPLIED, report.run, "bo", "sync")
    assert erp.value("1", "NAME") == "Fjord AS"
    assert company("Fjord AS").fields["POSTALCITY"] == "Oslo"
    logged = LogEntry.objects.filter(run_id=report.run).values_list("target", "crm_field", "rule")
    assert sorted(logged) == [
        ("crm", "POSTALCITY", "erp_changed"), ("crm", "POSTALCITY", "erp_changed"), ("erp", "NAME", "crm_changed"),
    ]  # fmt: skip
    assert changes(sync_now(None, by="test")) == (0, 0)


def test_what_is_unchecked_is_left_out_and_goes_the_way_of_any_change_later(erp, connection):
    both_edited(erp)
    plan = plans.make_sync_plan(None, by="anna")
    city = plan.items.get(erp_key="1", crm_field="POSTALCITY")
    assert plans.uncheck([city.pk]) == 1
    assert changes(apply(plan, by="bo")) == (1, 1)

    assert company("Fjord AS").fields["POSTALCITY"] == "Bergen"
    assert outcomes(plan)["1", "POSTALCITY"] == PlanOutcome.UNCHECKED
    assert changes(sync_now(None, by="test")) == (1, 0)
    assert company("Fjord AS").fields["POSTALCITY"] == "Oslo"


def test_what_was_unchecked_can_be_checked_again(erp, connection):
    both_edited(erp)
    plan = plans.make_sync_plan(None, by="anna")
    ids = list(plan.items.values_list("pk", flat=True))
    plans.uncheck(ids)
    assert plans.check(ids[:1]) == 1
    assert plans.counts(plan) == {PlanOutcome.WAITING: 1, PlanOutcome.UNCHECKED: 2}


@pytest.mark.parametrize(
    "move",
    [
        lambda erp: erp.put(CUSTOMER, "1", CITY="Tromsø"),
        lambda erp: edit(company("Fjord"), POSTALCITY="Voss"),
        lambda erp: sync_now(None, by="other", record=("company", company("Fjord").id)),
    ],
    ids=["in the ERP", "in the CRM", "by a sync"],
)
def test_an_item_that_has_moved_since_is_refused_and_the_others_are_written(erp, connection, move):
    erp.put(CUSTOMER, "1", CITY="Oslo")
    erp.put(CUSTOMER, "2", CITY="Luleå")
    plan = plans.make_sync_plan(None, by="anna")
    edit(company("Skog"), NAME="Skog AB")  # another field of the same record is no hindrance
    move(erp)
    expected = company("Fjord").fields["POSTALCITY"]

    report = apply(plan, by="bo")
    assert [p["code"] for p in report.connections[0].problems] == ["plan_moved"]
    assert (report.failed, changes(report)) == (1, (1, 0))
    assert outcomes(plan) == {("1", "POSTALCITY"): PlanOutcome.MOVED, ("2", "POSTALCITY"): PlanOutcome.DONE}
    assert plans.items(plan).get(erp_key="1").problem["code"] == "plan_moved"
    assert (company("Skog AB").fields["POSTALCITY"], company("Fjord").fields["POSTALCITY"]) == ("Luleå", expected)
    assert plan.state == PlanState.APPLIED
    sync_now(None, by="test")
    assert erp.value("2", "NAME") == "Skog AB"  # the edit that was not in the plan went its own way


def test_somebody_saves_the_record_at_the_very_moment(erp, connection):
    erp.put(CUSTOMER, "1", CITY="Oslo")
    edit(company("Fjord"), NAME="Fjord AS")
    plan = plans.make_sync_plan(None, by="anna")
    read = EmbeddedCrm.read

    def read_then_saved(self, *args):
        found = read(self, *args)
        EmbeddedCrm.read = read
        edit(company("Fjord AS"), PHONE="1")
        return found

    EmbeddedCrm.read = read_then_saved
    try:
        report = apply(plan, by="bo")
    finally:
        EmbeddedCrm.read = read
    assert changes(report) == (0, 0)
    assert set(outcomes(plan).values()) == {PlanOutcome.MOVED}
    assert changes(sync_now(None, by="test")) == (1, 1)


def test_what_the_erp_refuses_is_told_with_its_reason_and_the_others_are_written(erp, connection):
    edit(company("Fjord"), NAME="Fjord AS")
    edit(company("Skog"), NAME="Skog AB")
    plan = plans.make_sync_plan(None, by="anna")
    erp.refuses = {"1"}
    report = apply(plan, by="bo")

    assert (changes(report), report.failed) == ((0, 1), 1)
    assert outcomes(plan) == {("1", "NAME"): PlanOutcome.FAILED, ("2", "NAME"): PlanOutcome.DONE}
    assert "locked by the accountant" in text_in(plan.items.get(erp_key="1").problem)
    erp.refuses = set()
    sync_now(None, by="test", by_hand=True)
    assert erp.value("1", "NAME") == "Fjord AS"


def test_a_plan_whose_erp_is_down_waits_and_goes_on_when_it_is_applied_again(erp, connection):
    both_edited(erp)
    plan = plans.make_sync_plan(None, by="anna")
    erp.down = "Closed."
    report = apply(plan, by="bo")
    assert report.connections[0].error == "Closed."
    assert (plan.state, plans.counts(plan)) == (PlanState.APPLYING, {PlanOutcome.WAITING: 3})

    erp.down = ""
    again = apply(plan, by="bo")
    assert (again.run, changes(again)) == (report.run, (2, 1))
    assert plan.state == PlanState.APPLIED


@pytest.mark.parametrize("operation", ["get_actors", "save_actors", "saved"])
def test_a_plan_goes_on_after_a_crash_with_what_still_waits(erp, connection, operation):
    both_edited(erp)
    plan = plans.make_sync_plan(None, by="anna")
    saved = MemoryErp.save_actors

    def killed_after(guid, actors):
        saved(erp, guid, actors)
        raise KeyboardInterrupt

    def killed_before(called):
        if called == operation:
            raise KeyboardInterrupt

    erp.before = killed_before
    if operation == "saved":
        erp.save_actors = killed_after
    with pytest.raises(KeyboardInterrupt):
        apply(plan, by="bo")
    erp.before = lambda called: None
    erp.__dict__.pop("save_actors", None)
    plan.refresh_from_db()
    assert plan.state == PlanState.APPLYING
    Lease.objects.all().delete()  # as when they have run out

    report = apply(plan, by="bo")
    assert report.failed == 0
    assert plans.counts(plan) == {PlanOutcome.DONE: 3}
    assert erp.value("1", "NAME") == "Fjord AS"
    unanswered = LogEntry.objects.filter(rule__startswith="unanswered: ")
    assert unanswered.count() == (operation == "save_actors")
    assert LogEntry.objects.filter(run_id=report.run).difference(unanswered).count() == 3
    assert Run.objects.filter(kind="sync", by="bo").count() == 1


def test_a_plan_is_carried_out_by_one_at_a_time(erp, connection):
    both_edited(erp)
    plan = plans.make_sync_plan(None, by="anna")
    assert HeldLease(f"plan:{plan.pk}", timezone.now).take()
    with pytest.raises(Refused, match="Somebody else"):
        apply(plan, by="bo")


def test_a_plan_is_carried_out_once_and_not_after_it_was_dropped(erp, connection):
    both_edited(erp)
    first, second = plans.make_sync_plan(None, by="anna"), plans.make_sync_plan(None, by="anna")
    plans.drop(second)
    with pytest.raises(Refused, match="not open"):
        apply(second, by="bo")
    apply(first, by="bo")
    with pytest.raises(Refused, match="not open"):
        apply(first, by="bo")
    with pytest.raises(Refused, match="not open"):
        plans.drop(first)
    assert plans.uncheck(first.items.values_list("pk", flat=True)) == 0


def test_plans_stay_readable(erp, connection):
    both_edited(erp)
    old = plans.make_sync_plan([connection], by="anna", record=("company", company("Fjord AS").id))
    apply(old, by="bo")
    assert (old.params["connections"], old.params["record"]) == ([connection.pk], ["company", company("Fjord AS").id])
    newest, oldest = plans.make_sync_plan(None, by="anna"), old
    assert [line.plan for line in plans.plans()] == [newest, oldest]
    assert plans.plans()[1].counts == {PlanOutcome.DONE: 2}
    assert plans.plans()[1].total == 2
    report = plans.report_of(plans.get(oldest.pk))
    assert {(item["side"], item["new"]) for item in report.planned} == {("erp", "Fjord AS"), ("crm", "Oslo")}
    assert (report.connections[0].to_crm, report.connections[0].to_erp) == (1, 1)
    with pytest.raises(NotFound):
        plans.get(99999)


def test_no_plan_is_made_of_what_can_not_be_read(erp, connection):
    erp.down = "Closed."
    with pytest.raises(Refused, match="Closed"):
        plans.make_sync_plan(None, by="anna")
    assert not plans.plans()


def test_a_field_that_is_mapped_otherwise_by_now_is_refused(erp, connection):
    both_edited(erp)
    plan = plans.make_sync_plan(None, by="anna")
    FieldMapping.objects.filter(key="CITY").update(crm_key="STREETCITY")
    report = apply(plan, by="bo")
    assert {p["code"] for p in report.connections[0].problems} == {"plan_mapping_changed"}
    assert changes(report) == (0, 1)


def test_a_conflict_on_another_field_stays_when_a_plan_is_applied(erp, connection):
    Connection.objects.update(policy="ask")
    edit(company("Fjord"), POSTALCITY="Voss")
    erp.put(CUSTOMER, "1", CITY="Oslo", NAME="Fjord AS")
    sync_now(None, by="test")
    erp.put(CUSTOMER, "1", NAME="Fjorden")
    apply(plans.make_sync_plan(None, by="anna"), by="bo")
    link = Link.objects.get(erp_key="1", actor_type="Customer")
    assert (link.state, [issue["field"] for issue in link.issues]) == ("conflict", ["CITY"])
    assert company("Fjorden").fields["POSTALCITY"] == "Voss"


def test_a_resync_is_planned_and_applied(erp, connection):
    erp.put(CUSTOMER, "1", CITY="Oslo", CODE="Z")
    plan = plans.make_resync_plan("crm", False, by="anna", erp_keys=["1"])
    assert {(i.side, i.erp_field, i.new, i.rule) for i in plans.items(plan)} == {
        ("erp", "CITY", "Bergen", "copied_from_crm")
    }  # fmt: skip
    assert plan.params["erp_keys"] == ["1"]
    apply(plan, by="bo")
    assert (erp.value("1", "CITY"), erp.value("1", "CODE")) == ("Bergen", "Z")
    sync_now(None, by="test")
    assert company("Fjord").fields["NUMBER1"] == "Z"  # not in the plan, not lost


def test_an_import_is_planned_record_by_record_and_applied(erp, connection):
    erp.put(CUSTOMER, "3", NAME="Hav", CITY="Ålesund")
    erp.put(CUSTOMER, "4", NAME="Vik")
    erp.put(CUSTOMER, "5", NAME="Mo")
    plan = plans.make_import_plan(connection, "Customer", ALL, by="anna")
    assert {(i.erp_key, i.record_id, i.new["NAME"], i.rule) for i in plans.items(plan)} == {
        ("3", None, "Hav", "import"), ("4", None, "Vik", "import"), ("5", None, "Mo", "import"),
    }  # fmt: skip
    assert not Company.objects.filter(name="Hav").exists()
    plans.uncheck([plan.items.get(erp_key="5").pk])
    erp.put(CUSTOMER, "4", NAME="Viken")

    report = apply(plan, by="bo")
    assert (report.connections[0].created, report.failed) == (1, 1)
    assert company("Hav").fields["POSTALCITY"] == "Ålesund"
    assert plans.counts(plan) == {PlanOutcome.DONE: 1, PlanOutcome.MOVED: 1, PlanOutcome.UNCHECKED: 1}
    assert not Company.objects.filter(name__in=["Vik", "Viken", "Mo"]).exists()
    assert changes(sync_now(None, by="test")) == (0, 0)


def test_an_import_plan_refuses_what_has_come_or_gone_since(erp, connection):
    for key, name in (("3", "Hav"), ("4", "Vik"), ("5", "Mo")):
        erp.put(CUSTOMER, key, NAME=name)
    plan = plans.make_import_plan(connection, "Customer", ALL, duplicates="NAME", on_duplicate="skip", by="anna")
    import_actors(connection, "Customer", Selection(keys=["3"]), by="test")
    records.create_record(RecordType.COMPANY, {"NAME": "Vik"}, by="anna")
    del erp.actors[CUSTOMER, "5"]
    apply(plan, by="bo")
    told = {item.erp_key: item.problem["code"] for item in plans.items(plan)}
    assert told == {"3": "linked", "4": "plan_moved", "5": "erp_gone"}


@pytest.mark.parametrize(("choice", "city"), [("merge", "Oslo"), ("replace", "Ålesund")])
def test_an_import_that_recognises_records_links_them_as_planned(erp, connection, choice, city):
    records.create_record(RecordType.COMPANY, {"NAME": "Hav", "POSTALCITY": "Oslo"}, by="anna")
    sync_now(None, by="test")
    erp.put(CUSTOMER, "3", NAME="Hav", CITY="Ålesund", CODE="H3")
    plan = plans.make_import_plan(connection, "Customer", ALL, "NAME", choice, by="anna")
    assert "linked" in set(plan.items.values_list("rule", flat=True))
    assert not Link.objects.filter(erp_key="3").exists()
    report = apply(plan, by="bo")

    assert report.failed == 0
    hav = company("Hav")
    assert (hav.fields["POSTALCITY"], hav.fields["NUMBER1"], erp.value("3", "CITY")) == (city, "H3", city)
    assert Link.objects.get(erp_key="3").record_id == hav.id
    assert changes(sync_now(None, by="test")) == (0, 0)


def test_a_plan_reaches_what_comes_from_one_erp_and_goes_to_another(erp, connection):
    with connectors.use("second", MemoryErp()) as second:
        other = connect_memory("second", both="to_erp", in_="none")
        linking.create_in_erp(other, "company", company("Fjord").id, "Customer", {}, by="test")
        sync_now(None, by="test")
        erp.put(CUSTOMER, "1", CITY="Oslo")
        plan = plans.make_sync_plan(None, by="anna")
        assert [(i.connection.name, i.side, i.old, i.new) for i in plans.items(plan)] == [
            ("memory", "crm", "Bergen", "Oslo"), ("second", "erp", "Bergen", "Oslo"),
        ]  # fmt: skip
        assert changes(apply(plan, by="bo")) == (1, 1)
        (key,) = (key for _type, key in second.actors)
        assert second.value(key, "CITY") == "Oslo"
        assert changes(sync_now(None, by="test")) == (0, 0)


# Whatever was edited


EDIT = st.tuples(
    st.sampled_from(["crm", "erp"]),
    st.sampled_from(["1", "2"]),
    st.sampled_from([("POSTALCITY", "CITY"), ("NUMBER1", "CODE"), ("VATNO", "VATNO"), ("PHONE", "NAME")]),
    st.sampled_from(["", "a", "b", "a city of too many letters"]),
)


@contextmanager
def a_world() -> Iterator[tuple[MemoryErp, dict[str, int]]]:
    """Two companies linked with an ERP, one of them with a second ERP; nothing of it stays."""
    erp, second = MemoryErp(), MemoryErp()
    with connectors.use("memory", erp), connectors.use("second", second), transaction.atomic():
        for key in ("1", "2"):
            erp.put(CUSTOMER, key, NAME=f"Company {key}", CITY="Bergen", CODE="c", VATNO="v")
        import_actors(connect_memory("memory"), "Customer", ALL, by="test")
        other = connect_memory("second", both="to_erp", in_="none")
        ids = {key: company(f"Company {key}").id for key in ("1", "2")}
        linking.create_in_erp(other, "company", ids["1"], "Customer", {}, by="test")
        sync_now(None, by="test")
        erp.second = second
        yield erp, ids
        transaction.set_rollback(True)


def carry_out(edits, erp, ids) -> None:
    for side, key, (crm_field, erp_field), value in edits:
        if side == "erp":
            erp.put(CUSTOMER, key, **{erp_field: value or ("x" if erp_field == "NAME" else "")})
        else:
            record = records.get_record(RecordType.COMPANY, ids[key])
            records.save_record(RecordType.COMPANY, ids[key], record.version, {crm_field: value or None}, by="anna")


def state(erp, ids) -> list[object]:
    """What all sides hold; a field that a side has not is blank."""
    crm = {key: records.get_record(RecordType.COMPANY, id_).fields for key, id_ in ids.items()}
    held = [{k: v for k, v in actor.fields.items() if v} for e in (erp, erp.second) for actor in e.actors.values()]
    return [crm, held]


def log_of(run: int) -> Counter[tuple[object, ...]]:
    rows = LogEntry.objects.filter(run_id=run).exclude(rule__startswith="refused")
    return Counter(rows.values_list("connection__connector__name", "target", "erp_field", "old", "new", "rule"))


@settings(max_examples=30, deadline=None)
@given(st.lists(EDIT, max_size=6))
def test_applying_a_plan_writes_what_a_sync_would_have_written(edits):
    with a_world() as (erp, ids):
        carry_out(edits, erp, ids)
        by_sync = sync_now(None, by="test")
        wanted, logged = state(erp, ids), log_of(by_sync.run)
    with a_world() as (erp, ids):
        carry_out(edits, erp, ids)
        report = apply(plans.make_sync_plan(None, by="anna"), by="bo")
        assert report.failed == 0
        got = state(erp, ids)
        assert (list(got[0].values()), got[1]) == (list(wanted[0].values()), wanted[1])
        assert log_of(report.run) == logged
        assert changes(sync_now(None, by="test")) == (0, 0)


@settings(max_examples=30, deadline=None)
@given(st.lists(EDIT, max_size=6))
def test_undoing_a_sync_restores_what_every_side_had_before_it(edits):
    with a_world() as (erp, ids):
        carry_out(edits, erp, ids)
        before = state(erp, ids)
        run = sync_now(None, by="test").run
        report = undo(Undoing(run_id=run), by="anna")
        assert report.failed == 0
        assert state(erp, ids) == before
        assert changes(sync_now(None, by="test", by_hand=True)) == (0, 0)
        assert state(erp, ids) == before
