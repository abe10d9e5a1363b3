"""The preview and the result of an import, an actor at a time: counted, filtered, chosen from (behaviour I4)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum

from django.db.models import Count, QuerySet

from brygga.erp.models import PlanItem, PlanOutcome, PlanState, StoredPlan
from brygga.erp.services.candidates import IMPORT, LINKED


class Kind(StrEnum):
    """What an import does with an actor."""

    NEW = "new"
    CHANGED = "changed"
    SKIPPED = "skipped"


_RULES = {Kind.NEW: IMPORT, Kind.CHANGED: LINKED}
_LEFT_OUT = (PlanOutcome.MOVED, PlanOutcome.FAILED)


def kind_of(item: PlanItem) -> Kind:
    """What is done with the actor of an item that has no field."""
    if item.outcome == PlanOutcome.SKIPPED:
        return Kind.SKIPPED
    return Kind.NEW if item.rule == IMPORT else Kind.CHANGED


def actors(plan: StoredPlan, kind: Kind | None = None) -> QuerySet[PlanItem]:
    """An item for each actor, all or those of one kind, in the order in which they are carried out."""
    items = plan.items.filter(erp_field="").select_related("connection").order_by("id")
    if kind is Kind.SKIPPED:
        return items.filter(outcome=PlanOutcome.SKIPPED)
    return items.filter(rule=_RULES[kind]) if kind else items


def counts(plan: StoredPlan) -> dict[Kind, int]:
    """How many actors of each kind a plan has; those that are left out count, too."""
    counted = dict.fromkeys(Kind, 0)
    rows = actors(plan).order_by().values_list("rule", "outcome").annotate(Count("id"))
    for rule, outcome, number in rows:
        counted[kind_of(PlanItem(rule=rule, outcome=outcome))] += number
    return counted


def chosen(plan: StoredPlan) -> int:
    """How many actors are to be imported."""
    return actors(plan).filter(outcome=PlanOutcome.WAITING).count()


def field_items(plan: StoredPlan, erp_keys: Collection[str]) -> dict[str, list[PlanItem]]:
    """The items of the fields of some actors, by ERP key, in order."""
    found: dict[str, list[PlanItem]] = {}
    items = plan.items.filter(erp_key__in=list(erp_keys)).exclude(erp_field="")
    for item in items.select_related("connection").order_by("id"):
        found.setdefault(item.erp_key, []).append(item)
    return found


def choose(plan: StoredPlan, chosen_keys: Mapping[str, bool]) -> None:
    """Take actors in, or leave them out, with all their fields; only while the plan is open."""
    for on in (True, False):
        keys = [key for key, wanted in chosen_keys.items() if wanted is on]
        _turn(plan.items.filter(erp_key__in=keys), on)


def choose_all(plan: StoredPlan, on: bool, kind: Kind | None = None) -> None:
    """Take all actors in, or leave them all out; or those of one kind."""
    items = plan.items.all()
    _turn(items.filter(erp_key__in=actors(plan, kind).order_by().values("erp_key")) if kind else items, on)


def _turn(items: QuerySet[PlanItem], on: bool) -> None:
    before, after = PlanOutcome.UNCHECKED, PlanOutcome.WAITING
    if not on:
        before, after = after, before
    items.filter(plan__state=PlanState.OPEN, outcome=before).update(outcome=after)


def imported(plan: StoredPlan, kind: Kind) -> QuerySet[PlanItem]:
    """The items of the actors that were imported: as new records, or to records that were there already."""
    return actors(plan, kind).filter(outcome=PlanOutcome.DONE, record_id__isnull=False)


def imported_counts(plans: Iterable[StoredPlan]) -> dict[int, dict[Kind, int]]:
    """How many actors of each kind were imported, by id of the plan; one query for all."""
    done = PlanItem.objects.filter(plan__in=list(plans), erp_field="", outcome=PlanOutcome.DONE).order_by()
    counted: dict[int, dict[Kind, int]] = {}
    for plan_id, rule, number in done.values_list("plan", "rule").annotate(Count("id")):
        counted.setdefault(plan_id, {})[kind_of(PlanItem(rule=rule))] = number
    return counted


def left_out(plan: StoredPlan) -> QuerySet[PlanItem]:
    """The items that could not be carried out, with the reason."""
    return plan.items.filter(outcome__in=_LEFT_OUT).select_related("connection").order_by("id")
