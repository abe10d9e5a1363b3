"""What happens to a field in which situation, as a table (behaviour E2).

A *base* is the pair of values, CRM and ERP, on which the sides last agreed. A side has *changed* when its
value differs from its own half of the base; time stamps play no part. Where there is no base yet, the base
counts as blank on both sides, so "changed" then means "has a value".

`python -m brygga.merge` prints the table as Markdown; docs/merge-rules.md is that print.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import product
from typing import NamedTuple


class Side(StrEnum):
    """One of the two ends of a link."""

    CRM = "crm"
    ERP = "erp"


class Policy(StrEnum):
    """Who wins when both sides changed a field differently (behaviour E2)."""

    PRIORITY = "priority"
    CRM = "crm"
    ERP = "erp"
    NEWEST = "newest"
    ASK = "ask"


class Action(StrEnum):
    """What the merge does with a field. `SETTLE` moves the base only: the sides agree already."""

    NOTHING = "nothing"
    SETTLE = "settle"
    WRITE_CRM = "write CRM"
    WRITE_ERP = "write ERP"
    ASK = "ask"


class Rule(StrEnum):
    """The name of what happened, kept in plans and logs as the answer to "why?"."""

    UNCHANGED = "unchanged"
    AGREED = "agreed"
    CRM_CHANGED = "crm_changed"
    ERP_CHANGED = "erp_changed"
    CONFLICT_CRM_WINS = "conflict_crm_wins"
    CONFLICT_ERP_WINS = "conflict_erp_wins"
    CONFLICT_ASK = "conflict_ask"
    ONE_WAY_CRM_WINS = "one_way_crm_wins"
    ONE_WAY_ERP_WINS = "one_way_erp_wins"
    ONE_WAY_CRM_KEPT = "one_way_crm_kept"
    ONE_WAY_ERP_KEPT = "one_way_erp_kept"
    FIRST_EQUAL = "first_equal"
    FIRST_FILL_CRM = "first_fill_crm"
    FIRST_FILL_ERP = "first_fill_erp"
    COPIED_FROM_CRM = "copied_from_crm"
    COPIED_FROM_ERP = "copied_from_erp"


EXPLANATIONS: Mapping[Rule, str] = {
    Rule.UNCHANGED: "Neither side changed since they last agreed.",
    Rule.AGREED: "A side changed, and now both mean the same.",
    Rule.CRM_CHANGED: "Only the CRM changed; its value goes to the ERP.",
    Rule.ERP_CHANGED: "Only the ERP changed; its value goes to the CRM.",
    Rule.CONFLICT_CRM_WINS: "Both sides had a value of their own; by policy the CRM's replaces the ERP's.",
    Rule.CONFLICT_ERP_WINS: "Both sides had a value of their own; by policy the ERP's replaces the CRM's.",
    Rule.CONFLICT_ASK: "Both sides had a value of their own; by policy a person decides.",
    Rule.ONE_WAY_CRM_WINS: "The field goes to the ERP only; the CRM's value replaces what was entered in the ERP.",
    Rule.ONE_WAY_ERP_WINS: "The field goes to the CRM only; the ERP's value replaces what was entered in the CRM.",
    Rule.ONE_WAY_CRM_KEPT: "The field goes to the CRM only; what was entered in the CRM stays there.",
    Rule.ONE_WAY_ERP_KEPT: "The field goes to the ERP only; what was entered in the ERP stays there.",
    Rule.FIRST_EQUAL: "First comparison of the two sides: they mean the same.",
    Rule.FIRST_FILL_CRM: "First comparison of the two sides: the CRM is blank and gets the ERP's value.",
    Rule.FIRST_FILL_ERP: "First comparison of the two sides: the ERP is blank and gets the CRM's value.",
    Rule.COPIED_FROM_CRM: "The CRM's value was asked for, by a resync or by a person's choice.",
    Rule.COPIED_FROM_ERP: "The ERP's value was asked for, by a resync or by a person's choice.",
}
"""One line per rule, in English; user interfaces translate by rule."""


class Situation(NamedTuple):
    """All that the decision on one field depends on. `winner` is what the policy says: None means ask."""

    has_base: bool
    crm_changed: bool
    erp_changed: bool
    equal: bool
    to_crm: bool
    to_erp: bool
    winner: Side | None


class Outcome(NamedTuple):
    """The rule that applies to a situation and what it does."""

    rule: Rule
    action: Action


class Row(NamedTuple):
    """One line of the table: the conditions in the order of `Situation`, then the outcome. None does not matter."""

    has_base: bool | None
    crm_changed: bool | None
    erp_changed: bool | None
    equal: bool | None
    to_crm: bool | None
    to_erp: bool | None
    winner: str | None
    rule: Rule
    action: Action

    @property
    def conditions(self) -> tuple[bool | str | None, ...]:
        """The columns before the outcome."""
        return self[:7]

    def matches(self, situation: Situation) -> bool:
        """Whether every condition that matters holds."""
        pairs = zip(self.conditions, situation, strict=True)
        return all(wanted is None or wanted == (ASKED if actual is None else actual) for wanted, actual in pairs)


ASKED = "ask"
"""In the winner column: nobody wins, a person is asked."""

_Y, _N, _X = True, False, None

TABLE: tuple[Row, ...] = (
    # base, CRM changed, ERP changed, equal, to CRM, to ERP, winner
    Row(_Y, _N, _N, _X, _X, _X, _X, Rule.UNCHANGED, Action.NOTHING),
    Row(_Y, _Y, _X, _Y, _X, _X, _X, Rule.AGREED, Action.SETTLE),
    Row(_Y, _N, _Y, _Y, _X, _X, _X, Rule.AGREED, Action.SETTLE),
    Row(_Y, _Y, _N, _N, _X, _Y, _X, Rule.CRM_CHANGED, Action.WRITE_ERP),
    Row(_Y, _N, _Y, _N, _Y, _X, _X, Rule.ERP_CHANGED, Action.WRITE_CRM),
    Row(_N, _X, _X, _Y, _X, _X, _X, Rule.FIRST_EQUAL, Action.SETTLE),
    Row(_N, _Y, _N, _N, _X, _Y, _X, Rule.FIRST_FILL_ERP, Action.WRITE_ERP),
    Row(_N, _N, _Y, _N, _Y, _X, _X, Rule.FIRST_FILL_CRM, Action.WRITE_CRM),
    Row(_X, _Y, _N, _N, _Y, _N, _X, Rule.ONE_WAY_CRM_KEPT, Action.NOTHING),
    Row(_X, _N, _Y, _N, _N, _Y, _X, Rule.ONE_WAY_ERP_KEPT, Action.NOTHING),
    Row(_X, _Y, _Y, _N, _Y, _N, _X, Rule.ONE_WAY_ERP_WINS, Action.WRITE_CRM),
    Row(_X, _Y, _Y, _N, _N, _Y, _X, Rule.ONE_WAY_CRM_WINS, Action.WRITE_ERP),
    Row(_X, _Y, _Y, _N, _Y, _Y, Side.CRM, Rule.CONFLICT_CRM_WINS, Action.WRITE_ERP),
    Row(_X, _Y, _Y, _N, _Y, _Y, Side.ERP, Rule.CONFLICT_ERP_WINS, Action.WRITE_CRM),
    Row(_X, _Y, _Y, _N, _Y, _Y, ASKED, Rule.CONFLICT_ASK, Action.ASK),
)


def situations() -> Iterator[Situation]:
    """Every situation that can arise: a field that goes somewhere, and sides that, both blank, are equal."""
    flags = (True, False)
    for parts in product(flags, flags, flags, flags, flags, flags, (Side.CRM, Side.ERP, None)):
        situation = Situation(*parts)
        both_blank = not (situation.has_base or situation.crm_changed or situation.erp_changed)
        if (situation.to_crm or situation.to_erp) and (situation.equal or not both_blank):
            yield situation


def _compile() -> dict[Situation, Outcome]:
    return {s: next(Outcome(row.rule, row.action) for row in TABLE if row.matches(s)) for s in situations()}


_OUTCOMES = _compile()


def decide(situation: Situation) -> Outcome:
    """Look the situation up in the table.

    Raises:
        KeyError: the situation cannot arise (see `situations`).
    """
    return _OUTCOMES[situation]


def markdown() -> str:
    """The table and the explanations as a Markdown page."""
    head = ("Base", "CRM changed", "ERP changed", "Equal", "To CRM", "To ERP", "Winner", "Rule", "Action")
    rows = [(*(_word(c) for c in row.conditions), f"`{row.rule}`", row.action) for row in TABLE]
    rules = [(f"`{rule}`", text) for rule, text in EXPLANATIONS.items()]
    return "\n".join((_INTRODUCTION, *_lines(head, rows), "", *_lines(("Rule", "Meaning"), rules)))


_INTRODUCTION = """\
# Merge rules

How the merge decides on one mapped field. *Base* is the pair of values on which the sides last agreed;
*changed* means different from that side's half of the base or, where there is no base yet, not blank.
*Equal* means the same after conversion and list mapping. *To CRM* and *To ERP* are the directions of the
mapping, *winner* is what the conflict policy says. A dash does not matter. Exactly one line applies.

Printed by `python -m brygga.merge`; change the table there.
"""


def _word(condition: bool | str | None) -> str:
    if condition is None:
        return "-"
    if isinstance(condition, bool):
        return "yes" if condition else "no"
    return str(condition)


def _lines(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    return [f"| {' | '.join(cells)} |" for cells in (head, ("---",) * len(head), *rows)]
