"""In a browser, by keyboard: a new connection gets its mappings, list items, defaults, order (behaviour A7 to A11)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, Route, expect
from tests.e2e.conftest import Shop, SignIn, answer_late, violations
from tests.web.trade_erp import TradeErp, trade_erp

from brygga.erp.models import Connection, FieldMapping
from brygga.erp.services import mapping

pytestmark = pytest.mark.e2e


@pytest.fixture
def trade(transactional_db: None) -> Iterator[tuple[TradeErp, Connection]]:
    """A new connection, of which nothing is mapped but by itself."""
    with trade_erp() as made:
        yield made


def field(key: str) -> FieldMapping:
    """A customer field as it is stored."""
    return FieldMapping.objects.get(key=key, actor__actor_type="Customer", actor__connection__connector__name="Trade")


def is_fine(page: Page) -> None:
    """What is on the screen is accessible and no wider than the window."""
    assert violations(page) == []
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    inside = "[...document.querySelectorAll('dialog[open]')].every(dialog => dialog.scrollWidth <= dialog.clientWidth)"
    assert page.evaluate(inside)


def open_dialog(page: Page, connection: Connection, link: str, button: str) -> Locator:
    """Open a dialog from the Sync tab with the keyboard."""
    page.goto(f"/sync?connection={connection.pk}")
    page.wait_for_load_state("networkidle")
    page.get_by_role("link", name=link, exact=True).press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name=button, exact=True)).to_be_visible()
    page.wait_for_load_state("networkidle")
    return dialog


def says(page: Page, text: str) -> None:
    """The page says that it is done."""
    expect(page.get_by_role("status").filter(has_text=text)).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_mapping_a_connection(
    scheme: str, width: int, sign_in: SignIn, shop: Shop, trade: tuple[TradeErp, Connection]
) -> None:
    _erp, connection = trade
    page = sign_in(scheme=scheme, width=width, bypass_csp=True)
    map_fields(page, connection)
    map_items(page, connection)
    set_defaults(page, connection)
    put_in_order(page, connection)


def map_fields(page: Page, connection: Connection) -> None:
    """Fields: a CRM field by type-ahead, directions, a second tab, a trial; all saved together."""
    dialog = open_dialog(page, connection, "Mappings", "Done")
    dialog.get_by_label('Sync ERP "Customer" to CRM "Company"').press("Space")
    expect(dialog.get_by_text("Terms of payment is mandatory in the ERP.").first).to_be_visible()
    credit = dialog.get_by_label("Credit limit", exact=True)
    to_crm = dialog.get_by_role("checkbox", name="Credit limit: ERP to CRM")
    expect(to_crm).to_have_attribute("aria-disabled", "true")
    credit.focus()
    page.keyboard.type("depart")
    expect(page.get_by_role("option", name="Department")).to_be_visible()
    is_fine(page)
    page.keyboard.press("Enter")
    expect(to_crm).not_to_have_attribute("aria-disabled", "true")
    to_crm.press("Space")
    for direction in ("Name: CRM to ERP", "Name: ERP to CRM"):
        dialog.get_by_role("checkbox", name=direction).press("Space")
    expect(dialog.get_by_label("Conflicts")).to_have_count(1)
    dialog.get_by_label("Customer group", exact=True).focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    to_group = dialog.get_by_role("checkbox", name="Customer group: ERP to CRM")
    expect(to_group).not_to_have_attribute("aria-disabled", "true")
    to_group.press("Space")
    dialog.get_by_role("checkbox", name="Show in ERP tab: Credit limit").press("Space")
    dialog.get_by_role("link", name="Person").press("Enter")
    dialog.get_by_label('Sync ERP "Person" to CRM "Contact"').press("Space")
    is_fine(page)
    dialog.get_by_role("link", name="Customer", exact=True).press("Enter")
    dialog.get_by_role("button", name="Try on real records").press("Enter")
    expect(dialog.get_by_text("The text has 300 characters")).to_be_visible()
    is_fine(page)
    dialog.get_by_role("button", name="Done").press("Enter")
    says(page, "the mappings have been saved")
    stored = field("CREDIT")
    assert (stored.crm_key, stored.to_crm, stored.to_erp, stored.show_in_tab) == ("DEPARTMENT", True, False, True)
    assert field("CUSTGR").to_crm
    assert list(connection.actors.order_by("pk").values_list("sync", flat=True)) == [True, True, False]


def map_items(page: Page, connection: Connection) -> None:
    """List items: the missing ones made in one go, a double in red that can't be saved."""
    dialog = open_dialog(page, connection, "List mapping", "Save")
    expect(dialog.get_by_text("9 of 9 ERP items are unmapped.")).to_be_visible()
    dialog.get_by_role("button", name="Create missing CRM items").press("Enter")
    expect(dialog.get_by_text("0 of 9 ERP items are unmapped.")).to_be_visible()
    media = dialog.get_by_label("Media", exact=True)
    media.focus()
    page.keyboard.type("Retail")
    page.keyboard.press("Tab")
    expect(dialog.get_by_text("This CRM item is used twice.")).to_have_count(2)
    is_fine(page)
    dialog.get_by_role("button", name="Save").press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("Nothing has been saved yet.")
    media.focus()
    page.keyboard.press("Delete")
    page.keyboard.press("Tab")
    expect(dialog.get_by_text("1 of 9 ERP items are unmapped.")).to_be_visible()
    dialog.get_by_role("button", name="Save").press("Enter")
    says(page, "the list mapping has been saved")
    assert field("CUSTGR").items.count() == 8


