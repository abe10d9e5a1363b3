"""In a browser, by keyboard: connect a company to an actor, create another, disconnect (behaviour U3 to U6, U9)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.e2e.conftest import Shop, SignIn, violations
from tests.web.searched_erp import SearchedErp, searched_erp

from brygga.contract import ActorType
from brygga.crm.fields import RecordType
from brygga.crm.services.records import create_record, get_record
from brygga.erp.models import FieldMapping, Link
from brygga.erp.services.mapping import set_default

pytestmark = pytest.mark.e2e


@pytest.fixture
def erp(transactional_db: None) -> Iterator[SearchedErp]:
    """An ERP beside those of the shop; a new customer there needs a code."""
    with searched_erp() as (made, _connection):
        made.put(ActorType.CUSTOMER, "4", NAME="Orkdal Senter AS", CITY="Trondheim", GROUP="1")
        code = FieldMapping.objects.get(actor__actor_type="Customer", key="CODE")
        set_default(code, value="", ask=True, mandatory=True)
        yield made


def is_fine(page: Page) -> None:
    """What is on the screen is accessible and no wider than the window."""
    assert violations(page) == []
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    inside = "[...document.querySelectorAll('dialog[open]')].every(dialog => dialog.scrollWidth <= dialog.clientWidth)"
    assert page.evaluate(inside)


def open_dialog(page: Page, record_id: int) -> Locator:
    """Open the search for a customer with the keyboard, and wait for what it finds."""
    page.goto(f"/companies/{record_id}/erp")
    page.wait_for_load_state("networkidle")
    page.get_by_role("link", name="Customer Harbour").press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Search ERP")).to_be_focused()
    return dialog


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_connecting_and_disconnecting_a_company(
    scheme: str, width: int, sign_in: SignIn, shop: Shop, erp: SearchedErp
) -> None:
    page = sign_in(scheme=scheme, width=width, bypass_csp=True)
    dialog = open_dialog(page, shop.company.id)
    expect(dialog.get_by_text("Nothing was found")).to_be_visible()
    is_fine(page)
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("orkdal")
    page.keyboard.press("Enter")
    actor = dialog.get_by_role("radio", name="Orkdal Senter AS")
    actor.press("Space")
    is_fine(page)
    actor.press("Enter")
    name = dialog.get_by_role("radiogroup", name="Name")
    expect(name.get_by_label("Orkdal Eldresenter")).to_be_checked()
    expect(dialog.get_by_role("button", name="Connect")).to_be_focused()
    is_fine(page)
    dialog.get_by_role("button", name="Select all Harbour").press("Enter")
    expect(name.get_by_label("Orkdal Senter AS")).to_be_checked()
    dialog.get_by_role("button", name="Connect").press("Enter")
    expect(page.get_by_role("status").filter(has_text="is connected")).to_be_visible()
    expect(page.get_by_role("region", name="Harbour")).to_contain_text("Connected Customer 4")
    assert get_record(RecordType.COMPANY, shop.company.id).fields["NAME"] == "Orkdal Senter AS"
    disconnect = page.get_by_role("button", name="Disconnect Harbour")
    disconnect.press("Enter")
    expect(dialog).to_contain_text("Disconnect from Harbour?")
    is_fine(page)
    page.keyboard.press("Escape")
    expect(disconnect).to_be_focused()
    page.keyboard.press("Enter")
    dialog.get_by_role("button", name="Disconnect").press("Enter")
    expect(page.get_by_role("status").filter(has_text="no longer connected")).to_be_visible()
    expect(page.get_by_role("region", name="Harbour")).to_contain_text("Not connected")
    assert not Link.objects.filter(connection__connector__name="Harbour").exists()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_creating_a_customer(scheme: str, width: int, sign_in: SignIn, shop: Shop, erp: SearchedErp) -> None:
    company = create_record(RecordType.COMPANY, {"NAME": "Havn"}, "test")
    page = sign_in(scheme=scheme, width=width, bypass_csp=True)
    dialog = open_dialog(page, company.id)
    dialog.get_by_role("link", name="Can't find match in ERP").press("Enter")
    create = dialog.get_by_role("button", name="Create")
    code = dialog.get_by_label("CODE")
    expect(code).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_be_visible()
    expect(code).to_be_focused()
    is_fine(page)
    page.keyboard.type("H7")
    create.dblclick()
    expect(page.get_by_role("status").filter(has_text="was created")).to_be_visible()
    is_fine(page)
    made = [actor for actor in erp.actors.values() if actor.fields.get("NAME") == "Havn"]
    assert [actor.fields["CODE"] for actor in made] == ["H7"]


def test_a_server_that_fails_leaves_a_dialog_that_says_so(sign_in: SignIn, shop: Shop, erp: SearchedErp) -> None:
    page = sign_in()
    page.route("**/Customer/connect?q=*", lambda route: route.fulfill(status=500))
    dialog = open_dialog(page, shop.company.id)
    expect(dialog.get_by_role("alert")).to_contain_text("The server did not answer")
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Customer Harbour")).to_be_focused()
