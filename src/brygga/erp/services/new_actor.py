"""What a user is asked for when an actor is created in an ERP, or one is connected (behaviour A10, U5, U6)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from brygga.contract import Access, Connector, FieldMetadata, FieldType
from brygga.contract.localised import text_for
from brygga.contract.values import BadValue, decode, encode_as
from brygga.erp import connectors
from brygga.erp.errors import Refused
from brygga.erp.models import ActorMapping, FieldMapping
from brygga.erp.services.fields import described
from brygga.erp.services.mapping import label_of


def obstacle(actor: ActorMapping) -> str:
    """Why actors of this type can't be created through the connector; empty if they can, as far as one can tell.

    A connector on this server is known to lack the operation; one behind an address says so when it is called.
    """
    connector = connectors.open_connector(actor.connection)
    if type(connector).create_actor is Connector.create_actor:
        return _("The connector can't create records. Create it in the ERP system, and connect it then.")
    if not actor.fields.filter(missing=False).exclude(access=Access.READ_ONLY).exists():
        return _("All fields are read-only in the ERP system. Create it there, and connect it then.")
    return ""


def fields_to_ask(actor: ActorMapping) -> list[FieldMetadata]:
    """The fields to ask for, in rank order: those that are set to be asked, and mandatory ones that nothing else fills.

    Their default is the one to suggest, and MANDATORY means that a value is needed.
    """
    return [_asked(field) for field in _askable(actor).values() if field.default_ask or _is_open(field)]


def fields_to_fill(actor: ActorMapping, in_erp: Mapping[str, str], in_crm: Collection[str]) -> list[FieldMetadata]:
    """The fields to ask for when an actor is connected: those set to be asked that have no value yet (behaviour U5).

    `in_erp` are the actor's values in wire form, `in_crm` the keys of the CRM fields that are not blank.
    """
    asked = [field for field in _askable(actor).values() if field.default_ask and not in_erp.get(field.key)]
    return [_asked(field) for field in asked if not (field.to_erp and field.crm_key in in_crm)]


def askable_keys(actor: ActorMapping) -> list[str]:
    """The keys of the fields that users may be asked for."""
    return list(_askable(actor))


def items_to_offer(actor: ActorMapping, asked: Sequence[FieldMetadata]) -> dict[str, dict[str, str]]:
    """The items of the lists that are asked for: list name to item key to text. Raises ConnectorFailed."""
    language = get_language() or "en"
    names = sorted({field.list_name for field in asked if field.type == FieldType.LIST})
    lists = {name: connectors.call(actor.connection, "get_list", name).items for name in names}
    return {name: {key: text_for(text, language) for key, text in items.items()} for name, items in lists.items()}


def checked_values(actor: ActorMapping, values: Mapping[str, str]) -> dict[str, str]:
    """What a user answered, by ERP field key, in canonical wire form.

    Raises Refused for a field that users are not asked for, and for a value that does not fit the field.
    """
    askable = _askable(actor)
    unknown = [key for key in values if key not in askable]
    if unknown:
        text = _("%(actor)s: users are not asked for %(fields)s.")
        raise Refused(text % {"actor": actor.actor_type, "fields": ", ".join(unknown)})
    return {key: _checked(askable[key], value) for key, value in values.items()}


def _askable(actor: ActorMapping) -> dict[str, FieldMapping]:
    asked = Q(default_ask=True) | Q(default_mandatory=True) | Q(access=Access.MANDATORY)
    fields = actor.fields.filter(asked, missing=False).exclude(access=Access.READ_ONLY)
    return {field.key: field for field in fields}


def _is_open(field: FieldMapping) -> bool:
    """Whether neither a set default nor the CRM gives the field its value."""
    return not field.default_set and not (field.to_erp and field.crm_key)


def _asked(field: FieldMapping) -> FieldMetadata:
    told = described(field)
    told.default = field.default_value if field.default_set else field.connector_default
    told.access = Access.MANDATORY if field.default_mandatory else told.access
    return told


def _checked(field: FieldMapping, value: str) -> str:
    kind, label = FieldType(field.type), label_of(field)
    try:
        checked = encode_as(decode(value, kind), kind)
    except BadValue as error:
        raise Refused(_("%(field)s: the value doesn't fit the field. Correct it.") % {"field": label}) from error
    if field.max_length and kind == FieldType.TEXT and len(checked) > field.max_length:
        text = _("%(field)s takes %(length)s characters at most. Shorten the value.")
        raise Refused(text % {"field": label, "length": field.max_length})
    return checked
