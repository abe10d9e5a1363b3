"""ERP connections: defining, changing, testing, deleting, ordering, finding (behaviour A3 to A6, A12)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog
from django.db import transaction
from django.db.models import Max, Prefetch
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from brygga.contract import ConnectionInfo, stamps
from brygga.contract import Connector as ContractConnector
from brygga.contract.localised import text_for
from brygga.crm.fields import RecordType, fields_of
from brygga.erp import connectors
from brygga.erp.connectors import call_connector, open_connector
from brygga.erp.engine import marks
from brygga.erp.errors import BryggaError, NotFound, Refused
from brygga.erp.models import ActorMapping, Connection, Connector, FieldMapping, SyncSettings
from brygga.erp.services.activation import Finding, activate, check_activation, deactivate, has_default
from brygga.erp.services.connection_config import (
    checked_values,
    is_stored,
    merged_values,
    secret_values,
    store_values,
    try_out,
)
from brygga.erp.services.connectors import config_fields
from brygga.erp.services.discovery import Offer, read_offers, refresh_fields, store_offers
from brygga.merge import Policy

__all__ = [
    "ActorSummary",
    "FieldSummary",
    "Finding",
    "activate",
    "change",
    "check_activation",
    "deactivate",
    "define",
    "delete_connections",
    "find_connection",
    "forget",
    "get_connection",
    "list_connections",
    "position",
    "refresh_fields",
    "set_priority",
    "summary",
    "test",
    "test_values",
]

_log = structlog.get_logger(__name__)


def list_connections(*, with_deleted: bool = False) -> list[Connection]:
    """The connections in order of priority, deleted ones only on request."""
    connections = Connection.objects.select_related("connector")
    return list(connections if with_deleted else connections.filter(deleted=False))


def find_connection(name: str) -> Connection:
    """The connection with this name in any language. Raises NotFound, listing those that exist."""
    connections = list_connections()
    for connection in connections:
        if name in connection.names.values():
            return connection
    existing = ", ".join(f'"{connection.name}"' for connection in connections) or _("none")
    text = _('There is no ERP connection "%(name)s". There are: %(existing)s.')
    raise NotFound(text % {"name": name, "existing": existing})


def get_connection(connection_id: int, *, with_deleted: bool = False) -> Connection:
    """The connection with this id, a deleted one only on request. Raises NotFound."""
    rows = Connection.objects.select_related("connector")
    connection = (rows if with_deleted else rows.filter(deleted=False)).filter(pk=connection_id).first()
    if connection is None:
        raise NotFound(_("There is no ERP connection with the id %(id)s.") % {"id": connection_id})
    return connection


def position(connection: Connection) -> str:
    """The newest LastModified that has been dealt with, of all actor types; empty before the first run."""
    return stamps.latest(actor.position for actor in connection.actors.all())


def define(
    connector: Connector,
    names: Mapping[str, str],
    values: Mapping[str, str],
    *,
    descriptions: Mapping[str, str] | None = None,
    all_access: bool = True,
    priority: int | None = None,
    policy: Policy = Policy.PRIORITY,
    guid: uuid.UUID | None = None,
) -> Connection:
    """Define a new connection: try the values, have the connector save them, read and store what the ERP offers.

    `names` maps language codes to names; `values` configuration keys to values in wire form. The connection
    is not active yet; without a `priority` it comes last, without a `guid` it is given a new one. Raises
    InvalidConfiguration for the values, Refused for the name, ConnectorFailed with the connector's reason; then nothing
    is stored on either side.
    """
    _check_names(names)
    opened, fields = open_connector(connector), config_fields(connector)
    checked = checked_values(fields, values)
    try_out(opened, fields, checked)
    connection = Connection(
        connector=connector,
        names=dict(names),
        descriptions=dict(descriptions or {}),
        guid=guid or uuid.uuid4(),
        all_access=all_access,
        priority=_next_priority() if priority is None else priority,
        policy=policy,
    )
    try:
        offers = _introduce(opened, str(connection.guid), checked, secret_values(fields, checked))
        with transaction.atomic():
            connection.save()
            store_values(connection, fields, checked)
            store_offers(connection, offers)
    except BryggaError:
        forget(opened, str(connection.guid))
        raise
    return connection


def change(
    connection: Connection,
    *,
    names: Mapping[str, str] | None = None,
    descriptions: Mapping[str, str] | None = None,
    all_access: bool | None = None,
    policy: Policy | None = None,
    values: Mapping[str, str] | None = None,
) -> None:
    """Change what is given. `values` are all configuration values; a secret that is left out stays as it is.

    Raises Refused for new configuration values of an active connection (behaviour A6), otherwise as `define`.
    """
    if names is not None:
        _check_names(names, connection)
        connection.names = dict(names)
    if descriptions is not None:
        connection.descriptions = dict(descriptions)
    if all_access is not None:
        connection.all_access = all_access
    if policy is not None and policy != connection.policy:
        connection.policy = policy
        marks.retry_conflicts(connection.pk)
    if values is not None:
        _change_values(connection, values)
    connection.save(update_fields=["names", "descriptions", "all_access", "policy"])


def test(connection: Connection) -> None:
    """Whether the connection works now. Raises ConnectorFailed with the connector's reason."""
    connectors.call(connection, "test_connection")


