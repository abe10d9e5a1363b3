"""Deleting and restoring as a person does it on screen: with what it means told first (behaviour A2, A3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import structlog
from django.db import IntegrityError, transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from brygga.erp.errors import Refused
from brygga.erp.models import Connection, Connector, Link
from brygga.erp.services import connections

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Consequences:
    """What ends with a connection: its links by kind of record, and why it can't be deleted now, if it can't."""

    links: Mapping[str, int]
    obstacle: str


def consequences(connection: Connection) -> Consequences:
    """What deleting a connection would mean."""
    counted = Link.objects.filter(connection=connection).values_list("record_type").annotate(Count("id")).order_by()
    return Consequences(dict(counted), obstacle_to_deleting(connection))


def obstacle_to_deleting(connection: Connection) -> str:
    """Why a connection can't be deleted now; empty if it can."""
    if connection.deleted:
        return _('"%(name)s" is deleted.') % {"name": connection.name}
    if connection.active:
        return _('"%(name)s" is active. Deactivate it before you delete it.') % {"name": connection.name}
    return ""


def delete_inactive(connection: Connection, by: str) -> None:
    """Delete a connection that takes no part in sync. Raises Refused for one that is active, or deleted already."""
    if obstacle := obstacle_to_deleting(connection):
        raise Refused(obstacle)
    connections.delete_connections([connection])
    _log.info("connection_deleted", connection=connection.name, by=by)


def restore_connection(connection: Connection, by: str) -> None:
    """Bring a deleted connection back, not active; its connector is told its configuration when it is next called.

    Its links and mappings are as they were. Raises Refused while its connector is deleted, and where another
    connection has its name by now.
    """
    if not connection.deleted:
        return
    if connection.connector.deleted:
        text = _('The connector "%(name)s" of this connection is deleted. Restore the connector first.')
        raise Refused(text % {"name": connection.connector.name})
    taken = {name for other in connections.list_connections() for name in other.names.values()}
    for name in connection.names.values():
        if name in taken:
            raise Refused(_('Another ERP connection is called "%(name)s" now. Rename it first.') % {"name": name})
    connection.deleted = False
    connection.save(update_fields=["deleted"])
    _log.info("connection_restored", connection=connection.name, by=by)


def restore_connector(connector: Connector, by: str) -> None:
    """Bring a deleted connector back. Raises Refused where another one has its name by now."""
    connector.deleted = False
    try:
        with transaction.atomic():
            connector.save(update_fields=["deleted"])
    except IntegrityError as taken:
        connector.deleted = True
        text = _('Another connector is called "%(name)s" now. Rename it first.')
        raise Refused(text % {"name": connector.name}) from taken
    _log.info("connector_restored", connector=connector.name, by=by)
