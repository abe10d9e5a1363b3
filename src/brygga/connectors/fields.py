"""The fields of an actor type: from the optional `_fields` table, else inferred from the cells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from brygga.connectors.sheets import FIELDS_TABLE, ID, SPECIAL, Book, Cell, Row, Table, key_of, list_items, plain
from brygga.contract import values
from brygga.contract.actors import Access, ActorType, FieldMetadata, FieldType

_TYPE_NAMES = {
    "text": FieldType.TEXT,
    "integer": FieldType.INTEGER,
    "double": FieldType.DOUBLE,
    "checkbox": FieldType.CHECKBOX,
    "date": FieldType.DATETIME,
    "datetime": FieldType.DATETIME,
    "list": FieldType.LIST,
}
_YES = frozenset({"1", "x", "yes", "true", "ja", "y"})
_INTEGER = re.compile(r"-?(?:0|[1-9]\d{0,14})", re.ASCII)
_DOUBLE = re.compile(r"-?(?:0|[1-9]\d*)[.,]\d+", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)?", re.ASCII)


@dataclass(slots=True)
class Field:
    """A field on offer and the column (from 0) that holds it."""

    metadata: FieldMetadata
    column: int
    searchable: bool = True

    @property
    def type(self) -> FieldType:
        """The type on offer."""
        return self.metadata.type

    @property
    def kind(self) -> str:
        """The type as remembered between calls: its name, with the list's name for a list."""
        return f"{self.type.name}:{self.metadata.list_name}" if self.type is FieldType.LIST else self.type.name


def fields_of(book: Book, actor_type: ActorType, table: Table, known: Mapping[str, str]) -> dict[str, Field]:
    """The fields of a table by key, which is the header text. `known` are the kinds offered before: an inferred
    type stays what it was as long as the cells fit it, so that a column does not change type by filling up."""
    settings = _settings(book, actor_type)
    lists = book.lists()
    fields = {}
    for header, column in table.columns.items():
        if header.casefold() in SPECIAL:
            continue
        kind, list_name = _inferred(table, header, column, lists, known.get(header, ""))
        metadata = FieldMetadata(header, header, type=kind, list_name=list_name, rank=column + 1)
        if _is_calculated(table, column):
            metadata.access = Access.READ_ONLY
        fields[header] = Field(metadata, column)
        if row := settings.get(header.casefold()):
            _configure(fields[header], row, book)
    return fields


def _is_calculated(table: Table, column: int) -> bool:
    """Whether every filled cell of the column holds a formula."""
    rows = table.formulas.get(column, set())
    return bool(rows) and all(row.number in rows for row in table.rows if row.cell(column) is not None)


def _settings(book: Book, actor_type: ActorType) -> dict[str, dict[str, Cell]]:
    """The rows of the `_fields` table for an actor type: by field, the cells by column name, all in lower case."""
    table = next((table for name, table in book.tables.items() if name.casefold() == FIELDS_TABLE), None)
    found: dict[str, dict[str, Cell]] = {}
    if table is None:
        return found
    for row in table.rows:
        cells = {header.casefold(): row.cell(column) for header, column in table.columns.items()}
        if plain(cells.get("sheet")).strip().casefold() == actor_type.casefold():
            found.setdefault(plain(cells.get("field")).strip().casefold(), cells)
    return found


def _configure(field: Field, row: Mapping[str, Cell], book: Book) -> None:
    metadata = field.metadata
    metadata.name = plain(row.get("name")) or metadata.name
    metadata.type = _TYPE_NAMES.get(plain(row.get("type")).strip().casefold(), metadata.type)
    named = book.list_named(plain(row.get("list")).strip())
    if named is not None:
        metadata.type, metadata.list_name = FieldType.LIST, named.name
    if metadata.type is not FieldType.LIST:
        metadata.list_name = ""
    metadata.max_length = _whole(row.get("maxlength"), 0)
    metadata.rank = _whole(row.get("rank"), metadata.rank)
    if _yes(row.get("mandatory")):
        metadata.access = Access.MANDATORY
    if _yes(row.get("readonly")):
        metadata.access = Access.READ_ONLY
    metadata.default = to_wire(row.get("default"), metadata.type)
    if row.get("search") is not None:
        field.searchable = _yes(row.get("search"))


def _yes(cell: Cell) -> bool:
    return plain(cell).strip().casefold() in _YES


def _whole(cell: Cell, otherwise: int) -> int:
    text = plain(cell).strip()
    return int(text) if _INTEGER.fullmatch(text) else otherwise


