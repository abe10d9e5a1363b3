"""The dialogs in which a connection is mapped: one form with a panel for each tab (behaviour A7 to A11).

A tab is loaded when it is first opened, and stays in the form, so that all that was changed is saved together. The
form names the panels that it holds as `panel`, and the one that is open as `current`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from brygga.erp.models import ActorMapping, Connection
from brygga.web.actor_types import actor_label
from brygga.web.dialogs import Around, in_dialog
from brygga.web.sync_page import TEMPLATE, page_context, tables
from brygga.web.sync_selection import Selection

PANELS = "panels"
"""The id of the element that holds the panels: a request that fills it wants a panel and no more."""


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab of a dialog; `id` is that of its panel."""

    id: int
    label: str
    url: str


@dataclass(frozen=True, slots=True)
class MappingDialog:
    """A dialog about a connection: the part of the mapping it is about, its name, its tabs and what they are called.

    By the part go its address and its templates.
    """

    connection: Connection
    part: str
    name: str
    tabs: Sequence[Tab]
    tabs_label: str

    @property
    def title(self) -> str:
        """What the dialog is called."""
        return f"{self.name}: {self.connection.name}"

    @property
    def panel_template(self) -> str:
        """The template of a panel."""
        return f"web/mappings/{self.part}_panel.html"

    @property
    def url(self) -> str:
        """Where the form is posted to."""
        return reverse(f"web:{self.part}", args=[self.connection.pk])

    @property
    def page(self) -> str:
        """The Sync tab with the connection selected."""
        return Selection(connection=self.connection.pk).page

    def opened(self, request: HttpRequest) -> list[int]:
        """The ids of the panels that the form holds; the first tab's if it names none that is there."""
        known = [tab.id for tab in self.tabs]
        named = [int(id_) for id_ in request.POST.getlist("panel") if id_.isdecimal()]
        return [id_ for id_ in dict.fromkeys(named) if id_ in known] or known[:1]

    def current(self, request: HttpRequest) -> int:
        """The id of the panel that is open."""
        opened, current = self.opened(request), request.POST.get("current", "")
        return int(current) if current.isdecimal() and int(current) in opened else next(iter(opened), 0)

    def answer(
        self, request: HttpRequest, panels: Sequence[Any], current: int, context: Mapping[str, Any] | None = None
    ) -> HttpResponse:
        """The dialog with these panels, or the panel alone if that is all that is asked for."""
        inside = {"dialog_of": self, "title": self.title, "panels": panels, "current": current, **(context or {})}
        if request.headers.get("HX-Target") == PANELS and request.method == "GET":
            return render(request, self.panel_template, {**inside, "panel": panels[0]})
        around = Around(TEMPLATE, self.page, lambda: page_context(request) | self._selected())
        return in_dialog(request, around, f"web/mappings/{self.part}.html", inside)

    def _selected(self) -> dict[str, Any]:
        return tables(Selection(connection=self.connection.pk), with_fields=True)


def actors_of(connection: Connection) -> list[ActorMapping]:
    """The actor types that the connector offers."""
    return list(connection.actors.select_related("connection__connector"))


def actor_dialog(connection: Connection, part: str, name: str, actors: Sequence[ActorMapping]) -> MappingDialog:
    """A dialog with a tab for each actor type."""
    tabs = [Tab(actor.pk, actor_label(actor.actor_type), tab_url(part, actor)) for actor in actors]
    return MappingDialog(connection, part, name, tabs, _("Actor type"))


def tab_url(part: str, actor: ActorMapping, field_key: str = "") -> str:
    """The address of an actor type's tab in a dialog; with a field marked, if one is named."""
    query = {"actor": actor.actor_type} | ({"field": field_key} if field_key else {})
    return f"{reverse(f'web:{part}', args=[actor.connection_id])}?{urlencode(query)}"


def asked_actor(request: HttpRequest, actors: Sequence[ActorMapping]) -> ActorMapping | None:
    """The actor type that the address names; else the first one that is synced, or can be."""
    named = [actor for actor in actors if actor.actor_type == request.GET.get("actor")]
    synced = [actor for actor in actors if actor.sync]
    possible = [actor for actor in actors if actor.record_type]
    return next(iter([*named, *synced, *possible, *actors]), None)
