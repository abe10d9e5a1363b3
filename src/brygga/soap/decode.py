"""Reading messages: a request whole, an answer as it comes."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from io import BytesIO
from itertools import chain
from tempfile import TemporaryFile
from typing import IO

from lxml import etree

from brygga.contract.actors import ConnectionInfo, ErpActor
from brygga.contract.responses import (
    ActorResponse,
    ActorsResponse,
    FieldsResponse,
    ItemsResponse,
    ListResponse,
    Response,
    State,
)
from brygga.soap import read, vocabulary
from brygga.soap.failures import CallFailed, Reason
from brygga.soap.operations import BY_WIRE_NAME, Operation
from brygga.soap.xml import (
    MAX_REQUEST,
    MAX_RESPONSE,
    Document,
    GrowingDocument,
    Readable,
    Unreadable,
    local_name,
    parse,
)

_ACTOR_ITEM = "ErpActorWS"
_DEPTH = 5
"""How deep the list of actors lies: envelope, body, wrapper, result, list."""
_NEEDED = frozenset(("IsOk", "State"))
_DATA = frozenset(("Actors", "Actor", "FieldMetaDataObjects", "Items", "ListItems"))
_KNOWN = _DATA | {"IsOk", "State", "ErrorCode", "TechExplanation", "UserExplanation"}


class NotSoap(ValueError):
    """A request that is not SOAP, or is not one of the operations. The text is English."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request as read: its arguments in the order of the Python method, each of the type its kind stands for."""

    operation: Operation
    arguments: tuple[object, ...]


def decode_request(body: bytes) -> Call:
    """Read a request; the operation is told by the local name of the body's element. Raises NotSoap."""
    try:
        wrapper = content(parse(BytesIO(body), MAX_REQUEST))
    except Unreadable as error:
        raise NotSoap(str(error)) from error
    operation = BY_WIRE_NAME.get(local_name(wrapper))
    if operation is None:
        raise NotSoap(f"{local_name(wrapper)} is not an operation of the contract")
    return Call(operation, _arguments(operation, wrapper))


def decode_response(operation: Operation, body: Readable) -> Response:
    """Read an answer, of the operation's type of answer, from a readable stream of bytes.

    Of an answer with actors no more is read than the base members and the first actor; the others are read as
    `actors` is iterated, once, in constant memory. Where the actors come first, they wait in a temporary file.
    Raises CallFailed with FAULT, NOT_SOAP, BAD_XML or TOO_LARGE, also out of `actors`.
    """
    try:
        if operation.answer is ActorsResponse:
            return _read_actors(operation, body)
        return _read_whole(operation, _result(operation, parse(body, MAX_RESPONSE)))
    except Unreadable as error:
        raise _failed(error) from error


def content(envelope: etree._Element) -> etree._Element:
    """The one element of an envelope's body. Raises Unreadable."""
    body = read.members(envelope).get("Body")
    if body is None or not len(body):
        raise Unreadable(Reason.BAD_XML, "the SOAP body is missing or empty")
    return body[0]


def _failed(error: Unreadable) -> CallFailed:
    return CallFailed(error.reason, str(error), may_repeat=error.reason is not Reason.TOO_LARGE, unknown_outcome=True)


# Requests


def _arguments(operation: Operation, wrapper: etree._Element) -> tuple[object, ...]:
    found = read.members(read.members(wrapper).get("request"))
    arguments = tuple(read.READERS[wanted.kind](found.get(wanted.member)) for wanted in operation.parameters)
    for argument in arguments:
        if isinstance(argument, ConnectionInfo):
            argument.guid = read.guid(found.get("ConnectionGuid"))
    return arguments


# Answers


def _result(operation: Operation, envelope: etree._Element) -> etree._Element:
    """The element with the members of the answer."""
    wrapper = content(envelope)
    if local_name(wrapper) == "Fault":
        raise _fault(wrapper)
    if local_name(wrapper) != f"{operation.wire}Response":
        raise Unreadable(Reason.BAD_XML, f"the answer is {local_name(wrapper)}, not one to {operation.wire}")
    if not len(wrapper):
        raise Unreadable(Reason.BAD_XML, f"{local_name(wrapper)} is empty")
    return wrapper[0]


def _fault(fault: etree._Element) -> CallFailed:
    """A fault of SOAP 1.1, or of 1.2 from a server that knows no better."""
    found = read.members(fault)
    parts = (found.get(name) for name in ("faultcode", "Code", "faultstring", "Reason"))
    told = (" ".join("".join(part.itertext()).split()) for part in parts if part is not None)
    technical = "SOAP fault " + ": ".join(filter(None, told))
    return CallFailed(Reason.FAULT, technical, may_repeat=True, unknown_outcome=True)


