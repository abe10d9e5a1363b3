"""Why a value is what it is: of an entry of the log, and of a field as it stands now (behaviour G3)."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.urls import reverse

from brygga.crm.fields import RecordType
from brygga.erp.errors import NotFound
from brygga.erp.models import Connection, LogEntry
from brygga.erp.services import history, tab
from brygga.erp.services.connections import get_connection
from brygga.erp.services.naming import Names
from brygga.erp.services.why import Present, why, why_value
from brygga.web.access import signed_in, user_of
from brygga.web.dialogs import Around, in_dialog
from brygga.web.explained import explained, held, mapping_facts
from brygga.web.kinds import KINDS, RecordKind
from brygga.web.shown import when
from brygga.web.views.log import log_context
from brygga.web.views.records import history_context


@signed_in
def log_why(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Why an entry's value was written. Whoever may see a record may see its log, and so this."""
    try:
        entry, told = history.entry(entry_id), why(entry_id)
    except NotFound as missing:
        raise Http404(missing.user_message) from missing
    context = {"told": explained(told, entry, Names([entry]))}
    return in_dialog(request, _around(request, entry.record_type, entry.record_id), "web/log/why.html", context)


@signed_in
def why_field(
    request: HttpRequest, record_type: str, record_id: int, connection_id: int, crm_field: str
) -> HttpResponse:
    """How a record's field stands towards a connection: for administrators, and for users who see it in the ERP tab."""
    kind = _kind(record_type)
    try:
        connection = _connection(request, kind, record_id, connection_id)
    except NotFound as missing:
        raise Http404(missing.user_message) from missing
    try:
        present = why_value(connection, (record_type, record_id), crm_field)
        context = _present(present, connection, record_type, record_id, crm_field)
    except NotFound as unsynced:
        context = {"title": "", "error": unsynced.user_message}
    return in_dialog(request, _around(request, record_type, record_id), "web/log/why_field.html", context)


def _connection(request: HttpRequest, kind: RecordKind, record_id: int, connection_id: int) -> Connection:
    if user_of(request).is_administrator:
        return get_connection(connection_id)
    return tab.section(user_of(request), connection_id, kind.record_type, record_id).connection


def _present(
    present: Present, connection: Connection, record_type: str, record_id: int, crm_field: str
) -> dict[str, Any]:
    place = LogEntry(
        connection=connection,
        actor_type=present.actor_type,
        erp_key=present.erp_key,
        erp_field=present.mapping.erp_field if present.mapping else "",
        record_type=record_type,
        record_id=record_id,
        crm_field=crm_field,
    )
    names = Names([place])
    return {
        "title": f"{names.record(place)}: {names.crm_label(place)}",
        "connection": connection.name,
        "present": present,
        "crm": names.text(place, "crm", present.crm),
        "base": held("", present.base, place, names) if present.base else None,
        "facts": mapping_facts(present.mapping),
        "latest": [_latest(told.id, when(told.at), told.sentence) for told in present.latest],
    }


def _latest(entry_id: int, moment: str, sentence: str) -> dict[str, str]:
    return {"url": reverse("web:log_why", args=[entry_id]), "when": moment, "sentence": sentence}


def _around(request: HttpRequest, record_type: str, record_id: int) -> Around:
    """The log of all for administrators, that of the record for others."""
    kind = _kind(record_type)
    if not user_of(request).is_administrator:
        url = kind.url(record_id, "history")
        return Around("web/records/history.html", url, lambda: history_context(request, kind, record_id))
    asked = QueryDict(f"record={record_type}:{record_id}")
    url = f"{reverse('web:sync_log')}?{asked.urlencode()}"
    return Around("web/log/log.html", url, lambda: log_context(request, asked))


def _kind(record_type: str) -> RecordKind:
    try:
        return KINDS[RecordType(record_type)]
    except ValueError as unknown:
        raise Http404(f"no kind of record is called {record_type!r}") from unknown
