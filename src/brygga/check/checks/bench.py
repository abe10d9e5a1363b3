"""Marked test data in the ERP: how they are made up, created, saved and read back."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from brygga.check.context import Context, Offer, differences, refusal, writable_texts
from brygga.contract import Access, ActorResponse, ActorsResponse, ActorType, ErpActor, FieldMetadata, FieldType, values

_TEXTS_GIVEN = 3
_ROOMY = 60


class CannotCreate(Exception):
    """No test actor of a type could be created; the text says why."""


@dataclass
class Draft:
    """An actor to be created: its values and its parent."""

    actor_type: ActorType
    fields: dict[str, str]
    parent: tuple[ActorType, str] | None = None

    def actor(self) -> ErpActor:
        """A new carrier with these values."""
        kind, key = self.parent or (None, "")
        return ErpActor(self.actor_type, "", "", kind, key, dict(self.fields))


@dataclass
class Bench:
    """The test actors of one type, as they were last read, and the text fields to write to, the roomiest first."""

    context: Context
    offer: Offer
    draft: Draft
    actors: list[ErpActor] = field(default_factory=list)

    @property
    def texts(self) -> list[FieldMetadata]:
        """The text fields that the test actors were created with."""
        given = [self.offer.fields[key] for key in self.draft.fields]
        texts = [field for field in given if field.type is FieldType.TEXT]
        return sorted(
            texts, key=lambda text: (text.access is Access.MANDATORY, 0 < text.max_length < _ROOMY, text.rank)
        )

    def create(self, draft: Draft | None = None) -> ActorResponse | None:
        """Create an actor and remember that it stays behind."""
        answer = self.context.session.actor("create_actor", self.context.guid, (draft or self.draft).actor())
        self.note(answer)
        return answer

    def note(self, answer: ActorResponse | None) -> None:
        """Remember a created actor for the report: the contract has no way to delete it."""
        if answer is not None and answer.ok and answer.actor is not None:
            self.context.left_behind.append(f"{answer.actor.actor_type} {answer.actor.erp_key}")

    def read(self, key: str) -> ErpActor | None:
        """The actor with this key as it is now; None if it is not there."""
        arguments = (self.offer.actor_type, [key], self.offer.field_keys)
        answer = self.context.session.actors("get_actors", self.context.guid, *arguments)
        found = list(answer.actors) if answer is not None and answer.ok else []
        return next((actor for actor in found if actor.erp_key == key), None)

    def save(self, *changes: tuple[str, Mapping[str, str]]) -> ActorsResponse | None:
        """Save fields of actors, by key."""
        actors = [ErpActor(self.offer.actor_type, key, fields=dict(fields)) for key, fields in changes]
        return self.context.session.actors("save_actors", self.context.guid, actors)

    def keys(self) -> set[str] | None:
        """The keys of all actors of the type now."""
        arguments = (self.offer.actor_type, "", self.offer.field_keys[:1])
        answer = self.context.session.actors("search_actors", self.context.guid, *arguments)
        return {actor.erp_key for actor in answer.actors} if answer is not None and answer.ok else None

    def expect_same(self, rule: str, what: str, before: ErpActor) -> None:
        """That an actor still has the values that it had, in all fields that are not the ERP's own."""
        now = self.read(before.erp_key)
        own = [key for key, field in self.offer.fields.items() if field.access is not Access.READ_ONLY]
        wrong = "the actor is gone" if now is None else differences(self.offer, before, now, own)
        self.context.record.expect(rule, not wrong, what, "the values of before", wrong)


def mark(length: int = 0) -> str:
    """A text that people recognise as test data, different each time; `length` is the longest allowed, 0 for any."""
    unique = secrets.token_hex(4)
    text = f"Brygga check {unique}"
    return text if length <= 0 or len(text) <= length else unique[:length]


def set_up(context: Context, offer: Offer) -> Bench:
    """Create the first test actor, with some texts or, if that is refused, with as few as possible.

    Raises CannotCreate.
    """
    why = ""
    for texts in (_TEXTS_GIVEN, 1, 0):
        bench = Bench(context, offer, _draft(context, offer, texts))
        answer = bench.create()
        if answer is None:
            raise CannotCreate("there was no answer")
        if answer.ok:
            if answer.actor is None or not answer.actor.erp_key:
                context.record.finding(
                    "W1", f"create_actor of a {offer.actor_type}", "the actor with its key", answer.actor
                )
                raise CannotCreate("the answer does not say which actor was created")
            bench.actors.append(answer.actor)
            return bench
        why = refusal(answer)
    raise CannotCreate(why)


def _draft(context: Context, offer: Offer, texts: int) -> Draft:
    mandatory = [field for field in offer.fields.values() if field.access is Access.MANDATORY]
    fields = {field.key: _value(context, field) for field in mandatory}
    optional = [field for field in writable_texts(offer) if field.access is not Access.MANDATORY]
    roomy = sorted(optional, key=lambda field: (0 < field.max_length < _ROOMY, field.rank))
    fields |= {field.key: mark(field.max_length) for field in roomy[:texts]}
    return Draft(offer.actor_type, fields, offer.parents[0] if offer.parents else None)


def _value(context: Context, field: FieldMetadata) -> str:
    """A value for a mandatory field."""
    if field.type in (FieldType.TEXT, FieldType.PASSWORD, FieldType.LABEL):
        return mark(field.max_length)
    if field.default:
        return field.default
    if field.type is FieldType.LIST:
        items = context.lists.get(field.list_name)
        if not items:
            raise CannotCreate(f"the list of the mandatory field {field.key} has no items")
        return next(iter(items))
    return values.encode_as(_SIMPLE[field.type], field.type)


_SIMPLE: dict[FieldType, values.Value] = {
    FieldType.CHECKBOX: False,
    FieldType.INTEGER: 1,
    FieldType.DOUBLE: 1.0,
    FieldType.DATETIME: datetime(2020, 1, 31),
}
