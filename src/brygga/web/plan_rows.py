"""Plans and their items as rows and in words (behaviour G1, G2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from brygga.crm.fields import RecordType
from brygga.erp.models import PlanItem, PlanOutcome, PlanState, StoredPlan
from brygga.erp.problems import text_in
from brygga.erp.services.candidates import LINKED
from brygga.erp.services.naming import Names
from brygga.erp.services.plans import PlanLine, creates
from brygga.erp.services.why import sentence_of
from brygga.merge import Side
from brygga.web.kinds import KINDS
from brygga.web.run_rows import kind_label
from brygga.web.sections import actor_label

STATES: Mapping[str, Any] = {
    PlanState.MAKING: gettext_lazy("Being made"),
    PlanState.OPEN: gettext_lazy("Open"),
    PlanState.APPLYING: gettext_lazy("Begun"),
    PlanState.APPLIED: gettext_lazy("Applied"),
    PlanState.DROPPED: gettext_lazy("Dropped"),
}
_STATE_COLOURS = {
    PlanState.MAKING: "off",
    PlanState.OPEN: "info",
    PlanState.APPLYING: "warn",
    PlanState.APPLIED: "ok",
    PlanState.DROPPED: "off",
}
OUTCOMES: Mapping[str, Any] = {
    PlanOutcome.WAITING: gettext_lazy("To be changed"),
    PlanOutcome.DONE: gettext_lazy("Done"),
    PlanOutcome.MOVED: gettext_lazy("Left as it is"),
    PlanOutcome.FAILED: gettext_lazy("Failed"),
    PlanOutcome.UNCHECKED: gettext_lazy("Left out"),
    PlanOutcome.SKIPPED: gettext_lazy("Skipped"),
}
"""What is to become, or has become, of an item."""

_COLOURS = {
    PlanOutcome.WAITING: "info",
    PlanOutcome.DONE: "ok",
    PlanOutcome.MOVED: "warn",
    PlanOutcome.FAILED: "bad",
    PlanOutcome.UNCHECKED: "off",
    PlanOutcome.SKIPPED: "off",
}


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A plan in the list of plans."""

    id: int
    title: str
    made_at: datetime
    by: str
    state: str
    colour: str
    counts: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class ItemRow:
    """An item: `field`, `old` and `new` are texts; of a whole record `whole` says what is to be done, with `values`.

    `can_turn` says that it can be taken in or left out.
    """

    id: int
    record_name: str
    url: str
    connection: str
    actor: str
    field: str
    side: str
    old: str
    new: str
    rule: str
    whole: str
    values: Sequence[tuple[str, str]]
    outcome: str
    colour: str
    problem: str
    checked: bool
    can_turn: bool


def plan_title(plan: StoredPlan) -> str:
    """What a plan is called."""
    return _("%(kind)s, plan %(number)s") % {"kind": kind_label(plan.kind), "number": plan.pk}


def plan_state(plan: StoredPlan) -> tuple[str, str]:
    """The state of a plan in words, and its colour."""
    state = PlanState(plan.state)
    return str(STATES[state]), _STATE_COLOURS[state]


def plan_row(line: PlanLine) -> PlanRow:
    """A row of the list of plans."""
    plan = line.plan
    state, colour = plan_state(plan)
    return PlanRow(plan.pk, plan_title(plan), plan.created_at, plan.by, state, colour, counted(line.counts))


def counted(counts: Mapping[str, int]) -> list[tuple[str, str]]:
    """How many items have which outcome, in words."""
    return [
        (str(text), number_format(counts[outcome], force_grouping=True))
        for outcome, text in OUTCOMES.items()
        if counts.get(outcome)
    ]


def item_rows(items: Iterable[PlanItem], plan: StoredPlan) -> list[ItemRow]:
    """A page of items; the number of queries does not depend on how many there are."""
    some = list(items)
    names = Names(some)
    return [_item_row(item, names, plan.state == PlanState.OPEN) for item in some]


def _item_row(item: PlanItem, names: Names, is_open: bool) -> ItemRow:
    outcome = PlanOutcome(item.outcome)
    kind = KINDS[RecordType(item.record_type)]
    in_crm = item.side == Side.CRM
    is_value = bool(item.erp_field)
    return ItemRow(
        item.pk,
        names.record(item) if item.record_id is not None else kind.label,
        kind.url(item.record_id) if item.record_id is not None else "",
        item.connection.name,
        f"{actor_label(item.actor_type)} {item.erp_key}",
        (names.crm_label(item) if in_crm else names.erp_label(item)) if is_value else "",
        _("CRM") if in_crm else _("ERP"),
        names.text(item, item.side, item.old) if is_value else "",
        names.text(item, item.side, item.new) if is_value else "",
        sentence_of(item.rule),
        "" if is_value else _whole(item),
        [] if is_value else _values(item, names),
        str(OUTCOMES[outcome]),
        _COLOURS[outcome],
        text_in(item.problem),
        outcome is PlanOutcome.WAITING,
        is_open and outcome in (PlanOutcome.WAITING, PlanOutcome.UNCHECKED),
    )


def _whole(item: PlanItem) -> str:
    if creates(item):
        return _("Create in the CRM")
    if item.rule == LINKED:
        return _("Connect")
    return _("Not imported") if item.outcome == PlanOutcome.SKIPPED else _("Delete in the CRM")


def _values(item: PlanItem, names: Names) -> list[tuple[str, str]]:
    """The values of a whole record, by the names of their CRM fields."""
    held = item.new if creates(item) else item.old
    if not isinstance(held, dict):
        return []
    return [(names.crm_label(item, key), names.text(item, Side.CRM, value, key)) for key, value in held.items()]
