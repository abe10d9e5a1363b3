"""What a user does with one record and an ERP (behaviour U2, U4 to U6, U9), with the user's rights checked (A5, U1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import structlog
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from brygga.contract import FieldMetadata, SearchRestriction
from brygga.crm.errors import NoSuchRecord
from brygga.crm.fields import RecordType
from brygga.crm.models import User
from brygga.erp.crm_side import crm_side
from brygga.erp.errors import ConnectorFailed, NotFound, Refused
from brygga.erp.models import ActorMapping, Connection, Link
from brygga.erp.services import choosing, linking, new_actor, searching, tab
from brygga.erp.services.access import Right, connection_for, may_connect, may_create, may_see
from brygga.erp.services.choosing import BothSides, SideValue
from brygga.erp.services.fields import get_actor
from brygga.erp.services.seen import Seen

_log = structlog.get_logger(__name__)


def sections(user: User, record_type: RecordType, record_id: int) -> list[tab.Section]:
    """A record's ERP tab without live values. Raises NoSuchRecord."""
    _check_record(record_type, record_id)
    return tab.sections(user, record_type, record_id)


def live_values(
    user: User, connection_id: int, record_type: RecordType, record_id: int, keys: Sequence[str]
) -> list[str]:
    """Fields of the actor that the record is connected to; see `tab.values_of`. Raises Denied and Refused as well."""
    connection_for(user, connection_id)
    return tab.values_of(tab.section(user, connection_id, record_type, record_id), keys)


def search(
    user: User, connection_id: int, record_type: RecordType, record_id: int, actor_type: str, text: str | None
) -> searching.Matches:
    """The actors that a record could be connected to; None searches for the record itself, see `searching`."""
    actor = _synced(user, connection_id, actor_type, may_connect, record_type)
    _check_record(record_type, record_id)
    return searching.search_for(actor, record_id) if text is None else searching.search(actor, record_id, text)


def search_by(
    user: User,
    connection_id: int,
    record_type: RecordType,
    record_id: int,
    actor_type: str,
    criteria: Sequence[SearchRestriction],
) -> searching.Matches:
    """As `search`, by criteria on fields; see `searching.search_by`."""
    actor = _synced(user, connection_id, actor_type, may_connect, record_type)
    _check_record(record_type, record_id)
    return searching.search_by(actor, record_id, criteria)


def both_sides(user: User, connection_id: int, record_id: int, actor_type: str, erp_key: str) -> BothSides:
    """A record and an actor that may be connected, side by side; see `choosing.both_sides`."""
    return choosing.both_sides(_synced(user, connection_id, actor_type, may_connect), record_id, erp_key)


def values_in_erp(user: User, connection_id: int, actor_type: str, erp_key: str) -> list[SideValue]:
    """The mapped fields of an actor that may be connected; see `choosing.erp_values`."""
    return choosing.erp_values(_synced(user, connection_id, actor_type, may_connect), erp_key)


def values_for_new_actor(user: User, connection_id: int, record_id: int, actor_type: str) -> list[SideValue]:
    """The record's values that an actor is made of; see `choosing.values_to_send`."""
    return choosing.values_to_send(_synced(user, connection_id, actor_type, may_create), record_id)


def fields_for_new_actor(user: User, connection_id: int, actor_type: str) -> list[FieldMetadata]:
    """What to ask for when an actor is created; see `new_actor.fields_to_ask`."""
    return new_actor.fields_to_ask(_synced(user, connection_id, actor_type, may_create))


def items_for_new_actor(
    user: User, connection_id: int, actor_type: str, asked: Sequence[FieldMetadata]
) -> dict[str, dict[str, str]]:
    """The list items to choose from for what is asked; see `new_actor.items_to_offer`."""
    return new_actor.items_to_offer(_synced(user, connection_id, actor_type), asked)


def create_obstacle(user: User, connection_id: int, actor_type: str) -> str:
    """Why an actor of this type can't be created by this user; empty if it can."""
    actor = _synced(user, connection_id, actor_type)
    if not may_create(user, actor.connection):
        return _("You may not create here. Ask an administrator for the right.")
    return new_actor.obstacle(actor)


