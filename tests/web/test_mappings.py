"""The mappings dialog: what it shows, checks, saves and refuses (behaviour A7, A8, G6)."""

from __future__ import annotations

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.web.mapped_forms import HTMX, field, mapping_form
from tests.web.trade_erp import TradeErp

from brygga.contract import FieldMetadata
from brygga.crm.fields import RecordType
from brygga.crm.services.user_fields import define_field
from brygga.erp.models import ActorMapping, Connection, FieldMapping
from brygga.erp.services import mapping
from brygga.merge import Kind

pytestmark = pytest.mark.django_db


def address(connection: Connection, part: str = "") -> str:
    """An address of the dialog."""
    return f"/sync/connections/{connection.pk}/mappings{part}"


def test_the_dialog_has_a_row_for_each_field(as_admin: Client, trade: Connection, customer: ActorMapping) -> None:
    page = as_admin.get(address(trade), headers=HTMX).text
    assert page.count("<tr id=") == customer.fields.count()
    assert 'Sync ERP "Customer" to CRM "Company"' in page
    for words in ("Key fields are always shown in search.", "mandatory", "read-only", "No CRM field is chosen."):
        assert words in page


def test_without_a_script_it_is_the_page_with_the_dialog_open(as_admin: Client, trade: Connection) -> None:
    page = as_admin.get(address(trade)).text
    assert "data-open" in page
    assert 'id="mapping-form"' in page


def test_a_tab_comes_by_itself(as_admin: Client, trade: Connection) -> None:
    page = as_admin.get(address(trade) + "?actor=Person", headers=HTMX | {"HX-Target": "panels"}).text
    assert 'id="mapping-form"' not in page
    assert "Last name" in page


def test_an_actor_type_without_counterpart_says_so(as_admin: Client, trade: Connection) -> None:
    assert "have no counterpart in the CRM" in as_admin.get(address(trade) + "?actor=Employee", headers=HTMX).text


def test_the_field_in_question_is_marked(as_admin: Client, trade: Connection) -> None:
    page = as_admin.get(address(trade) + "?actor=Customer&field=PHONE", headers=HTMX).text
    assert f'<tr id="row-{field("PHONE").pk}" class="marked"' in page
    assert page.count("autofocus") == 1


def test_what_the_connector_says_is_shown_as_text(as_admin: Client, trade: Connection) -> None:
    FieldMapping.objects.filter(key="PHONE").update(name="<b>evil</b>", description='"><script>')
    page = as_admin.get(address(trade), headers=HTMX).text
    assert "<b>evil" not in page
    assert "<script>" not in page


def test_all_is_saved_together(as_admin: Client, trade: Connection, customer: ActorMapping) -> None:
    data = mapping_form(
        customer, crm_PHONE="Department", in_PHONE="on", out_PHONE="on", policy_PHONE="ask", tab_CREDIT="on"
    )
    data |= {f"sync-{customer.pk}": "on"}
    answer = as_admin.post(address(trade), data, headers=HTMX)
    assert answer.headers["HX-Redirect"] == f"/sync?connection={trade.pk}"
    phone = field("PHONE")
    assert (phone.crm_key, phone.to_crm, phone.to_erp, phone.policy) == ("DEPARTMENT", True, True, "ask")
    assert field("CREDIT").show_in_tab
    customer.refresh_from_db()
    assert customer.sync


def test_without_a_script_saving_leads_back_to_the_tab(as_admin: Client, trade: Connection, customer: ActorMapping):
    answer = as_admin.post(address(trade), mapping_form(customer))
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/sync?connection={trade.pk}")


def test_tabs_that_were_not_opened_stay_as_they_are(as_admin: Client, trade: Connection, customer: ActorMapping):
    mapping.set_sync(customer, True)
    person = trade.actors.get(actor_type="Person")
    as_admin.post(address(trade), mapping_form(person) | {f"sync-{person.pk}": "on"}, headers=HTMX)
    customer.refresh_from_db()
    person.refresh_from_db()
    assert (customer.sync, person.sync) == (True, True)


def test_a_refusal_stands_beside_the_row_and_nothing_is_saved(
    as_admin: Client, trade: Connection, customer: ActorMapping
) -> None:
    data = mapping_form(customer, out_NUMBER2="on", crm_PHONE="Fax", in_PHONE="on")
    page = as_admin.post(address(trade), data, headers=HTMX).text
    assert "Nothing has been saved yet." in page
    row = page.split(f'id="row-{field("NUMBER2").pk}"')[1].split("</tr>")[0]
    assert 'aria-invalid="true"' in row
    assert field("PHONE").crm_key == "PHONE"
    assert as_admin.post(address(trade), data).status_code == 422


