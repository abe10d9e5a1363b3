"""A second database beside the one that is measured, so that few rows and many can be measured in turn."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

_SCHEMA = "bench_beside"


@contextmanager
def second_database() -> Iterator[BaseDatabaseWrapper]:
    """A database with the same tables, empty: a file on SQLite, a schema on PostgreSQL. It goes when the block ends."""
    with TemporaryDirectory(prefix="brygga-bench-") as home, _place(home) as changed:
        second = type(connections[DEFAULT_DB_ALIAS])({**connection.settings_dict, **changed}, DEFAULT_DB_ALIAS)
        try:
            with instead(second):
                call_command("migrate", interactive=False, verbosity=0)
            yield second
        finally:
            second.close()


@contextmanager
def instead(database: BaseDatabaseWrapper) -> Iterator[None]:
    """Let everything in the block work on this database."""
    usual = connections[DEFAULT_DB_ALIAS]
    connections[DEFAULT_DB_ALIAS] = database
    try:
        yield
    finally:
        connections[DEFAULT_DB_ALIAS] = usual


@contextmanager
def _place(home: str) -> Iterator[dict[str, Any]]:
    """What differs in the settings of the second database."""
    if connection.vendor == "sqlite":
        yield {"NAME": str(Path(home) / "beside.sqlite3")}
        return
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA {_SCHEMA}")
    try:
        yield {"OPTIONS": {**connection.settings_dict["OPTIONS"], "options": f"-c search_path={_SCHEMA}"}}
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP SCHEMA {_SCHEMA} CASCADE")
