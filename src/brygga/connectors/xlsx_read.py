"""Reading workbooks: values by calamine, and what it does not tell (number formats, formulas) from the parts."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence

from python_calamine import CalamineWorkbook

from brygga.connectors.sheets import Book, Cell, Table, make_table, tidy
from brygga.connectors.xlsx_package import Package, damaged
from brygga.connectors.xlsx_styles import Styles
from brygga.contract.actors import FieldType

_FORMULA_CELL = re.compile(
    rb"<(?:[\w.-]+:)?c\s(?:[^>]*?\s)?r=[\"']([A-Z]+)(\d+)[\"'][^>]*>\s*<(?:[\w.-]+:)?f[\s/>]", re.DOTALL
)
_HAS_FORMULA = re.compile(rb"<(?:[\w.-]+:)?f[\s/>]")
_CELL = re.compile(rb"<(?:[\w.-]+:)?c\s([^>]*)>")
_REFERENCE = re.compile(rb"\br=[\"']([A-Z]+)(\d+)[\"']")
_STYLE = re.compile(rb"\bs=[\"'](\d+)[\"']")
_SAMPLE_BYTES = 200_000


def read_book(package: Package) -> Book:
    """All tables of a workbook. Raises SourceError if it is damaged."""
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(package.content))
        styles = Styles(package)
        tables = [_read_table(workbook, package, name, styles) for name in package.sheet_parts]
    except BaseException as error:
        # The reader is native code: its panics are no Exceptions.
        if isinstance(error, KeyboardInterrupt | SystemExit | GeneratorExit):
            raise
        raise damaged(package.name, error) from error
    return Book({table.name: table for table in tables if table is not None})


def _read_table(workbook: CalamineWorkbook, package: Package, name: str, styles: Styles) -> Table | None:
    sheet = workbook.get_sheet_by_name(name)
    table = make_table(name, _numbered(sheet.to_python(skip_empty_area=False)))
    if table is not None:
        content = package.read(package.sheet_parts[name])
        table.formulas = _formulas(content)
        table.formats = _formats(content, table, styles)
    return table


def _numbered(rows: Sequence[Sequence[Cell]]) -> Iterator[tuple[int, list[Cell]]]:
    for number, row in enumerate(rows, 1):
        yield number, [tidy(cell) for cell in row]


def _formulas(content: bytes) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    if has_formula(content):
        for match in _FORMULA_CELL.finditer(content):
            found.setdefault(column_number(match[1].decode()), set()).add(int(match[2]))
    return found


def has_formula(content: bytes) -> bool:
    """Whether a sheet part has formulas."""
    return _HAS_FORMULA.search(content) is not None


def column_number(letters: str) -> int:
    """The column number from 0 for `A`, `B`, … `AA`."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def column_letters(number: int) -> str:
    """`A` for 0, `AA` for 26."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


# Number formats


def _formats(content: bytes, table: Table, styles: Styles) -> dict[int, FieldType]:
    """What the number formats of the first data row say about the types of its columns."""
    first = table.rows[0].number if table.rows else 0
    found: dict[int, FieldType] = {}
    for match in _CELL.finditer(content, 0, _SAMPLE_BYTES):
        reference, style = _REFERENCE.search(match[1]), _STYLE.search(match[1])
        if reference is None or int(reference[2]) != first or style is None:
            continue
        kind = styles.type_of(int(style[1]))
        if kind is not None:
            found[column_number(reference[1].decode())] = kind
    return found
