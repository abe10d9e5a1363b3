"""What the log and plans are about, in words: names of records and fields, values as they are read (behaviour A15)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Any, TypeAlias

from django.db.models import Q

from brygga.contract.actors import FieldType
from brygga.crm.fields import RecordType, fields_of
from brygga.crm.listing import list_items
from brygga.erp.crm_side import crm_side
from brygga.erp.models import ActorMapping, FieldMapping, LogEntry, PlanItem
from brygga.erp.services.mapping import label_of
from brygga.erp.shown import shown
from brygga.merge import Side
from brygga.merge.values import Kind, kind_of

_ErpField = tuple[int, str, str]
"""Connection, actor type, key."""


Row: TypeAlias = LogEntry | PlanItem
"""The place of a value on both sides; the record of an item may not be there yet."""


class Names:
    """The names that some rows need, fetched in one go: the number of queries does not depend on how many there are."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._records = record_names((row.record_type, row.record_id) for row in rows)
        self._crm_fields = {kind: fields_of(RecordType(kind)) for kind in {row.record_type for row in rows}}
        self._erp_fields = erp_fields({(row.connection_id, row.actor_type, row.erp_field) for row in rows})
        self._items: dict[str, Mapping[str, str]] = {}

    def record(self, row: Row) -> str:
        """The name of the row's record; of one that is not there yet, that of its actor."""
        if row.record_id is None:
            return f"{row.actor_type} {row.erp_key}"
        return self._records.get((row.record_type, row.record_id), f"{row.record_type} {row.record_id}")

    def crm_label(self, row: Row, key: str | None = None) -> str:
        """What the row's CRM field is called, or another one of the same kind of record, by `key`."""
        wanted = row.crm_field if key is None else key
        field = self._crm_fields[row.record_type].get(wanted)
        return str(field.label) if field else wanted

    def erp_label(self, row: Row) -> str:
        """What the row's ERP field is called in the reader's language."""
        field = self._erp_fields.get((row.connection_id, row.actor_type, row.erp_field))
        return label_of(field) if field else row.erp_field

    def text(self, row: Row, side: Side | str, value: Any, key: str | None = None) -> str:
        """A canonical value of one side as it is read; `key` names another CRM field than the row's."""
        if side == Side.CRM:
            return self._crm_text(row, row.crm_field if key is None else key, value)
        field = self._erp_fields.get((row.connection_id, row.actor_type, row.erp_field))
        kind = kind_of(FieldType(field.type)) if field else Kind.TEXT
        return shown(Kind.TEXT if kind is Kind.LIST else kind, value)

    def _crm_text(self, row: Row, key: str, value: Any) -> str:
        field = self._crm_fields[row.record_type].get(key)
        if field is None:
            return self.text(row, Side.ERP, value)  # of a value that did not fit, only the ERP's field is known
        if field.kind is Kind.LIST and field.list_key not in self._items:
            self._items[field.list_key] = list_items(field.list_key, deleted=True)
        return shown(field.kind, value, self._items.get(field.list_key))


def record_names(wanted: Iterable[tuple[str, int | None]]) -> dict[tuple[str, int], str]:
    """The names of records by (type, id), with a query for each type; ids that are None are left out."""
    by_type: dict[str, set[int]] = defaultdict(set)
    for record_type, record_id in wanted:
        if record_id is not None:
            by_type[record_type].add(record_id)
    return {
        (record_type, record_id): name
        for record_type, ids in by_type.items()
        for record_id, name in crm_side().describe(RecordType(record_type), sorted(ids)).items()
    }


def erp_fields(wanted: Iterable[_ErpField]) -> dict[_ErpField, FieldMapping]:
    """The ERP fields at these places, with two queries that find no others."""
    keys: dict[tuple[int, str], set[str]] = defaultdict(set)
    for connection_id, actor_type, key in wanted:
        if key:
            keys[connection_id, actor_type].add(key)
    actors = ActorMapping.objects.filter(connection__in={connection_id for connection_id, _type in keys})
    places = {actor.pk: (actor.connection_id, actor.actor_type) for actor in actors} if keys else {}
    named = {pk: place for pk, place in places.items() if place in keys}
    matching = [Q(actor=pk, key__in=keys[place]) for pk, place in named.items()]
    found = FieldMapping.objects.filter(reduce(or_, matching)) if matching else ()
    return {(*named[field.actor_id], field.key): field for field in found}
