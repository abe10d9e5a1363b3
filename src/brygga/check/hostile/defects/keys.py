"""Defects of keys and parents (rules K)."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from brygga.check.hostile.defects.defect import breaks
from brygga.check.hostile.good import SampleConnector, answers
from brygga.check.hostile.ledger import Refusal
from brygga.contract import ActorsResponse, ActorType, ErpActor


@breaks("K1")
class BlankKeys(SampleConnector):
    """Leaves the key of some actors empty."""

    def _shown(self, actor: ErpActor, field_keys: Iterable[str]) -> ErpActor:
        shown = super()._shown(actor, field_keys)
        return replace(shown, erp_key="") if actor.erp_key.endswith("003") else shown


@breaks("K2")
class ActorTwice(SampleConnector):
    """Lists an actor twice."""

    def _everyone(self, guid: str, actor_type: ActorType) -> list[ErpActor]:
        everyone = super()._everyone(guid, actor_type)
        return [*everyone[:1], *everyone]


@breaks("K3")
class AllAreCustomers(SampleConnector):
    """Calls suppliers customers."""

    def _shown(self, actor: ErpActor, field_keys: Iterable[str]) -> ErpActor:
        shown = super()._shown(actor, field_keys)
        return replace(shown, actor_type=ActorType.CUSTOMER) if actor.actor_type is ActorType.SUPPLIER else shown


@breaks("K4")
class KeysPerCall(SampleConnector):
    """Makes up keys anew at each listing."""

    def __init__(self) -> None:
        super().__init__()
        self._calls = itertools.count(1)

    def search_actors(self, *question: Any) -> ActorsResponse:
        answer, call = super().search_actors(*question), next(self._calls)
        return replace(answer, actors=[replace(actor, erp_key=f"{actor.erp_key}-{call}") for actor in answer.actors])


@breaks("K5")
class LosesLastKey(SampleConnector):
    """Leaves out the last of several actors that are got by key."""

    def get_actors(self, *question: Any) -> ActorsResponse:
        answer = super().get_actors(*question)
        found = list(answer.actors)
        return replace(answer, actors=found[:-1] if len(found) > 1 else found)


@breaks("K5")
class EachKeyTwice(SampleConnector):
    """Gives each actor twice when it is got by key."""

    def get_actors(self, *question: Any) -> ActorsResponse:
        answer = super().get_actors(*question)
        return replace(answer, actors=[*answer.actors] * 2)


@breaks("K6")
class UnknownKeyFails(SampleConnector):
    """Fails the whole request when one key is unknown."""

    @answers(ActorsResponse)
    def get_actors(self, guid: str, actor_type: ActorType, erp_keys: Sequence[str], *question: Any) -> ActorsResponse:
        answer = super().get_actors(guid, actor_type, erp_keys, *question)
        if answer.ok and len(list(answer.actors)) < len(erp_keys):
            raise Refusal("One of the actors does not exist.")
        return answer


@breaks("K6")
class UnknownKeyInvented(SampleConnector):
    """Answers an unknown key with an actor without values."""

    def get_actors(self, guid: str, actor_type: ActorType, erp_keys: Sequence[str], *question: Any) -> ActorsResponse:
        answer = super().get_actors(guid, actor_type, erp_keys, *question)
        found = {actor.erp_key: actor for actor in answer.actors}
        blanks = [ErpActor(actor_type, key, "1") for key in erp_keys if key not in found]
        return replace(answer, actors=[*found.values(), *blanks]) if answer.ok else answer


@breaks("K7")
class ThreeKeysAtMost(SampleConnector):
    """Looks at no more than the first three keys."""

    def get_actors(self, guid: str, actor_type: ActorType, erp_keys: Sequence[str], *question: Any) -> ActorsResponse:
        return super().get_actors(guid, actor_type, erp_keys[:3], *question)


@breaks("K8")
class NoKeysMeansAll(SampleConnector):
    """Gives all actors when no keys are asked for."""

    def get_actors(self, guid: str, actor_type: ActorType, erp_keys: Sequence[str], *question: Any) -> ActorsResponse:
        if not erp_keys:
            return self.search_actors(guid, actor_type, "", *question)
        return super().get_actors(guid, actor_type, erp_keys, *question)


@breaks("K9")
class HalfParent(SampleConnector):
    """Gives the key of a parent without its type."""

    def _shown(self, actor: ErpActor, field_keys: Iterable[str]) -> ErpActor:
        return replace(super()._shown(actor, field_keys), parent_type=None)


@breaks("K10")
class OrphanParent(SampleConnector):
    """Gives persons a parent that does not exist."""

    def _shown(self, actor: ErpActor, field_keys: Iterable[str]) -> ErpActor:
        shown = super()._shown(actor, field_keys)
        return replace(shown, parent_key=f"{actor.parent_key}-gone") if actor.parent_key else shown


@breaks("K11")
class ParentIgnored(SampleConnector):
    """Searches among all actors where only the children of one are asked for."""

    def _belongs(self, actor: ErpActor, parent_type: ActorType, parent_key: str) -> bool:
        return True


@breaks("K11")
class FirstChildOnly(SampleConnector):
    """Finds only the first child of a parent."""

    def search_actor_by_parent(self, *question: Any) -> ActorsResponse:
        answer = super().search_actor_by_parent(*question)
        return replace(answer, actors=list(answer.actors)[:1])


@breaks("K12")
class UnknownParentIgnored(SampleConnector):
    """Finds all actors below a parent that does not exist."""

    def search_actor_by_parent(
        self, guid: str, actor_type: ActorType, text: str, parent_type: ActorType, parent_key: str, *question: Any
    ) -> ActorsResponse:
        if guid in self._settings and not self._ledger(guid).find(parent_type, parent_key):
            return self.search_actors(guid, actor_type, text, *question)
        return super().search_actor_by_parent(guid, actor_type, text, parent_type, parent_key, *question)
