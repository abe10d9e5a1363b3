"""A real browser on a real server, with a little data in it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import pytest
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from brygga.contract import ActorsResponse, ActorType, Connector, ErpActor, FieldType
from brygga.crm.fields import RecordType
from brygga.crm.services.members import add_member
from brygga.crm.services.records import RecordView, create_record
from brygga.crm.services.users import create_user
from brygga.erp import connectors
from brygga.erp.models import ActorMapping, Connection, FieldMapping, Link, LogEntry, Run
from brygga.erp.models import Connector as ConnectorRow
from brygga.erp.problems import told

# Playwright runs an event loop in the test's thread, where Django would refuse to use the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
expect.set_options(timeout=20_000)  # ms; what is waited for comes at once, but not where others use the machine, too
PASSWORD = "a-secret-word"
AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")

SignIn: TypeAlias = Callable[..., Page]


class ShopConnector(Connector):
    """An ERP with customers that answers, or fails when told to."""

    def __init__(self) -> None:
        self.failure = ""

    def get_actors(
        self, guid: str, actor_type: ActorType, erp_keys: Sequence[str], field_keys: Sequence[str]
    ) -> ActorsResponse:
        """The customers asked for."""
        if self.failure:
            return ActorsResponse.failure(self.failure)
        return ActorsResponse(actors=[ErpActor(actor_type, key, fields={"CREDIT": "[F:150000]"}) for key in erp_keys])


@dataclass
class Shop:
    """What there is to see: a company, linked in one connection and not in the other, and a contact in a project."""

    company: RecordView
    contact: RecordView
    project: RecordView
    connector: ShopConnector


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for the tests of a module; another module may start its own Playwright."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def shop(transactional_db: None) -> Iterator[Shop]:
    """The data of a screen test."""
    connector = ShopConnector()
    company = create_record(RecordType.COMPANY, {"NAME": "Orkdal Eldresenter", "POSTALCITY": "Orkanger"}, "test")
    contact = create_record(RecordType.CONTACT, {"FIRSTNAME": "Kari", "LASTNAME": "Nordmann"}, "test", company.id)
    project = create_record(RecordType.PROJECT, {"NAME": "Warehouse", "ENDDATE": "2027-03-31"}, "test")
    add_member(project.id, contact.id)
    with connectors.use("shop", connector):
        row = ConnectorRow.objects.create(name="Shop", url="plugin://shop")
        for number, name in enumerate(("Fjord Norge", "Lager DK")):
            connection = Connection.objects.create(
                names={"en": name},
                connector=row,
                active=True,
                priority=number,
                failure=told("No such file.").stored() if number else {},
            )
            actor = ActorMapping.objects.create(
                connection=connection, actor_type="Customer", record_type="company", sync=True
            )
            FieldMapping.objects.create(
                actor=actor, key="CREDIT", name="Credit limit", type=FieldType.DOUBLE, show_in_tab=True
            )
        first = Connection.objects.get(priority=0)
        Link.objects.create(
            connection=first, actor_type="Customer", erp_key="10017", record_type="company", record_id=company.id
        )
        run = Run.objects.create(kind="sync", by="eva", state="done")
        LogEntry.objects.create(
            at=run.started_at, run=run, connection=first, actor_type="Customer", erp_key="10017",
            record_type="company", record_id=company.id, erp_field="NAME", crm_field="NAME", target="crm",
            old="Orkdal", new="Orkdal Eldresenter", rule="changed",
        )  # fmt: skip
        yield Shop(company, contact, project, connector)


@pytest.fixture
def sign_in(browser: Browser, live_server: LiveServer, shop: Shop) -> Iterator[SignIn]:
    """Opens a browser window in which an administrator has logged in; `bypass_csp` lets the test's own scripts in."""
    contexts = []

    def open_window(language: str = "en", scheme: str = "light", width: int = 1440, bypass_csp: bool = False) -> Page:
        name = f"eva-{language}-{len(contexts)}"
        create_user(name, PASSWORD, administrator=True, licences=["erp-sync"], language=language)
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 900},
            color_scheme=scheme,  # type: ignore[arg-type]
            locale="en",  # the user's own language goes before the browser's
            bypass_csp=bypass_csp,
        )
        contexts.append(context)
        page = context.new_page()
        page.goto("/login")
        page.fill("[name=username]", name)
        page.fill("[name=password]", PASSWORD)
        page.click("button.primary")
        page.wait_for_url("**/companies")
        return page

    yield open_window
    for context in contexts:
        context.close()


def violations(page: Page) -> list[str]:
    """What axe finds on the page, a line for each rule."""
    page.evaluate(AXE)
    found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    return [f"{rule['id']}: {[node['html'] for node in rule['nodes']]}" for rule in found]


def answer_late(page: Page, held: list[Route]) -> None:
    """Let the request that is held back go on, and give the page the time to do something with its answer."""
    with page.expect_response(held[0].request.url) as answered:
        held[0].continue_()
    answered.value.finished()
    page.evaluate("new Promise((done) => setTimeout(done, 100))")
