"""Connecting a record with an actor that the ERP has, and disconnecting it (behaviour U3 to U5, U9)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from brygga.erp.errors import BryggaError
from brygga.erp.services import acting, choosing
from brygga.erp.services.access import may_connect, may_create
from brygga.erp.services.searching import Match
from brygga.web.access import signed_in, user_of
from brygga.web.comparing import chosen_values, compare
from brygga.web.erp_dialog import Place, done, in_dialog, place_for, section_or_404
from brygga.web.kinds import RecordKind
from brygga.web.records import record_or_404
from brygga.web.shown import shown

_LONGEST_TEXT = 250
_LONGEST_KEY = 200


@signed_in
def connect(
    request: HttpRequest, kind: RecordKind, record_id: int, connection_id: int, actor_type: str
) -> HttpResponse:
    """The search; it opens at once, and runs a search on the record's name when it stands (behaviour U4)."""
    place = place_for(request, kind, record_id, connection_id, actor_type, may_connect)
    text = request.GET.get("q")
    if text is None:
        start = {"text": place.record.name, "may_create": may_create(user_of(request), place.connection)}
        return in_dialog(request, place, "web/erp/connect.html", start)
    return _found(request, place, text.replace("\x00", "").strip()[:_LONGEST_TEXT])


@signed_in
def values(request: HttpRequest, kind: RecordKind, record_id: int, connection_id: int, actor_type: str) -> HttpResponse:
    """The two sides beside each other; posted, the record is connected with the values chosen (behaviour U5)."""
    place = place_for(request, kind, record_id, connection_id, actor_type, may_connect)
    erp_key = request.POST.get("key", request.GET.get("key", ""))[:_LONGEST_KEY]
    if request.method != "POST":
        return _compared(request, place, erp_key)
    where = (connection_id, kind.record_type, record_id, actor_type, erp_key)
    try:
        acting.connect(user_of(request), *where, chosen_values(request.POST))
    except BryggaError as failed:
        return _compared(request, place, erp_key, failed.user_message)
    return done(request, place.tab_url, _connected(place))


@signed_in
@require_POST
def disconnect(request: HttpRequest, kind: RecordKind, record_id: int, connection_id: int) -> HttpResponse:
    """Remove the link of a record; nothing is deleted on either side (behaviour U9)."""
    record_or_404(kind, record_id)
    connection = section_or_404(user_of(request), kind, record_id, connection_id).connection
    if not may_connect(user_of(request), connection):
        raise PermissionDenied
    url = kind.url(record_id, "erp")
    try:
        acting.disconnect(user_of(request), connection_id, kind.record_type, record_id)
    except BryggaError as failed:
        messages.error(request, f"{connection.name}: {failed.user_message}")
        return redirect(url)
    return done(request, url, _("%(connection)s: the record is no longer connected.") % {"connection": connection.name})


def _found(request: HttpRequest, place: Place, text: str) -> HttpResponse:
    context: dict[str, Any] = {"text": text, "may_create": may_create(user_of(request), place.connection)}
    where = (place.connection.pk, place.kind.record_type, place.record.id, place.actor_type)
    try:
        matches = acting.search(user_of(request), *where, text)
    except BryggaError as failed:
        context["error"] = failed.user_message
    else:
        context |= {"searched": True, "more": matches.more, "most": len(matches.actors)}
        context["rows"] = [_row(place, match) for match in matches.actors]
    template = "web/erp/found.html" if request.headers.get("HX-Target") == "erp-found" else "web/erp/connect.html"
    return in_dialog(request, place, template, context)


def _row(place: Place, match: Match) -> dict[str, Any]:
    """An actor with its columns; the first one is what it is chosen by, and shows the key where it is blank."""
    cells = [{"label": value.label, "text": shown(value.kind, value.value)} for value in match.values]
    first, *others = cells or [{"label": place.actor_label, "text": ""}]
    first["text"] = first["text"] or match.erp_key
    return {"key": match.erp_key, "linked_to": match.linked_to, "first": first, "others": others}


def _compared(request: HttpRequest, place: Place, erp_key: str, error: str = "") -> HttpResponse:
    user, where = user_of(request), (place.kind.record_type, place.record.id)
    context: dict[str, Any] = {"key": erp_key, "error": error}
    try:
        theirs = acting.values_in_erp(user, place.connection.pk, place.actor_type, erp_key)
    except BryggaError as failed:
        context |= {"error": error or failed.user_message, "unread": True}
    else:
        rows = compare(choosing.crm_values(user, *where), theirs, request.POST)
        context["equal"] = [row for row in rows if row.is_equal]
        context["different"] = [row for row in rows if not row.is_equal]
    return in_dialog(request, place, "web/erp/values.html", context)


def _connected(place: Place) -> str:
    names = {"connection": place.connection.name, "record": place.record.name}
    return _("%(connection)s: %(record)s is connected.") % names
