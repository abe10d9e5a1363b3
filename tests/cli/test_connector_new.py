"""`brygga connector new`: what it makes works as it is, in process and over SOAP; what it cannot make it tells."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from tests.cli.test_connector import process, url_in

from brygga.cli import run
from brygga.cli.connector_new import _FILES
from brygga.cli.output import DONE, REFUSED, USAGE

NAME = "small-ledger"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project as it is generated."""
    path = tmp_path_factory.mktemp("author") / "project"
    assert run(["connector", "new", NAME, "--directory", str(path)]) == DONE
    return path


@pytest.fixture(scope="module")
def installed(project: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The directory that the project is installed in, entry point included; to be put on PYTHONPATH."""
    target = tmp_path_factory.mktemp("installed")
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--target", str(target)]
    subprocess.run([sys.executable, "-m", "pip", "install", *options, str(project)], check=True)
    return str(target)


@pytest.fixture
def erp(project: Path, tmp_path: Path) -> str:
    """A copy of the sample ERP that may be changed."""
    return str(shutil.copy(project / "erp.json", tmp_path))


def python(path: str, *arguments: str, cwd: Path | None = None, **variables: str) -> str:
    """What Python prints when it runs a module, with this path for imports. It must succeed."""
    ours = ("BRYGGA_", "DJANGO_", "PYTEST_", "DATABASE_URL")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(ours)}
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=cwd,
        env=kept | {"PYTHONPATH": path} | variables,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def brygga(path: str, home: Path, *arguments: str) -> Any:
    return json.loads(python(path, "brygga", *arguments, "--json", BRYGGA_HOME=str(home)))


def assert_clean(report: dict[str, Any]) -> None:
    assert report["findings"] == []
    assert report["grade"] == "conforms"
    assert report["wrote"] is True


def test_its_own_tests_pass_as_they_are(project: Path, installed: str) -> None:
    assert "2 passed" in python(installed, "pytest", "-p", "no:cacheprovider", "-q", cwd=project)


def test_it_is_listed_and_conforms_in_process(installed: str, home: Path, erp: str) -> None:
    listed = {connector["name"]: connector["title"] for connector in brygga(installed, home, "connector", "list")}
    assert listed[NAME] == "Small Ledger"
    assert_clean(
        brygga(installed, home, "connector", "check", f"plugin://{NAME}", "--config", f"File={erp}", "--write")
    )


def test_it_is_served_and_conforms_over_http(installed: str, home: Path, erp: str) -> None:
    with process(home, "connector", "serve", NAME, "--port", "0", PYTHONPATH=installed) as (server, next_line):
        url = url_in(next_line())
        assert_clean(brygga("", home, "connector", "check", url, "--config", f"File={erp}", "--write"))
        server.terminate()
        assert server.wait(timeout=20) == 0


def test_its_code_is_tidy(project: Path) -> None:
    options = ["--isolated", "--no-cache", "--line-length=120"]
    python("", "ruff", "check", *options, "--select=E,F,I,UP,B,SIM", cwd=project)
    python("", "ruff", "format", *options, "--check", cwd=project)


def test_every_template_is_used_and_filled_in(project: Path) -> None:
    templates = {path.name for path in resources.files("brygga.check.project").iterdir() if path.name.endswith(".tmpl")}
    assert templates == {f"{template}.tmpl" for template in _FILES.values()}
    made = {path.relative_to(project).as_posix(): path.read_text("utf-8") for path in project.rglob("*.*")}
    assert "src/brygga_small_ledger/connector.py" in made
    assert "plugin://small-ledger" in made["README.md"]
    assert not [path for path, text in made.items() if "$" in text.replace("$PWD", "")]


def test_the_directory_is_named_after_the_connector(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["connector", "new", "ledger2"]) == DONE
    assert (tmp_path / "brygga-ledger2" / "pyproject.toml").is_file()
    assert "pip install -e 'brygga-ledger2[test]'" in capsys.readouterr().out


@pytest.mark.parametrize(
    "name", ["Ledger", "2ledger", "my_ledger", "-ledger", "ledger-", "a--b", "my ledger", "ä", "../x", "x" * 41]
)
def test_a_name_that_cannot_be_one_is_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["connector", "new", "--", name]) == USAGE
    assert f'"{name}" is no name for a connector' in capsys.readouterr().err
    assert not list(tmp_path.glob("brygga-*"))


def test_the_name_of_an_installed_connector_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["connector", "new", "csv", "--directory", str(tmp_path / "new")]) == USAGE
    assert 'There is a connector "csv"' in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_a_directory_that_exists_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "README.md").write_text("mine", encoding="utf-8")
    assert run(["connector", "new", "ledger", "--directory", str(tmp_path)]) == REFUSED
    assert "exists already" in capsys.readouterr().err
    assert (tmp_path / "README.md").read_text("utf-8") == "mine"
    assert not (tmp_path / "pyproject.toml").exists()


def test_a_directory_that_cannot_be_made_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert run(["connector", "new", "ledger", "--directory", str(tmp_path / "file" / "project")]) == REFUSED
    assert "cannot be made" in capsys.readouterr().err
