"""An ERP in memory behind the contract, with troubles on the way to it and a record of what was written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import TypeVar

from django.utils import timezone

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
from brygga.erp.engine.newest import machine_zone
from brygga.merge.values import Kind, Value, reader

_NUMBER, _TEXT = reader(Kind.DOUBLE), reader(Kind.TEXT)

FIELDS = {
    ActorType.CUSTOMER: (
        FieldMetadata("NAME"),
        FieldMetadata("CITY", max_length=40),
        FieldMetadata("PHONE"),
        FieldMetadata("CODE"),
        FieldMetadata("CREDIT", type=FieldType.DOUBLE),
    ),
    ActorType.PERSON: (FieldMetadata("LASTNAME"), FieldMetadata("MOBILE"), FieldMetadata("EMAIL")),
}

Answer = TypeVar("Answer", bound=Response)


def canonical(field: str, text: str) -> Value:
    """A wire value of the simulated ERPs, or an entered one, as the engine and the log have it."""
    return _NUMBER(text) if field in ("CREDIT", "x:credit") else _TEXT(text)


@dataclass(frozen=True, slots=True)
class Written:
    """A value that Brygga wrote to a field of an actor, and what stood there before."""

    key: str
    field: str
    old: str
    new: str


class SimulatedErp(Connector):
    """Companies and their persons, by key; no two of them have the same. Stamps are whole seconds of its own clock.

    `on_call` is told of each call: it is called with the operation's name, False and the actors that are to be saved
    before the call has its effect, and with True afterwards; what it raises is what the caller of a lost call would
    see.
    """

    def __init__(self, name: str) -> None:
        self.actors: dict[str, ErpActor] = {}
        self.written: list[Written] = []
        self.created: list[str] = []
        self.refuses: set[str] = set()
        self.unordered = False
        self.on_call: Callable[[str, bool, Sequence[ErpActor]], None] = lambda operation, done, saved: None
        self._name = name
        self._random = Random(name)
        self._clock: Callable[[], datetime] = timezone.now
        self._skew = timedelta()
        self._stamp = ""
        self._keys = 0
        self._known: set[str] = set()

    def copy(self) -> SimulatedErp:
        """Another one in which things stand the same."""
        other = SimulatedErp(self._name)
        other.actors, other._known = dict(self.actors), set(self._known)
        other._keys, other._stamp = self._keys, self._stamp
        return other

    def run_by(self, clock: Callable[[], datetime], skew: int) -> None:
        """Go by this clock, so many seconds ahead of it or behind."""
        self._clock, self._skew = clock, timedelta(seconds=skew)

    def edit(self, key: str, **fields: str) -> None:
        """Somebody in the ERP changes an actor."""
        actor = self.actors[key]
        self.actors[key] = replace(actor, last_modified=self._next_stamp(), fields={**actor.fields, **fields})

    def move(self, key: str, parent_key: str) -> None:
        """Somebody in the ERP moves a person to another company."""
        self.actors[key] = replace(self.actors[key], last_modified=self._next_stamp(), parent_key=parent_key)

    def add(self, actor_type: ActorType, parent_key: str = "", **fields: str) -> str:
        """A new actor; returns its key."""
        self._keys += 1
        key = str(self._keys)
        blank = {field.key: "" for field in FIELDS[actor_type]}
        parent_type = ActorType.CUSTOMER if parent_key else None
        self.actors[key] = ErpActor(actor_type, key, self._next_stamp(), parent_type, parent_key, blank | fields)
        return key

    def forget(self) -> None:
        """Lose all configurations, as a connector that keeps them in memory does when it starts anew."""
        self._known.clear()

    def _next_stamp(self) -> str:
        """The wall clock's time, as the contract wants it of date-times; its seconds are coarse, so many are alike."""
        now = (self._clock() + self._skew).astimezone(machine_zone())
        self._stamp = max(self._stamp, now.replace(tzinfo=None).isoformat(timespec="seconds"))
        return self._stamp

    def _of_type(self, actor_type: ActorType) -> Iterable[ErpActor]:
        return (actor for actor in self.actors.values() if actor.actor_type is actor_type)

    # The contract

    def test_config_data(self, info: ConnectionInfo) -> Response:
        return Response()

    def save_connection(self, info: ConnectionInfo) -> Response:
        self._known.add(info.guid)
        return Response()

    def test_connection(self, guid: str) -> Response:
        return self._called("test_connection", guid, Response, Response)

    def get_supported_actor_types(self, guid: str) -> ItemsResponse:
        return ItemsResponse(items=[str(actor_type) for actor_type in FIELDS])

    def get_supported_actor_type_fields(self, guid: str, actor_type: ActorType) -> FieldsResponse:
        return FieldsResponse(fields=list(FIELDS[actor_type]))

    def get_searchable_fields(self, guid: str, actor_type: ActorType) -> ItemsResponse:
        return ItemsResponse(items=[FIELDS[actor_type][0].key])

    def get_actors(
        self, guid: str, actor_type: ActorType, erp_keys: Sequence[str], field_keys: Sequence[str]
    ) -> ActorsResponse:
        wanted = set(erp_keys)
        return self._called(
            "get_actors",
            guid,
            ActorsResponse,
            lambda: self._answer((a for a in self._of_type(actor_type) if a.erp_key in wanted), field_keys),
        )

    def search_actors(
        self, guid: str, actor_type: ActorType, search_text: str, field_keys: Sequence[str]
    ) -> ActorsResponse:
        return self._called(
            "search_actors", guid, ActorsResponse, lambda: self._answer(self._of_type(actor_type), field_keys)
        )

    def get_actors_by_timestamp(
        self, guid: str, updated_on_or_after: str, actor_type: ActorType, field_keys: Sequence[str]
    ) -> ActorsResponse:
        def changed() -> ActorsResponse:
            of_type = self._of_type(actor_type)
            found = (a for a in of_type if not stamps.newer(updated_on_or_after, a.last_modified))
            return self._answer(found, field_keys)

        return self._called("get_actors_by_timestamp", guid, ActorsResponse, changed)

    def save_actors(self, guid: str, actors: Sequence[ErpActor]) -> ActorsResponse:
        def save() -> ActorsResponse:
            refused = [a.erp_key for a in actors if a.erp_key in self.refuses or a.erp_key not in self.actors]
            if refused:
                return ActorsResponse.failure(f"{refused[0]} can't be saved now.")
            return ActorsResponse(actors=[self._save(actor) for actor in actors])

        return self._called("save_actors", guid, ActorsResponse, save, actors)

    def create_actor(self, guid: str, actor: ErpActor) -> ActorResponse:
        def create() -> ActorResponse:
            key = self.add(actor.actor_type, actor.parent_key, **actor.fields)
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
        saved: Sequence[ErpActor] = (),
    ) -> Answer:
        self.on_call(operation, False, saved)
        if guid in self._known:
            answer = effect()
        else:
            answer = kind.failure("Unknown connection.", code=ErrorCode.UNKNOWN_CONNECTION_ID)
        self.on_call(operation, True, saved)
        return answer

    def _answer(self, found: Iterable[ErpActor], field_keys: Sequence[str]) -> ActorsResponse:
        actors = [replace(a, fields={key: a.fields[key] for key in field_keys}) for a in found]
        if self.unordered:
            actors += self._random.sample(actors, k=len(actors) // 2)
            self._random.shuffle(actors)
        return ActorsResponse(actors=actors)
