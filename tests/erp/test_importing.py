"""Importing actors as CRM records (behaviour I)."""

from __future__ import annotations

import pytest
from django.utils import timezone
from tests.erp.memory_erp import MemoryErp
from tests.erp.scenes import company, connect_memory

from brygga.contract import ActorType
from brygga.crm.fields import RecordType
from brygga.crm.models import Company, Contact
from brygga.crm.services import records
from brygga.crm.services.records import get_record
from brygga.erp import connectors
from brygga.erp.engine.lease import HeldLease
from brygga.erp.errors import NotFound, Refused
from brygga.erp.models import ActorMapping, Connection, Lease, Link, LogEntry, Run, RunState
from brygga.erp.problems import Problem
from brygga.erp.services.history import lines
from brygga.erp.services.importing import Selection, import_actors
from brygga.erp.services.sync import sync_now
from brygga.jobs.scheduler import run_engine

pytestmark = pytest.mark.django_db
CUSTOMER = ActorType.CUSTOMER
ALL = Selection(everything=True)


def test_records_are_made_linked_and_logged(erp, connection):
    fjord = company("Fjord")
    assert fjord.fields["POSTALCITY"] == "Bergen"
    assert fjord.fields["NUMBER1"] == "F1"
    assert fjord.fields["VATNO"] == "NO1"  # an initial value, though the field only flows to the ERP later
    assert Contact.objects.get().company_id == fjord.id
    assert Link.objects.count() == 3
    assert LogEntry.objects.filter(record_type="company", record_id=fjord.id, crm_field="NAME", new="Fjord").exists()


def test_importing_again_makes_nothing_twice(erp, connection):
    report = import_actors(connection, "Customer", ALL, by="test")
    assert (report.changes, report.connections[0].unchanged) == (0, 2)
    assert Company.objects.count() == 2


def test_the_first_sync_after_a_full_import_reads_only_the_newest(erp, connection):
    assert ActorMapping.objects.get(actor_type="Customer").position == "2"
    assert sync_now(None, by="test").connections[0].read == 2  # the newest customer and the newest person


def test_only_the_keys_that_were_asked_for(erp, connection):
    for key in ("3", "4", "5"):
        erp.put(CUSTOMER, key, NAME=f"Nr {key}")
    import_actors(connection, "Customer", Selection(keys=["3", "5", "77"]), by="test")
    assert set(Company.objects.values_list("name", flat=True)) == {"Fjord", "Skog", "Nr 3", "Nr 5"}


def test_a_field_that_does_not_fit_is_reported_and_the_rest_comes_in(erp, connection):
    erp.put(CUSTOMER, "3", NAME="Hav", GROUP="3")
    report = import_actors(connection, "Customer", ALL, by="test")
    assert report.failed == 1
    assert report.connections[0].problems[0]["field"] == "GROUP"
    assert company("Hav").fields["category"] is None
    assert Link.objects.get(erp_key="3").state == "failed"


def test_a_person_without_a_linked_company_is_set_aside(erp, connection):
    erp.put(ActorType.PERSON, "12", parent="99", LASTNAME="Dal")
    report = import_actors(connection, "Person", ALL, by="test")
    assert (report.failed, Contact.objects.count()) == (1, 1)
    assert "99" in report.connections[0].as_json()["problems"][0]["text"]


@pytest.mark.parametrize(
    ("choice", "companies", "city"),
    [("add", 4, "Malmö"), ("merge", 3, "Malmö"), ("replace", 3, "Lund"), ("skip", 3, "Malmö")],
)
def test_duplicates_are_recognised(erp, connection, choice, companies, city):
    hav = records.create_record(RecordType.COMPANY, {"NAME": "HAV", "POSTALCITY": "Malmö"}, by="anna")
    erp.put(CUSTOMER, "3", NAME="Hav", CITY="Lund", CODE="H3")

    import_actors(connection, "Customer", ALL, duplicates="NAME", on_duplicate=choice, by="test")

    assert Company.objects.count() == companies
    fields = records.get_record(RecordType.COMPANY, hav.id).fields
    assert fields["POSTALCITY"] == city
    assert fields["NUMBER1"] == ("H3" if choice in ("merge", "replace") else None)
    assert Link.objects.filter(record_type="company", record_id=hav.id).exists() == (choice in ("merge", "replace"))


def test_two_records_of_the_same_name_are_not_guessed_between(erp, connection):
    for _ in range(2):
        records.create_record(RecordType.COMPANY, {"NAME": "Hav"}, by="anna")
    erp.put(CUSTOMER, "3", NAME="Hav")
    report = import_actors(connection, "Customer", ALL, duplicates="NAME", on_duplicate="merge", by="test")
    assert report.failed == 1
    assert not Link.objects.filter(erp_key="3").exists()


