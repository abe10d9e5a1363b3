"""The groups of users (behaviour C3, C4)."""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from brygga.crm.errors import Refused
from brygga.crm.models import User, UserGroup
from brygga.crm.signals import group_deleted

_log = structlog.get_logger(__name__)


def groups() -> list[UserGroup]:
    """The groups that are not deleted, in their order."""
    return list(UserGroup.objects.filter(deleted=False))


def groups_with_users() -> QuerySet[UserGroup]:
    """The groups with `primary`, how many active users have it as primary group, and `others`, how many also have it.

    One query.
    """
    primary = Count("primary_users", filter=Q(primary_users__is_active=True), distinct=True)
    others = Count("other_users", filter=Q(other_users__is_active=True), distinct=True)
    found = UserGroup.objects.filter(deleted=False).annotate(primary=primary, others=others)
    return found.order_by("rank", "name", "id")


def ensure_group(name: str) -> UserGroup:
    """The group of this name, made if it is missing. Raises Refused for a blank or too long name."""
    _check_name(name)
    group, _made = UserGroup.objects.get_or_create(name=name, deleted=False, defaults={"rank": _next_rank()})
    return group


@transaction.atomic
def add_group(name: str) -> UserGroup:
    """Make a group, the last in the order. Raises Refused for a name that is blank, too long or taken."""
    return UserGroup.objects.create(name=_free_name(name), rank=_next_rank())


@transaction.atomic
def rename_group(group_id: int, name: str) -> UserGroup:
    """Give a group another name. Raises Refused as `add_group`, and for a group that is not there."""
    group = find_group(group_id)
    group.name = _free_name(name, group_id)
    group.save(update_fields=["name"])
    return group


@transaction.atomic
def rank_groups(ids: Sequence[int]) -> None:
    """Put the groups in this order; those that `ids` leaves out follow."""
    place = {group_id: rank for rank, group_id in enumerate(ids)}
    ordered = sorted(groups(), key=lambda group: place.get(group.pk, len(place)))
    for rank, group in enumerate(ordered):
        group.rank = rank
    UserGroup.objects.bulk_update(ordered, ["rank"])


@transaction.atomic
def delete_group(group_id: int, replacement_id: int | None, by: str) -> None:
    """Delete a group: the users whose primary group it is get the replacement, the others just lose it.

    Raises:
        Refused: the group or the replacement is not there, they are the same, or a replacement is needed and missing.
    """
    group = find_group(group_id)
    if replacement_id == group_id:
        raise Refused(_("Choose another group than the one that is deleted."))
    if replacement_id is None and has_primary_users(group_id):
        raise Refused(_("The group is the primary group of some users; choose the group that they get instead."))
    if replacement_id is not None:
        User.objects.filter(primary_group=group).update(primary_group=find_group(replacement_id))
    group.other_users.clear()
    group.deleted = True
    group.save(update_fields=["deleted"])
    group_deleted.send(None, group_id=group_id, by=by)
    _log.info("group_deleted", group=group_id, replacement=replacement_id, by=by)


def has_primary_users(group_id: int) -> bool:
    """Whether any user, active or not, has the group as primary group, so that deleting it takes a replacement."""
    return User.objects.filter(primary_group_id=group_id).exists()


def find_group(group_id: int) -> UserGroup:
    """The group with this id. Raises Refused where there is none, or no longer."""
    group = UserGroup.objects.filter(pk=group_id, deleted=False).first()
    if group is None:
        raise Refused(_("The group is not there any more; refresh the page."), f"group {group_id} not found")
    return group


def _check_name(name: str) -> None:
    if not name.strip() or len(name) > 100:
        raise Refused(_("A group needs a name of at most 100 characters."), f"group {name[:100]!r}")


def _free_name(name: str, but: int | None = None) -> str:
    name = name.strip()
    _check_name(name)
    taken = UserGroup.objects.filter(deleted=False).exclude(pk=but).values_list("name", flat=True)
    if name.casefold() in {other.casefold() for other in taken}:
        raise Refused(_("There is a group of this name already; choose another name."), f"group {name!r}")
    return name


def _next_rank() -> int:
    return UserGroup.objects.count()
