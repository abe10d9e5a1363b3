"""The walk through the ERP tab in the languages that no help page tells: edit, find, compare, connect, save."""

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

WORDS = {
    "en": Words(
        tab="ERP",
        edit="Edit",
        connect_to_erp="Connect to ERP",
        search_field="Search ERP",
        search="Search",
        connect="Connect",
        save="Save",
        cancel="Cancel",
        sync="Sync all now",
    ),
    "da": Words(
        tab="ERP",
        edit="Rediger",
        connect_to_erp="Tilknyt til ERP",
        search_field="Søg i ERP",
        search="Søg",
        connect="Tilknyt",
        save="Gem",
        cancel="Afbryd",
        sync="Synkroniser alt nu",
    ),
    "nb": Words(
        tab="ERP",
        edit="Rediger",
        connect_to_erp="Knytte til ERP",
        search_field="Søk i ERP",
        search="Søk",
        connect="Tilknytt",
        save="Lagre",
        cancel="Avbryt",
        sync="Synkroniser alt nå",
    ),
    "nl": Words(
        tab="ERP",
        edit="Bewerken",
        connect_to_erp="Verbinden met ERP",
        search_field="Zoeken in ERP",
        search="Zoeken",
        connect="Verbinden",
        save="Opslaan",
        cancel="Annuleren",
        sync="Alles nu synchroniseren",
    ),
}
# The words for customer, name and the second step, and what stands at the connection in the end.
MORE = {
    "en": ("Customer", "Name", "Select correct values", "Connected Customer 10017"),
    "da": ("Kunde", "Navn", "Vælg de rigtige værdier", "Tilknyttet Kunde 10017"),
    "nb": ("Kunde", "Navn", "Velg riktige verdier", "Tilknyttet Kunde 10017"),
    "nl": ("Klant", "Naam", "Juiste waarden selecteren", "Verbonden: Klant 10017"),
}


@pytest.fixture
def office(transactional_db: None, tmp_path: Path) -> Iterator[Scene]:
    with scene(tmp_path, "workbook") as made:
        yield made


@pytest.mark.parametrize("language", sorted(WORDS))
def test_a_company_is_connected_in_the_words_of_the_language(language: str, sign_in: SignIn, office: Scene) -> None:
    words, (customer, name, correct, connected) = WORDS[language], MORE[language]
    page = sign_in(language)
    page.goto(f"/companies/{office.company.id}")
    find(page, words, customer, "kvarnen")
    dialog = choose(page, words, "Kvarnen Bygg AB")
    expect(dialog.get_by_role("heading")).to_contain_text(correct)
    dialog.get_by_role("radiogroup", name=name).get_by_label("Kvarnen Bygg AB").check()
    connect(page, words)
    section = save(page, words)
    expect(section).to_contain_text(connected)
    assert get_record(RecordType.COMPANY, office.company.id).fields["NAME"] == "Kvarnen Bygg AB"
    page.get_by_role("button", name=words.sync, exact=True).click()
    expect(section.get_by_role("status")).to_be_visible()
