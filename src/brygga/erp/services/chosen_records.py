"""Naming what a resync takes its values from, and its records by their keys on either side (behaviour A14).

An internal key is the id of any of a record's links, an external key the ERP's key of an actor.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from brygga.erp.errors import NotFound, Refused
from brygga.erp.models import Connection, Link
from brygga.erp.services.connections import get_connection

RecordRef: TypeAlias = tuple[str, int]
"""Record type and id."""

_AT_ONCE = 500


def source_of(connection_id: int) -> Connection | str:
    """Whose values are taken: those of the active connection with this id, or of the CRM for 0.

    Raises NotFound and Refused.
    """
    if not connection_id:
        return "crm"
    connection = get_connection(connection_id)
    if not connection.active:
        raise Refused(_('"%(name)s" is not active.') % {"name": connection.name})
    return connection


def records_of_links(link_ids: Sequence[int]) -> list[RecordRef]:
    """The records of these links, each once. Raises NotFound, naming the ids that are none."""
    links = Link.objects.filter(connection__deleted=False)
    found = {pk: (kind, record) for pk, kind, record in _in_parts(links, "pk", link_ids)}
    _check_all_found([str(pk) for pk in link_ids if pk not in found])
    return list(dict.fromkeys(found[pk] for pk in link_ids))


def records_of_actors(connection: Connection | None, actor_type: str, erp_keys: Sequence[str]) -> list[RecordRef]:
    """The records that are linked with these actors of a connection, or of any. Raises NotFound, naming the keys."""
    links = Link.objects.filter(actor_type=actor_type, connection__deleted=False)
    if connection is not None:
        links = links.filter(connection=connection)
    found = list(_in_parts(links, "erp_key", erp_keys))
    known = {key for key, _kind, _record in found}
    _check_all_found([key for key in erp_keys if key not in known])
    return list(dict.fromkeys((kind, record) for _key, kind, record in found))


def _in_parts(links: QuerySet[Link], column: str, keys: Sequence[int] | Sequence[str]) -> list[tuple[object, str, int]]:
    rows: list[tuple[object, str, int]] = []
    for start in range(0, len(keys), _AT_ONCE):
        part = links.filter(**{f"{column}__in": keys[start : start + _AT_ONCE]})
        rows += part.order_by("pk").values_list(column, "record_type", "record_id")
    return rows


def _check_all_found(missing: Sequence[str]) -> None:
    if missing:
        shown = ", ".join(missing[:10])
        raise NotFound(_("These keys belong to no linked record: %(keys)s.") % {"keys": shown})
