"""The Sync tab: what it shows, and the dialogs that stand over it (behaviour A1 to A3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy

from brygga.erp.errors import NotFound
from brygga.erp.models import Connection, Connector
from brygga.erp.services import connections, connectors
from brygga.erp.services.automatic import LONGEST, SHORTEST
from brygga.erp.services.status import ConnectionStatus, connection_states, connector_states
from brygga.web.dialogs import Around, in_dialog
from brygga.web.jobs import job_context
from brygga.web.mapped_fields import mapped_actors
from brygga.web.sync_actions import connection_actions, connection_links, connector_actions
from brygga.web.sync_rows import connection_row, connector_row
from brygga.web.sync_selection import Selection
from brygga.web.sync_summary import summary

TEMPLATE = "web/sync/sync.html"


class IntervalForm(forms.Form):
    """How often automatic sync runs."""

    use_required_attribute = False
    interval = forms.IntegerField(
        label=gettext_lazy("Seconds between two runs"),
        min_value=SHORTEST,
        max_value=LONGEST,
        widget=forms.NumberInput(attrs={"class": "input"}),
    )


def page_context(request: HttpRequest, form: IntervalForm | None = None) -> dict[str, Any]:
    """All that the tab shows; `form` is the interval that somebody entered, if it has to be corrected."""
    head = summary()
    form = form or IntervalForm(initial={"interval": head["status"].interval})
    return {**head, **job_context(), **tables(Selection.of(request), with_fields=True), "form": form}


def tables(asked: Selection, *, with_fields: bool = False) -> dict[str, Any]:
    """The two tables with their buttons; `with_fields` also the selected connection and what it maps."""
    all_connectors = connector_states(with_deleted=asked.old_connectors)
    all_connections = connection_states(with_deleted=asked.old_connections)
    selection = asked.among(all_connectors, all_connections)
    connector = next((row for row in all_connectors if row.id == selection.connector), None)
    connection = next((row for row in all_connections if row.id == selection.connection), None)
    any_active = any(row.active for row in all_connections)
    context = {
        "selection": selection,
        "toggle_connectors": selection.to(old_connectors=not selection.old_connectors).pairs,
        "toggle_connections": selection.to(old_connections=not selection.old_connections).pairs,
        "connectors": [connector_row(row, selection) for row in all_connectors],
        "connector_actions": connector_actions(connector, selection),
        "connections": [connection_row(row, selection) for row in all_connections],
        "connection_actions": connection_actions(connection, selection, all_connectors, any_active),
    }
    return context | (_selected(connection, selection) if with_fields and connection else {})


def on_sync_tab(request: HttpRequest, template: str, context: Mapping[str, Any]) -> HttpResponse:
    """A dialog over the Sync tab; see `dialogs.in_dialog`."""
    around = Around(TEMPLATE, Selection.of(request).page, lambda: page_context(request))
    return in_dialog(request, around, template, context)


def refused(request: HttpRequest, title: str, why: str) -> HttpResponse:
    """A dialog that says why something was not done, where there is nothing to correct in it."""
    return on_sync_tab(request, "web/sync/refused.html", {"title": title, "error": why})


def connection_or_404(connection_id: int, *, with_deleted: bool = False) -> Connection:
    """The connection of an address. Raises Http404."""
    try:
        return connections.get_connection(connection_id, with_deleted=with_deleted)
    except NotFound as missing:
        raise Http404(missing.user_message) from missing


def connector_or_404(connector_id: int, *, with_deleted: bool = False) -> Connector:
    """The connector of an address. Raises Http404."""
    try:
        return connectors.get_connector(connector_id, with_deleted=with_deleted)
    except NotFound as missing:
        raise Http404(missing.user_message) from missing


def _selected(status: ConnectionStatus, selection: Selection) -> dict[str, Any]:
    connection = connections.get_connection(status.id, with_deleted=True)
    return {
        "selected": status,
        "links": connection_links(status, selection),
        "mapped": mapped_actors(connection),
    }
