"""Writing cells into a workbook by patching the XML of its sheets; every other byte stays as it was."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from lxml import etree

from brygga.connectors import texts
from brygga.connectors.errors import SourceError
from brygga.connectors.sheets import Cell
from brygga.connectors.xlsx_package import Package, parse
from brygga.connectors.xlsx_read import column_letters, column_number, has_formula
from brygga.connectors.xlsx_styles import Styles

MAX_TEXT = 32_767
"""Longest text that Excel keeps in a cell."""

_ATTRIBUTES = rb"((?:\s+[\w:.-]+\s*=\s*(?:\"[^\"]*\"|'[^']*'))*)\s*"
_ROW_START = re.compile(rb"<((?:[\w.-]+:)?)row" + _ATTRIBUTES + rb"(/?)>")
_DATA = re.compile(rb"<((?:[\w.-]+:)?)sheetData\s*(/?)>")
_ROOT = re.compile(rb"<((?:[\w.-]+:)?)worksheet" + _ATTRIBUTES + rb">")
_ROW_NUMBER = re.compile(rb"\sr\s*=\s*[\"'](\d+)[\"']")
_DIMENSION = re.compile(rb"(<(?:[\w.-]+:)?dimension\s+ref=[\"'])([A-Z]+)(\d+)(?::([A-Z]+)(\d+))?([\"'])")
_CALCULATION = re.compile(rb"<((?:[\w.-]+:)?)calcPr" + _ATTRIBUTES + rb"(/?)>")
_FULL_CALCULATION = re.compile(rb"\sfullCalcOnLoad\s*=\s*[\"'][^\"']*[\"']")
_BEFORE_CALCULATION = re.compile(
    rb"</(?:[\w.-]+:)?(?:definedNames|externalReferences|sheets)>|<(?:[\w.-]+:)?definedNames\s*/>"
)
_DATE_1904 = re.compile(rb"\sdate1904\s*=\s*[\"'](?:1|true)[\"']")
_ESCAPE = re.compile(r"_(x[0-9A-Fa-f]{4}_)")
_TABLE_REFERENCE = re.compile(rb"\sref=[\"']([A-Z]+)(\d+):([A-Z]+)(\d+)[\"']")
_FIRST_MOMENT = datetime(1900, 3, 1)  # before it, Excel counts a day that never was
_UNUSUAL = (b"<!--", b"<![CDATA[", b"<!DOCTYPE")


@dataclass(slots=True)
class RowEdit:
    """Cells to write in one row of a sheet: by column from 0. `styles_from` names, for columns whose cell is new or
    changes its kind, the row whose style to take over."""

    sheet: str
    row: int
    cells: dict[int, Cell]
    styles_from: dict[int, int] = field(default_factory=dict)


def patch(package: Package, edits: Sequence[RowEdit]) -> bytes:
    """The workbook with the edits made. Raises SourceError for a cell that holds a formula or a bad text."""
    epoch = datetime(1904, 1, 1) if _DATE_1904.search(package.read(package.workbook_part)) else datetime(1899, 12, 30)
    parts: dict[str, bytes] = {}
    styles = Styles(package)
    for name in dict.fromkeys(edit.sheet for edit in edits):
        part = package.sheet_parts[name]
        rows = {edit.row: edit for edit in edits if edit.sheet == name}
        parts[part] = _SheetPatch(package.read(part), epoch, styles).apply(rows)
        parts.update(_grown_tables(package, part, sorted(rows)))
    if styles.grown:
        parts[styles.part] = styles.content()
    if any(has_formula(package.read(part)) for part in package.sheet_parts.values()):
        parts[package.workbook_part] = _recalculating(package.read(package.workbook_part))
    return package.replaced(parts)


class _SheetPatch:
    """One sheet part: finds rows by scanning the bytes, parses and rewrites only the rows that are edited."""

    def __init__(self, content: bytes, epoch: datetime, styles: Styles) -> None:
        if any(mark in content for mark in _UNUSUAL) or not _is_utf8(content):
            content = etree.tostring(_without_comments(parse(content)), xml_declaration=True, encoding="UTF-8")
        self.content = content
        self.epoch = epoch
        self.styles = styles
        root = _ROOT.search(content)
        data = _DATA.search(content)
        assert root is not None, "a sheet part without worksheet"
        assert data is not None, "a worksheet without sheetData"
        self.root_start, self.prefix = root[0], data[1]
        self.root_end = b"</" + root[1] + b"worksheet>"
        self.data = data
        self.spans = self._find_rows()

    def _find_rows(self) -> dict[int, tuple[int, int]]:
        """Where each row stands in the bytes: row number to (start, end). Numbers may be left out in the file."""
        spans: dict[int, tuple[int, int]] = {}
        if self.data[2]:
            return spans
        end_tag = b"</" + self.prefix + b"row"
        stop = self.content.index(b"</" + self.prefix + b"sheetData", self.data.end())
        number = 0
        for match in _ROW_START.finditer(self.content, self.data.end(), stop):
            given = _ROW_NUMBER.search(match[2])
            number = int(given[1]) if given else number + 1
            end = match.end() if match[3] else self.content.index(b">", self.content.index(end_tag, match.end())) + 1
            spans[number] = (match.start(), end)
        return spans

    def apply(self, edits: dict[int, RowEdit]) -> bytes:
        pieces: list[tuple[int, int, bytes]] = []
        for number, edit in sorted(edits.items()):
            start, end = self.spans.get(number) or self._place_for(number)
            pieces.append((start, end, self._rewritten(number, edit)))
        content, position = [], 0
        for start, end, new in pieces:
            content += [self.content[position:start], new]
            position = end
        content.append(self.content[position:])
        columns = [column for edit in edits.values() for column in edit.cells]
        return _grown_dimension(self._opened(b"".join(content)), max(edits), max(columns, default=0))

    def _place_for(self, number: int) -> tuple[int, int]:
        if self.data[2]:
            return self.data.end(), self.data.end()
        before = max((known for known in self.spans if known < number), default=None)
        place = self.spans[before][1] if before is not None else self.data.end()
        return place, place

    def _opened(self, content: bytes) -> bytes:
        """`<sheetData/>` made a pair of tags around what was put after it."""
        if not self.data[2]:
            return content
        start, end = self.data.span()
        grown = len(content) - len(self.content)
        name = self.prefix + b"sheetData>"
        return content[:start] + b"<" + name + content[end : end + grown] + b"</" + name + content[end + grown :]

    def _parse_row(self, number: int) -> etree._Element:
        span = self.spans.get(number)
        empty = b"<" + self.prefix + b'row r="%d"/>' % number
        row = self.content[span[0] : span[1]] if span else empty
        return parse(self.root_start + row + self.root_end)[0]

    def _rewritten(self, number: int, edit: RowEdit) -> bytes:
        row = self._parse_row(number)
        donors: dict[int, dict[int, str]] = {}
        cells = _numbered_cells(row)
        for column, value in sorted(edit.cells.items()):
            cell = cells.get(column)
            if cell is None:
                if value is None:
                    continue
                cell = cells[column] = _insert_cell(row, cells, column, number)
            if column in edit.styles_from:
                donor = edit.styles_from[column]
                styles = donors.setdefault(donor, self._styles(donor))
                if column in styles:
                    cell.set("s", styles[column])
            self._write(cell, value, _place(edit.sheet, column, number))
        _widen_spans(row, cells)
        wrapped: bytes = etree.tostring(row.getparent(), encoding="UTF-8", xml_declaration=False)
        return wrapped[wrapped.index(b"<", 1) : wrapped.rindex(b"<")]

    def _styles(self, number: int) -> dict[int, str]:
        cells = _numbered_cells(self._parse_row(number)) if number in self.spans else {}
        return {column: style for column, cell in cells.items() if (style := cell.get("s"))}

    def _write(self, cell: etree._Element, value: Cell, place: Callable[[], str]) -> None:
        if cell.find("{*}f") is not None:
            raise SourceError(texts.text("cell_formula", cell=place()))
        for child in list(cell):
            cell.remove(child)
        for attribute in ("t", "cm", "vm"):
            cell.attrib.pop(attribute, None)
        if isinstance(value, str):
            self._write_text(cell, value, place)
        elif value is not None:
            if isinstance(value, bool):
                cell.set("t", "b")
            if isinstance(value, date | time | timedelta):
                cell.set("s", str(self.styles.as_date(int(cell.get("s", "0")))))
            etree.SubElement(cell, _sibling(cell, "v")).text = self._number(value, place)

    @staticmethod
    def _write_text(cell: etree._Element, value: str, place: Callable[[], str]) -> None:
        if len(value) > MAX_TEXT:
            raise SourceError(texts.text("cell_too_long", limit=MAX_TEXT, cell=place()))
        cell.set("t", "inlineStr")
        text = etree.SubElement(etree.SubElement(cell, _sibling(cell, "is")), _sibling(cell, "t"))
        text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        try:
            text.text = _ESCAPE.sub(r"_x005F_\1", value)
        except ValueError as error:
            raise SourceError(texts.text("cell_control", cell=place())) from error

    def _number(self, value: Cell, place: Callable[[], str]) -> str:
        if isinstance(value, bool):
            return str(int(value))
        if isinstance(value, time):
            value = timedelta(hours=value.hour, minutes=value.minute, seconds=value.second)
        elif isinstance(value, date):
            moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)
            if moment < _FIRST_MOMENT:
                raise SourceError(texts.text("cell_date", cell=place()))
            value = moment - self.epoch
        if isinstance(value, timedelta):
            days = value / timedelta(days=1)
            return repr(int(days) if days.is_integer() else days)
        return repr(value)


def _place(sheet: str, column: int, row: int) -> Callable[[], str]:
    """What a cell is called, made only when there is something to say about it."""
    return lambda: texts.text("cell", sheet=sheet, cell=f"{column_letters(column)}{row}")


def _is_utf8(content: bytes) -> bool:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    head = content[:200].lower()
    return b"encoding=" not in head or b"utf-8" in head


def _without_comments(root: etree._Element) -> etree._Element:
    etree.strip_tags(root, etree.Comment, etree.ProcessingInstruction)
    return root


def _sibling(cell: etree._Element, name: str) -> str:
    return str(etree.QName(etree.QName(cell).namespace, name))


def _numbered_cells(row: etree._Element) -> dict[int, etree._Element]:
    """The cells of a row by column; references may be left out in the file."""
    cells, column = {}, -1
    for cell in row.iterfind("{*}c"):
        reference = cell.get("r")
        column = column_number(reference.rstrip("0123456789")) if reference else column + 1
        cells[column] = cell
    return cells


def _insert_cell(row: etree._Element, cells: dict[int, etree._Element], column: int, number: int) -> etree._Element:
    cell = row.makeelement(_sibling(row, "c"), {"r": f"{column_letters(column)}{number}"})
    if any("r" not in other.attrib for other in cells.values()):
        for place, other in cells.items():
            other.set("r", f"{column_letters(place)}{number}")
    before = max((place for place in cells if place < column), default=None)
    row.insert(0 if before is None else row.index(cells[before]) + 1, cell)
    return cell


def _widen_spans(row: etree._Element, cells: dict[int, etree._Element]) -> None:
    spans = row.get("spans")
    if spans and cells and spans.count(":") == 1:
        first, _, last = spans.partition(":")
        row.set("spans", f"{min(int(first), min(cells) + 1)}:{max(int(last), max(cells) + 1)}")


def _grown_dimension(content: bytes, row: int, column: int) -> bytes:
    def grown(match: re.Match[bytes]) -> bytes:
        last_column = max(column_number((match[4] or match[2]).decode()), column)
        last_row = max(int(match[5] or match[3]), row)
        last = b"%s%d" % (column_letters(last_column).encode(), last_row)
        return b"%s%s%s:%s%s" % (match[1], match[2], match[3], last, match[6])

    match = _DIMENSION.search(content)
    if match is None or (int(match[5] or match[3]) >= row and column_number((match[4] or match[2]).decode()) >= column):
        return content
    return _DIMENSION.sub(grown, content, count=1)


def _grown_tables(package: Package, sheet_part: str, rows: Sequence[int]) -> dict[str, bytes]:
    """Table parts of the sheet whose range ended right above the rows that were added."""
    grown = {}
    for kind, target in package.relations(sheet_part).values():
        if kind != "table" or not package.has(target):
            continue
        content = package.read(target)
        match = _TABLE_REFERENCE.search(content)
        if match is None or re.search(rb"\stotalsRowCount=[\"'][1-9]", content):
            continue
        last = int(match[4])
        for row in rows:
            last = row if row == last + 1 else last
        if last > int(match[4]):
            old = b"%s%s:%s%s" % (match[1], match[2], match[3], match[4])
            new = b"%s%s:%s%d" % (match[1], match[2], match[3], last)
            grown[target] = re.sub(rb"(\sref=[\"'])" + old + rb"([\"'])", rb"\g<1>" + new + rb"\g<2>", content)
    return grown


def _recalculating(workbook: bytes) -> bytes:
    """The workbook part, told to calculate all formulas when it is opened."""
    match = _CALCULATION.search(workbook)
    if match:
        attributes = _FULL_CALCULATION.sub(b"", match[2]) + b' fullCalcOnLoad="1"'
        tag = b"<" + match[1] + b"calcPr" + attributes + match[3] + b">"
        return workbook[: match.start()] + tag + workbook[match.end() :]
    places = [place.end() for place in _BEFORE_CALCULATION.finditer(workbook)]
    end = max(places)
    prefix = re.match(rb"<(?:/)?((?:[\w.-]+:)?)", workbook[workbook.rindex(b"<", 0, end) : end])
    return workbook[:end] + b"<" + (prefix[1] if prefix else b"") + b'calcPr fullCalcOnLoad="1"/>' + workbook[end:]
