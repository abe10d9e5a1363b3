"""Which CRM records a run has changed, for whoever shows them."""

from __future__ import annotations

from dataclasses import dataclass

from brygga.erp.models import LogEntry
from brygga.erp.problems import refusal_rule
from brygga.erp.services.candidates import IMPORT
from brygga.merge import Side


@dataclass(frozen=True, slots=True)
class Changed:
    """Records by type and id, in order: those that the run made, and those that it gave new values."""

    added: list[tuple[str, int]]
    updated: list[tuple[str, int]]


def changed_records(run_id: int | None) -> Changed:
    """What a run changed in the CRM; nothing for a dry run, which has no number."""
    rows = LogEntry.objects.filter(run=run_id, target=str(Side.CRM)).exclude(rule__startswith=refusal_rule(""))
    pairs = rows.values_list("record_type", "record_id", "rule").distinct().order_by("record_type", "record_id")
    added = list(dict.fromkeys((kind, record) for kind, record, rule in pairs if rule == IMPORT))
    updated = dict.fromkeys((kind, record) for kind, record, rule in pairs if rule != IMPORT)
    return Changed(added, [record for record in updated if record not in set(added)])
