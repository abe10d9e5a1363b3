"""Sync connectors: adding, changing, deleting (behaviour A2)."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.translation import gettext as _

from brygga.contract import FieldMetadata
from brygga.erp.addresses import SCHEMES, is_unprotected
from brygga.erp.connectors import call_connector, open_address
from brygga.erp.errors import NotFound, Refused
from brygga.erp.models import Connection, Connector
from brygga.erp.problems import Problem


def list_connectors(*, with_deleted: bool = False) -> list[Connector]:
    """The connectors by name, deleted ones only on request."""
    connectors = Connector.objects.order_by("name", "pk")
    return list(connectors if with_deleted else connectors.filter(deleted=False))


def find_connector(name: str) -> Connector:
    """The connector with this name. Raises NotFound, listing those that exist."""
    connectors = list_connectors()
    for connector in connectors:
        if connector.name == name:
            return connector
    existing = ", ".join(f'"{connector.name}"' for connector in connectors) or _("none")
    raise NotFound(
        _('There is no connector "%(name)s". There are: %(existing)s.') % {"name": name, "existing": existing}
    )


def get_connector(connector_id: int, *, with_deleted: bool = False) -> Connector:
    """The connector with this id, a deleted one only on request. Raises NotFound."""
    rows = Connector.objects.all() if with_deleted else Connector.objects.filter(deleted=False)
    connector = rows.filter(pk=connector_id).first()
    if connector is None:
        raise NotFound(_("There is no connector with the id %(id)s.") % {"id": connector_id})
    return connector


def connections_of(connector: Connector) -> list[Connection]:
    """The connections that use a connector and keep it from being deleted."""
    return list(connector.connections.filter(deleted=False))


def fields_at(url: str) -> list[FieldMetadata]:
    """Call the connector at an address and return the configuration fields it needs, in rank order (behaviour A4).

    Raises Refused if there is no connector there, ConnectorFailed if it does not answer.
    """
    answer = call_connector(open_address(url), "get_config_data")
    return sorted(answer.fields, key=lambda field: field.rank)


def config_fields(connector: Connector) -> list[FieldMetadata]:
    """The configuration fields that a connection of this connector needs, in rank order. Raises as `fields_at`."""
    return fields_at(connector.url)


def create_connector(name: str, url: str) -> Connector:
    """Add a connector. Raises Refused for a name or URL that is missing, wrong or taken, or without an answer."""
    return save_connector(Connector(), name, url)


def save_connector(connector: Connector, name: str, url: str) -> Connector:
    """Store the name and URL of a connector. Raises as `create_connector`."""
    name, url = name.strip(), url.strip()
    _check(connector, name, url)
    if url != connector.url:
        fields_at(url)
    connector.name, connector.url = name, url
    connector.save()
    return connector


def warnings_of(connector: Connector) -> list[Problem]:
    """What an administrator should know of a connector that works all the same."""
    return [Problem("unprotected_address")] if is_unprotected(connector.url) else []


def delete_connectors(connectors: Sequence[Connector]) -> None:
    """Mark connectors as deleted, all or none. Raises Refused for one that has connections, and names them."""
    with transaction.atomic():
        for connector in connectors:
            if obstacle := obstacle_to_deleting(connector):
                raise Refused(obstacle)
        Connector.objects.filter(pk__in=[connector.pk for connector in connectors]).update(deleted=True)


def obstacle_to_deleting(connector: Connector) -> str:
    """Why a connector can't be deleted: the connections that use it; empty if it can."""
    names = [connection.name for connection in connections_of(connector)]
    if not names:
        return ""
    text = _('The connector "%(name)s" can\'t be deleted: these connections use it: %(connections)s.')
    return text % {"name": connector.name, "connections": ", ".join(names)}


def _check(connector: Connector, name: str, url: str) -> None:
    if not name:
        raise Refused(_("The connector needs a name."))
    if not url:
        raise Refused(_("The connector needs a URL."))
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES or not parts.netloc:
        raise Refused(Problem("unknown_address", {"url": url}))
    if Connector.objects.filter(name=name, deleted=False).exclude(pk=connector.pk).exists():
        raise Refused(_('There is a connector "%(name)s" already. Choose another name.') % {"name": name})
