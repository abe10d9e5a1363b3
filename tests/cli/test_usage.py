"""Help, exit statuses and errors of the command line."""

from __future__ import annotations

import json

import pytest

from brygga.cli import run
from brygga.cli.app import command
from brygga.cli.erp_values import parse_line
from brygga.cli.output import DONE, PARTLY, REFUSED, USAGE, Failed
from brygga.cli.syncing import conclude
from brygga.erp.engine.report import ConnectionReport, RunReport
from brygga.erp.problems import told


def _commands() -> list[list[str]]:
    found = [[]]
    for name, part in command().commands.items():
        found.append([name])
        found += [[name, inner] for inner in getattr(part, "commands", ())]
    return found


@pytest.mark.parametrize("path", _commands(), ids=" ".join)
def test_every_command_has_help(path: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*path, "--help"]) == DONE
    assert "Usage: brygga" in capsys.readouterr().out


def test_the_promised_commands_are_there() -> None:
    paths = {" ".join(path) for path in _commands()}
    promised = ["demo", "serve", "migrate", "createuser", "import", "sync", "resync", "status", "log"]
    groups = {
        "record": "list get set create delete",
        "link": "list connect create disconnect",
        "config": "apply export diff",
        "job": "list stop run",
        "connection": "list test activate deactivate summary refresh-fields",
    }
    promised += [f"{group} {name}" for group, names in groups.items() for name in names.split()]
    assert set(promised) <= paths


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("line", "status", "said"),
    [
        ("nope", USAGE, "No such command"),
        ("record get", USAGE, "Missing argument"),
        ("record get planet 1", USAGE, "no kind of record"),
        ("record get company x", USAGE, "ID"),
        ("record set company 1", USAGE, "FIELD=VALUE"),
        ("record create contact LASTNAME=Berg", USAGE, "--company"),
        ("record create company NAME", USAGE, "FIELD=VALUE"),
        ("record create company NAME=A stop=perhaps", USAGE, "stop"),
        ("record create company NAME=A category=Nope", USAGE, 'no item "Nope"'),
        ("record create company NAME=A SHOE=43", REFUSED, "SHOE"),
        ("record create company", REFUSED, "Name"),
        ("record get company 4711", REFUSED, "4711"),
        ("sync Nowhere", REFUSED, "Nowhere"),
        ("sync --record company", USAGE, "TYPE:ID"),
        ("import Nowhere Customer", USAGE, "--all"),
        ("import Nowhere Customer --all --keys 1", USAGE, "--all"),
        ("import Nowhere Customer --all --on-duplicate guess", USAGE, "guess"),
        ("import Nowhere Customer --all --unknown-items guess", USAGE, "guess"),
        ("import Nowhere Customer --all --unknown-items default", USAGE, "--instead"),
        ("import Nowhere Customer --all --instead GROUP=Retail", USAGE, "--unknown-items default"),
        ("import Nowhere Customer --all", REFUSED, "Nowhere"),
        ("resync", USAGE, "--from"),
        ("log --connection Nowhere", REFUSED, "Nowhere"),
        ("link connect Nowhere company 1 Customer 1 --prefer me", USAGE, "--prefer"),
        ("createuser ada --password x --language xx", USAGE, "xx"),
        ("createuser ada --password x --licence gold", USAGE, "gold"),
    ],
)
def test_errors_are_one_line_on_stderr(line: str, status: int, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(line.split()) == status
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert said in err


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        ([ConnectionReport("A", read=3)], None),
        ([ConnectionReport("A", failed=1)], PARTLY),
        ([ConnectionReport("A", conflicts=1)], PARTLY),
        ([ConnectionReport("A", failure=told("The ERP is away.")), ConnectionReport("B")], PARTLY),
        ([ConnectionReport("A", failure=told("The ERP is away."))], REFUSED),
        ([], None),
    ],
)
def test_a_report_decides_the_status(
    parts: list[ConnectionReport], status: int | None, capsys: pytest.CaptureFixture[str]
) -> None:
    report = RunReport(run=5, connections=parts)
    if status is None:
        conclude(report, as_json=True)
    else:
        with pytest.raises(Failed) as failed:
            conclude(report, as_json=True)
        assert failed.value.status == status
    assert json.loads(capsys.readouterr().out) == report.as_json()


@pytest.mark.parametrize(
    ("line", "parsed"),
    [
        ("NAME begins Nord berg", ("NAME", "begins", "Nord berg")),
        ("NAME = ", ("NAME", "=", "")),
        ("QTY>=10", ("QTY", ">=", "10")),
        ("SINCE AFTERorEqual 2020-01-01", ("SINCE", "afterOrEqual", "2020-01-01")),
        ("GROUP oneof 1,2", ("GROUP", "oneof", "1,2")),
    ],
)
def test_search_lines(line: str, parsed: tuple[str, str, str]) -> None:
    assert parse_line(line) == parsed


def test_a_line_without_operator_is_wrong_usage() -> None:
    with pytest.raises(Failed, match="FIELD OP VALUE") as failed:
        parse_line("NAME like x")
    assert failed.value.status == USAGE
