"""The items of a plan, made from what a dry run says that it would write (behaviour G1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from brygga.erp.models import PlanItem

_STORED = ("side", "erp_key", "erp_field", "old", "new", "other", "base", "rule", "actor_type")


def item_of(entry: Mapping[str, Any]) -> PlanItem:
    """The item of a value that a dry run would write."""
    values = {name: entry[name] for name in _STORED}
    return PlanItem(
        connection_id=entry["connection"],
        record_type=entry["type"],
        record_id=entry["id"],
        crm_field=entry["field"],
        **values,
    )
