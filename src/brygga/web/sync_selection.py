"""What is selected on the Sync tab: one row of each table. It stands in the address, so that it outlives a reload."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

_LONGEST_ID = 18
"""Digits; more is no id of ours."""


class Row(Protocol):
    """What can be selected."""

    @property
    def id(self) -> int:
        """The id by which the address names it."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The rows selected by id, 0 for none, and whether each table shows deleted ones, too."""

    connector: int = 0
    connection: int = 0
    old_connectors: bool = False
    old_connections: bool = False

    @classmethod
    def of(cls, request: HttpRequest) -> Selection:
        """The selection that the address of a request names."""
        given = request.GET.get
        return cls(
            _id(given("connector", "")),
            _id(given("connection", "")),
            given("old_connectors") == "1",
            given("old_connections") == "1",
        )

    def among(self, connectors: Sequence[Row], connections: Sequence[Row]) -> Selection:
        """The same where the rows are there; else the first one of the table is selected."""
        return replace(
            self, connector=_one_of(self.connector, connectors), connection=_one_of(self.connection, connections)
        )

    def to(self, **changes: int | bool) -> Selection:
        """The selection with some of it changed."""
        return replace(self, **changes)  # type: ignore[arg-type]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The parts of the query that name the selection."""
        named = {name: getattr(self, name) for name in self.__slots__}
        return [(name, str(int(value))) for name, value in named.items() if value]

    @property
    def query(self) -> str:
        """The query that names the selection, with its question mark; empty for none."""
        return f"?{urlencode(self.pairs)}" if self.pairs else ""

    @property
    def page(self) -> str:
        """The address of the Sync tab with this selection."""
        return self.url("sync")

    def url(self, name: str, *args: int) -> str:
        """An address of the Sync tab by name, from where one comes back to this selection."""
        return reverse(f"web:{name}", args=args) + self.query


def _id(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST_ID else 0


def _one_of(chosen: int, rows: Sequence[Row]) -> int:
    ids = [row.id for row in rows]
    return chosen if chosen in ids else next(iter(ids), 0)
