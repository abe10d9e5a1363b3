"""The Sync tab in a browser: rows selected, connectors added, connections tested, activated, put in order, resynced."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.e2e.conftest import PASSWORD, Shop, SignIn, violations

from brygga.contract import Access, Response
from brygga.crm.services.users import create_user
from brygga.erp.models import Connection, Connector, FieldMapping, Job
from brygga.erp.services.priority import order_now
from brygga.jobs.runner import Runner

pytestmark = pytest.mark.e2e


def connection(name: str) -> Connection:
    """A connection of the shop by its name."""
    return Connection.objects.get(names__en=name)


def open_dialog(page: Page, button: str) -> None:
    """Press a button of the page by its id and wait for what it opens."""
    page.locator(button).click()
    expect(page.locator("#dialog")).to_be_visible()


def assert_finished(page: Page) -> None:
    """Accessible, and no wider than the window."""
    assert violations(page) == []
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_rows_are_selected_by_mouse_and_keyboard(sign_in: SignIn, shop: Shop) -> None:
    first, second = connection("Fjord Norge"), connection("Lager DK")
    page = sign_in()
    page.goto("/sync")
    expect(page.locator("#selected-title")).to_have_text("Fjord Norge")
    page.get_by_role("row", name="Lager DK").get_by_role("cell", name="Shop").click()
    expect(page.locator("#selected-title")).to_have_text("Lager DK")
    expect(page.locator(f"#connection-{second.pk}")).to_be_focused()
    assert f"connection={second.pk}" in page.url
    page.keyboard.press("ArrowUp")
    expect(page.locator("#selected-title")).to_have_text("Fjord Norge")
    expect(page.locator(f"#connection-{first.pk}")).to_be_focused()
    page.keyboard.press("End")
    expect(page.locator("#selected-title")).to_have_text("Lager DK")
    page.reload()
    expect(page.locator("#selected-title")).to_have_text("Lager DK")
    expect(page.locator("tr.selected")).to_have_count(2)


def test_the_next_row_can_be_selected_as_soon_as_one_is(sign_in: SignIn, shop: Shop) -> None:
    """Else a quick key would load the page anew, and the focus would be at its top."""
    page = sign_in()
    page.goto("/sync")
    page.evaluate(
        """() => {
          window.sameDocument = true;
          const up = () => new KeyboardEvent("keydown", {key: "ArrowUp", bubbles: true});
          const press = () => setTimeout(() => document.activeElement.dispatchEvent(up()));
          document.addEventListener("htmx:afterSwap", press, {once: true});
        }"""
    )
    page.get_by_role("row", name="Lager DK").get_by_role("cell", name="Shop").click()
    expect(page.locator("#selected-title")).to_have_text("Fjord Norge")
    expect(page.locator(f"#connection-{connection('Fjord Norge').pk}")).to_be_focused()
    assert page.evaluate("window.sameDocument") is True


def test_a_run_leaves_the_selection_alone(sign_in: SignIn, shop: Shop) -> None:
    second = connection("Lager DK")
    page = sign_in()
    page.goto(f"/sync?connection={second.pk}")
    page.get_by_role("button", name="Sync Now").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    page.locator(f"#connection-{second.pk}").focus()
    Runner().look()
    expect(page.locator("#jobs-news")).to_contain_text("Failed")
    expect(page.locator(f"#connection-{second.pk}")).to_have_attribute("aria-current", "true")
    expect(page.locator(f"#connection-{second.pk}")).to_be_focused()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390)])
def test_a_connector_is_added_from_the_catalogue(scheme: str, width: int, sign_in: SignIn, shop: Shop) -> None:
    page = sign_in(scheme=scheme, width=width, bypass_csp=True)
    page.goto("/sync/catalogue")
    assert_finished(page)
    page.get_by_role("link", name="Add Excel workbook").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Name")).to_be_focused()
    expect(dialog.get_by_label("Name")).to_have_value("Excel workbook")
    dialog.get_by_label("Connector URL").fill("plugin://nothing")
    dialog.get_by_label("Name").click()
    expect(dialog.get_by_role("status")).to_contain_text("No connector")
    dialog.get_by_role("button", name="OK").click()
    expect(dialog.get_by_role("alert")).to_contain_text("No connector")
    assert_finished(page)
    dialog.get_by_label("Connector URL").fill("plugin://workbook")
    dialog.get_by_role("button", name="OK").click()
    expect(page.get_by_text("The sync connector “Excel workbook” has been saved.")).to_be_visible()
    made = Connector.objects.get(name="Excel workbook")
    expect(page.locator(f"#connector-{made.pk}")).to_have_attribute("aria-current", "true")


@pytest.mark.parametrize(("scheme", "width"), [("light", 390), ("dark", 1440)])
def test_a_connection_is_checked_activated_and_deactivated(
    scheme: str, width: int, sign_in: SignIn, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = connection("Fjord Norge")
    vat = FieldMapping.objects.create(actor=first.actors.get(), key="VAT", name="VAT number", access=Access.MANDATORY)
    page = sign_in(scheme=scheme, width=width, bypass_csp=True)
    page.goto(f"/sync?connection={first.pk}")
    page.locator("#connections-test").click()
    expect(page.locator("#connection-result")).to_contain_text("does not work")
    monkeypatch.setattr(shop.connector, "test_connection", lambda guid: Response())
    page.locator("#connections-test").press("Enter")
    expect(page.locator("#connection-result")).to_contain_text("“Fjord Norge” works.")
    assert_finished(page)

    box = page.get_by_role("checkbox", name="Fjord Norge is active")
    expect(box).to_be_checked()
    box.press("Space")
    expect(page.get_by_role("dialog")).to_contain_text("no longer synced")
    assert_finished(page)
    page.get_by_role("dialog").get_by_role("button", name="Deactivate").click()
    expect(box).not_to_be_checked()
    expect(page.locator("#connections-resync")).to_have_attribute("title", "It is not active. Activate it first.")

    box.press("Space")
    finding = page.get_by_role("dialog").get_by_role("link", name="VAT number")
    expect(finding).to_be_visible()
    assert_finished(page)
    vat.delete()
    page.get_by_role("button", name="Check again").click()
    expect(page.get_by_role("dialog")).to_contain_text("may keep values from getting across")
    assert_finished(page)
    page.get_by_role("button", name="Activate all the same").click()
    expect(box).to_be_checked()


def test_the_priority_is_set_by_keyboard_and_by_dragging(sign_in: SignIn, shop: Shop) -> None:
    first, second = connection("Fjord Norge"), connection("Lager DK")
    page = sign_in(bypass_csp=True)
    page.goto("/sync")
    open_dialog(page, "#connections-priority")
    assert_finished(page)
    items = page.locator(".ranking-item .ranking-name")
    down = page.get_by_role("button", name="Move down: CRM")
    down.press("ArrowDown")
    expect(items).to_have_text(["Fjord Norge Shop", "CRM", "Lager DK Shop"])
    expect(page.locator("[data-ranking-news]")).to_have_text("CRM is number 2 of 3 now.")
    expect(down).to_be_focused()
    down.press("End")
    expect(items).to_have_text(["Fjord Norge Shop", "Lager DK Shop", "CRM"])
    expect(down).to_have_attribute("aria-disabled", "true")
    page.locator(".ranking-item", has_text="Lager DK").locator("[data-grip]").drag_to(items.first)
    page.get_by_role("button", name="Move up: CRM").click()
    expect(items).to_have_text(["Lager DK Shop", "CRM", "Fjord Norge Shop"])
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_text("The sync priority has been changed.")).to_be_visible()
    assert order_now() == [second, None, first]


def test_dragging_is_given_up_with_escape(sign_in: SignIn, shop: Shop) -> None:
    page = sign_in()
    page.goto("/sync")
    open_dialog(page, "#connections-priority")
    items = page.locator(".ranking-item .ranking-name")
    page.locator(".ranking-item", has_text="Lager DK").locator("[data-grip]").hover()
    page.mouse.down()
    items.first.hover()
    expect(items.first).to_have_text("Lager DK Shop")
    page.keyboard.press("Escape")
    expect(items).to_have_text(["CRM", "Fjord Norge Shop", "Lager DK Shop"])
    expect(page.get_by_role("dialog")).to_be_visible()
    page.mouse.up()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390)])
def test_a_resync_is_tried_out_and_started(scheme: str, width: int, sign_in: SignIn, shop: Shop) -> None:
    FieldMapping.objects.update(crm_key="NUMBER1", to_crm=True)
    page = sign_in(scheme=scheme, width=width, bypass_csp=True)
    page.goto("/sync")
    open_dialog(page, "#connections-resync")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Back them up first.")
    dialog.get_by_label("Blanks don't overwrite values").check()
    dialog.get_by_role("button", name="Preview").click()
    expect(dialog).to_contain_text("1 value would change.")
    expect(dialog.get_by_role("row", name="Orkdal Eldresenter")).to_contain_text("150000")
    expect(dialog.get_by_label("Blanks don't overwrite values")).to_be_checked()
    assert_finished(page)
    dialog.get_by_role("button", name="Resync from ERP connection").click()
    expect(page.get_by_role("progressbar", name="Resync from Fjord Norge")).to_be_visible()
    assert Job.objects.get().params["keep_blanks"] is True


def test_deleted_ones_are_restored(sign_in: SignIn, shop: Shop) -> None:
    second = connection("Lager DK")
    Connection.objects.filter(pk=second.pk).update(active=False)
    page = sign_in()
    page.goto(f"/sync?connection={second.pk}")
    open_dialog(page, "#connections-delete")
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("“Lager DK” has been deleted.")).to_be_visible()
    expect(page.locator(f"#connection-{second.pk}")).to_have_count(0)
    show = page.locator("#connections-deleted")
    show.press("Space")
    expect(show).to_be_checked()
    expect(show).to_be_focused()
    page.locator(f"#connection-{second.pk}").click()
    page.locator("#connections-restore").click()
    expect(page.get_by_text("“Lager DK” is back.")).to_be_visible()


def test_the_tab_works_without_a_script(browser: Browser, live_server: object, shop: Shop) -> None:
    create_user("without", PASSWORD, administrator=True, licences=["erp-sync"])
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)  # type: ignore[attr-defined]
    page = context.new_page()
    page.goto("/login")
    page.fill("[name=username]", "without")
    page.fill("[name=password]", PASSWORD)
    page.click("button.primary")
    page.goto("/sync")
    page.get_by_role("link", name="Lager DK").click()
    expect(page.locator("#selected-title")).to_have_text("Lager DK")
    page.locator("#connections-deleted").click()
    expect(page.locator("#connections-deleted")).to_be_checked()
    expect(page.locator("#selected-title")).to_have_text("Lager DK")
    page.locator("#connections-test").click()
    expect(page.get_by_text("“Lager DK” does not work.")).to_be_visible()
    page.goto("/sync/priority")
    assert "Move up: Lager DK" in page.content()
    context.close()