def test_values(connection: Connection, values: Mapping[str, str]) -> None:
    """Whether the connection would work with these values; secrets left out are those stored. Nothing is stored.

    Raises InvalidConfiguration for the values, ConnectorFailed with the connector's reason.
    """
    fields = config_fields(connection.connector)
    try_out(open_connector(connection), fields, merged_values(connection, fields, values))


def delete_connections(connections: Sequence[Connection]) -> None:
    """Mark connections as deleted and have the connectors forget them. Nothing is deleted in an ERP."""
    Connection.objects.filter(pk__in=[connection.pk for connection in connections]).update(deleted=True, active=False)
    for connection in connections:
        connection.deleted, connection.active = True, False
        try:
            forget(open_connector(connection), str(connection.guid))
        except Refused as refused:
            _log.warning("connection_not_forgotten", connection=connection.name, technical=str(refused))


def set_priority(order: Sequence[Connection | None]) -> None:
    """Who goes first and wins conflicts, first to last; None stands for the CRM (behaviour A12).

    Without None the CRM comes first. Raises Refused if one is named twice.
    """
    if len({connection and connection.pk for connection in order}) != len(order):
        raise Refused(_("Each connection has one place in the order."))
    with transaction.atomic():
        settings = SyncSettings.load()
        settings.crm_priority = order.index(None) + 1 if None in order else 0
        settings.save(update_fields=["crm_priority"])
        for place, connection in enumerate(order, start=1):
            if connection is not None:
                connection.priority = place
                connection.save(update_fields=["priority"])


@dataclass(frozen=True, slots=True)
class FieldSummary:
    """A mapped field: keys, names for the reader, directions, and whether the ERP lacks it."""

    erp_key: str
    erp_name: str
    crm_key: str
    crm_name: str
    to_crm: bool
    to_erp: bool
    missing: bool


@dataclass(frozen=True, slots=True)
class ActorSummary:
    """The mapped fields of an actor type, in rank order, and the names of the fields that have defaults."""

    actor_type: str
    record_type: str
    sync: bool
    fields: list[FieldSummary]
    defaults: list[str]


def summary(connection: Connection) -> list[ActorSummary]:
    """What a connection maps, per actor type (behaviour A3)."""
    told = FieldMapping.objects.exclude(crm_key="", default_set=False, default_ask=False)
    actors = connection.actors.prefetch_related(Prefetch("fields", told))
    return [ActorSummary(a.actor_type, a.record_type, a.sync, _mapped_fields(a), _defaults(a)) for a in actors]


def forget(connector: ContractConnector, guid: str) -> None:
    """Have a connector forget a connection; that it can't is logged, and harms nobody."""
    try:
        call_connector(connector, "delete_connection", guid)
    except BryggaError as error:
        _log.warning("connection_not_forgotten", guid=guid, technical=error.technical)


def _introduce(connector: ContractConnector, guid: str, values: Mapping[str, str], secrets: list[str]) -> list[Offer]:
    """Make a connection known to its connector and read what the ERP offers."""
    call_connector(connector, "save_connection", ConnectionInfo(guid, dict(values)), secrets=secrets)
    call_connector(connector, "test_connection", guid, secrets=secrets)
    return read_offers(lambda operation, *args: call_connector(connector, operation, guid, *args, secrets=secrets))


def _change_values(connection: Connection, values: Mapping[str, str]) -> None:
    fields = config_fields(connection.connector)
    checked = merged_values(connection, fields, values)
    if is_stored(connection, checked):
        return
    if connection.active:
        text = _('"%(name)s" is active. Deactivate it before you change its configuration.')
        raise Refused(text % {"name": connection.name})
    opened = open_connector(connection)
    try_out(opened, fields, checked)
    offers = _introduce(opened, str(connection.guid), checked, secret_values(fields, checked))
    with transaction.atomic():
        store_values(connection, fields, checked)
        store_offers(connection, offers)


def _check_names(names: Mapping[str, str], own: Connection | None = None) -> None:
    if not names or not all(name.strip() for name in names.values()):
        raise Refused(_("The connection needs a name."))
    for other in list_connections():
        taken = set(other.names.values()) & set(names.values())
        if taken and (own is None or other.pk != own.pk):
            text = _('There is an ERP connection "%(name)s" already. Choose another name.')
            raise Refused(text % {"name": min(taken)})


def _next_priority() -> int:
    last = Connection.objects.filter(deleted=False).aggregate(last=Max("priority"))["last"]
    return 1 if last is None else last + 1


def _mapped_fields(actor: ActorMapping) -> list[FieldSummary]:
    crm_fields = fields_of(RecordType(actor.record_type)) if actor.record_type else {}
    language = get_language() or "en"
    return [_field_summary(field, crm_fields, language) for field in actor.fields.all() if field.crm_key]


def _defaults(actor: ActorMapping) -> list[str]:
    language = get_language() or "en"
    return [text_for(field.name, language) or field.key for field in actor.fields.all() if has_default(field)]


def _field_summary(field: FieldMapping, crm_fields: Mapping[str, object], language: str) -> FieldSummary:
    crm_field = crm_fields.get(field.crm_key)
    return FieldSummary(
        erp_key=field.key,
        erp_name=text_for(field.name, language) or field.key,
        crm_key=field.crm_key,
        crm_name=str(getattr(crm_field, "label", field.crm_key)),
        to_crm=field.to_crm,
        to_erp=field.to_erp,
        missing=field.missing,
    )
