"""The log, its runs and plans in a real browser: readable, asked why, set back by keyboard (behaviour A15, G2, G3)."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect
from tests.e2e.conftest import Shop, SignIn, answer_late
from tests.e2e.log_scene import flaws, listen, only_memory, past_runs
from tests.erp.scenes import company
from tests.web.synced import CUSTOMER, synced

from brygga.erp.services.sync import sync_now

pytestmark = pytest.mark.e2e

BLANK = 4000
"""A picture with fewer characters than this has nothing drawn in it."""


def pages(run: int, record: int) -> list[str]:
    """The address of every page of this area."""
    return [
        "/sync/log", "/sync/log?run=4711", "/sync/log?since=x", "/sync/runs", f"/sync/runs/{run}", "/sync/plans",
        f"/companies/{record}/history", "/sync/runs/figures",
    ]  # fmt: skip


@pytest.mark.parametrize(("scheme", "width"), [("light", 390), ("dark", 1440), ("light", 1440), ("dark", 390)])
def test_log_runs_and_plans_are_accessible_and_fit(scheme: str, width: int, sign_in: SignIn, shop: Shop) -> None:
    with only_memory() as erp:
        run = synced(erp)
        past_runs()
        erp.put(CUSTOMER, "2", CITY="Kiruna")
        sync_now(None, by="test")
        page = sign_in(scheme=scheme, width=width, bypass_csp=True)
        found = {}
        for address in pages(run, company("Skog").id):
            page.goto(address)
            found[address] = flaws(page)
        for summary in page.locator(".plot summary").all():
            summary.click()
        found["tables of the plots"] = flaws(page)
        page.goto(f"/sync/log?run={run}")
        page.get_by_role("link", name="Why?").first.click()
        expect(page.get_by_role("dialog")).to_be_visible()
        found["why"] = flaws(page)
        page.get_by_role("link", name="How the field stands now").click()
        expect(page.get_by_role("dialog")).to_contain_text("Latest changes")
        found["why a field"] = flaws(page)
        page.goto(f"/sync/runs/{run}")
        page.get_by_role("button", name="Undo this run").click()
        expect(page.get_by_role("button", name="Apply 2 changes")).to_be_visible()
        found["plan"] = flaws(page)
        page.get_by_role("button", name="Apply 2 changes").click()
        expect(page.get_by_text("2 changes were made.")).to_be_visible()
        found["applied plan"] = flaws(page)
    assert {where: problems for where, problems in found.items() if problems} == {}


def test_a_row_is_explained_and_set_back_by_keyboard(sign_in: SignIn, shop: Shop) -> None:
    with only_memory() as erp:
        run = synced(erp)
        page = sign_in()
        said = listen(page)
        page.goto(f"/sync/log?run={run}&field=company:POSTALCITY&record=Skog")
        why = page.get_by_role("link", name="Why? Skog, City (postal)")
        why.press("Enter")
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("Only the ERP changed; its value goes to the CRM.")
        page.keyboard.press("Escape")
        expect(dialog).not_to_be_visible()
        expect(why).to_be_focused()
        page.get_by_role("button", name="Undo Skog, City (postal)").press("Enter")
        page.wait_for_url("**/sync/plans/*")
        choice = page.get_by_role("checkbox", name="Skog, City (postal)")
        choice.press("Space")
        expect(page.locator("#plan-said")).to_contain_text("Nothing is chosen to be changed.")
        expect(choice).to_be_focused()
        choice.press("Space")
        expect(page.locator("#plan-said")).to_contain_text("1 value is to be changed.")
        page.get_by_role("button", name="Apply 1 change").press("Enter")
        expect(page.get_by_text("1 change was made.")).to_be_visible()
        assert company("Skog").fields["POSTALCITY"] == "Umeå"
        assert said == []


def test_what_was_asked_for_in_a_dialog_closed_since_does_not_open_it(sign_in: SignIn, shop: Shop) -> None:
    with only_memory() as erp:
        run = synced(erp)
        page = sign_in()
        page.goto(f"/sync/log?run={run}")
        page.get_by_role("link", name="Why?").first.press("Enter")
        held: list[Route] = []
        page.route("**/why/**", lambda route: held.append(route))
        with page.expect_request("**/why/**"):
            page.get_by_role("link", name="How the field stands now").press("Enter")
        page.keyboard.press("Escape")
        answer_late(page, held)
        expect(page.get_by_role("dialog")).to_be_hidden()


def painted(page: Page) -> list[bool]:
    """Whether something is drawn in each plot."""
    pictures = [canvas.evaluate("canvas => canvas.toDataURL()") for canvas in page.locator("canvas").all()]
    return [len(picture) > BLANK for picture in pictures]


def test_plots_are_drawn_from_their_tables(sign_in: SignIn, shop: Shop) -> None:
    with only_memory():
        past_runs()
        page = sign_in()
        said = listen(page)
        page.goto("/sync/runs")
        expect(page.locator("canvas")).to_have_count(2)
        assert painted(page) == [True, True]
        expect(page.locator("#figures-changes tbody tr")).to_have_count(7)
        page.get_by_role("link", name="30 days").press("Enter")
        expect(page.locator("#figures-changes tbody tr")).to_have_count(30)
        assert painted(page) == [True, True]
        expect(page.get_by_role("link", name="30 days")).to_be_focused()
        page.emulate_media(color_scheme="dark")
        assert painted(page) == [True, True]
        assert said == []