@pytest.mark.parametrize(
    ("typed", "why"), [("Nonsense", "no field of this name"), ("Category", "types of the fields do not go together")]
)
def test_a_crm_field_that_is_none_or_does_not_fit_is_refused(
    typed: str, why: str, as_admin: Client, trade: Connection, customer: ActorMapping
) -> None:
    page = as_admin.post(address(trade), mapping_form(customer, crm_PHONE=typed), headers=HTMX).text
    assert why in page
    assert f'value="{typed}"' in page
    assert field("PHONE").crm_key == "PHONE"


def test_crm_fields_of_one_name_are_told_apart(as_admin: Client, trade: Connection, customer: ActorMapping) -> None:
    define_field(RecordType.COMPANY, "phone_again", "Phone", Kind.TEXT)
    assert "Phone (x:phone_again)" in as_admin.get(address(trade), headers=HTMX).text
    as_admin.post(address(trade), mapping_form(customer, crm_PHONE="phone (X:phone_again)"), headers=HTMX)
    assert field("PHONE").crm_key == "x:phone_again"


def test_a_crm_field_that_is_gone_stays_until_it_is_changed(
    as_admin: Client, trade: Connection, customer: ActorMapping
) -> None:
    FieldMapping.objects.filter(pk=field("PHONE").pk).update(crm_key="x:gone")
    assert "missing in CRM" in as_admin.get(address(trade), headers=HTMX).text
    assert as_admin.post(address(trade), mapping_form(customer), headers=HTMX).headers["HX-Redirect"]
    assert field("PHONE").crm_key == "x:gone"


def test_only_crm_fields_that_fit_are_offered(as_admin: Client, trade: Connection) -> None:
    page = as_admin.get(address(trade), headers=HTMX).text
    lists = {part.split('"')[0]: part for part in page.split('<datalist id="')[1:]}
    offered = next(text.split("</datalist>")[0] for id_, text in lists.items() if id_.endswith("-list-0"))
    assert 'value="Category"' in offered
    assert 'value="Name"' not in offered


# What follows from a change


def checked(as_admin: Client, trade: Connection, data: dict[str, object], query: str = "") -> str:
    """The answer to a change in the form."""
    return as_admin.post(address(trade, "/check") + query, data, headers=HTMX).text


def part(page: str, name: str) -> str:
    """The part of an answer that belongs to an id."""
    return page.split(f'id="{name}"')[1].split("</div>")[0]


def test_another_crm_field_has_its_own_directions(as_admin: Client, trade: Connection, customer: ActorMapping) -> None:
    blocked = field("BLOCKED").pk
    data = mapping_form(customer, crm_BLOCKED="Department", in_BLOCKED="on", out_BLOCKED="on")
    directions = part(checked(as_admin, trade, data), f"directions-{blocked}")
    assert f'name="in-{blocked}" checked' in directions
    assert f'name="out-{blocked}" checked' not in directions
    assert "would lose data" in directions


def test_what_another_row_feeds_is_not_available(as_admin: Client, trade: Connection, customer: ActorMapping) -> None:
    data = mapping_form(customer, in_PHONE="on", crm_POSTALZIP="Phone")
    assert "Phone feeds this CRM field already." in part(
        checked(as_admin, trade, data), f"directions-{field('POSTALZIP').pk}"
    )


def test_the_policy_is_offered_where_both_directions_are_on(
    as_admin: Client, trade: Connection, customer: ActorMapping
) -> None:
    name = f"policy-of-{field('PHONE').pk}"
    assert "<select" not in part(checked(as_admin, trade, mapping_form(customer, in_PHONE="on")), name)
    data = mapping_form(customer, in_PHONE="on", out_PHONE="on")
    assert "As the connection" in part(checked(as_admin, trade, data), name)


def test_remarks_stand_beside_the_row_and_below(as_admin: Client, trade: Connection, customer: ActorMapping) -> None:
    data = mapping_form(customer, out_PHONE="on") | {f"sync-{customer.pk}": "on"}
    page = checked(as_admin, trade, data)
    assert "Phone takes 20 characters in the ERP" in part(page, f"notes-{field('PHONE').pk}")
    assert "Phone takes 20 characters in the ERP" in part(page, f"findings-{customer.pk}")
    assert "remarks on this mapping" in page


def test_lists_are_read_once_for_the_remarks(
    as_admin: Client, trade: Connection, customer: ActorMapping, trade_erp: TradeErp
) -> None:
    data = mapping_form(customer, crm_CUSTGR="Category", in_CUSTGR="on") | {f"sync-{customer.pk}": "on"}
    assert "9 items in the ERP" not in checked(as_admin, trade, data)
    first = checked(as_admin, trade, data, "?lists=1")
    assert "9 items in the ERP" in first
    assert 'id="directions' not in first
    trade_erp.down = "Closed for the night."
    assert "9 items in the ERP" in checked(as_admin, trade, data)


