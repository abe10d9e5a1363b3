"""The mappings dialog: fields of the ERP beside those of the CRM, checked as they are mapped (behaviour A7, A8, G6)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from brygga.erp.errors import BryggaError
from brygga.erp.models import ActorMapping, Connection
from brygga.erp.services import actor_mapping, checking, fields, trial
from brygga.erp.services.actor_mapping import Draft
from brygga.web.access import administrators
from brygga.web.dialogs import done
from brygga.web.mapping_dialog import MappingDialog, actor_dialog, actors_of, asked_actor
from brygga.web.mapping_rows import Panel, let_go, take_over
from brygga.web.sync_page import connection_or_404

TRIED_ON = (5, 20, 50, trial.MOST)
"""On how many records a mapping can be tried."""


@administrators
def mappings(request: HttpRequest, connection_id: int) -> HttpResponse:
    """The dialog; posted, all its tabs are saved together or none is."""
    connection = connection_or_404(connection_id)
    actors = actors_of(connection)
    dialog = _dialog(connection, actors)
    if request.method != "POST":
        actor = asked_actor(request, actors)
        panels = [Panel(Draft(actor), marked=request.GET.get("field", ""))] if actor else []
        return _answer(request, dialog, panels, actor.pk if actor else 0)
    panels = _posted(request, dialog, actors)
    try:
        if not any(panel.wrong for panel in panels):
            actor_mapping.store([panel.draft for panel in panels])
            text = _("%(connection)s: the mappings have been saved.") % {"connection": connection.name}
            return done(request, dialog.page, text)
    except actor_mapping.NotAvailable as refused:
        for panel in panels:
            panel.faults = refused.faults
    faulty = next((panel.id for panel in panels if panel.wrong or _faults(panel)), dialog.current(request))
    return _answer(request, dialog, panels, faulty, error=_("Nothing has been saved yet. Correct what is marked."))


@administrators
@require_POST
def check(request: HttpRequest, connection_id: int) -> HttpResponse:
    """What follows from what is chosen in the form: directions, remarks. `lists` asks the ERP for its lists, too."""
    connection = connection_or_404(connection_id)
    actors = actors_of(connection)
    panels = _posted(request, _dialog(connection, actors), actors)
    for panel in panels:
        let_go(panel.draft)
    read = "lists" in request.GET
    drafts = [panel.draft for panel in panels]
    lists = checking.read_lists(drafts) if read else checking.known_lists(drafts)
    for panel in panels:
        panel.lists = lists
    return render(request, "web/mappings/derived.html", {"panels": panels, "with_directions": not read})


@administrators
@require_POST
def try_on(request: HttpRequest, connection_id: int) -> HttpResponse:
    """The mapping of the open tab, as it stands in the form, tried on some records; nothing is written."""
    connection = connection_or_404(connection_id)
    actors = actors_of(connection)
    dialog = _dialog(connection, actors)
    panels, current = _posted(request, dialog, actors), dialog.current(request)
    count = request.POST.get("count", "")
    chosen = int(count) if count in map(str, TRIED_ON) else TRIED_ON[1]
    context: dict[str, Any] = {"count": chosen}
    try:
        draft = next(panel.draft for panel in panels if panel.id == current)
        context["tried"] = trial.try_on(draft, chosen)
    except BryggaError as failed:
        context["trial_error"] = failed.user_message
    except StopIteration:
        context["tried"] = []
    if request.headers.get("HX-Target") == "trial":
        return render(request, "web/mappings/trial.html", context)
    return _answer(request, dialog, panels, current, **context)


@administrators
@require_POST
def renew(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Read again which fields the connector offers; what is chosen in the form stays (behaviour A8)."""
    connection = connection_or_404(connection_id)
    context: dict[str, Any] = {}
    try:
        changes = fields.renew(connection)
    except BryggaError as failed:
        context["error"] = failed.user_message
    else:
        context["news"] = _told(changes) or [_("The connector offers the same fields as before.")]
    actors = actors_of(connection)
    dialog = _dialog(connection, actors)
    return _answer(request, dialog, _posted(request, dialog, actors), dialog.current(request), **context)


def _dialog(connection: Connection, actors: Sequence[ActorMapping]) -> MappingDialog:
    return actor_dialog(connection, "mappings", _("Mappings"), actors)


def _answer(
    request: HttpRequest, dialog: MappingDialog, panels: Sequence[Panel], current: int, **context: Any
) -> HttpResponse:
    chosen = {"counts": TRIED_ON, "count": TRIED_ON[1]}
    return dialog.answer(request, panels, current, chosen | context)


def _posted(request: HttpRequest, dialog: MappingDialog, actors: Sequence[ActorMapping]) -> list[Panel]:
    """The panels as the form has them."""
    by_id = {actor.pk: actor for actor in actors}
    panels = [Panel(Draft(by_id[id_])) for id_ in dialog.opened(request)]
    for panel in panels:
        panel.wrong = take_over(request.POST, panel.draft)
    return panels


def _faults(panel: Panel) -> bool:
    return any(pk in panel.draft.fields for pk in panel.faults)


def _told(changes: fields.FieldChanges) -> list[str]:
    """What is different now, a sentence for each kind of change."""
    sentences = {
        ngettext("New field: %(names)s.", "New fields: %(names)s.", len(changes.new)): changes.new,
        ngettext(
            "Missing in the ERP now: %(names)s. It keeps its mapping, without a direction.",
            "Missing in the ERP now: %(names)s. They keep their mappings, without a direction.",
            len(changes.missing),
        ): changes.missing,
        ngettext("Back again: %(names)s.", "Back again: %(names)s.", len(changes.back)): changes.back,
        ngettext(
            "Described differently now: %(names)s.", "Described differently now: %(names)s.", len(changes.changed)
        ): changes.changed,
    }
    return [sentence % {"names": ", ".join(names)} for sentence, names in sentences.items() if names]
