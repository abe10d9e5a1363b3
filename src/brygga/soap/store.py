"""What a host remembers of the connections to its connectors: their configuration, encrypted, in one SQLite file."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

_SCHEMA = """
PRAGMA journal_mode = WAL;
CREATE TABLE connections (
    connector TEXT NOT NULL, guid TEXT NOT NULL, configuration BLOB NOT NULL, saved_at INTEGER NOT NULL,
    PRIMARY KEY (connector, guid)) WITHOUT ROWID;
"""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored configuration. `saved_at` (nanoseconds since 1970) changes each time it is saved."""

    values: dict[str, str]
    saved_at: int


class ConnectionStore:
    """The configurations of connections by connector name and GUID. Safe for several threads and processes.

    `keys` are Fernet keys: the first encrypts, all of them decrypt. A configuration that none of them opens counts
    as not stored: the connector then says so, and the CRM side sends it again (contract, section 3).
    """

    def __init__(self, path: Path, keys: Sequence[str]) -> None:
        """Raises ValueError if there is no key, or one that is no Fernet key."""
        if not keys:
            raise ValueError("an encryption key is needed to store connections")
        self._path = path
        self._cipher = MultiFernet([Fernet(key) for key in keys])

    def save(self, connector: str, guid: str, values: Mapping[str, str]) -> int:
        """Store a configuration in place of an older one, and return its `saved_at`."""
        token = self._cipher.encrypt(json.dumps(dict(values)).encode())
        saved_at = time.time_ns()
        with self._open() as database:
            database.execute(
                "INSERT OR REPLACE INTO connections VALUES (?, ?, ?, ?)", (connector, guid, token, saved_at)
            )
        return saved_at

    def load(self, connector: str, guid: str) -> Stored | None:
        """The stored configuration, or None."""
        query = "SELECT configuration, saved_at FROM connections WHERE connector = ? AND guid = ?"
        with self._open() as database:
            row = database.execute(query, (connector, guid)).fetchone()
        if row is None:
            return None
        try:
            return Stored(json.loads(self._cipher.decrypt(row[0])), row[1])
        except InvalidToken:
            _log.warning("stored_connection_unreadable", connector=connector, guid=guid, reason="no key opens it")
            return None

    def saved_at(self, connector: str, guid: str) -> int | None:
        """When the configuration was saved (`Stored.saved_at`), or None if it is not stored. Decrypts nothing."""
        query = "SELECT saved_at FROM connections WHERE connector = ? AND guid = ?"
        with self._open() as database:
            row = database.execute(query, (connector, guid)).fetchone()
        return None if row is None else int(row[0])

    def delete(self, connector: str, guid: str) -> None:
        """Forget a connection; nothing happens if it is not stored."""
        with self._open() as database:
            database.execute("DELETE FROM connections WHERE connector = ? AND guid = ?", (connector, guid))

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """A connection that commits each statement by itself."""
        if not self._path.exists():
            self._make()
        with contextlib.closing(sqlite3.connect(self._path, timeout=30, isolation_level=None)) as database:
            database.execute("PRAGMA synchronous = FULL")
            yield database

    def _make(self) -> None:
        """Make the file for the owner alone. It appears whole, and the first of several processes wins."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=self._path.parent, prefix=".connections-")
        os.close(handle)
        try:
            with contextlib.closing(sqlite3.connect(draft)) as database:
                database.executescript(_SCHEMA)
            with contextlib.suppress(FileExistsError):
                os.link(draft, self._path)
        finally:
            os.unlink(draft)
