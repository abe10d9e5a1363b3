"""The Swedish page “Lägga till ERP-koppling”, step by step, with its words on screen."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect
from tests.e2e.conftest import Shop, SignIn
from tests.e2e.connection_scene import copy_workbook, field, is_above, names_in, open_tab, press_below

from brygga.crm.models import User, UserGroup
from brygga.erp.models import ActorMapping, Connection, Connector, FieldMapping

pytestmark = pytest.mark.e2e


def test_adding_an_erp_connection(sign_in: SignIn, shop: Shop, home: Path) -> None:
    Connector.objects.create(name="Arbetsbok", url="plugin://workbook")
    UserGroup.objects.create(name="Innesälj")
    path = copy_workbook(home)
    page = sign_in(language="sv")

    # 1. Fliken Synk i fönstret Offert/Synk
    open_tab(page, "Offert/Synk", "Synk")
    sync_connectors = names_in(page.get_by_role("table", name="Sync Connectors"), "Namn")

    # 2. Lägg till nederst i listan ERP-kopplingar
    press_below(page, "Lägg till", "ERP-kopplingar")
    dialog = page.get_by_role("dialog", name="Ange ny ERP-koppling")
    ok = dialog.get_by_role("button", name="OK")

    # 3. Namn
    field(dialog, "Namn").fill("Affärssystemet")

    # 4. ERP Sync Connector: listan är identisk med Sync Connectors
    connector = dialog.get_by_role("combobox", name="ERP Sync Connector")
    assert sorted(connector.locator("option").all_inner_texts()[1:]) == sorted(sync_connectors)
    connector.select_option("Arbetsbok")

    # 5. Synlighet
    scope = dialog.get_by_role("radiogroup", name="Synlighet")
    expect(scope.get_by_label("Alla")).to_be_checked()
    scope.get_by_label("Angivna användare + grupper").check()
    scope.get_by_role("button", name="Inga användare eller grupper har valts").click()
    people = page.get_by_role("dialog", name="Välj grupper och användare")
    people.get_by_role("checkbox", name="Innesälj", exact=True).check()
    people.get_by_role("checkbox", name="eva-sv-0", exact=True).check()
    people.get_by_role("button", name="Klar").click()
    expect(scope.get_by_role("button", name="Innesälj, eva-sv-0")).to_be_visible()

    # 6. Konfigurationsfält, 7. en beskrivning i fältet nederst
    configuration = dialog.get_by_role("group", name="Konfigurationsfält")
    field(configuration, "Filnamn").fill("fel.xlsx")
    field(dialog, "Beskrivning").fill("Kunder och leverantörer")
    assert is_above(field(configuration, "Filnamn"), field(dialog, "Beskrivning"))
    expect(ok).to_be_disabled()

    # 8. Testa ERP-kopplingen: ett fel måste rättas innan man kan gå vidare
    dialog.get_by_role("button", name="Testa ERP-kopplingen").click()
    expect(dialog.get_by_role("alert")).to_contain_text("”fel.xlsx” hittades inte.")
    expect(ok).to_be_disabled()
    field(configuration, "Filnamn").fill(path)
    dialog.get_by_role("button", name="Testa ERP-kopplingen").click()
    expect(dialog.get_by_role("status").filter(has_text="Hittade")).to_be_visible()

    # 9. OK: kopplingen visas i listan ERP-kopplingar
    ok.click()
    connections = page.get_by_role("table", name="ERP-kopplingar")
    row = connections.get_by_role("row", name="Affärssystemet")
    expect(row).to_contain_text("Kunder och leverantörer")
    made = Connection.objects.get(connector__name="Arbetsbok")
    assert (made.active, made.all_access) == (False, False)
    assert {(one.user, one.group) for one in made.access.all()} == {
        (User.objects.get(username="eva-sv-0"), None),
        (None, UserGroup.objects.get()),
    }

    # Kolumnen Aktiv aktiverar kopplingen, och fliken ERP visar den; innan dess är den konfigurerad
    ActorMapping.objects.filter(connection=made, actor_type="Customer").update(sync=True)
    FieldMapping.objects.filter(actor__connection=made, key="NAME").update(to_crm=True)
    expect(connections.get_by_role("columnheader", name="Aktiv", exact=True)).to_be_visible()
    row.get_by_role("checkbox").click()
    expect(row.get_by_role("checkbox")).to_be_checked()
    page.goto(f"/companies/{shop.company.id}/erp")
    expect(page.get_by_role("link", name="ERP", exact=True)).to_have_attribute("aria-current", "page")
    expect(page.get_by_role("region", name="Affärssystemet")).to_be_visible()
