"""The list screens: quick find, sorting, paging (behaviour C2)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from brygga.crm.errors import UnknownField
from brygga.crm.fields import RecordType
from brygga.crm.finding import casings_within
from brygga.crm.models import Company
from brygga.crm.services import lists, search
from brygga.crm.services.records import RecordView, create_record, delete_record
from brygga.crm.services.search import Page, Wanted, first_found, list_records, page_of
from brygga.crm.services.user_fields import define_field
from brygga.merge.values import Kind

pytestmark = pytest.mark.django_db

COMPANY, CONTACT = RecordType.COMPANY, RecordType.CONTACT


def names(page: Page) -> list[str]:
    return [record.name for record in page.records]


def test_every_word_must_be_found_somewhere(make_company: Callable[..., RecordView]) -> None:
    make_company("Öberg Trä", POSTALCITY="Luleå")
    make_company("Öberg Stål", NUMBER2="4711")
    make_company("100% Wool")
    assert names(list_records(COMPANY, "öberg")) == ["Öberg Stål", "Öberg Trä"]
    assert names(list_records(COMPANY, "ÖBERG luleå")) == ["Öberg Trä"]
    assert names(list_records(COMPANY, "471 berg")) == ["Öberg Stål"]
    assert names(list_records(COMPANY, "0%")) == ["100% Wool"]
    assert list_records(COMPANY, "nobody").total == 0


def test_pages(make_company: Callable[..., RecordView]) -> None:
    for letter in "edcba":
        make_company(letter)
    delete_record(COMPANY, make_company("gone").id, 1, "bo")
    page = list_records(COMPANY, page=2, per_page=2)
    assert (names(page), page.total, page.pages, page.number) == (["c", "d"], 5, 3, 2)
    assert names(list_records(COMPANY, page=9, per_page=2)) == ["e"]
    assert names(list_records(COMPANY, page=0, per_page=2)) == ["a", "b"]
    empty = list_records(COMPANY, "nobody", page=4)
    assert (empty.records, empty.number, empty.pages) == ([], 1, 1)


def test_sorting_by_text_list_and_user_defined_field(make_company: Callable[..., RecordView]) -> None:
    define_field(COMPANY, "size", "Size", Kind.INTEGER)
    items = lists.add_items("category", ["Zinc", "Amber"])
    make_company("b", category=items["Zinc"], **{"x:size": 9})
    make_company("A", category=items["Amber"], **{"x:size": 10})
    make_company("c")
    assert names(list_records(COMPANY)) == ["A", "b", "c"]
    assert names(list_records(COMPANY, sort="-NAME")) == ["c", "b", "A"]
    assert names(list_records(COMPANY, sort="category")) == ["A", "b", "c"]
    assert names(list_records(COMPANY, sort="-category")) == ["b", "A", "c"]
    assert names(list_records(COMPANY, sort="x:size")) == ["b", "A", "c"]
    assert list_records(COMPANY, sort="our_contact").total == 3
    with pytest.raises(UnknownField):
        list_records(COMPANY, sort="-LASTNAME")


def test_the_contacts_of_a_company(make_company: Callable[..., RecordView]) -> None:
    one, two = make_company("One"), make_company("Two")
    for parent, name in ((one, "Ek"), (one, "Alm"), (two, "Lind")):
        create_record(CONTACT, {"LASTNAME": name}, "bo", parent=parent.id)
    assert names(list_records(CONTACT, parent=one.id)) == ["Alm", "Ek"]
    assert names(list_records(CONTACT, "two")) == ["Lind"]


def test_a_page_of_one_or_three_takes_the_same_queries(make_company: Callable[..., RecordView]) -> None:
    for name in ("One", "Two", "Three"):
        create_record(CONTACT, {"LASTNAME": name}, "bo", parent=make_company(name).id)
    counts = []
    for size in (1, 3):
        with CaptureQueriesContext(connection) as queries:
            assert len(list_records(CONTACT, per_page=size).records) == size
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_filters_by_items_and_by_ids(make_company: Callable[..., RecordView]) -> None:
    define_field(COMPANY, "second", "Second", Kind.LIST, "business")
    item, other = lists.add_items("category", ["Zinc", "Amber"]).values()
    (mining,) = lists.add_items("business", ["Mining"]).values()
    first = make_company("First", category=item, **{"x:second": mining})
    make_company("Second", category=item)
    make_company("Third", category=other)
    assert names(page_of(COMPANY, Wanted(items={"category": item}))) == ["First", "Second"]
    assert names(page_of(COMPANY, Wanted("sec", {"category": item}))) == ["Second"]
    assert names(page_of(COMPANY, Wanted(items={"category": item, "x:second": mining}))) == ["First"]
    ids = Company.objects.filter(pk=first.id).values_list("id", flat=True)
    assert names(page_of(COMPANY, Wanted(among=ids))) == ["First"]
    assert names(page_of(COMPANY, Wanted(apart_from=ids))) == ["Second", "Third"]
    for key in ("NAME", "nothing"):
        with pytest.raises(UnknownField):
            page_of(COMPANY, Wanted(items={key: "1"}))


def test_contacts_are_sorted_by_company(make_company: Callable[..., RecordView]) -> None:
    for company, name in (("beta", "Ek"), ("Alfa", "Alm"), ("Gamma", "Lind")):
        create_record(CONTACT, {"LASTNAME": name}, "bo", parent=make_company(company).id)
    assert names(list_records(CONTACT, sort="parent")) == ["Alm", "Ek", "Lind"]
    assert names(list_records(CONTACT, sort="-parent")) == ["Lind", "Ek", "Alm"]
    with pytest.raises(UnknownField):
        list_records(COMPANY, sort="parent")


def test_many_and_few_hits_give_the_same_pages(
    make_company: Callable[..., RecordView], monkeypatch: pytest.MonkeyPatch
) -> None:
    for letter in "edcba":
        make_company(f"Firm {letter}")
    pages = []
    for few in (500, 5, 3):
        monkeypatch.setattr(search, "_FEW", few)
        page = list_records(COMPANY, "firm", page=2, per_page=2)
        pages.append((names(page), page.total, page.pages))
    assert pages == [(["Firm c", "Firm d"], 5, 3)] * 3


def test_the_first_hits_by_name(make_company: Callable[..., RecordView]) -> None:
    for letter in "cab":
        make_company(f"Firm {letter}")
    assert [record.name for record in first_found(COMPANY, "firm", 2)] == ["Firm a", "Firm b"]


def test_a_word_is_looked_for_once_per_casing_that_a_database_may_tell_apart() -> None:
    assert casings_within("Fjord") == {"fjord"}
    assert casings_within("Västerås") == {"västerås", "vÄsterÅs"}
    assert casings_within("ÖBERG") == {"Öberg", "öberg"}
