"""The embedded CRM as the engine and the services see it: batched, in canonical values.

Every call works in the caller's transaction and takes a constant number of statements per thousands of records.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from brygga import batch
from brygga.crm import journal, listing
from brygga.crm.errors import InvalidValue, NoSuchRecord
from brygga.crm.fields import CrmField, RecordType, fields_of
from brygga.crm.finding import find_records
from brygga.crm.journal import Mark
from brygga.crm.rows import Converter, choose, name_columns, name_of, parent_columns, table_of
from brygga.crm.values import reader
from brygga.merge.values import Value

__all__ = ["Change", "EmbeddedCrm", "Mark", "NewRecord", "Snapshot"]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A record as it was read. `values` has the keys that were asked for; `parent_id` is a contact's company.

    `updated_at` is when it was last saved, by a user or by sync.
    """

    id: int
    version: int
    values: dict[str, Value]
    parent_id: int | None
    deleted: bool
    name: str
    updated_at: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Change:
    """New values for a record that was read with this version; what `values` does not name stays as it is."""

    id: int
    version: int
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A record to create; a contact needs its company as `parent_id`."""

    values: Mapping[str, Value]
    parent_id: int | None = None


class EmbeddedCrm:
    """The port to the records of this CRM (design decision "The CRM side is a port too")."""

    def fields(self, record_type: RecordType) -> dict[str, CrmField]:
        """The fields on offer, by key (behaviour F)."""
        return fields_of(record_type)

    def read(self, record_type: RecordType, ids: Collection[int], keys: Collection[str]) -> dict[int, Snapshot]:
        """The records with these ids, deleted ones included; ids that are not there are left out.

        Raises:
            UnknownField: one of `keys` is no field of this kind of record.
        """
        fields = choose(record_type, keys)
        snapshot = _Snapshots(record_type, fields)
        rows = batch.select_by_keys(table_of(record_type), snapshot.columns, "id", ids)
        return {row[0]: snapshot.of(row) for row in rows}

    def write(self, record_type: RecordType, changes: Sequence[Change], origin: str) -> set[int]:
        """Write each change to the record that still has its version, and raise that by one; return the other ids.

        An id comes once at most. The journal is not touched: sync knows what it writes.

        Raises:
            UnknownField, InvalidValue: nothing has been written.
        """
        convert = Converter(choose(record_type, (key for change in changes for key in change.values)))
        columns = ["version", "updated_at", "updated_by", *convert.columns, *(["extra"] if convert.has_extra else [])]
        stamp = (batch.native_moment(timezone.now()), origin)
        rows = [
            (change.id, change.version, change.version + 1, *stamp, *values)
            for change, values in _written(record_type, changes, convert)
        ]
        refused = batch.update_rows(table_of(record_type), "id", columns, rows, guard="version")
        return refused | ({change.id for change in changes} - {row[0] for row in rows})

    def create(self, record_type: RecordType, rows: Sequence[NewRecord], origin: str) -> list[int]:
        """Create records; returns their ids in the order of `rows`. The journal is not touched.

        Raises:
            UnknownField, InvalidValue, NoSuchRecord (the company of a contact): nothing has been created.
        """
        convert = Converter(choose(record_type, (key for row in rows for key in row.values)))
        _check_parents(record_type, rows)
        table, now = table_of(record_type), batch.native_moment(timezone.now())
        constant = {"version": 1, "created_at": now, "updated_at": now, "updated_by": origin, "deleted": False}
        columns = ["id", *constant, "extra", *parent_columns(record_type), *convert.columns]
        with transaction.atomic():
            ids = batch.reserve_ids(table, len(rows))
            head = tuple(constant.values())
            batch.insert_rows(table, columns, _created(record_type, ids, rows, head, convert))
        return list(ids)

    def delete(self, record_type: RecordType, versions: Mapping[int, int], origin: str) -> set[int]:
        """Mark records as deleted that still have their version; return the other ids. The journal is not touched."""
        stamp = (batch.native_moment(timezone.now()), origin, True)
        rows = [(record_id, version, version + 1, *stamp) for record_id, version in versions.items()]
        columns = ("version", "updated_at", "updated_by", "deleted")
        return batch.update_rows(table_of(record_type), "id", columns, rows, guard="version")

    def with_contacts(self, company_ids: Collection[int]) -> set[int]:
        """Which of these companies have live contacts."""
        table, live = table_of(RecordType.CONTACT), {"deleted": False}
        return {row[0] for row in batch.select_by_keys(table, ("company_id",), "company_id", company_ids, live)}

    def find(self, record_type: RecordType, key: str, values: Collection[str]) -> dict[str, list[int]]:
        """Ids of the live records that have one of these values in a field; values that nobody has are left out.

        Texts match whatever their case. Other kinds are given in canonical form, numbers as text.

        Raises:
            UnknownField: `key` is no field of this kind of record.
        """
        return find_records(record_type, choose(record_type, [key])[0], values)

    def ids_after(self, record_type: RecordType, after: int, limit: int) -> list[int]:
        """The ids of live records that come after this one, in order, at most `limit`."""
        live = RecordType(record_type).model._default_manager.filter(deleted=False, id__gt=after)
        return list(live.order_by("id").values_list("id", flat=True)[:limit])

    def changed(self, limit: int) -> list[Mark]:
        """Records that users have changed since they were last forgotten, at most `limit`, longest waiting first."""
        return journal.changed(limit)

    def forget(self, marks: Sequence[Mark]) -> None:
        """Drop the marks of records that have not changed again meanwhile."""
        journal.forget(marks)

    def list_items(self, list_key: str) -> dict[str, str]:
        """The items of a list that can be chosen: id to text."""
        return listing.list_items(list_key)

    def add_list_items(self, list_key: str, texts: Sequence[str]) -> dict[str, str]:
        """Text to id for each of `texts`, adding what the list lacks; raises Refused where it can't be added to."""
        return listing.add_list_items(list_key, texts)

    def describe(self, record_type: RecordType, ids: Collection[int]) -> dict[int, str]:
        """The names of records, deleted ones included."""
        rows = batch.select_by_keys(table_of(record_type), ("id", *name_columns(record_type)), "id", ids)
        return {record_id: name_of(record_type, record_id, parts) for record_id, *parts in rows}

    def exists(self, record_type: RecordType, ids: Collection[int]) -> set[int]:
        """Which of these ids belong to live records."""
        rows = batch.select_by_keys(table_of(record_type), ("id",), "id", ids, {"deleted": False})
        return {record_id for (record_id,) in rows}


