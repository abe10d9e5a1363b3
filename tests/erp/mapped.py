"""A connection to the sample ERP, mapped field by field, for tests of what is said about a mapping."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.erp.sample_connector import SampleConnector

from brygga.contract import ActorType, FieldMetadata
from brygga.crm.models import CrmList, CrmListItem
from brygga.erp import connectors
from brygga.erp.models import ActorMapping, Connection, FieldMapping
from brygga.erp.services import actor_mapping, connections, mapping
from brygga.erp.services.actor_mapping import FieldChoice
from brygga.erp.services.connectors import create_connector


@contextmanager
def sampled(*more: FieldMetadata) -> Iterator[tuple[SampleConnector, Connection]]:
    """The sample ERP with more customer fields, and a connection whose customers are synced, without directions."""
    connector = SampleConnector()
    connector.fields[ActorType.CUSTOMER] += more
    with connectors.use("sample", connector):
        row = create_connector("Sample", "plugin://sample")
        connection = connections.define(row, {"en": "Sample"}, {"Server": "a"})
        mapping.set_sync(customers(connection), True)
        yield connector, connection


def customers(connection: Connection) -> ActorMapping:
    """The customers of a connection."""
    return connection.actors.select_related("connection__connector").get(actor_type="Customer")


def field(connection: Connection, key: str) -> FieldMapping:
    """A customer field."""
    return customers(connection).fields.get(key=key)


def map_field(connection: Connection, key: str, crm_key: str, directions: str) -> None:
    """Map a customer field; the directions are "in" to the CRM, "out" to the ERP, or both."""
    set_mapping(field(connection, key), crm_key, "in" in directions, "out" in directions)


def set_mapping(field: FieldMapping, crm_key: str, to_crm: bool, to_erp: bool, **more: Any) -> None:
    """Map a field as the dialog and the API do. Raises NotAvailable, and Refused for an unknown CRM field."""
    actor_mapping.save(field.actor, None, [FieldChoice(field.pk, None, crm_key, to_crm, to_erp, **more)])
    field.refresh_from_db()


def fill_list(key: str, *texts: str) -> dict[str, int]:
    """Give a CRM list exactly these items; text to id."""
    crm_list = CrmList.objects.get(key=key)
    crm_list.items.all().delete()
    return {text: CrmListItem.objects.create(list=crm_list, text=text).pk for text in texts}
