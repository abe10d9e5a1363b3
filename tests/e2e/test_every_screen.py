"""Every screen and every dialog, looked at: accessible, within the window, quiet, with a picture to keep.

Each is opened once and then shown in every way it has to look well in. The pictures are left in build/screenshots, or
in the directory that SCREENSHOTS names, as WIDTH-SCHEME/NAME.png.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal, TypeAlias

import pytest
from django.test import Client
from django.urls import resolve
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer
from tests.e2e.conftest import Shop, SignIn, violations
from tests.e2e.log_scene import listen
from tests.e2e.screen_scene import AREAS, PATTERNS, Screens, open_screen
from tests.web.test_every_address import address

from brygga.crm.services.users import create_user

pytestmark = pytest.mark.e2e

Scheme: TypeAlias = Literal["light", "dark"]

PICTURES = Path(os.environ.get("SCREENSHOTS", Path(__file__).parents[2] / "build" / "screenshots"))
WAYS: tuple[tuple[int, Scheme], ...] = ((1440, "light"), (1024, "light"), (390, "dark"))
"""Widths in pixels, with the colours to look at them in."""
HEIGHT = 900

NO_SCREENS = {
    "login", "start", "find_options", "suggestions", "section", "sync_jobs", "sync_log_csv", "sync_plan_progress",
    "imports_open", "imports_progress", "criteria", "matching_progress", "matching_export",
}  # fmt: skip
"""What leads elsewhere, is part of a screen, or a file: by its name, without the kind of record. The log-in has a test
of its own here."""

MEANT = ("404 (Not Found)", "422 (Unprocessable", "does not conform to the required format")
"""What the browser says of pages that were asked for nonsense on purpose."""

KINDS = ("companies_", "contacts_", "projects_")

DRAWN = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 50))))"
"""Plots follow the size of the window a moment later."""

WIDER = """
    [document.documentElement, ...document.querySelectorAll("dialog[open]")]
        .some(box => box.scrollWidth > box.clientWidth)
"""


@pytest.mark.parametrize("area", AREAS)
def test_every_screen_looks_well(area: str, sign_in: SignIn, shop: Shop) -> None:
    with AREAS[area](shop) as screens:
        page = sign_in(bypass_csp=True)
        found = {name: flaws(page, name, path) for name, path in screens.items()}
    assert {name: problems for name, problems in found.items() if problems} == {}


def test_the_log_in_looks_well(browser: Browser, live_server: LiveServer) -> None:
    context = browser.new_context(base_url=live_server.url, bypass_csp=True)
    page = context.new_page()
    found = flaws(page, "log-in", "/login")
    page.fill("[name=username]", "nobody")
    page.fill("[name=password]", "wrong")
    page.click("button.primary")
    expect(page.get_by_role("alert")).to_be_visible()
    found += look(page, "log-in-refused")
    context.close()
    assert found == []


@pytest.mark.parametrize("area", AREAS)
def test_no_screen_breaks_the_content_policy(area: str, sign_in: SignIn, shop: Shop) -> None:
    with AREAS[area](shop) as screens:
        page = sign_in()
        said = listen(page)
        for path in screens.values():
            open_screen(page, path)
    assert [text for text in said if not any(meant in text for meant in MEANT)] == []


@pytest.mark.parametrize("area", AREAS)
def test_no_screen_is_forgotten(area: str, shop: Shop) -> None:
    with AREAS[area](shop) as screens:
        seen = names(screens)
    client = Client()
    client.force_login(create_user("eva", "secret-word", administrator=True, licences=["erp-sync"]))
    others = {name for name in PATTERNS[area] if kindless(name) not in seen | NO_SCREENS}
    assert {name for name in others if client.get(address(name)).status_code != 405} == set()


def flaws(page: Page, name: str, path: str) -> list[str]:
    """Open a screen and say what is wrong with it."""
    page.set_viewport_size({"width": WAYS[0][0], "height": HEIGHT})
    page.emulate_media(color_scheme="light")
    open_screen(page, path)
    return look(page, name)


def look(page: Page, name: str) -> list[str]:
    """What is wrong with what stands there; it leaves a picture for each way to look at it."""
    problems, looked = [], set()
    for width, scheme in WAYS:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        page.emulate_media(color_scheme=scheme)
        page.evaluate(DRAWN)
        if page.evaluate(WIDER):
            problems.append(f"{width}: wider than the window")
        if scheme not in looked:
            problems += [f"{width}, {scheme}: {text}" for text in violations(page)]
            looked.add(scheme)
        keep_picture(page, PICTURES / f"{width}-{scheme}" / f"{name}.png")
    return problems


def keep_picture(page: Page, file: Path) -> None:
    """Keep what is to be seen: a dialog in its window, else the whole length of the page."""
    file.parent.mkdir(parents=True, exist_ok=True)
    in_window = page.locator("dialog[open]").count() > 0
    page.screenshot(path=file, full_page=not in_window, animations="disabled")


def names(screens: Screens) -> set[str]:
    """What the addresses of these screens are called, without the kind of record."""
    paths = {path.partition("?")[0] for path in screens.values()} - {"/nowhere"}
    return {kindless(str(resolve(path).url_name)) for path in paths}


def kindless(name: str) -> str:
    """The name of an address, the same for each kind of record."""
    return next((name.removeprefix(kind) for kind in KINDS if name.startswith(kind)), name)
