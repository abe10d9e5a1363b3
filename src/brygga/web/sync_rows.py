"""The rows of the two tables of the Sync tab, in words and colours (behaviour A2, A3)."""

from __future__ import annotations

from typing import NamedTuple

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from brygga.erp.services.status import ConnectionState, ConnectionStatus, ConnectorStatus
from brygga.web.shown import when
from brygga.web.sync_selection import Selection
from brygga.web.templatetags.alike import Row

_COLOURS = {
    ConnectionState.DELETED: "off",
    ConnectionState.FAILED: "bad",
    ConnectionState.INACTIVE: "off",
    ConnectionState.ATTENTION: "warn",
    ConnectionState.NEW: "info",
    ConnectionState.IN_SYNC: "ok",
}


class Look(NamedTuple):
    """What decides how a row looks; a connector is never active."""

    colour: str
    selected: bool
    active: bool = False


class ConnectorTexts(NamedTuple):
    """What the row of a connector says; `url` is the connector's address, `select_url` selects the row."""

    id: str
    name: str
    url: str
    state_text: str
    more: str
    connections: str
    select_url: str


class ConnectionTexts(NamedTuple):
    """What the row of a connection says; `toggle_url` activates or deactivates it, and is empty for a deleted one."""

    id: str
    name: str
    description: str
    connector: str
    state_text: str
    failure: str
    last_run: str
    next_run: str
    links: str
    select_url: str
    toggle_url: str


def connector_row(status: ConnectorStatus, selection: Selection) -> Row:
    """A connector as a row."""
    colour, text = _connector_state(status)
    texts = ConnectorTexts(
        id=str(status.id),
        name=status.name,
        url=status.url,
        state_text=text,
        more="" if status.deleted else f"{status.problem} {status.warning}".strip(),
        connections=str(status.connections),
        select_url=selection.to(connector=status.id).page,
    )
    return Row(Look(colour, status.id == selection.connector), texts)


def connection_row(status: ConnectionStatus, selection: Selection) -> Row:
    """A connection as a row."""
    selected = selection.to(connection=status.id)
    toggle = selected.url("sync_deactivate" if status.active else "sync_activate", status.id)
    texts = ConnectionTexts(
        id=str(status.id),
        name=status.name,
        description=status.description,
        connector=status.connector,
        state_text=_state_text(status),
        failure=status.failure,
        last_run=_last_run(status),
        next_run=_("Next run %(at)s") % {"at": when(status.next_run_at)} if status.next_run_at else "",
        links=number_format(status.links, force_grouping=True),
        select_url=selected.page,
        toggle_url="" if status.deleted else toggle,
    )
    return Row(Look(_COLOURS[status.state], status.id == selection.connection, status.active), texts)


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
