"""The main walk as a user takes it: `brygga demo` as a process, a browser, and somebody editing the workbook."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import openpyxl
import psycopg
import pytest
from playwright.sync_api import Page, expect, sync_playwright

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SECONDS_TO_AGREE = 60


@dataclass(frozen=True)
class Demo:
    """A running demo: where it answers, its data directory, and the password of its users."""

    address: str
    home: Path
    password: str

    @property
    def workbook(self) -> Path:
        return self.home / "demo" / "nordic.xlsx"


@pytest.fixture
def database_url() -> Iterator[str | None]:
    """A database of its own for the server process; None means SQLite in its data directory."""
    server = os.environ.get("DATABASE_URL", "")
    if not server.startswith("postgres"):
        yield None
        return
    name = f"walk_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
        yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def demo(tmp_path: Path, database_url: str | None) -> Iterator[Demo]:
    home = tmp_path / "demo-home"
    kept = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    chosen = {"BRYGGA_HOME": str(home)} | ({"DATABASE_URL": database_url} if database_url else {})
    command = [sys.executable, "-m", "brygga", "demo", "--port", "0"]
    with subprocess.Popen(command, env=kept | chosen, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            address = ""
            for line in server.stdout:
                found = re.search(r"listens on (http://127\.0\.0\.1:[1-9]\d*)/", line)
                if found:
                    address = found[1]
                    break
            assert address, "the demo ended before it listened"
            log_in = (home / "demo" / "log-in.txt").read_text(encoding="utf-8")
            yield Demo(address, home, log_in.strip().splitlines()[-1].split()[-1])
        finally:
            server.terminate()
            try:
                server.wait(timeout=20)
            except subprocess.TimeoutExpired:
                server.kill()


@pytest.fixture
def page(demo: Demo) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(base_url=demo.address, viewport={"width": 1440, "height": 900})
        yield page
        browser.close()


def cells(workbook: Path) -> dict[str, dict[str, object]]:
    """Every cell of every sheet with a value, by sheet and coordinate."""
    book = openpyxl.load_workbook(workbook)
    return {
        sheet.title: {
            cell.coordinate: cell.value for row in sheet.iter_rows() for cell in row if cell.value is not None
        }
        for sheet in book
    }


def customer_cell(workbook: Path, number: str, header: str) -> str:
    """The coordinate of a customer's cell."""
    sheet = openpyxl.load_workbook(workbook)["Customer"]
    head = {str(cell.value): cell.column for cell in sheet[1]}
    row = next(row for row in sheet.iter_rows(min_row=2) if str(row[head["NUMBER2"] - 1].value) == number)
    return str(row[head[header] - 1].coordinate)


def edit_cell(workbook: Path, coordinate: str, value: str) -> None:
    """What somebody with a spreadsheet program does, who leaves LastModified as it is."""
    book = openpyxl.load_workbook(workbook)
    book["Customer"][coordinate] = value
    book.save(workbook)


def log_in(page: Page, demo: Demo) -> None:
    page.goto("/login")
    page.fill("input[name=username]", "emma")
    page.fill("input[name=password]", demo.password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/companies*")


def test_an_edit_on_each_side_ends_on_both_and_in_the_log(demo: Demo, page: Page) -> None:
    log_in(page, demo)
    page.goto("/find?q=Åkerby")
    page.get_by_role("link", name="Åkerby Bygg AB").first.click()
    company = urlsplit(page.url).path
    page.goto(f"{company}/erp")
    chip = page.get_by_text(re.compile(r"Connected Customer 1\d{4}"))
    expect(chip).to_be_visible()
    number = chip.inner_text().split()[-1]

    street, city = (customer_cell(demo.workbook, number, header) for header in ("POSTALAD1", "POSTALCITY"))
    edit_cell(demo.workbook, city, "Haparanda")
    before = cells(demo.workbook)

    page.goto(f"{company}/edit")
    page.locator("[name='POSTALAD1']").fill("Brogatan 1")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(f"**{company}")

    deadline = time.monotonic() + SECONDS_TO_AGREE
    while time.monotonic() < deadline:
        page.goto(company)
        if page.get_by_text("Haparanda").count() and cells(demo.workbook)["Customer"].get(street) == "Brogatan 1":
            break
        time.sleep(1)

    expect(page.get_by_text("Haparanda").first).to_be_visible()
    after = cells(demo.workbook)
    stamp = customer_cell(demo.workbook, number, "LastModified")
    changed = {
        (sheet, at)
        for sheet in before | after
        for at in before[sheet] | after[sheet]
        if before[sheet].get(at) != after[sheet].get(at)
    }
    assert changed - {("Customer", stamp)} == {("Customer", street)}
    assert after["Customer"][street] == "Brogatan 1"

    page.goto(f"{company}/history")
    log = page.get_by_role("table")
    expect(log).to_contain_text("Haparanda")
    expect(log).to_contain_text("Brogatan 1")
