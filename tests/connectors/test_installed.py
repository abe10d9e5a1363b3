"""Connectors found by their entry points; one that is broken does not take the others down."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import EntryPoint

import pytest

from brygga import connectors
from brygga.connectors.workbook import WorkbookConnector

BROKEN = EntryPoint("broken", "brygga.no_such_module:Connector", connectors.GROUP)
WORKBOOK = EntryPoint("workbook", "brygga.connectors.workbook:WorkbookConnector", connectors.GROUP)


@pytest.fixture
def with_a_broken_one(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def forget() -> None:
        for cached in (connectors.names, connectors.installed, connectors.load):
            cached.cache_clear()

    monkeypatch.setattr(connectors, "entry_points", lambda group: [WORKBOOK, BROKEN])
    forget()
    yield
    forget()


@pytest.mark.usefixtures("with_a_broken_one")
def test_a_broken_connector_is_left_out_and_logged(caplog):
    assert connectors.names() == ("broken", "workbook")
    assert connectors.installed() == {"workbook": WorkbookConnector}
    assert "the connector broken" in caplog.text
    assert isinstance(connectors.load("workbook"), WorkbookConnector)


@pytest.mark.usefixtures("with_a_broken_one")
def test_a_broken_connector_says_so_when_it_is_asked_for():
    with pytest.raises(LookupError, match="is installed and can't be loaded"):
        connectors.load("broken")


def test_an_unknown_connector_is_answered_with_those_that_are_installed():
    with pytest.raises(LookupError, match=r'no connector "sap". Installed: .*csv.*workbook'):
        connectors.load("sap")
