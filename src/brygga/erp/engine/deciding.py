"""What a merge of one record decides: by its policies, by a resync, or by what a person chose."""

from __future__ import annotations

from collections.abc import Mapping

from brygga.erp.crm_side import Snapshot
from brygga.erp.engine.channel import Channel, Values
from brygga.erp.engine.context import Context
from brygga.erp.engine.links import LinkRow
from brygga.erp.engine.newest import newer_side
from brygga.merge import Plan, Side


def decide(channel: Channel, link: LinkRow, snapshot: Snapshot, erp: Values, stamp: str, context: Context) -> Plan:
    """What to write of a record; `stamp` is the LastModified of its actor."""
    if context.copy_from:
        return channel.merger.copy(context.copy_from, snapshot.values, erp, context.keep_blanks)
    newer = newer_side(snapshot.updated_at, stamp) if channel.by_time else None
    if context.chosen:
        return _as_chosen(channel, link, snapshot.values, erp, newer, context.chosen)
    return channel.merger.merge(link.base, snapshot.values, erp, newer)


def _as_chosen(
    channel: Channel, link: LinkRow, crm: Values, erp: Values, newer: Side | None, chosen: Mapping[str, Side]
) -> Plan:
    """The chosen fields as a person said, and the rest as ever."""
    rest = [key for key in channel.erp_keys if key not in chosen]
    plan = channel.merger.merge(link.base, crm, erp, newer, rest)
    for side in Side:
        plan.add(channel.merger.copy(side, crm, erp, fields=[key for key, taken in chosen.items() if taken is side]))
    return plan
