"""The port: what is written is what is read, for every kind of field, in a constant number of statements."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from brygga.crm.errors import InvalidValue, NoSuchRecord, Refused, UnknownField
from brygga.crm.fields import RecordType, fields_of
from brygga.crm.models.records import USER_LIST
from brygga.crm.services import lists, users
from brygga.crm.services.records import RecordView, delete_record
from brygga.crm.services.user_fields import define_field
from brygga.crm.side import Change, EmbeddedCrm, NewRecord, Snapshot
from brygga.merge.values import Kind, Value

COMPANY, CONTACT, PROJECT = RecordType.COMPANY, RecordType.CONTACT, RecordType.PROJECT

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=50).filter(
    lambda text: bool(text) and not text.isspace()
)
VALUES: dict[Kind, st.SearchStrategy[Value]] = {
    Kind.TEXT: TEXTS,
    Kind.INTEGER: st.integers(-(2**63), 2**63 - 1),
    Kind.DOUBLE: st.floats(allow_nan=False, allow_infinity=False),
    Kind.DATE: st.dates(date(1, 1, 1)).map(date.isoformat),
    Kind.DATETIME: st.datetimes(datetime(1, 1, 1)).map(datetime.isoformat),
}


class TestRoundTrip(TestCase):
    """Written values come back as they were, standard and user-defined, on creation and on change."""

    @classmethod
    def setUpTestData(cls) -> None:
        for kind in Kind:
            define_field(PROJECT, kind.value, kind.value, kind, "category" if kind is Kind.LIST else "")
        for key in ("category", "project_type", "project_status"):
            lists.add_items(key, ["One", "Two", "Three"])

    def values(self, data: st.DataObject) -> dict[str, Value]:
        crm, drawn = EmbeddedCrm(), {}
        for key, field in fields_of(PROJECT).items():
            if field.kind is Kind.CHECKBOX:
                strategy: st.SearchStrategy[Value] = st.booleans()
            elif field.kind is Kind.LIST:
                strategy = st.none() | st.sampled_from(sorted(crm.list_items(field.list_key)))
            else:
                strategy = st.none() | VALUES[field.kind]
            if data.draw(st.booleans(), label=f"give {key}"):
                drawn[key] = data.draw(strategy, label=key)
        return drawn

    @settings(max_examples=60, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def test_read_gives_what_was_written(self, data: st.DataObject) -> None:
        crm, keys = EmbeddedCrm(), list(fields_of(PROJECT))
        blank = {key: False if field.kind is Kind.CHECKBOX else None for key, field in fields_of(PROJECT).items()}
        created = [self.values(data) for _ in range(2)]
        ids = crm.create(PROJECT, [NewRecord(values) for values in created], "test")
        changed = [self.values(data) for _ in range(2)]
        standing = crm.read(PROJECT, ids, keys)
        refused = crm.write(PROJECT, [Change(i, 1, v) for i, v in zip(ids, changed, strict=True)], "test")
        found = crm.read(PROJECT, ids, keys)
        assert refused == set()
        for i, first, second in zip(ids, created, changed, strict=True):
            assert standing[i].values == {**blank, **first}
            assert found[i].values == {**blank, **first, **second}
            assert [type(v) for v in found[i].values.values()] == [
                type({**blank, **first, **second}[key]) for key in found[i].values
            ]
            assert found[i].version == 2


def test_a_snapshot_has_what_was_asked_for(company: RecordView, crm: EmbeddedCrm) -> None:
    (contact,) = crm.create(CONTACT, [NewRecord({"FIRSTNAME": "Per", "LASTNAME": "Ek"}, company.id)], "import")
    found = crm.read(CONTACT, [contact, contact + 1], ["LASTNAME"])
    assert found == {contact: Snapshot(contact, 1, {"LASTNAME": "Ek"}, company.id, False, "Per Ek")}


def test_writes_and_creations_by_sync_leave_no_mark(company: RecordView, crm: EmbeddedCrm) -> None:
    crm.forget(crm.changed(10))
    crm.write(COMPANY, [Change(company.id, 1, {"PHONE": "1"})], "sync:1")
    crm.create(COMPANY, [NewRecord({"NAME": "B"})], "sync:1")
    assert crm.changed(10) == []


@pytest.mark.parametrize("second", [{"PHONE": "2"}, {"FAX": "2"}])
def test_stale_and_missing_records_are_refused_and_the_others_written(
    make_company: Callable[..., RecordView], crm: EmbeddedCrm, second: dict[str, str]
) -> None:
    a, b, c = (make_company(name).id for name in "abc")
    crm.write(COMPANY, [Change(b, 1, {"PHONE": "first"})], "sync")
    changes = [Change(a, 1, {"PHONE": "2"}), Change(b, 1, second), Change(c + 1, 1, second), Change(c, 1, second)]
    assert crm.write(COMPANY, changes, "sync") == {b, c + 1}
    found = crm.read(COMPANY, [a, b, c], ["PHONE", "FAX"])
    assert [found[i].values["PHONE"] for i in (a, b)] == ["2", "first"]
    assert found[c].values == {"PHONE": None, "FAX": None, **second}
    assert [found[i].version for i in (a, b, c)] == [2, 2, 2]


def test_one_bad_value_stops_the_whole_batch(company: RecordView, crm: EmbeddedCrm) -> None:
    with pytest.raises(InvalidValue) as caught:
        crm.write(COMPANY, [Change(company.id, 1, {"FAX": "1"}), Change(99, 1, {"FAX": "1" * 60})], "sync")
    assert (caught.value.key, caught.value.record_id) == ("FAX", 99)
    with pytest.raises(InvalidValue), transaction.atomic():
        crm.create(COMPANY, [NewRecord({"NAME": f"n{i}"}) for i in range(60)] + [NewRecord({"stop": "x"})], "sync")
    with pytest.raises(UnknownField):
        crm.create(COMPANY, [NewRecord({"NOPE": "x"})], "sync")
    with pytest.raises(NoSuchRecord):
        crm.create(CONTACT, [NewRecord({}, company.id), NewRecord({}, company.id + 1)], "sync")
    assert set(crm.describe(COMPANY, range(company.id + 200))) == {company.id}
    assert crm.read(COMPANY, [company.id], ["FAX"])[company.id].values == {"FAX": None}


def test_find_takes_no_notice_of_case(make_company: Callable[..., RecordView], crm: EmbeddedCrm) -> None:
    first, second, third = (make_company(name).id for name in ("Åsa Öberg AB", "åsa öberg ab", "Ek"))
    delete_record(COMPANY, make_company("EK").id, 1, "bo")
    found = crm.find(COMPANY, "NAME", ["ÅSA ÖBERG AB", "ek", "nobody"])
    assert found == {"ÅSA ÖBERG AB": [first, second], "ek": [third]}


def test_find_by_user_defined_list_and_date_fields(crm: EmbeddedCrm, db: None) -> None:
    define_field(PROJECT, "code", "Code", Kind.TEXT)
    define_field(PROJECT, "size", "Size", Kind.INTEGER)
    item = lists.add_items("project_type", ["Road"])["Road"]
    values = {"NAME": "P", "x:code": "Ab", "x:size": 12, "type": item, "ENDDATE": "2026-05-06"}
    made, _other = crm.create(PROJECT, [NewRecord(values), NewRecord({"NAME": "Q"})], "t")
    for key, value in (("x:code", "aB"), ("x:size", "12"), ("type", item), ("ENDDATE", "2026-05-06")):
        assert crm.find(PROJECT, key, [value, "1"]) == {value: [made]}, key


def test_list_items_are_added_once(crm: EmbeddedCrm, db: None) -> None:
    first = crm.add_list_items("category", ["Retail", "Industry"])
    second = crm.add_list_items("category", ["RETAIL", "Public", "public"])
    assert second["RETAIL"] == first["Retail"]
    assert second["Public"] == second["public"]
    assert list(crm.list_items("category").values()) == ["Retail", "Industry", "Public"]
    for bad in (" ", "x" * 201):
        with pytest.raises(Refused):
            crm.add_list_items("category", [bad])


def test_users_are_a_list_that_items_are_not_added_to(crm: EmbeddedCrm, db: None) -> None:
    user = users.create_user("anna", "secret", first_name="Anna", last_name="Alm")
    assert crm.list_items(USER_LIST) == {str(user.pk): "Anna Alm"}
    with pytest.raises(Refused):
        crm.add_list_items(USER_LIST, ["Bo"])


def test_a_deleted_item_stays_with_the_records_that_have_it(crm: EmbeddedCrm, db: None) -> None:
    item = crm.add_list_items("category", ["Retail"])["Retail"]
    lists.delete_item(int(item))
    assert crm.list_items("category") == {}
    (made,) = crm.create(COMPANY, [NewRecord({"NAME": "A", "category": item})], "t")
    assert crm.read(COMPANY, [made], ["category"])[made].values == {"category": item}


def test_one_record_or_three_take_the_same_statements(crm: EmbeddedCrm, db: None) -> None:
    define_field(COMPANY, "size", "Size", Kind.INTEGER)
    item = crm.add_list_items("category", ["Retail"])["Retail"]

    def count(size: int) -> int:
        names = [f"c{i}" for i in range(size)]
        rows = [NewRecord({"NAME": name, "category": item, "x:size": 1}) for name in names]
        with CaptureQueriesContext(connection) as queries:
            ids = crm.create(COMPANY, rows, "t")
            crm.read(COMPANY, ids, ["NAME", "category", "x:size"])
            crm.write(COMPANY, [Change(i, 1, {"PHONE": str(i)} if i % 2 else {"x:size": i}) for i in ids], "t")
            crm.find(COMPANY, "NAME", names)
            crm.describe(COMPANY, ids)
        return len(queries)

    assert count(1) <= count(3) == count(40)


def test_names(crm: EmbeddedCrm, company: RecordView) -> None:
    ids = crm.create(CONTACT, [NewRecord({"LASTNAME": "Ek"}, company.id), NewRecord({}, company.id)], "t")
    assert crm.describe(CONTACT, [*ids, 10**6]) == {ids[0]: "Ek", ids[1]: f"(no name) #{ids[1]}"}
    assert crm.exists(CONTACT, [*ids, 10**6]) == set(ids)
