"""`brygga connection …`: listed, tested, activated, deactivated, summed up, and their fields read again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests.erp.memory_erp import FIELDS, MemoryErp
from tests.erp.scenes import connect_memory

from brygga.cli import run
from brygga.cli.output import DONE, PARTLY, REFUSED
from brygga.contract import ActorType, FieldMetadata, ItemsResponse
from brygga.erp import connectors
from brygga.erp.models import Connection, FieldMapping, Link
from brygga.erp.services.importing import Selection, import_actors

pytestmark = pytest.mark.django_db


@pytest.fixture
def erp() -> Iterator[MemoryErp]:
    with connectors.use("memory", MemoryErp()) as connector:
        yield connector


@pytest.fixture
def connection(erp: MemoryErp) -> Connection:
    made = connect_memory("memory")
    made.names = {"en": "Warehouse", "sv": "Lager"}
    made.save()
    return made


def said(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = DONE) -> tuple[str, str]:
    """What a command printed on stdout and stderr; it must end with this status."""
    capsys.readouterr()
    assert run(["connection", *arguments]) == status
    return capsys.readouterr()


def document(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = DONE) -> Any:
    return json.loads(said(capsys, *arguments, "--json", status=status)[0])


def test_list(connection: Connection, capsys: pytest.CaptureFixture[str], erp: MemoryErp) -> None:
    (row,) = document(capsys, "list")
    assert row == {
        "name": "Warehouse", "connector": "memory", "active": True, "priority": 1, "conflict": "priority",
        "last_run": None, "failure": "",
    }  # fmt: skip
    head, line = said(capsys, "list")[0].splitlines()
    assert head.split("\t")[:3] == ["Name", "Connector", "Active"]
    assert line.split("\t")[:3] == ["Warehouse", "memory", "yes"]
    erp.down = 'US:"Closed for the night.";SW:"Stängt för natten."'
    assert run(["sync"]) == REFUSED
    assert document(capsys, "list")[0]["failure"] == "Closed for the night."
    assert run(["status", "--json"]) == DONE
    assert json.loads(capsys.readouterr().out)["connections"][0]["failure"] == "Closed for the night."


def test_test(connection: Connection, capsys: pytest.CaptureFixture[str], erp: MemoryErp) -> None:
    assert said(capsys, "test", "Lager") == ("Warehouse works.\n", "")
    assert document(capsys, "test", "Warehouse") == {"name": "Warehouse", "works": True}
    erp.down = "Closed for the night."
    out, err = said(capsys, "test", "Warehouse", status=REFUSED)
    assert out == ""
    assert err.splitlines()[-1] == "brygga: Closed for the night."


@pytest.mark.parametrize("command", ["test", "check", "activate", "deactivate", "summary", "refresh-fields"])
def test_a_connection_that_is_not_there(
    command: str, connection: Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    out, err = said(capsys, command, "Nowhere", status=REFUSED)
    assert out == ""
    assert '"Nowhere"' in err
    assert '"Warehouse"' in err


def test_check(connection: Connection, capsys: pytest.CaptureFixture[str], erp: MemoryErp) -> None:
    out, _err = said(capsys, "check", "Warehouse")
    assert out.splitlines()[0] == "Severity\tActor type\tField\tFinding"
    assert all(line.startswith(("warning\t", "hint\t")) for line in out.splitlines()[1:])
    FieldMapping.objects.get(key="GROUP").items.all().delete()
    found = document(capsys, "check", "Warehouse", status=REFUSED)["findings"][0]
    assert (found["code"], found["severity"], found["field_key"]) == ("list_mapping", "blocking", "GROUP")
    assert "findings block it" in said(capsys, "check", "Warehouse", status=REFUSED)[1]
    FieldMapping.objects.all().delete()
    assert said(capsys, "deactivate", "Warehouse")
    connection.actors.update(sync=False)
    assert said(capsys, "check", "Warehouse") == ("Warehouse: nothing is wrong.\n", "")


def test_deactivate_and_activate(connection: Connection, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "deactivate", "Warehouse") == ("Warehouse is not active.\n", "")
    assert not Connection.objects.get().active
    assert document(capsys, "deactivate", "Warehouse") == {"name": "Warehouse", "active": False}
    assert said(capsys, "activate", "Warehouse") == ("Warehouse is active.\n", "")
    assert document(capsys, "activate", "Warehouse") == {"name": "Warehouse", "active": True, "findings": []}
    assert Connection.objects.get().active


def test_activate_says_what_speaks_against_it(
    connection: Connection, capsys: pytest.CaptureFixture[str], erp: MemoryErp
) -> None:
    said(capsys, "deactivate", "Warehouse")
    FieldMapping.objects.get(key="GROUP").items.all().delete()
    erp.down = "Closed for the night."
    found = document(capsys, "activate", "Warehouse", status=REFUSED)
    assert not found["active"]
    assert [(finding["code"], finding["field_key"]) for finding in found["findings"]] == [
        ("list_mapping", "GROUP"),
        ("connection", ""),
    ]
    out, err = said(capsys, "activate", "Warehouse", status=REFUSED)
    assert out == ""
    assert "not activated" in err
    assert "Closed for the night." in err
    assert not Connection.objects.get().active


def test_summary(connection: Connection, capsys: pytest.CaptureFixture[str]) -> None:
    lines = said(capsys, "summary", "Warehouse")[0].splitlines()
    assert "Customer\tyes\tNAME\tboth\tNAME\tno" in lines
    assert "Customer\tyes\tVATNO\tto_erp\tVATNO\tno" in lines
    found = document(capsys, "summary", "Warehouse")
    assert (found["name"], found["active"]) == ("Warehouse", True)
    customer = found["actors"][0]
    assert (customer["actor_type"], customer["record_type"], customer["sync"]) == ("Customer", "company", True)
    assert {"erp_key": "CODE", "crm_key": "NUMBER1", "to_crm": True, "to_erp": False}.items() <= next(
        field for field in customer["fields"] if field["erp_key"] == "CODE"
    ).items()


def test_refresh_fields(
    connection: Connection, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, erp: MemoryErp
) -> None:
    assert said(capsys, "refresh-fields", "Warehouse") == ("Warehouse: 7 fields.\n", "")
    customer = [*FIELDS[ActorType.CUSTOMER][1:], FieldMetadata("PHONE")]
    monkeypatch.setitem(FIELDS, ActorType.CUSTOMER, customer)
    assert said(capsys, "refresh-fields", "Warehouse")[0] == "Warehouse: 8 fields. Missing in the ERP: Customer.NAME.\n"
    assert document(capsys, "refresh-fields", "Warehouse") == {
        "name": "Warehouse", "fields": 8, "missing": ["Customer.NAME"],
    }  # fmt: skip
    monkeypatch.setattr(erp, "get_supported_actor_types", lambda guid: ItemsResponse.failure("Closed for the night."))
    assert "Closed for the night." in said(capsys, "refresh-fields", "Warehouse", status=REFUSED)[1]


def test_a_records_problems_are_told_in_words(
    connection: Connection, capsys: pytest.CaptureFixture[str], erp: MemoryErp
) -> None:
    erp.put(ActorType.CUSTOMER, "1", NAME="Fjord", GROUP="9")
    import_actors(connection, "Customer", Selection(everything=True), by="test")
    text = "The list item “9” has no counterpart on the other side. Add it to the list mapping."
    capsys.readouterr()
    assert run(["link", "list", "--json"]) == DONE
    assert json.loads(capsys.readouterr().out)[0]["error"] == f"GROUP: {text}"
    assert run(["sync", "--json"]) == PARTLY
    out, err = capsys.readouterr()
    (problem,) = json.loads(out)["connections"][0]["problems"]
    assert (problem["code"], problem["text"]) == ("unknown_item", text)
    assert text in err
    assert run(["log", "--json"]) == DONE
    (line,) = (line for line in json.loads(capsys.readouterr().out) if line["field"] == "category")
    assert (line["rule"], line["refused"]) == ("refused: unknown_item", "Not written: the list item is not mapped")
    assert Link.objects.get().state == "failed"
