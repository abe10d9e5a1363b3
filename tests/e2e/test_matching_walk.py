"""In a browser: what is linked on neither side is compared, chosen from, planned, connected, and undone (G5)."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from tests.e2e.conftest import Shop, SignIn, violations
from tests.erp.matched import add_company, run_job, unlinked_sides

from brygga.erp.models import Link

pytestmark = pytest.mark.e2e


def is_fine(page: Page) -> None:
    """What is on the screen is accessible and no wider than the window."""
    page.wait_for_load_state("networkidle")
    assert violations(page) == []
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390)])
def test_records_are_matched_and_the_match_undone(scheme: str, width: int, sign_in: SignIn, shop: Shop) -> None:
    with unlinked_sides("Harbour") as (erp, connection):
        add_company("Bakeriet Sol")
        page = sign_in(scheme=scheme, width=width, bypass_csp=True)
        page.goto(f"/sync?connection={connection.pk}")
        page.get_by_role("link", name="Match records").click()

        # Compared by a job, whose progress is seen
        expect(page.get_by_text("These records have not been compared yet.")).to_be_visible()
        is_fine(page)
        page.get_by_role("button", name="Compare").press("Enter")
        expect(page.get_by_role("progressbar")).to_be_visible()
        is_fine(page)
        run_job()

        # The clear ones: all from a likeness on, one of them given up by hand
        pairs = page.get_by_role("table", name="Clear")
        expect(pairs).to_contain_text("VAT number, Name")
        page.get_by_label("Likeness from").fill("70")
        page.get_by_role("button", name="Accept all clear ones").press("Enter")
        expect(page.get_by_role("button", name="Look at the plan for 2 pairs")).to_be_enabled()
        page.get_by_role("radio", name="Take the ERP's value").check()
        box = page.get_by_role("checkbox", name="Bakeriet Sol, Bakeriet Sol")
        box.press("Space")
        expect(page.get_by_role("button", name="Look at the plan for 1 pair")).to_be_enabled()
        expect(box).to_be_focused()
        expect(page.get_by_label("Likeness from")).to_have_value("70")
        expect(page.get_by_role("radio", name="Take the ERP's value")).to_be_checked()
        is_fine(page)

        # One of several
        page.get_by_role("link", name="Ambiguous 1").click()
        record = page.get_by_role("group", name="Havn Handel")
        record.get_by_role("radio", name="Havn Handel AS").check()
        expect(page.get_by_role("button", name="Look at the plan for 2 pairs")).to_be_enabled()
        is_fine(page)
        page.get_by_role("link", name="No match").click()
        is_fine(page)

        # The plan, carried out
        page.get_by_role("radio", name="Take the CRM's value").check()
        page.get_by_role("button", name="Look at the plan for 2 pairs").press("Enter")
        expect(page.get_by_role("progressbar")).to_be_visible()
        run_job()
        expect(page.get_by_role("heading", name="Match records, plan")).to_be_visible()
        is_fine(page)
        page.get_by_role("button", name="Apply").press("Enter")
        expect(page.get_by_text("Applied", exact=True)).to_be_visible()
        assert set(Link.objects.filter(connection=connection).values_list("erp_key", flat=True)) == {"1", "3"}
        assert erp.value("1", "CITY") == "Florø"

        # The links, exported and imported again; one line is refused
        page.goto(f"/sync/connections/{connection.pk}/match")
        is_fine(page)
        with page.expect_download() as download:
            page.get_by_role("link", name="Export links").click()
        text = download.value.path().read_text(encoding="utf-8") + "Harbour,company,99999,,Customer,5\n"
        page.get_by_role("link", name="Import links").press("Enter")
        page.get_by_label("File").set_input_files({"name": "l.csv", "mimeType": "text/csv", "buffer": text.encode()})
        is_fine(page)
        page.get_by_role("dialog").get_by_role("button", name="Import").press("Enter")
        expect(page.get_by_text("Line 4: Record 99999 does not exist.")).to_be_visible()
        expect(page.get_by_text("2 were there already.")).to_be_visible()
        is_fine(page)
        page.get_by_role("dialog").get_by_role("link", name="Close", exact=True).last.press("Enter")

        # Undone
        undo = page.get_by_role("link", name="Undo")
        undo.press("Enter")
        expect(page.get_by_role("dialog")).to_contain_text("2 records are disconnected.")
        is_fine(page)
        page.keyboard.press("Escape")
        expect(undo).to_be_focused()
        undo.press("Enter")
        page.get_by_role("dialog").get_by_role("button", name="Undo", exact=True).press("Enter")
        expect(page.get_by_text("The match is being undone.")).to_be_visible()
        run_job()
        assert not Link.objects.filter(connection=connection).exists()
        assert erp.value("1", "CITY") == "Bergen"
