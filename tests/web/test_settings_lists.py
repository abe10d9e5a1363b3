"""Settings and maintenance: lists with their items, and user-defined fields, on screen (behaviour C1, C4)."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.web.conftest import Erp

from brygga.contract import FieldType
from brygga.crm.fields import RecordType, fields_of
from brygga.crm.models import CrmList, DirtyMark
from brygga.crm.services import lists
from brygga.crm.services.records import RecordView, get_record, save_record
from brygga.crm.services.user_fields import define_field, user_fields
from brygga.erp.models import FieldMapping, ListItemMapping
from brygga.merge.values import Kind

pytestmark = pytest.mark.django_db

COMPANY = RecordType.COMPANY


@pytest.fixture
def category() -> CrmList:
    """A standard list with three items."""
    lists.add_items("category", ["Retail", "Health", "Industry"])
    return CrmList.objects.get(key="category")


def item_id(text: str) -> int:
    return next(item.pk for item in lists.items("category") if item.text == text)


@pytest.fixture
def mapped(erp: Erp, category: CrmList) -> FieldMapping:
    """A list field of an ERP, of which two items are mapped."""
    field = erp.fields["GROUP"]
    FieldMapping.objects.filter(pk=field.pk).update(type=FieldType.LIST, crm_key="category", to_crm=True)
    for key, text in (("1", "Retail"), ("2", "Health")):
        ListItemMapping.objects.create(field=field, erp_item=key, crm_item_id=item_id(text))
    return field


def test_the_lists_open_with_the_first(as_admin: Client, category: CrmList) -> None:
    first = as_admin.get("/settings/lists")
    assert first.headers["Location"] == f"/settings/lists/{CrmList.objects.get(key='business').pk}"
    page = as_admin.get(f"/settings/lists/{category.pk}").text
    for text in ("Retail", "Industry", "Project status"):
        assert text in page
    assert [item.text for item in as_admin.get(f"/settings/lists/{category.pk}?q=HEA").context["items"]] == ["Health"]
    assert as_admin.get("/settings/lists/9999").status_code == 404


def test_a_list_of_ones_own_comes_and_goes(as_admin: Client) -> None:
    made = as_admin.post("/settings/lists/new", {"name": "Colour"}).headers["Location"]
    assert "Colour" in as_admin.get(made).text
    as_admin.post(f"{made}/items/new", {"text": "Blue"})
    as_admin.post(f"{made}/rename", {"name": "Shade"})
    assert CrmList.objects.get(key="colour").label == "Shade"
    assert "There is a list of this name" in as_admin.post("/settings/lists/new", {"name": "shade"}).text
    assert as_admin.post(f"{made}/delete").headers["Location"] == "/settings/lists"
    assert as_admin.get(made).status_code == 404


def test_a_standard_list_stays(as_admin: Client, category: CrmList) -> None:
    assert "Delete list" not in as_admin.get(f"/settings/lists/{category.pk}").text
    assert "can&#x27;t be deleted" in as_admin.post(f"/settings/lists/{category.pk}/delete").text


def test_items_are_added_renamed_and_ranked(as_admin: Client, category: CrmList) -> None:
    page = f"/settings/lists/{category.pk}"
    assert as_admin.post(f"{page}/items/new", {"text": "Farming"}).headers["Location"] == page
    assert "another item with this text" in as_admin.post(f"{page}/items/new", {"text": "farming"}).text
    as_admin.post(f"{page}/items/{item_id('Retail')}", {"text": "Shops"})
    order = [item_id(text) for text in ("Farming", "Shops", "Industry", "Health")]
    as_admin.post(f"{page}/items/rank", {"order": order})
    assert [item.text for item in lists.items("category")] == ["Farming", "Shops", "Industry", "Health"]
    other = CrmList.objects.get(key="business")
    assert as_admin.get(f"/settings/lists/{other.pk}/items/{item_id('Shops')}").status_code == 404


def test_deleting_an_item_says_who_uses_it_and_replaces_it(
    as_admin: Client, category: CrmList, company: RecordView, mapped: FieldMapping
) -> None:
    retail, industry = item_id("Retail"), item_id("Industry")
    save_record(COMPANY, company.id, 1, {"category": str(retail)}, "test")
    DirtyMark.objects.all().delete()
    address = f"/settings/lists/{category.pk}/items/{retail}/delete"
    page = as_admin.get(address).text
    assert "Companies (1)" in page
    assert "Fjord" in page
    assert as_admin.post(address, {"replacement": industry}).status_code == 302
    saved = get_record(COMPANY, company.id)
    assert (saved.fields["category"], saved.version) == (str(industry), 3)
    assert DirtyMark.objects.filter(record_id=company.id, version=3).exists()
    assert dict(mapped.items.values_list("erp_item", "crm_item__text")) == {"1": "Industry", "2": "Health"}
    assert "1 record has the new item." in as_admin.get(f"/settings/lists/{category.pk}").text


def test_a_replacement_that_is_mapped_already_leaves_the_erp_item_unmapped(
    as_admin: Client, category: CrmList, mapped: FieldMapping
) -> None:
    address = f"/settings/lists/{category.pk}/items/{item_id('Retail')}/delete"
    as_admin.post(address, {"replacement": item_id("Health")})
    assert dict(mapped.items.values_list("erp_item", "crm_item__text")) == {"2": "Health"}


def test_without_a_replacement_records_keep_the_item(
    as_admin: Client, category: CrmList, company: RecordView, mapped: FieldMapping
) -> None:
    retail = item_id("Retail")
    save_record(COMPANY, company.id, 1, {"category": str(retail)}, "test")
    as_admin.post(f"/settings/lists/{category.pk}/items/{retail}/delete", {"replacement": ""})
    assert "Retail" in as_admin.get(f"/companies/{company.id}").text
    assert [item.text for item in lists.items("category")] == ["Health", "Industry"]
    assert mapped.items.count() == 2


def test_an_item_that_nothing_uses_asks_for_no_replacement(as_admin: Client, category: CrmList) -> None:
    address = f"/settings/lists/{category.pk}/items/{item_id('Retail')}/delete"
    page = as_admin.get(address).text
    assert "No record has this item" in page
    assert 'name="replacement"' not in page
    assert as_admin.post(address).status_code == 302
    assert as_admin.post(address).status_code == 404


def test_more_items_take_no_more_queries(as_admin: Client, category: CrmList) -> None:
    counts = []
    for number in (1, 5):
        lists.add_items("category", [f"Item {number} {n}" for n in range(number)])
        with CaptureQueriesContext(connection) as queries:
            as_admin.get(f"/settings/lists/{category.pk}")
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("kind", list(Kind))
def test_a_field_of_every_type_is_on_the_record_screen(kind: Kind, as_admin: Client, company: RecordView) -> None:
    sent = {"name": "Extra one", "kind": kind.value, "list": "category", "max_length": "20", "key": ""}
    assert as_admin.post("/settings/fields/companies/new", sent).headers["Location"] == "/settings/fields/companies"
    field = fields_of(COMPANY)["x:extra_one"]
    assert (field.kind, field.max_length) == (kind, 20 if kind is Kind.TEXT else 0)
    assert field.list_key == ("category" if kind is Kind.LIST else "")
    assert "Extra one" in as_admin.get("/settings/fields/companies").text
    for path in (f"/companies/{company.id}", f"/companies/{company.id}/edit"):
        assert "Extra one" in as_admin.get(path).text


@pytest.mark.parametrize(
    "wrong",
    [{"name": " "}, {"kind": "nothing"}, {"kind": "list", "list": ""}, {"key": "Not A Key"}, {"max_length": "x"}],
)
def test_a_field_that_cannot_be_is_refused_in_words(wrong: dict[str, str], as_admin: Client) -> None:
    page = as_admin.post("/settings/fields/companies/new", {"name": "One", "kind": "text", **wrong})
    assert page.status_code == 422
    assert user_fields(COMPANY) == []


def test_a_field_is_changed_ranked_deleted_and_restored(as_admin: Client, company: RecordView, erp: Erp) -> None:
    for key in ("a", "b"):
        define_field(COMPANY, key, key.upper(), Kind.TEXT)
    page = "/settings/fields/companies"
    as_admin.post(f"{page}/a/change", {"name": "Remark", "max_length": "1000"})
    as_admin.post(f"{page}/rank", {"order": ["b", "a"]})
    assert [(field.name, field.max_length) for field in user_fields(COMPANY)] == [("B", 0), ("Remark", 1000)]

    save_record(COMPANY, company.id, 1, {"x:a": "kept"}, "test")
    FieldMapping.objects.filter(pk=erp.fields["PHONE"].pk).update(crm_key="x:a")
    asked = as_admin.get(f"{page}/a/delete").text
    assert "1 record has a value" in asked
    assert "Fjord" in asked
    as_admin.post(f"{page}/a/delete")
    assert "<dt>Remark</dt>" not in as_admin.get(f"/companies/{company.id}").text
    assert "Remark" in as_admin.get(f"{page}?deleted=1").text
    as_admin.post(f"{page}/a/restore")
    assert "<dt>Remark</dt><dd>kept</dd>" in as_admin.get(f"/companies/{company.id}").text
    assert "not there any more" in as_admin.post(f"{page}/a/restore", follow=True).text


def test_nonsense_is_not_found(as_admin: Client) -> None:
    for path in ("nothing", "companies/x/change", "companies/x/delete"):
        assert as_admin.get(f"/settings/fields/{path}").status_code == 404
    assert as_admin.get("/settings/fields").headers["Location"] == "/settings/fields/companies"
