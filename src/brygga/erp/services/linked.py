"""Which records are linked, for the screens of the CRM: to narrow a list, and to say what a deletion or merge means."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import QuerySet

from brygga.crm.fields import RecordType
from brygga.erp.models import Connection, FieldMapping, Link, LinkState


@dataclass(frozen=True, slots=True)
class Linked:
    """A record's link, as far as people are told of it before they delete or merge."""

    record_id: int
    connection: str
    connection_id: int
    actor_type: str
    erp_key: str


def linked_ids(record_type: RecordType, connections: Collection[Connection]) -> QuerySet[Link, int]:
    """The ids of the records that are linked with one of these connections, as a query to be used within another."""
    links = Link.objects.filter(record_type=record_type, connection__in=connections)
    return links.values_list("record_id", flat=True)


def links_of(record_type: RecordType, record_ids: Collection[int]) -> list[Linked]:
    """The links of records, in order of the connections' priority; what the ERP no longer has is left out."""
    links = Link.objects.filter(record_type=record_type, record_id__in=record_ids, connection__deleted=False)
    found = links.exclude(state=LinkState.GONE).select_related("connection").order_by("connection__priority", "id")
    return [
        Linked(link.record_id, link.connection.name, link.connection_id, link.actor_type, link.erp_key)
        for link in found
    ]


def connections_mapping_field(crm_key: str, record_type: RecordType) -> list[str]:
    """The names of the connections in which an ERP field is mapped to this CRM field."""
    fields = FieldMapping.objects.filter(crm_key=crm_key, actor__record_type=record_type)
    return _names(Connection.objects.filter(actors__fields__in=fields))


def connections_mapping_item(item_id: int) -> list[str]:
    """The names of the connections whose list mapping uses this CRM list item."""
    return _names(Connection.objects.filter(actors__fields__items__crm_item_id=item_id))


def connections_granted_to(group_id: int) -> list[str]:
    """The names of the connections that this group of users is given access to."""
    return _names(Connection.objects.filter(access__group_id=group_id))


def _names(connections: QuerySet[Connection]) -> list[str]:
    return [connection.name for connection in connections.filter(deleted=False).distinct()]
