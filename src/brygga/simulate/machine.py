"""The machine that the engine runs on: its clock, its database in memory, and the moment when it dies."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection as database
from django.utils import timezone

_TICK = timedelta(milliseconds=1)


class Killed(BaseException):
    """The process is gone: nothing of it runs any more, not even what tidies up."""


class Machine:
    """A server with a clock that can be set. Between `kill` and the end of `running` no statement gets through."""

    def __init__(self, start: datetime = datetime(2030, 1, 7, 8, tzinfo=UTC)) -> None:
        self._now = self._true = start
        self._statements = 0
        self._last_statement: int | None = None
        self._counting = True
        self.dead = False
        self.was_killed = False
        """Whether the last stretch of work ended with the machine's death."""

    def now(self) -> datetime:
        """The server's clock; it moves a little each time it is read."""
        self._true += _TICK
        self._now += _TICK
        return self._now

    def true_time(self) -> datetime:
        """What other clocks go by, however this machine's is set."""
        return self._true

    def move_clock(self, seconds: float) -> None:
        """Let time pass everywhere, or set this machine's clock back."""
        self._now += timedelta(seconds=seconds)
        self._true += timedelta(seconds=max(seconds, 0))

    @contextmanager
    def on_the_wall(self) -> Iterator[None]:
        """Let all that asks Django for the time, as the CRM does for its stamps, see this clock."""
        real = timezone.now
        timezone.now = self.now
        try:
            yield
        finally:
            timezone.now = real

    def kill(self) -> None:
        """Raises Killed, and from now on at every statement. What was not committed is gone."""
        self.dead = self.was_killed = True
        database.connection.rollback()
        raise Killed

    @contextmanager
    def running(self, statements: int | None = None) -> Iterator[None]:
        """A stretch of work, which ends silently where the machine is killed; `statements` is how many it survives.

        Afterwards the machine is up again.
        """
        self._statements, self._last_statement, self.was_killed = 0, statements, False
        try:
            with database.execute_wrapper(self._on_statement), self._watched_commits():
                yield
        except Killed:
            pass
        finally:
            self.dead, self._last_statement = False, None

    def _on_statement(
        self, execute: Callable[..., Any], sql: str, params: object, many: bool, context: dict[str, Any]
    ) -> Any:
        self._count()
        return execute(sql, params, many, context)

    @contextmanager
    def _watched_commits(self) -> Iterator[None]:
        """Commits count as statements: between the last write and the commit is a place to die, too."""
        database.ensure_connection()
        commit = database.commit

        def counted() -> None:
            self._count()
            commit()

        database.commit = counted  # type: ignore[method-assign]
        try:
            yield
        finally:
            del database.commit

    @contextmanager
    def others(self) -> Iterator[None]:
        """What others do on machines of their own, which live on."""
        self._counting = False
        try:
            yield
        finally:
            self._counting = True

    def _count(self) -> None:
        self._statements += self._counting
        if self.dead or (self._counting and self._statements == self._last_statement):
            self.kill()


def use_memory() -> None:
    """Keep this process's database in memory from now on, an empty one."""
    database.close()
    database.settings_dict["NAME"] = ":memory:"
    database.ensure_connection()


def photograph() -> sqlite3.Connection:
    """A copy of the database as it stands."""
    copy = sqlite3.connect(":memory:", check_same_thread=False)
    database.connection.backup(copy)
    return copy


def restore(photograph: sqlite3.Connection) -> None:
    """Let the database be as it was when it was copied."""
    photograph.backup(database.connection)
