"""Connecting to the ERP as the Swedish help page tells it, step by step with its words: company, contact, project."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tests.e2e.conftest import SignIn
from tests.e2e.seed_scene import Scene, Words, choose, connect, find, save, scene, search

from brygga.crm.fields import RecordType
from brygga.crm.services.records import get_record
from brygga.erp.models import Link

pytestmark = pytest.mark.e2e
WORDS = Words(
    tab="ERP",
    edit="Redigera",
    connect_to_erp="Koppla till ERP",
    search_field="Sök i ERP",
    search="Sök",
    connect="Koppla",
    save="Spara",
    cancel="Avbryt",
    sync="Synkronisera allt nu",
)


@pytest.fixture(params=["workbook", "soap"])
def office(request: pytest.FixtureRequest, transactional_db: None, tmp_path: Path) -> Iterator[Scene]:
    with scene(tmp_path, request.param) as made:
        yield made


def test_a_company_is_connected_to_a_customer(sign_in: SignIn, office: Scene) -> None:
    page = sign_in("sv")
    page.goto(f"/companies/{office.company.id}")
    dialog = find(page, WORDS, "Kund", "")
    rows = dialog.get_by_role("table").get_by_role("radio")
    expect(rows).to_have_count(3)  # an empty search shows all
    expect(rows.first).to_have_accessible_name("Kvarnen Bygg AB")
    search(dialog, WORDS, "kvarnen")
    expect(rows).to_have_count(2)
    dialog = choose(page, WORDS, "Kvarnen Bygg AB")
    street = dialog.get_by_role("radiogroup", name="Postadress 1")
    street.get_by_label("Ågatan 14").check()
    dialog.get_by_role("radiogroup", name="Namn").get_by_label("Kvarnen Bygg", exact=True).check()
    connect(page, WORDS)
    section = page.get_by_role("region", name="Kontor")
    expect(section).to_contain_text("Ågatan 12 → Ågatan 14")
    assert not Link.objects.filter(connection__connector__name="Bok").exists()
    section = save(page, WORDS)
    expect(section).to_contain_text("Kopplad Kund 10017")
    expect(section).to_contain_text("Malmö")
    expect(section).to_contain_text("150\xa0000,5")
    assert get_record(RecordType.COMPANY, office.company.id).fields["POSTALAD1"] == "Ågatan 14"
    assert office.cell("Customer", 10017, "Name") == "Kvarnen Bygg"
    page.get_by_role("button", name=WORDS.sync, exact=True).click()
    expect(section.get_by_role("status")).to_be_visible()
    contact_and_project(page, office)


def contact_and_project(page: Page, office: Scene) -> None:
    """Its contact is found within the customer alone, and a project among all projects."""
    page.goto(f"/contacts/{office.contact.id}")
    dialog = find(page, WORDS, "Kontakt", "")
    expect(dialog.get_by_role("table").get_by_role("radio")).to_have_count(1)
    choose(page, WORDS, "Kari")
    connect(page, WORDS)
    expect(save(page, WORDS)).to_contain_text("Kopplad Kontakt 1")
    assert get_record(RecordType.CONTACT, office.contact.id).fields["EMAIL"] == "kari@kvarnen.example"

    page.goto(f"/projects/{office.project.id}")
    find(page, WORDS, "Projekt", "lager")
    choose(page, WORDS, "Nytt lager")
    connect(page, WORDS)
    expect(save(page, WORDS)).to_contain_text("P-5")


def test_cancel_leaves_no_link_and_no_write(sign_in: SignIn, office: Scene) -> None:
    before = office.workbook.read_bytes()
    page = sign_in("sv")
    page.goto(f"/companies/{office.company.id}")
    find(page, WORDS, "Kund", "kvarnen")
    choose(page, WORDS, "Kvarnen Bygg AB")
    connect(page, WORDS)
    page.get_by_role("button", name=WORDS.cancel, exact=True).click()
    page.wait_for_url("**/erp")
    expect(page.get_by_role("region", name="Kontor")).to_contain_text("Inte kopplad")
    assert not Link.objects.filter(connection__connector__name="Bok").exists()
    assert office.workbook.read_bytes() == before
    assert get_record(RecordType.COMPANY, office.company.id).version == 1
