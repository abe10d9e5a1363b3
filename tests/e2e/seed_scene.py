"""A workbook as the ERP of three connections' records, reached in this process or over SOAP in another one.

The walk through the ERP tab is the same in every language; the words come with the test.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import openpyxl
from playwright.sync_api import Locator, Page, expect

from brygga.crm.fields import RecordType
from brygga.crm.services.records import RecordView, create_record
from brygga.erp.configuration import apply

CONFIGURATION = """
connectors:
  - {name: Bok, url: "URL"}
connections:
  - name: Kontor
    connector: Bok
    active: true
    scope: everyone
    config: {Filename: "FILE"}
    actors:
      Customer: &company
        sync: true
        fields:
          Name: {crm: NAME, direction: both, search: true}
          Street: {crm: POSTALAD1, direction: both, search: true}
          City: {crm: POSTALCITY, direction: both, tab: true}
          VatNo: {crm: VATNO, direction: both}
          Credit: {tab: true}
      Supplier:
        sync: true
        fields:
          Name: {crm: NAME, direction: both, search: true}
      Person:
        sync: true
        fields:
          FirstName: {crm: FIRSTNAME, direction: both, search: true}
          LastName: {crm: LASTNAME, direction: both, search: true}
          Mail: {crm: EMAIL, direction: both, tab: true}
      Project:
        sync: true
        fields:
          Name: {crm: NAME, direction: both, search: true}
          Number: {crm: NUMBER, direction: both, tab: true}
"""
STAMP = datetime(2026, 1, 5, 12, 0)
SHEETS: dict[str, list[list[object]]] = {
    "Customer": [
        ["ID", "LastModified", "Name", "Street", "City", "VatNo", "Credit"],
        [10017, STAMP, "Kvarnen Bygg AB", "Ågatan 14", "Malmö", "SE556036079301", 150000.5],
        [10018, STAMP, "Kvarnens Bageri", "Torget 2", "Lund", None, 2000.5],
        [10019, STAMP, "Smedjan", "Hamngatan 1", "Ystad", None, 0.5],
    ],
    "Supplier": [["ID", "LastModified", "Name"], [7, STAMP, "Leveransen"]],
    "Person": [
        ["ID", "LastModified", "ParentType", "ParentID", "FirstName", "LastName", "Mail"],
        [1, STAMP, "Customer", 10017, "Kari", "Berg", "kari@kvarnen.example"],
        [2, STAMP, "Customer", 10018, "Kari", "Lind", "kari@bageri.example"],
    ],
    "Project": [["ID", "LastModified", "Name", "Number"], [5, STAMP, "Nytt lager", "P-5"]],
}


@dataclass(frozen=True)
class Scene:
    """What the walks are about: the workbook, and a company with a contact and a project in the CRM."""

    workbook: Path
    company: RecordView
    contact: RecordView
    project: RecordView

    def cell(self, sheet: str, erp_id: int, column: str) -> object:
        """A value as it stands in the workbook now."""
        rows = list(openpyxl.load_workbook(self.workbook)[sheet].values)
        row = next(row for row in rows[1:] if row[0] == erp_id)
        return row[rows[0].index(column)]


@dataclass(frozen=True)
class Words:
    """What stands on the screen, in the words of the language."""

    tab: str
    edit: str
    connect_to_erp: str
    search_field: str
    search: str
    connect: str
    save: str
    cancel: str
    sync: str


@contextmanager
def scene(folder: Path, wire: str) -> Iterator[Scene]:
    """The records, and an active connection to the workbook: `wire` is "workbook" or "soap"."""
    path = folder / "erp.xlsx"
    _write(path)
    with _soap(folder) if wire == "soap" else _in_process() as url:
        apply(CONFIGURATION.replace("URL", url).replace("FILE", str(path)).replace("&company", ""))
        values = {"NAME": "Kvarnen Bygg", "POSTALAD1": "Ågatan 12", "POSTALCITY": "Malmö", "VATNO": "556036-0793"}
        company = create_record(RecordType.COMPANY, values, "test")
        names = {"FIRSTNAME": "Kari", "LASTNAME": "Berg"}
        contact = create_record(RecordType.CONTACT, names, "test", company.id)
        project = create_record(RecordType.PROJECT, {"NAME": "Nytt lager"}, "test")
        yield Scene(path, company, contact, project)


def find(page: Page, words: Words, actor: str, text: str) -> Locator:
    """Edit, the actor type's link, and a search for a text; returns the dialog with what was found."""
    page.get_by_role("link", name=words.tab, exact=True).click()
    page.get_by_role("link", name=words.edit, exact=True).click()
    page.get_by_role("link", name=f"{actor} Kontor").click()
    dialog = page.get_by_role("dialog", name=words.connect_to_erp)
    search(dialog, words, text)
    return dialog


def search(dialog: Locator, words: Words, text: str) -> None:
    """Search for a text, and wait for the answer: what was found by the name stood there before."""
    dialog.get_by_label(words.search_field).fill(text)
    dialog.get_by_role("search").first.get_by_role("button", name=words.search, exact=True).click()
    expect(dialog.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)


def choose(page: Page, words: Words, found: str) -> Locator:
    """Select a hit and press Connect; returns the dialog with the values of both sides."""
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("radio", name=found).check()
    dialog.get_by_role("button", name=words.connect, exact=True).click()
    expect(dialog.get_by_role("search")).to_have_count(0)
    return dialog


def connect(page: Page, words: Words) -> None:
    """Press Connect in the second step: back in the tab, where the change waits."""
    page.get_by_role("dialog").get_by_role("button", name=words.connect, exact=True).click()
    page.wait_for_url("**/erp/edit")
    expect(page.get_by_role("button", name=words.save, exact=True)).to_be_visible()


def save(page: Page, words: Words) -> Locator:
    """Press Save; returns the section of the connection."""
    page.get_by_role("button", name=words.save, exact=True).click()
    page.wait_for_url("**/erp")
    return page.get_by_role("region", name="Kontor")


def _write(path: Path) -> None:
    book = openpyxl.Workbook()
    for name, rows in SHEETS.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.remove(book["Sheet"])
    book.save(path)


@contextmanager
def _in_process() -> Iterator[str]:
    yield "plugin://workbook"


@contextmanager
def _soap(folder: Path) -> Iterator[str]:
    """`brygga connector serve` as a process of its own, with a data directory of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("BRYGGA_", "DATABASE_URL"))}
    command = [sys.executable, "-m", "brygga", "connector", "serve", "workbook", "--port", "0"]
    environment = kept | {"BRYGGA_HOME": str(folder / "host")}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as host:
        try:
            assert host.stdout is not None
            found = re.search(r"http://\S+", host.stdout.readline())
            assert found is not None
            yield found[0]
        finally:
            host.kill()
