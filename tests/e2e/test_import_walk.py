"""In a browser: customers of a workbook are searched for, chosen, previewed, imported, the import undone (I1 to I4)."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Locator, Page, expect
from tests.e2e.conftest import Shop, SignIn, violations
from tests.e2e.import_scene import import_scene

from brygga.crm.fields import RecordType
from brygga.crm.models import Company
from brygga.crm.services.records import get_record
from brygga.erp.models import JobState, Link
from brygga.erp.services import resting
from brygga.jobs.runner import Runner

pytestmark = pytest.mark.e2e


def is_fine(page: Page) -> None:
    """What is on the screen is accessible and no wider than the window."""
    page.wait_for_load_state("networkidle")
    assert violations(page) == []
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


def button(page: Page, name: str) -> Locator:
    """A button by its exact words."""
    return page.get_by_role("button", name=name, exact=True)


def run_job() -> None:
    """Work the job off that the browser waits for."""
    job = Runner().run_next()
    assert job is not None
    assert job.state == JobState.DONE, job.problem


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390)])
def test_customers_are_imported_and_the_import_undone(
    scheme: str, width: int, sign_in: SignIn, shop: Shop, tmp_path: Path
) -> None:
    connection, known = import_scene(tmp_path)
    before = Company.objects.filter(deleted=False).count()
    page = sign_in(scheme=scheme, width=width, bypass_csp=True)

    # The source, with automatic sync turned off on the spot
    page.goto(f"/import?connection={connection.pk}")
    is_fine(page)
    expect(page.get_by_role("radio", name="Customer")).to_be_checked()
    page.get_by_role("button", name="Next").press("Enter")
    button(page, "Turn automatic sync off and go on").press("Enter")
    expect(page.get_by_text("Automatic sync of Harbour ERP is off")).to_be_visible()
    assert not resting.is_automatic(connection)

    # Criteria by keyboard: another line takes the focus, a list has a chooser
    page.get_by_label("Value").fill("a")
    page.get_by_role("button", name="Add criterion").press("Enter")
    expect(page.locator("#criterion-2-field")).to_be_focused()
    page.select_option("#criterion-2-field", label="Customer group")
    expect(page.locator("#criterion-2-operator")).to_have_value("oneof")
    page.locator("#criterion-2-value-0").press("Enter")
    page.get_by_role("checkbox", name="Retail").check()
    page.get_by_role("checkbox", name="Prospect").check()
    is_fine(page)
    page.keyboard.press("Escape")
    expect(page.locator("#criterion-2-value-0")).to_be_focused()
    expect(page.locator("#criterion-2-value-0")).to_contain_text("Retail, Prospect")
    button(page, "Search").press("Enter")
    results = page.get_by_role("table", name="Search results")
    expect(results).to_be_visible()
    expect(page.locator("#criterion-2-value-0")).to_contain_text("Retail, Prospect")
    is_fine(page)
    results.locator("tbody").get_by_role("checkbox").first.check()
    button(page, "Add Import").click()
    expect(page.get_by_text("1 record was added.")).to_be_visible()
    page.get_by_role("button", name="Clear all").press("Enter")
    expect(page.get_by_text("Without criteria, all are found.")).to_be_visible()
    button(page, "Search").click()
    page.get_by_role("button", name="Add all").click()
    page.get_by_role("link", name="To be imported").click()
    expect(page.get_by_role("table", name="To be imported")).to_be_visible()
    is_fine(page)
    discard = page.get_by_role("button", name="Discard this import")
    discard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("is forgotten")
    is_fine(page)
    page.keyboard.press("Escape")
    expect(discard).to_be_focused()
    page.get_by_role("link", name="Next", exact=True).last.click()

    # Settings and preview
    page.get_by_role("radio", name="Name", exact=True).check()
    page.get_by_role("radio", name="Merge - update empty fields").check()
    page.get_by_role("radio", name="Add to the CRM list").check()
    is_fine(page)
    button(page, "Preview import").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    is_fine(page)
    run_job()
    expect(page.locator(".note", has_text="These list items are added")).to_contain_text("Prospect")
    page.get_by_role("link", name="Changed 1").click()
    changed = page.get_by_role("table", name="Preview import").get_by_role("row").nth(1)
    expect(changed).to_contain_text(get_record(RecordType.COMPANY, known.id).name)
    is_fine(page)
    page.get_by_role("link", name="New").click()
    go = page.locator("#import-run")
    total = int(go.inner_text().split()[1])
    left_out = page.get_by_role("table", name="Preview import").get_by_role("checkbox").first
    left_out.uncheck()
    expect(go).to_have_text(f"Import {total - 1} records")
    expect(left_out).to_be_focused()
    is_fine(page)

    # The import and what came of it
    go.click()
    run_job()
    expect(page.get_by_text("The import is complete.")).to_be_visible()
    is_fine(page)
    made = Company.objects.filter(deleted=False).count() - before
    assert Link.objects.filter(connection=connection).count() == made + 1 == total - 1
    assert get_record(RecordType.COMPANY, known.id).fields["POSTALCITY"]
    assert resting.is_automatic(connection)
    page.get_by_role("link", name=str(made)).click()
    expect(page.get_by_role("table", name="New records")).to_be_visible()
    is_fine(page)

    # Undone, from its preview
    page.go_back()
    page.get_by_role("button", name="Undo the import").click()
    page.get_by_role("button", name="Apply").click()
    page.wait_for_load_state("networkidle")
    Runner().run_next()
    assert Company.objects.filter(deleted=False).count() == before
    assert get_record(RecordType.COMPANY, known.id).fields["POSTALCITY"] is None


def test_a_workbook_that_is_gone_is_told_and_the_search_can_be_made_again(
    sign_in: SignIn, shop: Shop, tmp_path: Path
) -> None:
    connection, _known = import_scene(tmp_path)
    page = sign_in()
    page.goto(f"/import?connection={connection.pk}")
    page.get_by_role("button", name="Next").click()
    button(page, "Turn automatic sync off and go on").click()
    workbook = tmp_path / "erp.xlsx"
    kept = workbook.rename(tmp_path / "kept.xlsx")
    button(page, "Clear all").click()
    expect(page.get_by_text("Without criteria, all are found.")).to_be_visible()
    button(page, "Search").click()
    expect(page.get_by_role("alert")).to_contain_text("erp.xlsx")
    kept.rename(workbook)
    book = openpyxl.load_workbook(workbook)
    customers = book["Customer"].max_row - 1
    button(page, "Search").click()
    expect(page.get_by_role("button", name=f"Add all {customers}")).to_be_visible()