def _read_whole(operation: Operation, result: etree._Element) -> Response:
    found = read.members(result)
    if _KNOWN.isdisjoint(found):
        raise Unreadable(Reason.BAD_XML, f"{local_name(result)} has no member of an answer")
    response = operation.answer()
    _read_base(found, response)
    match response:
        case ActorsResponse():
            response.actors = _whole_list(found.get("Actors"))
        case ActorResponse():
            element = found.get("Actor")
            response.actor = read.actor(element) if element is not None and len(element) else None
        case FieldsResponse():
            response.fields = read.fields(found.get("FieldMetaDataObjects"))
        case ItemsResponse():
            response.items = read.texts(found.get("Items"))
        case ListResponse():
            response.items = read.dictionary(found.get("ListItems"))
    return response


def _whole_list(listing: etree._Element | None) -> list[ErpActor]:
    """The actors of a list; where none of its items has the name of an actor, they all are one."""
    items = [] if listing is None else list(listing)
    return [read.actor(item) for item in items if local_name(item) == _ACTOR_ITEM] or list(map(read.actor, items))


def _read_base(found: read.Members, response: Response) -> None:
    """The base members. Where one of IsOk and State is missing the other tells; where both are, an error code."""
    response.error_code = read.text(found.get("ErrorCode"))
    response.tech_explanation = read.text(found.get("TechExplanation"))
    response.user_explanation = read.text(found.get("UserExplanation"))
    ok = read.boolean(found.get("IsOk"))
    supposed = State.ERROR if ok is False or (ok is None and response.error_code) else State.OK
    response.state = vocabulary.state(read.text(found.get("State")), supposed)
    response.ok = response.state < State.ERROR if ok is None else ok


# Answers with actors, as they come


def _read_actors(operation: Operation, body: Readable) -> Response:
    source = _Recorder(body)
    document = GrowingDocument(source, MAX_RESPONSE)
    elements = _listed(operation, document)
    first = next(elements, None)
    if first is None:
        return _read_whole(operation, _result(operation, document.root))
    found = read.members(_result(operation, first.getroottree().getroot()))
    if not found.keys() >= _NEEDED:
        return _read_twice(operation, document, elements, source)
    source.keep_no_more()
    return _answer(found, _actors(chain((first,), elements)))


def _read_twice(
    operation: Operation, document: Document, elements: Iterator[etree._Element], source: _Recorder
) -> Response:
    """For actors that come before the base members: read to the end for these, then again for the actors."""
    with ExitStack() as on_error:
        copy = on_error.enter_context(TemporaryFile())
        source.keep_in(copy)
        for _ in elements:
            pass
        found = read.members(_result(operation, document.root))
        copy.seek(0)
        actors = _actors(_listed(operation, GrowingDocument(copy, MAX_RESPONSE)))
        weakref.finalize(actors, on_error.pop_all().close)
        return _answer(found, actors)


def _answer(found: read.Members, actors: Iterator[ErpActor]) -> Response:
    response = ActorsResponse(actors=actors)
    _read_base(found, response)
    return response


def _listed(operation: Operation, document: GrowingDocument) -> Iterator[etree._Element]:
    """The elements of the actors as they come. They go a few at a time, when the next one is asked for.

    There are none where the whole document comes before the list is seen, as it does if it is little.
    """
    listing = None
    for _ in document:
        if listing is None:
            listing = _listing(operation, document)
        if listing is not None:
            yield from _taken(listing, document)
    for element in () if listing is None else listing:
        if local_name(element) == _ACTOR_ITEM:
            yield element


def _listing(operation: Operation, document: GrowingDocument) -> etree._Element | None:
    """The `Actors` of the answer, and not of something unknown, if that is where the document has come to."""
    path = [] if document.so_far is None else [document.so_far]
    while path and len(path) < _DEPTH and len(path[-1]):
        path.append(path[-1][-1])
    if len(path) < _DEPTH:
        return None
    _, body, wrapper, result, listing = path
    names = local_name(body), local_name(wrapper), local_name(listing)
    if names != ("Body", f"{operation.wire}Response", "Actors") or body[0] is not wrapper or wrapper[0] is not result:
        return None
    document.cleaned(result)
    return listing


def _taken(listing: etree._Element, document: GrowingDocument) -> Iterator[etree._Element]:
    """The actors that are complete, as all but the last are. They are taken out of the list in the end."""
    last = listing[-1] if len(listing) else None
    for element in listing:
        if element is last:
            break
        if local_name(element) == _ACTOR_ITEM:
            yield document.cleaned(element)
    del listing[:-1]
    document.released()


def _actors(elements: Iterator[etree._Element]) -> Iterator[ErpActor]:
    try:
        for element in elements:
            yield read.actor(element)
    except Unreadable as error:
        raise _failed(error) from error


class _Recorder:
    """A stream that keeps a copy of what is read from it: at first in memory, later in a file or not at all."""

    def __init__(self, body: Readable) -> None:
        self._body = body
        self._kept: list[bytes] = []
        self._keep: Callable[[bytes], object] = self._kept.append

    def read(self, size: int, /) -> bytes:
        chunk = self._body.read(size)
        self._keep(chunk)
        return chunk

    def keep_in(self, file: IO[bytes]) -> None:
        file.writelines(self._kept)
        self._kept.clear()
        self._keep = file.write

    def keep_no_more(self) -> None:
        self._kept.clear()
        self._keep = len  # looks at the chunk and leaves it
