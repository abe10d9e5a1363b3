"""Saving a connection from one form: name, configuration and scope together (behaviour A4 to A6, A12)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import IntegrityError
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from brygga.contract.localised import PLAIN, parse
from brygga.crm.models import User, UserGroup
from brygga.erp.errors import BryggaError, NotFound, Refused
from brygga.erp.models import Connection, SyncSettings
from brygga.erp.services import connections
from brygga.erp.services.access import Grant, granted, set_scope
from brygga.erp.services.connectors import get_connector


@dataclass(frozen=True, slots=True)
class Draft:
    """How a connection shall be; None leaves a part as it is, or to its default in a new connection.

    Texts are localised (contract, section 5): plain ones are in the language of the caller. `values` are all
    configuration values in wire form; a secret that is left out stays. `grants` are users and groups with their rights;
    given only as ids, they keep the rights they have had. A new connection is given `guid`, if there is one: a draft
    that is saved twice is one connection.
    """

    connector_id: int = 0
    name: str | None = None
    description: str | None = None
    values: Mapping[str, str] | None = None
    all_access: bool | None = None
    group_ids: Sequence[int] | None = None
    user_ids: Sequence[int] | None = None
    grants: Sequence[Grant] | None = None
    guid: uuid.UUID | None = None


def save(connection_id: int, draft: Draft) -> Connection:
    """Define a connection, with the id 0, or change the one with this id.

    Raises NotFound for an id that is not there, Refused for the name or for another connector, and otherwise as
    `connections.define` and `connections.change`; then nothing is stored.
    """
    if connection_id == 0:
        return _define(draft)
    connection = connections.get_connection(connection_id)
    if draft.connector_id not in (0, connection.connector_id):
        raise Refused(_("A connection stays with its connector. Define a new connection for the other one."))
    grants = _grants(connection, draft)
    connections.change(
        connection,
        names=_changed(connection.names, connection.name, draft.name),
        descriptions=_changed(connection.descriptions, connection.description, draft.description),
        values=draft.values,
    )
    set_scope(connection, _for_everyone(draft, connection.all_access), grants)
    return connection


def save_priorities(ids: Sequence[int]) -> None:
    """Put connections in this order, those left out after them; 0 stands for the CRM (behaviour A12).

    Without 0 as many connections as before stand before the CRM. Raises NotFound, and Refused for an id given twice.
    """
    before = connections.list_connections()
    by_id = {connection.pk: connection for connection in before}
    order = [None if one == 0 else by_id.get(one) or connections.get_connection(one) for one in ids]
    rest = [connection for connection in before if connection.pk not in ids]
    if None not in order:
        crm = SyncSettings.load().crm_priority
        place = sum(connection.priority < crm for connection in before)
        order, rest = [*order, *rest], []
        order.insert(place, None)
    connections.set_priority([*order, *rest])


def _define(draft: Draft) -> Connection:
    try:
        return _saved_before(draft) or _define_new(draft)
    except (BryggaError, IntegrityError):
        if saved := _saved_before(draft):  # by the same click, meanwhile
            return saved
        raise


def _saved_before(draft: Draft) -> Connection | None:
    return Connection.objects.filter(guid=draft.guid, deleted=False).first() if draft.guid else None


def _define_new(draft: Draft) -> Connection:
    connector = get_connector(draft.connector_id)
    grants = _grants(None, draft)
    connection = connections.define(
        connector,
        _changed({}, "", draft.name) or {},
        draft.values or {},
        descriptions=_changed({}, "", draft.description),
        all_access=(everyone := _for_everyone(draft, True)),
        guid=draft.guid,
    )
    set_scope(connection, everyone, grants)
    return connection


def _for_everyone(draft: Draft, before: bool) -> bool:
    """Whoever names users or groups, and says no more, means them alone."""
    if draft.all_access is not None:
        return draft.all_access
    return before and not (draft.group_ids or draft.user_ids or draft.grants)


def _changed(texts: Mapping[str, str], shown: str, text: str | None) -> dict[str, str] | None:
    """Texts by language with a localised text in place; None if that changes nothing."""
    if text is None or (text == shown and texts):
        return None
    parsed = parse(text)
    if PLAIN not in parsed:
        return parsed
    language = (get_language() or "en").split("-")[0]
    return {**texts, language: parsed[PLAIN]}


def _grants(connection: Connection | None, draft: Draft) -> list[Grant]:
    """Who may use the connection; those given by id alone with the rights they have had."""
    if draft.grants is not None:
        return list(draft.grants)
    user_ids, group_ids = granted(connection) if connection else ([], [])
    users = _users(user_ids if draft.user_ids is None else draft.user_ids)
    groups = _groups(group_ids if draft.group_ids is None else draft.group_ids)
    rows = connection.access.all() if connection else []
    rights = {(row.user_id, row.group_id): (row.may_connect, row.may_create) for row in rows}
    by_user = [Grant(user, None, *rights.get((user.pk, None), (True, True))) for user in users]
    return by_user + [Grant(None, group, *rights.get((None, group.pk), (True, True))) for group in groups]


def _users(ids: Iterable[int]) -> list[User]:
    found = User.objects.in_bulk(set(ids))
    if missing := sorted(set(ids) - set(found)):
        raise NotFound(_("There is no user with the id %(id)s.") % {"id": missing[0]}, f"users {missing}")
    return list(found.values())


def _groups(ids: Iterable[int]) -> list[UserGroup]:
    found = UserGroup.objects.filter(deleted=False).in_bulk(set(ids))
    if missing := sorted(set(ids) - set(found)):
        raise NotFound(_("There is no user group with the id %(id)s.") % {"id": missing[0]}, f"groups {missing}")
    return list(found.values())
