"""An ERP in memory: customers of 12 fields in wire form, whose stamps rise with every change."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from operator import itemgetter

from brygga.contract import (
    ActorsResponse,
    ActorType,
    ConnectionInfo,
    Connector,
    ErpActor,
    FieldMetadata,
    FieldsResponse,
    FieldType,
    ItemsResponse,
    ListResponse,
    Response,
)
from brygga.contract.values import encode

GROUPS = {"1": "Retail", "2": "Industry", "3": "Public"}

FIELDS = (
    FieldMetadata("NAME", "Name", max_length=200),
    FieldMetadata("NUMBER", "Number", type=FieldType.INTEGER),
    FieldMetadata("VATNO", "VAT number"),
    FieldMetadata("GROUP", "Group", type=FieldType.LIST, list_name="groups"),
    FieldMetadata("BLOCKED", "Blocked", type=FieldType.CHECKBOX),
    FieldMetadata("CREDIT", "Credit limit", type=FieldType.DOUBLE),
    FieldMetadata("PHONE", "Phone"),
    FieldMetadata("EMAIL", "E-mail"),
    FieldMetadata("STREET", "Street"),
    FieldMetadata("ZIP", "Postal code"),
    FieldMetadata("CITY", "City"),
    FieldMetadata("SINCE", "Customer since", type=FieldType.DATETIME),
)

CHANGING = ("PHONE", "STREET")
"""The fields that `MemoryErp.change` gives new values."""


class MemoryErp(Connector):
    """`count` customers. With `kept` False they are made as they are asked for, so that they take no memory."""

    def __init__(self, count: int, kept: bool = True) -> None:
        self.count = count
        self.stamp = count
        self._actors = {actor.erp_key: actor for actor in map(customer, range(1, count + 1))} if kept else {}
        self._by_stamp = [(number, key) for number, key in enumerate(self._actors, start=1)]
        self._turns = 0

    def spread(self, count: int) -> list[str]:
        """The keys of `count` customers, spread over all of them; other ones the next time."""
        step = max(1, self.count // count)
        keys = list(self._actors)[self._turns % step :: step][:count]
        self._turns += 1
        return keys

    def change(self, count: int) -> list[str]:
        """Give `count` customers, spread over all of them, new values and stamps; returns their keys."""
        keys = self.spread(count)
        for key in keys:
            self._put(key, {field: f"{field} {self.stamp}" for field in CHANGING})
        return keys

    def _put(self, key: str, fields: dict[str, str]) -> ErpActor:
        self.stamp += 1
        actor = self._actors[key]
        actor.last_modified = str(self.stamp)
        actor.fields |= fields
        self._by_stamp.append((self.stamp, key))
        return actor

    def get_config_data(self) -> FieldsResponse:
        return FieldsResponse()

    def test_config_data(self, info: ConnectionInfo) -> Response:
        return Response()

    def save_connection(self, info: ConnectionInfo) -> Response:
        return Response()

    def test_connection(self, guid: str) -> Response:
        return Response()

    def get_supported_actor_types(self, guid: str) -> ItemsResponse:
        return ItemsResponse(items=[ActorType.CUSTOMER])

    def get_supported_actor_type_fields(self, guid: str, actor_type: ActorType) -> FieldsResponse:
        return FieldsResponse(fields=list(FIELDS))

    def get_searchable_fields(self, guid: str, actor_type: ActorType) -> ItemsResponse:
        return ItemsResponse(items=["NAME"])

    def get_list(self, guid: str, list_name: str) -> ListResponse:
        return ListResponse(items=GROUPS)

    def get_list_items(self, guid: str, list_name: str, keys: Sequence[str]) -> ListResponse:
        return ListResponse(items={key: GROUPS[key] for key in keys if key in GROUPS})

    def get_actors(
        self, guid: str, actor_type: ActorType, erp_keys: Sequence[str], field_keys: Sequence[str]
    ) -> ActorsResponse:
        return ActorsResponse(actors=[self._actors[key] for key in erp_keys if key in self._actors])

    def save_actors(self, guid: str, actors: Sequence[ErpActor]) -> ActorsResponse:
        return ActorsResponse(actors=[self._put(actor.erp_key, actor.fields) for actor in actors])

    def get_actors_by_timestamp(
        self, guid: str, updated_on_or_after: str, actor_type: ActorType, field_keys: Sequence[str]
    ) -> ActorsResponse:
        return ActorsResponse(actors=self._since(int(updated_on_or_after or 0)))

    def _since(self, stamp: int) -> Iterable[ErpActor]:
        if not self._actors:
            return map(customer, range(max(stamp, 1), self.count + 1))
        first = bisect_left(self._by_stamp, stamp, key=itemgetter(0))
        found = ((number, self._actors[key]) for number, key in self._by_stamp[first:])
        return (actor for number, actor in found if actor.last_modified == str(number))


def customer(number: int) -> ErpActor:
    """The customer with this number; numbers begin at 1."""
    fields = {
        "NAME": f"Företag {number} AB",
        "NUMBER": encode(number),
        "VATNO": f"SE{number:010}01",
        "GROUP": str(number % len(GROUPS) + 1),
        "BLOCKED": encode(number % 17 == 0),
        "CREDIT": encode(number * 12.5),
        "PHONE": f"+46 8 {number:07}",
        "EMAIL": f"info@foretag{number}.example",
        "STREET": f"Storgatan {number % 211}",
        "ZIP": f"{10000 + number % 89999}",
        "CITY": ("Stockholm", "Göteborg", "Malmö", "Århus", "Oslo")[number % 5],
        "SINCE": f"[D:{number % 12 + 1:02}/{number % 28 + 1:02}/{1990 + number % 30}]",
    }
    return ErpActor(ActorType.CUSTOMER, f"K{number:07}", str(number), fields=fields)
