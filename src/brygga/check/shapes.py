"""Whether an answer is what its operation must answer with; whatever comes, what goes on is safe to look into."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from brygga.check.record import shown
from brygga.contract import (
    Access,
    ActorResponse,
    ActorsResponse,
    ActorType,
    ErpActor,
    ErrorCode,
    FieldMetadata,
    FieldsResponse,
    FieldType,
    ItemsResponse,
    ListResponse,
    Response,
    State,
)


class Breach(NamedTuple):
    """What is wrong with an answer: the rule, what should have come, and what came."""

    rule: str
    expected: str
    got: str


def examine(answer: object, kind: type[Response]) -> tuple[Response | None, list[Breach]]:
    """The answer with what is of the wrong type taken out, and what was wrong. None if nothing of it can be used.

    The answer returned is a copy: what the connector does with its own objects later does not show in it.
    """
    if not isinstance(answer, kind):
        return None, [
            Breach("E2", f"an answer of the kind {kind.__name__}", f"{type(answer).__name__}: {shown(answer)}")
        ]
    breaches: list[Breach] = []
    copy = dataclasses.replace(answer)
    _make_base(copy, breaches)
    if kind in _MEMBERS:
        _MEMBERS[kind](copy, breaches)
    breaches.extend(_contradictions(copy))
    return copy, breaches


def _make_base(answer: Response, breaches: list[Breach]) -> None:
    answer.ok = _typed(answer.ok, bool, False, "IsOk", breaches)
    state = _typed(answer.state, int, State.ERROR, "State", breaches)
    answer.state = State(state) if state in list(State) else _typed(None, State, State.ERROR, "State", breaches)
    for member in ("user_explanation", "tech_explanation", "error_code"):
        setattr(answer, member, _typed(getattr(answer, member), str, "", member, breaches))


def _typed(value: Any, kind: type[Any], otherwise: Any, member: str, breaches: list[Breach]) -> Any:
    if isinstance(value, kind):
        return value
    breaches.append(Breach("E2", f"{member} as {kind.__name__}", f"{type(value).__name__}: {shown(value)}"))
    return otherwise


def _contradictions(answer: Response) -> Iterable[Breach]:
    if answer.ok == (answer.state is State.ERROR):
        yield Breach("E3", "State Error with IsOk false, and only then", f"IsOk {answer.ok}, State {answer.state.name}")
    if answer.ok:
        return
    if not answer.user_explanation.strip() or not answer.tech_explanation.strip():
        missing = "UserExplanation" if not answer.user_explanation.strip() else "TechExplanation"
        yield Breach("E4", "an explanation for the user and one for the log", f"no {missing}")
    if answer.error_code and answer.error_code not in list(ErrorCode):
        yield Breach("E5", f"no code, or one of {', '.join(ErrorCode)}", answer.error_code)
    if data := _data(answer):
        yield Breach("E9", "no data", shown(data))


def _data(answer: Response) -> object:
    base = {field.name for field in dataclasses.fields(Response)}
    own = [getattr(answer, field.name) for field in dataclasses.fields(answer) if field.name not in base]
    return next((value for value in own if value), None)


# Members that one kind of answer has


def _make_actors(answer: ActorsResponse, breaches: list[Breach]) -> None:
    actors = _sequence(answer.actors, "Actors", breaches)
    answer.actors = [safe for actor in actors if (safe := _actor(actor, breaches)) is not None]


def _make_actor(answer: ActorResponse, breaches: list[Breach]) -> None:
    answer.actor = None if answer.actor is None else _actor(answer.actor, breaches)


def _make_fields(answer: FieldsResponse, breaches: list[Breach]) -> None:
    fields = _sequence(answer.fields, "FieldMetaDataObjects", breaches)
    answer.fields = [safe for field in fields if (safe := _field(field, breaches)) is not None]


def _make_items(answer: ItemsResponse, breaches: list[Breach]) -> None:
    items = _sequence(answer.items, "Items", breaches)
    answer.items = [str(_typed(item, str, "", "Items", breaches)) for item in items]


def _make_list(answer: ListResponse, breaches: list[Breach]) -> None:
    answer.items = _texts(answer.items, "ListItems", "E2", breaches)


def _sequence(value: Any, member: str, breaches: list[Breach]) -> Sequence[Any]:
    return list(_typed(value, list if not isinstance(value, tuple) else tuple, [], member, breaches))


def _actor(actor: Any, breaches: list[Breach]) -> ErpActor | None:
    if not isinstance(actor, ErpActor):
        breaches.append(Breach("E2", "actors", f"{type(actor).__name__}: {shown(actor)}"))
        return None
    kind = _typed(actor.actor_type, ActorType, ActorType.UNKNOWN, "ActorType", breaches)
    parent = None
    if actor.parent_type is not None:
        parent = _typed(actor.parent_type, ActorType, None, "ParentActorType", breaches)
    key = _typed(actor.erp_key, str, "", "ErpKey", breaches)
    stamp = _typed(actor.last_modified, str, "", "LastModified", breaches)
    parent_key = _typed(actor.parent_key, str, "", "ParentErpKey", breaches)
    return ErpActor(kind, key, stamp, parent, parent_key, _texts(actor.fields, "FieldValues", "V2", breaches))


def _texts(value: Any, member: str, rule: str, breaches: list[Breach]) -> dict[str, str]:
    texts = _typed(value, dict, {}, member, breaches)
    for key, text in texts.items():
        if not (isinstance(key, str) and isinstance(text, str)):
            breaches.append(Breach(rule, f"texts in {member}", f"{shown(key)}: {shown(text)}"))
    return {key: text for key, text in texts.items() if isinstance(key, str) and isinstance(text, str)}


def _field(field: Any, breaches: list[Breach]) -> FieldMetadata | None:
    if not isinstance(field, FieldMetadata):
        breaches.append(Breach("E2", "field metadata", f"{type(field).__name__}: {shown(field)}"))
        return None
    texts = [
        _typed(getattr(field, member), str, "", f"{member} of a field", breaches)
        for member in ("key", "name", "description", "list_name", "default")
    ]
    found: list[Breach] = []
    kind = _member(field.type, FieldType, FieldType.TEXT, found)
    access = _member(field.access, Access, Access.NORMAL, found)
    length = _typed(field.max_length, int, 0, "MaxLength", found)
    rank = _typed(field.rank, int, 0, "Rank", found)
    breaches.extend(breach._replace(rule="M9", got=f"{texts[0]}: {breach.got}") for breach in found)
    key, name, description, list_name, default = texts
    return FieldMetadata(key, name, description, kind, list_name, default, length, access, rank)


def _member(value: Any, kind: type[Any], otherwise: Any, breaches: list[Breach]) -> Any:
    """A member of an enumeration, also when its number came."""
    try:
        return kind(value)
    except ValueError:
        return _typed(value, kind, otherwise, kind.__name__, breaches)


_MEMBERS: dict[type[Response], Callable[[Any, list[Breach]], None]] = {
    ActorsResponse: _make_actors,
    ActorResponse: _make_actor,
    FieldsResponse: _make_fields,
    ItemsResponse: _make_items,
    ListResponse: _make_list,
}
