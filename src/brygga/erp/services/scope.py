"""Who a connection can be opened to, to be chosen on screen (behaviour A5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from brygga.crm.models import User, UserGroup
from brygga.erp.errors import NotFound
from brygga.erp.models import Connection
from brygga.erp.services.access import Grant


@dataclass(frozen=True, slots=True)
class Rights:
    """What somebody who may use a connection may do with it."""

    may_connect: bool = True
    may_create: bool = True


@dataclass(frozen=True, slots=True)
class Candidate:
    """A group or a user to choose; `key` is "group-ID" or "user-ID", `rights` those given now, None without access."""

    key: str
    name: str
    is_group: bool
    rights: Rights | None


def candidates(connection: Connection | None) -> list[Candidate]:
    """The groups in their order, then the users by name; deleted and inactive ones only where they have access."""
    given = rights_of(connection) if connection else {}
    groups = [(f"group-{group.pk}", group.name, not group.deleted) for group in UserGroup.objects.all()]
    users = [(f"user-{user.pk}", user.name, user.is_active) for user in User.objects.all()]
    people = [*groups, *sorted(users, key=lambda user: user[1].casefold())]
    return [
        Candidate(key, name, key.startswith("group-"), given.get(key))
        for key, name, offered in people
        if offered or key in given
    ]


def rights_of(connection: Connection) -> dict[str, Rights]:
    """The rights of those whom a connection is open to by name, by the key of their candidate."""
    return {
        f"user-{row.user_id}" if row.user_id else f"group-{row.group_id}": Rights(row.may_connect, row.may_create)
        for row in connection.access.all()
    }


def grants(rights: Mapping[str, Rights]) -> list[Grant]:
    """The grants for chosen candidates, by key. Raises NotFound for a key that stands for nobody."""
    users = {f"user-{user.pk}": user for user in User.objects.all()}
    groups = {f"group-{group.pk}": group for group in UserGroup.objects.all()}
    if unknown := sorted(set(rights) - set(users) - set(groups)):
        raise NotFound(_("A user or group that was chosen is not there any more. Choose again."), f"{unknown}")
    return [
        Grant(users.get(key), groups.get(key), right.may_connect, right.may_create) for key, right in rights.items()
    ]
