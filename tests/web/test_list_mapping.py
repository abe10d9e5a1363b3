"""The list mapping dialog: items chosen, suggested, made and refused (behaviour A9)."""

from __future__ import annotations

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.erp.mapped import set_mapping
from tests.web.mapped_forms import HTMX, field, item_form
from tests.web.trade_erp import TradeErp

from brygga.crm.models import CrmList, CrmListItem
from brygga.erp.configuration import export
from brygga.erp.models import Connection, FieldMapping
from brygga.erp.services import list_mapping

pytestmark = pytest.mark.django_db


@pytest.fixture
def group(trade: Connection) -> FieldMapping:
    """The customer group, mapped to a list of three items: one is mapped, one has the name of an ERP item."""
    set_mapping(field("CUSTGR"), "category", True, True)
    category = CrmList.objects.get(key="category")
    category.items.all().delete()
    items = {text: CrmListItem.objects.create(list=category, text=text) for text in ("Shops", "industry", "Farms")}
    list_mapping.save(trade, {field("CUSTGR").pk: {"1": items["Shops"].pk}})
    return field("CUSTGR")


def address(connection: Connection) -> str:
    """The address of the dialog."""
    return f"/sync/connections/{connection.pk}/list-mapping"


def stored(group: FieldMapping) -> dict[str, str]:
    """The mapping as it is stored: ERP item to the text of the CRM item."""
    return dict(group.items.values_list("erp_item", "crm_item__text"))


def rows(page: str) -> dict[str, str]:
    """The rows by ERP item, as HTML."""
    return {row.split('name="erp-')[1].split('value="')[1].split('"')[0]: row for row in page.split("<tr ")[1:]}


def chosen(page: str) -> dict[str, str]:
    """The CRM item chosen in each row."""
    return {key: row.split('name="item-')[1].split('value="')[1].split('"')[0] for key, row in rows(page).items()}


def test_the_erp_items_stand_beside_the_crm_items(as_admin: Client, trade: Connection, group: FieldMapping) -> None:
    page = as_admin.get(address(trade), headers=HTMX).text
    assert chosen(page) == {"1": "Shops"} | {str(number): "" for number in range(2, 10)}
    assert "8 of 9 ERP items are unmapped." in page
    assert '<option value="Farms">' in page


def test_without_a_mapped_list_it_says_what_to_do(as_admin: Client, trade: Connection) -> None:
    page = as_admin.get(address(trade), headers=HTMX).text
    assert "No list field is mapped yet." in page
    assert 'id="mapping-save" disabled' in page


def test_items_are_saved(as_admin: Client, trade: Connection, group: FieldMapping) -> None:
    data = item_form(group, ("1", "farms", ""), ("2", "industry", ""), ("3", "", ""))
    answer = as_admin.post(address(trade), data, headers=HTMX)
    assert answer.headers["HX-Redirect"] == f"/sync?connection={trade.pk}"
    assert stored(group) == {"1": "Farms", "2": "industry"}


def test_an_item_used_twice_is_red_and_not_saved(as_admin: Client, trade: Connection, group: FieldMapping) -> None:
    data = item_form(group, ("1", "Farms", ""), ("2", "farms", ""))
    page = as_admin.post(address(trade), data, headers=HTMX).text
    assert "Nothing has been saved yet." in page
    for key in ("1", "2"):
        assert 'class="double"' in rows(page)[key]
        assert "used twice" in rows(page)[key]
    assert 'class="double"' not in rows(page)["3"]
    assert stored(group) == {"1": "Shops"}


def test_an_item_that_the_crm_lacks_is_refused(as_admin: Client, trade: Connection, group: FieldMapping) -> None:
    page = as_admin.post(address(trade), item_form(group, ("2", "Nonsense", "")), headers=HTMX).text
    assert "The CRM list has no such item." in rows(page)["2"]
    assert chosen(page)["2"] == "Nonsense"


def test_items_of_equal_name_are_suggested_and_not_stored(
    as_admin: Client, trade: Connection, group: FieldMapping
) -> None:
    data = item_form(group, ("1", "Shops", ""), ("2", "", ""), do="suggest")
    assert chosen(as_admin.post(address(trade), data, headers=HTMX).text)["2"] == "industry"
    assert stored(group) == {"1": "Shops"}


