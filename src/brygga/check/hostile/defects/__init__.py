"""The switchable defects, one small class each, grouped as the rules they break."""

from __future__ import annotations

from brygga.check.hostile.defects import (
    answers,
    connections,
    keys,
    lists,
    load,
    metadata,
    searches,
    stamps,
    values,
    writing,
)
from brygga.check.hostile.defects.defect import DEFECTS, Defect

__all__ = [
    "DEFECTS",
    "Defect",
    "answers",
    "connections",
    "keys",
    "lists",
    "load",
    "metadata",
    "searches",
    "stamps",
    "values",
    "writing",
]
