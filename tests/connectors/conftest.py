from __future__ import annotations

from pathlib import Path

import pytest
from tests.connectors import sample

from brygga.connectors.csv_folder import CsvConnector
from brygga.connectors.tabular import TabularConnector
from brygga.connectors.workbook import WorkbookConnector
from brygga.contract.actors import ConnectionInfo

GUID = "11111111-2222-3333-4444-555555555555"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BRYGGA_HOME", str(tmp_path))
    monkeypatch.delenv("BRYGGA_FILE_ROOTS", raising=False)
    return tmp_path


@pytest.fixture
def book(home: Path) -> Path:
    sample.untidy(home / "erp.xlsx")
    return home / "erp.xlsx"


@pytest.fixture
def connector(book: Path) -> TabularConnector:
    connector = WorkbookConnector()
    assert connector.save_connection(ConnectionInfo(GUID, {"Filename": book.name})).ok
    return connector


@pytest.fixture
def folder(home: Path) -> Path:
    folder = home / "csv"
    folder.mkdir()
    (folder / "Customer.csv").write_bytes(
        'ID;Nm;Zip;CustGr;Amount;Since\r\n1;"Kvarnen ""AB""";0054;1;1,5;2020-01-31\r\n'
        '2;Sm\xf6rg\xe5s;1234;;12,25;2021-02-03\r\n\r\n3;"Two\r\nlines";;2;;\r\n'.encode("cp1252")
    )
    (folder / "CustomerGroup.csv").write_text("ID,Text\n1,Small\n2,Large\n", encoding="utf-8")
    return folder


@pytest.fixture
def csv_connector(folder: Path) -> CsvConnector:
    connector = CsvConnector()
    assert connector.save_connection(ConnectionInfo(GUID, {"Folder": folder.name})).ok
    return connector
