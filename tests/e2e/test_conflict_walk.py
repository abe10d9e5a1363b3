"""From a shell: make a conflict, see it, decide it, ask why, undo the decision (behaviour E2, G2 to G4)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import openpyxl
import pytest

CONFIGURATION = """
connectors:
  - {name: Workbook, url: "plugin://workbook"}
connections:
  - name: Excel
    connector: Workbook
    active: true
    scope: everyone
    config: {Filename: FILE}
    conflict: ask
    actors:
      Customer:
        sync: true
        fields:
          Name: {crm: NAME, direction: both}
          City: {crm: POSTALCITY, direction: both}
"""


class Shell:
    """Commands on a data directory of their own."""

    def __init__(self, home: Path) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("BRYGGA_", "DATABASE_URL"))}
        self._environment = kept | {"BRYGGA_HOME": str(home)}

    def run(self, *arguments: str, status: int = 0) -> Any:
        """Run a command that ends with this status; returns its JSON."""
        command = [sys.executable, "-m", "brygga", *arguments, "--json"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=self._environment)
        assert done.returncode == status, done.stdout + done.stderr
        return json.loads(done.stdout)

    def city(self) -> str:
        """The company's city in the CRM."""
        (company,) = self.run("record", "list", "company")
        return company["fields"]["POSTALCITY"]


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    path = tmp_path / "erp.xlsx"
    book = openpyxl.Workbook()
    book.active.title = "Customer"
    for row in (["ID", "LastModified", "Name", "City"], [1, "2026-01-01T00:00:00", "Fjord", "Bergen"]):
        book.active.append(row)
    book.save(path)
    return path


def enter(workbook: Path, city: str) -> None:
    """Somebody edits the workbook, and does not think of LastModified."""
    book = openpyxl.load_workbook(workbook)
    book["Customer"]["D2"] = city
    book.save(workbook)


def stands(workbook: Path) -> str:
    return openpyxl.load_workbook(workbook)["Customer"]["D2"].value


@pytest.mark.e2e
def test_a_conflict_is_seen_decided_explained_and_undone(tmp_path, workbook):
    shell = Shell(tmp_path / "home")
    file = tmp_path / "brygga.yaml"
    file.write_text(CONFIGURATION.replace("FILE", str(workbook)), encoding="utf-8")
    shell.run("config", "apply", str(file))
    shell.run("import", "Excel", "Customer", "--all")
    (company,) = shell.run("record", "list", "company")

    shell.run("record", "set", "company", str(company["id"]), "POSTALCITY=Oslo")
    enter(workbook, "Stavanger")
    synced = shell.run("sync", status=3)
    assert synced["connections"][0]["conflicts"] == 1
    assert (shell.city(), stands(workbook)) == ("Oslo", "Stavanger")

    (waiting,) = shell.run("attention")
    assert waiting["kind"] == "conflict"
    assert "City" in json.dumps(waiting)

    shell.run("attention", "resolve", waiting["ref"], "--side", "crm")
    assert (shell.city(), stands(workbook)) == ("Oslo", "Oslo")
    assert shell.run("attention") == []

    decided = shell.run("log")[0]
    assert (decided["target"], decided["old"], decided["new"]) == ("erp", "Stavanger", "Oslo")
    explained = shell.run("log", "--why", str(decided["id"]))
    assert "copied_from_crm" in json.dumps(explained)

    undone = shell.run("undo", "--run", str(decided["run"]))
    assert undone["failed"] == 0
    assert (shell.city(), stands(workbook)) == ("Oslo", "Stavanger")
    again = shell.run("sync")
    assert (again["connections"][0]["to_crm"], again["connections"][0]["to_erp"]) == (0, 0)
    assert (shell.city(), stands(workbook)) == ("Oslo", "Stavanger")