def set_defaults(page: Page, connection: Connection) -> None:
    """Defaults: a value that is entered is meant to be set; a list by its texts."""
    dialog = open_dialog(page, connection, "Defaults", "Save")
    dialog.get_by_label("Default value: Terms of payment", exact=True).focus()
    page.keyboard.type("30")
    expect(dialog.get_by_label("Set default value: Terms of payment")).to_be_checked()
    credit = dialog.get_by_label("Default value: Credit limit", exact=True)
    credit.focus()
    page.keyboard.type("much")
    dialog.get_by_role("button", name="Save").press("Enter")
    expect(dialog.get_by_text("Enter a number.")).to_be_visible()
    is_fine(page)
    credit.focus()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("5000")
    dialog.get_by_role("button", name="Save").press("Enter")
    says(page, "the default values have been saved")
    assert (field("TERMS").default_value, field("CREDIT").default_value) == ("2", "[F:5000.0]")


def put_in_order(page: Page, connection: Connection) -> None:
    """Order: by the arrow keys."""
    dialog = open_dialog(page, connection, "Rank Fields", "Done")
    is_fine(page)
    dialog.get_by_role("button", name="Move up: Credit limit").press("ArrowUp")
    dialog.get_by_role("button", name="Done").press("Enter")
    says(page, "the order has been saved")
    assert [one.key for one in mapping.shown_fields(field("CREDIT").actor)] == ["CREDIT", "NUMBER2"]


def test_why_a_direction_is_grey_is_told_to_the_keyboard_too(
    sign_in: SignIn, shop: Shop, trade: tuple[TradeErp, Connection]
) -> None:
    page = sign_in()
    dialog = open_dialog(page, trade[1], "Mappings", "Done")
    grey = dialog.get_by_role("checkbox", name="Customer number: CRM to ERP")
    reason = dialog.get_by_text("The field is read-only in the ERP.")
    expect(reason).to_be_hidden()
    page.keyboard.press("Tab")
    grey.focus()
    expect(reason).to_be_visible()
    expect(grey).to_have_accessible_description("The field is read-only in the ERP.")
    page.keyboard.press("Space")
    expect(grey).not_to_be_checked()


