"""The rows of the two tables of the Sync tab, in words and colours (behaviour A2, A3)."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from brygga.erp.services.status import ConnectionState, ConnectionStatus, ConnectorStatus
from brygga.web.shown import when
from brygga.web.sync_selection import Selection

_COLOURS = {
    ConnectionState.DELETED: "off",
    ConnectionState.FAILED: "bad",
    ConnectionState.INACTIVE: "off",
    ConnectionState.ATTENTION: "warn",
    ConnectionState.NEW: "info",
    ConnectionState.IN_SYNC: "ok",
}


@dataclass(frozen=True, slots=True)
class ConnectorRow:
    """A row of the connectors table; `url` is the connector's address, `select_url` selects the row."""

    id: str
    name: str
    url: str
    colour: str
    state_text: str
    more: str
    connections: int
    selected: bool
    select_url: str


@dataclass(frozen=True, slots=True)
class ConnectionRow:
    """A row of the connections table; `toggle_url` activates or deactivates it, and is empty for a deleted one."""

    id: str
    name: str
    description: str
    connector: str
    active: bool
    colour: str
    state_text: str
    failure: str
    last_run: str
    next_run: str
    links: str
    selected: bool
    select_url: str
    toggle_url: str


def connector_row(status: ConnectorStatus, selection: Selection) -> ConnectorRow:
    """A connector as a row."""
    colour, text = _connector_state(status)
    return ConnectorRow(
        str(status.id),
        status.name,
        status.url,
        colour,
        text,
        "" if status.deleted else f"{status.problem} {status.warning}".strip(),
        status.connections,
        status.id == selection.connector,
        selection.to(connector=status.id).page,
    )


def connection_row(status: ConnectionStatus, selection: Selection) -> ConnectionRow:
    """A connection as a row."""
    selected = selection.to(connection=status.id)
    toggle = selected.url("sync_deactivate" if status.active else "sync_activate", status.id)
    return ConnectionRow(
        str(status.id),
        status.name,
        status.description,
        status.connector,
        status.active,
        _COLOURS[status.state],
        _state_text(status),
        status.failure,
        _last_run(status),
        _("Next run %(at)s") % {"at": when(status.next_run_at)} if status.next_run_at else "",
        number_format(status.links, force_grouping=True),
        status.id == selection.connection,
        selected.page,
        "" if status.deleted else toggle,
    )


def _connector_state(status: ConnectorStatus) -> tuple[str, str]:
    if status.deleted:
        return "off", _("Deleted")
    if status.problem:
        return "bad", _("Not usable")
    return ("warn", _("Not encrypted")) if status.warning else ("ok", _("Ready"))


def _state_text(status: ConnectionStatus) -> str:
    if status.state is not ConnectionState.ATTENTION:
        return {
            ConnectionState.DELETED: _("Deleted"),
            ConnectionState.FAILED: _("Failed"),
            ConnectionState.INACTIVE: _("Not active"),
            ConnectionState.NEW: _("Not synced yet"),
            ConnectionState.IN_SYNC: _("In sync"),
        }[status.state]
    texts = []
    if status.conflicts:
        texts.append(ngettext("%(n)s conflict", "%(n)s conflicts", status.conflicts) % {"n": status.conflicts})
    if status.failed:
        texts.append(_("%(n)s failed") % {"n": status.failed})
    return ", ".join(texts) or _("Needs attention")


def _last_run(status: ConnectionStatus) -> str:
    if status.last_run_at is None:
        return "–"
    at = when(status.last_run_at)
    if status.changes is None:
        return at
    changes = ngettext("%(n)s change", "%(n)s changes", status.changes) % {"n": status.changes}
    return f"{at}, {changes}"
