"""The dialog in which the defaults of new actors are set (behaviour A10)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from brygga.web.access import administrators
from brygga.web.dialogs import done
from brygga.web.mapping_defaults import DefaultsPanel, save
from brygga.web.mapping_dialog import actor_dialog, actors_of, asked_actor
from brygga.web.sync_page import connection_or_404


@administrators
def defaults(request: HttpRequest, connection_id: int) -> HttpResponse:
    """The dialog with a tab for each actor type; posted, all its tabs are saved together or none is."""
    connection = connection_or_404(connection_id)
    actors = [actor for actor in actors_of(connection) if actor.record_type]
    dialog = actor_dialog(connection, "defaults", _("Defaults"), actors)
    if request.method != "POST":
        actor = asked_actor(request, actors)
        panels = [DefaultsPanel(actor, marked=request.GET.get("field", ""))] if actor else []
        return dialog.answer(request, panels, actor.pk if actor else 0)
    opened = [actor for id_ in dialog.opened(request) for actor in actors if actor.pk == id_]
    panels = [DefaultsPanel(actor, request.POST) for actor in opened]
    if save(opened, panels):
        text = _("%(connection)s: the default values have been saved.") % {"connection": connection.name}
        return done(request, dialog.page, text)
    faulty = next((panel.id for panel in panels if panel.faults), dialog.current(request))
    error = _("Nothing has been saved yet. Correct what is marked.")
    return dialog.answer(request, panels, faulty, {"error": error})
