"""Links and log rows, read and written in batches below the ORM's model instances."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection as database
from django.db.models import QuerySet

from brygga import batch
from brygga.erp.models import Link, LinkState, LogEntry

_COLUMNS = (
    "id",
    "actor_type",
    "erp_key",
    "record_type",
    "record_id",
    "base",
    "crm_dirty",
    "state",
    "issues",
    "failures",
    "sent",
    "parent_key",
)
# The index of waiting links is the one to use, nearly empty as a rule. While a database has no statistics on the table,
# or old ones, it prefers that of actors or of connections and reads it from end to end: unless the connection is
# hidden from it by a query, and the type by joining a text.
_WAITING = f"""
    FROM {Link._meta.db_table}
    WHERE connection_id = (SELECT %s) AND crm_dirty IS NOT NULL AND (retry_at IS NULL OR retry_at <= %s)"""
_WAITING_PAGE = f"""
    SELECT {", ".join(_COLUMNS)} {_WAITING} AND actor_type || '' = %s AND id > %s ORDER BY id LIMIT %s"""
_IDS_PER_UPDATE = 500
_FIRST_PAUSE = timedelta(seconds=30)
_LONGEST_PAUSE = timedelta(hours=6)

Base = dict[str, list[Any]]


@dataclass(slots=True)
class LinkRow:
    """A link as the engine works on it; see `brygga.erp.models.Link` for the members."""

    id: int
    actor_type: str
    erp_key: str
    record_type: str
    record_id: int
    base: Base
    crm_dirty: int | None = None
    state: str = LinkState.OK
    issues: list[dict[str, Any]] = field(default_factory=list)
    failures: int = 0
    sent: dict[str, Any] | None = None
    parent_key: str = ""
    since: dict[tuple[str, str], str] = field(default_factory=dict)
    """When each issue, by field and code, was first noted, in ISO 8601: an issue keeps that while it lasts."""


@dataclass(slots=True)
class LinkUpdate:
    """What is to be stored of a link after its record was merged.

    `settled_version` is the version of the CRM record that was dealt with: a newer mark on the link stays.
    `pending_version` marks the link as waiting when something is still to be written to the ERP.
    """

    link: LinkRow
    stamp: str
    settled_version: int | None = None
    pending_version: int | None = None


def links_by_key(connection_id: int, actor_type: str, erp_keys: Sequence[str]) -> dict[str, LinkRow]:
    """The links of these actors, by ERP key, in one query."""
    where = {"connection_id": connection_id, "actor_type": actor_type}
    rows = batch.select_by_keys(Link._meta.db_table, _COLUMNS, "erp_key", erp_keys, where)
    return {link.erp_key: link for link in map(_row, rows)}


def links_by_record(connection_id: int, record_type: str, record_ids: Sequence[int]) -> dict[int, LinkRow]:
    """The links of these CRM records with one connection, by record id, in one query."""
    where = {"connection_id": connection_id, "record_type": record_type}
    rows = batch.select_by_keys(Link._meta.db_table, _COLUMNS, "record_id", record_ids, where)
    return {link.record_id: link for link in map(_row, rows)}


def waiting_links(connection_id: int, actor_type: str, now: datetime, after: int, limit: int) -> list[LinkRow]:
    """A page of links whose CRM record changed, or whose pause after a failure is over, in order of id."""
    with database.cursor() as cursor:
        cursor.execute(_WAITING_PAGE, [connection_id, batch.native_moment(now), str(actor_type), after, limit])
        return [_row(row) for row in cursor.fetchall()]


def links_after(connection_id: int, actor_type: str, after: int, limit: int) -> list[LinkRow]:
    """A page of all links of an actor type, in order of id."""
    links = Link.objects.filter(connection_id=connection_id, actor_type=actor_type, id__gt=after)
    return [_row(row) for row in links.order_by("id").values_list(*_COLUMNS)[:limit]]


def has_waiting(connection_id: int, now: datetime) -> bool:
    """Whether any link of the connection waits to be written."""
    with database.cursor() as cursor:
        cursor.execute(f"SELECT 1 {_WAITING} LIMIT 1", [connection_id, batch.native_moment(now)])
        return cursor.fetchone() is not None


def mark_changed(record_type: str, versions: dict[int, int], except_connection: int | None = None) -> None:
    """Mark the links of changed CRM records, with the version that is to be dealt with.

    `versions` is record id to version. A mark is only ever raised, so that a change made while its
    predecessor was being written is not taken for done.
    """
    rows = batch.select_by_keys(
        Link._meta.db_table,
        ("id", "record_id", "connection_id"),
        "record_id",
        list(versions),
        {"record_type": record_type},
    )
    marks = [(link, versions[record]) for link, record, connection in rows if connection != except_connection]
    _mark("crm_dirty = pair.b, retry_at = NULL", "crm_dirty IS NULL OR crm_dirty < pair.b", marks)


def mark_waiting(versions: Mapping[int, int]) -> None:
    """Mark links, by id, as waiting to be merged with the version of their CRM record, and at once."""
    _mark("crm_dirty = pair.b, retry_at = NULL", "crm_dirty IS NULL OR crm_dirty <= pair.b", list(versions.items()))


def store(updates: Sequence[LinkUpdate], now: datetime) -> None:
    """Store bases, states and marks of merged links."""
    if not updates:
        return
    columns = ("base", "erp_stamp", "state", "issues", "failures", "retry_at", "sent", "parent_key")
    batch.update_rows(Link._meta.db_table, "id", columns, [_stored(update, now) for update in updates])
    # A link without a mark when it was read has none to settle; one that came meanwhile is for the next run.
    settled = [(u.link.id, u.settled_version) for u in updates if u.settled_version is not None and _is_marked(u)]
    _mark("crm_dirty = NULL", "crm_dirty <= pair.b", settled)
    pending = [(u.link.id, u.pending_version) for u in updates if u.pending_version is not None]
    _mark("crm_dirty = pair.b", "crm_dirty IS NULL OR crm_dirty < pair.b", pending)
    for update in updates:
        if update.pending_version is not None:
            update.link.crm_dirty = max(update.pending_version, update.link.crm_dirty or 0)


def _stored(update: LinkUpdate, now: datetime) -> tuple[Any, ...]:
    link = update.link
    retry_at = batch.native_moment(now + _pause(link.failures)) if link.failures else None
    issues = json.dumps(_dated(link, now)) if link.issues else "[]"
    sent = json.dumps(link.sent) if link.sent else None
    base = json.dumps(link.base)
    return link.id, base, update.stamp, link.state, issues, link.failures, retry_at, sent, link.parent_key


def _dated(link: LinkRow, now: datetime) -> list[dict[str, Any]]:
    """The issues of a link, each with the moment since when it is there."""
    moment = now.isoformat()
    return [{**noted, "since": link.since.get((noted["field"], noted["code"]), moment)} for noted in link.issues]


def _is_marked(update: LinkUpdate) -> bool:
    return update.link.crm_dirty is not None


def write_log(run_id: int, connection_id: int, now: datetime, entries: Iterable[LogRow]) -> None:
    """Add field changes to the log."""
    columns = (
        "at", "run_id", "connection_id", "actor_type", "erp_key", "record_type", "record_id",
        "erp_field", "crm_field", "target", "old", "new", "base", "rule",
    )  # fmt: skip
    moment = batch.native_moment(now)
    rows = (
        (
            moment, e.run_id or run_id, connection_id,
            e.link.actor_type, e.link.erp_key, e.link.record_type, e.link.record_id,
            e.erp_field, e.crm_field, e.target, _as_json(e.old), _as_json(e.new), e.base and json.dumps(e.base), e.rule,
        )
        for e in entries
    )  # fmt: skip
    batch.insert_rows(LogEntry._meta.db_table, columns, rows)


@dataclass(slots=True)
class LogRow:
    """A line of the log to be: the link, the fields, which side was written, old and new canonical value.

    `base` is the pair (CRM, ERP) that had been agreed before, None if there was none.
    """

    link: LinkRow
    erp_field: str
    crm_field: str
    target: str
    old: Any
    new: Any
    rule: str
    base: list[Any] | None = None
    run_id: int = 0
    """The run that made the change, where that is not the one that writes the log."""


def links_by_id(link_ids: Sequence[int]) -> list[LinkRow]:
    """These links, in one query."""
    return [_row(row) for row in batch.select_by_keys(Link._meta.db_table, _COLUMNS, "id", link_ids)]


def retry_failed(connection_id: int) -> None:
    """Let every link that failed be tried in the next run, as a sync started by hand does (behaviour E6)."""
    _put_up(Link.objects.filter(connection_id=connection_id, state=LinkState.FAILED))


def retry_issues(connection_id: int, actor_type: str, erp_field: str) -> None:
    """Let the links that failed, or wait for a person, because of a field be merged in the next run: its mapping has
    changed, and so the cause may be gone (behaviour G4)."""
    held = Link.objects.filter(connection_id=connection_id, actor_type=actor_type)
    held = held.filter(state__in=[LinkState.FAILED, LinkState.CONFLICT])
    issues = held.values_list("id", "issues").iterator(chunk_size=2000)
    concerned = [link for link, noted in issues if any(one["field"] == erp_field for one in noted)]
    for start in range(0, len(concerned), _IDS_PER_UPDATE):
        _put_up(Link.objects.filter(pk__in=concerned[start : start + _IDS_PER_UPDATE]))


def retry_conflicts(connection_id: int) -> None:
    """Let the links that wait for a person be merged in the next run: how conflicts are settled has changed."""
    _put_up(Link.objects.filter(connection_id=connection_id, state=LinkState.CONFLICT))


def _put_up(links: QuerySet[Link]) -> None:
    links.filter(crm_dirty__isnull=True).update(crm_dirty=0)
    links.update(retry_at=None)


def _row(row: Sequence[Any]) -> LinkRow:
    link = LinkRow(*row)
    if isinstance(link.base, str):
        link.base = json.loads(link.base)
    if isinstance(link.issues, str):
        link.issues = json.loads(link.issues) if link.issues != "[]" else []
    if link.issues:
        link.since = {(i["field"], i["code"]): i["since"] for i in link.issues if "since" in i}
    if isinstance(link.sent, str):
        link.sent = json.loads(link.sent)
    return link


def _as_json(value: Any) -> str:
    """No value is the most frequent one, and the encoder is slow with it."""
    return "null" if value is None else json.dumps(value)


def _pause(failures: int) -> timedelta:
    return min(_FIRST_PAUSE * 2 ** min(failures - 1, 12), _LONGEST_PAUSE)


def _mark(assigned: str, condition: str, versions: Sequence[tuple[int, int]]) -> None:
    """Change the marks of links; pairs of a link's id and a version, which is pair.b in the statement."""
    batch.update_by_pairs(Link._meta.db_table, assigned, condition, versions)
