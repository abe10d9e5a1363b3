"""What the connections do when lists and groups of the CRM change (behaviour C4): they follow."""

from __future__ import annotations

from collections.abc import Mapping

from brygga.erp.models import Access, FieldMapping
from brygga.erp.services import mapping


def follow_item(item_id: int, replacement_id: int, **_more: object) -> None:
    """Let a CRM list item take the place of one that is deleted, in every list mapping (behaviour A9).

    Where the replacement is mapped already the ERP item of the deleted one is left unmapped: the mapping is one to one.
    """
    fields = FieldMapping.objects.filter(items__crm_item_id=item_id).distinct()
    for field in fields.select_related("actor__connection").prefetch_related("items"):
        items = {item.erp_item: item.crm_item_id for item in field.items.all()}
        if mapping.list_key_of(field):
            mapping.set_items(field, _replaced(items, item_id, replacement_id))
        else:  # a user-defined field that is deleted: its mapping waits for it without this item
            field.items.filter(crm_item_id=item_id).delete()


def forget_group(group_id: int, **_more: object) -> None:
    """Take a group that is deleted out of the scope of every connection (behaviour A5)."""
    Access.objects.filter(group_id=group_id).delete()


def _replaced(items: Mapping[str, int], item_id: int, replacement_id: int) -> dict[str, int]:
    if replacement_id in items.values():
        return {key: crm_item for key, crm_item in items.items() if crm_item != item_id}
    return {key: replacement_id if crm_item == item_id else crm_item for key, crm_item in items.items()}
