"""The ERP tab: each connection loads by itself, with its own error and retry (behaviour U1, U2, U8, U10)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from brygga.erp.models import Connection
from brygga.erp.services import pending, tab
from brygga.erp.services.sync import sync_now
from brygga.web.access import signed_in, user_of
from brygga.web.erp_dialog import section_or_404, sections_or_404, tab_context
from brygga.web.kinds import RecordKind
from brygga.web.records import record_or_404
from brygga.web.sections import Note, SectionView, outcome, section_view

_SECTION = "web/erp/section.html"


@signed_in
def erp_tab(request: HttpRequest, kind: RecordKind, record_id: int) -> HttpResponse:
    """The frame of the tab; no connector is called for it, so a slow ERP holds up nothing."""
    user, record = user_of(request), record_or_404(kind, record_id)
    return render(request, "web/records/erp.html", tab_context(user, kind, record))


@signed_in
def section(request: HttpRequest, kind: RecordKind, record_id: int, connection_id: int) -> HttpResponse:
    """One connection with its live values; asked for with `edit`, with what can be changed in edit mode."""
    record_or_404(kind, record_id)
    return render(request, _SECTION, {"section": _live_view(request, kind, record_id, connection_id, None)})


@signed_in
@require_POST
def section_sync(request: HttpRequest, kind: RecordKind, record_id: int, connection_id: int) -> HttpResponse:
    """Sync this record with one connection now, and show the connection as it is then."""
    record_or_404(kind, record_id)
    connection = section_or_404(user_of(request), kind, record_id, connection_id).connection
    (note,) = _sync(request, kind, record_id, [connection])
    return _answer(request, kind, record_id, [(connection, note)])


@signed_in
@require_POST
def sync_all(request: HttpRequest, kind: RecordKind, record_id: int) -> HttpResponse:
    """Sync this record with all its connections now."""
    record_or_404(kind, record_id)
    sections = sections_or_404(user_of(request), kind, record_id)
    linked = [section.connection for section in sections if section.is_linked]
    notes = dict(zip(linked, _sync(request, kind, record_id, linked), strict=True))
    return _answer(request, kind, record_id, [(s.connection, notes.get(s.connection)) for s in sections])


def _sync(request: HttpRequest, kind: RecordKind, record_id: int, connections: list[Connection]) -> list[Note]:
    record = (kind.record_type.value, record_id)
    report = sync_now(connections, user_of(request).username, record=record, by_hand=True)
    return [outcome(part) for part in report.connections]


def _answer(
    request: HttpRequest, kind: RecordKind, record_id: int, done: list[tuple[Connection, Note | None]]
) -> HttpResponse:
    """The sections as they are now; without a script, the whole tab with the outcome above it."""
    if not request.headers.get("HX-Request"):
        for connection, note in done:
            if note:
                tell = {"ok": messages.success, "warn": messages.warning}.get(note.colour, messages.error)
                tell(request, f"{connection.name}: {note.text}")
        return redirect(kind.url(record_id, "erp"))
    views = [_live_view(request, kind, record_id, connection.pk, note) for connection, note in done]
    return render(request, "web/erp/sections.html", {"sections": views})


def _live_view(
    request: HttpRequest, kind: RecordKind, record_id: int, connection_id: int, note: Note | None
) -> SectionView:
    user = user_of(request)
    found = tab.with_live_values(section_or_404(user, kind, record_id, connection_id))
    editing = request.method == "GET" and "edit" in request.GET
    waiting = pending.pending_of(user, kind.record_type, record_id) if editing else []
    return section_view(found, kind, record_id, user, note, live=True, editing=editing, pending=waiting)
