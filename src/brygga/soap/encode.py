"""Writing messages, by string templates: exactly the form that .NET's DataContractSerializer gives them.

Base members come first, then the type's own, each group in ordinal order of names; no value is `i:nil="true"`, an
empty text an empty element (contract, section 6). What XML cannot carry is replaced, see `xml.escape`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from brygga.contract.actors import ActorType, ConnectionInfo, ErpActor, FieldMetadata, SearchRestriction
from brygga.contract.responses import (
    ActorResponse,
    ActorsResponse,
    FieldsResponse,
    ItemsResponse,
    ListResponse,
    Response,
)
from brygga.soap.operations import ARRAYS, NAMESPACE, SOAP, Kind, Operation
from brygga.soap.vocabulary import wire_name
from brygga.soap.xml import XSI, escape, is_plain

_OPEN = f'<?xml version="1.0" encoding="utf-8"?>\n<s:Envelope xmlns:s="{SOAP}"><s:Body>'
_CLOSE = "</s:Body></s:Envelope>"
_ENTRY_END = "</a:Value></a:KeyValueOfstringstring>"
_BLOCK = 1 << 16
_WITHOUT_BASE = "TestConfigDataRequestWS"


def encode_request(operation: Operation, arguments: Sequence[object]) -> bytes:
    """A whole request envelope, in UTF-8. `arguments` come in the order of `operation.parameters`.

    Raises ValueError if their number differs.
    """
    return b"".join(_blocks(_request(operation, arguments)))


def encode_response(operation: Operation, response: Response) -> Iterator[bytes]:
    """An answer envelope in UTF-8, block by block; actors are taken from their iterable as they are needed.

    What the iterable raises goes through, in the middle of the message.
    """
    return _blocks(_answer(operation, response))


def _blocks(parts: Iterable[str]) -> Iterator[bytes]:
    pending: list[str] = []
    size = 0
    for part in parts:
        pending.append(part)
        size += len(part)
        if size >= _BLOCK:
            yield "".join(pending).encode()
            pending.clear()
            size = 0
    yield "".join(pending).encode()


def _request(operation: Operation, arguments: Sequence[object]) -> Iterator[str]:
    members = sorted(_members(operation, arguments))
    yield f'{_OPEN}<{operation.wire} xmlns="{NAMESPACE}">'
    if operation.request_type:
        yield f'<request xmlns:i="{XSI}">'
        for _, _, parts in members:
            yield from parts
        yield "</request>"
    yield f"</{operation.wire}>{_CLOSE}"


def _members(operation: Operation, arguments: Sequence[object]) -> Iterator[tuple[bool, str, Iterable[str]]]:
    """The members of a request as they are to be sorted, those of the base first: derived or not, name, parts."""
    for parameter, argument in zip(operation.parameters, arguments, strict=True):
        if isinstance(argument, ConnectionInfo) and operation.request_type != _WITHOUT_BASE:
            yield False, "ConnectionGuid", _WRITERS[Kind.GUID]("ConnectionGuid", argument.guid)
        derived = parameter.kind is not Kind.GUID
        yield derived, parameter.member, _WRITERS[parameter.kind](parameter.member, argument)


def _answer(operation: Operation, response: Response) -> Iterator[str]:
    yield f'{_OPEN}<{operation.wire}Response xmlns="{NAMESPACE}"><{operation.wire}Result xmlns:i="{XSI}">'
    yield _base(response)
    yield from _own(response)
    yield f"</{operation.wire}Result></{operation.wire}Response>{_CLOSE}"


def _base(response: Response) -> str:
    return (
        _text("ErrorCode", response.error_code)
        + f"<IsOk>{_boolean(response.ok)}</IsOk><State>{wire_name(response.state)}</State>"
        + _text("TechExplanation", response.tech_explanation)
        + _text("UserExplanation", response.user_explanation)
    )


def _own(response: Response) -> Iterator[str]:
    """The members of the derived answer type, in parts."""
    match response:
        case ActorsResponse():
            yield from _array("Actors", map(_actor_item, response.actors))
        case ActorResponse():
            yield _actor("Actor", response.actor)
        case FieldsResponse():
            yield from _array("FieldMetaDataObjects", map(_metadata, response.fields))
        case ItemsResponse():
            yield _texts("Items", response.items)
        case ListResponse():
            yield _dictionary("ListItems", response.items)


# Single members


def _boolean(value: bool) -> str:
    return "true" if value else "false"


def _text(name: str, value: str | None) -> str:
    if value is None:
        return f'<{name} i:nil="true"/>'
    if not value:
        return f"<{name}/>"
    return f"<{name}>{value if is_plain(value) else escape(value)}</{name}>"


def _array(name: str, items: Iterable[str]) -> Iterator[str]:
    yield f"<{name}>"
    yield from items
    yield f"</{name}>"


def _texts(name: str, items: Sequence[str]) -> str:
    """An array. As with actors, one test for all its texts is much faster than one for each."""
    if items and all(items) and is_plain("".join(items)):
        return _of_simple_type(name, f"<a:string>{'</a:string><a:string>'.join(items)}</a:string>")
    return _of_simple_type(name, "".join([_text("a:string", item) for item in items]))


def _dictionary(name: str, items: Mapping[str, str]) -> str:
    return _of_simple_type(name, "".join([_key(key) + _value(value) for key, value in items.items()]))


def _value(value: str | None) -> str:
    if value is None:
        return '<a:Value i:nil="true"/></a:KeyValueOfstringstring>'
    return f"<a:Value>{escape(value)}{_ENTRY_END}"


@lru_cache(maxsize=4096)
def _key(key: str) -> str:
    """The beginning of an entry; the same field keys come again and again."""
    return f"<a:KeyValueOfstringstring>{_text('a:Key', key)}"


def _of_simple_type(name: str, content: str) -> str:
    start = f'<{name} xmlns:a="{ARRAYS}"'
    return f"{start}>{content}</{name}>" if content else f"{start}/>"


def _metadata(field: FieldMetadata) -> str:
    return (
        f"<FieldMetadataInfoWS><Access>{wire_name(field.access)}</Access>"
        + _text("DefaultValue", field.default)
        + _text("DisplayDescription", field.description)
        + _text("DisplayName", field.name)
        + _text("FieldKey", field.key)
        + f"<FieldType>{wire_name(field.type)}</FieldType>"
        + _text("ListName", field.list_name)
        + f"<MaxLength>{field.max_length}</MaxLength><Rank>{field.rank}</Rank></FieldMetadataInfoWS>"
    )


def _restriction(restriction: SearchRestriction) -> str:
    return (
        "<SearchRestrictionInfoWS>"
        + _text("FieldKey", restriction.field_key)
        + _text("Operator", restriction.operator)
        + _texts("Values", restriction.values)
        + "</SearchRestrictionInfoWS>"
    )


# Actors, where the time goes


def _actor(name: str, actor: ErpActor | None) -> str:
    """An actor. One test for all its texts is much faster than one for each, and few have anything to escape."""
    if actor is None:
        return f'<{name} i:nil="true"/>'
    texts = [actor.erp_key, *actor.fields.values(), actor.last_modified, actor.parent_key]
    if actor.parent_key == "":
        del texts[-1]
    try:
        if not (actor.erp_key and actor.last_modified and is_plain("".join(texts))):
            return _any_actor(name, actor)
        parts = _form(name, actor.actor_type, actor.parent_type, bool(actor.parent_key), tuple(actor.fields))[:]
    except TypeError:  # a None among them
        return _any_actor(name, actor)
    parts[1::2] = texts
    return "".join(parts)


@lru_cache(maxsize=256)
def _form(
    name: str, actor_type: ActorType, parent_type: ActorType | None, has_parent_key: bool, keys: tuple[str, ...]
) -> list[str]:
    """What actors like this have around their texts, with room for these; not to be changed. One actor after the
    other is like this."""
    text = "x" * (100 + sum(map(len, keys)))  # nowhere else
    like_this = ErpActor(actor_type, text, text, parent_type, text * has_parent_key, dict.fromkeys(keys, text))
    around = _any_actor(name, like_this).split(text)
    return [part for each in around for part in (each, "")][:-1]


def _any_actor(name: str, actor: ErpActor) -> str:
    return (
        f"<{name}><ActorType>{actor.actor_type}</ActorType>"
        + _text("ErpKey", actor.erp_key)
        + _dictionary("FieldValues", actor.fields)
        + _text("LastModified", actor.last_modified)
        + _text("ParentActorType", actor.parent_type)
        + _text("ParentErpKey", actor.parent_key)
        + f"</{name}>"
    )


def _actor_item(actor: ErpActor) -> str:
    return _actor("ErpActorWS", actor)


_WRITERS: dict[Kind, Callable[[str, Any], Iterable[str]]] = {
    Kind.GUID: lambda name, guid: [_text(name, guid.lower())],
    Kind.TEXT: lambda name, text: [_text(name, text)],
    Kind.ACTOR_TYPE: lambda name, actor_type: [_text(name, actor_type)],
    Kind.TEXTS: lambda name, texts: [_texts(name, texts)],
    Kind.ACTOR: lambda name, actor: [_actor(name, actor)],
    Kind.ACTORS: lambda name, actors: _array(name, map(_actor_item, actors)),
    Kind.RESTRICTIONS: lambda name, restrictions: _array(name, map(_restriction, restrictions)),
    Kind.CONNECTION: lambda name, info: [_dictionary(name, info.values)],
}
"""How each kind of member of a request is written, in parts."""
