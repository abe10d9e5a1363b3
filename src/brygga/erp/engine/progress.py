"""How far a piece of work has come, told between its steps; that is where it can be stopped (behaviour E10)."""

from __future__ import annotations

from typing import Any


class StopRequested(Exception):
    """The work is to end here: what is done is whole, and the rest stays as it was."""


class Progress:
    """How far work has come. This one tells nobody and never stops; others override `report` and `wait`.

    `done` of `total` records are behind it; `total` 0 means that it is not known. `cursor`, JSON-native, is the
    work's own note of its place, from which it goes on when it is started again.
    """

    def __init__(self) -> None:
        self.done = 0
        self.total = 0
        self.cursor: dict[str, Any] = {}

    def report(self, done: int, total: int = 0) -> None:
        """Tell how far the work has come. Call it between steps only: raises StopRequested where it is to end."""
        self.done, self.total = done, total

    def advance(self, count: int) -> None:
        """Tell that so many more records are done. Raises StopRequested."""
        self.report(self.done + count, self.total)

    def expect(self, count: int) -> None:
        """Tell that so many more records are to be done. Raises StopRequested."""
        self.report(self.done, self.total + count)

    def wait(self) -> bool:
        """Wait a moment for somebody else's work to end; False says not to wait any longer. Raises StopRequested."""
        return False
