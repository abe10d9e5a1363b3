"""Behaviour F: keys, kinds and lists of the fields on offer."""

from __future__ import annotations

import pytest

from brygga.crm.fields import RecordType, fields_of, standard_fields
from brygga.crm.models import CrmList
from brygga.crm.models.records import USER_LIST
from brygga.crm.services.user_fields import define_field
from brygga.merge.values import Kind

AUTOMATIC = {
    RecordType.COMPANY: {
        *("NAME", "NUMBER1", "NUMBER2", "DEPARTMENT", "PHONE", "FAX", "EMAIL", "URL", "COUNTRY", "VATNO"),
        *("POSTALAD1", "POSTALAD2", "POSTALAD3", "POSTALZIP", "POSTALCITY", "POSTALCOUNTY", "POSTALSTATE"),
        *("STREETAD1", "STREETAD2", "STREETAD3", "STREETZIP", "STREETCITY", "STREETCOUNTY", "STREETSTATE"),
    },
    RecordType.CONTACT: {
        *("FIRSTNAME", "MIDDLENAME", "LASTNAME", "TITLE", "NUMBER", "PHONE_DIRECT", "PHONE_PRIVATE", "PHONE_MOBILE"),
        *("PHONE_OTHER", "EMAIL", "POSITION", "BIRTHDATE", "URL", "POSTALAD1", "POSTALAD2", "POSTALAD3", "POSTALZIP"),
        *("POSTALCITY", "POSTALSTATE", "POSTALCOUNTY", "POSTALCOUNTRY"),
    },
    RecordType.PROJECT: {"NAME", "TEXT", "NUMBER", "URL", "ENDDATE"},
}
BY_HAND = {
    RecordType.COMPANY: {"category", "business", "our_contact", "stop"},
    RecordType.CONTACT: set(),
    RecordType.PROJECT: {"type", "status"},
}


@pytest.mark.parametrize("record_type", RecordType)
def test_keys_are_those_of_behaviour_f(record_type: RecordType) -> None:
    assert set(standard_fields(record_type)) == AUTOMATIC[record_type] | BY_HAND[record_type]


def test_kinds_and_lists() -> None:
    lists = {
        (record_type.value, key): field.list_key
        for record_type in RecordType
        for key, field in standard_fields(record_type).items()
        if field.kind is Kind.LIST
    }
    assert lists == {
        ("company", "category"): "category",
        ("company", "business"): "business",
        ("company", "COUNTRY"): "country",
        ("company", "our_contact"): USER_LIST,
        ("contact", "POSITION"): "position",
        ("contact", "POSTALCOUNTRY"): "country",
        ("project", "type"): "project_type",
        ("project", "status"): "project_status",
    }
    assert standard_fields(RecordType.COMPANY)["stop"].kind is Kind.CHECKBOX
    assert standard_fields(RecordType.CONTACT)["BIRTHDATE"].kind is Kind.DATE
    assert standard_fields(RecordType.PROJECT)["TEXT"].max_length == 0
    assert standard_fields(RecordType.COMPANY)["NAME"].mandatory


@pytest.mark.django_db
def test_user_defined_fields_come_last() -> None:
    field = define_field(RecordType.PROJECT, "colour", "Colour", Kind.LIST, "category")
    assert list(fields_of(RecordType.PROJECT))[-1] == "x:colour" == field.key
    assert field.list_key == "category"
    assert field.user_defined
    assert "x:colour" not in fields_of(RecordType.COMPANY)


@pytest.mark.django_db
def test_standard_lists_exist() -> None:
    keys = set(CrmList.objects.values_list("key", flat=True))
    assert keys == {"category", "business", "country", "title", "position", "project_type", "project_status"}
