"""`brygga attention …` and `brygga connection resume`: listed, decided, assigned."""

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
from brygga.crm.fields import RecordType
from brygga.crm.models import Contact, User
from brygga.crm.services import records
from brygga.erp import connectors
from brygga.erp.models import Connection, CreateIntent, Link
from brygga.erp.problems import Problem
from brygga.erp.services.importing import Selection, import_actors
from brygga.erp.services.sync import sync_now

pytestmark = pytest.mark.django_db
CUSTOMER, PERSON = ActorType.CUSTOMER, ActorType.PERSON


@pytest.fixture
def erp() -> Iterator[MemoryErp]:
    with connectors.use("memory", MemoryErp()) as connector:
        yield connector


@pytest.fixture
def connection(erp: MemoryErp) -> Connection:
    erp.put(CUSTOMER, "1", NAME="Fjord", CITY="Bergen")
    erp.put(CUSTOMER, "2", NAME="Skog", CITY="Umeå")
    erp.put(PERSON, "10", parent="1", LASTNAME="Berg")
    made = connect_memory("memory")
    for actor_type in ("Customer", "Person"):
        import_actors(made, actor_type, Selection(everything=True), by="test")
    return made


@pytest.fixture
def conflict(erp: MemoryErp, connection: Connection) -> str:
    """How the conflict of Fjord is called."""
    Connection.objects.update(policy="ask")
    edit(company("Fjord"), POSTALCITY="Oslo", NAME="Fjord AS")
    erp.put(CUSTOMER, "1", CITY="Ås", NAME="Fjord ASA")
    sync_now(None, by="test")
    return f"link:{Link.objects.get(actor_type='Customer', erp_key='1').pk}"


