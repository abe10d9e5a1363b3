"""What a rule of the conformance kit is."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Severity(StrEnum):
    """What a broken rule means: data are lost or wrong, something works badly, or merely good to know."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Rule(NamedTuple):
    """One rule: the letter of its group and a number, what must hold, why it matters, the contract's section.

    `writes` tells that it can only be checked by creating and saving test data.
    """

    number: str
    title: str
    why: str
    severity: Severity
    section: int
    writes: bool = False
