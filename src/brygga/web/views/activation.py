"""Connections made active and not active, and tested (behaviour A3, A13)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from brygga.erp.errors import ConnectorFailed, Refused
from brygga.erp.models import Connection
from brygga.erp.services import activation, connections
from brygga.erp.services.activation import Finding
from brygga.web.access import administrators
from brygga.web.actor_types import actor_label
from brygga.web.dialogs import done
from brygga.web.sync_page import connection_or_404, on_sync_tab
from brygga.web.sync_selection import Selection

_LISTS = ("list_mapping", "unmapped_erp", "unmapped_crm", "many_to_one")
_PLACES = {"connection": "web:connections_configure", **dict.fromkeys(_LISTS, "web:list_mapping")}
"""Where a finding is put right, by its code; what is not named here is a matter of the field mapping."""


@administrators
@require_POST
def activate(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Check a connection and make it active; a dialog shows everything that speaks against it, or is to be minded."""
    connection, selection = connection_or_404(connection_id), Selection.of(request)
    findings = activation.activate(connection, mind_warnings="confirmed" not in request.POST)
    if not findings:
        return done(request, selection.page, _("“%(name)s” is active now.") % {"name": connection.name})
    context = {
        "connection": connection,
        "blocking": [_shown(connection, finding) for finding in findings if finding.is_blocking],
        "warnings": [_shown(connection, finding) for finding in findings if not finding.is_blocking],
        "action": selection.url("sync_activate", connection_id),
    }
    return on_sync_tab(request, "web/sync/findings.html", context)


@administrators
def deactivate(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Ask, telling what stops, and take a connection out of sync."""
    connection, selection = connection_or_404(connection_id), Selection.of(request)
    if "confirmed" in request.POST:
        activation.deactivate(connection)
        return done(request, selection.page, _("“%(name)s” is not active any more.") % {"name": connection.name})
    context = {
        "title": _("Deactivate"),
        "texts": [
            _("Deactivate “%(name)s”?") % {"name": connection.name},
            _(
                "Its records are no longer synced, and it disappears from the ERP tab. Links and mappings stay; what "
                "is changed meanwhile is synced when it is active again."
            ),
        ],
        "action": selection.url("sync_deactivate", connection_id),
        "label": _("Deactivate"),
    }
    return on_sync_tab(request, "web/sync/confirm.html", context)


@administrators
@require_POST
def test(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Test a connection; the result is shown below the table."""
    connection, failure = connection_or_404(connection_id), ""
    try:
        connections.test(connection)
    except (ConnectorFailed, Refused) as failed:
        failure = failed.user_message
    said = _("“%(name)s” does not work.") if failure else _("“%(name)s” works.")
    text = said % {"name": connection.name}
    if request.headers.get("HX-Request"):
        return render(request, "web/sync/test_result.html", {"text": text, "failure": failure})
    (messages.error if failure else messages.success)(request, f"{text} {failure}".strip())
    return redirect(Selection.of(request).page)


def _shown(connection: Connection, finding: Finding) -> dict[str, Any]:
    """A finding as a sentence, and where to put it right."""
    url = reverse(_PLACES.get(finding.code, "web:mappings"), args=[connection.pk])
    place = {"actor": finding.actor_type, "field": finding.field_key}
    if finding.actor_type:
        url += "?" + urlencode({name: value for name, value in place.items() if value})
    text = f"{actor_label(finding.actor_type)}: {finding.text}" if finding.actor_type else finding.text
    return {"text": text, "url": url}
