"""Builds the files that the connector tests work on: an untidy workbook, and one with everything around the cells."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from pathlib import Path

from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table
from openpyxl.worksheet.worksheet import Worksheet

MACROS = b"\xd0\xcf\x11\xe0 not really macros \x00\x01\x02" * 40

CUSTOMER_HEADER = [
    *("LastModified", "ID", "CustNo", "Nm", "Ad1", "Zip"),
    *("CustGr", "IntField", "DoubleField", "DateField", "CheckboxField"),
]
CUSTOMERS = [
    (datetime(2024, 5, 13, 13, 50, 48), 1, 10001, "Kvarnen AB", "Ågatan 1", 1234, 1, 1, 1.5, datetime(2009, 7, 6), 1),
    (datetime(2024, 5, 13, 13, 50, 49), 2, 10002, "Smedjan & Co", None, "0054", 3, 2, 2, datetime(2014, 12, 27), 0),
    (None,) * 11,
    (datetime(2024, 5, 13, 13, 50, 50), 3, 10005, "Örnen", "Torget", 9876, None, 3, 3, None, 1),
]
PERSONS = [
    (datetime(2024, 2, 13, 12, 39), 1, "Customer", 1, 1234, "Erik", None),
    (datetime(2024, 2, 13, 12, 40), 2, "Supplier", 1, 6213, "Hanna", None),
]


def untidy(path: Path) -> None:
    """A workbook with zip codes as numbers and as texts, blank rows, empty cells and numeric keys."""
    workbook = Workbook()
    customers = workbook.active
    assert isinstance(customers, Worksheet)
    customers.title = "Customer"
    customers.append(CUSTOMER_HEADER)
    persons = workbook.create_sheet("Person")
    persons.append(["LastModified", "ID", "ParentType", "ParentID", "PersonNo", "FirstName", "Phone"])
    suppliers = workbook.create_sheet("Supplier")
    suppliers.append(["ID", "Nm"])
    suppliers.append([1, "Leveransen"])
    for rows, sheet in ((CUSTOMERS, customers), (PERSONS, persons)):
        for row in rows:
            sheet.append(list(row))
    for name in ("CustomerGroup", "SupplierGroup"):
        groups = workbook.create_sheet(name)
        groups.append(["ID", "Text"])
        for number in range(1, 10):
            groups.append([number, f"{name} {number}"])
    workbook.save(path)


def rich(path: Path, rows: int = 3) -> None:
    """A workbook with a chart, formulas, formats, widths, a table, validation, a foreign sheet and macros."""
    workbook = Workbook()
    sheet = workbook.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "Customer"
    sheet.append(["ID", "Name", "Amount", "Twice", "Since"])
    for number in range(1, rows + 1):
        sheet.append([number, f"Firm {number}", number * 10.5, f"=C{number + 1}*2", datetime(2020, 1, number % 28 + 1)])
        sheet.cell(number + 1, 2).fill = PatternFill("solid", fgColor="FFEEAA")
        sheet.cell(number + 1, 5).number_format = "dd/mm/yyyy"
    sheet.column_dimensions["B"].width = 42
    sheet["A1"].font = Font(bold=True)
    sheet.freeze_panes = "B2"
    sheet.add_table(Table(displayName="Customers", ref=f"A1:E{rows + 1}"))
    validation = DataValidation(type="whole", operator="greaterThan", formula1="0")
    validation.add("C2:C99")
    sheet.add_data_validation(validation)
    notes = workbook.create_sheet("Notes for people")
    notes["B7"] = "keep me"
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=3, min_row=1, max_row=rows + 1), titles_from_data=True)
    notes.add_chart(chart, "D2")
    workbook.save(path)
    _add_part(path, "xl/vbaProject.bin", MACROS)


def _add_part(path: Path, name: str, content: bytes) -> None:
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)


def parts(path: Path) -> dict[str, bytes]:
    """The unpacked parts of a workbook by name."""
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
