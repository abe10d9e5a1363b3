"""In a browser, by keyboard: connect a company to an actor, create another, disconnect; each with Save (U3 to U9)."""

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
    """Press Edit, open the search for a customer with the keyboard, and wait for it."""
    page.goto(f"/companies/{record_id}/erp")
    page.get_by_role("link", name="Edit", exact=True).press("Enter")
    page.wait_for_url("**/erp/edit")
    page.wait_for_load_state("networkidle")
    page.get_by_role("link", name="Customer Harbour").press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Search ERP")).to_be_focused()
    return dialog


def answered(dialog: Locator) -> None:
    """Wait until the search is answered: what was found by the name stood there before."""
    expect(dialog.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)


def save(page: Page) -> None:
    """Press Save and wait for the tab in read mode."""
    page.get_by_role("button", name="Save").press("Enter")
    page.wait_for_url("**/erp")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_connecting_and_disconnecting_a_company(
    scheme: str, width: int, sign_in: SignIn, shop: Shop, erp: SearchedErp
) -> None:
    page = sign_in(scheme=scheme, width=width, bypass_csp=True)
    dialog = open_dialog(page, shop.company.id)
    harbour = page.get_by_role("region", name="Harbour")
    expect(dialog.get_by_role("radio", name="Orkdal Senter AS")).to_be_visible()  # by a word of the name
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("nobody")
    page.keyboard.press("Enter")
    expect(dialog.get_by_text("Nothing was found")).to_be_visible()
    is_fine(page)
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("orkdal")
    page.keyboard.press("Enter")
    answered(dialog)
    actor = dialog.get_by_role("radio", name="Orkdal Senter AS")
    expect(dialog.get_by_role("progressbar", name="Likeness")).to_be_visible()
    actor.press("Space")
    is_fine(page)
    actor.press("Enter")
    name = dialog.get_by_role("radiogroup", name="Name")
    expect(name.get_by_label("Orkdal Eldresenter")).to_be_checked()
    expect(dialog.get_by_role("button", name="Connect")).to_be_focused()
    is_fine(page)
    dialog.get_by_role("button", name="Select all Harbour").press("Enter")
    expect(name.get_by_label("Orkdal Senter AS")).to_be_checked()
    dialog.get_by_label("CODE").fill("C4")
    dialog.get_by_role("button", name="Connect").press("Enter")
    expect(harbour.get_by_role("group", name="Not saved yet")).to_contain_text("Orkdal Eldresenter → Orkdal Senter AS")
    is_fine(page)
    assert not Link.objects.filter(connection__connector__name="Harbour").exists()
    save(page)
    expect(page.get_by_role("status").filter(has_text="is connected")).to_be_visible()
    expect(harbour).to_contain_text("Connected Customer 4")
    assert get_record(RecordType.COMPANY, shop.company.id).fields["NAME"] == "Orkdal Senter AS"
    assert erp.value("4", "CODE") == "C4"
    harbour.get_by_text("fields are synced").press("Enter")
    why = harbour.get_by_role("link", name="Why is Name as it is?")
    why.press("Enter")
    expect(dialog).to_contain_text("Orkdal Senter AS")
    is_fine(page)
    page.keyboard.press("Escape")
    expect(why).to_be_focused()

    page.get_by_role("link", name="Edit", exact=True).press("Enter")
    disconnect = page.get_by_role("button", name="Disconnect Harbour")
    disconnect.press("Enter")
    expect(dialog).to_contain_text("Disconnect from Harbour?")
    is_fine(page)
    page.keyboard.press("Escape")
    expect(disconnect).to_be_focused()
    page.keyboard.press("Enter")
    dialog.get_by_role("button", name="Disconnect").press("Enter")
    expect(harbour).to_contain_text("Connected Customer 4")
    save(page)
    expect(page.get_by_role("status").filter(has_text="no longer connected")).to_be_visible()
    expect(harbour).to_contain_text("Not connected")
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
    expect(page.get_by_role("region", name="Harbour").get_by_role("group", name="Not saved yet")).to_contain_text("H7")
    page.get_by_role("button", name="Save").dblclick()
    expect(page.get_by_role("status").filter(has_text="was created")).to_be_visible()
    is_fine(page)
    made = [actor for actor in erp.actors.values() if actor.fields.get("NAME") == "Havn"]
    assert [actor.fields["CODE"] for actor in made] == ["H7"]


def test_leaving_with_something_to_save_asks_and_cancel_leaves_nothing(
    sign_in: SignIn, shop: Shop, erp: SearchedErp
) -> None:
    page = sign_in()
    dialog = open_dialog(page, shop.company.id)
    dialog.get_by_label("Search ERP").fill("orkdal")
    page.keyboard.press("Enter")
    answered(dialog)
    dialog.get_by_role("radio", name="Orkdal Senter AS").check()
    dialog.get_by_role("button", name="Connect").press("Enter")
    dialog.get_by_label("CODE").fill("C4")
    dialog.get_by_role("button", name="Connect").press("Enter")
    waiting = page.get_by_role("group", name="Not saved yet")
    expect(waiting).to_be_visible()
    asked: list[str] = []
    page.on("dialog", lambda asking: (asked.append(asking.type), asking.dismiss()))
    page.get_by_role("link", name="Contacts", exact=True).first.click()
    expect(waiting).to_be_visible()
    assert asked == ["beforeunload"]
    page.get_by_role("button", name="Cancel").press("Enter")
    page.wait_for_url("**/erp")
    expect(waiting).to_be_hidden()
    assert asked == ["beforeunload"], "Cancel is no accident"
    assert not Link.objects.filter(connection__connector__name="Harbour").exists()
    assert not {"save_actors", "create_actor"} & set(erp.calls)


@pytest.mark.parametrize("width", [1440, 390])
def test_advanced_search_says_what_is_missing_beside_the_line(
    width: int, sign_in: SignIn, shop: Shop, erp: SearchedErp
) -> None:
    page = sign_in(width=width, bypass_csp=True)
    dialog = open_dialog(page, shop.company.id)
    dialog.get_by_text("Advanced search").press("Enter")
    criteria = dialog.get_by_role("search", name="Advanced search")
    expect(criteria.get_by_label("Operator")).to_be_visible()
    is_fine(page)
    criteria.get_by_role("button", name="Search").press("Enter")
    expect(criteria.get_by_role("alert")).to_be_visible()
    expect(dialog).to_contain_text("Nothing has been searched for yet.")
    is_fine(page)


def test_a_server_that_fails_leaves_a_dialog_that_says_so(sign_in: SignIn, shop: Shop, erp: SearchedErp) -> None:
    page = sign_in()
    page.route("**/Customer/connect?opening=1", lambda route: route.fulfill(status=500))
    dialog = open_dialog(page, shop.company.id)
    expect(dialog.get_by_role("alert")).to_contain_text("The server did not answer")
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Customer Harbour")).to_be_focused()
