"""`brygga config …`: applying, exporting, comparing; what is wrong with a file is told by line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.erp.memory_erp import MemoryErp
from tests.erp.sample_connector import SampleConnector

from brygga.cli import run
from brygga.cli.output import DONE, REFUSED, USAGE
from brygga.erp import connectors
from brygga.erp.connectors import stored_values
from brygga.erp.models import Connection, Connector, FieldMapping

pytestmark = pytest.mark.django_db

FILE = """\
sync: {interval: 60}
connectors:
  - {name: Memory, url: "plugin://memory"}
connections:
  - name: {en: Warehouse, sv: Lager}
    connector: Memory
    active: true
    actors:
      Customer:
        sync: true
        fields:
          NAME: {crm: NAME, direction: both}
          GROUP: {crm: category, direction: to_crm, list: {"1": Retail}}
"""
SAMPLE = """\
connectors:
  - {{name: Sample, url: "plugin://sample"}}
connections:
  - {{name: Shop, connector: Sample, config: {{{config}}}}}
"""


@pytest.fixture(autouse=True)
def erp() -> Iterator[MemoryErp]:
    with connectors.use("memory", MemoryErp()) as connector:
        yield connector


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "brygga.yaml"
    path.write_text(FILE, encoding="utf-8")
    return path


def said(capsys: pytest.CaptureFixture[str], *arguments: object, status: int = DONE) -> tuple[str, str]:
    """What a command printed on stdout and stderr; it must end with this status."""
    capsys.readouterr()
    assert run([str(argument) for argument in arguments]) == status
    return capsys.readouterr()


def document(capsys: pytest.CaptureFixture[str], *arguments: object) -> Any:
    out, err = said(capsys, *arguments, "--json")
    assert err == ""
    return json.loads(out)


def test_a_file_goes_round(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, err = said(capsys, "config", "apply", file)
    assert "connections.Warehouse.actors.Customer.fields.NAME.direction\t\tboth" in out.splitlines()
    assert err == ""
    copy = tmp_path / "copy.yaml"
    assert said(capsys, "config", "export", copy) == ("", "")
    assert said(capsys, "config", "diff", copy) == ("Nothing to change.\n", "")
    assert document(capsys, "config", "apply", copy) == {"changed": False, "changes": []}
    Connection.objects.all().delete()
    Connector.objects.all().delete()
    said(capsys, "config", "apply", copy)
    printed, _ = said(capsys, "config", "export")
    assert yaml.safe_load(printed) == yaml.safe_load(copy.read_text(encoding="utf-8"))
    assert FieldMapping.objects.get(key="NAME").crm_key == "NAME"


def test_diff_shows_and_changes_nothing(file: Path, capsys: pytest.CaptureFixture[str], erp: MemoryErp) -> None:
    said(capsys, "config", "apply", file)
    file.write_text(FILE.replace("interval: 60", "interval: 90"), encoding="utf-8")
    expected = [{"key": "sync.interval", "old": 60, "new": 90}]
    assert document(capsys, "config", "diff", file) == expected
    assert document(capsys, "config", "diff", file) == expected
    assert document(capsys, "config", "apply", file) == {"changed": True, "changes": expected}
    assert document(capsys, "config", "diff", file) == []


def test_a_file_with_a_mark_at_its_start_is_read(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(FILE, encoding="utf-8-sig")
    said(capsys, "config", "apply", file)
    assert Connection.objects.get().active


@pytest.mark.parametrize("command", ["apply", "diff"])
def test_everything_that_is_wrong_is_told_by_line_and_nothing_is_done(
    command: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = FILE.replace("interval: 60", "interval: soon").replace("NAME: {", "NAMN: {")
    file.write_text(wrong, encoding="utf-8")
    out, err = said(capsys, "config", command, file, status=REFUSED)
    assert out == ""
    first, second, verdict = [line for line in err.splitlines() if not line.startswith("{")]  # the log has braces
    assert first == "line 1, sync.interval: expected a whole number here."
    assert second.startswith("line 12, connections.Warehouse.actors.Customer.fields.NAMN:")
    assert second.endswith('Did you mean "NAME"?')
    assert verdict == f"brygga: {file} has 2 problems, listed above; nothing was changed."
    assert not Connection.objects.exists()


def test_what_is_no_yaml_is_told_by_line(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text("connectors:\n  - {name: [1\n", encoding="utf-8")
    _, err = said(capsys, "config", "apply", file, status=REFUSED)
    assert "line 3, YAML: this is not YAML" in err


def test_files_that_can_not_be_had(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("apply", "diff"):
        _, err = said(capsys, "config", command, tmp_path / "absent.yaml", status=USAGE)
        assert "absent.yaml cannot be read" in err
    file.write_bytes("name: Lågpris".encode("latin-1"))
    _, err = said(capsys, "config", "apply", file, status=REFUSED)
    assert "not a text file in UTF-8" in err
    _, err = said(capsys, "config", "export", tmp_path / "no folder" / "x.yaml", status=REFUSED)
    assert "cannot be written" in err


def test_a_password_without_a_value_is_removed_and_one_that_is_left_out_stays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def apply(config: str) -> dict[str, str]:
        path.write_text(SAMPLE.format(config=config), encoding="utf-8")
        said(capsys, "config", "apply", path)
        return stored_values(Connection.objects.get())

    path = tmp_path / "sample.yaml"
    with connectors.use("sample", SampleConnector()):
        assert apply("Server: a, Password: hemlig") == {"Server": "a", "Password": "hemlig"}
        assert apply("Server: b") == {"Server": "b", "Password": "hemlig"}
        assert apply("Server: b, Password: ") == {"Server": "b"}
