"""An ERP whose fields make every remark of the mapping checker, for walks through the mapping dialogs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tests.erp.memory_erp import MemoryErp

from brygga.contract import (
    Access,
    ActorsResponse,
    ActorType,
    FieldMetadata,
    FieldsResponse,
    FieldType,
    ItemsResponse,
    ListResponse,
)
from brygga.erp import connectors
from brygga.erp.models import Connection
from brygga.erp.services import connections
from brygga.erp.services.connectors import create_connector

FIELDS = {
    ActorType.CUSTOMER: [
        FieldMetadata("NUMBER2", "Customer number", access=Access.READ_ONLY, rank=1),
        FieldMetadata("NAME", "Name", "The name on invoices.", access=Access.MANDATORY, max_length=60, rank=2),
        FieldMetadata("POSTALZIP", "Zip code", rank=3),
        FieldMetadata("CUSTGR", "Customer group", type=FieldType.LIST, list_name="groups", rank=4),
        FieldMetadata("CREDIT", "Credit limit", type=FieldType.DOUBLE, rank=5),
        FieldMetadata("BLOCKED", "Blocked", type=FieldType.CHECKBOX, rank=6),
        FieldMetadata("PHONE", "Phone", max_length=20, rank=7),
        FieldMetadata("SINCE", "Customer since", type=FieldType.DATETIME, rank=8),
        FieldMetadata("TERMS", "Terms of payment", type=FieldType.LIST, access=Access.MANDATORY, list_name="terms"),
    ],
    ActorType.PERSON: [
        FieldMetadata("FIRSTNAME", "First name"),
        FieldMetadata("LASTNAME", "Last name", access=Access.MANDATORY),
    ],
    ActorType.EMPLOYEE: [FieldMetadata("NAME", "Name")],
}
GROUPS = ("Retail", "Industry", "Public", "Farming", "Fishing", "Shipping", "Energy", "Media", "Schools")


class TradeErp(MemoryErp):
    """Customers, persons and employees, and two lists; `more` are fields that it offers by and by.

    With `fields_down` it does not say which fields it has. `items` are those of its lists, by name.
    """

    def __init__(self) -> None:
        super().__init__()
        self.more: list[FieldMetadata] = []
        self.fields_down = ""
        self.items = {"groups": _numbered(GROUPS), "terms": _numbered(["Cash", "30 days"])}

    def get_supported_actor_types(self, guid: str) -> ItemsResponse:
        """The actor types."""
        return ItemsResponse(items=list(FIELDS))

    def get_supported_actor_type_fields(self, guid: str, actor_type: ActorType) -> FieldsResponse:
        """The fields of an actor type."""
        if self.fields_down:
            return FieldsResponse.failure(self.fields_down)
        more = self.more if actor_type is ActorType.CUSTOMER else []
        return FieldsResponse(fields=[*FIELDS[actor_type], *more])

    def get_list(self, guid: str, list_name: str) -> ListResponse:
        """The items, or why there are none now."""
        if self.down:
            return ListResponse.failure(self.down)
        return ListResponse(items=dict(self.items[list_name]))

    def get_list_items(self, guid: str, list_name: str, keys: Sequence[str]) -> ListResponse:
        """The items with these keys."""
        answer = self.get_list(guid, list_name)
        answer.items = {key: text for key, text in answer.items.items() if key in keys}
        return answer

    def search_actors(
        self, guid: str, actor_type: ActorType, search_text: str, field_keys: Sequence[str]
    ) -> ActorsResponse:
        """All of a type."""
        return super().search_actors(guid, actor_type, "", field_keys)


@contextmanager
def trade_erp() -> Iterator[tuple[TradeErp, Connection]]:
    """The ERP with two customers, and a new connection to it: nothing has a direction, and it is not active."""
    erp = TradeErp()
    erp.put(ActorType.CUSTOMER, "1", NUMBER2="1", NAME="Fjord Fisk", POSTALZIP="5003", CUSTGR="1", CREDIT="[F:1500.5]")
    erp.put(ActorType.CUSTOMER, "2", NUMBER2="2", NAME="Skog " * 60, PHONE="+47 72 48 00 00", BLOCKED="[I:1]")
    with connectors.use("trade", erp):
        connector = create_connector("Trade", "plugin://trade")
        yield erp, connections.define(connector, {"en": "Trade"}, {})


def _numbered(texts: Sequence[str]) -> dict[str, str]:
    return {str(number): text for number, text in enumerate(texts, start=1)}
