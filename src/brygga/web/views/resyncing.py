"""Resync from the CRM or from an ERP connection: warned, tried out or planned first, run as a job (behaviour A14)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from brygga.erp.errors import BryggaError
from brygga.erp.models import Connection
from brygga.erp.services.resync_preview import Preview, link_count, preview, start_plan, start_resync
from brygga.merge import Side
from brygga.web.access import administrators, user_of
from brygga.web.dialogs import done
from brygga.web.log_rows import log_rows
from brygga.web.sync_page import connection_or_404, on_sync_tab, refused
from brygga.web.sync_selection import Selection


@administrators
def resync(request: HttpRequest, connection_id: int, source: Side) -> HttpResponse:
    """Warn, and show what would change if that is asked for; posted, the resync, or its plan, is begun."""
    connection, by = connection_or_404(connection_id), user_of(request).username
    if not connection.active:
        why = _("“%(name)s” is not active. Activate it before you resync.") % {"name": connection.name}
        return refused(request, _title(source), why)
    given = request.POST if request.method == "POST" else request.GET
    keep_blanks = given.get("keep_blanks") == "on"
    if request.method == "POST" and "preview" not in given:
        begin = start_plan if "plan" in given else start_resync
        begin(connection, source, keep_blanks, by)
        return done(request, Selection.of(request).page)
    context = _context(request, connection, source) | {"keep_blanks": keep_blanks}
    if "preview" in given:
        context |= _tried(connection, source, keep_blanks, by)
    return on_sync_tab(request, "web/sync/resync.html", context)


def _context(request: HttpRequest, connection: Connection, source: Side) -> dict[str, Any]:
    return {
        "title": f"{_title(source)}: {connection.name}",
        "label": _title(source),
        "connection": connection,
        "from_crm": source is Side.CRM,
        "action": Selection.of(request).url(f"sync_resync_{source}", connection.pk),
        "link_count": link_count(connection),
    }


def _title(source: Side) -> str:
    return _("Resync from CRM") if source is Side.CRM else _("Resync from ERP connection")


def _tried(connection: Connection, source: Side, keep_blanks: bool, by: str) -> dict[str, Any]:
    try:
        found = preview(connection, source, keep_blanks, by)
    except BryggaError as failed:
        return {"failures": [failed.user_message]}
    return {
        "found": _found(found),
        "failures": found.failures,
        "rows": log_rows(found.lines),
        "more": found.changes - len(found.lines),
    }


def _found(found: Preview) -> str:
    """What was found, in words, and of how many records."""
    shown = {"n": number_format(found.changes, force_grouping=True)}
    text = ngettext("%(n)s value would change.", "%(n)s values would change.", found.changes) % shown
    if found.failed:
        needs = ngettext("%(n)s record would fail.", "%(n)s records would fail.", found.failed)
        text += " " + needs % {"n": number_format(found.failed, force_grouping=True)}
    if found.tried == found.links:
        return text
    numbers = {"tried": number_format(found.tried), "links": number_format(found.links, force_grouping=True)}
    return text + " " + _("The first %(tried)s of %(links)s linked records were tried.") % numbers
