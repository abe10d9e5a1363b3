"""An ERP in memory behind the contract, for tests of the engine: it stores, stamps and can be made to fail."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from brygga.contract import (
    ActorResponse,
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
    stamps,
)

FIELDS = {
    ActorType.CUSTOMER: [
        FieldMetadata("NAME"),
        FieldMetadata("CITY", max_length=20),
        FieldMetadata("GROUP", type=FieldType.LIST, list_name="groups"),
        FieldMetadata("CODE"),
        FieldMetadata("VATNO"),
    ],
    ActorType.PERSON: [FieldMetadata("FIRSTNAME"), FieldMetadata("LASTNAME")],
}


class MemoryErp(Connector):
    """Customers and persons by key. `before` is called with the name of each operation and may raise or edit."""

    def __init__(self) -> None:
        self.actors: dict[tuple[ActorType, str], ErpActor] = {}
        self.clock = 0
        self.known: set[str] = set()
        self.calls: list[str] = []
        self.refuses: set[str] = set()
        self.down = ""
        self.before: Callable[[str], None] = lambda operation: None

    def put(self, actor_type: ActorType, key: str, parent: str = "", **fields: str) -> None:
        """An edit by somebody in the ERP."""
        old = self.actors.get((actor_type, key), ErpActor(actor_type, key))
        self.clock += 1
        self.actors[actor_type, key] = ErpActor(
            actor_type,
            key,
            str(self.clock),
            ActorType.CUSTOMER if parent else old.parent_type,
            parent or old.parent_key,
            {**old.fields, **fields},
        )

    def value(self, key: str, field: str, actor_type: ActorType = ActorType.CUSTOMER) -> str:
        """What the ERP has now."""
        return self.actors[actor_type, key].fields.get(field, "")

    def count(self, operation: str) -> int:
        """How often an operation was called."""
        return self.calls.count(operation)

    def _refusal(self, guid: str, operation: str) -> Response | None:
        self.calls.append(operation)
        self.before(operation)
        if self.down:
            return Response.failure(self.down)
        if guid not in self.known:
            return Response.failure("Unknown connection.", code="UNKNOWN_CONNECTION_ID")
        return None

    def test_config_data(self, info: ConnectionInfo) -> Response:
        return Response()

    def save_connection(self, info: ConnectionInfo) -> Response:
        self.calls.append("save_connection")
        self.known.add(info.guid)
        return Response()

    def test_connection(self, guid: str) -> Response:
        return self._refusal(guid, "test_connection") or Response()

    def get_supported_actor_types(self, guid: str) -> ItemsResponse:
        return ItemsResponse(items=list(FIELDS))

    def get_supported_actor_type_fields(self, guid: str, actor_type: ActorType) -> FieldsResponse:
        return FieldsResponse(fields=FIELDS[actor_type])

    def get_searchable_fields(self, guid: str, actor_type: ActorType) -> ItemsResponse:
        return ItemsResponse(items=["NAME"])

    def get_list(self, guid: str, list_name: str) -> ListResponse:
        return ListResponse(items={"1": "Retail", "2": "Industry", "3": "Public"})

    def get_actors(
        self, guid: str, actor_type: ActorType, erp_keys: Sequence[str], field_keys: Sequence[str]
    ) -> ActorsResponse:
        found = [self.actors[actor_type, key] for key in erp_keys if (actor_type, key) in self.actors]
        return self._answer(guid, "get_actors", found, field_keys)

    def search_actors(
        self, guid: str, actor_type: ActorType, search_text: str, field_keys: Sequence[str]
    ) -> ActorsResponse:
        found = [actor for (kind, _), actor in self.actors.items() if kind == actor_type]
        return self._answer(guid, "search_actors", found, field_keys)

    def get_actors_by_timestamp(
        self, guid: str, updated_on_or_after: str, actor_type: ActorType, field_keys: Sequence[str]
    ) -> ActorsResponse:
        found = [
            actor
            for (kind, _), actor in self.actors.items()
            if kind == actor_type and not stamps.newer(updated_on_or_after, actor.last_modified)
        ]
        return self._answer(guid, "get_actors_by_timestamp", found, field_keys)

    def save_actors(self, guid: str, actors: Sequence[ErpActor]) -> ActorsResponse:
        failed = self._refusal(guid, "save_actors")
        if failed:
            return ActorsResponse.failure(failed.user_explanation, code=failed.error_code)
        culprits = [actor.erp_key for actor in actors if actor.erp_key in self.refuses]
        if culprits:
            return ActorsResponse.failure(f"{culprits[0]} is locked by the accountant.")
        for actor in actors:
            self.put(actor.actor_type, actor.erp_key, **actor.fields)
        return ActorsResponse(actors=[self.actors[actor.actor_type, actor.erp_key] for actor in actors])

    def create_actor(self, guid: str, actor: ErpActor) -> ActorResponse:
        failed = self._refusal(guid, "create_actor")
        if failed:
            return ActorResponse.failure(failed.user_explanation, code=failed.error_code)
        key = str(1000 + len(self.actors))
        self.put(actor.actor_type, key, actor.parent_key, **actor.fields)
        self.before("created")
        return ActorResponse(actor=self.actors[actor.actor_type, key])

    def _answer(
        self, guid: str, operation: str, actors: Sequence[ErpActor], field_keys: Sequence[str]
    ) -> ActorsResponse:
        failed = self._refusal(guid, operation)
        if failed:
            return ActorsResponse.failure(failed.user_explanation, code=failed.error_code)
        kept = set(field_keys)
        return ActorsResponse(
            actors=[replace(a, fields={k: v for k, v in a.fields.items() if k in kept}) for a in actors]
        )
