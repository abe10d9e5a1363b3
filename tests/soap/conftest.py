"""A host on loopback with connectors in memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.soap.hosting import Memory, Recorder, Served, live, new_store

from brygga.soap.host import application


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A host with two connectors in memory and one that remembers its calls."""
    connectors = {"one": Memory(), "two": Memory(), "rec": Recorder()}
    store = new_store(tmp_path)
    with live(application(connectors, store)) as url:
        yield Served(url, connectors, store)


@pytest.fixture
def one(served: Served) -> Memory:
    connector = served.connectors["one"]
    assert isinstance(connector, Memory)
    return connector
