"""Links and log rows, read and written in batches below the ORM's model instances."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from json.encoder import encode_basestring_ascii
from typing import Any, NamedTuple

from brygga import batch
from brygga.erp.engine import marks
from brygga.erp.models import Link, LinkState, LogEntry

_COLUMNS = (
    "id",
    "actor_type",
    "erp_key",
    "record_type",
    "record_id",
    "base",
    "state",
    "issues",
    "failures",
    "sent",
    "parent_key",
)
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
    state: str = LinkState.OK
    issues: list[dict[str, Any]] = field(default_factory=list)
    failures: int = 0
    sent: dict[str, Any] | None = None
    parent_key: str = ""
    since: dict[tuple[str, str], str] = field(default_factory=dict)
    """When each issue, by field and code, was first noted, in ISO 8601: an issue keeps that while it lasts."""
    marked: int | None = None
    """The version of the CRM record that the link waits to be merged with; None if it does not wait."""


class Sent(NamedTuple):
    """A value on its way to the ERP, as it stands in `Link.sent`; `crm` is what the CRM held then, or, where that was
    set back since, what it was set back to. With `new` it is what will have been agreed on."""

    erp_field: str
    crm_field: str
    old: Any
    new: Any
    rule: str
    crm: Any = None


def sent_of(sent: Mapping[str, Any] | None) -> list[Sent]:
    """What was sent for a link and has not been answered."""
    return [Sent(*write) for write in sent["writes"]] if sent else []


@dataclass(slots=True)
class LinkUpdate:
    """What is to be stored of a link after its record was merged.

    `settled_version` is the version of the CRM record that was dealt with: a newer mark on the link stays.
    `pending_version` marks the link as waiting when something is still to be written to the ERP. With `only_mark`
    nothing about the link itself has changed.
    """

    link: LinkRow
    stamp: str
    settled_version: int | None = None
    pending_version: int | None = None
    only_mark: bool = False


def links_by_key(connection_id: int, actor_type: str, erp_keys: Sequence[str]) -> dict[str, LinkRow]:
    """The links of these actors, by ERP key, in two queries."""
    where = {"connection_id": connection_id, "actor_type": actor_type}
    rows = batch.select_by_keys(Link._meta.db_table, _COLUMNS, "erp_key", erp_keys, where)
    return {link.erp_key: link for link in _with_marks(rows)}


def links_by_record(connection_id: int, record_type: str, record_ids: Sequence[int]) -> dict[int, LinkRow]:
    """The links of these CRM records with one connection, by record id, in two queries."""
    where = {"connection_id": connection_id, "record_type": record_type}
    rows = batch.select_by_keys(Link._meta.db_table, _COLUMNS, "record_id", record_ids, where)
    return {link.record_id: link for link in _with_marks(rows)}


def links_by_id(link_ids: Sequence[int]) -> list[LinkRow]:
    """These links, in two queries."""
    return _with_marks(batch.select_by_keys(Link._meta.db_table, _COLUMNS, "id", link_ids))


def links_after(connection_id: int, actor_type: str, after: int, limit: int) -> list[LinkRow]:
    """A page of all links of an actor type, in order of id."""
    links = Link.objects.filter(connection_id=connection_id, actor_type=actor_type, id__gt=after)
    return _with_marks(links.order_by("id").values_list(*_COLUMNS)[:limit])


def waiting_links(connection_id: int, actor_type: str, now: datetime, after: int, limit: int) -> list[LinkRow]:
    """A page of links whose CRM record changed, or whose pause after a failure is over, in order of id."""
    return [_row(row, mark) for *row, mark in marks.due(_COLUMNS, connection_id, actor_type, now, after, limit)]


def store(updates: Sequence[LinkUpdate], now: datetime) -> None:
    """Store bases, states and marks of merged links."""
    if not updates:
        return
    columns = ("base", "erp_stamp", "state", "issues", "failures", "sent", "parent_key")
    if rows := [_stored(update, now) for update in updates if not update.only_mark]:
        batch.update_rows(Link._meta.db_table, "id", columns, rows)
    # A link without a mark when it was read has none to settle; one that came meanwhile is for the next run.
    settled = [u for u in updates if u.settled_version is not None and u.link.marked is not None]
    marks.settle({u.link.id: u.settled_version for u in settled if u.settled_version is not None})
    # Nobody else settles a mark while the lease is held, so one that is high enough need not be raised.
    raised = {u.link.id: u.pending_version for u in updates if u.pending_version and u.pending_version > _mark_of(u)}
    marks.mark(raised)
    waiting = [u.link for u in updates if u.settled_version is None and not u.only_mark]
    marks.put_off([(link.id, _retry_at(link, now)) for link in waiting])
    for update in updates:
        update.link.marked = raised.get(update.link.id, update.link.marked)


def _stored(update: LinkUpdate, now: datetime) -> tuple[Any, ...]:
    link = update.link
    issues = json.dumps(_dated(link, now)) if link.issues else "[]"
    base, sent = json.dumps(link.base), json.dumps(link.sent) if link.sent else None
    return link.id, base, update.stamp, link.state, issues, link.failures, sent, link.parent_key


def _retry_at(link: LinkRow, now: datetime) -> Any:
    return batch.native_moment(now + _pause(link.failures)) if link.failures else None


def _mark_of(update: LinkUpdate) -> int:
    return -1 if update.link.marked is None else update.link.marked


def _dated(link: LinkRow, now: datetime) -> list[dict[str, Any]]:
    """The issues of a link, each with the moment since when it is there."""
    moment = now.isoformat()
    return [{**noted, "since": link.since.get((noted["field"], noted["code"]), moment)} for noted in link.issues]


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
            e.erp_field, e.crm_field, e.target, _as_json(e.old), _as_json(e.new), _pair_as_json(e.base), e.rule,
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


def _with_marks(rows: Iterable[Sequence[Any]]) -> list[LinkRow]:
    links = [_row(row) for row in rows]
    waiting = marks.marked([link.id for link in links])
    for link in links:
        link.marked = waiting.get(link.id)
    return links


def _row(row: Sequence[Any], mark: int | None = None) -> LinkRow:
    link = LinkRow(*row, marked=mark)
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
    """A canonical value; the encoder is slow with the most frequent ones, no value and a text."""
    if value is None:
        return "null"
    return encode_basestring_ascii(value) if type(value) is str else json.dumps(value)


def _pair_as_json(pair: Sequence[Any] | None) -> str | None:
    return f"[{_as_json(pair[0])}, {_as_json(pair[1])}]" if pair else None


def _pause(failures: int) -> timedelta:
    return min(_FIRST_PAUSE * 2 ** min(failures - 1, 12), _LONGEST_PAUSE)