# Inference


def _inferred(table: Table, header: str, column: int, lists: Mapping[str, Table], known: str) -> tuple[FieldType, str]:
    cells = [row.cell(column) for row in table.rows]
    filled = [guess(cell) if table.all_text else cell for cell in cells if cell is not None]
    known_type, _, known_list = known.partition(":")
    if known_type == "LIST" and known_list in lists:
        return FieldType.LIST, known_list
    if not known and (list_name := _list_for(header, {plain(cell).strip() for cell in filled}, lists)):
        return FieldType.LIST, list_name
    seen = _type_of(header, filled, table.formats.get(column))
    if known_type in FieldType.__members__ and known_type != "LIST":
        return (FieldType[known_type] if seen is None else _widened(FieldType[known_type], seen)), ""
    return (FieldType.TEXT if seen is None else seen), ""


def _list_for(header: str, keys: set[str], lists: Mapping[str, Table]) -> str:
    """The list a column refers to: the one of the same name, or the only one whose name the header abbreviates
    (`CustomerG`, `CustGr`) and that has all the keys in use; empty if there is none."""
    wanted = header.casefold()
    for name in lists:
        if name.casefold() == wanted:
            return name
    fitting = [
        name
        for name, table in lists.items()
        if _abbreviates(wanted, name.casefold()) and keys <= list_items(table).keys()
    ]
    return fitting[0] if len(fitting) == 1 else ""


def _abbreviates(short: str, long: str) -> bool:
    if len(short) < 3:
        return False
    letters = iter(long)
    return long.startswith(short) or (short.endswith("gr") and all(letter in letters for letter in short))


def _type_of(header: str, filled: list[Cell], format_type: FieldType | None) -> FieldType | None:
    kinds = {type(cell) for cell in filled}
    if not kinds:
        return format_type
    if kinds == {bool} or (kinds <= {int, bool} and _is_checkbox(header) and all(cell in (0, 1) for cell in filled)):
        return FieldType.CHECKBOX
    if kinds <= {int, float}:
        if format_type in (FieldType.TEXT, FieldType.DOUBLE):
            return format_type
        return FieldType.DOUBLE if float in kinds else FieldType.INTEGER
    if all(issubclass(kind, date | time) for kind in kinds):
        return FieldType.DATETIME
    return FieldType.TEXT


def _is_checkbox(header: str) -> bool:
    name = header.casefold()
    return name.startswith("checkbox") or name.endswith("checkbox")


def _widened(old: FieldType, seen: FieldType) -> FieldType:
    """The type that holds what was offered before and what the cells hold now."""
    pair = {old, seen}
    if len(pair) == 1:
        return old
    if pair == {FieldType.INTEGER, FieldType.CHECKBOX}:
        return FieldType.INTEGER
    return FieldType.DOUBLE if pair <= {FieldType.INTEGER, FieldType.DOUBLE, FieldType.CHECKBOX} else FieldType.TEXT


def guess(cell: Cell) -> Cell:
    """What a text of a text file stands for: a number (`0054` is none), an ISO date, or itself."""
    if not isinstance(cell, str):
        return cell
    text = cell.strip()
    if _INTEGER.fullmatch(text):
        return int(text)
    if _DOUBLE.fullmatch(text):
        return float(text.replace(",", "."))
    if _MOMENT.fullmatch(text):
        try:
            return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
        except ValueError:
            return cell
    return cell


# Between cells and the wire


def to_wire(cell: Cell, field_type: FieldType) -> str:
    """The wire form (contract, section 5) of a cell; what does not fit the type goes as the text it is."""
    if cell is None:
        return ""
    if field_type in (FieldType.TEXT, FieldType.LIST):
        return plain(cell)
    try:
        return values.encode_as(guess(cell), field_type)
    except (values.BadValue, TypeError):
        return plain(cell)


def from_wire(text: str, field: Field, lists: Mapping[str, Table]) -> Cell:
    """The cell for a wire value; a list key becomes the number or text that stands in the list.

    Raises BadValue for what is not of the field's type and KeyError for an unknown list item.
    """
    if field.type is not FieldType.LIST:
        return values.decode(text, field.type)  # type: ignore[return-value]  # only the types of cells occur
    if not text:
        return None
    table = lists[field.metadata.list_name]
    column = table.column(ID)
    matching: Iterable[Row] = (row for row in table.rows if key_of(row, column) == text)
    row = next(iter(matching), None)
    if row is None:
        raise KeyError(text)
    return row.cell(column)
