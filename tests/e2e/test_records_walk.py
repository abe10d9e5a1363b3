"""Lists, the top bar and records in a real browser: filters, keyboard, suggestions, merging (behaviour C2, C5)."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from tests.e2e.conftest import Shop, SignIn, violations

from brygga.crm.fields import RecordType
from brygga.crm.services import lists
from brygga.crm.services.records import RecordView, create_record, get_record, save_record

pytestmark = pytest.mark.e2e

COMPANY = RecordType.COMPANY


@pytest.fixture
def firms(shop: Shop) -> list[RecordView]:
    """Three more companies, two of them in retail."""
    retail, health = lists.add_items("category", ["Retail", "Health"]).values()
    rows = (("Fjordfisk", retail), ("Fjordfisk AS", health), ("Bergtrans", retail))
    return [create_record(COMPANY, {"NAME": name, "category": item}, "test") for name, item in rows]


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390)])
def test_lists_suggestions_and_merging_are_accessible(
    scheme: str, width: int, sign_in: SignIn, firms: list[RecordView]
) -> None:
    page = sign_in(scheme=scheme, width=width, bypass_csp=True)
    merge = f"/companies/{firms[0].id}/merge"
    found = {}
    for address in ("/companies?erp=linked", "/contacts?sort=-parent", merge, f"{merge}?with=x %23{firms[1].id}"):
        page.goto(address)
        found[address] = violations(page)
    page.goto("/companies")
    page.locator("#quick-find").type("fjordf")
    expect(page.locator("#find-options").get_by_role("option")).to_have_count(3)
    page.keyboard.press("ArrowDown")
    found["suggestions"] = violations(page)
    assert {address: problems for address, problems in found.items() if problems} == {}
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_filters_narrow_the_list_without_a_reload(sign_in: SignIn, firms: list[RecordView]) -> None:
    page = sign_in()
    page.get_by_label("Category", exact=True).select_option(label="Retail")
    expect(page.get_by_role("row")).to_have_count(3)
    expect(page.locator("#list-news")).to_have_text("Count: 2")
    page.locator("#list-find").type("berg")
    expect(page.get_by_role("row")).to_have_count(2)
    assert "q=berg&category=" in page.url
    assert "erp=" not in page.url
    page.reload()
    expect(page.get_by_role("row")).to_have_count(2)
    page.get_by_role("link", name="Reset").click()
    expect(page.get_by_role("row")).to_have_count(5)


def test_the_list_is_walked_by_keyboard(sign_in: SignIn, firms: list[RecordView]) -> None:
    page = sign_in()
    page.locator("#list-find").press("ArrowDown")
    expect(page.get_by_role("link", name="Bergtrans")).to_be_focused()
    for key, name in (("ArrowDown", "Fjordfisk"), ("End", "Orkdal Eldresenter"), ("ArrowUp", "Fjordfisk AS")):
        page.keyboard.press(key)
        expect(page.get_by_role("link", name=name, exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Fjordfisk AS")).to_be_visible()


def test_a_click_anywhere_in_a_row_opens_the_record(sign_in: SignIn, firms: list[RecordView]) -> None:
    page = sign_in()
    page.get_by_role("cell", name="Health").click()
    expect(page.get_by_role("heading", name="Fjordfisk AS")).to_be_visible()


def test_the_top_bar_suggests_while_one_types(sign_in: SignIn, firms: list[RecordView]) -> None:
    page = sign_in()
    field = page.get_by_role("combobox", name="Find")
    page.keyboard.press("/")
    expect(field).to_be_focused()
    page.keyboard.type("fjordf")
    expect(page.locator("#find-options").get_by_role("option")).to_have_count(3)
    expect(field).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowUp")  # from the field to the last one: all results
    expect(page.get_by_role("option", name="Show all")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    chosen = page.locator("#find-options").get_by_role("option").first
    expect(chosen).to_have_attribute("aria-selected", "true")
    assert field.get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Fjordfisk")).to_be_visible()


def test_the_records_used_last_are_a_key_away(sign_in: SignIn, firms: list[RecordView]) -> None:
    page = sign_in()
    page.goto(f"/companies/{firms[2].id}")
    page.goto("/projects")
    page.keyboard.press("/")
    expect(page.get_by_role("option", name="Bergtrans")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#find-options").get_by_role("option")).to_have_count(0)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Bergtrans")).to_be_visible()


def test_all_of_somebody_elses_values_are_taken_at_once(sign_in: SignIn, shop: Shop) -> None:
    page = sign_in()
    page.goto(f"/companies/{shop.company.id}/edit")
    page.get_by_label("Phone").fill("mine")
    page.get_by_label("Fax").fill("mine")
    save_record(COMPANY, shop.company.id, 1, {"PHONE": "theirs", "FAX": "theirs", "EMAIL": "theirs@x.no"}, "bo")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("bo saved this record at")
    page.get_by_role("button", name="Select all of the other user's values").click()
    page.get_by_role("radiogroup", name="Fax").get_by_label("mine").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("has been saved")
    saved = get_record(COMPANY, shop.company.id).fields
    assert (saved["PHONE"], saved["FAX"], saved["EMAIL"]) == ("theirs", "mine", "theirs@x.no")


def test_two_companies_become_one(sign_in: SignIn, shop: Shop, firms: list[RecordView]) -> None:
    page = sign_in()
    page.goto(f"/companies/{firms[0].id}")
    page.get_by_role("link", name="Merge…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("The other company").fill("orkdal eldresenter")
    page.keyboard.press("Enter")
    expect(dialog).to_contain_text("Orkanger")
    expect(dialog).to_contain_text("Fjord Norge: Customer 10017")
    dialog.get_by_role("link", name="The other way round").click()
    expect(dialog).to_contain_text("Retail")
    dialog.get_by_role("button", name="Merge").click()
    expect(page.get_by_role("status")).to_contain_text("are one company now")
    expect(page.get_by_role("heading", name="Orkdal Eldresenter")).to_be_visible()
