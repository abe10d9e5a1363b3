"""Brygga, an ERP and a person at the CRM as processes, and the means to kill Brygga at a chosen moment."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from tests.e2e import kill_editor, kill_erp

KILLED = -signal.SIGKILL
PATIENCE = 60.0
"""Seconds after which a process that should have done something has failed."""
_LOOK_EVERY = 0.002


@dataclass(frozen=True)
class Moment:
    """When to kill: that many seconds after the ERP has been called that often."""

    calls: int
    seconds: float


class Erp:
    """The ERP's process, seen by the people who work in it."""

    def __init__(self, url: str, calls: Path) -> None:
        self.url = url
        self._calls = calls
        self._people = f"http://{urlsplit(url).netloc}{kill_erp.PEOPLE}"

    def edit(self, *edits: tuple[str, str, str]) -> None:
        """Change fields: (key, field, value)."""
        self._ask("", json.dumps(edits).encode())

    def state(self) -> Any:
        """Customers, and what Brygga wrote and created."""
        return self._ask("")

    def calls(self) -> int:
        """How often Brygga has called."""
        return self._calls.read_bytes().count(b"\n")

    def wait_for_calls(self, calls: int) -> None:
        """Wait until Brygga has called that often."""
        wait_until(lambda: self.calls() >= calls)

    def finish_calls(self) -> None:
        """Wait until the ERP has carried out the calls that were in it when their caller was killed."""
        wait_until(lambda: self._ask("?busy") == 0)

    def _ask(self, query: str, body: bytes | None = None) -> Any:
        with urllib.request.urlopen(f"{self._people}{query}", data=body, timeout=PATIENCE) as answer:
            return json.load(answer)


class Editor:
    """A person at the CRM."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def create(self, **fields: str) -> int:
        """Make a company; returns its id."""
        return self._ask(None, fields)

    def edit(self, record_id: int, **fields: str) -> None:
        """Change fields of a company."""
        self._ask(record_id, fields)

    def _ask(self, record_id: int | None, fields: dict[str, str]) -> int:
        asked, answers = self._process.stdin, self._process.stdout
        assert asked is not None
        assert answers is not None
        asked.write(json.dumps([record_id, fields]) + "\n")
        asked.flush()
        return int(answers.readline())


class Brygga:
    """The commands of an installation, as processes in groups of their own; what they say is kept in a file."""

    def __init__(self, folder: Path, database_url: str | None) -> None:
        self._output = folder / "output"
        self.environment = _environment(folder / "home", database_url)

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """A command that goes on while others do."""
        command = [sys.executable, "-m", "brygga", *arguments]
        with self._output.open("wb") as output, self._output.with_suffix(".errors").open("ab") as errors:
            return subprocess.Popen(command, env=self.environment, stdout=output, stderr=errors, start_new_session=True)

    def run(self, *arguments: str) -> str:
        """A command that has to succeed; returns what it printed."""
        with finally_killed(self.start(*arguments)) as process:
            status = process.wait(PATIENCE)
        assert status == 0, f"brygga {' '.join(arguments)} ended with {status}: {self.said()}"
        return self._output.read_text(encoding="utf-8")

    def read(self, *arguments: str) -> Any:
        """The document that a command prints with --json."""
        return json.loads(self.run(*arguments, "--json"))

    def said(self) -> str:
        """The last that was said on stderr, for messages."""
        return self._output.with_suffix(".errors").read_text(encoding="utf-8")[-2000:]

    def run_and_kill(self, erp: Erp, moment: Moment, *arguments: str, meanwhile: Callable[[], None] = bool) -> int:
        """Start a command and kill it at this moment; returns KILLED, or its exit status if it had ended by then.

        `meanwhile` is done once the command has called the ERP. Afterwards the ERP is quiet.
        """
        before = erp.calls()
        with finally_killed(self.start(*arguments)) as process:
            _wait_for_calls(process, erp, before + 1)
            meanwhile()
            _wait_for_calls(process, erp, before + moment.calls)
            _sleep(process, moment.seconds)
            kill(process)
        erp.finish_calls()
        return process.returncode


@contextmanager
def erp_process(folder: Path, customers: int) -> Iterator[Erp]:
    """An ERP with customers."""
    folder.mkdir()
    with _talking(kill_erp.__file__, str(folder), str(customers)) as process:
        yield Erp(_line(process.stdout), folder / "calls")


@contextmanager
def editor_process(brygga: Brygga) -> Iterator[Editor]:
    """A person at the CRM of an installation."""
    with _talking(kill_editor.__file__, environment=brygga.environment) as process:
        yield Editor(process)


@contextmanager
def finally_killed(process: subprocess.Popen[Any]) -> Iterator[subprocess.Popen[Any]]:
    """However the block ends, nothing of the process is left."""
    try:
        yield process
    finally:
        kill(process)


def kill(process: subprocess.Popen[Any]) -> None:
    """SIGKILL for the process and what it has started, unless it has ended."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(PATIENCE)


def wait_until(is_true: Callable[[], bool]) -> None:
    """Fails when it does not come true in time."""
    deadline = time.monotonic() + PATIENCE
    while not is_true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(_LOOK_EVERY)


def _wait_for_calls(process: subprocess.Popen[Any], erp: Erp, calls: int) -> None:
    wait_until(lambda: erp.calls() >= calls or process.poll() is not None)


def _sleep(process: subprocess.Popen[Any], seconds: float) -> None:
    over = time.monotonic() + seconds
    wait_until(lambda: time.monotonic() >= over or process.poll() is not None)


@contextmanager
def _talking(
    script: str, *arguments: str, environment: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    """A script that listens to what is written to it, and ends when nobody is left to write."""
    process = subprocess.Popen(
        [sys.executable, script, *arguments],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with process, finally_killed(process):
        yield process


def _line(stream: IO[str] | None) -> str:
    assert stream is not None
    line = stream.readline().strip()
    assert line, "the process ended before it was ready"
    return line


def _environment(home: Path, database_url: str | None) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    return kept | {"BRYGGA_HOME": str(home)} | ({"DATABASE_URL": database_url} if database_url else {})