def test_a_dry_run_makes_nothing(erp, connection):
    erp.put(CUSTOMER, "3", NAME="Hav")
    report = import_actors(connection, "Customer", ALL, by="test", dry_run=True)
    assert [(p["erp_key"], p["field"], p["new"]) for p in report.planned] == [("3", "NAME", "Hav")]
    assert Company.objects.count() == 2


@pytest.mark.parametrize("options", [{"on_duplicate": "guess"}, {"duplicates": "SHOE_SIZE"}, {"duplicates": "FAX"}])
def test_wrong_choices_are_refused(connection, options):
    with pytest.raises(Refused):
        import_actors(connection, "Customer", ALL, by="test", **options)


def test_an_unknown_actor_type_is_named(connection):
    with pytest.raises(NotFound, match="Planet"):
        import_actors(connection, "Planet", ALL, by="test")


def test_automatic_sync_is_off_for_the_connection_while_an_import_runs_and_back_after_it(erp, connection):
    """Behaviour I1: for this connection alone, and without a failure to show for it."""
    erp.put(CUSTOMER, "1", CITY="Oslo")
    erp.put(CUSTOMER, "3", NAME="Hav")
    with connectors.use("other", MemoryErp()) as other:
        connect_memory("other", both="to_erp", in_="to_erp")
        meanwhile = []

        def sync_meanwhile(operation):
            if operation == "get_actors_by_timestamp" and not meanwhile:
                meanwhile.append(run_engine())
                meanwhile.append(sync_now([connection], by="test", by_hand=True))

        erp.before = sync_meanwhile
        other.calls.clear()
        assert import_actors(connection, "Customer", ALL, by="test").failed == 0
    automatic, by_hand = meanwhile
    held, free = automatic.connections
    assert (held.name, held.failure, held.read) == ("memory", Problem("busy"), 0)
    assert (free.name, free.failure) == ("other", None)
    assert "get_actors_by_timestamp" in other.calls
    assert "Another run" in by_hand.connections[0].error
    assert Run.objects.get(pk=automatic.run).state == RunState.DONE
    assert Connection.objects.get(pk=connection.pk).failure == {}
    assert company("Fjord").fields["POSTALCITY"] == "Bergen"  # the import leaves linked records to sync

    assert run_engine().connections[0].failure is None
    assert company("Fjord").fields["POSTALCITY"] == "Oslo"


@pytest.mark.parametrize("how", ["down", "raises", "lease"])
def test_automatic_sync_is_back_after_an_import_that_failed(erp, connection, how):
    def fail(operation):
        if operation == "get_actors_by_timestamp":
            if how == "raises":
                raise RuntimeError("the disk is gone")
            if how == "lease":
                Lease.objects.update(owner="another server")
            erp.down = "Closed." if how == "down" else ""

    erp.before = fail
    report = import_actors(connection, "Customer", ALL, by="test")
    assert (
        report.connections[0].failure.code == {"down": "text", "raises": "connector_raised", "lease": "lease_lost"}[how]
    )
    assert Run.objects.get(pk=report.run).state == RunState.FAILED
    erp.before, erp.down = (lambda operation: None), ""
    Lease.objects.filter(owner="another server").delete()
    assert not Lease.objects.exists()
    erp.put(CUSTOMER, "1", CITY="Oslo")
    assert run_engine().failed == 0
    assert company("Fjord").fields["POSTALCITY"] == "Oslo"


def test_an_import_waits_for_no_sync_and_says_so(erp, connection):
    assert HeldLease(f"connection:{connection.pk}", timezone.now).take()
    erp.put(CUSTOMER, "3", NAME="Hav")
    report = import_actors(connection, "Customer", ALL, by="test")
    assert (report.connections[0].failure, Company.objects.count()) == (Problem("busy"), 2)


@pytest.mark.parametrize(
    ("name", "code"),
    [("N" * 201, "too_long"), ("", "mandatory_blank"), (" ", "mandatory_blank"), (None, "mandatory_blank")],
)
def test_a_company_without_a_usable_name_comes_in_with_a_title_and_a_problem(erp, connection, name, code):
    erp.put(CUSTOMER, "3", CODE="F3", **({} if name is None else {"NAME": name}))
    report = import_actors(connection, "Customer", ALL, by="test")
    link = Link.objects.get(erp_key="3")
    (problem,) = report.connections[0].problems
    assert (report.failed, problem["field"], problem["code"], problem["id"]) == (1, "NAME", code, link.record_id)
    assert (link.state, link.issues[0]["code"]) == ("failed", code)
    assert get_record(RecordType.COMPANY, link.record_id).name == "(no name) F3"
    refused = LogEntry.objects.get(erp_key="3", erp_field="NAME")
    assert (refused.rule, lines([refused])[0].record_name) == (f"refused: {code}", "(no name) F3")
