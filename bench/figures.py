"""What was measured: figures with their floors and goals, as a table for people and as JSON for programs."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table


@dataclass
class Figure:
    """One measurement. `values` are in `unit`, one per repeat; `floors` what the database alone took.

    The goal is a `limit` on the ratio to the floor where there is one, else on the median itself; None means
    that the figure is for information.
    """

    name: str
    values: list[float] = field(default_factory=list)
    floors: list[float] = field(default_factory=list)
    unit: str = "ms"
    limit: float | None = None

    @property
    def median(self) -> float:
        """The median of the repeats."""
        return median(self.values)

    @property
    def ratio(self) -> float | None:
        """Median over median of the floor; None without a floor."""
        return self.median / median(self.floors) if self.floors else None

    @property
    def met(self) -> bool | None:
        """Whether the goal is reached; None without a goal."""
        measured = self.ratio if self.floors else self.median
        return None if self.limit is None or measured is None else measured <= self.limit

    def as_json(self) -> dict[str, Any]:
        """The figure with everything it is made of."""
        return {
            "name": self.name, "unit": self.unit, "values": self.values, "floors": self.floors, "limit": self.limit,
            "median": self.median, "ratio": self.ratio, "met": self.met,
        }  # fmt: skip

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Figure:
        """The figure that `as_json` described."""
        return cls(**{name: document[name] for name in ("name", "values", "floors", "unit", "limit")})


def machine() -> dict[str, Any]:
    """On what the figures were measured, when, and how many processes wanted a processor when that began."""
    return {
        "date": date.today().isoformat(),
        "cores": os.cpu_count(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 1),
    }


def print_figures(title: str, figures: Sequence[Figure]) -> None:
    """One table."""
    table = Table(title=title, title_justify="left")
    for column in ("measured", "median", "floor", "ratio", "goal", "", "repeats"):
        table.add_column(column, justify="left" if column in ("measured", "") else "right")
    for figure in figures:
        table.add_row(*_cells(figure))
    Console(width=None if Console().is_terminal else 120).print(table)


def markdown(title: str, figures: Sequence[Figure]) -> str:
    """The table as the manual has it."""
    rows = [("Measured", "Median", "Floor", "Ratio", "Goal", "", "Repeats"), ("---", *["---:"] * 4, "---", "---:")]
    rows += [tuple(cell.strip() for cell in _cells(figure)) for figure in figures]
    return "\n".join([f"### {title}", "", *(f"| {' | '.join(row)} |" for row in rows)]) + "\n"


def _cells(figure: Figure) -> list[str]:
    floor = _shown(median(figure.floors), figure.unit) if figure.floors else ""
    ratio = f"{figure.ratio:.2f} x" if figure.ratio is not None else ""
    goal = "" if figure.limit is None else f"{figure.limit:g} {'x' if figure.floors else figure.unit}"
    met = {None: "", True: "met", False: "not met"}[figure.met]
    return [
        figure.name,
        _shown(figure.median, figure.unit),
        floor,
        ratio,
        goal and f"≤ {goal}",
        met,
        str(len(figure.values)),
    ]


def _shown(value: float, unit: str) -> str:
    return f"{value:,.{0 if value >= 100 else 1}f} {unit}"
