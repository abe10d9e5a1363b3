"""What the checks share: the session, the record, and what the connector offers, fetched once."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from brygga.check.record import Record, repeated, some
from brygga.check.session import Session
from brygga.contract import (
    Access,
    ActorsResponse,
    ActorType,
    BadValue,
    ConnectionInfo,
    ErpActor,
    FieldMetadata,
    FieldType,
    Response,
    SearchRestriction,
    values,
)

Item = TypeVar("Item")

ACTORS_KEPT = 5_000
"""How many actors of a type serve as reference. Beyond, the answers are only checked for these."""


@dataclass
class Offer:
    """An actor type on offer: its fields, the keys of the searchable ones, and its actors as first listed.

    `cut` tells that there are more actors than the reference has.
    """

    actor_type: ActorType
    fields: dict[str, FieldMetadata]
    searchable: list[str] = field(default_factory=list)
    actors: list[ErpActor] = field(default_factory=list)
    cut: bool = False

    @cached_property
    def by_key(self) -> dict[str, ErpActor]:
        """The actors by ERP key."""
        return {actor.erp_key: actor for actor in self.actors}

    @property
    def field_keys(self) -> list[str]:
        """The keys of all fields."""
        return list(self.fields)

    @property
    def types(self) -> dict[str, FieldType]:
        """The field types by key."""
        return {key: field.type for key, field in self.fields.items()}

    @property
    def parents(self) -> list[tuple[ActorType, str]]:
        """The parents that the actors name, each once, those with the most children first."""
        named = ((actor.parent_type, actor.parent_key) for actor in self.actors)
        children = Counter((kind, key) for kind, key in named if kind is not None and key)
        return [parent for parent, _ in children.most_common()]

    def sample(self, size: int) -> list[ErpActor]:
        """Some of the actors, spread over the listing, the first and the last among them."""
        return spread(self.actors, size)

    def filled(self, key: str) -> list[ErpActor]:
        """The actors with a readable value in a field."""
        return [actor for actor in self.actors if readable(actor.fields.get(key, ""), self.fields[key].type)]

    def known(self, actors: Collection[ErpActor]) -> list[str]:
        """The keys of actors, in their order; where the reference is cut, only of those that it has."""
        return [actor.erp_key for actor in actors if not self.cut or actor.erp_key in self.by_key]


@dataclass
class Context:
    """One run of the checks against one connection."""

    session: Session
    record: Record
    values: Mapping[str, str]
    write: bool
    progress: Callable[[str], None]
    guid: str
    config: list[FieldMetadata] = field(default_factory=list)
    offers: dict[ActorType, Offer] = field(default_factory=dict)
    lists: dict[str, dict[str, str]] = field(default_factory=dict)
    left_behind: list[str] = field(default_factory=list)

    def info(self, guid: str) -> ConnectionInfo:
        """The configuration for a connection."""
        return ConnectionInfo(guid, dict(self.values))

    @property
    def populated(self) -> list[Offer]:
        """The actor types that have actors."""
        return [offer for offer in self.offers.values() if offer.actors]

    def found(self, rule: str, what: str, operation: str, *arguments: object) -> list[ErpActor] | None:
        """Call an operation that must answer with actors. None, and a finding, if it is refused; None if there was
        no answer at all, which the session has noted."""
        answer = self.session.actors(operation, self.guid, *arguments)
        return list(answer.actors) if self.accepted(rule, what, answer) and answer is not None else None

    def search(self, rule: str, offer: Offer, restrictions: Sequence[SearchRestriction]) -> list[ErpActor] | None:
        """As `found`, of an advanced search that asks for the fields it searches."""
        keys = [key for key in offer.field_keys if any(key == part.field_key for part in restrictions)]
        asked = keys or offer.field_keys[:1]
        arguments = (offer.actor_type, restrictions, asked)
        return self.found(rule, told(offer, restrictions), "search_actors_advanced", *arguments)

    def accepted(self, rule: str, what: str, answer: Response | None) -> bool:
        """Whether there is an answer and it is no failure; a failure is a finding."""
        if answer is None:
            return False
        return self.record.expect(rule, answer.ok, what, "to be carried out", refusal(answer))

    def compare(self, rule: str, offer: Offer, what: str, wanted: Collection[str], got: Sequence[ErpActor]) -> bool:
        """Hold the actors found against the keys that should be, each once."""
        keys = offer.known(got)
        missing, extra = set(wanted) - set(keys), set(keys) - set(wanted)
        twice = repeated(keys)
        parts = ((missing, "missing"), (extra, "too many"), (twice, "more than once"))
        wrong = "; ".join(f"{name} {some(those)}" for those, name in parts if those)
        return self.record.expect(rule, not wrong, what, f"{len(wanted)} actors", f"{len(keys)}: {wrong}")


def refused(answer: Response | None) -> bool:
    """Whether there is an answer, and it is a failure."""
    return answer is not None and not answer.ok


def refusal(answer: Response) -> str:
    """A failure as a report shows it."""
    code = f" [{answer.error_code}]" if answer.error_code else ""
    return f"a failure{code}: {answer.tech_explanation or answer.user_explanation}"


def outcome(answer: Response) -> str:
    """An answer, failure or not, as a report shows it."""
    if not answer.ok:
        return refusal(answer)
    size = f", {len(list(answer.actors))} actors" if isinstance(answer, ActorsResponse) else ""
    return f"IsOk{size}"


def told(offer: Offer, restrictions: Sequence[SearchRestriction]) -> str:
    """A search as a report shows it."""
    parts = " and ".join(f"{part.field_key} {part.operator} {part.values}" for part in restrictions)
    return f"search {offer.actor_type}: {parts or 'no restrictions'}"


def spread(items: Sequence[Item], size: int) -> list[Item]:
    """At most `size` of the items, evenly spread, the first and the last among them."""
    if len(items) <= size or size < 2:
        return list(items[:size])
    return [items[place * (len(items) - 1) // (size - 1)] for place in range(size)]


def readable(text: str, field_type: FieldType) -> bool:
    """Whether a wire value is one, and of this type."""
    try:
        return values.decode(text, field_type) is not None
    except BadValue:
        return False


def same_value(first: str, second: str, field_type: FieldType) -> bool:
    """Whether two wire values mean the same."""
    if first == second:
        return True
    try:
        return values.decode(first, field_type) == values.decode(second, field_type)
    except BadValue:
        return False


def differences(offer: Offer, first: ErpActor, second: ErpActor, keys: Collection[str]) -> str:
    """In which of these fields two readings of an actor differ, in words; empty if in none."""
    wrong = [
        f"{key}: {first.fields.get(key, '')!r} and {second.fields.get(key, '')!r}"
        for key in keys
        if not same_value(first.fields.get(key, ""), second.fields.get(key, ""), offer.fields[key].type)
    ]
    return "; ".join(wrong[:3])


def writable_texts(offer: Offer) -> list[FieldMetadata]:
    """The text fields that can be written, mandatory ones first, then by rank."""
    texts = [field for field in offer.fields.values() if field.type is FieldType.TEXT]
    writable = [field for field in texts if field.access is not Access.READ_ONLY]
    return sorted(writable, key=lambda field: (field.access is not Access.MANDATORY, field.rank))


def nonsense() -> str:
    """A text that occurs nowhere."""
    return f"qzx{secrets.token_hex(8)}"
