"""Defects of creating and saving (rules W)."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import replace

from brygga.check.hostile import sample_data
from brygga.check.hostile.defects.defect import breaks
from brygga.check.hostile.good import SampleConnector, answers
from brygga.check.hostile.ledger import Ledger, Refusal
from brygga.contract import (
    Access,
    ActorResponse,
    ActorsResponse,
    ErpActor,
    ErrorCode,
    FieldMetadata,
    FieldType,
)


class _OtherTexts(SampleConnector):
    """Stores texts otherwise than they came; `_kept` has the text."""

    def _value(self, field: FieldMetadata, text: str, old: str) -> str:
        return super()._value(field, self._kept(text) if field.type is FieldType.TEXT else text, old)

    def _kept(self, text: str) -> str:
        return text


class _OtherSave(SampleConnector):
    """Saves other actors than it was given; `_given` has each."""

    def save_actors(self, guid: str, actors: Sequence[ErpActor]) -> ActorsResponse:
        return super().save_actors(guid, [self._given(actor) for actor in actors])

    def _given(self, actor: ErpActor) -> ErpActor:
        return actor


@breaks("W1")
class CreatesWithoutKey(SampleConnector):
    """Does not tell the key of a created actor."""

    def create_actor(self, guid: str, actor: ErpActor) -> ActorResponse:
        answer = super().create_actor(guid, actor)
        return replace(answer, actor=answer.actor and replace(answer.actor, erp_key=""))


@breaks("W1")
class CreatesInSilence(SampleConnector):
    """Says that an actor was created, and not which."""

    def create_actor(self, guid: str, actor: ErpActor) -> ActorResponse:
        return replace(super().create_actor(guid, actor), actor=None)


@breaks("W2")
class CreatesNothing(SampleConnector):
    """Answers as if an actor was created, and stores none."""

    @answers(ActorResponse)
    def create_actor(self, guid: str, actor: ErpActor) -> ActorResponse:
        checked = self._checked(self._ledger(guid), replace(actor, erp_key=""))
        return ActorResponse(actor=replace(checked, erp_key="new-1", last_modified="999999"))


@breaks("W3")
class ReusesKeys(SampleConnector):
    """Creates actors under a key that is in use."""

    @answers(ActorResponse)
    def create_actor(self, guid: str, actor: ErpActor) -> ActorResponse:
        self._fields(actor.actor_type)
        first = self._ledger(guid).actors(actor.actor_type)[0]
        answer = self.save_actors(guid, [replace(actor, erp_key=first.erp_key)])
        return ActorResponse(answer.ok, answer.state, actor=next(iter(answer.actors), None))


@breaks("W24")
class CreatesTwice(SampleConnector):
    """Creates two actors for one call."""

    def create_actor(self, guid: str, actor: ErpActor) -> ActorResponse:
        super().create_actor(guid, actor)
        return super().create_actor(guid, actor)


@breaks("W4")
class CreatesIncomplete(SampleConnector):
    """Creates actors without their mandatory values."""

    def _value(self, field: FieldMetadata, text: str, old: str) -> str:
        return super()._value(replace(field, access=Access.NORMAL), text, old)


@breaks("W4")
class CreatesBeforeChecking(SampleConnector):
    """Refuses an actor without its mandatory values, and has created it nevertheless."""

    def create_actor(self, guid: str, actor: ErpActor) -> ActorResponse:
        answer = super().create_actor(guid, actor)
        if "missing" in answer.user_explanation:
            self._ledger(guid).create(actor)
        return answer


@breaks("W5")
class SavesInSilence(SampleConnector):
    """Answers a save without the actors."""

    def save_actors(self, guid: str, actors: Sequence[ErpActor]) -> ActorsResponse:
        return replace(super().save_actors(guid, actors), actors=[])


@breaks("W5")
class EchoesOldValues(SampleConnector):
    """Answers a save with the actors as they were before."""

    def save_actors(self, guid: str, actors: Sequence[ErpActor]) -> ActorsResponse:
        keys, fields = [actor.erp_key for actor in actors], [*actors[0].fields] if actors else []
        before = self.get_actors(guid, actors[0].actor_type, keys, fields) if actors else ActorsResponse()
        answer = super().save_actors(guid, actors)
        return replace(answer, actors=before.actors) if answer.ok else answer


@breaks("W5")
class DropsTexts(_OtherSave):
    """Says that texts were saved, and drops them."""

    def _given(self, actor: ErpActor) -> ErpActor:
        fields = self._fields(actor.actor_type)
        kept = {k: v for k, v in actor.fields.items() if k not in fields or fields[k].type is not FieldType.TEXT}
        return replace(actor, fields=kept)


@breaks("W6")
class StampKept(SampleConnector):
    """Keeps the stamp of an actor that is saved."""

    def __init__(self) -> None:
        super().__init__()
        self._ledgers = {company: _KeepsStamps(sample_data.actors(company)) for company in self._ledgers}


class _KeepsStamps(Ledger):
    def _store(self, actor: ErpActor) -> ErpActor:
        stored = super()._store(actor)
        kept = replace(stored, last_modified=actor.last_modified or stored.last_modified)
        self._actors[kept.actor_type, kept.erp_key] = kept
        return kept


@breaks("W6")
class StampFallsBack(SampleConnector):
    """Gives an actor that is saved the first of all stamps."""

    def __init__(self) -> None:
        super().__init__()
        self._ledgers = {company: _FallsBack(sample_data.actors(company)) for company in self._ledgers}


class _FallsBack(Ledger):
    def _store(self, actor: ErpActor) -> ErpActor:
        stored = super()._store(actor)
        if actor.last_modified:
            stored = self._actors[actor.actor_type, actor.erp_key] = replace(stored, last_modified="1")
        return stored


@breaks("W7")
class OwnSavesHidden(SampleConnector):
    """Leaves what was saved through it out of the changes."""

    def __init__(self) -> None:
        super().__init__()
        self._own: set[str] = set()

    def save_actors(self, guid: str, actors: Sequence[ErpActor]) -> ActorsResponse:
        self._own |= {actor.erp_key for actor in actors}
        return super().save_actors(guid, actors)

    def _changed_since(self, actor: ErpActor, stamp: str) -> bool:
        return super()._changed_since(actor, stamp) and not (stamp and actor.erp_key in self._own)


@breaks("W8")
class BlanksOthers(_OtherSave):
    """Blanks the fields that a save does not give."""

    def _given(self, actor: ErpActor) -> ErpActor:
        fields = self._fields(actor.actor_type)
        blanks = {key: "" for key, field in fields.items() if field.access is Access.NORMAL}
        return replace(actor, fields=blanks | actor.fields)


@breaks("W9")
class AddsOnRepeat(SampleConnector):
    """Adds to a text when the same is saved again."""

    def _value(self, field: FieldMetadata, text: str, old: str) -> str:
        repeated = text and text == old and field.type is FieldType.TEXT and field.access is Access.NORMAL
        return super()._value(field, f"{text} (2)" if repeated else text, old)


@breaks("W10")
class DropsUnknownFields(_OtherSave):
    """Saves what it knows and leaves out unknown fields in silence."""

    def _given(self, actor: ErpActor) -> ErpActor:
        known = self._fields(actor.actor_type)
        return replace(actor, fields={key: text for key, text in actor.fields.items() if key in known})


@breaks("W10")
class SavesHalf(SampleConnector):
    """Refuses an unknown field, and has saved the others."""

    def save_actors(self, guid: str, actors: Sequence[ErpActor]) -> ActorsResponse:
        answer = super().save_actors(guid, actors)
        if answer.error_code == ErrorCode.UNKNOWN_FIELD_KEY:
            known = {key for actor in actors for key in self._fields(actor.actor_type)}
            halves = [replace(a, fields={k: v for k, v in a.fields.items() if k in known}) for a in actors]
            super().save_actors(guid, halves)
        return answer


@breaks("W11")
class CreatesUnknown(SampleConnector):
    """Creates the actor when the key in a save is unknown."""

    @answers(ActorsResponse)
    def save_actors(self, guid: str, actors: Sequence[ErpActor]) -> ActorsResponse:
        ledger = self._ledger(guid)
        if all(ledger.find(actor.actor_type, actor.erp_key) for actor in actors):
            return super().save_actors(guid, actors)
        return ActorsResponse(actors=[ledger.create(self._checked(ledger, actor)) for actor in actors])


@breaks("W12")
class WesternOnly(_OtherTexts):
    """Stores question marks for the letters of other scripts."""

    def _kept(self, text: str) -> str:
        return text.encode("cp1252", "replace").decode("cp1252")


@breaks("W12")
class NoEmoji(_OtherTexts):
    """Loses the characters beyond the first 65,536."""

    def _kept(self, text: str) -> str:
        return "".join(character for character in text if character <= "\uffff")


@breaks("W13")
class EscapesAgain(_OtherTexts):
    """Stores the special characters of XML as entities."""

    def _kept(self, text: str) -> str:
        return html.escape(text)


@breaks("W14")
class JoinsLines(_OtherTexts):
    """Joins the lines of a text."""

    def _kept(self, text: str) -> str:
        return " ".join(text.splitlines()) if "\n" in text else text


@breaks("W15")
class Trims(_OtherTexts):
    """Cuts blanks from the ends of a text."""

    def _kept(self, text: str) -> str:
        return text.strip(" ")


@breaks("W16")
class CutsLongTexts(SampleConnector):
    """Cuts a text that is too long, in silence."""

    def _value(self, field: FieldMetadata, text: str, old: str) -> str:
        return super()._value(field, text[: field.max_length] if field.max_length else text, old)


@breaks("W16")
class ShorterThanTold(_OtherTexts):
    """Keeps fewer characters of a text than its field allows."""

    def _kept(self, text: str) -> str:
        return text[:32]


@breaks("W17")
class OverwritesReadOnly(SampleConnector):
    """Lets read-only fields be changed."""

    def _value(self, field: FieldMetadata, text: str, old: str) -> str:
        writable = Access.NORMAL if field.access is Access.READ_ONLY else field.access
        return super()._value(replace(field, access=writable), text, old)


@breaks("W18")
class BlankIsNoChange(SampleConnector):
    """Takes a blank value for no change."""

    def _value(self, field: FieldMetadata, text: str, old: str) -> str:
        return super()._value(field, text or old, old)


@breaks("W19")
class SavesNeighbour(SampleConnector):
    """Writes the values of a saved actor to another as well."""

    def save_actors(self, guid: str, actors: Sequence[ErpActor]) -> ActorsResponse:
        answer = super().save_actors(guid, actors)
        for actor in actors if answer.ok else ():
            neighbour = self._ledger(guid).actors(actor.actor_type)[0]
            super().save_actors(guid, [replace(actor, erp_key=neighbour.erp_key)])
        return answer


@breaks("W20")
class FirstValuesForAll(SampleConnector):
    """Gives all actors of a save the values of the first."""

    def save_actors(self, guid: str, actors: Sequence[ErpActor]) -> ActorsResponse:
        return super().save_actors(guid, [replace(actor, fields=actors[0].fields) for actor in actors])


@breaks("W20")
class SavesFirstOnly(SampleConnector):
    """Saves the first of several actors."""

    def save_actors(self, guid: str, actors: Sequence[ErpActor]) -> ActorsResponse:
        return super().save_actors(guid, actors[:1])


@breaks("W21")
class MisfitIsZero(SampleConnector):
    """Stores zero where a value does not fit its field."""

    def _value(self, field: FieldMetadata, text: str, old: str) -> str:
        try:
            return super()._value(field, text, old)
        except Refusal as refusal:
            if "is not a valid" not in str(refusal):
                raise
            return super()._value(field, "0", old)


@breaks("W22")
class TakesAnyItem(SampleConnector):
    """Stores list items that the list does not have."""

    def _value(self, field: FieldMetadata, text: str, old: str) -> str:
        return text if field.type is FieldType.LIST else super()._value(field, text, old)


@breaks("W23")
class ForgetsParent(SampleConnector):
    """Creates actors without the parent that was given."""

    def create_actor(self, guid: str, actor: ErpActor) -> ActorResponse:
        return super().create_actor(guid, replace(actor, parent_type=None, parent_key=""))
