"""Creating an actor in an ERP from a record, with Save (behaviour U6)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from brygga.crm.errors import CrmError
from brygga.erp.errors import BryggaError
from brygga.erp.models import PendingAction
from brygga.erp.services import acting, pending
from brygga.erp.services.access import may_create
from brygga.erp.services.choosing import SideValue
from brygga.web.access import signed_in, user_of
from brygga.web.asked_form import AskedForm
from brygga.web.dialogs import done
from brygga.web.erp_dialog import Place, in_place, place_for
from brygga.web.kinds import RecordKind


@signed_in
def create(request: HttpRequest, kind: RecordKind, record_id: int, connection_id: int, actor_type: str) -> HttpResponse:
    """Ask for what the record does not give; posted, the actor is created and connected with Save."""
    place = place_for(request, kind, record_id, connection_id, actor_type, may_create)
    try:
        form = _form(request, place)
        refusal = acting.create_obstacle(user_of(request), connection_id, actor_type)
    except BryggaError as failed:
        return _asked(request, place, {"error": failed.user_message, "unread": True})
    if refusal:
        return _asked(request, place, {"error": refusal, "unread": True})
    if request.method != "POST":
        return _asked(request, place, {"form": form})
    if not form.is_valid():
        return _asked(request, place, {"form": form, "error": _("Some fields need a correction.")})
    where = (connection_id, kind.record_type, record_id, actor_type)
    told = [*((value.label, value.shown) for value in _values(request, place)), *form.shown_values()]
    try:
        pending.create_later(user_of(request), *where, answers=form.wire_values(), summary=told)
    except (BryggaError, CrmError) as failed:
        return _asked(request, place, {"form": form, "error": failed.user_message})
    return done(request, place.edit_url)


def _form(request: HttpRequest, place: Place) -> AskedForm:
    user, where = user_of(request), (place.connection.pk, place.actor_type)
    asked = acting.fields_for_new_actor(user, *where)
    items = acting.items_for_new_actor(user, *where, asked)
    return AskedForm(asked, items, request.POST if request.method == "POST" else None, _answered_before(request, place))


def _answered_before(request: HttpRequest, place: Place) -> dict[str, str]:
    """What the user answered and has not saved, to begin with."""
    waiting = pending.pending_of(user_of(request), place.kind.record_type, place.record.id)
    wanted = (place.connection.pk, place.actor_type, PendingAction.CREATE)
    kept = (one.answers for one in waiting if (one.connection.pk, one.actor_type, one.action) == wanted)
    return next(kept, {})


def _values(request: HttpRequest, place: Place) -> list[SideValue]:
    return acting.values_for_new_actor(user_of(request), place.connection.pk, place.record.id, place.actor_type)


def _asked(request: HttpRequest, place: Place, context: dict[str, Any]) -> HttpResponse:
    if "form" in context:
        context["form"].focus()
        context["values"] = _values(request, place)
    return in_place(request, place, "web/erp/create.html", context)
