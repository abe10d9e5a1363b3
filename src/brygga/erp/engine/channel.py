"""A channel: one actor type of one connection, with its mapping compiled for many records."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from brygga.contract import ActorType, ErpActor
from brygga.crm.fields import RecordType
from brygga.erp.models import ActorMapping, Connection, SyncSettings
from brygga.erp.services.mapping import compile_mappings
from brygga.merge import FieldMapping, Merger, Misfit, Policy, reader, writer

Values = dict[str, Any]


@dataclass(slots=True)
class Unreadable:
    """A value from the ERP that is not of the type its field has: kept as text, reported, never guessed at."""

    erp_field: str
    text: str
    misfit: Misfit


@dataclass
class Channel:
    """What it takes to merge and move the records of one actor type."""

    connection: Connection
    actor: ActorMapping
    actor_type: ActorType
    record_type: RecordType
    mappings: Sequence[FieldMapping]
    merger: Merger
    readers: dict[str, Callable[[str], Any]] = field(default_factory=dict)
    writers: dict[str, Callable[[Any], str]] = field(default_factory=dict)
    by_time: bool = False
    """Whether the side that was edited last wins in any of the fields."""

    @property
    def erp_keys(self) -> list[str]:
        """The ERP fields that take part."""
        return list(self.readers)

    @property
    def crm_keys(self) -> list[str]:
        """The CRM fields that take part."""
        return list(dict.fromkeys(mapping.crm.key for mapping in self.mappings))

    def read_actor(self, actor: ErpActor) -> tuple[Values, list[Unreadable]]:
        """The actor's values in canonical form, and those that could not be read."""
        values: Values = {}
        unreadable: list[Unreadable] = []
        readers = self.readers
        for key, text in actor.fields.items():
            read = readers.get(key)
            if read is None:
                continue
            try:
                values[key] = read(text)
            except Misfit as misfit:
                unreadable.append(Unreadable(key, text, misfit))
        return values, unreadable

    def to_wire(self, values: Values) -> dict[str, str]:
        """Canonical values in the form that travels."""
        return {key: self.writers[key](value) for key, value in values.items()}

    def with_policy(self, policy: Policy) -> Channel:
        """This channel with every conflict settled by one policy, as a person's choice does."""
        mappings = [replace(mapping, policy=policy) for mapping in self.mappings]
        return replace(self, mappings=mappings, merger=Merger(mappings, policy), by_time=policy is Policy.NEWEST)


def open_channel(actor: ActorMapping) -> Channel:
    """The channel of a mapped actor type; only fields with a direction and a CRM field take part."""
    connection = actor.connection
    mappings, policy = compile_mappings(actor), Policy(connection.policy)
    crm_first = SyncSettings.load().crm_priority <= connection.priority
    return Channel(
        connection=connection,
        actor=actor,
        actor_type=ActorType(actor.actor_type),
        record_type=RecordType(actor.record_type),
        mappings=mappings,
        merger=Merger(mappings, policy, crm_first),
        readers={mapping.erp.key: reader(mapping.erp.kind) for mapping in mappings},
        writers={mapping.erp.key: writer(mapping.erp.kind) for mapping in mappings},
        by_time=any((mapping.policy or policy) is Policy.NEWEST for mapping in mappings),
    )


def channels_of(connection: Connection) -> list[Channel]:
    """The synced actor types of a connection, companies before the contacts that belong to them."""
    order = {RecordType.COMPANY: 0, RecordType.CONTACT: 1, RecordType.PROJECT: 2}
    actors = connection.actors.filter(sync=True).exclude(record_type="").select_related("connection__connector")
    return sorted((open_channel(actor) for actor in actors), key=lambda channel: order[channel.record_type])
