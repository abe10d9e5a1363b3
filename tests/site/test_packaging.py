"""The project's own files agree with one another."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import entry_points
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ["run", "dev"]


def lines(name: str) -> list[str]:
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in text if line.strip() and not line.startswith(("#", "-r"))]


def names(requirements: list[str]) -> set[str]:
    """Names of packages as registries compare them: lower case, one kind of dash, no extras, no version."""
    found = (re.match(r"[A-Za-z0-9._-]+", requirement) for requirement in requirements)
    return {re.sub(r"[-_.]+", "-", match.group()).lower() for match in found if match}


def locked(name: str) -> list[str]:
    return [line for line in lines(f"{name}.lock") if "==" in line]


def test_the_ranges_to_run_are_written_alike_in_both_places() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert sorted(project["dependencies"]) == sorted(lines("run.in"))


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_has_what_was_asked_for(name: str) -> None:
    assert names(lines(f"{name}.in")) <= names(locked(name))


def test_developers_have_what_users_have() -> None:
    assert set(locked("run")) <= set(locked("dev"))


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_has_hashes_and_names_no_place(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.lock").read_text(encoding="utf-8")
    assert not re.search(r"://|--(extra-)?index-url|--find-links|--trusted-host|(^|\s)/", text)
    entries = re.split(r"^(?=[a-z0-9][\w.-]*==)", text, flags=re.MULTILINE)[1:]
    assert entries
    assert all("--hash=sha256:" in entry for entry in entries)


def test_the_ready_made_connectors_are_on_offer_by_name() -> None:
    found = {entry.name: entry.load() for entry in entry_points(group="brygga.connectors")}
    assert {name: connector.name for name, connector in found.items()} == {"workbook": "workbook", "csv": "csv"}
