"""The log of what sync changed: filtered, paged, as rows for people and for a file (behaviour A15)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import get_language

from brygga.contract.actors import FieldType
from brygga.contract.localised import text_for
from brygga.crm.fields import CrmField, RecordType, fields_of
from brygga.erp.crm_side import crm_side
from brygga.erp.models import FieldMapping, LogEntry
from brygga.merge.values import Kind, Value, kind_of

_PART = 1000


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Which entries to show; None and empty mean any. `records` are (type, id) pairs, `target` "crm" or "erp"."""

    connection_id: int | None = None
    records: Sequence[tuple[str, int]] | None = None
    target: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class LogLine:
    """One field change for the reader: names instead of keys, list items by their text.

    `old` and `new` are canonical values of `kind`; `by` is who started the run, `rule` why the value won.
    """

    at: datetime
    run: int
    by: str
    connection: str
    record_type: str
    record_id: int
    record_name: str
    actor_type: str
    erp_key: str
    crm_field: str
    erp_field: str
    target: str
    kind: Kind
    old: Value
    new: Value
    rule: str


def entries(wanted: LogFilter) -> QuerySet[LogEntry]:
    """The matching entries, newest first."""
    found = LogEntry.objects.order_by("-at", "-id")
    if wanted.connection_id is not None:
        found = found.filter(connection_id=wanted.connection_id)
    if wanted.records is not None:
        found = found.filter(_any_of(wanted.records))
    if wanted.target:
        found = found.filter(target=wanted.target)
    if wanted.since:
        found = found.filter(at__gte=wanted.since)
    if wanted.until:
        found = found.filter(at__lt=wanted.until)
    return found


def lines(page: Iterable[LogEntry]) -> list[LogLine]:
    """A page of entries with names; the number of queries does not depend on how many entries there are."""
    logged = list(page)
    readers = _Names(logged)
    return [readers.line(entry) for entry in logged]


def all_lines(wanted: LogFilter) -> Iterator[LogLine]:
    """Every matching entry, newest first, read part by part in constant memory."""
    stream = entries(wanted).select_related("run", "connection").iterator(chunk_size=_PART)
    while part := _take(stream, _PART):
        yield from lines(part)


def _take(stream: Iterator[LogEntry], number: int) -> list[LogEntry]:
    return [entry for _, entry in zip(range(number), stream, strict=False)]


def _any_of(records: Sequence[tuple[str, int]]) -> Q:
    by_type: dict[str, list[int]] = defaultdict(list)
    for record_type, record_id in records:
        by_type[record_type].append(record_id)
    matching = Q(pk__in=[])
    for record_type, ids in by_type.items():
        matching |= Q(record_type=record_type, record_id__in=ids)
    return matching


class _Names:
    """The names that the lines of one page need, fetched in one go."""

    def __init__(self, logged: Sequence[LogEntry]) -> None:
        self._records = _record_names(logged)
        self._crm_fields = {kind: fields_of(RecordType(kind)) for kind in {entry.record_type for entry in logged}}
        self._erp_fields = _erp_field_names(logged)
        self._items: dict[str, Mapping[str, str]] = {}

    def line(self, entry: LogEntry) -> LogLine:
        crm_field = self._crm_fields[entry.record_type].get(entry.crm_field)
        erp_field = self._erp_fields.get((entry.connection_id, entry.actor_type, entry.erp_field))
        kind, show = self._shown_as(crm_field, erp_field, entry.target)
        return LogLine(
            entry.at,
            entry.run_id,
            entry.run.by,
            entry.connection.name,
            entry.record_type,
            entry.record_id,
            self._records.get((entry.record_type, entry.record_id), f"{entry.record_type} {entry.record_id}"),
            entry.actor_type,
            entry.erp_key,
            str(crm_field.label) if crm_field else entry.crm_field,
            text_for(erp_field.name, get_language() or "en") if erp_field else entry.erp_field,
            entry.target,
            kind,
            show(entry.old),
            show(entry.new),
            entry.rule,
        )

    def _shown_as(
        self, crm_field: CrmField | None, erp_field: FieldMapping | None, target: str
    ) -> tuple[Kind, Callable[[Value], Value]]:
        """The kind of the logged values, which are those of the side written to, and how an item gets its text."""
        if target == "erp" or crm_field is None:
            kind = kind_of(FieldType(erp_field.type)) if erp_field else Kind.TEXT
            return (Kind.TEXT if kind is Kind.LIST else kind), lambda value: value
        if crm_field.kind is not Kind.LIST:
            return crm_field.kind, lambda value: value
        items = self._list_items(crm_field.list_key)
        return Kind.TEXT, lambda value: items.get(str(value), value) if value is not None else None

    def _list_items(self, list_key: str) -> Mapping[str, str]:
        if list_key not in self._items:
            self._items[list_key] = crm_side().list_items(list_key)
        return self._items[list_key]


def _record_names(logged: Sequence[LogEntry]) -> dict[tuple[str, int], str]:
    ids: dict[str, set[int]] = defaultdict(set)
    for entry in logged:
        ids[entry.record_type].add(entry.record_id)
    return {
        (record_type, record_id): name
        for record_type, wanted in ids.items()
        for record_id, name in crm_side().describe(RecordType(record_type), sorted(wanted)).items()
    }


def _erp_field_names(logged: Sequence[LogEntry]) -> dict[tuple[int, str, str], FieldMapping]:
    keys = {entry.erp_field for entry in logged}
    connections = {entry.connection_id for entry in logged}
    found = FieldMapping.objects.filter(actor__connection_id__in=connections, key__in=keys).select_related("actor")
    return {(f.actor.connection_id, f.actor.actor_type, f.key): f for f in found}
