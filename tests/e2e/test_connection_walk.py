"""In a browser: define an ERP connection and configure it, by mouse and by keyboard (behaviour A4 to A6)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, Route, expect
from tests.e2e.conftest import Shop, SignIn, violations
from tests.web.config_erp import ConfigErp

from brygga.crm.models import UserGroup
from brygga.erp import connectors
from brygga.erp.connectors import stored_values
from brygga.erp.models import Connection
from brygga.erp.models import Connector as ConnectorRow

pytestmark = pytest.mark.e2e

UNTESTED = "Test the ERP connection with these values first."


@pytest.fixture
def asking(shop: Shop) -> Iterator[ConfigErp]:
    """A connector that asks for fields of every type, beside that of the shop; and a group."""
    UserGroup.objects.create(name="Sales")
    with connectors.use("asking", ConfigErp()) as connector:
        ConnectorRow.objects.create(name="Harbour books", url="plugin://asking")
        yield connector


def is_fine(page: Page) -> None:
    """What is on the screen is accessible and no wider than the window."""
    assert violations(page) == []
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    inside = "[...document.querySelectorAll('dialog[open]')].every(dialog => dialog.scrollWidth <= dialog.clientWidth)"
    assert page.evaluate(inside)


def open_dialog(page: Page) -> Locator:
    """Open the dialog for a new connection from the Sync tab, with the keyboard."""
    page.goto("/sync")
    page.locator("#connections-add").press("Enter")
    dialog = page.get_by_role("dialog", name="Define new ERP connection")
    expect(dialog.get_by_role("textbox", name="Name", exact=True)).to_be_focused()
    return dialog


def fill(dialog: Locator, server: str) -> None:
    """Name the connection, choose the connector, and fill in what must be there."""
    dialog.get_by_role("textbox", name="Name", exact=True).fill("Harbour")
    dialog.get_by_label("ERP Sync Connector").select_option("Harbour books")
    dialog.get_by_role("textbox", name="Server").fill(server)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_defining_a_connection(scheme: str, width: int, sign_in: SignIn, asking: ConfigErp) -> None:
    page = sign_in(scheme=scheme, width=width, bypass_csp=True)
    dialog = open_dialog(page)
    ok = dialog.get_by_role("button", name="OK")
    expect(ok).to_be_disabled()
    expect(dialog).to_contain_text("Enter a name.")
    is_fine(page)
    fill(dialog, "nowhere")
    expect(dialog).to_contain_text(UNTESTED)
    expect(dialog.locator("[data-reason-hover]")).to_have_attribute("title", UNTESTED)
    dialog.get_by_label("Password").fill("hemlig")
    dialog.get_by_role("textbox", name="Server").press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("<b>No such server</b>, •••.")
    expect(ok).to_be_disabled()
    is_fine(page)
    dialog.get_by_role("textbox", name="Server").fill("erp.local")
    expect(dialog.get_by_role("alert").first).to_be_hidden()
    dialog.get_by_role("button", name="Test ERP connection").click()
    expect(dialog.get_by_text("The test has passed.")).to_be_visible()
    expect(ok).to_be_enabled()
    dialog.get_by_label("Port").fill("9090")
    expect(ok).to_be_disabled()
    dialog.get_by_label("Port").fill("8080")
    expect(ok).to_be_enabled()
    is_fine(page)
    ok.dblclick()
    expect(page.get_by_role("status").filter(has_text="Harbour has been saved.")).to_be_visible()
    made = Connection.objects.get(connector__name="Harbour books")
    assert (stored_values(made)["Password"], stored_values(made)["Port"]) == ("hemlig", "[I:8080]")


@pytest.mark.parametrize("width", [1440, 390])
def test_choosing_who_may_use_it(width: int, sign_in: SignIn, asking: ConfigErp) -> None:
    page = sign_in(width=width, bypass_csp=True)
    dialog = open_dialog(page)
    fill(dialog, "erp.local")
    link = dialog.get_by_role("button", name="No users or groups are selected")
    expect(link).to_be_hidden()
    dialog.get_by_label("Specific users and groups").check()
    link.press("Enter")
    people = page.get_by_role("dialog", name="Select users and groups")
    expect(people.get_by_label("Find user or group")).to_be_focused()
    people.get_by_label("Find user or group").fill("sal")
    expect(people.get_by_role("checkbox", name="eva-en-0", exact=True)).to_be_hidden()
    people.get_by_role("checkbox", name="Sales", exact=True).check()
    people.get_by_role("checkbox", name="Sales may create in ERP").uncheck()
    is_fine(page)
    page.keyboard.press("Escape")
    expect(people).to_be_hidden()
    expect(dialog.get_by_role("button", name="Sales", exact=True)).to_be_focused()
    dialog.get_by_role("button", name="Test ERP connection").click()
    dialog.get_by_role("button", name="OK").click()
    expect(page.get_by_role("status").filter(has_text="Harbour has been saved.")).to_be_visible()
    row = Connection.objects.get(connector__name="Harbour books").access.get()
    assert row.group is not None
    assert (row.group.name, row.may_connect, row.may_create) == ("Sales", True, False)


def test_a_connector_or_a_server_that_does_not_answer_takes_nothing_away(sign_in: SignIn, asking: ConfigErp) -> None:
    page = sign_in()
    dialog = open_dialog(page)
    asking.closed = True
    fill_name = dialog.get_by_role("textbox", name="Name", exact=True)
    fill_name.fill("Harbour")
    dialog.get_by_label("ERP Sync Connector").select_option("Harbour books")
    expect(dialog.get_by_role("alert").first).to_contain_text("Closed for the night.")
    asking.closed = False
    dialog.get_by_role("button", name="Try again").click()
    dialog.get_by_role("textbox", name="Server").fill("erp.local")
    expect(fill_name).to_have_value("Harbour")
    page.route("**/connections/define", lambda route: route.fulfill(status=500))
    dialog.get_by_role("button", name="Test ERP connection").click()
    expect(dialog.get_by_text("The server did not answer.")).to_be_visible()
    expect(dialog.get_by_role("textbox", name="Server")).to_have_value("erp.local")
    page.unroute("**/connections/define")
    dialog.get_by_role("button", name="Test ERP connection").click()
    expect(dialog.get_by_text("The test has passed.")).to_be_visible()


def test_a_test_of_values_that_were_changed_meanwhile_does_not_count(sign_in: SignIn, asking: ConfigErp) -> None:
    page = sign_in()
    dialog = open_dialog(page)
    fill(dialog, "erp.local")
    held: list[Route] = []
    page.route("**/connections/define", lambda route: held.append(route))
    with page.expect_response("**/connections/define"):
        with page.expect_request("**/connections/define"):
            dialog.get_by_role("button", name="Test ERP connection").click()
        dialog.get_by_label("Port").fill("9090")
        held[0].continue_()
    page.unroute("**/connections/define")
    expect(dialog.get_by_label("Port")).to_have_value("9090")
    expect(dialog.get_by_text("The test has passed.")).to_have_count(0)
    expect(dialog.get_by_role("button", name="OK")).to_be_disabled()
    dialog.get_by_role("button", name="Test ERP connection").click()
    expect(dialog.get_by_role("button", name="OK")).to_be_enabled()
    assert asking.tried[-1]["Port"] == "[I:9090]"


def test_configuring_by_keyboard_alone(sign_in: SignIn, asking: ConfigErp) -> None:
    page = sign_in()
    dialog = open_dialog(page)
    fill(dialog, "erp.local")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("button", name="OK")).to_be_enabled()
    dialog.get_by_role("textbox", name="Server").press("Enter")
    expect(page.get_by_role("status").filter(has_text="Harbour has been saved.")).to_be_visible()
    page.locator("#connections-configure").press("Enter")
    dialog = page.get_by_role("dialog", name="Configure ERP connection: Harbour")
    expect(dialog.get_by_role("textbox", name="Name", exact=True)).to_be_focused()
    expect(dialog.get_by_role("button", name="OK")).to_be_enabled()
    dialog.get_by_role("textbox", name="Server").fill("other")
    expect(dialog.get_by_role("button", name="OK")).to_be_disabled()
    dialog.get_by_role("textbox", name="Server").fill("erp.local")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Harbour has been saved.")).to_be_visible()


def test_an_active_connection_says_why_its_fields_are_locked(sign_in: SignIn, asking: ConfigErp) -> None:
    connector = ConnectorRow.objects.get(name="Harbour books")
    connection = Connection.objects.create(connector=connector, names={"en": "Harbour"}, active=True)
    page = sign_in(bypass_csp=True)
    page.goto(f"/sync/connections/{connection.pk}/configure")
    dialog = page.get_by_role("dialog", name="Configure ERP connection: Harbour")
    expect(dialog.get_by_role("textbox", name="Server")).to_be_disabled()
    expect(dialog).to_contain_text("Deactivate it to change its configuration")
    is_fine(page)
    dialog.get_by_role("textbox", name="Name", exact=True).fill("Port")
    dialog.get_by_role("button", name="OK").click()
    expect(page.get_by_role("status").filter(has_text="Port has been saved.")).to_be_visible()


def test_it_works_without_a_script(sign_in: SignIn, asking: ConfigErp) -> None:
    signed_in = sign_in()
    context = signed_in.context.browser.new_context(  # type: ignore[union-attr]
        java_script_enabled=False, base_url=signed_in.url.split("/companies")[0]
    )
    context.add_cookies(signed_in.context.cookies())  # type: ignore[arg-type]
    page = context.new_page()
    page.goto("/sync/connections/define")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Name", exact=True).fill("Harbour")
    dialog.get_by_label("ERP Sync Connector").select_option("Harbour books")
    dialog.get_by_role("button", name="Show fields").click()
    dialog.get_by_role("textbox", name="Server").fill("erp.local")
    dialog.get_by_label("Password").fill("hemlig")
    dialog.get_by_role("button", name="Test ERP connection").click()
    dialog.get_by_role("button", name="OK").click()
    expect(page.get_by_role("status").filter(has_text="Harbour has been saved.")).to_be_visible()
    made = Connection.objects.get(connector__name="Harbour books")
    assert stored_values(made)["Password"] == "hemlig"
    context.close()
