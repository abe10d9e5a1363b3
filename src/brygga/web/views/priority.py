"""Set sync priority: who goes first and wins conflicts (behaviour A12)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from brygga.erp.models import Connection
from brygga.erp.services.connection_saving import save_priorities
from brygga.erp.services.priority import order_now
from brygga.web.access import administrators
from brygga.web.dialogs import done
from brygga.web.ranking import is_move, order_in
from brygga.web.sync_page import on_sync_tab
from brygga.web.sync_selection import Selection

_CRM = "0"


@administrators
def priority(request: HttpRequest) -> HttpResponse:
    """The active connections and the CRM in their order; posted, the order is stored."""
    rows = {_id(one): _row(one) for one in order_now()}
    selection = Selection.of(request)
    order = order_in(request.POST, list(rows))
    if request.method == "POST" and not is_move(request.POST):
        save_priorities([int(id_) for id_ in order])
        return done(request, selection.page, _("The sync priority has been changed."))
    context = {"ranked": [rows[id_] for id_ in order], "action": selection.url("sync_priority")}
    return on_sync_tab(request, "web/sync/priority.html", context)


def _id(one: Connection | None) -> str:
    return str(one.pk) if one else _CRM


def _row(one: Connection | None) -> dict[str, str]:
    if one is None:
        return {"id": _CRM, "name": _("CRM"), "more": ""}
    return {"id": str(one.pk), "name": one.name, "more": one.connector.name}
