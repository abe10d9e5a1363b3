"""Creating an actor in an ERP from a record (behaviour U6)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from brygga.erp.errors import BryggaError
from brygga.erp.services import acting
from brygga.erp.services.access import may_create
from brygga.web.access import signed_in, user_of
from brygga.web.asked_form import AskedForm
from brygga.web.erp_dialog import Place, done, in_dialog, place_for
from brygga.web.kinds import RecordKind


@signed_in
def create(request: HttpRequest, kind: RecordKind, record_id: int, connection_id: int, actor_type: str) -> HttpResponse:
    """Ask for what the record does not give; posted, the actor is created and connected, once however often."""
    place = place_for(request, kind, record_id, connection_id, actor_type, may_create)
    try:
        form = _form(request, place)
    except BryggaError as failed:
        return _asked(request, place, {"error": failed.user_message, "unread": True})
    if request.method != "POST":
        return _asked(request, place, {"form": form})
    if not form.is_valid():
        return _asked(request, place, {"form": form, "error": _("Some fields need a correction.")})
    try:
        link = acting.create(
            user_of(request), connection_id, kind.record_type, record_id, actor_type, form.wire_values()
        )
    except BryggaError as failed:
        return _asked(request, place, {"form": form, "error": failed.user_message})
    text = _("%(connection)s: %(actor)s %(key)s was created and is connected.")
    said = {"connection": place.connection.name, "actor": place.actor_label, "key": link.erp_key}
    return done(request, place.tab_url, text % said)


def _form(request: HttpRequest, place: Place) -> AskedForm:
    user, where = user_of(request), (place.connection.pk, place.actor_type)
    asked = acting.fields_for_new_actor(user, *where)
    items = acting.items_for_new_actor(user, *where, asked)
    return AskedForm(asked, items, request.POST if request.method == "POST" else None)


def _asked(request: HttpRequest, place: Place, context: dict[str, Any]) -> HttpResponse:
    if "form" in context:
        context["form"].focus()
    return in_dialog(request, place, "web/erp/create.html", context)
