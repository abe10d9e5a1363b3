"""Operations on list mappings (behaviour A9)."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.conftest import Caller
from tests.erp.memory_erp import MemoryErp

from brygga.crm.models import CrmListItem
from brygga.crm.services.lists import add_items
from brygga.erp.models import Connection, FieldMapping, ListItemMapping

pytestmark = pytest.mark.django_db


def lists_of(admin: Caller, connection: Connection) -> list[Any]:
    answer = admin("GetConnectionListMappings", {"ErpConnectionId": connection.pk})
    assert (answer["ErpConnectionId"], answer["ErpConnectionName"]) == (connection.pk, connection.name)
    return list(answer["ErpListItemMappings"])


def saving(connection: Connection, items: dict[str, Any] | None, **members: Any) -> dict[str, Any]:
    given = [{"ErpListItemId": key, "CrmListItem": item} for key, item in (items or {}).items()]
    pk = FieldMapping.objects.get(actor__connection=connection, key="GROUP").pk
    mapping = {"ErpFieldId": pk, "ErpCrmListItemMappings": None if items is None else given} | members
    return {"ListMapping": {"ErpConnectionId": connection.pk, "ErpListItemMappings": [mapping]}}


def mapped() -> dict[str, str]:
    return dict(ListItemMapping.objects.values_list("erp_item", "crm_item__text"))


def test_lists_are_shown_with_the_items_of_both_sides(admin: Caller, fjord: Connection) -> None:
    (shown,) = lists_of(admin, fjord)
    assert (shown["ErpListName"], shown["ErpActorTypeName"]) == ("groups", "Customer")
    assert (shown["CrmList"]["Name"], shown["CrmList"]["Type"]) == ("Kategori", "category")
    assert [item["Name"] for item in shown["CrmList"]["ChildItems"]] == ["Retail", "Industry"]
    assert [(i["ErpListItemId"], i["ErpListItemName"]) for i in shown["ErpCrmListItemMappings"]] == [
        ("1", "Retail"), ("2", "Industry"), ("3", "Public"),
    ]  # fmt: skip
    assert shown["ErpCrmListItemMappings"][0]["CrmListItem"]["Name"] == "Retail"
    assert shown["ErpCrmListItemMappings"][2]["CrmListItem"] is None


def test_an_item_that_the_erp_no_longer_has_stays_to_be_seen(admin: Caller, fjord: Connection) -> None:
    ListItemMapping.objects.filter(erp_item="2").update(erp_item="9")
    (shown,) = lists_of(admin, fjord)
    assert [i["ErpListItemName"] for i in shown["ErpCrmListItemMappings"]] == ["Retail", "Industry", "Public", "9"]


def test_a_list_mapping_is_made_exactly_this_and_missing_items_are_made(admin: Caller, fjord: Connection) -> None:
    retail = int(add_items("category", ["Retail"])["Retail"])
    answer = admin(
        "SaveConnectionListMappings", saving(fjord, {"2": {"Id": retail}, "3": {"Name": " State "}, "1": None})
    )
    assert mapped() == {"2": "Retail", "3": "State"}
    assert answer["ErpListItemMappings"] == lists_of(admin, fjord)
    again = admin("SaveConnectionListMappings", {"ListMapping": answer})
    assert again == answer


def test_a_list_whose_items_are_left_out_stays(admin: Caller, fjord: Connection) -> None:
    admin("SaveConnectionListMappings", saving(fjord, None))
    assert mapped() == {"1": "Retail", "2": "Industry"}


@pytest.mark.parametrize(
    ("items", "refusal"),
    [
        ({"1": {"Name": "State"}, "2": {"Name": "state"}}, (409, "refused")),
        ({"1": {"Name": "State"}, "2": {"Id": 4711}}, (409, "refused")),
        ({"1": {"Name": "State"}, "9": {"Name": "Other"}}, (409, "refused")),
        ({"1": {"Name": "x" * 201}}, (409, "refused")),
        ({"": {"Name": "State"}}, (400, "bad_request")),
    ],
)
def test_doubles_and_unknown_items_are_refused_and_nothing_is_made(
    admin: Caller, fjord: Connection, items: dict[str, Any], refusal: tuple[int, str]
) -> None:
    assert admin.refused("SaveConnectionListMappings", saving(fjord, items)) == refusal
    assert mapped() == {"1": "Retail", "2": "Industry"}
    assert CrmListItem.objects.filter(list__key="category").count() == 2


def test_a_field_that_is_no_mapped_list_is_refused(admin: Caller, fjord: Connection) -> None:
    name = FieldMapping.objects.get(actor__connection=fjord, key="NAME").pk
    assert admin.refused("SaveConnectionListMappings", saving(fjord, {}, ErpFieldId=name)) == (404, "not_found")
    double = saving(fjord, {})
    double["ListMapping"]["ErpListItemMappings"] *= 2
    response = admin.post("SaveConnectionListMappings", double)
    assert response.json()["Members"][0]["Member"] == "ListMapping.ErpListItemMappings.1.ErpFieldId"
    assert mapped() == {"1": "Retail", "2": "Industry"}


def test_an_erp_that_fails_is_told(admin: Caller, erp: MemoryErp, fjord: Connection) -> None:
    assert admin.refused("GetConnectionListMappings", {"ErpConnectionId": 4711}) == (404, "not_found")
    erp.get_list = None  # type: ignore[assignment,method-assign]  # calling it raises
    body = {"ErpConnectionId": fjord.pk}
    assert admin.refused("GetConnectionListMappings", body) == (424, "connector_failed")
