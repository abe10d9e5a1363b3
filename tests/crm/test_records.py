"""Saving through the services: versions, the journal, and errors that name the field (behaviour C1, C2, C5)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from brygga.crm.errors import InvalidValue, NoSuchRecord, Refused, StaleRecord, UnknownField
from brygga.crm.fields import RecordType
from brygga.crm.models import Company
from brygga.crm.services import lists, members
from brygga.crm.services.records import (
    RecordView,
    count_contacts,
    create_record,
    delete_record,
    get_record,
    get_records,
    last_save,
    merge_companies,
    move_contact,
    preview_merge,
    save_record,
)
from brygga.crm.side import EmbeddedCrm, Mark

pytestmark = pytest.mark.django_db

COMPANY, CONTACT, PROJECT = RecordType.COMPANY, RecordType.CONTACT, RecordType.PROJECT


def test_save_changes_what_is_given_and_raises_the_version(company: RecordView) -> None:
    saved = save_record(COMPANY, company.id, 1, {"PHONE": "08-1", "stop": True}, "bo")
    assert saved.version == 2
    assert saved.fields == {**company.fields, "PHONE": "08-1", "stop": True}
    assert get_record(COMPANY, company.id) == saved
    assert Company.objects.get(pk=company.id).updated_by == "bo"


def test_a_stale_save_is_refused_and_tells_both_versions(company: RecordView) -> None:
    save_record(COMPANY, company.id, 1, {"PHONE": "1"}, "bo")
    with pytest.raises(StaleRecord, match="Nordic Oak has been changed") as caught:
        save_record(COMPANY, company.id, 1, {"PHONE": "2"}, "eva")
    assert (caught.value.version, caught.value.current_version) == (1, 2)
    assert get_record(COMPANY, company.id).fields["PHONE"] == "1"


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({"PHONE": "1" * 51}, "PHONE"),
        ({"PHONE": 1}, "PHONE"),
        ({"PHONE": "a\x00b"}, "PHONE"),
        ({"NAME": None}, "NAME"),
        ({"NAME": "  "}, "NAME"),
        ({"stop": "yes"}, "stop"),
        ({"COUNTRY": "999999"}, "COUNTRY"),
        ({"our_contact": "999999"}, "our_contact"),
    ],
)
def test_a_value_that_does_not_fit_is_named(company: RecordView, values: dict[str, object], key: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        save_record(COMPANY, company.id, 1, {"FAX": "9", **values}, "bo")
    assert (caught.value.key, caught.value.record_id) == (key, company.id)
    assert str(caught.value.label) in caught.value.user_message
    assert get_record(COMPANY, company.id) == company


@pytest.mark.parametrize("date", ["2026-13-01", "20260101", "2026-01-01T00:00:00", 20260101])
def test_a_date_must_be_one(date: object) -> None:
    with pytest.raises(InvalidValue, match="YYYY-MM-DD"):
        create_record(PROJECT, {"NAME": "P", "ENDDATE": date}, "bo")


def test_an_item_of_another_list_is_refused(company: RecordView) -> None:
    (item,) = lists.add_items("business", ["Mining"]).values()
    with pytest.raises(InvalidValue):
        save_record(COMPANY, company.id, 1, {"category": item}, "bo")
    assert save_record(COMPANY, company.id, 1, {"business": item}, "bo").fields["business"] == item


def test_a_key_that_is_no_field_is_refused(company: RecordView) -> None:
    with pytest.raises(UnknownField, match="LASTNAME"):
        save_record(COMPANY, company.id, 1, {"LASTNAME": "x"}, "bo")


def test_a_mandatory_field_must_be_there_from_the_start() -> None:
    with pytest.raises(InvalidValue) as caught:
        create_record(PROJECT, {}, "bo")
    assert caught.value.key == "NAME"


def test_a_contact_needs_a_company_that_is_there(company: RecordView) -> None:
    with pytest.raises(InvalidValue, match="belongs to a company"):
        create_record(CONTACT, {"LASTNAME": "Ek"}, "bo")
    with pytest.raises(NoSuchRecord):
        create_record(CONTACT, {"LASTNAME": "Ek"}, "bo", parent=company.id + 1)
    contact = create_record(CONTACT, {"FIRSTNAME": "Per", "LASTNAME": "Ek"}, "bo", parent=company.id)
    assert contact.parent is not None
    assert (contact.parent.id, contact.parent.name, contact.name) == (company.id, "Nordic Oak", "Per Ek")


def test_a_deleted_record_is_gone_for_users_but_stored(company: RecordView, crm: EmbeddedCrm) -> None:
    with pytest.raises(StaleRecord):
        delete_record(COMPANY, company.id, 7, "bo")
    delete_record(COMPANY, company.id, 1, "bo")
    for call in (
        lambda: get_record(COMPANY, company.id),
        lambda: save_record(COMPANY, company.id, 2, {}, "bo"),
        lambda: delete_record(COMPANY, company.id, 2, "bo"),
    ):
        with pytest.raises(NoSuchRecord):
            call()
    snapshot = crm.read(COMPANY, [company.id], ["NAME"])[company.id]
    assert (snapshot.deleted, snapshot.version, snapshot.values) == (True, 2, {"NAME": "Nordic Oak"})
    assert crm.changed(10) == [Mark(COMPANY, company.id, 2)]


def test_a_contact_moves(company: RecordView, make_company: Callable[..., RecordView]) -> None:
    other = make_company("Fjord")
    contact = create_record(CONTACT, {"LASTNAME": "Ek"}, "bo", parent=company.id)
    moved = move_contact(contact.id, 1, other.id, "bo")
    assert moved.parent is not None
    assert (moved.parent.name, moved.version) == ("Fjord", 2)
    with pytest.raises(StaleRecord):
        move_contact(contact.id, 1, company.id, "bo")


def test_members_of_a_project(company: RecordView) -> None:
    project = create_record(PROJECT, {"NAME": "Bridge"}, "bo")
    ek, alm = (create_record(CONTACT, {"LASTNAME": name}, "bo", parent=company.id) for name in ("Ek", "Alm"))
    for contact in (ek, alm, ek):
        members.add_member(project.id, contact.id)
    assert [member.name for member in members.members(project.id)] == ["Alm", "Ek"]
    members.remove_member(project.id, alm.id)
    assert members.members(project.id) == [ek]
    with pytest.raises(NoSuchRecord):
        members.add_member(project.id + 1, ek.id)


def test_a_mark_is_set_in_the_saving_transaction(company: RecordView, crm: EmbeddedCrm) -> None:
    crm.forget(crm.changed(10))

    def save_and_fail() -> None:
        with transaction.atomic():
            save_record(COMPANY, company.id, 1, {"PHONE": "1"}, "bo")
            assert crm.changed(10) == [Mark(COMPANY, company.id, 2)]
            raise RuntimeError

    with pytest.raises(RuntimeError):
        save_and_fail()
    assert crm.changed(10) == []
    assert get_record(COMPANY, company.id).version == 1


def test_a_refused_save_leaves_no_mark(company: RecordView, crm: EmbeddedCrm) -> None:
    crm.forget(crm.changed(10))
    with pytest.raises(InvalidValue):
        save_record(COMPANY, company.id, 1, {"stop": 3}, "bo")
    assert crm.changed(10) == []


def test_a_mark_goes_only_if_the_record_has_not_changed_again(company: RecordView, crm: EmbeddedCrm) -> None:
    seen = crm.changed(10)
    save_record(COMPANY, company.id, 1, {"PHONE": "1"}, "bo")
    crm.forget(seen)
    assert crm.changed(10) == [Mark(COMPANY, company.id, 2)]
    crm.forget(crm.changed(10))
    assert crm.changed(10) == []


def test_reading_one_record_or_three_takes_the_same_queries(
    company: RecordView, make_company: Callable[..., RecordView]
) -> None:
    contacts = [
        create_record(CONTACT, {"LASTNAME": "Ek"}, "bo", parent=parent.id)
        for parent in (company, make_company("A"), make_company("B"))
    ]
    counts = []
    for size in (1, 3):
        with CaptureQueriesContext(connection) as queries:
            assert len(get_records(CONTACT, [contact.id for contact in contacts[:size]])) == size
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_messages_are_translated_when_read(company: RecordView) -> None:
    with pytest.raises(NoSuchRecord) as caught:
        get_record(COMPANY, company.id + 1)
    with translation.override("en"):
        assert f"company with id {company.id + 1}" in caught.value.user_message
    assert caught.value.code == "no_such_record"
    assert "company" in caught.value.technical


def test_the_last_save_names_who_and_when(company: RecordView) -> None:
    save_record(COMPANY, company.id, 1, {"PHONE": "1"}, "eva")
    at, by = last_save(COMPANY, company.id) or (None, "")
    assert by == "eva"
    assert at == Company.objects.get(pk=company.id).updated_at
    assert last_save(COMPANY, 4711) is None


def test_a_merge_is_previewed_as_it_is_done(make_company: Callable[..., RecordView]) -> None:
    keep, drop = make_company("Keep", PHONE="1"), make_company("Drop", PHONE="2", FAX="3")
    create_record(CONTACT, {"LASTNAME": "Ek"}, "bo", parent=drop.id)
    preview = preview_merge(keep.id, drop.id)
    assert (preview.filled, preview.contacts) == ({"FAX": "3"}, 1)
    merged = merge_companies(keep.id, drop.id, "bo")
    assert merged.fields == {**keep.fields, **preview.filled}
    assert (count_contacts(keep.id), count_contacts(drop.id)) == (1, 0)
    with pytest.raises(NoSuchRecord):
        preview_merge(keep.id, drop.id)
    with pytest.raises(Refused):
        preview_merge(keep.id, keep.id)
