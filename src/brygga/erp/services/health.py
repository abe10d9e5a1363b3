"""Letting a connection go on that was paused (behaviour E6, G8)."""

from __future__ import annotations

import structlog
from django.utils import timezone
from django.utils.translation import gettext as _

from brygga.erp.engine.report import RunReport
from brygga.erp.errors import Refused
from brygga.erp.models import Connection
from brygga.erp.services.sync import Clock, sync_now

_log = structlog.get_logger(__name__)


def resume(connection: Connection, by: str, accept_gone: bool = False, clock: Clock = timezone.now) -> RunReport | None:
    """Let a connection that was paused take part in sync again, from the next run on.

    `accept_gone` says that somebody has checked the records that disappeared from the ERP: it is synced at once, they
    are marked as missing, and the report is returned. Otherwise, those that are still missing then pause it again.
    Raises Refused for a connection that is not paused.
    """
    going_on = {"paused": {}, "failure": {}, "failures": 0, "retry_at": None}
    if not Connection.objects.filter(pk=connection.pk).exclude(paused={}).update(**going_on):
        raise Refused(_('"%(name)s" is not paused.') % {"name": connection.name})
    connection.refresh_from_db()
    _log.info("connection_resumed", connection=connection.name, by=by, accept_gone=accept_gone)
    return sync_now([connection], by, clock=clock, by_hand=True, accept_gone=True) if accept_gone else None
