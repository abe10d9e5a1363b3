"""Strategies for what travels: arguments and answers of each operation, with every text that XML can carry."""

from __future__ import annotations

from hypothesis import strategies as st

from brygga.contract import (
    Access,
    ActorResponse,
    ActorsResponse,
    ActorType,
    ConnectionInfo,
    ErpActor,
    FieldMetadata,
    FieldsResponse,
    FieldType,
    ItemsResponse,
    ListResponse,
    Response,
    SearchRestriction,
    State,
)
from brygga.soap.operations import OPERATIONS, Kind, Operation

operations = st.sampled_from(list(OPERATIONS.values()))

_letters = st.characters(
    exclude_categories=["Cs"],
    exclude_characters=[*(chr(code) for code in range(32) if chr(code) not in "\t\n\r"), "\ufffe", "\uffff"],
)
_awkward = st.sampled_from(["", " ", "\r\n", "\r", "\t\n", "&amp;", "<a>", "]]>", "<![CDATA[", "Ærø ₤ 𝄞", "a;b=\"c'"])
texts = st.one_of(_awkward, st.text(_letters, max_size=12))
guids = st.uuids().map(str)
actor_types = st.sampled_from(ActorType)
dictionaries = st.dictionaries(texts, texts, max_size=5)
actors = st.builds(
    ErpActor,
    actor_type=actor_types,
    erp_key=texts,
    last_modified=texts,
    parent_type=st.none() | actor_types,
    parent_key=texts,
    fields=dictionaries,
)
metadata = st.builds(
    FieldMetadata,
    key=texts,
    name=texts,
    description=texts,
    type=st.sampled_from(FieldType),
    list_name=texts,
    default=texts,
    max_length=st.integers(0, 1 << 31),
    access=st.sampled_from(Access),
    rank=st.integers(-1000, 1000),
)
restrictions = st.builds(SearchRestriction, field_key=texts, operator=texts, values=st.lists(texts, max_size=3))

_ARGUMENTS: dict[Kind, st.SearchStrategy[object]] = {
    Kind.GUID: guids,
    Kind.TEXT: texts,
    Kind.ACTOR_TYPE: actor_types,
    Kind.TEXTS: st.lists(texts, max_size=4),
    Kind.ACTOR: actors,
    Kind.ACTORS: st.lists(actors, max_size=4),
    Kind.RESTRICTIONS: st.lists(restrictions, max_size=3),
    Kind.CONNECTION: st.builds(ConnectionInfo, guid=guids, values=dictionaries),
}
_BASE = {
    "ok": st.booleans(),
    "state": st.sampled_from(State),
    "user_explanation": texts,
    "tech_explanation": texts,
    "error_code": texts,
}
_OWN: dict[type[Response], dict[str, st.SearchStrategy[object]]] = {
    Response: {},
    ActorsResponse: {"actors": st.lists(actors, max_size=5)},
    ActorResponse: {"actor": st.none() | actors},
    FieldsResponse: {"fields": st.lists(metadata, max_size=4)},
    ItemsResponse: {"items": st.lists(texts, max_size=4)},
    ListResponse: {"items": dictionaries},
}


def arguments(operation: Operation) -> st.SearchStrategy[tuple[object, ...]]:
    """Arguments of a call; the configuration that is tested has no GUID."""
    if operation.name == "test_config_data":
        return st.tuples(st.builds(ConnectionInfo, values=dictionaries))
    return st.tuples(*(_ARGUMENTS[parameter.kind] for parameter in operation.parameters))


def responses(operation: Operation) -> st.SearchStrategy[Response]:
    """Answers of the operation's type."""
    return st.builds(operation.answer, **_BASE, **_OWN[operation.answer])
