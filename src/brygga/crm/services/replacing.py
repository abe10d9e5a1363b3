"""A list item that is deleted while records have it: another one takes its place (behaviour C4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import structlog
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from brygga.crm import journal
from brygga.crm.errors import Refused
from brygga.crm.fields import CrmField, RecordType, fields_of
from brygga.crm.models import CrmListItem
from brygga.crm.services.lists import delete_item, find_item
from brygga.crm.side import Change, EmbeddedCrm
from brygga.crm.signals import list_item_replaced

_BATCH = 1000
_crm = EmbeddedCrm()
_log = structlog.get_logger(__name__)


def uses_of(item: CrmListItem) -> dict[RecordType, int]:
    """How many live records of each kind have the item; kinds without any are left out. One query for each field."""
    counts: dict[RecordType, int] = {}
    for record_type, field in _fields_with(item.list.key):
        number = _having(record_type, field, item.pk).count()
        if number:
            counts[record_type] = counts.get(record_type, 0) + number
    return counts


def replace_item(item_id: int, replacement_id: int, by: str) -> int:
    """Delete an item and give the records that have it another one of its list; returns how many were changed.

    The records are saved as by a user, in batches, so sync brings the change to the ERPs. If it is interrupted the item
    is still there, and the same call goes on where it stopped.

    Raises:
        Refused: an item is not there, or they are not two items of the same list.
    """
    item, replacement = find_item(item_id), find_item(replacement_id)
    if item_id == replacement_id or item.list_id != replacement.list_id:
        raise Refused(_("Choose another item of the same list as the replacement."), f"{item_id} by {replacement_id}")
    changed = 0
    for record_type, field in _fields_with(item.list.key):
        changed += _replace(record_type, field, item_id, replacement_id, by)
    with transaction.atomic():
        delete_item(item_id)
        list_item_replaced.send(None, item_id=item_id, replacement_id=replacement_id, by=by)
    _log.info("list_item_replaced", item=item_id, replacement=replacement_id, records=changed, by=by)
    return changed


def _fields_with(list_key: str) -> Iterator[tuple[RecordType, CrmField]]:
    for record_type in RecordType:
        for field in fields_of(record_type).values():
            if field.list_key == list_key:
                yield record_type, field


def _having(record_type: RecordType, field: CrmField, item_id: int) -> QuerySet[Any]:
    records = record_type.model._default_manager.filter(deleted=False)
    if field.user_defined:
        return records.filter(**{f"extra__{field.column}": str(item_id)})
    return records.filter(**{field.column: item_id})


def _replace(record_type: RecordType, field: CrmField, item_id: int, replacement_id: int, by: str) -> int:
    """Batch by batch; a record that somebody saves at the same moment is met again in the next one."""
    changed = 0
    while versions := dict(_having(record_type, field, item_id).values_list("id", "version")[:_BATCH]):
        changes = [Change(key, version, {field.key: str(replacement_id)}) for key, version in versions.items()]
        with transaction.atomic():
            stale = _crm.write(record_type, changes, by)
            saved = {key: version + 1 for key, version in versions.items() if key not in stale}
            journal.mark(record_type, saved)
        changed += len(saved)
    return changed
