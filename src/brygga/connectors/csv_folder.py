"""The connector `csv`: a folder of text files as ERP, one file per actor type and per list."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, time
from itertools import groupby
from pathlib import Path

from brygga.connectors import csv_text, files
from brygga.connectors.errors import ChangedMeanwhile, SourceError
from brygga.connectors.sheets import Book, Cell, Table, make_table, plain
from brygga.connectors.source import Change, Reading, Source
from brygga.connectors.tabular import TabularConnector
from brygga.connectors.texts import text

_DECIMAL_COMMA = re.compile(r"-?\d+,\d+", re.ASCII)
_DATE_LENGTH = len("2000-01-31")


class CsvFolder(Source):
    """A folder with Customer.csv, Person.csv, a file per list, and perhaps _fields.csv.

    A batch that touches several files replaces each of them at once, one after the other.
    """

    def _paths(self) -> dict[str, Path]:
        if not self.path.is_dir():
            raise SourceError(text("no_folder", name=self.path.name), f"no folder {self.path}")
        try:
            found = sorted(path for path in self.path.iterdir() if path.suffix.lower() == ".csv")
        except OSError as error:
            raise SourceError(text("folder_unreadable", name=self.path.name), repr(error)) from error
        return {path.stem: path for path in found if not path.name.startswith((".", "~$"))}

    def unchanged(self, reading: Reading) -> bool:
        now = {name: files.version(path) for name, path in self._paths().items()}
        old = reading.version
        return now.keys() == old.keys() and all(files.same(old[name], now[name]) for name in now)

    def read(self) -> Reading:
        versions, tables = {}, {}
        for name, path in self._paths().items():
            content, versions[name] = files.read(path)
            table = _table(name, csv_text.parse(content))
            if table is not None:
                tables[name] = table
        return Reading(versions, Book(tables))

    def write(self, reading: Reading, changes: list[Change]) -> None:
        paths = self._paths()
        by_name = sorted(changes, key=lambda change: change.table.name)
        prepared = []
        for name, group in groupby(by_name, key=lambda change: change.table.name):
            if name not in paths:
                raise ChangedMeanwhile(name)
            files.refuse_if_open(paths[name])
            content, version = files.read(paths[name])
            if not files.same_file(reading.version[name], version):
                raise ChangedMeanwhile(name)
            prepared.append((paths[name], _patched(content, paths[name].name, group), version))
        for path, new, version in prepared:
            files.replace(path.resolve(), new, version)


def _table(name: str, parsed: csv_text.CsvText) -> Table | None:
    rows = ((number, [value or None for value in record.values()]) for number, record in enumerate(parsed.records, 1))
    table = make_table(name, ((number, list[Cell](cells)) for number, cells in rows))
    if table is not None:
        table.all_text = True
    return table


def _patched(content: bytes, name: str, changes: Iterable[Change]) -> bytes:
    parsed = csv_text.parse(content)
    for change in sorted(changes, key=lambda change: change.row):
        cells = {column: _text(change.table, column, value) for column, value in change.cells.items()}
        if change.new:
            parsed.insert(change.row, cells, like=parsed.records[change.row - 2])
        else:
            for column, value in cells.items():
                parsed.set(change.row, column, value)
    return parsed.encode(name)


def _text(table: Table, column: int, value: Cell) -> str:
    """A value as text, in the manner of its column: decimal comma, TRUE, dates with or without time."""
    beside = [cell for row in table.rows if isinstance(cell := row.cell(column), str)]
    if isinstance(value, bool) and beside and beside[0].strip().casefold() in ("true", "false"):
        return str(value).upper() if beside[0].isupper() else str(value).lower()
    if isinstance(value, float):
        return (
            repr(value).replace(".", ",") if any(_DECIMAL_COMMA.fullmatch(other) for other in beside) else repr(value)
        )
    if isinstance(value, datetime):
        if value.time() == time() and beside and all(len(other) == _DATE_LENGTH for other in beside):
            return value.date().isoformat()
        return value.isoformat("T" if any("T" in other for other in beside) else " ")
    return value.isoformat() if isinstance(value, date | time) else plain(value)


class CsvConnector(TabularConnector):
    """Keeps actors in a folder of CSV files."""

    name = "csv"
    title = text("csv")
    description = text("csv_description")
    config_key = "Folder"
    config_label = text("csv_path")
    config_help = text("csv_path_help")
    source_class = CsvFolder
