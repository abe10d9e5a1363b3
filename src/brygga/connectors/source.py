"""What a tabular connector needs of a file format: tell versions apart, read all tables, write rows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from brygga.connectors.sheets import Book, Cell, Table


@dataclass
class Reading:
    """The tables as read, the version they were read from, and what the source needs to write into them."""

    version: Any
    book: Book
    raw: Any = None


@dataclass(slots=True)
class Change:
    """Cells to write in one row of a table, by column from 0; `new` if the row does not exist yet."""

    table: Table
    row: int
    cells: dict[int, Cell] = field(default_factory=dict)
    new: bool = False


class Source(ABC):
    """The file or folder behind one connection."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @abstractmethod
    def unchanged(self, reading: Reading) -> bool:
        """Whether the source surely still is what was read. Raises SourceError if it is gone."""

    @abstractmethod
    def read(self) -> Reading:
        """Read everything. Raises SourceError."""

    @abstractmethod
    def write(self, reading: Reading, changes: list[Change]) -> None:
        """Write rows into what was read. Raises SourceError, and ChangedMeanwhile if it is no longer what was
        read; then nothing was written."""
