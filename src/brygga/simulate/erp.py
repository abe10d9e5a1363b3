"""An ERP in memory behind the contract, with troubles on the way to it and a record of what was written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import TypeVar

from brygga.contract import (
    ActorResponse,
    ActorsResponse,
    ActorType,
    ConnectionInfo,
    Connector,
    ErpActor,
    ErrorCode,
    FieldMetadata,
    FieldsResponse,
    FieldType,
    ItemsResponse,
    Response,
    stamps,
)

FIELDS = (
    FieldMetadata("NAME"),
    FieldMetadata("CITY", max_length=40),
    FieldMetadata("PHONE"),
    FieldMetadata("CODE"),
    FieldMetadata("CREDIT", type=FieldType.DOUBLE),
)

Answer = TypeVar("Answer", bound=Response)


@dataclass(frozen=True, slots=True)
class Written:
    """A value that Brygga wrote to a field of an actor, and what stood there before."""

    key: str
    field: str
    old: str
    new: str


class SimulatedErp(Connector):
    """Customers by key.

    `on_call` is told of each call: it is called with the operation's name before the call has its effect, and with
    the name and True afterwards; what it raises is what the caller of a lost call would see.
    """

    def __init__(self, random: Random) -> None:
        self.actors: dict[str, ErpActor] = {}
        self.written: list[Written] = []
        self.created: list[str] = []
        self.refuses: set[str] = set()
        self.unordered = False
        self.on_call: Callable[[str, bool, Sequence[str]], None] = lambda operation, done, keys: None
        self._random = random
        self._stamp = 0
        self._keys = 0
        self._known: set[str] = set()

    def edit(self, key: str, **fields: str) -> None:
        """Somebody in the ERP changes an actor."""
        actor = self.actors[key]
        self.actors[key] = replace(actor, last_modified=self._next_stamp(), fields={**actor.fields, **fields})

    def add(self, **fields: str) -> str:
        """A new actor; returns its key."""
        self._keys += 1
        key = str(self._keys)
        blank = {field.key: "" for field in FIELDS}
        self.actors[key] = ErpActor(ActorType.CUSTOMER, key, self._next_stamp(), fields=blank | fields)
        return key

    def forget(self) -> None:
        """Lose all configurations, as a connector that keeps them in memory does when it starts anew."""
        self._known.clear()

    def _next_stamp(self) -> str:
        self._stamp += 1
        return str(self._stamp)

    # The contract

    def test_config_data(self, info: ConnectionInfo) -> Response:
        return Response()

    def save_connection(self, info: ConnectionInfo) -> Response:
        self._known.add(info.guid)
        return Response()

    def test_connection(self, guid: str) -> Response:
        return self._called("test_connection", guid, Response, Response)

    def get_supported_actor_types(self, guid: str) -> ItemsResponse:
        return ItemsResponse(items=[str(ActorType.CUSTOMER)])

    def get_supported_actor_type_fields(self, guid: str, actor_type: ActorType) -> FieldsResponse:
        return FieldsResponse(fields=list(FIELDS))

    def get_searchable_fields(self, guid: str, actor_type: ActorType) -> ItemsResponse:
        return ItemsResponse(items=["NAME"])

    def get_actors(
        self, guid: str, actor_type: ActorType, erp_keys: Sequence[str], field_keys: Sequence[str]
    ) -> ActorsResponse:
        return self._called(
            "get_actors",
            guid,
            ActorsResponse,
            lambda: self._answer((self.actors[key] for key in erp_keys if key in self.actors), field_keys),
        )

    def search_actors(
        self, guid: str, actor_type: ActorType, search_text: str, field_keys: Sequence[str]
    ) -> ActorsResponse:
        return self._called(
            "search_actors", guid, ActorsResponse, lambda: self._answer(self.actors.values(), field_keys)
        )

    def get_actors_by_timestamp(
        self, guid: str, updated_on_or_after: str, actor_type: ActorType, field_keys: Sequence[str]
    ) -> ActorsResponse:
        def changed() -> ActorsResponse:
            found = (a for a in self.actors.values() if not stamps.newer(updated_on_or_after, a.last_modified))
            return self._answer(found, field_keys)

        return self._called("get_actors_by_timestamp", guid, ActorsResponse, changed)

    def save_actors(self, guid: str, actors: Sequence[ErpActor]) -> ActorsResponse:
        def save() -> ActorsResponse:
            refused = [a.erp_key for a in actors if a.erp_key in self.refuses or a.erp_key not in self.actors]
            if refused:
                return ActorsResponse.failure(f"{refused[0]} can't be saved now.")
            return ActorsResponse(actors=[self._save(actor) for actor in actors])

        return self._called("save_actors", guid, ActorsResponse, save, [actor.erp_key for actor in actors])

    def create_actor(self, guid: str, actor: ErpActor) -> ActorResponse:
        def create() -> ActorResponse:
            key = self.add(**actor.fields)
            self.created.append(key)
            return ActorResponse(actor=self.actors[key])

        return self._called("create_actor", guid, ActorResponse, create)

    def _save(self, actor: ErpActor) -> ErpActor:
        standing = self.actors[actor.erp_key].fields
        self.written += [
            Written(actor.erp_key, field, standing[field], value)
            for field, value in actor.fields.items()
            if standing[field] != value
        ]
        self.edit(actor.erp_key, **actor.fields)
        return self.actors[actor.erp_key]

    def _called(
        self,
        operation: str,
        guid: str,
        kind: type[Answer],
        effect: Callable[[], Answer],
        keys: Sequence[str] = (),
    ) -> Answer:
        self.on_call(operation, False, keys)
        if guid in self._known:
            answer = effect()
        else:
            answer = kind.failure("Unknown connection.", code=ErrorCode.UNKNOWN_CONNECTION_ID)
        self.on_call(operation, True, keys)
        return answer

    def _answer(self, found: Iterable[ErpActor], field_keys: Sequence[str]) -> ActorsResponse:
        actors = [replace(a, fields={key: a.fields[key] for key in field_keys}) for a in found]
        if self.unordered:
            actors += self._random.sample(actors, k=len(actors) // 2)
            self._random.shuffle(actors)
        return ActorsResponse(actors=actors)
