"""By keyboard alone: a connection is defined, two of its fields are mapped, and it is activated (A4 to A13)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Locator, Page, expect
from tests.e2e.conftest import Shop, SignIn

from brygga.erp.models import Connection, Connector, FieldMapping

pytestmark = pytest.mark.e2e

STOPS = 120
"""More presses of the Tab key than this are no way to reach anything."""


@pytest.fixture
def workbook(shop: Shop, home: Path) -> str:
    """A workbook with customers in the data directory, and the connector for it; its name."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Customer"
    sheet.append(["ID", "LastModified", "Name", "Town", "Manager"])
    sheet.append([10017, datetime(2026, 1, 5, 12, 0), "Orkdal Eldresenter", "Orkanger", "Kari"])
    book.save(home / "books.xlsx")
    Connector.objects.create(name="Workbook", url="plugin://workbook")
    return "books.xlsx"


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until the wanted thing has the focus."""
    wanted.wait_for()
    for _ in range(STOPS):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"{wanted} can't be reached with the Tab key")


def press(page: Page, wanted: Locator, key: str = "Enter") -> None:
    """Go to something with the Tab key, and press a key there."""
    tab_to(page, wanted)
    page.keyboard.press(key)


def write(page: Page, wanted: Locator, text: str) -> None:
    """Go to a field with the Tab key, and write."""
    tab_to(page, wanted)
    page.keyboard.type(text)


def test_defining_mapping_and_activating_a_connection(sign_in: SignIn, workbook: str) -> None:
    page = sign_in()
    press(page, page.get_by_role("navigation").get_by_role("link", name="Quote/Sync"))
    page.wait_for_url("**/sync")
    define(page, workbook)
    expect(page.locator("#connections-add")).to_be_focused()
    map_two_fields(page)
    expect(page.get_by_role("link", name="Mappings", exact=True)).to_be_focused()
    activate(page)
    made = Connection.objects.get(connector__name="Workbook")
    assert made.active
    expect(page.locator(f"#active-{made.pk}")).to_be_focused()


def define(page: Page, workbook: str) -> None:
    """Define ERP connection: the dialog opens with the focus in its first field."""
    press(page, page.locator("#connections-add"))
    dialog = page.get_by_role("dialog", name="Define new ERP connection")
    expect(dialog.get_by_role("textbox", name="Name", exact=True)).to_be_focused()
    page.keyboard.type("Harbour")
    write(page, dialog.get_by_role("combobox", name="ERP Sync Connector"), "Work")
    write(page, dialog.get_by_role("textbox", name="File name"), workbook)
    press(page, dialog.get_by_role("button", name="Test ERP connection"))
    expect(dialog.get_by_role("button", name="OK")).to_be_enabled()
    press(page, dialog.get_by_role("button", name="OK"))
    expect(page.get_by_role("status").filter(has_text="Harbour has been saved.")).to_be_visible()
    expect(page.locator("#selected-title")).to_have_text("Harbour")


def map_two_fields(page: Page) -> None:
    """Mappings: a field that found its counterpart by itself, and one that is looked for by typing."""
    press(page, page.get_by_role("link", name="Mappings", exact=True))
    dialog = page.get_by_role("dialog")
    press(page, dialog.get_by_label('Sync ERP "Customer" to CRM "Company"'), "Space")
    direct(page, dialog, "Name")
    write(page, dialog.get_by_role("combobox", name="Town", exact=True), "city (postal")
    expect(page.get_by_role("option", name="City (postal)")).to_be_visible()
    page.keyboard.press("Enter")
    direct(page, dialog, "Town")
    press(page, dialog.get_by_role("button", name="Done"))
    expect(page.get_by_role("status").filter(has_text="the mappings have been saved")).to_be_visible()
    mapped = FieldMapping.objects.filter(actor__connection__connector__name="Workbook", to_crm=True)
    assert dict(mapped.values_list("key", "crm_key")) == {"Name": "NAME", "Town": "POSTALCITY"}


def direct(page: Page, dialog: Locator, field: str) -> None:
    """Turn on the direction of a field to the CRM."""
    direction = dialog.get_by_role("checkbox", name=f"{field}: ERP to CRM")
    expect(direction).not_to_have_attribute("aria-disabled", "true")
    press(page, direction, "Space")
    expect(direction).to_be_checked()


def activate(page: Page) -> None:
    """The box in the table; what speaks against it is read first, if anything does."""
    box = page.get_by_role("checkbox", name="Harbour is active")
    press(page, box, "Space")
    anyway = page.get_by_role("dialog").get_by_role("button", name="Activate all the same")
    expect(anyway.or_(page.get_by_text("“Harbour” is active now."))).to_be_visible()
    if anyway.is_visible():
        press(page, anyway)
    expect(page.get_by_text("“Harbour” is active now.")).to_be_visible()
    expect(box).to_be_checked()
