"""Settings and maintenance in a real browser: users, groups, lists, fields, the own profile (behaviour C3, C4)."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from tests.e2e.conftest import Shop, SignIn, violations

from brygga.crm.fields import RecordType
from brygga.crm.models import CrmList, User
from brygga.crm.services import groups, lists, tokens, user_fields
from brygga.crm.services.records import get_record, save_record
from brygga.crm.services.users import create_user
from brygga.merge.values import Kind

pytestmark = pytest.mark.e2e

PASSWORD = "fjord-and-bridge-7"


@pytest.fixture
def scene(shop: Shop) -> CrmList:
    """Users in groups, a list with items that a company has, and fields; gives the list."""
    for name in ("Sales", "Support"):
        groups.add_group(name)
    create_user("anna", PASSWORD, group="Sales", first_name="Anna", last_name="Berg", language="sv")
    ids = lists.add_items("category", ["Retail", "Health", "Industry"])
    save_record(RecordType.COMPANY, shop.company.id, 1, {"category": ids["Retail"]}, "test")
    user_fields.define_field(RecordType.COMPANY, "size", "Size", Kind.INTEGER)
    user_fields.define_field(RecordType.COMPANY, "note", "Note", Kind.TEXT, max_length=100)
    return CrmList.objects.get(key="category")


def screens(category: CrmList) -> list[str]:
    """The address of every page and dialog."""
    anna, (sales, _support), item = User.objects.get(username="anna"), groups.groups(), lists.items("category")[0]
    page = f"/settings/lists/{category.pk}"
    return [
        "/settings/users", "/settings/users?q=zzz", "/settings/users/new", f"/settings/users/{anna.pk}",
        f"/settings/users/{anna.pk}/password", "/settings/users/groups", "/settings/users/groups/rank",
        f"/settings/users/groups/{sales.pk}/delete", page, f"{page}/items/{item.pk}", f"{page}/items/{item.pk}/delete",
        "/settings/fields/companies", "/settings/fields/contacts", "/settings/fields/companies/new", "/profile",
        "/profile/password", "/profile/tokens/new",
    ]  # fmt: skip


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390)])
def test_every_page_and_dialog_is_accessible_and_fits(scheme: str, width: int, sign_in: SignIn, scene: CrmList) -> None:
    page = sign_in(scheme=scheme, width=width, bypass_csp=True)
    found = {}
    for address in screens(scene):
        page.goto(address)
        found[address] = violations(page)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found[address].append("wider than the window")
    assert {address: problems for address, problems in found.items() if problems} == {}


def test_a_user_is_added_by_keyboard(sign_in: SignIn, scene: CrmList) -> None:
    page = sign_in()
    page.goto("/settings/users")
    page.get_by_role("link", name="Add user").press("Enter")
    dialog = page.get_by_role("dialog", name="Add user")
    expect(dialog.get_by_label("User name")).to_be_focused()
    page.keyboard.type("bo")
    page.keyboard.press("Tab")
    page.keyboard.type("bo")
    page.keyboard.press("Enter")
    expect(dialog.get_by_label("Password")).to_be_focused()
    expect(dialog).to_contain_text("too short")
    page.keyboard.type(PASSWORD)
    dialog.get_by_label("Sales").check()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("bo has been added.")
    expect(page.get_by_role("row", name="bo")).to_contain_text("Sales")


def test_closing_a_dialog_gives_the_focus_back(sign_in: SignIn, scene: CrmList) -> None:
    page = sign_in()
    page.goto("/settings/users")
    link = page.get_by_role("link", name="Anna Berg")
    link.press("Enter")
    expect(page.get_by_role("dialog", name="Anna Berg")).to_be_visible()
    page.keyboard.press("Escape")
    expect(link).to_be_focused()


def test_groups_are_put_in_order_by_keyboard(sign_in: SignIn, scene: CrmList) -> None:
    page = sign_in()
    page.goto("/settings/users/groups")
    page.get_by_role("link", name="Rank").click()
    page.get_by_role("button", name="Move down: Sales").press("ArrowDown")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("The order has been saved.")
    assert [group.name for group in groups.groups()] == ["Support", "Sales"]


def test_an_item_is_replaced_and_its_record_has_the_other(sign_in: SignIn, scene: CrmList, shop: Shop) -> None:
    page = sign_in()
    page.goto("/settings/lists")
    page.get_by_role("link", name="Category").click()
    page.get_by_role("link", name="Delete Retail").click()
    dialog = page.get_by_role("dialog", name="Delete Retail?")
    expect(dialog).to_contain_text("Companies (1)")
    dialog.get_by_label("Replace it with").select_option(label="Health")
    dialog.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("status")).to_contain_text("1 record has the new item.")
    health = next(item for item in lists.items("category") if item.text == "Health")
    assert get_record(RecordType.COMPANY, shop.company.id).fields["category"] == str(health.pk)


def test_a_list_field_is_defined_and_filled_in(sign_in: SignIn, scene: CrmList, shop: Shop) -> None:
    page = sign_in()
    page.goto("/settings/fields")
    page.get_by_role("link", name="Add field").click()
    dialog = page.get_by_role("dialog", name="Add field: Company")
    dialog.get_by_label("Name").fill("Second category")
    expect(dialog.get_by_label("List", exact=True)).to_be_hidden()
    dialog.get_by_label("Type").select_option(label="List field")
    expect(dialog.get_by_label("Longest text")).to_be_hidden()
    dialog.get_by_label("List", exact=True).select_option(label="Category")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("row", name="Second category")).to_contain_text("x:second_category")
    page.goto(f"/companies/{shop.company.id}/edit")
    page.get_by_label("Second category").select_option(label="Industry")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Industry")).to_be_visible()


def open_profile(page: Page) -> None:
    """By the menu of the avatar."""
    page.locator("details.menu summary").click()
    page.get_by_role("link", name="Profile").click()


def test_the_own_language_and_a_token(sign_in: SignIn, scene: CrmList) -> None:
    page = sign_in()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_profile(page)
    page.get_by_role("link", name="Create token").click()
    page.get_by_role("dialog").get_by_label("Name").fill("Nightly script")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    key = page.evaluate("navigator.clipboard.readText()")
    assert tokens.user_of(key) is not None
    page.get_by_role("link", name="Done").click()
    page.get_by_role("button", name="Revoke Nightly script").click()
    expect(page.get_by_text("You have no token.")).to_be_visible()
    assert tokens.user_of(key) is None
    page.get_by_label("Language").select_option(label="Deutsch")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("html")).to_have_attribute("lang", "de")
