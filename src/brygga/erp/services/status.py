"""How sync stands: automatic sync, the connectors and the connections with their states (behaviour A1 to A3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from brygga.erp.connectors import open_connector
from brygga.erp.errors import Refused
from brygga.erp.models import Connection, Connector, Link, LinkState, Run, RunState, SyncSettings
from brygga.erp.problems import text_in
from brygga.erp.services.connectors import warnings_of
from brygga.erp.services.interrupted import held_leases

_JUST_BEGUN = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class AutomaticSync:
    """Whether sync runs by itself, every how many seconds, when next; and the last sync run, if any."""

    automatic: bool
    interval: int
    next_run_at: datetime | None
    last_run: Run | None


@dataclass(frozen=True, slots=True)
class ConnectorStatus:
    """A connector: `problem` says in the user's words why it cannot be used, or is empty; `warning` what to mind."""

    id: int
    name: str
    url: str
    problem: str
    warning: str
    connections: int
    deleted: bool


class ConnectionState(StrEnum):
    """How a connection stands, the gravest thing first."""

    DELETED = "deleted"
    FAILED = "failed"
    INACTIVE = "inactive"
    ATTENTION = "attention"
    NEW = "new"
    IN_SYNC = "in_sync"


@dataclass(frozen=True, slots=True)
class ConnectionStatus:
    """A connection with the counts of its links by state, and how many changes its last run made.

    `failure` says why it is paused or, where it is not, why its last run failed. `next_run_at` is when automatic sync
    comes to it next; None where it does not, and a moment that has passed where it is due.
    """

    id: int
    name: str
    description: str
    connector: str
    state: ConnectionState
    failure: str
    last_run_at: datetime | None
    next_run_at: datetime | None
    changes: int | None
    links: int
    conflicts: int
    failed: int
    active: bool
    deleted: bool


def automatic_sync() -> AutomaticSync:
    """The settings of automatic sync and the last finished run."""
    settings = SyncSettings.load()
    return AutomaticSync(settings.automatic, settings.interval, settings.next_run_at, _last_run())


def sync_at_work() -> bool:
    """Whether a sync is going on. Its lease says so; between two of its connections it has none for a moment."""
    running = Run.objects.filter(kind="sync", state=RunState.RUNNING)
    begun = list(running.values_list("started_at", flat=True))
    return bool(begun) and (max(begun) > timezone.now() - _JUST_BEGUN or bool(held_leases()))


def connector_states(*, with_deleted: bool = False) -> list[ConnectorStatus]:
    """The connectors by name, deleted ones only on request."""
    live = Count("connections", filter=Q(connections__deleted=False))
    found = Connector.objects.annotate(live=live).order_by("name", "pk")
    if not with_deleted:
        found = found.filter(deleted=False)
    return [ConnectorStatus(c.pk, c.name, c.url, _problem(c), _warning(c), c.live, c.deleted) for c in found]


def connection_states(*, with_deleted: bool = False) -> list[ConnectionStatus]:
    """The connections in order of priority, deleted ones only on request.

    The number of queries does not depend on how many there are.
    """
    found = Connection.objects.select_related("connector")
    connections = found if with_deleted else found.filter(deleted=False)
    counts = _link_counts()
    run = _last_run()
    changes = {_key_of(part): changes_of(part) for part in run.report} if run else {}
    settings = SyncSettings.load()
    return [_status(connection, counts.get(connection.pk, {}), changes, settings) for connection in connections]


def changes_of(part: dict[str, Any]) -> int:
    """How many fields and records one connection's part of a run's report gave new values."""
    return sum(int(part.get(name, 0)) for name in ("to_crm", "to_erp", "created"))


def _status(
    connection: Connection, counts: dict[str, int], changes: dict[int | str, int], settings: SyncSettings
) -> ConnectionStatus:
    attention = sum(number for state, number in counts.items() if state != LinkState.OK)
    conflicts = counts.get(LinkState.CONFLICT, 0)
    failed = counts.get(LinkState.FAILED, 0) + counts.get(LinkState.GONE, 0)
    return ConnectionStatus(
        connection.pk,
        connection.name,
        connection.description,
        connection.connector.name,
        _state(connection, attention),
        text_in(connection.paused) or connection.failure_text,
        connection.last_run_at,
        _next_run(connection, settings),
        _changes_in(connection, changes),
        sum(counts.values()),
        conflicts,
        failed,
        connection.active,
        connection.deleted,
    )


def _next_run(connection: Connection, settings: SyncSettings) -> datetime | None:
    """When automatic sync comes to a connection: with the next run, or the first one after its rest."""
    next_run_at: datetime | None = settings.next_run_at
    takes_part = connection.active and not connection.deleted and not connection.paused
    if not takes_part or next_run_at is None:
        return None
    return max(next_run_at, connection.retry_at or next_run_at)


def _state(connection: Connection, attention: int) -> ConnectionState:
    if connection.deleted:
        return ConnectionState.DELETED
    if not connection.active:
        return ConnectionState.INACTIVE
    if connection.failure or connection.paused:
        return ConnectionState.FAILED
    if attention:
        return ConnectionState.ATTENTION
    return ConnectionState.IN_SYNC if connection.last_run_at else ConnectionState.NEW


def _key_of(part: dict[str, Any]) -> int | str:
    """What a run's report knows a connection by: its id or, before that was stored, its name in some language."""
    return part.get("connection") or str(part["name"])


def _changes_in(connection: Connection, changes: dict[int | str, int]) -> int | None:
    return next((changes[key] for key in (connection.pk, *connection.names.values()) if key in changes), None)


def _link_counts() -> dict[int, dict[str, int]]:
    counts: dict[int, dict[str, int]] = {}
    for connection, state, number in Link.objects.values_list("connection", "state").annotate(number=Count("id")):
        counts.setdefault(connection, {})[state] = number
    return counts


def _last_run() -> Run | None:
    return Run.objects.filter(kind="sync").exclude(state=RunState.RUNNING).order_by("-started_at", "-id").first()


def _warning(connector: Connector) -> str:
    return "\n".join(str(problem) for problem in warnings_of(connector))


def _problem(connector: Connector) -> str:
    try:
        open_connector(connector)
    except Refused as refused:
        return refused.user_message
    return ""
