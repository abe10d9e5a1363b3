"""From actors to be saved or created to the cells that change."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from brygga.connectors.errors import SourceError
from brygga.connectors.fields import Field, from_wire, to_wire
from brygga.connectors.sheets import ID, LAST_MODIFIED, PARENT_ID, PARENT_TYPE, Cell, Row
from brygga.connectors.snapshot import ActorSheet, Snapshot
from brygga.connectors.source import Change
from brygga.connectors.texts import text
from brygga.contract import values
from brygga.contract.actors import Access, ActorType, ErpActor, FieldType
from brygga.contract.responses import ErrorCode

_TRAILING_NUMBER = re.compile(r"(.*?)(\d+)", re.ASCII | re.DOTALL)


class ChangeMaker:
    """Works out changes against one snapshot. Everything is checked before anything is written: a SourceError
    names the record and the field at fault, and leaves the file as it is."""

    def __init__(self, now: Snapshot) -> None:
        self.now = now
        self.lists = now.reading.book.lists()

    def updates(self, actors: Sequence[ErpActor]) -> list[Change]:
        """The changes that save these actors; actors that do not exist, and values that are so already, make none."""
        changes: dict[tuple[ActorType, str], Change] = {}
        for actor in actors:
            sheet = self._sheet(actor.actor_type)
            _check_keys(sheet, actor)
            if actor.erp_key in sheet.duplicates:
                raise SourceError(text("same_id", key=actor.erp_key, table=sheet.table.name))
            row = sheet.rows.get(actor.erp_key)
            cells = self._changed_cells(sheet, row, actor) if row is not None else {}
            if row is not None and cells:
                change = changes.setdefault((actor.actor_type, actor.erp_key), Change(sheet.table, row.number))
                change.cells.update(cells | _touched(sheet))
        return list(changes.values())

    def creation(self, actor: ErpActor) -> tuple[str, Change]:
        """The key of a new actor and the row that creates it."""
        sheet = self._sheet(actor.actor_type)
        _check_keys(sheet, actor)
        given = {key: field.metadata.default for key, field in sheet.fields.items() if field.metadata.default}
        given.update({key: value for key, value in actor.fields.items() if value})
        record = text("new_record", type=actor.actor_type)
        for key, field in sheet.fields.items():
            if field.metadata.access is Access.MANDATORY and not given.get(key):
                raise SourceError(text("mandatory", field=key, record=record))
        key = next_key(sheet)
        cells: dict[int, Cell] = self._cells(sheet, record, given, None)
        cells.update(self._parent_cells(sheet, actor, None) | _touched(sheet))
        column = sheet.table.column(ID)
        assert column is not None
        numeric = key.isdecimal() and str(int(key)) == key and not _has_text_keys(sheet, column)
        cells[column] = int(key) if numeric else key
        return key, Change(sheet.table, sheet.table.last_row + 1, cells, new=True)

    def _sheet(self, actor_type: ActorType) -> ActorSheet:
        if actor_type not in self.now.sheets:
            raise SourceError(text("no_table", type=actor_type))
        return self.now.sheets[actor_type]

    def _changed_cells(self, sheet: ActorSheet, row: Row, actor: ErpActor) -> dict[int, Cell]:
        cells = self._cells(sheet, f"{actor.actor_type} {actor.erp_key}", actor.fields, row)
        return cells | self._parent_cells(sheet, actor, row)

    def _cells(self, sheet: ActorSheet, who: str, given: Mapping[str, str], row: Row | None) -> dict[int, Cell]:
        cells: dict[int, Cell] = {}
        for key, value in given.items():
            field = sheet.fields[key]
            old = to_wire(row.cell(field.column), field.type) if row is not None else ""
            if not same_value(old, value, field.type):
                cells[field.column] = self._new_cell(field, value, who, sheet, row)
        return cells

    def _new_cell(self, field: Field, value: str, who: str, sheet: ActorSheet, row: Row | None) -> Cell:
        metadata = field.metadata
        where = {"field": metadata.key, "record": who}
        calculated = row is not None and row.number in sheet.table.formulas.get(field.column, ())
        if metadata.access is Access.READ_ONLY or calculated:
            raise SourceError(text("formula" if calculated else "read_only", **where))
        if metadata.access is Access.MANDATORY and not value:
            raise SourceError(text("mandatory", **where))
        if metadata.max_length and field.type is FieldType.TEXT and len(value) > metadata.max_length:
            raise SourceError(text("too_long", **where, limit=metadata.max_length))
        try:
            return from_wire(value, field, self.lists)
        except values.BadValue as error:
            raise SourceError(text("bad_value", **where, value=value), str(error)) from error
        except KeyError as error:
            user = text("no_item", **where, list=metadata.list_name, value=value)
            raise SourceError(user, code=ErrorCode.UNKNOWN_LIST_ITEM_ID) from error

    def _parent_cells(self, sheet: ActorSheet, actor: ErpActor, row: Row | None) -> dict[int, Cell]:
        """The cells that name the parent, if one is given and it is another than now."""
        if not actor.parent_key:
            return {}
        parent_type = actor.parent_type or ActorType.CUSTOMER
        if row is not None and sheet.parent(row) == (parent_type, actor.parent_key):
            return {}
        type_column, key_column = sheet.table.column(PARENT_TYPE), sheet.table.column(PARENT_ID)
        if key_column is None or (type_column is None and parent_type is not ActorType.CUSTOMER):
            raise SourceError(text("no_parent_columns", table=sheet.table.name))
        parents = self.now.sheets.get(parent_type)
        if parents is None or actor.parent_key not in parents.rows:
            raise SourceError(text("no_parent", type=parent_type, key=actor.parent_key))
        cells: dict[int, Cell] = {key_column: parents.rows[actor.parent_key].cell(parents.table.column(ID))}
        return cells if type_column is None else cells | {type_column: str(parent_type)}


def same_value(old: str, new: str, field_type: FieldType) -> bool:
    """Whether two wire values mean the same (behaviour E3)."""
    if old == new:
        return True
    try:
        first, second = values.decode(old, field_type), values.decode(new, field_type)
    except values.BadValue:
        return False
    if field_type is FieldType.DATETIME and first is not None and second is not None:
        return _midnight(first) == _midnight(second)
    return first == second


def _midnight(value: values.Value) -> values.Value:
    moment = value.isoformat() if hasattr(value, "isoformat") else ""
    return f"{moment}T00:00:00" if len(moment) == len("2000-01-31") else moment


def next_key(sheet: ActorSheet) -> str:
    """The next free key: one more than the highest number ever used, in the form of the last key that has one
    (`C007` after `C006`). Keys of rows that were deleted are not used again."""
    matches = {key: match for key in sheet.stamps if (match := _TRAILING_NUMBER.fullmatch(key))}
    last = next((key for key in reversed(sheet.rows) if key in matches), None)
    prefix = matches[last][1] if last is not None else ""
    alike = [match[2] for match in matches.values() if match[1] == prefix]
    highest = max(alike, key=int, default="0")
    return f"{prefix}{int(highest) + 1:0{len(highest)}}"


def _has_text_keys(sheet: ActorSheet, column: int) -> bool:
    return any(isinstance(row.cell(column), str) for row in sheet.table.rows)


def _touched(sheet: ActorSheet) -> dict[int, Cell]:
    """The LastModified cell, for people to read; the stamps given out are the connector's own."""
    column = sheet.table.column(LAST_MODIFIED)
    return {} if column is None else {column: datetime.now().replace(microsecond=0)}


def _check_keys(sheet: ActorSheet, actor: ErpActor) -> None:
    unknown = [key for key in actor.fields if key not in sheet.fields]
    if unknown:
        user = text("unknown_columns", table=sheet.table.name, columns=", ".join(unknown))
        raise SourceError(user, code=ErrorCode.UNKNOWN_FIELD_KEY)
