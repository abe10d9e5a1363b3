"""Defects of answers and errors (rules E)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from brygga.check.hostile import sample_data
from brygga.check.hostile.defects.defect import breaks
from brygga.check.hostile.good import SampleConnector, Settings
from brygga.check.hostile.ledger import Refusal
from brygga.contract import (
    ActorsResponse,
    ActorType,
    ErpActor,
    FieldMetadata,
    ItemsResponse,
    Response,
    SearchRestriction,
    State,
    search,
)


@breaks("E1")
class RaisesForUnknownConnection(SampleConnector):
    """Raises for an unknown connection instead of answering."""

    def _connection(self, guid: str) -> Settings:
        return self._settings[guid]


@breaks("E1")
class RaisesForUnknownType(SampleConnector):
    """Raises for an actor type that is not on offer."""

    def _fields(self, actor_type: ActorType) -> dict[str, FieldMetadata]:
        return {field.key: field for field in sample_data.FIELDS[actor_type]}


@breaks("E2")
class AnswersNothing(SampleConnector):
    """Answers a test of the connection with nothing at all."""

    def test_connection(self, guid: str) -> Any:
        super().test_connection(guid)


@breaks("E2")
class AnswersAnotherKind(SampleConnector):
    """Answers a list with the keys of its items only, in another kind of response."""

    def get_list(self, guid: str, list_name: str) -> Any:
        answer = super().get_list(guid, list_name)
        return ItemsResponse(answer.ok, answer.state, items=list(answer.items)) if answer.ok else answer


@breaks("E2")
class NoActors(SampleConnector):
    """Answers with None where a search has found no actors."""

    def search_actors(self, *question: Any) -> ActorsResponse:
        answer = super().search_actors(*question)
        found: Any = list(answer.actors) or None
        return replace(answer, actors=found)


@breaks("E3")
class OkButError(SampleConnector):
    """Answers a search with IsOk true and the state Error."""

    def search_actors(self, *question: Any) -> ActorsResponse:
        return replace(super().search_actors(*question), state=State.ERROR)


@breaks("E3")
class FailedButFine(SampleConnector):
    """Leaves the state of a failure at Ok."""

    def get_actors(self, *question: Any) -> ActorsResponse:
        return replace(super().get_actors(*question), state=State.OK)


@breaks("E4")
class ExplainsNothing(SampleConnector):
    """Fails without a word when a connection is unknown."""

    def test_connection(self, guid: str) -> Response:
        return replace(super().test_connection(guid), user_explanation="", tech_explanation="")


@breaks("E5", "S14")
class SpellsCodesRight(SampleConnector):
    """Spells an error code with the N that the published one lacks."""

    def search_actors_advanced(self, *question: Any) -> ActorsResponse:
        answer = super().search_actors_advanced(*question)
        return replace(answer, error_code=answer.error_code.replace("UNKOWN", "UNKNOWN"))


@breaks("E6")
class UnknownConnectionUncoded(SampleConnector):
    """Refuses an unknown connection without the published error code."""

    def _connection(self, guid: str) -> Settings:
        try:
            return super()._connection(guid)
        except Refusal as refusal:
            raise Refusal(str(refusal)) from refusal


@breaks("E6")
class UnknownConnectionEmpty(SampleConnector):
    """Answers for an unknown connection as if it had no changes."""

    def get_actors_by_timestamp(self, guid: str, *question: Any) -> ActorsResponse:
        return super().get_actors_by_timestamp(guid, *question) if guid in self._settings else ActorsResponse()


@breaks("E7")
class InventsFields(SampleConnector):
    """Answers a field that does not exist with a zero."""

    def _known_fields(self, actor_type: ActorType, keys: Iterable[str]) -> dict[str, FieldMetadata]:
        return self._fields(actor_type)

    def _shown(self, actor: ErpActor, field_keys: Iterable[str]) -> ErpActor:
        return replace(actor, fields={key: actor.fields.get(key, "[I:0]") for key in field_keys})


@breaks("E8")
class UnknownTypeIsCustomer(SampleConnector):
    """Answers with customers where a type is asked for that is not on offer."""

    def search_actors(self, guid: str, actor_type: ActorType, *question: Any) -> ActorsResponse:
        offered = actor_type if actor_type in sample_data.FIELDS else ActorType.CUSTOMER
        return super().search_actors(guid, offered, *question)


@breaks("E9")
class FailsWithData(SampleConnector):
    """Adds the actors it has to the refusal of an unknown field."""

    def get_actors(
        self, guid: str, actor_type: ActorType, erp_keys: Sequence[str], field_keys: Sequence[str]
    ) -> ActorsResponse:
        answer = super().get_actors(guid, actor_type, erp_keys, field_keys)
        if answer.error_code == "UNKOWN_FIELDKEY":
            answer.actors = super().get_actors(guid, actor_type, erp_keys, []).actors
        return answer


@breaks("S14")
class IgnoresUnknownRestriction(SampleConnector):
    """Leaves out a restriction on a field that it does not know."""

    def _test(self, actor_type: ActorType, restrictions: Sequence[SearchRestriction]) -> search.ActorTest:
        known = {*self._fields(actor_type), search.PARENT_KEY, search.PARENT_TYPE}
        return super()._test(actor_type, [line for line in restrictions if line.field_key in known])
