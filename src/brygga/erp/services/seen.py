"""What a person saw of both sides when choosing, and whether it is still so when the choice is carried out (U7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from django.utils.translation import gettext as _

from brygga.contract import ErpActor
from brygga.crm.fields import CrmField
from brygga.erp.crm_side import Snapshot, crm_side
from brygga.erp.engine.channel import Channel
from brygga.erp.errors import Refused
from brygga.erp.shown import shown
from brygga.merge import FieldMapping as MergeMapping
from brygga.merge import Misfit, writer
from brygga.merge.values import Kind, reader

Seen: TypeAlias = Mapping[str, Sequence[str]]
"""By ERP field key: the CRM field's key, the CRM's value, and, where there is an actor, the ERP's.

Values stand in the wire form of the CRM field; one of the ERP that does not fit that field stands as it came."""

_MOST_TOLD = 5


def seen_of(channel: Channel, snapshot: Snapshot, actor: ErpActor | None) -> dict[str, list[str]]:
    """What there is to see of a record and an actor in the fields that are synced."""
    seen = {}
    for mapping in channel.mappings:
        crm = writer(mapping.crm.kind)(snapshot.values.get(mapping.crm.key))
        theirs = [] if actor is None else [_in_crm_form(mapping, actor.fields.get(mapping.erp.key, ""))]
        seen[mapping.erp.key] = [mapping.crm.key, crm, *theirs]
    return seen


def check_unmoved(channel: Channel, snapshot: Snapshot, actor: ErpActor | None, seen: Seen) -> None:
    """Raises Refused, saying what has changed, where it is no longer what was seen."""
    now = seen_of(channel, snapshot, actor)
    if {key: list(values) for key, values in seen.items()} == now:
        return
    known = crm_side().fields(channel.record_type)
    moved = [
        _told(mapping, known[mapping.crm.key], channel.connection.name, seen[mapping.erp.key], now[mapping.erp.key])
        for mapping in channel.mappings
        if mapping.erp.key in seen and list(seen[mapping.erp.key]) != now[mapping.erp.key]
    ]
    what = " ".join(moved[:_MOST_TOLD]) or _("The mapping of the fields was changed.")
    raise Refused(_("It is no longer as you saw it. %(changes)s Choose again.") % {"changes": what})


def _in_crm_form(mapping: MergeMapping, text: str) -> str:
    try:
        return writer(mapping.crm.kind)(mapping.to_crm_converter()(reader(mapping.erp.kind)(text)))
    except Misfit:
        return text


def _told(mapping: MergeMapping, field: CrmField, connection: str, then: Sequence[str], now: Sequence[str]) -> str:
    """The first side that has moved, in a sentence."""
    sides = zip((_("the CRM"), connection), then[1:], now[1:], strict=False)
    side, before, after = next(((s, t, n) for s, t, n in sides if t != n), ("", "", ""))
    if not side:
        return _("%(field)s: the mapping was changed.") % {"field": field.label}
    values = {"then": _shown(field, before), "now": _shown(field, after), "side": side, "field": field.label}
    return _("%(field)s in %(side)s was “%(then)s” and is “%(now)s” now.") % values


def _shown(field: CrmField, wire: str) -> str:
    items = crm_side().list_items(field.list_key) if field.kind is Kind.LIST else {}
    try:
        return shown(field.kind, reader(field.kind)(wire), items) or _("(empty)")
    except Misfit:
        return wire
