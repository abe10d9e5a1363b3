"""How sync stands: automatic sync, the connectors and the connections with their states (behaviour A1 to A3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import Count, Q

from brygga.erp.connectors import open_connector
from brygga.erp.errors import Refused
from brygga.erp.models import Connection, Connector, Link, LinkState, Run, RunState, SyncSettings
from brygga.erp.problems import text_in
from brygga.erp.services.connectors import warnings_of


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

    name: str
    url: str
    problem: str
    warning: str
    connections: int


class ConnectionState(StrEnum):
    """How a connection stands, the gravest thing first."""

    FAILED = "failed"
    INACTIVE = "inactive"
    ATTENTION = "attention"
    NEW = "new"
    IN_SYNC = "in_sync"


@dataclass(frozen=True, slots=True)
class ConnectionStatus:
    """A connection with the counts of its links by state, and how many changes its last run made.

    `failure` says why it is paused or, where it is not, why its last run failed.
    """

    id: int
    name: str
    description: str
    connector: str
    state: ConnectionState
    failure: str
    last_run_at: datetime | None
    changes: int | None
    links: int
    conflicts: int
    failed: int


def automatic_sync() -> AutomaticSync:
    """The settings of automatic sync and the last finished run."""
    settings = SyncSettings.load()
    return AutomaticSync(settings.automatic, settings.interval, settings.next_run_at, _last_run())


def connector_states() -> list[ConnectorStatus]:
    """The connectors in use, by name."""
    live = Count("connections", filter=Q(connections__deleted=False))
    found = Connector.objects.filter(deleted=False).annotate(live=live).order_by("name")
    return [ConnectorStatus(c.name, c.url, _problem(c), _warning(c), c.live) for c in found]


def connection_states() -> list[ConnectionStatus]:
    """The connections in order of priority; the number of queries does not depend on how many there are."""
    connections = list(Connection.objects.filter(deleted=False).select_related("connector"))
    counts = _link_counts()
    run = _last_run()
    changes = {_key_of(part): changes_of(part) for part in run.report} if run else {}
    return [_status(connection, counts.get(connection.pk, {}), changes) for connection in connections]


def changes_of(part: dict[str, Any]) -> int:
    """How many fields and records one connection's part of a run's report gave new values."""
    return sum(int(part.get(name, 0)) for name in ("to_crm", "to_erp", "created"))


def _status(connection: Connection, counts: dict[str, int], changes: dict[int | str, int]) -> ConnectionStatus:
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
        _changes_in(connection, changes),
        sum(counts.values()),
        conflicts,
        failed,
    )


def _state(connection: Connection, attention: int) -> ConnectionState:
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
