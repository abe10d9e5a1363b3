"""The log: one line per event, and no secret in a traceback."""

from __future__ import annotations

import io
import json
import logging
import logging.config
from collections.abc import Iterator

import pytest
import structlog
from django.conf import settings

from brygga.site import logs


@pytest.fixture(params=[False, True], ids=["machine", "terminal"])
def terminal(request: pytest.FixtureRequest) -> bool:
    return request.param


@pytest.fixture
def stderr(terminal: bool, monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    stream = io.StringIO()
    stream.isatty = lambda: terminal  # type: ignore[method-assign]
    monkeypatch.setattr("sys.stderr", stream)
    logging.config.dictConfig(logs.configuration("INFO"))
    yield stream
    monkeypatch.undo()
    logging.config.dictConfig(settings.LOGGING)


def test_a_traceback_is_logged_without_the_values_of_variables(stderr: io.StringIO) -> None:
    password = "".join(reversed("tegilmeh"))
    try:
        {}[len(password)]
    except KeyError:
        structlog.get_logger("brygga.tests").exception("connection.refused")
    assert "connection.refused" in stderr.getvalue()
    assert "KeyError" in stderr.getvalue()
    assert password not in stderr.getvalue()


@pytest.mark.parametrize("terminal", [False], indirect=True)
def test_libraries_and_brygga_write_the_same_kind_of_line(stderr: io.StringIO) -> None:
    structlog.get_logger("brygga.tests").info("poll.done", read=3)
    logging.getLogger("django.request").error("no answer from %s", "db")
    logging.getLogger("django.request").info("not worth a line")
    ours, theirs = map(json.loads, stderr.getvalue().splitlines())
    assert (ours["event"], ours["read"], ours["logger"]) == ("poll.done", 3, "brygga.tests")
    assert (theirs["event"], theirs["level"]) == ("no answer from db", "error")
