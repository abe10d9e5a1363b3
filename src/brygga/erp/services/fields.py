"""The ERP fields of a connection one by one: finding, describing, ranking them (behaviour A10, A11, S)."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext as _

from brygga.contract import Access, FieldMetadata, FieldType
from brygga.erp.errors import NotFound, Refused
from brygga.erp.models import ActorMapping, Connection, FieldMapping
from brygga.erp.services.mapping import set_rank


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


def supports_advanced_search(actor: ActorMapping) -> bool:
    """Whether the ERP can be searched by the fields of an actor type."""
    return actor.fields.filter(searchable=True, missing=False).exists()


def forget_missing_columns(connection: Connection) -> int:
    """Take the fields that the ERP no longer has out of search results and the ERP tab; says how many there were."""
    columns = FieldMapping.objects.filter(Q(show_in_search=True) | Q(show_in_tab=True))
    return columns.filter(actor__connection=connection, missing=True).update(show_in_search=False, show_in_tab=False)
