"""The engine on an ERP in memory: what flows, what is remembered, and what survives failures (behaviour E)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.erp.memory_erp import MemoryErp
from tests.erp.scenes import company, connect_memory, edit

from brygga.contract import ActorType
from brygga.crm.fields import RecordType
from brygga.crm.models import CrmListItem, DirtyMark
from brygga.crm.services import records
from brygga.erp import connectors
from brygga.erp.engine.lease import HeldLease, LeaseLost
from brygga.erp.models import ActorMapping, Connection, Lease, Link, LogEntry, SyncSettings, WaitingLink
from brygga.erp.services.sync import sync_now

pytestmark = pytest.mark.django_db
CUSTOMER = ActorType.CUSTOMER


@pytest.fixture(params=["in process", "soap"])
def wire(request: pytest.FixtureRequest) -> str:
    """Every test here runs on a connector in this process and on the same one behind SOAP."""
    return request.param


IN_PROCESS = pytest.mark.parametrize("wire", ["in process"])
"""For tests in which the ERP itself saves in the CRM: a server's thread would not see this test's transaction."""


def changes(report) -> tuple[int, int]:
    return sum(c.to_crm for c in report.connections), sum(c.to_erp for c in report.connections)


def link_of(key: str) -> Link:
    return Link.objects.get(actor_type="Customer", erp_key=key)


def test_each_side_gets_the_other_sides_edit(erp, connection):
    edit(company("Fjord"), NAME="Fjord AS")
    erp.put(CUSTOMER, "1", CITY="Oslo")

    report = sync_now(None, by="test")

    assert changes(report) == (1, 1)
    assert company("Fjord AS").fields["POSTALCITY"] == "Oslo"
    assert erp.value("1", "NAME") == "Fjord AS"
    assert erp.value("1", "CITY") == "Oslo"


def test_nothing_is_done_twice(erp, connection):
    edit(company("Fjord"), NAME="Fjord AS")
    erp.put(CUSTOMER, "1", CITY="Oslo")
    sync_now(None, by="test")
    saves, entries = erp.count("save_actors"), LogEntry.objects.count()

    for _ in range(3):
        assert changes(sync_now(None, by="test")) == (0, 0)

    assert erp.count("save_actors") == saves
    assert LogEntry.objects.count() == entries
    assert not DirtyMark.objects.exists()
    assert not WaitingLink.objects.exists()


def test_the_log_says_what_changed_and_why(erp, connection):
    erp.put(CUSTOMER, "1", CITY="Oslo")
    report = sync_now(None, by="test")
    entry = LogEntry.objects.get(run_id=report.run)
    assert (entry.target, entry.crm_field, entry.old, entry.new) == ("crm", "POSTALCITY", "Bergen", "Oslo")
    assert entry.rule == "erp_changed"


def test_an_untouched_field_of_a_changed_actor_is_not_written(erp, connection):
    erp.put(CUSTOMER, "1", CITY="Oslo")
    before = company("Fjord").version
    sync_now(None, by="test")
    assert company("Fjord").version == before + 1
    assert erp.count("save_actors") == 0


def test_a_list_item_crosses_by_its_mapping(erp, connection):
    industry = CrmListItem.objects.get(text="Industry")
    edit(company("Fjord"), category=str(industry.pk))
    sync_now(None, by="test")
    assert erp.value("1", "GROUP") == "2"


def test_a_field_that_does_not_fit_fails_alone(erp, connection):
    erp.put(CUSTOMER, "1", GROUP="3", CITY="Oslo")  # item 3 is not mapped

    report = sync_now(None, by="test")

    assert company("Fjord").fields["POSTALCITY"] == "Oslo"
    assert report.failed == 1
    assert report.connections[0].problems[0]["field"] == "GROUP"
    assert link_of("1").state == "failed"
    assert LogEntry.objects.filter(run_id=report.run, rule__startswith="refused").count() == 1


def test_a_failure_is_logged_once_and_ends_when_the_cause_goes(erp, connection):
    erp.put(CUSTOMER, "1", GROUP="3")
    sync_now(None, by="test")
    assert sync_now(None, by="test", by_hand=True).failed == 1
    assert LogEntry.objects.filter(rule__startswith="refused").count() == 1

    erp.put(CUSTOMER, "1", GROUP="2")
    assert sync_now(None, by="test").failed == 0
    assert link_of("1").state == "ok"


def test_a_failed_record_is_not_called_for_again_before_its_pause_is_over(erp, connection):
    edit(company("Fjord"), POSTALCITY="Llanfairpwllgwyngyllgogerych")  # longer than the ERP's 20
    assert sync_now(None, by="test").failed == 1
    calls = erp.count("get_actors")
    assert sync_now(None, by="test").failed == 0
    assert erp.count("get_actors") == calls

    later = timezone.now() + timedelta(minutes=5)
    assert sync_now(None, by="test", clock=lambda: later).failed == 1
    assert erp.value("1", "CITY") == "Bergen"


def test_one_way_fields_do_not_flow_back(erp, connection):
    edit(company("Fjord"), NUMBER1="X9")
    erp.put(CUSTOMER, "1", VATNO="NO9")
    assert changes(sync_now(None, by="test")) == (0, 0)
    assert erp.value("1", "CODE") == "F1"
    assert company("Fjord").fields["VATNO"] == "NO1"


@pytest.mark.parametrize(("crm_priority", "winner"), [(0, "CRM"), (9, "ERP")])
def test_a_conflict_is_settled_by_priority_and_the_loser_is_in_the_log(erp, connection, crm_priority, winner):
    row = SyncSettings.load()
    row.crm_priority = crm_priority
    row.save()
    edit(company("Fjord"), POSTALCITY="CRM")
    erp.put(CUSTOMER, "1", CITY="ERP")

    report = sync_now(None, by="test")

    assert company("Fjord").fields["POSTALCITY"] == erp.value("1", "CITY") == winner
    assert LogEntry.objects.get(run_id=report.run).old == {"CRM": "ERP", "ERP": "CRM"}[winner]


def test_ask_leaves_both_sides_as_they_are(erp, connection):
    Connection.objects.update(policy="ask")
    edit(company("Fjord"), POSTALCITY="CRM")
    erp.put(CUSTOMER, "1", CITY="ERP")

    assert sync_now(None, by="test").conflicts == 1
    assert sync_now(None, by="test").conflicts <= 1

    assert company("Fjord").fields["POSTALCITY"] == "CRM"
    assert erp.value("1", "CITY") == "ERP"
    assert link_of("1").state == "conflict"


def test_a_forgotten_connection_is_sent_its_configuration(erp, connection):
    erp.known.clear()
    erp.put(CUSTOMER, "1", CITY="Oslo")
    report = sync_now(None, by="test")
    assert report.failed == 0
    assert company("Fjord").fields["POSTALCITY"] == "Oslo"


def test_a_refused_batch_is_split_until_the_culprit_stands_alone(erp, connection):
    erp.refuses = {"2"}
    edit(company("Fjord"), NAME="Fjord AS")
    edit(company("Skog"), NAME="Skog AB")

    report = sync_now(None, by="test")

    assert erp.value("1", "NAME") == "Fjord AS"
    assert (report.failed, report.connections[0].to_erp) == (1, 1)
    assert "locked by the accountant" in report.connections[0].as_json()["problems"][0]["text"]

    erp.refuses.clear()
    assert sync_now(None, by="test", by_hand=True).failed == 0
    assert erp.value("2", "NAME") == "Skog AB"
    assert link_of("2").state == "ok"


def test_an_erp_that_is_down_loses_nothing(erp, connection):
    edit(company("Fjord"), NAME="Fjord AS")
    erp.down = "The ERP is closed for the night."

    report = sync_now(None, by="test")

    assert report.connections[0].error == "The ERP is closed for the night."
    assert Connection.objects.get().failure_text == "The ERP is closed for the night."
    erp.down = ""
    sync_now(None, by="test")
    assert erp.value("1", "NAME") == "Fjord AS"
    assert Connection.objects.get().failure_text == ""


@IN_PROCESS
def test_an_edit_while_the_erp_is_being_written_is_not_lost(erp, connection):
    def edit_meanwhile(operation: str) -> None:
        if operation == "save_actors":
            erp.before = lambda _: None
            edit(company("Fjord AS"), NAME="Fjord ASA")

    erp.before = edit_meanwhile
    edit(company("Fjord"), NAME="Fjord AS")
    sync_now(None, by="test")
    sync_now(None, by="test")
    assert erp.value("1", "NAME") == "Fjord ASA"


@IN_PROCESS
def test_an_edit_of_the_record_while_it_is_merged_is_not_overwritten(erp, connection):
    def edit_meanwhile(operation: str) -> None:
        if operation == "get_actors_by_timestamp":
            erp.before = lambda _: None
            edit(company("Fjord"), NAME="Fjord AS")

    erp.before = edit_meanwhile
    erp.put(CUSTOMER, "1", CITY="Oslo")
    sync_now(None, by="test")
    sync_now(None, by="test")
    assert erp.value("1", "NAME") == "Fjord AS"
    assert company("Fjord AS").fields["POSTALCITY"] == "Oslo"


def test_a_reply_lost_after_saving_is_found_to_be_agreed(erp, connection):
    """The save went through but the answer was lost: the next run must neither repeat nor undo it."""
    save = erp.save_actors

    def lose_reply(guid, actors):
        save(guid, actors)
        erp.save_actors = save
        raise TimeoutError("no answer")

    erp.save_actors = lose_reply
    edit(company("Fjord"), NAME="Fjord AS")
    assert sync_now(None, by="test").failed == 1
    sync_now(None, by="test")
    assert erp.value("1", "NAME") == company("Fjord AS").fields["NAME"] == "Fjord AS"
    assert not WaitingLink.objects.exists()


def test_an_actor_that_is_gone_is_a_described_state(erp, connection):
    del erp.actors[CUSTOMER, "1"]
    edit(company("Fjord"), NAME="Fjord AS")
    report = sync_now(None, by="test")
    assert report.failed == 1
    assert link_of("1").state == "gone"

    erp.put(CUSTOMER, "1", NAME="Fjord", CITY="Bergen", GROUP="1", CODE="F1", VATNO="NO1")
    sync_now(None, by="test")
    assert link_of("1").state == "ok"
    assert erp.value("1", "NAME") == "Fjord AS"


def test_a_deleted_company_leaves_the_erp_alone(erp, connection):
    fjord = company("Fjord")
    records.delete_record(RecordType.COMPANY, fjord.id, fjord.version, by="anna")
    erp.put(CUSTOMER, "1", CITY="Oslo")
    assert sync_now(None, by="test").failed == 0
    assert link_of("1").state == "gone"
    assert erp.value("1", "NAME") == "Fjord"


def test_a_dry_run_tells_and_touches_nothing(erp, connection):
    edit(company("Fjord"), NAME="Fjord AS")
    erp.put(CUSTOMER, "1", CITY="Oslo")
    positions = list(ActorMapping.objects.values_list("position"))

    report = sync_now(None, by="test", dry_run=True)

    assert {(p["side"], p["field"], p["old"], p["new"]) for p in report.planned} == {
        ("erp", "NAME", "Fjord", "Fjord AS"),
        ("crm", "POSTALCITY", "Bergen", "Oslo"),
    }
    assert report.run is None
    assert erp.value("1", "NAME") == "Fjord"
    assert company("Fjord AS").fields["POSTALCITY"] == "Bergen"
    assert list(ActorMapping.objects.values_list("position")) == positions
    assert changes(sync_now(None, by="test")) == (1, 1)


def test_what_one_erp_brings_reaches_the_other_in_the_same_run(erp, connection):
    second = MemoryErp()
    second.put(CUSTOMER, "77", NAME="Fjord", CITY="Bergen")
    with connectors.use("second", second):
        other = connect_memory("second", both="to_erp", in_="to_erp")
        Link.objects.create(
            connection=other,
            actor_type="Customer",
            erp_key="77",
            record_type="company",
            record_id=company("Fjord").id,
            base={"NAME": ["Fjord", "Fjord"], "CITY": ["Bergen", "Bergen"]},
        )
        erp.put(CUSTOMER, "1", CITY="Oslo")
        sync_now(None, by="test")
        assert second.value("77", "CITY") == "Oslo"


def test_a_held_connection_is_left_to_the_engine_that_holds_it(erp, connection):
    other = HeldLease(f"connection:{connection.pk}", timezone.now)
    assert other.take()
    erp.put(CUSTOMER, "1", CITY="Oslo")

    assert "Another run" in sync_now(None, by="test").connections[0].error
    assert company("Fjord").fields["POSTALCITY"] == "Bergen"

    later = timezone.now() + timedelta(hours=1)
    assert sync_now(None, by="test", clock=lambda: later).failed == 0
    with pytest.raises(LeaseLost):
        other.renew()
    assert not Lease.objects.exists()


def test_queries_do_not_grow_with_the_records(erp, connection):
    erp.put(CUSTOMER, "1", CITY="Oslo")
    edit(company("Skog"), NAME="Skog AB")
    with CaptureQueriesContext(database) as one:
        sync_now(None, by="test")
    erp.put(CUSTOMER, "1", CITY="Ås")
    erp.put(CUSTOMER, "2", CITY="Ås")
    edit(company("Skog AB"), NAME="Skog")
    edit(company("Fjord"), NAME="Fjord AS")
    with CaptureQueriesContext(database) as two:
        sync_now(None, by="test")
    assert len(two) <= len(one)


def test_a_sync_of_one_record_leaves_the_others(erp, connection):
    erp.put(CUSTOMER, "1", CITY="Oslo")
    erp.put(CUSTOMER, "2", CITY="Oslo")
    fjord = company("Fjord")
    sync_now([connection], by="test", record=("company", fjord.id))
    assert company("Fjord").fields["POSTALCITY"] == "Oslo"
    assert company("Skog").fields["POSTALCITY"] == "Umeå"
