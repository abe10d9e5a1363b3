"""The script in the manual: from an empty database to two-way sync, over the network, by the client."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from openpyxl import load_workbook
from pytest_django.live_server_helper import LiveServer
from tests.connectors.sample import untidy
from tests.erp.scenes import company, edit

from brygga.crm.fields import RecordType
from brygga.crm.models import CrmListItem
from brygga.crm.services.records import create_record
from brygga.crm.services.tokens import create_token
from brygga.crm.services.users import create_user
from brygga.erp.models import Connection, Link, LogEntry

pytestmark = pytest.mark.django_db(transaction=True)

MANUAL = Path(__file__).parents[2] / "docs" / "agent-api.md"


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """The script, as somebody copies it from the manual."""
    (text,) = re.findall(r"^```python\n(.*?)^```$", MANUAL.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    path = tmp_path / "set_up.py"
    path.write_text(text, encoding="utf-8")
    return path


def run(script: Path, server: str, token: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own, which has no Django settings."""
    environment = {"PATH": os.environ["PATH"], "BRYGGA_URL": server, "BRYGGA_TOKEN": token}
    command = [sys.executable, "-W", "error", str(script), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


def row_of(book: Path, key: int) -> dict[str, object]:
    sheet = load_workbook(book)["Customer"]
    head, *rows = sheet.iter_rows(values_only=True)
    return next(dict(zip(head, row, strict=True)) for row in rows if row[1] == key)


def write(book: Path, key: int, column: str, value: str) -> None:
    workbook = load_workbook(book)
    head, *rows = workbook["Customer"].iter_rows()
    place = [cell.value for cell in head].index(column)
    next(row for row in rows if row[1].value == key)[place].value = value
    workbook.save(book)


def test_from_nothing_to_two_way_sync(script: Path, live_server: LiveServer, home: Path) -> None:
    book = home / "erp.xlsx"
    untidy(book)
    kvarnen = create_record(RecordType.COMPANY, {"NAME": "Kvarnen", "POSTALAD1": "Storgatan 5"}, by="anna")
    bageriet = create_record(RecordType.COMPANY, {"NAME": "Bageriet"}, by="anna")
    setup = create_user("setup", "en-hemlighet", administrator=True, licences=["erp-sync"])
    _token, key = create_token(setup, "script")

    pairs = (f"{kvarnen.id}=1", f"{bageriet.id}=new")
    first = run(script, live_server.url, key, "erp.xlsx", *pairs)

    assert (first.returncode, first.stderr) == (0, "")
    assert "Excel ERP works." in first.stdout
    assert "2 companies are connected." in first.stdout
    assert row_of(book, 1)["Nm"] == "Kvarnen"
    assert row_of(book, 1)["Ad1"] == "Storgatan 5"
    assert CrmListItem.objects.get(pk=company("Kvarnen").fields["category"]).text == "CustomerGroup 1"
    new = Link.objects.get(record_id=bageriet.id).erp_key
    assert (row_of(book, int(new))["Nm"], row_of(book, int(new))["IntField"]) == ("Bageriet", 30)
    assert Connection.objects.get().active is True

    edit(company("Kvarnen"), POSTALAD1="Kvarngatan 1")
    write(book, int(new), "Nm", "Bageriet på hörnet")
    second = run(script, live_server.url, key, "erp.xlsx", *pairs)

    assert (second.returncode, second.stderr) == (0, "")
    assert f"Changed in the CRM: contact {bageriet.id}" in second.stdout
    assert row_of(book, 1)["Ad1"] == "Kvarngatan 1"
    assert company("Bageriet på hörnet").id == bageriet.id
    assert {entry.target for entry in LogEntry.objects.filter(run__kind="sync")} == {"crm", "erp"}
    assert (Connection.objects.count(), Link.objects.count()) == (1, 2)


@pytest.mark.parametrize("broken", ["token", "file", "company"])
def test_what_goes_wrong_is_told_in_a_sentence(script: Path, live_server: LiveServer, home: Path, broken: str) -> None:
    if broken != "file":
        untidy(home / "erp.xlsx")
    _token, key = create_token(create_user("setup", "pw", administrator=True, licences=["erp-sync"]), "script")
    ended = run(script, live_server.url, "wrong" if broken == "token" else key, "erp.xlsx", "4711=1")
    codes = {"token": "not_logged_in", "file": "connector_failed", "company": "no_such_record"}
    assert ended.returncode == 1
    assert ended.stderr.strip().endswith(f"({codes[broken]})")
    assert "Traceback" not in ended.stderr
