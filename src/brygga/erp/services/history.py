"""The log of what sync changed: filtered, sorted, paged, as rows for people and for a file (behaviour A15)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from brygga.erp.errors import NotFound
from brygga.erp.models import LogEntry
from brygga.erp.services.naming import Names

_PART = 1000
_NEWEST = ("-at", "-id")

ORDERS: Mapping[str, Sequence[str]] = {
    "-at": _NEWEST,
    "at": ("at", "id"),
    "connection": ("connection__priority", "connection_id", *_NEWEST),
    "-connection": ("-connection__priority", "-connection_id", *_NEWEST),
    "record": ("record_type", "record_id", *_NEWEST),
    "-record": ("-record_type", "-record_id", *_NEWEST),
    "field": ("crm_field", "erp_field", *_NEWEST),
    "-field": ("-crm_field", "-erp_field", *_NEWEST),
    "target": ("target", *_NEWEST),
    "-target": ("-target", *_NEWEST),
}
"""How the log can be sorted; "-" is the other way round. Connections come in their order of priority."""


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Which entries to show; None and empty mean any. `records` are (type, id) pairs, `target` "crm" or "erp".

    `field` is a kind of record and the key of one of its CRM fields.
    """

    connection_id: int | None = None
    records: Sequence[tuple[str, int]] | None = None
    target: str = ""
    since: datetime | None = None
    until: datetime | None = None
    run_id: int | None = None
    field: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class LogLine:
    """One field change for the reader: names instead of keys, values and list items by their text.

    `by` is who started the run, `rule` why the value won. `id` is None for what is not in the log.
    """

    id: int | None
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
    old: str
    new: str
    rule: str


def entries(wanted: LogFilter, order: str = "-at") -> QuerySet[LogEntry]:
    """The matching entries, newest first or in another one of ORDERS."""
    found = LogEntry.objects.order_by(*ORDERS[order])
    exact = {"connection_id": wanted.connection_id, "run_id": wanted.run_id, "target": wanted.target}
    found = found.filter(**{name: value for name, value in exact.items() if value not in (None, "")})
    if wanted.records is not None:
        found = found.filter(_any_of(wanted.records))
    if wanted.field is not None:
        found = found.filter(record_type=wanted.field[0], crm_field=wanted.field[1])
    if wanted.since:
        found = found.filter(at__gte=wanted.since)
    if wanted.until:
        found = found.filter(at__lt=wanted.until)
    return found


def entry(entry_id: int) -> LogEntry:
    """One entry. Raises NotFound."""
    found = LogEntry.objects.filter(pk=entry_id).first()
    if found is None:
        raise NotFound(_("There is no log entry %(id)s.") % {"id": entry_id})
    return found


def page(found: QuerySet[LogEntry], start: int, stop: int) -> list[LogLine]:
    """The lines from place `start` to before `stop`. What lies before them is passed over by number alone."""
    ids = list(found.values_list("pk", flat=True)[start:stop])
    by_id = _with_names(LogEntry.objects.all()).in_bulk(ids)
    return lines([by_id[id_] for id_ in ids if id_ in by_id])


def lines(page: Iterable[LogEntry]) -> list[LogLine]:
    """A page of entries with names; the number of queries does not depend on how many entries there are."""
    logged = list(page)
    names = Names(logged)
    return [_line(entry, names) for entry in logged]


def all_lines(wanted: LogFilter, order: str = "-at") -> Iterator[LogLine]:
    """Every matching entry in this order, read part by part in constant memory."""
    stream = _with_names(entries(wanted, order)).iterator(chunk_size=_PART)
    while part := _take(stream, _PART):
        yield from lines(part)


def _with_names(found: QuerySet[LogEntry]) -> QuerySet[LogEntry]:
    """The report of a run may be long, and nothing of it stands in the log."""
    return found.select_related("run", "connection").defer("run__report", "base")


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


def _line(entry: LogEntry, names: Names) -> LogLine:
    return LogLine(
        entry.pk,
        entry.at,
        entry.run_id,
        entry.run.by,
        entry.connection.name,
        entry.record_type,
        entry.record_id,
        names.record(entry),
        entry.actor_type,
        entry.erp_key,
        names.crm_label(entry),
        names.erp_label(entry),
        entry.target,
        names.text(entry, entry.target, entry.old),
        names.text(entry, entry.target, entry.new),
        entry.rule,
    )