def test_what_is_not_saved_is_not_left_by_accident(
    sign_in: SignIn, shop: Shop, trade: tuple[TradeErp, Connection]
) -> None:
    page = sign_in()
    answers = [False, True]
    page.on("dialog", lambda asked: asked.accept() if answers.pop(0) else asked.dismiss())
    dialog = open_dialog(page, trade[1], "Mappings", "Done")
    dialog.get_by_label('Sync ERP "Customer" to CRM "Company"').press("Space")
    page.mouse.click(5, 5)
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert answers == []
    expect(page.get_by_role("link", name="Mappings", exact=True)).to_be_focused()


def test_an_answer_that_comes_late_does_not_open_the_dialog_again(
    sign_in: SignIn, shop: Shop, trade: tuple[TradeErp, Connection]
) -> None:
    page = sign_in()
    page.on("dialog", lambda asked: asked.accept())
    dialog = open_dialog(page, trade[1], "Mappings", "Done")
    held: list[Route] = []
    page.route("**/mappings/check", lambda route: held.append(route))
    with page.expect_request("**/mappings/check"):
        dialog.get_by_label('Sync ERP "Customer" to CRM "Company"').press("Space")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    answer_late(page, held)
    expect(dialog).to_be_hidden()


def test_what_the_server_says_late_of_an_earlier_choice_is_not_shown(
    sign_in: SignIn, shop: Shop, trade: tuple[TradeErp, Connection]
) -> None:
    page = sign_in()
    held: list[Route] = []
    page.route("**/mappings/check?lists=1", lambda route: held.append(route))
    page.goto(f"/sync?connection={trade[1].pk}")
    with page.expect_request("**/mappings/check?lists=1"):
        page.get_by_role("link", name="Mappings", exact=True).press("Enter")
    page.get_by_label('Sync ERP "Customer" to CRM "Company"').press("Space")
    remark = page.get_by_text("Terms of payment is mandatory in the ERP.").first
    expect(remark).to_be_visible()
    with page.expect_response("**/mappings/check"):  # with the lists that are known now
        answer_late(page, held)
    expect(remark).to_be_visible()


def test_what_is_chosen_while_the_server_looks_stays(
    sign_in: SignIn, shop: Shop, trade: tuple[TradeErp, Connection]
) -> None:
    page = sign_in()
    dialog = open_dialog(page, trade[1], "Mappings", "Done")
    box = dialog.get_by_role("checkbox", name="Name: CRM to ERP")
    held: list[Route] = []
    page.route("**/mappings/check", lambda route: held.append(route))
    with page.expect_request("**/mappings/check"):
        dialog.get_by_label('Sync ERP "Customer" to CRM "Company"').press("Space")
    box.focus()
    page.keyboard.down("Space")
    answer_late(page, held)
    page.keyboard.up("Space")
    expect(box).to_be_checked()


def test_many_fields_are_found_by_typing(sign_in: SignIn, shop: Shop, trade: tuple[TradeErp, Connection]) -> None:
    page = sign_in()
    dialog = open_dialog(page, trade[1], "Mappings", "Done")
    rows = dialog.get_by_role("row")
    dialog.get_by_label("Find field").fill("cust")
    expect(rows).to_have_count(4)  # with the head
    dialog.get_by_label("Only mapped fields").check()
    expect(rows).to_have_count(2)
    dialog.get_by_label("Find field").fill("nothing like it")
    expect(dialog.get_by_text("No field matches.")).to_be_visible()


def test_a_server_that_fails_leaves_what_was_changed(
    sign_in: SignIn, shop: Shop, trade: tuple[TradeErp, Connection]
) -> None:
    page = sign_in()
    dialog = open_dialog(page, trade[1], "Mappings", "Done")
    page.route("**/mappings", lambda route: route.fulfill(status=500))
    switch = dialog.get_by_label('Sync ERP "Customer" to CRM "Company"')
    switch.press("Space")
    dialog.get_by_role("button", name="Done").press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("What you have changed is still here")
    expect(switch).to_be_checked()
    page.unroute("**/mappings")
    dialog.get_by_role("button", name="Done").press("Enter")
    says(page, "the mappings have been saved")
