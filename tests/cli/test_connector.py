"""`brygga connector …`, and connectors offered by `brygga serve`: as processes and as they are put together."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import urllib3
from django.conf import settings as site
from pytest_django import Settings
from tests.soap.handshake_kit import certificate, pem, private_key

from brygga.cli import run
from brygga.cli.output import DONE, REFUSED, USAGE
from brygga.contract import ConnectionInfo
from brygga.environment import SettingsError
from brygga.site.wsgi import with_connectors
from brygga.soap.client import SoapConnector
from brygga.soap.codec import encode_request
from brygga.soap.operations import OPERATIONS

GUID = "0f8fad5b-d9cb-469f-a165-70867728950e"


@contextmanager
def process(home: Path, *arguments: str, **variables: str) -> Iterator[tuple[subprocess.Popen[str], Callable[[], str]]]:
    """`brygga …` as a process, and its next line. It must end within the block."""
    kept = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    with subprocess.Popen(
        [sys.executable, "-m", "brygga", *arguments],
        env=kept | {"BRYGGA_HOME": str(home)} | variables,
        stdout=subprocess.PIPE,
        text=True,
    ) as started:
        try:
            assert started.stdout is not None
            yield started, started.stdout.readline
        finally:
            started.kill()


def url_in(line: str) -> str:
    found = re.search(r"http://127\.0\.0\.1:[1-9]\d*/\S*", line)
    assert found is not None, line
    return found[0]


def folder_with_customers(home: Path) -> ConnectionInfo:
    folder = home / "erp"
    folder.mkdir()
    (folder / "Customer.csv").write_text("ID;NAME\n1;Berg\n", encoding="utf-8")
    return ConnectionInfo(GUID, {"Folder": str(folder)})


def test_the_installed_connectors_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["connector", "list"]) == DONE
    heads, *rows = capsys.readouterr().out.splitlines()
    assert heads == "Name\tTitle\tDescription"
    assert [row.split("\t")[0] for row in rows] == ["csv", "workbook"]


def test_the_list_is_there_for_programs_in_english(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["connector", "list", "--json"]) == DONE
    csv, workbook = json.loads(capsys.readouterr().out)
    assert list(csv) == ["name", "title", "description"]
    assert (csv["name"], workbook["name"]) == ("csv", "workbook")
    assert all(csv.values())
    assert '"' not in csv["title"]


def test_what_is_not_installed_is_not_served(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["connector", "serve", "csv", "nope"]) == USAGE
    assert 'no connector "nope"' in capsys.readouterr().err


@pytest.mark.parametrize(
    ("names", "served", "end"),
    [([], ["csv", "workbook"], signal.SIGTERM), (["workbook", "csv"], ["workbook", "csv"], signal.SIGINT)],
)
def test_connectors_are_served_without_a_database(
    home: Path, names: list[str], served: list[str], end: signal.Signals
) -> None:
    with process(home, "connector", "serve", *names, "--port", "0") as (server, next_line):
        lines = [next_line() for _ in served]
        assert [line.split()[0] for line in lines] == served
        found = {line.split()[0]: url_in(line) for line in lines}
        connector = SoapConnector(found["csv"])
        try:
            assert [field.key for field in connector.get_config_data().fields] == ["Folder"]
            assert connector.save_connection(folder_with_customers(home)).ok
            assert connector.get_supported_actor_types(GUID).items == ["Customer"]
        finally:
            connector.close()
        server.send_signal(end)
        assert server.wait(timeout=20) == 0
    assert not (home / "brygga.sqlite3").exists()
    with closing(sqlite3.connect(home / "host-connections.sqlite3")) as database:
        assert database.execute("SELECT connector, guid FROM connections").fetchall() == [("csv", GUID)]


def test_a_port_that_is_taken_is_told(home: Path) -> None:
    with process(home, "connector", "serve", "--port", "0") as (server, next_line):
        port = url_in(next_line()).split(":")[2].split("/")[0]
        again = subprocess.run(
            [sys.executable, "-m", "brygga", "connector", "serve", "--port", port], capture_output=True, text=True
        )
        assert again.returncode == REFUSED
        assert f"can't listen on 127.0.0.1:{port}" in again.stderr
        server.terminate()
        assert server.wait(timeout=20) == 0


def test_the_server_offers_the_connectors_that_it_is_told_to(home: Path) -> None:
    with process(home, "serve", "--port", "0", "--no-engine", BRYGGA_HOST_CONNECTORS="csv") as (server, next_line):
        url = url_in(next_line())
        for path in ("Services/ErpConnectorWS.svc", "services/erpconnectorws.SVC"):
            page = urllib3.request("GET", url + path).data.decode()
            assert "ConnectorName=csv" in page
            assert "workbook" not in page
        refused = urllib3.request("GET", f"{url}Services/ErpConnectorWS.svc", headers={"Host": "evil.example.com"})
        assert refused.status == 400
        with urllib.request.urlopen(f"{url}healthz", timeout=10) as answer:
            assert answer.status == 200
        server.terminate()
        assert server.wait(timeout=20) == 0


@pytest.mark.django_db
def test_the_server_offers_no_connector_by_itself(client: Any) -> None:
    assert site.BRYGGA.host_connectors == ()
    assert client.get("/Services/ErpConnectorWS.svc").status_code == 404


def test_without_connectors_the_site_is_as_it_is() -> None:
    untouched = object()
    assert with_connectors(untouched, site.BRYGGA) is untouched  # type: ignore[arg-type, comparison-overlap]


@pytest.mark.parametrize("command", [["connector", "serve"], ["serve", "--no-engine"]])
def test_callers_must_do_the_handshake_where_the_file_of_applications_says_so(home: Path, command: list[str]) -> None:
    (home / "key.pem").write_bytes(pem(private_key("connector")))
    (home / "caller.crt").write_bytes(certificate(private_key("caller")))
    file = home / "applications.yaml"
    file.write_text(
        "host: {application_id: '5f0c2a', private_key: key.pem, caller_certificates: [caller.crt]}", encoding="utf-8"
    )
    variables = {"BRYGGA_APPLICATIONS": str(file), "BRYGGA_HOST_CONNECTORS": "csv"}
    with process(home, *command, "--port", "0", **variables) as (server, next_line):
        url = url_in(next_line()).partition("Services")[0] + "Services/ErpConnectorWS.svc"
        call = encode_request(OPERATIONS["get_config_data"], ())
        assert urllib3.request("POST", url, body=call, headers={"Content-Type": "text/xml"}).status == 401
        server.terminate()
        assert server.wait(timeout=20) == 0


def test_a_file_of_applications_that_cannot_be_used_stops_the_server(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "applications.yaml"
    file.write_text("host: {}", encoding="utf-8")
    wrong = replace(settings.BRYGGA, host_connectors=("csv",), applications=file)
    with pytest.raises(SettingsError, match=r"BRYGGA_APPLICATIONS: host\.application_id"):
        with_connectors(lambda environ, start: [], wrong)


def test_a_connector_to_offer_that_is_not_installed_stops_the_server(settings: Settings) -> None:
    wrong = replace(settings.BRYGGA, host_connectors=("csv", "nope"))
    with pytest.raises(SettingsError, match='BRYGGA_HOST_CONNECTORS: There is no connector "nope"'):
        with_connectors(lambda environ, start: [], wrong)
