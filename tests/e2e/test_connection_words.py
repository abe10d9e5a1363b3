"""Defining an ERP connection in the languages that the published pages are not followed in, with the words of each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import expect
from tests.e2e.conftest import Shop, SignIn
from tests.e2e.connection_scene import copy_workbook, field, open_tab, press_below

from brygga.erp.models import Connection, Connector

pytestmark = pytest.mark.e2e


@dataclass(frozen=True, slots=True)
class Words:
    """What stands on the screen in one language."""

    place: str
    tab: str
    add: str
    connections: str
    define: str
    name: str
    scope: str
    everyone: str
    specific: str
    nobody: str
    configuration: str
    file_name: str
    description: str
    test: str


WORDS = {
    "en": Words(
        "Quote/Sync", "Sync", "Add", "ERP connections", "Define new ERP connection", "Name", "Scope", "Everyone",
        "Specific users and groups", "No users or groups are selected", "Configuration fields", "File name",
        "Description", "Test ERP connection",
    ),
    "de": Words(
        "Angebot/Sync", "Sync", "Hinzufügen", "ERP-Verbindungen", "Neue ERP-Verbindung definieren", "Name", "Umfang",
        "Jeder", "Spezifische Benutzer + Gruppen", "Es sind keine Benutzer oder Benutzergruppen ausgewählt",
        "Konfigurationsfelder", "Dateiname", "Beschreibung", "ERP-Verbindung testen",
    ),
    "nb": Words(
        "Tilbud/Sync", "Sync", "Legg til", "ERP-koblinger", "Angi ny ERP-kobling", "Navn", "Synlighet", "Alle",
        "Angitte brukere + grupper", "Ingen brukere eller grupper er valgt", "Konfigurasjonsfelt", "Filnavn",
        "Beskrivelse", "Test ERP-koblingen",
    ),
    "nl": Words(
        "Offerte/Synchroniseren", "Synchroniseren", "Toevoegen", "ERP-verbindingen",
        "Een nieuwe ERP-verbinding definiëren", "Naam", "Bereik", "Iedereen", "Specifieke gebruikers + groepen",
        "Er zijn geen gebruikers of groepen geselecteerd", "Configuratievelden", "Bestandsnaam", "Beschrijving",
        "ERP-verbinding testen",
    ),
}  # fmt: skip


@pytest.mark.parametrize("language", WORDS)
def test_defining_a_connection_in_the_words_of_a_language(
    language: str, sign_in: SignIn, shop: Shop, home: Path
) -> None:
    words = WORDS[language]
    Connector.objects.create(name="Workbook", url="plugin://workbook")
    page = sign_in(language=language)
    open_tab(page, words.place, words.tab)
    press_below(page, words.add, words.connections)
    dialog = page.get_by_role("dialog", name=words.define)
    field(dialog, words.name).fill("Nordic")
    dialog.get_by_role("combobox", name="ERP Sync Connector").select_option("Workbook")
    scope = dialog.get_by_role("radiogroup", name=words.scope)
    scope.get_by_label(words.specific).check()
    expect(scope.get_by_role("button", name=words.nobody)).to_be_visible()
    scope.get_by_label(words.everyone).check()
    configuration = dialog.get_by_role("group", name=words.configuration)
    field(configuration, words.file_name).fill(copy_workbook(home))
    field(dialog, words.description).fill("Customers")
    dialog.get_by_role("button", name=words.test).click()
    dialog.get_by_role("button", name="OK").click()
    row = page.get_by_role("table", name=words.connections).get_by_role("row", name="Nordic")
    expect(row).to_contain_text("Customers")
    made = Connection.objects.get(connector__name="Workbook")
    assert (made.names, made.descriptions) == ({language: "Nordic"}, {language: "Customers"})
