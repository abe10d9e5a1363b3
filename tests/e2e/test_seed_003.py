"""Connecting to the ERP as the German help page tells it, step by step with its words: customer and supplier."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect
from tests.e2e.conftest import SignIn
from tests.e2e.seed_scene import Scene, Words, choose, connect, find, save, scene

from brygga.crm.fields import RecordType
from brygga.crm.services.records import get_record

pytestmark = pytest.mark.e2e
WORDS = Words(
    tab="ERP",
    edit="Bearbeiten",
    connect_to_erp="Mit ERP verbinden",
    search_field="ERP durchsuchen",
    search="Suchen",
    connect="Verbinden",
    save="Speichern",
    cancel="Abbrechen",
    sync="Jetzt synchronisieren",
)


@pytest.fixture(params=["workbook", "soap"])
def office(request: pytest.FixtureRequest, transactional_db: None, tmp_path: Path) -> Iterator[Scene]:
    with scene(tmp_path, request.param) as made:
        yield made


def test_a_company_is_connected_to_a_customer_and_synced(sign_in: SignIn, office: Scene) -> None:
    page = sign_in("de")
    page.goto(f"/companies/{office.company.id}")
    dialog = find(page, WORDS, "Kunde", "")
    expect(dialog.get_by_role("table", name="Suchergebnisse").get_by_role("radio")).to_have_count(3)
    dialog = choose(page, WORDS, "Kvarnen Bygg AB")
    expect(dialog.get_by_role("heading")).to_contain_text("Richtige Werte auswählen")
    dialog.get_by_role("button", name="Alles aus CRM markieren").click()
    dialog.get_by_role("radiogroup", name="Name").get_by_label("Kvarnen Bygg AB").check()
    connect(page, WORDS)
    section = save(page, WORDS)
    expect(section).to_contain_text("Verbunden: Kunde 10017")
    assert get_record(RecordType.COMPANY, office.company.id).fields["NAME"] == "Kvarnen Bygg AB"
    assert office.cell("Customer", 10017, "Street") == "Ågatan 12"
    section.get_by_role("button", name=WORDS.sync).click()
    expect(section.get_by_role("status")).to_be_visible()


def test_one_actor_for_a_company_customer_or_supplier(sign_in: SignIn, office: Scene) -> None:
    page = sign_in("de")
    page.goto(f"/companies/{office.company.id}")
    find(page, WORDS, "Lieferant", "")
    choose(page, WORDS, "Leveransen")
    connect(page, WORDS)
    section = page.get_by_role("region", name="Kontor")
    expect(section.get_by_role("link", name="Kunde Kontor")).to_have_count(0)
    expect(save(page, WORDS)).to_contain_text("Verbunden: Lieferant 7")
