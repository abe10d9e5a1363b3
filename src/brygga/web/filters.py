"""The filters of a list of records: what can be chosen, what is chosen in the address, and what that means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from brygga.crm.fields import RecordType, fields_of
from brygga.crm.listing import list_items
from brygga.crm.models import User
from brygga.crm.services.search import Wanted
from brygga.erp.models import Connection
from brygga.erp.services.linked import linked_ids
from brygga.erp.services.tab import connections_for
from brygga.web.kinds import RecordKind
from brygga.web.paging import asked_text

ERP = "erp"
"""The name of the filter by links."""

_LINKED, _UNLINKED = "linked", "unlinked"


@dataclass(frozen=True, slots=True)
class Filter:
    """Something to choose from above a list: pairs of value and text, and the value that is chosen, if any."""

    name: str
    label: str
    options: Sequence[tuple[str, str]]
    value: str


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters of a list as they stand. What an address chooses that is not on offer counts as not chosen."""

    record_type: RecordType
    text: str
    shown: list[Filter]
    connections: list[Connection]

    @property
    def narrow(self) -> bool:
        """Whether anything is chosen, apart from a text to find."""
        return any(one.value for one in self.shown)

    def wanted(self) -> Wanted:
        """What the list is to show."""
        chosen = {one.name: one.value for one in self.shown if one.value}
        how, _dash, which = chosen.pop(ERP, "").partition("-")
        linked: dict[str, Any] = {}
        if how:
            among = [one for one in self.connections if which in ("", str(one.pk))]
            linked = {"among" if how == _LINKED else "apart_from": linked_ids(self.record_type, among)}
        return Wanted(self.text, chosen, **linked)


def filters_of(request: HttpRequest, user: User, kind: RecordKind) -> Filters:
    """The filters of a list of this kind; that by links is for users who see an ERP connection."""
    fields = fields_of(kind.record_type)
    shown = [
        _filter(request, key, str(fields[key].label), list(list_items(fields[key].list_key).items()))
        for key in kind.filters
    ]
    connections = connections_for(user, kind.record_type)
    if connections:
        shown.append(_filter(request, ERP, _("ERP"), _link_options(connections)))
    return Filters(kind.record_type, asked_text(request), shown, connections)


def _filter(request: HttpRequest, name: str, label: str, options: list[tuple[str, str]]) -> Filter:
    asked = request.GET.get(name, "")
    return Filter(name, label, options, asked if asked in dict(options) else "")


def _link_options(connections: Sequence[Connection]) -> list[tuple[str, str]]:
    every = [(_LINKED, _("Connected")), (_UNLINKED, _("Not connected"))]
    if len(connections) == 1:
        return every
    for one in connections:
        every.append((f"{_LINKED}-{one.pk}", _("Connected: %(connection)s") % {"connection": one.name}))
        every.append((f"{_UNLINKED}-{one.pk}", _("Not connected: %(connection)s") % {"connection": one.name}))
    return every
