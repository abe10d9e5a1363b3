"""The Danish page “Tilføj en Sync Connector og ERP-forbindelse”, step by step, with its words on screen."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect
from tests.e2e.conftest import Shop, SignIn
from tests.e2e.connection_scene import copy_folder, field, names_in, open_tab, press_below

from brygga.crm.models import UserGroup
from brygga.erp.models import Connection

pytestmark = pytest.mark.e2e


def test_adding_a_sync_connector_and_an_erp_link(sign_in: SignIn, shop: Shop, home: Path) -> None:
    UserGroup.objects.create(name="Salg")
    path = copy_folder(home)
    page = sign_in(language="da")

    # 1. Sync-appen er installeret: csv følger med. 2. Tilbud/Sync i navigatoren, fanen Sync
    open_tab(page, "Tilbud/Sync", "Sync")

    # Tilføj under Sync Connectors-listen: navn og connector-URL
    press_below(page, "Tilføj", "Sync Connectors")
    dialog = page.get_by_role("dialog")
    field(dialog, "Navn").fill("CSV-mappe")
    dialog.get_by_label("Connector-URL").fill("plugin://csv")
    dialog.get_by_role("button", name="OK").click()
    sync_connectors = page.get_by_role("table", name="Sync Connectors")
    expect(sync_connectors.get_by_role("row", name="CSV-mappe")).to_be_visible()
    listed = names_in(sync_connectors, "Navn")

    # 3. Tilføj under ERP-links-listen: dialogboksen Angiv nyt ERP-link
    press_below(page, "Tilføj", "ERP-links")
    dialog = page.get_by_role("dialog", name="Angiv nyt ERP-link")
    ok = dialog.get_by_role("button", name="OK")
    expect(ok).to_be_disabled()
    field(dialog, "Navn").fill("Kontinentet")

    # Vælg den Sync Connector, der skal bruges, fra listen
    connector = dialog.get_by_role("combobox", name="ERP Sync Connector")
    assert sorted(connector.locator("option").all_inner_texts()[1:]) == sorted(listed)
    connector.select_option("CSV-mappe")

    # Synlighed: linket åbner dialogen, hvor adgang vælges
    scope = dialog.get_by_role("radiogroup", name="Synlighed")
    expect(scope.get_by_label("Alle")).to_be_checked()
    scope.get_by_label("Angivne brugere + grupper").check()
    scope.get_by_role("button", name="Ingen brugere eller grupper er valgt").click()
    people = page.get_by_role("dialog", name="Vælg grupper og brugere")
    people.get_by_role("checkbox", name="Salg", exact=True).check()
    people.get_by_role("button", name="Udført").click()

    # Konfigurationsfelterne, og en beskrivelse; OK er nedtonet, fordi et påkrævet felt mangler
    configuration = dialog.get_by_role("group", name="Konfigurationsfelter")
    expect(configuration.get_by_role("textbox", name="Mappe")).to_be_visible()
    expect(dialog.locator("[data-reason]")).to_contain_text("Mappe")
    field(dialog, "Beskrivelse").fill("Kunder på kontinentet")

    # Test ERP-link: en fejl skal rettes, før man kan fortsætte
    configuration.get_by_role("textbox", name="Mappe").fill("forkert")
    dialog.get_by_role("button", name="Test ERP-link").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Mappen »forkert« blev ikke fundet.")
    expect(ok).to_be_disabled()
    configuration.get_by_role("textbox", name="Mappe").fill(path)
    dialog.get_by_role("button", name="Test ERP-link").click()
    expect(dialog.get_by_role("status").filter(has_text="Fandt")).to_be_visible()

    # OK gemmer linket; det vises i listen
    ok.click()
    links = page.get_by_role("table", name="ERP-links")
    expect(links.get_by_role("row", name="Kontinentet")).to_contain_text("Kunder på kontinentet")
    made = Connection.objects.get(connector__name="CSV-mappe")
    assert [one.group.name for one in made.access.all() if one.group] == ["Salg"]
