"""A table whose columns are quoted once, and the pieces of SQL that both databases share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol, TypeVar

from django.db.backends.base.base import BaseDatabaseWrapper

Row = Sequence[Any]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Target:
    """The table a statement is about, on one connection."""

    connection: BaseDatabaseWrapper
    table: str

    @property
    def name(self) -> str:
        """The quoted name of the table."""
        return self.quote(self.table)

    def quote(self, identifier: str) -> str:
        """Quote one identifier; a per cent sign is doubled, since the text goes through parameter formatting."""
        return str(self.connection.ops.quote_name(identifier)).replace("%", "%%")

    def listed(self, columns: Iterable[str]) -> str:
        """The quoted columns with commas between."""
        return ", ".join(self.quote(column) for column in columns)

    def on_conflict(self, conflict: Sequence[str], update: Sequence[str]) -> str:
        """The tail of an upsert; without columns to update, the row that stands is left alone."""
        assigned = ", ".join(f"{self.quote(column)} = excluded.{self.quote(column)}" for column in update)
        return f"ON CONFLICT ({self.listed(conflict)}) DO {f'UPDATE SET {assigned}' if update else 'NOTHING'}"


class Engine(Protocol):
    """What a database's module offers: the statements in its own way, on a target, in constant memory."""

    def insert(self, target: Target, columns: Sequence[str], rows: Iterable[Row]) -> int: ...

    def upsert(
        self,
        target: Target,
        columns: Sequence[str],
        rows: Iterable[Row],
        conflict: Sequence[str],
        update: Sequence[str],
    ) -> int: ...

    def update(self, target: Target, key: Sequence[str], columns: Sequence[str], rows: Iterable[Row]) -> int: ...

    def update_guarded(
        self, target: Target, key: Sequence[str], guard: str, columns: Sequence[str], rows: Sequence[Row]
    ) -> set[tuple[Any, ...]]: ...

    def delete(self, target: Target, key: Sequence[str], rows: Iterable[Row]) -> int: ...

    def select(
        self, target: Target, columns: Sequence[str], key: str, values: Sequence[Any], condition: str, params: Row
    ) -> list[tuple[Any, ...]]: ...

    def pairs(self, pairs: Sequence[tuple[int, int]]) -> tuple[str, list[Any]]: ...

    def reserve(self, target: Target, count: int) -> Sequence[int]: ...


def placeholders(count: int) -> str:
    """The parameters of one row of `count` values, in parentheses."""
    return f"({', '.join(['%s'] * count)})"


def chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Cut a stream into lists of at most `size`."""
    stream = iter(items)
    while chunk := list(islice(stream, size)):
        yield chunk
