"""The sync core, pure: typed values, mappings, the three-way merge and its rules. No Django, no I/O, no clock.

`values` says what a value is, `mapping` how a value crosses to the other side, `rules` what happens in which
situation, as a table, and `merge` applies the table to a record and answers with a plan (behaviour E1-E4).
"""

from brygga.merge.mapping import FieldMapping, FieldSpec, available_directions, converter
from brygga.merge.merge import Merger
from brygga.merge.plan import Base, Conflict, Pair, Plan, Problem, Write, apply_to
from brygga.merge.rules import Policy, Rule, Side
from brygga.merge.values import Kind, Misfit, Value, kind_of, reader, writer

__all__ = [
    "Base",
    "Conflict",
    "FieldMapping",
    "FieldSpec",
    "Kind",
    "Merger",
    "Misfit",
    "Pair",
    "Plan",
    "Policy",
    "Problem",
    "Rule",
    "Side",
    "Value",
    "Write",
    "apply_to",
    "available_directions",
    "converter",
    "kind_of",
    "reader",
    "writer",
]
