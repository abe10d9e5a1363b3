"""The connectors that come with the system conform, reading and writing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet
from tests.soap.hosting import live, new_store

from brygga.check import Grade, Outcome, Report, assert_conforms, run
from brygga.check.hostile import SAMPLE_VALUES, SampleConnector
from brygga.connectors.csv_folder import CsvConnector
from brygga.connectors.workbook import WorkbookConnector
from brygga.contract import Connector
from brygga.soap.client import SoapConnector
from brygga.soap.host import application

FIELDS = [
    ("Sheet", "Field", "Name", "Type", "List", "MaxLength", "Mandatory", "ReadOnly"),
    ("Customer", "Name", 'US:"Name";SW:"Namn"', "text", None, 60, "x", None),
    ("Customer", "Note", "Note", "text", None, None, None, None),
    ("Customer", "CheckboxActive", "Active", "checkbox", None, None, None, None),
    ("Customer", "Balance", "Balance", "double", None, None, None, "x"),
]
CUSTOMERS = [
    ("ID", "Name", "Note", "Zip", "CustomerGroup", "Employees", "Turnover", "Since", "CheckboxActive", "Balance"),
    (1, "Kvarnen AB", "Ring först", "0054", 1, 5, 10.5, datetime(2021, 3, 1, 8, 15), True, 100.25),
    (2, "Smedjan & Co", None, "1234", 2, 40, 2.0, datetime(2009, 7, 6, 0, 0), False, -3.5),
    (3, "örnen", "<fin>", "9876", None, 100, 99.9, None, True, 0.5),
    (5, "Åkeriet 100%", "Last", "0054", 1, None, None, datetime(2014, 12, 27, 17, 45, 30), False, None),
]
PERSONS = [
    ("ID", "ParentType", "ParentID", "FirstName", "Phone"),
    (1, "Customer", 1, "Erik", "08-123"),
    (2, "Supplier", 1, "Hanna", None),
    (3, "Customer", 2, "Åsa", "031-99"),
]
SUPPLIERS = [("ID", "Name", "City"), (1, "Leveransen", "Malmö")]
GROUPS = [("ID", "Text"), (1, "Retail"), (2, "Industry")]
SHEETS: dict[str, Sequence[tuple[object, ...]]] = {
    "Customer": CUSTOMERS,
    "Person": PERSONS,
    "Supplier": SUPPLIERS,
    "CustomerGroup": GROUPS,
    "_fields": FIELDS,
}

Made = tuple[Connector, dict[str, str]]


def workbook(home: Path) -> Made:
    book = Workbook()
    assert isinstance(book.active, Worksheet)
    book.remove(book.active)
    for name, rows in SHEETS.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    book.save(home / "erp.xlsx")
    return WorkbookConnector(), {"Filename": "erp.xlsx"}


def csv(home: Path) -> Made:
    folder = home / "erp"
    folder.mkdir()
    for name, rows in SHEETS.items():
        lines = (";".join(_cell(value) for value in row) for row in rows)
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return CsvConnector(), {"Folder": "erp"}


def _cell(value: object) -> str:
    if value is None:
        return ""
    text = value.isoformat(" ") if isinstance(value, datetime) else str(value)
    return f'"{text.replace(chr(34), chr(34) * 2)}"' if set(text) & set(';"\n') else text


def sample(home: Path) -> Made:
    return SampleConnector(), dict(SAMPLE_VALUES)


@pytest.fixture(params=[workbook, csv, sample])
def made(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Made:
    monkeypatch.setenv("BRYGGA_HOME", str(tmp_path))
    monkeypatch.delenv("BRYGGA_FILE_ROOTS", raising=False)
    make: Callable[[Path], Made] = request.param
    return make(tmp_path)


def clean(report: Report) -> bool:
    assert not report.findings, report.as_text()
    return report.grade is Grade.CONFORMS


@pytest.fixture
def behind_a_url(tmp_path: Path) -> Iterator[Connector]:
    """The sample connector as a client sees it over SOAP."""
    with live(application({"sample": SampleConnector()}, new_store(tmp_path))) as url:
        client = SoapConnector(url)
        yield client
        client.close()


def test_a_good_connector_has_no_findings_over_soap_either(behind_a_url: Connector) -> None:
    assert clean(run(behind_a_url, SAMPLE_VALUES, write=True))


@pytest.mark.parametrize("write", [False, True], ids=["reading", "writing"])
def test_a_good_connector_has_no_findings(made: Made, write: bool) -> None:
    assert clean(run(*made, write=write))


def test_writing_checks_every_rule_that_needs_it(made: Made) -> None:
    report = run(*made, write=True)
    assert {rule.number for rule in report.rules(Outcome.NOT_APPLICABLE)} <= {"C3", "C13"}


def test_authors_check_their_connector_in_a_test_of_their_own(made: Made) -> None:
    assert_conforms(*made)
