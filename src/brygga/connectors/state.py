"""What the connectors remember between calls: configurations, row fingerprints and stamps, in one SQLite file."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS config (
    guid TEXT PRIMARY KEY, json TEXT NOT NULL, revision INTEGER NOT NULL, last_stamp INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS rows (
    guid TEXT NOT NULL, actor_type TEXT NOT NULL, erp_key TEXT NOT NULL, fingerprint BLOB NOT NULL,
    stamp INTEGER NOT NULL, PRIMARY KEY (guid, actor_type, erp_key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS kinds (
    guid TEXT NOT NULL, actor_type TEXT NOT NULL, field_key TEXT NOT NULL, kind TEXT NOT NULL,
    PRIMARY KEY (guid, actor_type, field_key)) WITHOUT ROWID;
"""

GONE = b""
"""The fingerprint of a row that is no longer in the file: its key is not given out again."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored connection: its configuration, and a revision that changes each time it is saved."""

    values: dict[str, str]
    revision: int


class StateStore:
    """The state file of one kind of connector. Safe for several threads and processes."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """One transaction that excludes other writers; rolled back if the block raises."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        database = sqlite3.connect(self.path, timeout=30, isolation_level=None)
        try:
            database.execute("PRAGMA synchronous=FULL")
            self._prepare(database)
            database.execute("BEGIN IMMEDIATE")
            with database:
                yield database
        finally:
            database.close()

    @staticmethod
    def _prepare(database: sqlite3.Connection) -> None:
        if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'kinds'").fetchone():
            database.executescript(_SCHEMA)

    def save(self, guid: str, values: Mapping[str, str]) -> None:
        """Store a configuration. The field types seen so far are forgotten, the stamps go on."""
        with self.transaction() as database:
            database.execute("DELETE FROM kinds WHERE guid = ?", (guid,))
            # Stamps start at the clock (microseconds), so that they go on rising even if this file is lost.
            database.execute(
                "INSERT INTO config VALUES (?, ?, ?, ?) "
                "ON CONFLICT (guid) DO UPDATE SET json = excluded.json, revision = excluded.revision",
                (guid, json.dumps(dict(values)), time.time_ns(), time.time_ns() // 1000),
            )

    def load(self, guid: str) -> Stored | None:
        """The stored connection, or None."""
        if not self.path.exists():
            return None
        with contextlib.closing(sqlite3.connect(self.path, timeout=30)) as database:
            self._prepare(database)
            row = database.execute("SELECT json, revision FROM config WHERE guid = ?", (guid,)).fetchone()
        return Stored(json.loads(row[0]), row[1]) if row else None

    def delete(self, guid: str) -> None:
        """Forget a connection; nothing happens if it is not stored."""
        with self.transaction() as database:
            for table in ("config", "rows", "kinds"):
                database.execute(f"DELETE FROM {table} WHERE guid = ?", (guid,))


def read_kinds(database: sqlite3.Connection, guid: str, actor_type: str) -> dict[str, str]:
    """The type of each field as last offered, by field key."""
    query = "SELECT field_key, kind FROM kinds WHERE guid = ? AND actor_type = ?"
    return dict(database.execute(query, (guid, actor_type)))


def write_kinds(database: sqlite3.Connection, guid: str, actor_type: str, kinds: Mapping[str, str]) -> None:
    """Store the types of fields."""
    rows = [(guid, actor_type, key, kind) for key, kind in kinds.items()]
    database.executemany("INSERT OR REPLACE INTO kinds VALUES (?, ?, ?, ?)", rows)


def stamp_rows(
    database: sqlite3.Connection, guid: str, actor_type: str, fingerprints: Mapping[str, bytes]
) -> dict[str, int]:
    """Give new and changed rows the next stamps, and return the stamps of all rows ever seen, by ERP key."""
    query = "SELECT erp_key, fingerprint, stamp FROM rows WHERE guid = ? AND actor_type = ?"
    known = {key: (fingerprint, stamp) for key, fingerprint, stamp in database.execute(query, (guid, actor_type))}
    last = database.execute("SELECT last_stamp FROM config WHERE guid = ?", (guid,)).fetchone()[0]
    stamps = {key: stamp for key, (_, stamp) in known.items()}
    changed = [key for key, value in fingerprints.items() if key not in known or known[key][0] != value]
    stamps.update((key, last + place) for place, key in enumerate(changed, 1))
    _write_rows(database, guid, actor_type, [(key, fingerprints[key], stamps[key]) for key in changed])
    gone = [key for key, (value, _) in known.items() if key not in fingerprints and value != GONE]
    _write_rows(database, guid, actor_type, [(key, GONE, stamps[key]) for key in gone])
    database.execute("UPDATE config SET last_stamp = ? WHERE guid = ?", (last + len(changed), guid))
    return stamps


def _write_rows(database: sqlite3.Connection, guid: str, actor_type: str, rows: list[tuple[str, bytes, int]]) -> None:
    database.executemany(
        "INSERT OR REPLACE INTO rows VALUES (?, ?, ?, ?, ?)", [(guid, actor_type, *row) for row in rows]
    )
