"""Defects of time stamps (rules T)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from brygga.check.hostile.defects.defect import breaks
from brygga.check.hostile.good import SampleConnector
from brygga.contract import ActorsResponse, ActorType, ErpActor, stamps


@breaks("T1")
class NoStamps(SampleConnector):
    """Leaves LastModified empty."""

    def _shown(self, actor: ErpActor, field_keys: Iterable[str]) -> ErpActor:
        return replace(super()._shown(actor, field_keys), last_modified="")


@breaks("T2")
class MixedStamps(SampleConnector):
    """Stamps persons with a text where other actors have a number."""

    def _shown(self, actor: ErpActor, field_keys: Iterable[str]) -> ErpActor:
        shown = super()._shown(actor, field_keys)
        return replace(shown, last_modified=f"v{int(actor.last_modified):09}") if actor.parent_key else shown


@breaks("T2")
class DayFirstStamps(SampleConnector):
    """Stamps actors with dates that do not sort as text, the day first."""

    def _shown(self, actor: ErpActor, field_keys: Iterable[str]) -> ErpActor:
        day, year = int(actor.last_modified) % 28 + 1, 1970 + int(actor.last_modified) // 28
        return replace(super()._shown(actor, field_keys), last_modified=f"{day:02}.01.{year}")


@breaks("T3")
class EmptyStampNothing(SampleConnector):
    """Finds no changes since an empty stamp."""

    def _changed_since(self, actor: ErpActor, stamp: str) -> bool:
        return bool(stamp) and super()._changed_since(actor, stamp)


@breaks("T4")
class StrictlyAfter(SampleConnector):
    """Gives the actors after a stamp, without those on it."""

    def _changed_since(self, actor: ErpActor, stamp: str) -> bool:
        return stamps.newer(actor.last_modified, stamp)


@breaks("T4")
class StampIgnored(SampleConnector):
    """Gives all actors, whatever the stamp."""

    def _changed_since(self, actor: ErpActor, stamp: str) -> bool:
        return True


@breaks("T4")
class StampsAsTexts(SampleConnector):
    """Compares its numbers as texts, so that 9 comes after 10."""

    def _changed_since(self, actor: ErpActor, stamp: str) -> bool:
        return actor.last_modified >= stamp


@breaks("T5")
class OtherStampInListing(SampleConnector):
    """Stamps an actor differently when it is searched for."""

    def search_actors(self, *question: Any) -> ActorsResponse:
        answer = super().search_actors(*question)
        found = [replace(actor, last_modified=f"{actor.last_modified}0") for actor in answer.actors]
        return replace(answer, actors=found)


@breaks("T6")
class ReadingTouches(SampleConnector):
    """Stamps actors anew when they are read by key."""

    def get_actors(self, guid: str, actor_type: ActorType, *question: Any) -> ActorsResponse:
        answer = super().get_actors(guid, actor_type, *question)
        if answer.ok:
            read = [actor.erp_key for actor in answer.actors]
            self._ledger(guid).save([ErpActor(actor_type, key) for key in read])
        return answer


@breaks("T7")
class NewestFirst(SampleConnector):
    """Gives the actor that was changed last first."""

    def get_actors_by_timestamp(self, *question: Any) -> ActorsResponse:
        answer = super().get_actors_by_timestamp(*question)
        return replace(answer, actors=list(answer.actors)[::-1])