def connect(
    user: User,
    connection_id: int,
    record_type: RecordType,
    record_id: int,
    actor_type: str,
    erp_key: str,
    chosen: Mapping[str, str] | None = None,
    answers: Mapping[str, str] | None = None,
    seen: Seen | None = None,
) -> Link:
    """Link a record with an actor; `chosen`, `answers` and `seen` as in `linking.connect`.

    Where the link is made and the ERP then fails to take the values, they wait for the next run, and nothing is raised.
    """
    actor = _synced(user, connection_id, actor_type, may_connect, record_type)
    place = (actor.connection, record_type, record_id, actor_type, erp_key)
    given = _given(actor, answers or {})
    try:
        return linking.connect(*place, None, user.username, chosen=chosen, answers=given, seen=seen)
    except ConnectorFailed as failed:
        link = _link(actor.connection, record_type, record_id).filter(erp_key=erp_key, actor_type=actor_type).first()
        if link is None:
            raise
        _log.warning("connected_not_yet_written", connection=actor.connection.name, technical=failed.technical)
        return link


def create(
    user: User,
    connection_id: int,
    record_type: RecordType,
    record_id: int,
    actor_type: str,
    values: Mapping[str, str],
    seen: Seen | None = None,
) -> Link:
    """Create an actor from a record, with the user's answers to what was asked; see `linking.create_in_erp`."""
    actor = _synced(user, connection_id, actor_type, may_create, record_type)
    given = new_actor.checked_values(actor, values)
    place = (actor.connection, record_type, record_id, actor_type)
    return linking.create_in_erp(*place, given, user.username, seen=seen)


def disconnect(user: User, connection_id: int, record_type: RecordType, record_id: int) -> bool:
    """Remove a link; says whether there was one. Raises NoSuchRecord for a record that never was."""
    connection = connection_for(user, connection_id, may_connect)
    if not _link(connection, record_type, record_id).exists():
        _check_record(record_type, record_id)
        return False
    linking.disconnect(connection, record_type, record_id, user.username)
    return True


def check_connection(
    user: User,
    connection_id: int,
    record_type: RecordType,
    record_id: int,
    actor_type: str,
    erp_key: str,
    chosen: Mapping[str, str],
) -> dict[str, list[str]]:
    """What there is to see of a record and an actor that could be connected so; see `linking.check_connection`."""
    actor = _synced(user, connection_id, actor_type, may_connect, record_type)
    return linking.check_connection(actor.connection, record_type, record_id, actor_type, erp_key, chosen)


def check_creation(
    user: User,
    connection_id: int,
    record_type: RecordType,
    record_id: int,
    actor_type: str,
    values: Mapping[str, str],
) -> dict[str, list[str]]:
    """What there is to see of a record that an actor could be made of; see `linking.check_creation`."""
    actor = _synced(user, connection_id, actor_type, may_create, record_type)
    reason = new_actor.obstacle(actor)
    if reason:
        raise Refused(reason)
    given = new_actor.checked_values(actor, values)
    return linking.check_creation(actor.connection, record_type, record_id, actor_type, given)


def _given(actor: ActorMapping, answers: Mapping[str, str]) -> dict[str, str]:
    return {key: text for key, text in new_actor.checked_values(actor, answers).items() if text}


def link_of(user: User, connection_id: int, record_type: RecordType, record_id: int) -> Link:
    """The link of a record, for a user who may decide about it. Raises NotFound, Denied and Refused."""
    connection = connection_for(user, connection_id, may_connect)
    link = _link(connection, record_type, record_id).select_related("connection__connector").first()
    if link is None:
        raise NotFound(_("This record is not linked with %(connection)s.") % {"connection": connection.name})
    return link


def _synced(
    user: User, connection_id: int, actor_type: str, right: Right = may_see, record_type: RecordType | None = None
) -> ActorMapping:
    """An actor type that is synced, of a connection that the user may use in this way."""
    connection = connection_for(user, connection_id, right)
    actor = get_actor(connection, actor_type)
    if not actor.sync or (record_type is not None and actor.record_type != record_type):
        text = _("%(connection)s does not offer %(actor)s for this kind of record.")
        raise NotFound(text % {"connection": connection.name, "actor": actor_type})
    return actor


def _link(connection: Connection, record_type: RecordType, record_id: int) -> QuerySet[Link]:
    return Link.objects.filter(connection=connection, record_type=record_type, record_id=record_id)


def _check_record(record_type: RecordType, record_id: int) -> None:
    if not crm_side().describe(record_type, [record_id]):
        raise NoSuchRecord(record_type, record_id)
