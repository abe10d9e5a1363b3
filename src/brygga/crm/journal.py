"""Marks in the change journal: set in the saving transaction, removed when what they name has been dealt with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from brygga import batch
from brygga.crm.fields import RecordType
from brygga.crm.models import DirtyMark

_TABLE = DirtyMark._meta.db_table
_COLUMNS = ("record_type", "record_id", "version")


class Mark(NamedTuple):
    """A record that a user has changed, and the version that the newest change made."""

    record_type: RecordType
    record_id: int
    version: int


def mark(record_type: RecordType, versions: Mapping[int, int]) -> None:
    """Mark records as changed, with the version that each has now. Call it in the transaction that saves them."""
    rows = [(str(record_type), record_id, version) for record_id, version in versions.items()]
    batch.upsert_rows(_TABLE, _COLUMNS, rows, conflict=_COLUMNS[:2], update=_COLUMNS[2:])


def changed(limit: int) -> list[Mark]:
    """The marks that have stood longest, at most `limit`."""
    rows = DirtyMark.objects.order_by("id").values_list(*_COLUMNS)[:limit]
    return [Mark(RecordType(record_type), record_id, version) for record_type, record_id, version in rows]


def forget(marks: Sequence[Mark]) -> None:
    """Remove marks, but not those of records that have changed again."""
    rows = ((str(mark.record_type), mark.record_id, mark.version) for mark in marks)
    batch.delete_by_keys(_TABLE, _COLUMNS, rows)
