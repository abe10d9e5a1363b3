"""Needs attention in a real browser: seen, decided, corrected, tried again, without the page being left (G4)."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from tests.e2e.conftest import Shop, SignIn
from tests.e2e.log_scene import flaws, listen, only_memory
from tests.erp.scenes import company, edit
from tests.web.synced import CUSTOMER, TOO_LONG, conflict

from brygga.erp.models import Connection
from brygga.erp.problems import Problem
from brygga.erp.services.sync import sync_now

pytestmark = pytest.mark.e2e

DIALOGS = ("Decide", "Correct the value", "Assign", "Disconnect", "Resume")


@pytest.mark.parametrize(("scheme", "width"), [("light", 390), ("dark", 1440), ("light", 1440), ("dark", 390)])
def test_the_inbox_and_its_dialogs_are_accessible_and_fit(scheme: str, width: int, sign_in: SignIn, shop: Shop) -> None:
    with only_memory() as erp:
        page = sign_in(scheme=scheme, width=width, bypass_csp=True)
        page.goto("/attention")
        found = {"empty": flaws(page)}
        edit(company("Skog"), POSTALCITY=TOO_LONG)
        conflict(erp)
        erp.put(CUSTOMER, "2", GROUP="9")
        sync_now(None, by="test")
        paused = Problem("many_gone", {"gone": 30, "looked": 40}).stored()
        Connection.objects.filter(active=True).update(paused=paused)
        page.goto("/attention")
        found["inbox"] = flaws(page)
        for name in DIALOGS:
            page.get_by_role("link", name=name).first.click()
            expect(page.get_by_role("dialog")).to_be_visible()
            found[name] = flaws(page)
            page.keyboard.press("Escape")
    assert {where: problems for where, problems in found.items() if problems} == {}


def test_the_inbox_is_worked_off_by_keyboard(sign_in: SignIn, shop: Shop) -> None:
    with only_memory() as erp:
        conflict(erp)
        edit(company("Skog"), POSTALCITY=TOO_LONG)
        sync_now(None, by="test")
        page = sign_in()
        said = listen(page)
        page.goto("/attention?kind=conflict")
        expect(page.get_by_role("link", name="Needs attention 2")).to_have_count(2)
        page.get_by_role("link", name="Decide Fjord Group").press("Enter")
        dialog = page.get_by_role("dialog")
        dialog.get_by_role("radiogroup", name="NAME").get_by_label("Fjord ASA").press("Space")
        dialog.get_by_role("radiogroup", name="CITY").get_by_label("Bodø").press("Space")
        dialog.get_by_role("button", name="OK").press("Enter")
        expect(page.get_by_text("Nothing here matches the filter.")).to_be_visible()
        assert page.url.endswith("/attention?kind=conflict")
        assert (erp.value("1", "CITY"), company("Fjord ASA").fields["POSTALCITY"]) == ("Bodø", "Bodø")
        page.goto("/attention")
        page.get_by_role("link", name="Correct the value Skog").press("Enter")
        dialog.get_by_label("City (postal)").fill("Voss")
        page.keyboard.press("Enter")
        expect(page.get_by_text("Nothing needs attention.")).to_be_visible()
        assert erp.value("2", "CITY") == "Voss"
        assert said == []


def test_a_retry_is_told_where_one_stands(sign_in: SignIn, shop: Shop) -> None:
    with only_memory() as erp:
        erp.refuses = {"2"}
        edit(company("Skog"), NAME="Skog AS")
        sync_now(None, by="test")
        page = sign_in()
        page.goto("/attention")
        retry = page.get_by_role("button", name="Retry now Skog AS")
        retry.press("Enter")
        expect(page.locator("#inbox [autofocus]")).to_be_focused()
        expect(page.get_by_role("status")).to_contain_text("could not bring this record into agreement")
        erp.refuses = set()
        retry.press("Enter")
        expect(page.get_by_role("status")).to_contain_text("1 value was changed")
        expect(page.get_by_text("Nothing needs attention.")).to_be_visible()
        assert erp.value("2", "NAME") == "Skog AS"
