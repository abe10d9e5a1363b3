"""Who may see and use a connection (behaviour A5, U1)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from brygga.crm.models import User, UserGroup
from brygga.crm.models.users import ERP_SYNC
from brygga.erp.errors import Denied, Refused
from brygga.erp.models import Access, Connection
from brygga.erp.services.connections import get_connection

Right: TypeAlias = Callable[[User, Connection], bool]
"""What a user may do with a connection: `may_see`, `may_connect` or `may_create`."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What one user or one group may do with a connection; exactly one of the two is set."""

    user: User | None = None
    group: UserGroup | None = None
    may_connect: bool = True
    may_create: bool = True


def may_see(user: User, connection: Connection) -> bool:
    """Whether the user sees the connection in the ERP tab: has the licence and is in its scope."""
    return user.has_licence(ERP_SYNC) and (connection.all_access or _grants(user, connection).exists())


def may_connect(user: User, connection: Connection) -> bool:
    """Whether the user may link records and actors, and unlink them."""
    return _may(user, connection, Q(may_connect=True))


def may_create(user: User, connection: Connection) -> bool:
    """Whether the user may create actors in the ERP."""
    return _may(user, connection, Q(may_create=True))


def connection_for(user: User, connection_id: int, right: Right = may_see) -> Connection:
    """An active connection that the user may use in this way. Raises NotFound, Denied and Refused."""
    connection = get_connection(connection_id)
    if not may_see(user, connection):
        raise Denied(_("You have no access to this ERP connection. Ask an administrator."), _denied(user, connection))
    if not right(user, connection):
        raise Denied(_DENIALS[right] % {"name": connection.name}, _denied(user, connection))
    if not connection.active or connection.connector.deleted:
        raise Refused(_('"%(name)s" is not active.') % {"name": connection.name})
    return connection


def visible_connections(user: User, connections: Iterable[Connection]) -> list[Connection]:
    """Those of the connections that the user sees, in their order, with one query for all."""
    if not user.has_licence(ERP_SYNC):
        return []
    granted = set(Access.objects.filter(_is(user)).values_list("connection_id", flat=True))
    return [connection for connection in connections if connection.all_access or connection.pk in granted]


def granted(connection: Connection) -> tuple[list[int], list[int]]:
    """The ids of the users and of the groups that a connection is open to, where it is not open to everyone."""
    rows = sorted(connection.access.all(), key=lambda row: row.pk)
    return [row.user_id for row in rows if row.user_id], [row.group_id for row in rows if row.group_id]


@transaction.atomic
def set_scope(connection: Connection, everyone: bool, grants: Sequence[Grant] = ()) -> None:
    """Open a connection to everyone, or to these users and groups alone."""
    connection.all_access = everyone
    connection.save(update_fields=["all_access"])
    connection.access.all().delete()
    Access.objects.bulk_create(
        Access(connection=connection, user=g.user, group=g.group, may_connect=g.may_connect, may_create=g.may_create)
        for g in grants
        if not everyone
    )


_DENIALS: Mapping[Right, Any] = {
    may_connect: gettext_lazy('You may not connect records with "%(name)s". Ask an administrator.'),
    may_create: gettext_lazy('You may not create records in "%(name)s". Ask an administrator.'),
}
"""Why a right is refused to a user who sees the connection."""


def _denied(user: User, connection: Connection) -> str:
    return f"user {user.username!r}, connection {connection.pk}"


def _may(user: User, connection: Connection, right: Q) -> bool:
    if not user.has_licence(ERP_SYNC):
        return False
    return connection.all_access or _grants(user, connection).filter(right).exists()


def _grants(user: User, connection: Connection) -> QuerySet[Access]:
    return connection.access.filter(_is(user))


def _is(user: User) -> Q:
    return Q(user=user) | Q(group_id__in=user.group_ids())
