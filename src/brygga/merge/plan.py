"""The plan: what a merge found and what is to be written, as data with a reason for each entry (behaviour E2).

A plan changes nothing by itself. It can be shown, stored and carried out; once it has been carried out,
`apply_to` says what the sides have agreed on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from brygga.merge.rules import Rule, Side
from brygga.merge.values import Misfit, Value

Pair: TypeAlias = tuple[Value, Value]
"""The CRM's and the ERP's value of one field, each in its own side's terms."""

Base: TypeAlias = Mapping[str, Sequence[Value]]
"""ERP field key to the pair on which the sides last agreed; a list of two, as JSON gives it back, will do."""


@dataclass(slots=True)
class Write:
    """One value to be written to `side`. `base` is the pair to store once that has been done.

    `old` is what the write replaces. `rule` is the merge's, or the name under which the log keeps a write that was
    decided elsewhere. `loser` is the same value where somebody's own entry is overruled, None
    where the side had merely not heard the news.
    """

    side: Side
    erp_field: str
    crm_field: str
    old: Value
    new: Value
    rule: Rule | str
    base: Pair
    loser: Value = None


@dataclass(slots=True)
class Problem:
    """A value that can't be written to `side`, and why. `value` is in the terms of the side it comes from."""

    erp_field: str
    crm_field: str
    side: Side
    value: Value
    misfit: Misfit


@dataclass(slots=True)
class Conflict:
    """Two different values that wait for a person's choice. `base` is None if the sides never agreed."""

    erp_field: str
    crm_field: str
    crm: Value
    erp: Value
    base: Pair | None


@dataclass(slots=True)
class Plan:
    """What to do with one record. False as a condition if there is nothing to do at all.

    `settled` holds the new base, by ERP field key, of fields that agree without a write.
    """

    crm_writes: list[Write] = field(default_factory=list)
    erp_writes: list[Write] = field(default_factory=list)
    settled: dict[str, Pair] = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.crm_writes or self.erp_writes or self.settled or self.conflicts or self.problems)

    def add(self, other: Plan) -> None:
        """Take in a plan for other fields of the same record."""
        self.crm_writes += other.crm_writes
        self.erp_writes += other.erp_writes
        self.settled |= other.settled
        self.conflicts += other.conflicts
        self.problems += other.problems


def apply_to(plan: Plan, base: Base) -> dict[str, Sequence[Value]]:
    """The base after everything in the plan was written; fields in conflict or with a problem keep theirs."""
    written = {write.erp_field: write.base for write in (*plan.crm_writes, *plan.erp_writes)}
    return {**base, **plan.settled, **written}
