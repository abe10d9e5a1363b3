"""The dialog in which the shown fields of an actor type are put in order (behaviour A11)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from brygga.erp.models import ActorMapping, FieldMapping
from brygga.erp.services import fields
from brygga.erp.services.mapping import is_key, label_of, shown_fields
from brygga.web.access import administrators
from brygga.web.actor_types import actor_label
from brygga.web.dialogs import done
from brygga.web.mapping_dialog import actor_dialog, actors_of, asked_actor
from brygga.web.ranking import is_move, order_in
from brygga.web.sync_page import connection_or_404


@dataclass(frozen=True, slots=True)
class Ranked:
    """A field in the list: `more` says where it is shown."""

    id: str
    name: str
    more: str


@dataclass(frozen=True, slots=True)
class Panel:
    """The shown fields of an actor type, in their order."""

    id: int
    actor: str
    ranked: Sequence[Ranked]


@administrators
def rank(request: HttpRequest, connection_id: int) -> HttpResponse:
    """The dialog; posted, the order of all its tabs is stored."""
    connection = connection_or_404(connection_id)
    actors = [actor for actor in actors_of(connection) if actor.record_type]
    by_id = {actor.pk: actor for actor in actors}
    dialog = actor_dialog(connection, "rank", _("Rank Fields"), actors)
    if request.method != "POST":
        actor = asked_actor(request, actors)
        panels = [_panel(actor, shown_fields(actor))] if actor else []
        return dialog.answer(request, panels, actor.pk if actor else 0)
    orders = [(by_id[id_], _posted(request, by_id[id_])) for id_ in dialog.opened(request)]
    if is_move(request.POST):
        return dialog.answer(request, [_panel(*one) for one in orders], dialog.current(request))
    fields.set_ranks([(actor, [field.key for field in order]) for actor, order in orders])
    return done(request, dialog.page, _("%(connection)s: the order has been saved.") % {"connection": connection.name})


def _posted(request: HttpRequest, actor: ActorMapping) -> list[FieldMapping]:
    shown = {str(field.pk): field for field in shown_fields(actor)}
    return [shown[id_] for id_ in order_in(request.POST, list(shown))]


def _panel(actor: ActorMapping, order: Sequence[FieldMapping]) -> Panel:
    return Panel(actor.pk, actor_label(actor.actor_type), [_ranked(field) for field in order])


def _ranked(field: FieldMapping) -> Ranked:
    places = {_("ERP tab"): field.show_in_tab, _("Search results"): field.show_in_search or is_key(field)}
    return Ranked(str(field.pk), label_of(field), ", ".join(name for name, shown in places.items() if shown))
