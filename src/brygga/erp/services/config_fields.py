"""A connector's configuration fields as they are drawn: defaults filled in, lists with their items (behaviour A4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import get_language

from brygga.contract import ZERO_GUID, FieldMetadata, FieldType
from brygga.contract.localised import text_for
from brygga.erp.connectors import call_connector, open_connector
from brygga.erp.errors import BryggaError
from brygga.erp.models import Connector
from brygga.erp.services.connectors import config_fields
from brygga.erp.services.template_tags import filled_fields


@dataclass(slots=True)
class DrawnFields:
    """Configuration fields in rank order, their tags filled in.

    `items` are the texts of the lists by list name and item key, in the reader's language. A list that could not be
    read has in `failures` why.
    """

    fields: list[FieldMetadata]
    items: dict[str, dict[str, str]] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)


def drawn_fields(connector: Connector, tags: Mapping[str, str]) -> DrawnFields:
    """Ask a connector for its configuration fields and their lists. Raises Refused and ConnectorFailed.

    Lists are read with the zero GUID (contract, section 2). A list that fails does not keep the others from being
    drawn.
    """
    drawn = DrawnFields(filled_fields(config_fields(connector), tags))
    for name in _list_names(drawn.fields):
        try:
            drawn.items[name] = _items(connector, name)
        except BryggaError as failed:
            drawn.failures[name] = failed.user_message
    return drawn


def _list_names(fields: Sequence[FieldMetadata]) -> list[str]:
    return list(dict.fromkeys(field.list_name for field in fields if field.type == FieldType.LIST))


def _items(connector: Connector, name: str) -> dict[str, str]:
    answer = call_connector(open_connector(connector), "get_list", ZERO_GUID, name)
    language = get_language() or "en"
    return {key: text_for(text, language) or key for key, text in answer.items.items()}
