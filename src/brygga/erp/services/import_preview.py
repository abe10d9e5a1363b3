"""The preview of an import as a stored plan, written page by page, so that memory stays bounded (behaviour I4)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from brygga.erp.models import Connection, PlanItem, PlanOutcome, StoredPlan
from brygga.erp.problems import Problem
from brygga.erp.services.candidates import IMPORT, LINKED, Candidate
from brygga.erp.services.plan_items import item_of
from brygga.merge import Side

SKIPPED = "skipped"
"""The rule of an item that stands for an actor that is not imported."""

_ROWS = 500


class ImportPlanWriter:
    """Writes the items of an import's plan: one for each actor, without a field, and those of the fields after it.

    Actors that are left out are told only where they are among the `wanted` keys.
    """

    def __init__(self, plan: StoredPlan, connection: Connection, actor_type: str, wanted: Collection[str]) -> None:
        self._plan = plan
        actor = connection.actors.get(actor_type=actor_type)
        self._place = {"plan": plan, "connection": connection, "actor_type": actor_type}
        self._record_type = actor.record_type
        self._wanted = dict.fromkeys(wanted)
        self._rows: list[PlanItem] = []

    def skip(self, erp_key: str, record_id: int | None, problem: Mapping[str, Any]) -> None:
        """An item that says why an actor is not imported."""
        if erp_key in self._wanted:
            skipped = {"outcome": PlanOutcome.SKIPPED, "problem": dict(problem)}
            self._add(erp_key, SKIPPED, record_id=record_id, **skipped)

    def create(self, candidates: Sequence[Candidate]) -> None:
        """Items of records to create, with the values they would get and notes on those that would stay blank."""
        for candidate in candidates:
            self._add(candidate.actor.erp_key, IMPORT, new=candidate.values, problem=_notes(candidate))

    def link(self, found: Sequence[tuple[Candidate, int]]) -> None:
        """Items of records to link."""
        for candidate, record_id in found:
            self._add(candidate.actor.erp_key, LINKED, record_id=record_id, problem=_notes(candidate))

    def end_page(self, planned: list[dict[str, Any]]) -> None:
        """Store the items of a page, and those of the fields of records that are there already."""
        fields = [item_of(entry) for entry in planned if entry["rule"] not in (IMPORT, LINKED)]
        for item in fields:
            item.plan = self._plan
        rows = [*self._rows, *fields]
        PlanItem.objects.bulk_create(rows, batch_size=_ROWS)
        for row in rows:
            self._wanted.pop(row.erp_key, None)
        self._rows.clear()
        planned.clear()

    def end(self) -> None:
        """Say of the wanted actors that have not come that the ERP no longer has them."""
        for key in list(self._wanted):
            self.skip(key, None, Problem("erp_gone").stored())
        self.end_page([])

    def _add(self, erp_key: str, rule: str, **values: Any) -> None:
        item = PlanItem(
            erp_key=erp_key, record_type=self._record_type, side=str(Side.CRM), rule=rule, **self._place, **values
        )
        self._rows.append(item)


def _notes(candidate: Candidate) -> dict[str, Any]:
    return {"notes": candidate.issues} if candidate.issues else {}
