"""The dialog in which the items of mapped lists are mapped (behaviour A9)."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from brygga.crm.errors import CrmError
from brygga.erp.errors import BryggaError
from brygga.erp.models import Connection, FieldMapping
from brygga.erp.services import list_mapping as service
from brygga.erp.services.mapping import label_of
from brygga.web.access import administrators
from brygga.web.actor_types import actor_label
from brygga.web.dialogs import done
from brygga.web.mapping_dialog import MappingDialog, Tab, tab_url
from brygga.web.mapping_items import ListPanel
from brygga.web.sync_page import connection_or_404


@administrators
def list_mapping(request: HttpRequest, connection_id: int) -> HttpResponse:
    """The dialog with a tab for each mapped list field; posted, all its tabs are saved together or none is.

    `do` fills in suggestions, or items that are still to be made; nothing is stored then.
    """
    connection = connection_or_404(connection_id)
    fields = service.list_fields(connection)
    dialog = MappingDialog(
        connection, "list_mapping", _("List mapping"), [_tab(field) for field in fields.values()], _("Lists")
    )
    if request.method != "POST":
        field = _asked(request, fields)
        return dialog.answer(request, [ListPanel.stored(field)] if field else [], field.pk if field else 0)
    panels = [ListPanel.stored(fields[id_]) for id_ in dialog.opened(request)]
    for panel in panels:
        panel.take_over(request.POST)
    current, task = dialog.current(request), request.POST.get("do", "")
    for panel in panels:
        if panel.id == current and task in ("suggest", "create"):
            panel.suggest() if task == "suggest" else panel.create_missing()
    if task in ("suggest", "create"):
        return dialog.answer(request, panels, current, {"changed": True})
    return _saved(request, connection, dialog, panels)


def _saved(
    request: HttpRequest, connection: Connection, dialog: MappingDialog, panels: list[ListPanel]
) -> HttpResponse:
    faulty = next((panel.id for panel in panels if panel.faulty), 0)
    error = _("Nothing has been saved yet. Correct what is marked.")
    if not faulty:
        try:
            service.save(connection, {panel.id: panel.choices() for panel in panels})
        except (BryggaError, CrmError) as failed:
            error = failed.user_message
        else:
            text = _("%(connection)s: the list mapping has been saved.") % {"connection": connection.name}
            return done(request, dialog.page, text)
    return dialog.answer(request, panels, faulty or dialog.current(request), {"error": error})


def _tab(field: FieldMapping) -> Tab:
    label = f"{actor_label(field.actor.actor_type)}: {label_of(field)}"
    return Tab(field.pk, label, tab_url("list_mapping", field.actor, field.key))


def _asked(request: HttpRequest, fields: Mapping[int, FieldMapping]) -> FieldMapping | None:
    """The field that the address names; else the first one."""
    place = (request.GET.get("actor"), request.GET.get("field"))
    named = [field for field in fields.values() if (field.actor.actor_type, field.key) == place]
    return next(iter([*named, *fields.values()]), None)
