"""The ready-made connectors conform behind a URL, too: the project's own host and client in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.check.test_good_connectors import Made, clean, csv, workbook
from tests.soap.hosting import live, new_store

from brygga.check import Outcome, run
from brygga.soap.client import SoapConnector
from brygga.soap.host import application


@pytest.fixture(params=[workbook, csv])
def behind_a_url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Made]:
    """A connector as a client sees it over SOAP, and a configuration that works."""
    monkeypatch.setenv("BRYGGA_HOME", str(tmp_path))
    monkeypatch.delenv("BRYGGA_FILE_ROOTS", raising=False)
    make: Callable[[Path], Made] = request.param
    connector, configuration = make(tmp_path)
    with live(application({connector.name: connector}, new_store(tmp_path))) as url:
        client = SoapConnector(f"{url}?ConnectorName={connector.name}")
        yield client, configuration
        client.close()


@pytest.mark.parametrize("write", [False, True], ids=["reading", "writing"])
def test_a_ready_made_connector_has_no_findings_over_http(behind_a_url: Made, write: bool) -> None:
    report = run(*behind_a_url, write=write)
    assert clean(report)
    assert write is not any(rule.writes for rule in report.rules(Outcome.NOT_APPLICABLE))
