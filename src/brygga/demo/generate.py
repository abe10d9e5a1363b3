"""Writes the demo's files anew: `python -m brygga.demo.generate`. Needs openpyxl, which only developers have.

The outcome is in the repository under `brygga/demo/data`; the same seed gives the same content.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeAlias

from brygga.demo import tables
from brygga.demo.people import Maker
from brygga.demo.words import DENMARK, GERMANY, NETHERLANDS, NORWAY, SWEDEN

SEED = 2024
DATA = Path(__file__).parent / "data"

Sheets: TypeAlias = dict[str, list[Sequence[Any]]]


def main() -> None:
    """Write the workbook and the folder."""
    maker = Maker(SEED)
    nordic = tables.Erp(maker, (SWEDEN, NORWAY, DENMARK), first_key=10001)
    nordic.fill(customers=110, prospects=12, suppliers=18, projects=20)
    continental = tables.Erp(maker, (GERMANY, NETHERLANDS), first_key=50001)
    continental.fill(customers=52, prospects=8, suppliers=10, shared=nordic.companies[:8])
    write_workbook(DATA / "nordic.xlsx", nordic.sheets())
    write_folder(DATA / "continental", continental.sheets())


def write_workbook(path: Path, sheets: Sheets) -> None:
    """One sheet per table, the head row bold and frozen."""
    import openpyxl
    from openpyxl.styles import Font

    book = openpyxl.Workbook()
    book.remove(book.active)
    book.properties.created = book.properties.modified = datetime(2024, 1, 1)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
        sheet.freeze_panes = "A2"
        for cell in sheet[1]:
            cell.font = Font(bold=True)
            sheet.column_dimensions[cell.column_letter].width = 18
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)


def write_folder(folder: Path, sheets: Sheets) -> None:
    """One file per table, in UTF-8 with commas."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in sheets.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(_texts(rows))


def _texts(rows: Iterable[Sequence[Any]]) -> Iterable[list[str]]:
    return ([_text(cell) for cell in row] for row in rows)


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(int(cell))
    return cell.isoformat() if isinstance(cell, date) else str(cell)


if __name__ == "__main__":
    main()
