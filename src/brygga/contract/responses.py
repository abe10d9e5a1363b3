"""Responses: the answer of every operation (contract, section 3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import TypeVar

from brygga.contract.actors import ErpActor, FieldMetadata


class State(IntEnum):
    """How a call went; the higher is the worse."""

    OK = 0
    OK_WITH_INFO = 1
    WARNING = 2
    ERROR = 3


class ErrorCode(StrEnum):
    """The published error codes, spelt as published (two of them lack an N)."""

    UNKNOWN_CONNECTION_ID = "UNKNOWN_CONNECTION_ID"
    UNKNOWN_FIELD_KEY = "UNKOWN_FIELDKEY"
    UNKNOWN_LIST_ITEM_ID = "UNKOWN_LISTITEM_ID"


@dataclass
class Response:
    """The base of every answer.

    `user_explanation` is localised text for users, `tech_explanation` English for the log.
    """

    ok: bool = True
    state: State = State.OK
    user_explanation: str = ""
    tech_explanation: str = ""
    error_code: str = ""

    def absorb(self: ResponseT, other: Response) -> ResponseT:
        """Merge `other` into this response and return it: a failure wins, the higher state wins, the first
        error code stays, texts are joined by line ends (section 3)."""
        self.ok = self.ok and other.ok
        self.state = max(self.state, other.state)
        self.user_explanation = _join(self.user_explanation, other.user_explanation)
        self.tech_explanation = _join(self.tech_explanation, other.tech_explanation)
        self.error_code = self.error_code or other.error_code
        return self

    @classmethod
    def failure(cls: type[ResponseT], user: str, tech: str = "", code: str = "") -> ResponseT:
        """An error response of this class that carries no data."""
        return cls(ok=False, state=State.ERROR, user_explanation=user, tech_explanation=tech or user, error_code=code)


ResponseT = TypeVar("ResponseT", bound=Response)


@dataclass
class FieldsResponse(Response):
    """Answer of `get_config_data` and `get_supported_actor_type_fields`."""

    fields: list[FieldMetadata] = field(default_factory=list)


@dataclass
class ItemsResponse(Response):
    """Answer of `get_supported_actor_types` (type names) and `get_searchable_fields` (field keys)."""

    items: list[str] = field(default_factory=list)


@dataclass
class ActorsResponse(Response):
    """Answer of the actor operations. `actors` may be a one-pass stream: iterate it once."""

    actors: Iterable[ErpActor] = ()


@dataclass
class ActorResponse(Response):
    """Answer of `create_actor`."""

    actor: ErpActor | None = None


@dataclass
class ListResponse(Response):
    """Answer of `get_list` and `get_list_items`: item key to localised text."""

    items: dict[str, str] = field(default_factory=dict)


def _join(first: str, second: str) -> str:
    return "\n".join(text for text in (first, second) if text)
