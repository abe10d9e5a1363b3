"""What a connection maps, in words: below the tables of the Sync tab (behaviour A3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from brygga.erp.models import Connection
from brygga.erp.services.connections import ActorSummary, FieldSummary, summary
from brygga.web.actor_types import actor_label

_DIRECTIONS: dict[tuple[bool, bool], tuple[str, Any]] = {
    (True, True): ("↔", _("Bidirectional sync")),
    (True, False): ("→", _("ERP to CRM")),
    (False, True): ("←", _("CRM to ERP")),
    (False, False): ("–", _("No synchronization")),
}
"""By (to CRM, to ERP): a sign between the ERP field and the CRM field, and its words."""


@dataclass(frozen=True, slots=True)
class MappedField:
    """An ERP field and its CRM field, with the direction as a sign and in words."""

    erp_name: str
    crm_name: str
    arrow: str
    direction: str
    missing: bool


@dataclass(frozen=True, slots=True)
class MappedActor:
    """An actor type with its mapped fields and the names of those that have defaults."""

    label: str
    sync: bool
    fields: Sequence[MappedField]
    defaults: str


def mapped_actors(connection: Connection) -> list[MappedActor]:
    """The actor types of a connection that can be synced, or have been mapped."""
    return [_actor(actor) for actor in summary(connection) if actor.record_type or actor.fields]


def _actor(actor: ActorSummary) -> MappedActor:
    fields = [_field(field) for field in actor.fields]
    return MappedActor(actor_label(actor.actor_type), actor.sync, fields, ", ".join(actor.defaults))


def _field(field: FieldSummary) -> MappedField:
    arrow, direction = _DIRECTIONS[field.to_crm, field.to_erp]
    return MappedField(field.erp_name, field.crm_name, arrow, str(direction), field.missing)