@pytest.fixture
def attention(capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs a command of the group and gives what it printed: JSON where there is any."""

    def attend(*arguments: str, status: int = DONE) -> Any:
        capsys.readouterr()
        assert run(["attention", *arguments]) == status
        out, err = capsys.readouterr()
        return json.loads(out) if "--json" in arguments else (out or err)

    return attend


def test_it_lists_what_there_is(conflict, attention):
    (row,) = attention("--json")
    assert row == attention("list", "--json")[0]
    assert {
        "ref": conflict, "kind": "conflict", "connection": "memory", "type": "company", "name": "Fjord AS",
        "erp_key": "1", "fields": ["NAME", "CITY"], "next": "ask", "count": 1, "assignee": "",
    }.items() <= row.items()  # fmt: skip
    assert row["actions"] == ["resolve", "retry", "disconnect", "assign"]
    assert "“Oslo” in the CRM and “Ås” in the ERP system" in row["what"]
    head, line = attention().splitlines()
    assert head.split("\t") == [
        "ref", "kind", "connection", "record", "erp_key", "since", "assignee", "what", "actions",
    ]  # fmt: skip
    assert line.split("\t")[:4] == [conflict, "conflict", "memory", f"company:{row['record']} Fjord AS"]


def test_an_empty_list_is_no_error(connection, attention):
    assert attention("--json") == []
    assert attention("--connection", "memory", "--json") == []
    assert "Nowhere" in attention("--connection", "Nowhere", status=REFUSED)


def test_a_conflict_is_settled_field_by_field(erp, conflict, attention):
    report = attention("resolve", conflict, "--side", "erp", "--field", "CITY", "--json", status=PARTLY)
    assert (report["connections"][0]["to_crm"], report["connections"][0]["conflicts"]) == (1, 1)
    assert company("Fjord AS").fields["POSTALCITY"] == "Ås"
    attention("resolve", conflict, "--side", "crm")
    assert erp.value("1", "NAME") == "Fjord AS"
    assert attention("--json") == []
    assert "no conflict waits" in attention("resolve", conflict, "--side", "crm", status=REFUSED)


def test_it_is_assigned_and_listed_by_who_has_it(conflict, attention):
    User.objects.create(username="anna")
    attention("assign", conflict, "anna")
    assert attention("list", "--assignee", "anna", "--json")[0]["assignee"] == "anna"
    attention("assign", conflict)
    assert attention("list", "--assignee", "anna", "--json") == []
    assert "nobody" in attention("assign", conflict, "nobody", status=REFUSED)


def test_a_record_or_a_connection_is_tried_again(erp, connection, attention):
    erp.refuses = {"1"}
    edit(company("Fjord"), NAME="Fjord AS")
    sync_now(None, by="test")
    ref = attention("--json")[0]["ref"]
    attention("retry", ref, status=PARTLY)
    erp.refuses = set()
    assert attention("retry", ref, "--json")["connections"][0]["to_erp"] == 1

    erp.down = "Closed."
    sync_now(None, by="test")
    (row,) = attention("--json")
    assert (row["kind"], row["what"]) == ("failing", "Closed.")
    erp.down = ""
    attention("retry", row["ref"])
    assert attention("--json") == []


def test_what_is_gone_is_accepted_and_a_link_removed(erp, connection, attention):
    del erp.actors[CUSTOMER, "2"]
    edit(company("Skog"), NAME="Skog AB")
    sync_now(None, by="test")
    (row,) = attention("--json")
    attention("accept", row["ref"])
    fjord = Link.objects.get(actor_type="Customer")
    attention("disconnect", f"link:{fjord.pk}")
    assert not Link.objects.filter(actor_type="Customer").exists()


@pytest.mark.parametrize(("command", "home"), [("move", "Skog"), ("keep", "Fjord")])
def test_a_person_who_moved(erp, connection, attention, command, home):
    erp.put(PERSON, "10", parent="2")
    sync_now(None, by="test")
    (row,) = attention("--json")
    assert row["actions"] == ["move", "keep", "retry", "disconnect", "assign"]
    attention(command, row["ref"])
    assert records.get_record(RecordType.CONTACT, Contact.objects.get().pk).parent.name == home
    assert attention("--json") == []


@pytest.mark.parametrize("command", [("give-up",), ("connect", "3")])
def test_a_create_in_doubt(erp, connection, attention, command):
    hav = records.create_record(RecordType.COMPANY, {"NAME": "Hav"}, by="anna")
    erp.put(CUSTOMER, "3", NAME="Hav")
    problem = Problem("create_in_doubt", {"type": "Customer", "keys": "3"})
    CreateIntent.objects.create(
        connection=connection, actor_type="Customer", record_type="company", record_id=hav.id, doubt=problem.stored()
    )
    (row,) = attention("--json")
    assert (row["kind"], row["name"], row["actions"]) == ("doubt", "Hav", ["connect", "give_up"])
    attention("retry", row["ref"], status=USAGE)
    attention(command[0], row["ref"], *command[1:])
    assert attention("--json") == []
    assert Link.objects.filter(erp_key="3").exists() == (command[0] == "connect")


@pytest.mark.parametrize(
    ("line", "status", "said"),
    [
        ("retry link:4711", REFUSED, "link:4711"),
        ("retry moon", REFUSED, "moon"),
        ("resolve connection:{id} --side crm", USAGE, "link:NUMBER"),
        ("give-up connection:{id}", USAGE, "try:NUMBER"),
        ("resolve link:1 --side me", USAGE, "--side"),
        ("resolve link:1", USAGE, "--side"),
        ("connect try:1 7 --prefer me", USAGE, "--prefer"),
    ],
)
def test_errors(connection, attention, line, status, said):
    assert said in attention(*line.format(id=connection.pk).split(), status=status)


def test_a_paused_connection_goes_on(erp, connection, capsys):
    Connection.objects.update(paused=Problem("many_failed", {"failed": 7, "limit": 2}).stored())
    assert run(["sync", "memory"]) == REFUSED
    assert "7 records failed" in capsys.readouterr().err
    assert run(["connection", "resume", "memory"]) == DONE
    assert capsys.readouterr().out == "memory goes on.\n"
    assert run(["sync", "memory"]) == DONE
    capsys.readouterr()
    assert run(["connection", "resume", "memory", "--json"]) == REFUSED
    assert "not paused" in capsys.readouterr().err


def test_a_disappearance_is_accepted_as_the_connection_goes_on(erp, connection, capsys):
    Connection.objects.update(paused=Problem("many_gone", {"gone": 1, "looked": 1}).stored())
    del erp.actors[CUSTOMER, "2"]
    edit(company("Skog"), NAME="Skog AB")
    assert run(["connection", "resume", "memory", "--accept-gone", "--json"]) == PARTLY
    assert json.loads(capsys.readouterr().out)["connections"][0]["failed"] == 1
    assert Link.objects.get(actor_type="Customer", erp_key="2").state == "gone"
