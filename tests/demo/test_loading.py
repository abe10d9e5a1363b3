"""Loading the demo, through the command line and the real connectors, and working with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from brygga.cli import run
from brygga.crm.models import Company, Contact, Project, User
from brygga.erp.models import Connection, Link, SyncSettings

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo(home: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    assert run(["demo", "--no-serve"]) == 0, capsys.readouterr().err
    return home / "demo"


def _json(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> Any:
    capsys.readouterr()
    assert run([*arguments, "--json"]) == status, capsys.readouterr().err
    return json.loads(capsys.readouterr().out)


def test_it_loads_companies_people_projects_and_links(demo: Path) -> None:
    assert Connection.objects.filter(active=True).count() == 2
    assert Company.objects.count() > 190
    assert Contact.objects.count() > 220
    assert Project.objects.count() == 20
    assert SyncSettings.load().interval == 15
    linked = set(Link.objects.filter(record_type="company").values_list("record_id", flat=True))
    assert Company.objects.exclude(pk__in=linked).count() == 15
    both = Link.objects.filter(record_type="company").count() - len(linked)
    assert both == 8
    assert not Link.objects.exclude(state="ok").exists()


def test_every_language_has_a_user_who_can_log_in(demo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = demo / "log-in.txt"
    assert file.stat().st_mode & 0o777 == 0o600
    password = file.read_text().strip()
    assert {user.language for user in User.objects.all()} == {"en", "sv", "da", "de", "nb", "nl"}
    assert all(user.check_password(password) and user.has_licence("erp-sync") for user in User.objects.all())
    assert run(["demo", "--no-serve"]) == 0
    assert password in capsys.readouterr().out


def test_a_second_start_changes_nothing(demo: Path) -> None:
    before = (Company.objects.count(), Link.objects.count(), User.objects.count())
    assert run(["demo", "--no-serve"]) == 0
    (demo / "loaded").unlink()  # as if the first loading had been broken off at its end
    assert run(["demo", "--no-serve"]) == 0
    assert (Company.objects.count(), Link.objects.count(), User.objects.count()) == before


def test_it_keeps_away_from_other_data(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Company.objects.create(name="Somebody's own")
    assert run(["demo", "--no-serve"]) == 1
    assert "BRYGGA_HOME" in capsys.readouterr().err
    assert not User.objects.exists()


def test_a_change_in_the_crm_reaches_both_erps(demo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    links = _json(capsys, "link", "list")
    assert set(links[0]) == {"connection", "type", "record", "actor_type", "erp_key", "state", "error", "id"}
    companies = [link["record"] for link in links if link["type"] == "company"]
    shared = next(record for record in companies if companies.count(record) == 2)
    assert _json(capsys, "sync")["failed"] == 0
    _json(capsys, "record", "set", "company", str(shared), "PHONE=+46 8 123")

    planned = _json(capsys, "sync", "--dry-run")
    assert planned["run"] is None
    assert [set(item) for item in planned["planned"]] == 2 * [
        {"side", "type", "id", "erp_key", "field", "old", "new", "rule"}
    ]
    done = _json(capsys, "sync")
    counts = {"name", "read", "to_crm", "to_erp", "created", "unchanged", "conflicts", "failed", "seconds"}
    assert [set(part) for part in done["connections"]] == [counts, counts]
    assert sum(part["to_erp"] for part in done["connections"]) == 2
    assert _json(capsys, "sync")["connections"][0]["to_erp"] == 0

    log = _json(capsys, "log", "--record", f"company:{shared}", "--run", str(done["run"]))
    assert {(entry["field"], entry["target"], entry["new"]) for entry in log} == {("PHONE", "erp", "+46 8 123")}
    assert set(log[0]) >= {"id", "when", "run", "connection", "type", "record", "erp_key", "erp_field", "old", "origin"}
    assert "+46 8 123" in (demo / "continental" / "Customer.csv").read_text("utf-8")


def test_prospects_wait_to_be_imported(demo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = ("import", "Nordic ERP", "Customer", "--where", "CUSTGR oneof 9", "--duplicates", "VATNO")
    assert len({item["erp_key"] for item in _json(capsys, *line, "--dry-run")["planned"]}) == 12
    (part,) = _json(capsys, *line)["connections"]
    assert (part["created"], part["failed"]) == (12, 0)


def test_records_are_connected_created_and_disconnected(demo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    linked = Link.objects.filter(record_type="company").values_list("record_id", flat=True)
    first, second = (str(pk) for pk in Company.objects.exclude(pk__in=linked).values_list("pk", flat=True)[:2])
    capsys.readouterr()
    assert run(["link", "create", "Nordic ERP", "company", first, "Customer", "PAYTERM=10"]) == 0
    key = capsys.readouterr().out.strip()
    assert Link.objects.get(record_id=first, record_type="company").erp_key == key
    assert run(["link", "disconnect", "Nordic ERP", "company", first]) == 0
    assert run(["link", "connect", "Nordic ERP", "company", second, "Customer", key, "--prefer", "erp"]) == 0
    assert Company.objects.get(pk=second).name == Company.objects.get(pk=first).name
    assert run(["link", "connect", "Nordic ERP", "company", first, "Customer", key]) == 1
    assert run(["link", "create", "Nordic ERP", "company", first, "Customer", "SHOE=43"]) == 2


def test_status_and_resync(demo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = _json(capsys, "status")
    assert (status["automatic"], status["interval"]) == (True, 15)
    assert [part["name"] for part in status["connections"]] == ["Nordic ERP", "Continental ERP"]
    report = _json(capsys, "resync", "--from", "crm")
    assert report["failed"] == 0
    assert sum(part["to_erp"] for part in report["connections"]) == 0
