"""Importing actors as CRM records (behaviour I)."""

from __future__ import annotations

import pytest
from tests.erp.scenes import company

from brygga.contract import ActorType
from brygga.crm.fields import RecordType
from brygga.crm.models import Company, Contact
from brygga.crm.services import records
from brygga.erp.errors import NotFound, Refused
from brygga.erp.models import ActorMapping, Link, LogEntry
from brygga.erp.services.importing import Selection, import_actors
from brygga.erp.services.sync import sync_now

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
    assert "99" in report.connections[0].problems[0]["text"]


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
