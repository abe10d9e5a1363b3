"""The actors of a connection at one moment: rows by key, fields, stamps, and what is wrong with the rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from brygga.connectors import state
from brygga.connectors.fields import Field, fields_of, to_wire
from brygga.connectors.sheets import (
    ID,
    LAST_MODIFIED,
    PARENT_ID,
    PARENT_TYPE,
    Row,
    Table,
    actor_type_named,
    fingerprint,
    key_of,
    plain,
)
from brygga.connectors.source import Reading
from brygga.connectors.texts import text
from brygga.contract.actors import ActorType, ErpActor

_WARNINGS_SHOWN = 10


@dataclass
class ActorSheet:
    """The rows of one actor type by ERP key. `stamps` also has the keys of rows that are gone."""

    actor_type: ActorType
    table: Table
    fields: dict[str, Field]
    rows: dict[str, Row] = field(default_factory=dict)
    duplicates: set[str] = field(default_factory=set)
    stamps: dict[str, int] = field(default_factory=dict)
    warnings: list[tuple[str, dict[str, object]]] = field(default_factory=list)

    def chosen(self, field_keys: Sequence[str]) -> list[Field]:
        """The fields with these keys, all if none are given; unknown ones are left out."""
        if not field_keys:
            return list(self.fields.values())
        return [self.fields[key] for key in field_keys if key in self.fields]

    def actor(self, key: str, fields: Iterable[Field]) -> ErpActor:
        """The actor with this key, with the given fields."""
        row = self.rows[key]
        parent_type, parent_key = self.parent(row)
        return ErpActor(
            self.actor_type,
            key,
            str(self.stamps[key]),
            parent_type,
            parent_key,
            {field.metadata.key: to_wire(row.cell(field.column), field.type) for field in fields},
        )

    def actors(self, keys: Iterable[str], field_keys: Sequence[str]) -> Iterator[ErpActor]:
        """The actors with these keys, one after the other; unknown keys are left out."""
        fields = self.chosen(field_keys)
        return (self.actor(key, fields) for key in keys if key in self.rows)

    def parent(self, row: Row) -> tuple[ActorType | None, str]:
        """Type and key of the parent in a row; a person without a type belongs to a customer."""
        key = key_of(row, self.table.column(PARENT_ID))
        if not key:
            return None, ""
        return actor_type_named(plain(row.cell(self.table.column(PARENT_TYPE)))) or ActorType.CUSTOMER, key

    def explanations(self) -> list[str]:
        """The first warnings, and how many more there are."""
        more = len(self.warnings) - _WARNINGS_SHOWN
        told = [text(code, **values) for code, values in self.warnings[:_WARNINGS_SHOWN]]
        return [*told, *([text("more_rows", number=more)] if more > 0 else [])]


@dataclass
class Snapshot:
    """Everything a connection offers, as of one reading of its source."""

    reading: Reading
    revision: int
    sheets: dict[ActorType, ActorSheet]


def take(database: sqlite3.Connection, guid: str, revision: int, reading: Reading) -> Snapshot:
    """Compare the rows with what is stored of them, give new and changed ones their stamps, within the caller's
    transaction."""
    sheets = {}
    for actor_type, table in reading.book.actor_tables().items():
        if table.column(ID) is None:
            continue
        known = state.read_kinds(database, guid, actor_type)
        fields = fields_of(reading.book, actor_type, table, known)
        kinds = {key: field.kind for key, field in fields.items() if known.get(key) != field.kind}
        state.write_kinds(database, guid, actor_type, kinds)
        sheet = ActorSheet(actor_type, table, fields)
        _collect_rows(sheet)
        columns = [(name, place) for name, place in table.columns.items() if name.casefold() != LAST_MODIFIED]
        prints = {key: fingerprint(row, columns) for key, row in sheet.rows.items()}
        sheet.stamps = state.stamp_rows(database, guid, actor_type, prints)
        sheets[actor_type] = sheet
    return Snapshot(reading, revision, sheets)


def _collect_rows(sheet: ActorSheet) -> None:
    column, name = sheet.table.column(ID), sheet.table.name
    for row in sheet.table.rows:
        key = key_of(row, column)
        if not key:
            sheet.warnings.append(("row_without_id", {"table": name, "row": row.number}))
        elif key in sheet.rows:
            sheet.duplicates.add(key)
            place = {"table": name, "row": row.number, "key": key, "first": sheet.rows[key].number}
            sheet.warnings.append(("row_with_same_id", place))
        else:
            sheet.rows[key] = row
