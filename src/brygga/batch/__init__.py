"""Many rows in few statements, below the ORM, for SQLite and PostgreSQL: the hot paths of the CRM and the engine.

Values are passed as the database takes them: JSON columns as text, moments through `native_moment`. Every function
works in the caller's transaction and raises Django's database errors.
"""

from __future__ import annotations

from brygga.batch.rows import (
    delete_by_keys,
    execute_with_pairs,
    insert_rows,
    native_moment,
    reserve_ids,
    select_by_keys,
    update_rows,
    upsert_rows,
)
from brygga.batch.statements import chunks

__all__ = [
    "chunks",
    "delete_by_keys",
    "execute_with_pairs",
    "insert_rows",
    "native_moment",
    "reserve_ids",
    "select_by_keys",
    "update_rows",
    "upsert_rows",
]
