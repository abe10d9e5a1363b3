"""Who or what saved a record, in words."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext as _

from brygga.crm.models import User
from brygga.erp.models import Connection


def saver(updated_by: str) -> str:
    """The name of who saved a record: a user, or sync with a connection.

    A record keeps the log-in name of a user, or what the save was part of and then whose it was: `user:NAME`, or the
    kind of run and the GUID of the connection.
    """
    _part, _colon, whose = updated_by.rpartition(":")
    user = User.objects.filter(username=whose).first()
    if user is not None:
        return user.name
    connection = Connection.objects.filter(guid=whose).first() if _is_guid(whose) else None
    if connection is not None:
        return _("Sync with %(connection)s") % {"connection": connection.name}
    return updated_by or _("Somebody else")


def _is_guid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
