"""The connector `workbook`: an Excel file (.xlsx, .xlsm) as ERP."""

from __future__ import annotations

from datetime import date, time, timedelta

from brygga.connectors import files
from brygga.connectors.errors import ChangedMeanwhile
from brygga.connectors.sheets import Cell, Row, Table
from brygga.connectors.source import Change, Reading, Source
from brygga.connectors.tabular import TabularConnector
from brygga.connectors.texts import text
from brygga.connectors.xlsx_package import Package
from brygga.connectors.xlsx_patch import RowEdit, patch
from brygga.connectors.xlsx_read import read_book

_MOMENTS = (date, time, timedelta)


class WorkbookSource(Source):
    """A workbook: a sheet per actor type, a sheet per list."""

    def unchanged(self, reading: Reading) -> bool:
        return files.same(reading.version, files.version(self.path))

    def read(self) -> Reading:
        content, version = files.read(self.path)
        package = Package(content, self.path.name)
        return Reading(version, read_book(package))

    def write(self, reading: Reading, changes: list[Change]) -> None:
        files.refuse_if_open(self.path)
        content, version = files.read(self.path)
        if not files.same_file(reading.version, version):
            raise ChangedMeanwhile(str(self.path))
        patched = patch(Package(content, self.path.name), [_edit(change) for change in changes])
        files.replace(self.path, patched, version)


def _edit(change: Change) -> RowEdit:
    table = change.table
    row = next((row for row in table.rows if row.number == change.row), Row(change.row, []))
    edit = RowEdit(table.name, change.row, {})
    for column, value in change.cells.items():
        old = row.cell(column)
        donor = _donor(table, column, value) if old is None or isinstance(value, _MOMENTS) else None
        if donor is not None and not (isinstance(value, _MOMENTS) and isinstance(old, _MOMENTS)):
            edit.styles_from[column] = donor
        edit.cells[column] = _as_beside(table, column, value)
    return edit


def _donor(table: Table, column: int, value: Cell) -> int | None:
    """The last row that shows how such a value is formatted in this column."""
    wanted = _MOMENTS if isinstance(value, _MOMENTS) else (object,)
    rows = (row for row in reversed(table.rows) if row.cell(column) is not None)
    return next((row.number for row in rows if isinstance(row.cell(column), wanted)), None)


def _as_beside(table: Table, column: int, value: Cell) -> Cell:
    """A checkbox value as TRUE or FALSE where the column has these, else as 1 or 0."""
    if not isinstance(value, bool):
        return value
    beside = next((row.cell(column) for row in table.rows if row.cell(column) is not None), True)
    return value if isinstance(beside, bool) else int(value)


class WorkbookConnector(TabularConnector):
    """Keeps actors in the sheets of an Excel workbook."""

    name = "workbook"
    title = text("workbook")
    description = text("workbook_description")
    config_key = "Filename"
    config_label = text("workbook_path")
    config_help = text("workbook_path_help")
    source_class = WorkbookSource
