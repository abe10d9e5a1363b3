"""`brygga connector check`: what it prints, writes and exits with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from brygga.check.hostile import SampleConnector, with_defects
from brygga.cli import connector_check
from brygga.cli.output import DONE, PARTLY, REFUSED, USAGE, Failed
from brygga.erp.connectors import use

CONFIG = ["--config", "UserName=sync", "--config", "Password=open sesame", "--config", "Company=N"]


@pytest.fixture(autouse=True)
def _connectors() -> Iterator[None]:
    with use("good", SampleConnector()), use("remarks", with_defects("type-twice")):
        yield


def check(*arguments: str) -> int:
    app = typer.Typer()
    app.command()(connector_check.check)
    result = typer.main.get_command(app).main(args=list(arguments), prog_name="check", standalone_mode=False)
    return result if isinstance(result, int) else DONE


def status_and_text(*arguments: str) -> tuple[int, str]:
    with pytest.raises(Failed) as failed:
        check(*arguments)
    return failed.value.status, str(failed.value)


def test_a_good_connector_exits_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert check("plugin://good", *CONFIG) == DONE
    printed = capsys.readouterr()
    assert "Sample ERP: conforms" in printed.out
    assert "listing Customer" in printed.err


def test_broken_rules_exit_with_3_and_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert check("plugin://remarks", *CONFIG) == PARTLY
    assert "M2 warning" in capsys.readouterr().out


def test_json_is_the_only_thing_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    assert check("plugin://good", *CONFIG, "--json", "--write") == DONE
    document = json.loads(capsys.readouterr().out)
    assert document["grade"] == "conforms"
    assert document["wrote"] is True


def test_the_page_is_written(tmp_path: Path) -> None:
    assert check("plugin://good", *CONFIG, "--html", str(tmp_path / "report.html")) == DONE
    assert "<h1>Sample ERP: conforms</h1>" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_a_page_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    status, text = status_and_text("plugin://good", *CONFIG, "--html", str(tmp_path / "missing" / "report.html"))
    assert status == REFUSED
    assert "cannot be written" in text


def test_a_configuration_that_does_not_work_ends_the_check() -> None:
    status, text = status_and_text("plugin://good", *CONFIG, "--config", "Password=wrong")
    assert status == REFUSED
    assert "password" in text


def test_a_value_without_a_key_is_wrong_usage() -> None:
    status, text = status_and_text("plugin://good", "--config", "Password")
    assert status == USAGE
    assert "KEY=VALUE" in text
