"""`brygga serve` as a process: it starts on a fresh directory, answers, and stops cleanly when told to."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

START_A_JOB = """
import django; django.setup()
from brygga.erp.services import jobs
jobs.start(jobs.JobKind.SYNC, {"connections": None, "record": None}, "eva")
"""


def _brygga(home: Path, *arguments: str) -> str:
    kept = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    command = [sys.executable, *arguments]
    environment = kept | {"BRYGGA_HOME": str(home)}
    return subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True, timeout=60).stdout


def _state_of_the_job(home: Path) -> str:
    (job,) = json.loads(_brygga(home, "-m", "brygga", "job", "list", "--json"))
    return str(job["state"])


def test_it_works_off_jobs(home: Path) -> None:
    _brygga(home, "-m", "brygga", "migrate")
    _brygga(home, "-c", START_A_JOB)
    kept = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    command = [sys.executable, "-m", "brygga", "serve", "--port", "0"]
    with subprocess.Popen(command, env=kept | {"BRYGGA_HOME": str(home)}, stdout=subprocess.DEVNULL) as server:
        try:
            until = time.monotonic() + 60
            while (state := _state_of_the_job(home)) != "done":
                assert time.monotonic() < until, state
            server.send_signal(signal.SIGTERM)
            assert server.wait(timeout=20) == 0
        finally:
            server.kill()


@pytest.mark.parametrize(("extra", "end"), [([], signal.SIGTERM), (["--no-engine"], signal.SIGINT)])
def test_it_serves_until_it_is_told_to_stop(home: Path, extra: list[str], end: signal.Signals) -> None:
    kept = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    with subprocess.Popen(
        [sys.executable, "-m", "brygga", "serve", "--port", "0", *extra],
        env=kept | {"BRYGGA_HOME": str(home)},
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        try:
            assert server.stdout is not None
            said = re.search(r"http://127\.0\.0\.1:[1-9]\d*/", server.stdout.readline())
            assert said is not None
            with urllib.request.urlopen(f"{said[0]}healthz", timeout=10) as answer:
                assert answer.status == 200
            server.send_signal(end)
            assert server.wait(timeout=20) == 0
        finally:
            server.kill()


def _wsdl_as_seen(home: Path, trusted: str) -> str:
    """The description of the hosted connectors, asked for as a reverse proxy on this machine would."""
    kept = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    own = {"BRYGGA_HOME": str(home), "BRYGGA_HOST_CONNECTORS": "csv", "BRYGGA_TRUSTED_PROXY": trusted}
    own["BRYGGA_ALLOWED_HOSTS"] = "127.0.0.1,crm.example.com"
    command = [sys.executable, "-m", "brygga", "serve", "--port", "0", "--no-engine"]
    with subprocess.Popen(command, env=kept | own, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            said = re.search(r"http://127\.0\.0\.1:[1-9]\d*/", server.stdout.readline())
            assert said is not None
            headers = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "crm.example.com"}
            asked = urllib.request.Request(f"{said[0]}Services/ErpConnectorWS.svc?wsdl", headers=headers)
            with urllib.request.urlopen(asked, timeout=20) as answer:
                return str(answer.read().decode())
        finally:
            server.terminate()


def test_a_trusted_proxy_says_how_the_server_is_reached(home: Path) -> None:
    assert 'location="https://crm.example.com/Services/ErpConnectorWS.svc"' in _wsdl_as_seen(home, "127.0.0.1")


def test_nobody_else_is_believed(home: Path) -> None:
    assert "crm.example.com" not in _wsdl_as_seen(home, "192.0.2.1")
