"""The fixed vocabularies by their names on the wire: written exactly, read liberally (contract, sections 3 and 4)."""

from __future__ import annotations

from enum import IntEnum
from typing import TypeVar

from brygga.contract.actors import Access, ActorType, FieldType
from brygga.contract.responses import State

Member = TypeVar("Member", bound=IntEnum)

_ACTOR_TYPES = {key: kind for kind in ActorType for key in (kind.value, kind.lower(), str(kind.number))}


def wire_name(member: IntEnum) -> str:
    """The published name of a state, field type or access: `OkWithInfo`, `Datetime`, `ReadOnly`."""
    return "".join(word.capitalize() for word in member.name.split("_"))


def actor_type(text: str) -> ActorType:
    """The actor type with this name, in any case, or number; `Unknown` for everything else."""
    return _ACTOR_TYPES.get(text) or _ACTOR_TYPES.get(text.strip().lower(), ActorType.UNKNOWN)


def parent_type(text: str) -> ActorType | None:
    """As `actor_type`, but no text means no parent."""
    return actor_type(text) if text.strip() else None


def state(text: str, default: State) -> State:
    """The state with this name or number."""
    return _STATES.get(text.strip().lower(), default)


def field_type(text: str) -> FieldType:
    """The field type with this name or number; a text for everything else."""
    return _FIELD_TYPES.get(text.strip().lower(), FieldType.TEXT)


def access(text: str) -> Access:
    """The access with this name or number; normal for everything else."""
    return _ACCESSES.get(text.strip().lower(), Access.NORMAL)


def _by_name_and_number(vocabulary: type[Member]) -> dict[str, Member]:
    return {key: member for member in vocabulary for key in (wire_name(member).lower(), str(member.value))}


_STATES = _by_name_and_number(State)
_FIELD_TYPES = _by_name_and_number(FieldType)
_ACCESSES = _by_name_and_number(Access)
