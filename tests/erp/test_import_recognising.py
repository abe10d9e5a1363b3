"""Recognising records by one field or several, contacts within their company; unknown items without a plan (I3)."""

from __future__ import annotations

import pytest
from tests.erp.memory_erp import MemoryErp
from tests.erp.scenes import company

from brygga.contract import ActorType
from brygga.crm.fields import RecordType
from brygga.crm.models import Company, Contact
from brygga.crm.services import records
from brygga.crm.side import EmbeddedCrm
from brygga.erp.errors import Refused
from brygga.erp.models import Connection, FieldMapping, Link, ListItemMapping
from brygga.erp.services.importing import Selection, import_actors
from brygga.erp.services.recognising import Alike, keys_of, records_alike
from brygga.erp.services.unknown_items import UnknownItems

pytestmark = pytest.mark.django_db
CUSTOMER, PERSON = ActorType.CUSTOMER, ActorType.PERSON
ALL = Selection(everything=True)


def test_several_fields_recognise_a_record_together(erp: MemoryErp, connection: Connection) -> None:
    FieldMapping.objects.filter(actor__actor_type="Customer", key="CODE").update(crm_key="DEPARTMENT")
    for department in ("North", "South"):
        records.create_record(RecordType.COMPANY, {"NAME": "HAV", "DEPARTMENT": department}, "anna")
    erp.put(CUSTOMER, "3", NAME="Hav", CODE="south")
    erp.put(CUSTOMER, "4", NAME="Hav", CODE="West")
    erp.put(CUSTOMER, "5", NAME="Hav")
    report = import_actors(connection, "Customer", ALL, "NAME,DEPARTMENT", "merge", "test")
    assert (report.failed, report.connections[0].created) == (0, 2)
    south = Company.objects.get(department__iexact="south")
    assert Link.objects.get(erp_key="3").record_id == south.pk


def test_a_blank_in_the_first_field_recognises_nothing_and_one_in_another_only_a_blank() -> None:
    plain = records.create_record(RecordType.COMPANY, {"NAME": "Hav"}, "anna")
    records.create_record(RecordType.COMPANY, {"NAME": "Hav", "DEPARTMENT": "North"}, "anna")
    rows = [({"NAME": "hav"}, None), ({"DEPARTMENT": "North"}, None), ({"NAME": "Hav", "DEPARTMENT": "East"}, None)]
    found = records_alike(EmbeddedCrm(), RecordType.COMPANY, ["NAME", "DEPARTMENT"], rows)
    assert found == [[Alike(plain.id)], [], []]


def test_contacts_of_the_same_name_count_within_their_company_and_other_fields_everywhere(
    erp: MemoryErp, connection: Connection
) -> None:
    fjord, skog = company("Fjord"), company("Skog")
    names = {"FIRSTNAME": "Ida", "LASTNAME": "Dal", "EMAIL": "ida@dal.example"}
    here = records.create_record(RecordType.CONTACT, names, "anna", fjord.id)
    rows = [(names, fjord.id), (names, skog.id)]
    crm = EmbeddedCrm()
    by_name = records_alike(crm, RecordType.CONTACT, ["LASTNAME", "FIRSTNAME"], rows)
    assert by_name == [[Alike(here.id)], []]
    by_mail = records_alike(crm, RecordType.CONTACT, ["EMAIL"], rows)
    assert by_mail == [[Alike(here.id)], [Alike(here.id, elsewhere=True)]]
    there = records.create_record(RecordType.CONTACT, names, "anna", skog.id)
    assert records_alike(crm, RecordType.CONTACT, ["EMAIL"], rows) == [[Alike(here.id)], [Alike(there.id)]]


def test_a_contact_of_another_company_is_not_joined(erp: MemoryErp, connection: Connection) -> None:
    FieldMapping.objects.filter(actor__actor_type="Person", key="FIRSTNAME").update(crm_key="EMAIL")
    records.create_record(RecordType.CONTACT, {"LASTNAME": "Dal", "EMAIL": "a@b.example"}, "anna", company("Skog").id)
    erp.put(PERSON, "11", parent="1", FIRSTNAME="A@B.example", LASTNAME="Dal")
    report = import_actors(connection, "Person", ALL, "EMAIL", "merge", "test")
    assert [problem["code"] for problem in report.connections[0].problems] == ["other_company"]
    assert not Link.objects.filter(erp_key="11").exists()
    import_actors(connection, "Person", ALL, "EMAIL", "skip", "test")
    assert Contact.objects.filter(lastname="Dal").count() == 1


def test_every_one_of_several_fields_has_to_be_mapped(connection: Connection) -> None:
    with pytest.raises(Refused, match="DEPARTMENT"):
        import_actors(connection, "Customer", ALL, "NAME,DEPARTMENT", "merge", "test")
    assert keys_of(" NAME , DEPARTMENT,") == ("NAME", "DEPARTMENT")
    assert keys_of(None) == ()


@pytest.mark.parametrize(("choice", "text"), [("add", "Public"), ("default", "Retail"), ("blank", "")])
def test_unknown_items_of_an_import_without_a_plan(
    erp: MemoryErp, connection: Connection, choice: str, text: str
) -> None:
    retail = ListItemMapping.objects.get(erp_item="1").crm_item_id
    erp.put(CUSTOMER, "3", NAME="Hav", GROUP="3")
    erp.put(CUSTOMER, "4", NAME="Vik", GROUP="3")
    unknown = UnknownItems(choice, {"GROUP": retail})
    report = import_actors(connection, "Customer", ALL, by="test", unknown_items=unknown)
    assert report.failed == (2 if choice == "blank" else 0)
    for name in ("Hav", "Vik"):
        made = Company.objects.select_related("category").get(name=name)
        assert (made.category.text if made.category else "") == text
    assert ListItemMapping.objects.filter(erp_item="3").exists() == (choice == "add")


def test_a_default_has_no_way_back(erp: MemoryErp, connection: Connection) -> None:
    """The ERP keeps the item that is not mapped; the default stands in the CRM alone."""
    retail = ListItemMapping.objects.get(erp_item="1").crm_item_id
    ListItemMapping.objects.filter(erp_item="1").delete()
    records.create_record(RecordType.COMPANY, {"NAME": "Hav", "category": str(retail)}, "anna")
    erp.put(CUSTOMER, "3", NAME="Hav", GROUP="3")
    unknown = UnknownItems("default", {"GROUP": retail})
    report = import_actors(connection, "Customer", ALL, "NAME", "merge", "test", unknown_items=unknown)
    assert report.failed == 0
    assert erp.value("3", "GROUP") == "3"
