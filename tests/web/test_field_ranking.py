"""The dialog in which the shown fields of an actor type are put in order (behaviour A11)."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from tests.web.mapped_forms import HTMX, field

from brygga.erp.models import ActorMapping, Connection, FieldMapping
from brygga.erp.services import mapping

pytestmark = pytest.mark.django_db


@pytest.fixture
def shown(customer: ActorMapping) -> list[str]:
    """The fields that are shown: the key field, and two in the ERP tab."""
    FieldMapping.objects.filter(actor=customer, key__in=["PHONE", "CREDIT"]).update(show_in_tab=True)
    return ["NUMBER2", "CREDIT", "PHONE"]


def address(connection: Connection) -> str:
    """The address of the dialog."""
    return f"/sync/connections/{connection.pk}/rank"


def order(page: str) -> list[str]:
    """The keys of the fields in the order of a page."""
    ids = re.findall(r'name="order" value="(\d+)"', page)
    return [FieldMapping.objects.get(pk=id_).key for id_ in ids]


def form(customer: ActorMapping, keys: list[str], **more: str) -> dict[str, object]:
    """What the form posts."""
    return {"panel": customer.pk, "current": customer.pk, "order": [field(key).pk for key in keys], **more}


def test_the_shown_fields_are_listed_with_where_they_are_shown(
    as_admin: Client, trade: Connection, shown: list[str]
) -> None:
    page = as_admin.get(address(trade), headers=HTMX).text
    assert order(page) == shown
    assert "Search results" in page
    assert "ERP tab" in page


def test_the_order_is_stored_and_fields_that_are_not_shown_follow(
    as_admin: Client, trade: Connection, customer: ActorMapping, shown: list[str]
) -> None:
    answer = as_admin.post(address(trade), form(customer, ["PHONE", "NUMBER2", "CREDIT"]), headers=HTMX)
    assert answer.headers["HX-Redirect"] == f"/sync?connection={trade.pk}"
    assert [one.key for one in mapping.shown_fields(customer)] == ["PHONE", "NUMBER2", "CREDIT"]


def test_without_a_script_a_button_moves_a_field_and_nothing_is_stored(
    as_admin: Client, trade: Connection, customer: ActorMapping, shown: list[str]
) -> None:
    page = as_admin.post(address(trade), form(customer, shown, up=str(field("PHONE").pk))).text
    assert order(page) == ["NUMBER2", "PHONE", "CREDIT"]
    assert [one.key for one in mapping.shown_fields(customer)] == shown


def test_where_nothing_is_shown_it_says_what_to_do(as_admin: Client, trade: Connection) -> None:
    page = as_admin.get(address(trade) + "?actor=Person", headers=HTMX).text
    assert "Choose them under Mappings." in page
