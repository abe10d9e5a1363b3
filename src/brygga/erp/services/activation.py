"""Activating a connection: checked first, every fault with the field it is about (behaviour A13)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from brygga.contract import Access, FieldType
from brygga.contract.localised import text_for
from brygga.erp import connectors
from brygga.erp.errors import ConnectorFailed, Refused
from brygga.erp.models import ActorMapping, Connection, FieldMapping


@dataclass(frozen=True, slots=True)
class Finding:
    """A reason not to activate a connection. `actor_type` and `field_key` are empty if it is about the whole.

    `code` is "mandatory", "list_mapping", "missing" or "connection".
    """

    code: str
    message: str
    actor_type: str = ""
    field_key: str = ""


def activate(connection: Connection) -> list[Finding]:
    """Make a connection take part in sync if nothing speaks against it; otherwise say what does."""
    findings = check_activation(connection)
    if not findings:
        connection.active = True
        connection.save(update_fields=["active"])
    return findings


def deactivate(connection: Connection) -> None:
    """Take a connection out of sync; links and mappings stay."""
    connection.active = False
    connection.save(update_fields=["active"])


def check_activation(connection: Connection) -> list[Finding]:
    """Everything that speaks against activating a connection; the connector is called to test it."""
    if connection.deleted:
        raise Refused(_('"%(name)s" is deleted.') % {"name": connection.name})
    actors = connection.actors.filter(sync=True).prefetch_related("fields__items")
    findings = [finding for actor in actors for field in actor.fields.all() for finding in _faults(actor, field)]
    try:
        connectors.call(connection, "test_connection")
    except ConnectorFailed as failed:
        findings.append(Finding("connection", failed.user_message))
    except Refused as refused:
        findings.append(Finding("connection", refused.user_message))
    return findings


def _faults(actor: ActorMapping, field: FieldMapping) -> Iterator[Finding]:
    place = {"actor": actor.actor_type, "field": text_for(field.name, get_language() or "en") or field.key}
    directed = field.to_crm or field.to_erp
    if field.missing:
        if field.crm_key or has_default(field):
            text = _("%(actor)s: the ERP no longer has the field %(field)s. Remove its mapping and its default.")
            yield Finding("missing", text % place, actor.actor_type, field.key)
        return
    if field.access == Access.MANDATORY and not directed and not has_default(field):
        text = _("%(actor)s: %(field)s is mandatory in the ERP. Give it a direction or a default.")
        yield Finding("mandatory", text % place, actor.actor_type, field.key)
    if field.type == FieldType.LIST and field.crm_key and directed and not field.items.all():
        text = _("%(actor)s: the list items of %(field)s are not mapped. Map at least one.")
        yield Finding("list_mapping", text % place, actor.actor_type, field.key)


def has_default(field: FieldMapping) -> bool:
    """Whether a new actor gets a value for the field: a set one, or one that is asked for (behaviour A10)."""
    return field.default_set or field.default_ask
