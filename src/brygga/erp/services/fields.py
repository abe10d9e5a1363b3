"""The ERP fields of a connection one by one: found, described, renewed, ranked (behaviour A8, A10, A11, S)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from brygga.contract import Access, FieldMetadata, FieldType
from brygga.erp.errors import NotFound, Refused
from brygga.erp.models import ActorMapping, Connection, FieldMapping
from brygga.erp.services.discovery import refresh_fields
from brygga.erp.services.mapping import label_of, set_rank


@dataclass(slots=True)
class FieldChanges:
    """What the connector offers now that it did not offer before; fields by name, with their actor type before it.

    `changed` are fields that it describes differently: another name, type, list, length or access.
    """

    new: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    back: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.new or self.missing or self.back or self.changed)


def renew(connection: Connection) -> FieldChanges:
    """Read again what the connector offers, store it, and say what is different; mappings stay (behaviour A8).

    Raises ConnectorFailed; then nothing is changed.
    """
    before = {(f.actor.actor_type, f.key): (f.missing, described(f)) for f in _all(connection)}
    refresh_fields(connection)
    changes = FieldChanges()
    for found in _all(connection):
        name = f"{found.actor.actor_type}: {label_of(found)}"
        known = before.get((found.actor.actor_type, found.key))
        if known is None:
            changes.new.append(name)
        elif known[0] != found.missing:
            (changes.missing if found.missing else changes.back).append(name)
        elif known[1] != described(found):
            changes.changed.append(name)
    return changes


def get_field(field_id: int) -> FieldMapping:
    """A field with its actor type and connection. Raises NotFound."""
    fields = FieldMapping.objects.select_related("actor__connection__connector")
    found = fields.filter(pk=field_id, actor__connection__deleted=False).first()
    if found is None:
        raise NotFound(_("There is no ERP field with the id %(id)s.") % {"id": field_id})
    return found


def get_actor(connection: Connection, actor_type: str) -> ActorMapping:
    """An actor type of a connection. Raises NotFound."""
    found = connection.actors.filter(actor_type=actor_type).select_related("connection__connector").first()
    if found is None:
        text = _("%(connection)s has no actor type %(actor)s.")
        raise NotFound(text % {"connection": connection.name, "actor": actor_type})
    return found


def described(field: FieldMapping) -> FieldMetadata:
    """The field as its connector described it."""
    return FieldMetadata(
        key=field.key,
        name=field.name,
        description=field.description,
        type=FieldType(field.type),
        list_name=field.list_name,
        default=field.connector_default,
        max_length=field.max_length,
        access=Access(field.access),
        rank=field.rank,
    )


def move_field(field: FieldMapping, places: int) -> None:
    """Move a field up (`places` below zero) or down among those of its actor type. Raises Refused for 0 places."""
    if not places:
        raise Refused(_("Say how many places to move the field: up below zero, down above it."))
    keys = list(field.actor.fields.values_list("key", flat=True))
    place = keys.index(field.key)
    keys.insert(max(place + places, 0), keys.pop(place))
    set_rank(field.actor, keys)


@transaction.atomic
def set_ranks(orders: Iterable[tuple[ActorMapping, Sequence[str]]]) -> None:
    """Put the fields of several actor types in order, by key; see `mapping.set_rank`."""
    for actor, keys in orders:
        set_rank(actor, keys)


def supports_advanced_search(actor: ActorMapping) -> bool:
    """Whether the ERP can be searched by the fields of an actor type."""
    return actor.fields.filter(searchable=True, missing=False).exists()


def forget_missing_columns(connection: Connection) -> int:
    """Take the fields that the ERP no longer has out of search results and the ERP tab; says how many there were."""
    columns = FieldMapping.objects.filter(Q(show_in_search=True) | Q(show_in_tab=True))
    return columns.filter(actor__connection=connection, missing=True).update(show_in_search=False, show_in_tab=False)


def _all(connection: Connection) -> list[FieldMapping]:
    return list(FieldMapping.objects.filter(actor__connection=connection).select_related("actor"))
