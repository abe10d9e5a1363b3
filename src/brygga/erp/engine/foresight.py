"""What a dry run would write, as data, and the CRM as it would be then (behaviour E9, G1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from brygga.erp.crm_side import Snapshot
from brygga.merge import Side, Write

if TYPE_CHECKING:
    from brygga.erp.engine.context import Context
    from brygga.erp.engine.reconcile import Pair

Foreseen = dict[tuple[str, int], dict[str, Any]]
"""The CRM values that a dry run would write, by record type and id."""


def plan(pairs: Sequence[Pair], connection_id: int, context: Context) -> None:
    """Note what would be written; a link that comes again, as its mark and its actor do, is noted once."""
    for pair in pairs:
        link = pair.link
        if (link.actor_type, link.erp_key) in context.planned_links:
            continue
        context.planned_links.add((link.actor_type, link.erp_key))
        writes = [*pair.plan.crm_writes, *pair.plan.erp_writes]
        context.planned += [_planned(pair, write, connection_id) for write in writes]
        news = {write.crm_field: write.new for write in pair.plan.crm_writes}
        if news:
            context.foreseen.setdefault((link.record_type, link.record_id), {}).update(news)
        context.report.to_crm += len(pair.plan.crm_writes)
        context.report.to_erp += len(pair.plan.erp_writes)
        context.report.conflicts += len(pair.plan.conflicts)
        context.report.failed += bool(pair.plan.problems or pair.unreadable)
        context.report.unchanged += not writes


def as_foreseen(record_type: str, snapshots: Mapping[int, Snapshot], foreseen: Foreseen) -> dict[int, Snapshot]:
    """Records as they will be read once everything foreseen has been written."""
    return {
        id_: replace(snapshot, values={**snapshot.values, **_of_the_asked(snapshot, news)})
        if (news := foreseen.get((record_type, id_)))
        else snapshot
        for id_, snapshot in snapshots.items()
    }


def _of_the_asked(snapshot: Snapshot, news: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in news.items() if key in snapshot.values}


def _planned(pair: Pair, write: Write, connection_id: int) -> dict[str, Any]:
    """What `--json` shows of a write, and what a stored plan keeps besides."""
    link = pair.link
    other = pair.erp[write.erp_field] if write.side is Side.CRM else pair.snapshot.values[write.crm_field]
    return {
        "side": str(write.side),
        "type": link.record_type,
        "id": link.record_id,
        "erp_key": link.erp_key,
        "field": write.crm_field,
        "old": write.old,
        "new": write.new,
        "rule": str(write.rule),
        "connection": connection_id,
        "actor_type": link.actor_type,
        "erp_field": write.erp_field,
        "other": other,
        "base": link.base.get(write.erp_field),
    }