def test_a_name_that_is_none_is_told_at_once(as_admin: Client, trade: Connection, customer: ActorMapping) -> None:
    page = checked(as_admin, trade, mapping_form(customer, crm_PHONE="Nonsense"))
    assert "no field of this name" in part(page, f"fault-{field('PHONE').pk}")


def test_nothing_is_stored_by_a_check(as_admin: Client, trade: Connection, customer: ActorMapping) -> None:
    checked(as_admin, trade, mapping_form(customer, crm_PHONE="Fax", in_PHONE="on"))
    assert field("PHONE").crm_key == "PHONE"
    assert not field("PHONE").to_crm


# Trial and renewal


def test_a_trial_shows_the_form_as_it_stands(as_admin: Client, trade: Connection, customer: ActorMapping) -> None:
    data = mapping_form(customer, in_NAME="on") | {"count": "5"}
    page = as_admin.post(address(trade, "/try"), data, headers=HTMX | {"HX-Target": "trial"}).text
    assert "mapping-form" not in page
    assert "Fjord Fisk" in page
    assert "1 field does not get across" in page
    assert "The text has 300 characters" in page


def test_a_trial_without_a_script_is_part_of_the_dialog(as_admin: Client, trade: Connection, customer: ActorMapping):
    page = as_admin.post(address(trade, "/try"), mapping_form(customer, in_NAME="on", crm_PHONE="Fax")).text
    assert "Fjord Fisk" in page
    assert 'value="Fax"' in page


def test_a_trial_that_is_not_possible_says_why(as_admin: Client, trade: Connection, customer: ActorMapping) -> None:
    page = as_admin.post(address(trade, "/try"), mapping_form(customer), headers=HTMX).text
    assert "nothing to try" in page


def test_renewing_tells_what_is_different_and_keeps_the_form(
    as_admin: Client, trade: Connection, customer: ActorMapping, trade_erp: TradeErp
) -> None:
    trade_erp.more.append(FieldMetadata("FAX", "Fax machine"))
    page = as_admin.post(address(trade, "/renew"), mapping_form(customer, crm_PHONE="Web address"), headers=HTMX).text
    assert "New field: Customer: Fax machine." in page
    assert 'value="Web address"' in page
    assert field("PHONE").crm_key == "PHONE"
    trade_erp.more.clear()
    page = as_admin.post(address(trade, "/renew"), mapping_form(customer), headers=HTMX).text
    assert "Missing in the ERP now: Customer: Fax machine." in page
    page = as_admin.post(address(trade, "/renew"), mapping_form(customer), headers=HTMX).text
    assert "the same fields as before" in page


def test_renewing_shows_why_the_connector_did_not_answer(
    as_admin: Client, trade: Connection, customer: ActorMapping, trade_erp: TradeErp
) -> None:
    trade_erp.fields_down = "Closed for the night."
    page = as_admin.post(address(trade, "/renew"), mapping_form(customer), headers=HTMX).text
    assert "Closed for the night." in page


# Who may, and what it costs


@pytest.mark.parametrize("part", ["mappings", "list-mapping", "defaults", "rank"])
def test_the_dialogs_are_for_administrators(part: str, as_user: Client, as_admin: Client, trade: Connection) -> None:
    path = f"/sync/connections/{trade.pk}/{part}"
    assert Client().get(path).status_code == 302
    assert (as_user.get(path).status_code, as_user.post(path).status_code) == (403, 403)
    assert as_admin.get(path).status_code == 200
    assert as_admin.get(f"/sync/connections/4711/{part}").status_code == 404


@pytest.mark.parametrize("part", ["check", "try", "renew"])
def test_the_parts_are_for_administrators_and_posted(part: str, as_user: Client, as_admin: Client, trade: Connection):
    path = address(trade, f"/{part}")
    assert Client().post(path).status_code == 302
    assert as_user.post(path).status_code == 403
    assert as_admin.get(path).status_code == 405
    assert as_admin.post(path, headers=HTMX).status_code == 200
    assert as_admin.post(f"/sync/connections/4711/mappings/{part}").status_code == 404


@pytest.mark.parametrize("path", ["mappings", "defaults", "rank"])
def test_no_field_costs_a_query(path: str, as_admin: Client, trade: Connection, customer: ActorMapping) -> None:
    def queries() -> int:
        with CaptureQueriesContext(database) as captured:
            as_admin.get(f"/sync/connections/{trade.pk}/{path}", headers=HTMX)
        return len(captured)

    before = queries()
    FieldMapping.objects.bulk_create(
        FieldMapping(actor=customer, key=f"F{number}", show_in_tab=True) for number in range(50)
    )
    assert queries() == before
