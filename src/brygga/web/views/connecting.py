"""Connecting a record with an actor that the ERP has, and disconnecting it, with Save (behaviour U3 to U5, U9)."""

from __future__ import annotations

import json
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from brygga.crm.errors import CrmError
from brygga.erp.errors import BryggaError
from brygga.erp.models import PendingChange
from brygga.erp.services import acting, pending
from brygga.erp.services.access import may_connect
from brygga.erp.services.choosing import BothSides
from brygga.web.access import signed_in, user_of
from brygga.web.asked_form import AskedForm
from brygga.web.comparing import as_sent, chosen_values, compare, summary
from brygga.web.dialogs import done
from brygga.web.erp_dialog import Place, in_place, place_for, section_or_404
from brygga.web.kinds import RecordKind
from brygga.web.records import record_or_404

LONGEST_KEY = 200


@signed_in
def values(request: HttpRequest, kind: RecordKind, record_id: int, connection_id: int, actor_type: str) -> HttpResponse:
    """The two sides beside each other; posted, the record is connected with Save, with the values chosen."""
    place = place_for(request, kind, record_id, connection_id, actor_type, may_connect)
    erp_key = request.POST.get("key", request.GET.get("key", ""))[:LONGEST_KEY]
    try:
        both = acting.both_sides(user_of(request), connection_id, record_id, actor_type, erp_key)
        form = _form(request, place, both, erp_key)
    except (BryggaError, CrmError) as failed:
        return in_place(
            request, place, "web/erp/values.html", {"key": erp_key, "error": failed.user_message, "unread": True}
        )
    if request.method != "POST":
        return _compared(request, place, both, form, erp_key)
    if request.POST.get("seen") != json.dumps(both.seen):
        moved = _("Values have changed since they were shown here. Look at them again, and choose.")
        return _compared(request, place, both, form, erp_key, moved)
    if not form.is_valid():
        return _compared(request, place, both, form, erp_key, _("Some fields need a correction."))
    try:
        _keep(request, place, both, form, erp_key)
    except (BryggaError, CrmError) as failed:
        return _compared(request, place, both, form, erp_key, failed.user_message)
    return done(request, place.edit_url)


@signed_in
@require_POST
def disconnect(request: HttpRequest, kind: RecordKind, record_id: int, connection_id: int) -> HttpResponse:
    """Have the link of a record removed with Save; nothing is deleted on either side (behaviour U9)."""
    record_or_404(kind, record_id)
    connection = section_or_404(user_of(request), kind, record_id, connection_id).connection
    if not may_connect(user_of(request), connection):
        raise PermissionDenied
    pending.disconnect_later(user_of(request), connection_id, kind.record_type, record_id)
    return done(request, kind.url(record_id, "erp_edit"))


def _keep(request: HttpRequest, place: Place, both: BothSides, form: AskedForm, erp_key: str) -> None:
    where = (place.connection.pk, place.kind.record_type, place.record.id, place.actor_type, erp_key)
    rows = compare(both.crm, both.erp, request.POST)
    answers = [(label, f"{place.connection.name}: {text}") for label, text in form.shown_values()]
    pending.connect_later(
        user_of(request),
        *where,
        chosen=chosen_values(request.POST),
        answers={key: text for key, text in form.wire_values().items() if text},
        actor_name=both.name,
        summary=[*summary(rows, place.connection.name), *answers],
    )


def _form(request: HttpRequest, place: Place, both: BothSides, erp_key: str) -> AskedForm:
    user = user_of(request)
    items = acting.items_for_new_actor(user, place.connection.pk, place.actor_type, both.asked)
    before = _chosen_before(request, place, erp_key)
    sent = request.POST if request.method == "POST" else None
    return AskedForm(both.asked, items, sent, before.answers if before else {})


def _compared(
    request: HttpRequest, place: Place, both: BothSides, form: AskedForm, erp_key: str, error: str = ""
) -> HttpResponse:
    before = _chosen_before(request, place, erp_key)
    sent = request.POST if request.method == "POST" or before is None else as_sent(before.chosen)
    rows = compare(both.crm, both.erp, sent)
    context: dict[str, Any] = {
        "key": erp_key,
        "error": error,
        "seen": json.dumps(both.seen),
        "form": form,
        "equal": [row for row in rows if row.is_equal],
        "different": [row for row in rows if not row.is_equal],
    }
    return in_place(request, place, "web/erp/values.html", context)


def _chosen_before(request: HttpRequest, place: Place, erp_key: str) -> PendingChange | None:
    """What the user chose for this actor and has not saved, to begin with."""
    waiting = pending.pending_of(user_of(request), place.kind.record_type, place.record.id)
    actor = (place.connection.pk, place.actor_type, erp_key)
    return next((one for one in waiting if (one.connection.pk, one.actor_type, one.erp_key) == actor), None)
