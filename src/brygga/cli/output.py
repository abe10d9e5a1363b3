"""What the commands print: documents for programs, tables for people, plain lines for pipes."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any, NoReturn

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars
from rich.table import Table

from brygga.erp.engine.progress import Progress

DONE, REFUSED, USAGE, PARTLY = 0, 1, 2, 3
"""Exit statuses: done; refused or failed as a whole; wrong usage; done, but some records failed or conflict."""


class Failed(Exception):
    """Ends the command with a line on stderr and an exit status."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


def fail(message: str, status: int = REFUSED) -> NoReturn:
    """End the command: this line on stderr, this exit status."""
    raise Failed(message, status)


def print_json(document: Any) -> None:
    """The document that `--json` asks for: the only thing on stdout. Date-times are written as ISO 8601."""
    print(json.dumps(document, ensure_ascii=False, indent=2, default=_as_json))


def _as_json(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def print_table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Rows under heads in a terminal, else tab-separated lines with the heads first. Numbers go to the right."""
    if not sys.stdout.isatty():
        for row in (columns, *rows):
            print("\t".join(_plain(cell) for cell in row))
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for place, column in enumerate(columns):
        is_number = any(isinstance(row[place], int | float) for row in rows)
        table.add_column(column, justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_plain(cell) for cell in row))
    Console().print(table, markup=False)


def _plain(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    text = cell.isoformat(sep=" ", timespec="seconds") if hasattr(cell, "hour") else str(cell)
    return text.replace("\t", " ").replace("\n", " ")


@contextmanager
def working(text: str) -> Iterator[Progress]:
    """Show that work goes on: a bar with counts in a terminal, otherwise nothing. It is drawn on stderr.

    The work tells the progress that it is given how far it has come; until then the bar just moves.
    """
    if not sys.stderr.isatty():
        yield Progress()
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        yield _Bar(bars, text)


class _Bar(Progress):
    """Progress as a bar."""

    def __init__(self, bars: Bars, text: str) -> None:
        super().__init__()
        self._bars = bars
        self._task = bars.add_task(text, total=None)

    def report(self, done: int, total: int = 0) -> None:
        """Move the bar."""
        super().report(done, total)
        self._bars.update(self._task, completed=done, total=total or None)
