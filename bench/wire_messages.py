"""Messages for the measurements of the wire: many actors of 12 fields, and small calls with their answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.connector import customer
from brygga.contract import ActorsResponse, ActorType, ErpActor, Response
from brygga.soap.codec import encode_request, encode_response
from brygga.soap.operations import OPERATIONS, Operation

GUID = "5b0e6f0c-7a5e-4b83-9f1c-0d6a1d3a2c11"
LISTED = OPERATIONS["get_actors_by_timestamp"]
SAVED = OPERATIONS["save_actors"]


@dataclass(frozen=True)
class SmallCall:
    """A call with its request and the answer to it, both as they are on the wire; `actors` are in the answer."""

    operation: Operation
    arguments: tuple[object, ...]
    request: bytes
    answer: bytes
    actors: int


def customers(count: int) -> Iterator[ErpActor]:
    """Customers of 12 fields, made as they are asked for."""
    return map(customer, range(1, count + 1))


def listing(count: int) -> Iterator[bytes]:
    """An answer with so many actors, block by block, made as it is asked for."""
    return encode_response(LISTED, ActorsResponse(actors=customers(count)))


def small_calls() -> Sequence[SmallCall]:
    """A test of the connection, one actor by its key, two actors by theirs."""
    return [_small("test_connection", (GUID,), Response(), 0), _by_key(1), _by_key(2)]


def _by_key(count: int) -> SmallCall:
    actors = list(customers(count))
    keys, fields = [actor.erp_key for actor in actors], list(actors[0].fields)
    return _small("get_actors", (GUID, ActorType.CUSTOMER, keys, fields), ActorsResponse(actors=actors), count)


def _small(name: str, arguments: tuple[object, ...], response: Response, actors: int) -> SmallCall:
    operation = OPERATIONS[name]
    answer = b"".join(encode_response(operation, response))
    return SmallCall(operation, arguments, encode_request(operation, arguments), answer, actors)
