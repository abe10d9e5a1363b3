"""User-defined fields: changed, ranked, deleted and brought back with their values (behaviour C1, C4)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from brygga.crm.errors import Refused
from brygga.crm.fields import RecordType, fields_of
from brygga.crm.keys import is_key
from brygga.crm.services import lists, user_fields
from brygga.crm.services.records import RecordView, get_record
from brygga.merge.values import Kind

pytestmark = pytest.mark.django_db

COMPANY = RecordType.COMPANY


@pytest.mark.parametrize(
    ("name", "key"),
    [("Credit limit", "credit_limit"), ("Återförsäljare", "aterforsaljare"), ("3 D", "field_3_d"), ("日本", "field")],
)
def test_a_key_is_made_of_the_name(name: str, key: str) -> None:
    assert user_fields.key_for(COMPANY, name) == key
    assert is_key(user_fields.key_for(COMPANY, f"{name} " * 30))
    user_fields.define_field(COMPANY, key, name, Kind.TEXT)
    user_fields.delete_field(COMPANY, key)
    assert user_fields.key_for(COMPANY, name) == f"{key}_2"


def test_the_order_is_that_of_the_screens() -> None:
    for key in "abc":
        user_fields.define_field(COMPANY, key, key, Kind.TEXT)
    user_fields.rank_fields(COMPANY, ["c", "a"])
    assert [field.key for field in user_fields.user_fields(COMPANY)] == ["c", "a", "b"]
    assert [key for key in fields_of(COMPANY) if key.startswith("x:")] == ["x:c", "x:a", "x:b"]


def test_a_deleted_field_comes_back_with_its_values(make_company: Callable[..., RecordView]) -> None:
    user_fields.define_field(COMPANY, "size", "Size", Kind.INTEGER)
    company = make_company(**{"x:size": 7})
    make_company("Other")
    assert user_fields.values_kept(COMPANY, "size") == 1
    user_fields.delete_field(COMPANY, "size")
    assert [field.deleted for field in user_fields.user_fields(COMPANY, deleted=True)] == [True]
    assert user_fields.user_fields(COMPANY) == []
    user_fields.restore_field(COMPANY, "size")
    assert get_record(COMPANY, company.id).fields["x:size"] == 7
    with pytest.raises(Refused):
        user_fields.restore_field(COMPANY, "size")


def test_a_limit_is_not_set_below_what_records_have(make_company: Callable[..., RecordView]) -> None:
    user_fields.define_field(COMPANY, "note", "Note", Kind.TEXT)
    make_company(**{"x:note": "Grön!"})
    for length in (4, -1, user_fields.LONGEST_TEXT + 1):
        with pytest.raises(Refused):
            user_fields.change_field(COMPANY, "note", "Other", max_length=length)
    user_fields.change_field(COMPANY, "note", " Remark ", max_length=5)
    field = fields_of(COMPANY)["x:note"]
    assert (field.label, field.max_length) == ("Remark", 5)
    user_fields.change_field(COMPANY, "note", "Remark")
    assert fields_of(COMPANY)["x:note"].max_length == 0


def test_the_list_changes_while_no_record_has_an_item(make_company: Callable[..., RecordView]) -> None:
    user_fields.define_field(COMPANY, "area", "Area", Kind.LIST, "category")
    user_fields.change_field(COMPANY, "area", "Area", "business")
    item = lists.add_item("business", "Mining")
    make_company(**{"x:area": str(item.pk)})
    user_fields.change_field(COMPANY, "area", "Region", "business")
    for list_key in ("category", "nowhere", ""):
        with pytest.raises(Refused):
            user_fields.change_field(COMPANY, "area", "Area", list_key)
    assert (fields_of(COMPANY)["x:area"].list_key, fields_of(COMPANY)["x:area"].label) == ("business", "Region")


@pytest.mark.parametrize("name", ["", " ", "x" * 101])
def test_a_field_has_a_name(name: str) -> None:
    user_fields.define_field(COMPANY, "a", "A", Kind.DATE)
    for call in (user_fields.rename_field, user_fields.change_field):
        with pytest.raises(Refused):
            call(COMPANY, "a", name)
    with pytest.raises(Refused):
        user_fields.define_field(COMPANY, "b", name, Kind.DATE)
