"""Tables as they are found in a workbook or folder: a header row, columns by name, rows of cells."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TypeAlias

from brygga.contract.actors import ActorType, FieldType

Cell: TypeAlias = str | int | float | bool | date | datetime | time | timedelta | None
"""The content of a cell; an empty cell is None. Cells of text files are all texts."""

ID = "id"
LAST_MODIFIED = "lastmodified"
PARENT_TYPE = "parenttype"
PARENT_ID = "parentid"
SPECIAL = frozenset({ID, LAST_MODIFIED, PARENT_TYPE, PARENT_ID})
"""Columns, in any case of letters, that are no fields."""

FIELDS_TABLE = "_fields"

_EXACT_INTEGERS = 1e15


@dataclass(slots=True)
class Row:
    """A row that is not blank; `number` counts from 1 as the file's rows do."""

    number: int
    cells: list[Cell]

    def cell(self, column: int | None) -> Cell:
        """The cell in a column (from 0), None where there is none."""
        return self.cells[column] if column is not None and column < len(self.cells) else None


@dataclass
class Table:
    """One sheet or text file. `columns` maps header texts to column numbers from 0; `header_row` counts from 1.

    `all_text`: cells are texts that may stand for numbers and dates. `formats` tells what the number format of a
    column says about its type, `formulas` which rows of a column hold formulas.
    """

    name: str
    header_row: int
    columns: dict[str, int]
    rows: list[Row]
    all_text: bool = False
    formats: dict[int, FieldType] = field(default_factory=dict)
    formulas: dict[int, set[int]] = field(default_factory=dict)

    def column(self, special: str) -> int | None:
        """The number of a column by its name in lower case."""
        return next((column for header, column in self.columns.items() if header.casefold() == special), None)

    @property
    def last_row(self) -> int:
        """The number of the last row that is not blank."""
        return self.rows[-1].number if self.rows else self.header_row


@dataclass
class Book:
    """All tables of a connection, by name."""

    tables: dict[str, Table]

    def actor_tables(self) -> dict[ActorType, Table]:
        """The tables named as actor types."""
        found: dict[ActorType, Table] = {}
        for table in self.tables.values():
            actor_type = actor_type_named(table.name)
            if actor_type is not None:
                found.setdefault(actor_type, table)
        return found

    def lists(self) -> dict[str, Table]:
        """The list tables: those with columns ID and Text that are neither actors nor settings."""
        return {
            name: table
            for name, table in self.tables.items()
            if actor_type_named(name) is None and table.column(ID) is not None and table.column("text") is not None
        }

    def list_named(self, name: str) -> Table | None:
        """A list table by name, in any case of letters."""
        return next((table for key, table in self.lists().items() if key.casefold() == name.casefold()), None)


def actor_type_named(name: str) -> ActorType | None:
    """The actor type with this name, in any case of letters."""
    wanted = name.strip().casefold()
    return next((kind for kind in ActorType if kind.casefold() == wanted and kind is not ActorType.UNKNOWN), None)


def make_table(name: str, numbered_rows: Iterable[tuple[int, list[Cell]]]) -> Table | None:
    """A table from rows with their numbers; the first that is not blank is the header. None if all are blank."""
    filled = (Row(number, cells) for number, cells in numbered_rows if any(cell is not None for cell in cells))
    header = next(filled, None)
    if header is None:
        return None
    columns: dict[str, int] = {}
    for place, cell in enumerate(header.cells):
        if text := plain(cell).strip():
            columns.setdefault(text, place)
    return Table(name, header.number, columns, list(filled))


def tidy(cell: Cell) -> Cell:
    """A cell as read by the spreadsheet reader: whole numbers as integers, empty texts as None."""
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() and abs(cell) < _EXACT_INTEGERS else cell
    return None if cell == "" else cell


def plain(cell: Cell) -> str:
    """The text that stands for a cell where a text is wanted: `1234`, not `1234.0`."""
    if isinstance(cell, str):
        return cell
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(int(cell))
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < _EXACT_INTEGERS else repr(cell)
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)


def key_of(row: Row, column: int | None) -> str:
    """The ERP key in a row; empty if there is none."""
    return plain(row.cell(column)).strip()


def fingerprint(row: Row, columns: Sequence[tuple[str, int]]) -> bytes:
    """A digest of what a row says in these columns, whether a number is written as number or as text."""
    cells = row.cells
    width = len(cells)
    parts = [f"{header}\x1f{plain(cells[place])}" for header, place in columns if place < width]
    return hashlib.blake2b("\x1e".join(part for part in parts if part[-1] != "\x1f").encode(), digest_size=12).digest()


def list_items(table: Table) -> dict[str, str]:
    """The items of a list table: key to text; the first of two rows with one key wins."""
    key_column, text_column = table.column(ID), table.column("text")
    items: dict[str, str] = {}
    for row in table.rows:
        if key := key_of(row, key_column):
            items.setdefault(key, plain(row.cell(text_column)))
    return items