class _Snapshots:
    """Makes snapshots of rows: id, version, deleted, moment, parent, name columns, fields, user-defined fields."""

    def __init__(self, record_type: RecordType, fields: Sequence[CrmField]) -> None:
        self._type = RecordType(record_type)
        parent, names = parent_columns(record_type), name_columns(record_type)
        plain = [field for field in fields if not field.user_defined]
        self._has_parent = bool(parent)
        self._names = slice(4 + len(parent), 4 + len(parent) + len(names))
        self._plain = [(self._names.stop + n, field.key, reader(field)) for n, field in enumerate(plain)]
        self._extra = [(field.column, field.key, reader(field)) for field in fields if field.user_defined]
        extra = ["extra"] if self._extra else []
        head = ("id", "version", "deleted", "updated_at")
        self.columns = [*head, *parent, *names, *(field.column for field in plain), *extra]

    def of(self, row: Sequence[Any]) -> Snapshot:
        """The snapshot of one row."""
        values = {key: read(row[place]) for place, key, read in self._plain}
        if self._extra:
            extra = json.loads(row[-1])
            values |= {key: read(extra.get(column)) for column, key, read in self._extra}
        parent = row[4] if self._has_parent else None
        name = name_of(self._type, row[0], row[self._names])
        return Snapshot(row[0], row[1], values, parent, bool(row[2]), name, _moment(row[3]))


def _moment(stored: datetime) -> datetime:
    """A moment as the database gives it: one of the two has no zones, and means UTC without saying so."""
    return stored if stored.tzinfo else stored.replace(tzinfo=UTC)


def _written(
    record_type: RecordType, changes: Sequence[Change], convert: Converter
) -> Iterator[tuple[Change, list[Any]]]:
    """The values that each change writes; changes of records that are not there are left out.

    One statement sets the same columns everywhere, so where a change says nothing about a column, what stands
    there is read and written back; the version guards it against being old.
    """
    if not convert.has_extra and all(len(change.values) == len(convert.keys) for change in changes):
        yield from ((change, convert.columns_of(change.values, change.id)) for change in changes)
        return
    columns = ["id", *(["extra"] if convert.has_extra else []), *convert.columns]
    ids = [change.id for change in changes]
    standing = {row[0]: row[1:] for row in batch.select_by_keys(table_of(record_type), columns, "id", ids)}
    for change in changes:
        if change.id in standing:
            yield change, convert.merged(standing[change.id], change.values, change.id)


def _created(
    record_type: RecordType,
    ids: Sequence[int],
    rows: Sequence[NewRecord],
    head: tuple[Any, ...],
    convert: Converter,
) -> Iterator[tuple[Any, ...]]:
    has_parent = bool(parent_columns(record_type))
    for record_id, row in zip(ids, rows, strict=True):
        extra = convert.extra_of({}, row.values) if convert.has_extra else "{}"
        parent = (row.parent_id,) if has_parent else ()
        yield (record_id, *head, extra, *parent, *convert.columns_of(row.values))


def _check_parents(record_type: RecordType, rows: Sequence[NewRecord]) -> None:
    """A contact must have a company that is there."""
    if not parent_columns(record_type):
        return
    wanted = {row.parent_id for row in rows if row.parent_id is not None}
    if any(row.parent_id is None for row in rows):
        raise InvalidValue("company", _("Company"), _("A contact belongs to a company; choose one."))
    missing = wanted - EmbeddedCrm().exists(RecordType.COMPANY, wanted)
    if missing:
        raise NoSuchRecord(RecordType.COMPANY, min(missing))
