"""Who goes first in sync and wins conflicts: the active connections and the CRM in their order (behaviour A12).

`connection_saving.save_priorities` stores an order.
"""

from __future__ import annotations

from brygga.erp.models import Connection, SyncSettings
from brygga.erp.services.sync import active_connections


def order_now() -> list[Connection | None]:
    """The active connections with the CRM at its place among them; None stands for the CRM."""
    found = active_connections()
    place = sum(connection.priority < SyncSettings.load().crm_priority for connection in found)
    return [*found[:place], None, *found[place:]]