def test_what_is_missing_is_made_when_it_is_saved(as_admin: Client, trade: Connection, group: FieldMapping) -> None:
    data = item_form(group, ("1", "Shops", ""), do="create")
    page = as_admin.post(address(trade), data, headers=HTMX).text
    found = chosen(page)
    assert (found["2"], found["3"], found["9"]) == ("industry", "Public", "Schools")
    assert "data-new" in rows(page)["3"]
    assert "data-new" not in rows(page)["2"]
    assert CrmListItem.objects.filter(list__key="category").count() == 3
    answer = as_admin.post(
        address(trade), item_form(group, ("2", "industry", ""), ("3", "Public", "Public")), headers=HTMX
    )
    assert answer.headers["HX-Redirect"]
    assert stored(group) == {"1": "Shops", "2": "industry", "3": "Public"}
    assert CrmListItem.objects.filter(list__key="category").count() == 4


def test_an_item_that_is_made_can_be_another_after_all(
    as_admin: Client, trade: Connection, group: FieldMapping
) -> None:
    as_admin.post(address(trade), item_form(group, ("3", "Farms", "Public")), headers=HTMX)
    assert stored(group)["3"] == "Farms"
    assert not CrmListItem.objects.filter(text="Public").exists()


def test_items_of_one_text_are_told_apart(as_admin: Client, trade: Connection, group: FieldMapping) -> None:
    twin = CrmListItem.objects.create(list=CrmList.objects.get(key="category"), text="Shops")
    page = as_admin.get(address(trade), headers=HTMX).text
    assert chosen(page)["1"].startswith("Shops #")
    as_admin.post(address(trade), item_form(group, ("1", f"Shops #{twin.pk}", "")), headers=HTMX)
    assert group.items.get().crm_item_id == twin.pk


def test_what_the_erp_no_longer_has_is_marked_and_can_be_let_go(
    as_admin: Client, trade: Connection, group: FieldMapping
) -> None:
    group.items.update(erp_item="77")
    page = as_admin.get(address(trade), headers=HTMX).text
    assert "missing in ERP" in rows(page)["77"]
    as_admin.post(address(trade), item_form(group, ("77", "", "")), headers=HTMX)
    assert stored(group) == {}


def test_an_erp_that_does_not_answer_is_told_and_what_is_mapped_stays(
    as_admin: Client, trade: Connection, group: FieldMapping, trade_erp: TradeErp
) -> None:
    trade_erp.down = "Closed for the night."
    page = as_admin.get(address(trade), headers=HTMX).text
    assert "Closed for the night." in page
    assert "Try again" in page
    assert "are unmapped" not in page
    assert chosen(page) == {"1": "Shops"}
    assert as_admin.post(address(trade), item_form(group, ("1", "Farms", "")), headers=HTMX).headers["HX-Redirect"]
    assert stored(group) == {"1": "Farms"}


def test_what_an_erp_calls_its_items_is_shown_as_text(
    as_admin: Client, trade: Connection, group: FieldMapping, trade_erp: TradeErp
) -> None:
    trade_erp.items = {"groups": {"1": "<img src=x>"}}
    page = as_admin.get(address(trade), headers=HTMX).text
    assert "<img" not in page
    assert "&lt;img" in page


def test_more_than_a_thousand_items_cost_no_query_each_and_can_be_saved(
    as_admin: Client, trade: Connection, group: FieldMapping, trade_erp: TradeErp
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(database) as captured:
            assert as_admin.get(address(trade), headers=HTMX).status_code == 200
        return len(captured)

    few = queries()
    category = CrmList.objects.get(key="category")
    CrmListItem.objects.bulk_create(CrmListItem(list=category, text=f"Item {number}") for number in range(1001))
    trade_erp.items = {"groups": {str(number): f"Item {number}" for number in range(1001)}}
    assert queries() == few
    items = [(str(number), f"Item {number}", "") for number in range(1001)]
    assert as_admin.post(address(trade), item_form(group, *items), headers=HTMX).headers["HX-Redirect"]
    assert group.items.count() == 1001
    assert "0 of 1001 ERP items are unmapped." in as_admin.get(address(trade), headers=HTMX).text
    assert "Item 1000" in export()
