"""The defaults dialog: what a new actor gets, by type of field (behaviour A10)."""

from __future__ import annotations

import pytest
from django.test import Client
from tests.web.mapped_forms import HTMX, default_form, field
from tests.web.trade_erp import TradeErp

from brygga.contract import FieldMetadata, FieldType
from brygga.erp.models import ActorMapping, Connection
from brygga.erp.services import fields, mapping

pytestmark = pytest.mark.django_db


def address(connection: Connection) -> str:
    """The address of the dialog."""
    return f"/sync/connections/{connection.pk}/defaults"


def row(page: str, key: str) -> str:
    """The row of a field, as HTML."""
    name = f'name="value-{field(key).pk}"'
    return next(part for part in page.split("<tr ") if name in part)


def test_each_type_has_its_control_and_read_only_fields_have_none(as_admin: Client, trade: Connection) -> None:
    page = as_admin.get(address(trade), headers=HTMX).text
    assert 'type="datetime-local"' in row(page, "SINCE")
    assert 'inputmode="decimal"' in row(page, "CREDIT")
    assert 'maxlength="60"' in row(page, "NAME")
    assert '<option value="2">30 days</option>' in row(page, "TERMS")
    assert row(page, "BLOCKED").count('type="checkbox"') == 4
    assert f"value-{field('NUMBER2').pk}" not in page


def test_mandatory_is_locked_where_the_erp_demands_a_value(as_admin: Client, trade: Connection) -> None:
    page = as_admin.get(address(trade), headers=HTMX).text
    assert "The ERP demands a value." in row(page, "NAME")
    assert f'name="must-{field("NAME").pk}"' not in page
    assert f'name="must-{field("PHONE").pk}"' in page


def test_defaults_are_saved_in_the_form_of_the_wire(
    as_admin: Client, trade: Connection, customer: ActorMapping
) -> None:
    data = default_form(
        customer,
        set_CREDIT="on", value_CREDIT="1500.5",
        set_TERMS="on", value_TERMS="2",
        set_SINCE="on", value_SINCE="2026-03-01T00:00",
        set_BLOCKED="on", value_BLOCKED=None,
        ask_PHONE="on", must_PHONE="on",
    )  # fmt: skip
    answer = as_admin.post(address(trade), data, headers=HTMX)
    assert answer.headers["HX-Redirect"] == f"/sync?connection={trade.pk}"
    assert field("CREDIT").default_value == "[F:1500.5]"
    assert (field("TERMS").default_value, field("TERMS").default_mandatory) == ("2", True)
    assert field("SINCE").default_value.startswith("[DT:03/01/2026")
    assert field("BLOCKED").default_value == "[I:0]"
    assert (field("PHONE").default_set, field("PHONE").default_ask, field("PHONE").default_mandatory) == (
        False,
        True,
        True,
    )


def test_what_is_stored_is_shown_and_can_be_taken_out(
    as_admin: Client, trade: Connection, customer: ActorMapping
) -> None:
    mapping.set_default(field("CREDIT"), value="1500.5", ask=True)
    mapping.set_default(field("TERMS"), value="2")
    mapping.set_default(field("SINCE"), value="[D:03/01/2026]")
    page = as_admin.get(address(trade), headers=HTMX).text
    assert 'value="1500.5"' in row(page, "CREDIT")
    assert '<option value="2" selected>30 days</option>' in row(page, "TERMS")
    assert 'value="2026-03-01T00:00:00"' in row(page, "SINCE")
    as_admin.post(address(trade), default_form(customer), headers=HTMX)
    assert not field("CREDIT").default_set
    assert not field("CREDIT").default_ask


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"set_CREDIT": "on", "value_CREDIT": "much"}, "Enter a number."),
        ({"set_PHONE": "on", "value_PHONE": "0" * 21}, "at most 20 characters"),
        ({"set_PHONE": "on", "value_PHONE": ""}, "Enter the value"),
        ({"set_TERMS": "on", "value_TERMS": "99"}, "not one of the available choices"),
        ({"must_PHONE": "on"}, "needs a default value or has to be asked for"),
    ],
)
def test_what_does_not_fit_stands_beside_the_row_and_nothing_is_saved(
    changes: dict[str, str], why: str, as_admin: Client, trade: Connection, customer: ActorMapping
) -> None:
    data = default_form(customer, ask_NAME="on", **changes)
    page = as_admin.post(address(trade), data, headers=HTMX).text
    key = next(iter(changes)).split("_")[1]
    assert why in row(page, key)
    assert 'aria-invalid="true"' in row(page, key)
    assert not field("NAME").default_ask
    typed = changes.get(f"value_{key}", "")
    assert key == "TERMS" or f'value="{typed}"' in row(page, key)


def test_an_erp_that_does_not_answer_leaves_the_other_fields(
    as_admin: Client, trade: Connection, customer: ActorMapping, trade_erp: TradeErp
) -> None:
    mapping.set_default(field("TERMS"), value="2")
    trade_erp.down = "Closed for the night."
    page = as_admin.get(address(trade), headers=HTMX).text
    assert page.count("Closed for the night.") == 1
    assert "disabled" in row(page, "CUSTGR").split("<select")[1].split(">")[0]
    data = default_form(customer, set_TERMS="on", set_CREDIT="on", value_CREDIT="7")
    assert as_admin.post(address(trade), data, headers=HTMX).headers["HX-Redirect"]
    assert (field("TERMS").default_value, field("CREDIT").default_value) == ("2", "[F:7.0]")
    page = as_admin.post(address(trade), default_form(customer, set_CUSTGR="on"), headers=HTMX).text
    assert "Enter the value" in row(page, "CUSTGR")


def test_a_password_is_kept_and_never_sent_back(
    as_admin: Client, trade: Connection, customer: ActorMapping, trade_erp: TradeErp
) -> None:
    trade_erp.more.append(FieldMetadata("PIN", "Code word", type=FieldType.PASSWORD))
    fields.renew(trade)
    as_admin.post(address(trade), default_form(customer, set_PIN="on", value_PIN="seven-hills"), headers=HTMX)
    assert field("PIN").default_value == "seven-hills"
    assert "seven-hills" not in as_admin.get(address(trade), headers=HTMX).text
    as_admin.post(address(trade), default_form(customer, set_PIN="on", value_PIN=""), headers=HTMX)
    assert field("PIN").default_value == "seven-hills"


def test_the_field_in_question_is_marked(as_admin: Client, trade: Connection) -> None:
    page = as_admin.get(address(trade) + "?actor=Customer&field=TERMS", headers=HTMX).text
    assert 'class="marked"' in row(page, "TERMS")
    assert page.count("autofocus") == 1
