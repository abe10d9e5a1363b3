"""The machine that the engine runs on: its clock, and the moment when it dies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection as database


class Killed(BaseException):
    """The process is gone: nothing of it runs any more, not even what tidies up."""


class Machine:
    """A server with a clock that can be set. Between `kill` and the end of `running` no statement gets through."""

    def __init__(self) -> None:
        self._now = datetime(2030, 1, 7, 8, tzinfo=UTC)
        self._statements = 0
        self._last_statement: int | None = None
        self._counting = True
        self.dead = False

    def now(self) -> datetime:
        """The server's clock; it moves a little each time it is read."""
        self._now += timedelta(milliseconds=1)
        return self._now

    def move_clock(self, seconds: float) -> None:
        """Let time pass, or set the clock back."""
        self._now += timedelta(seconds=seconds)

    def kill(self) -> None:
        """Raises Killed, and from now on at every statement."""
        self.dead = True
        raise Killed

    @contextmanager
    def running(self, statements: int | None = None) -> Iterator[None]:
        """A stretch of work, which ends silently where the machine is killed; `statements` is how many it survives.

        Afterwards the machine is up again, with a new connection to the database.
        """
        self._statements, self._last_statement = 0, statements
        try:
            with database.execute_wrapper(self._on_statement), self._watched_commits():
                yield
        except Killed:
            pass
        finally:
            if self.dead:
                database.close()
                self.dead = False

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
        if self.dead or self._statements == self._last_statement:
            self.kill()
