"""`brygga undo`, `brygga plan …`, `--plan` and `log --why`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests.erp.memory_erp import MemoryErp
from tests.erp.scenes import company, connect_memory, edit

from brygga.cli import run
from brygga.cli.output import DONE, PARTLY, REFUSED, USAGE
from brygga.contract import ActorType
from brygga.erp import connectors
from brygga.erp.models import LogEntry, StoredPlan
from brygga.erp.services.importing import Selection, import_actors

pytestmark = pytest.mark.django_db
CUSTOMER = ActorType.CUSTOMER
PLANNED = {"side", "type", "id", "erp_key", "field", "old", "new", "rule"}


@pytest.fixture
def erp() -> Iterator[MemoryErp]:
    with connectors.use("memory", MemoryErp()) as erp:
        erp.put(CUSTOMER, "1", NAME="Fjord", CITY="Bergen", GROUP="1")
        import_actors(connect_memory("memory"), "Customer", Selection(everything=True), by="test")
        yield erp


def document(capsys: pytest.CaptureFixture[str], *line: str, status: int = DONE) -> Any:
    capsys.readouterr()
    assert run([*line, "--json"]) == status, capsys.readouterr().err
    return json.loads(capsys.readouterr().out)


def test_a_plan_is_stored_looked_at_and_applied(erp: MemoryErp, capsys: pytest.CaptureFixture[str]) -> None:
    erp.put(CUSTOMER, "1", CITY="Oslo", NAME="Fjord AS")
    made = document(capsys, "sync", "--plan")
    assert [set(item) for item in made["planned"]] == [PLANNED, PLANNED]
    assert made["run"] is None
    number = str(made["plan"])
    (row,) = document(capsys, "plan", "list")
    assert (row["plan"], row["kind"], row["state"], row["items"]) == (made["plan"], "sync", "open", {"waiting": 2})
    shown = document(capsys, "plan", "show", number)
    name = next(item for item in shown["items"] if item["field"] == "NAME")
    assert (name["old"], name["new"], name["side"], name["outcome"]) == ("Fjord", "Fjord AS", "crm", "waiting")

    assert run(["plan", "uncheck", str(name["item"])]) == DONE
    assert run(["plan", "uncheck", str(name["item"])]) == REFUSED
    done = document(capsys, "plan", "apply", number)
    assert (done["connections"][0]["to_crm"], done["failed"], done["plan"]) == (1, 0, made["plan"])
    assert company("Fjord").fields["POSTALCITY"] == "Oslo"
    assert run(["plan", "apply", number]) == REFUSED
    assert "not open" in capsys.readouterr().err


def test_the_plan_is_told_in_words(erp: MemoryErp, capsys: pytest.CaptureFixture[str]) -> None:
    erp.put(CUSTOMER, "1", CITY="Oslo")
    assert run(["resync", "--from", "memory", "--plan"]) == DONE
    plan = StoredPlan.objects.get()
    assert f"Stored as plan {plan.pk}." in capsys.readouterr().out
    assert run(["plan", "list"]) == DONE
    assert "1 waiting" in capsys.readouterr().out
    assert run(["plan", "show", str(plan.pk)]) == DONE
    assert "Oslo" in capsys.readouterr().out
    assert run(["plan", "drop", str(plan.pk)]) == DONE
    assert run(["plan", "drop", str(plan.pk)]) == REFUSED


def test_an_import_can_be_planned(erp: MemoryErp, capsys: pytest.CaptureFixture[str]) -> None:
    erp.put(CUSTOMER, "2", NAME="Skog", CITY="Umeå")
    made = document(capsys, "import", "memory", "Customer", "--all", "--plan")
    assert {(item["erp_key"], item["field"], item["new"]) for item in made["planned"]} == {
        ("2", "NAME", "Skog"), ("2", "POSTALCITY", "Umeå"),
    }  # fmt: skip
    done = document(capsys, "plan", "apply", str(made["plan"]))
    assert done["connections"][0]["created"] == 1
    assert company("Skog").fields["POSTALCITY"] == "Umeå"


def test_undo_of_a_run_a_record_and_an_entry(erp: MemoryErp, capsys: pytest.CaptureFixture[str]) -> None:
    erp.put(CUSTOMER, "1", CITY="Oslo")
    number = document(capsys, "sync")["run"]
    dry = document(capsys, "undo", "--run", str(number), "--dry-run")
    assert [set(item) for item in dry["planned"]] == [PLANNED]
    assert (dry["planned"][0]["new"], dry["run"]) == ("Bergen", None)
    done = document(capsys, "undo", "--run", str(number))
    assert set(done) == {"run", "plan", "connections", "failed"}
    assert company("Fjord").fields["POSTALCITY"] == "Bergen"

    entry = LogEntry.objects.get(run_id=done["run"])
    document(capsys, "undo", "--log", str(entry.pk))
    assert company("Fjord").fields["POSTALCITY"] == "Oslo"
    edit(company("Fjord"), POSTALCITY="Voss")
    report = document(capsys, "undo", "--record", f"company:{company('Fjord').id}", status=PARTLY)
    assert "changed since" in json.dumps(report)


@pytest.mark.parametrize(
    ("line", "status", "said"),
    [
        ("undo", USAGE, "--log ID"),
        ("undo --log 1 --run 2", USAGE, "--log ID"),
        ("undo --run 99999", REFUSED, "99999"),
        ("undo --run 1 --plan --dry-run", USAGE, "take one"),
        ("sync --plan --dry-run", USAGE, "take one"),
        ("plan show 99999", REFUSED, "99999"),
        ("log --why 99999", REFUSED, "99999"),
        ("resync --from crm --records fjord", USAGE, "TYPE:ID"),
    ],
)
def test_what_can_not_be_done_is_said(
    erp: MemoryErp, capsys: pytest.CaptureFixture[str], line: str, status: int, said: str
) -> None:
    capsys.readouterr()
    assert run(line.split()) == status
    assert said in capsys.readouterr().err


def test_a_resync_can_be_limited_to_keys_and_records(erp: MemoryErp, capsys: pytest.CaptureFixture[str]) -> None:
    erp.put(CUSTOMER, "1", CITY="Oslo")
    assert document(capsys, "resync", "--from", "crm", "--keys", "7, 8", "--dry-run")["planned"] == []
    one = f"company:{company('Fjord').id}"
    (item,) = document(capsys, "resync", "--from", "crm", "--records", one, "--to", "memory", "--dry-run")["planned"]
    assert (item["side"], item["new"]) == ("erp", "Bergen")


def test_why(erp: MemoryErp, capsys: pytest.CaptureFixture[str]) -> None:
    erp.put(CUSTOMER, "1", GROUP="2")
    number = document(capsys, "sync")["run"]
    entry = LogEntry.objects.get(run_id=number)
    found = document(capsys, "log", "--why", str(entry.pk))
    assert (found["rule"], found["run"]) == ("erp_changed", number)
    assert found["call"].startswith("get_actors_by_timestamp")
    assert found["mapping"]["items"] == ["2", "Industry"]
    capsys.readouterr()
    assert run(["log", "--why", str(entry.pk)]) == DONE
    out = capsys.readouterr().out
    assert "Only the ERP changed" in out
    assert "2 = Industry" in out
