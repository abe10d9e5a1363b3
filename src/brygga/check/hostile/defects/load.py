"""Defects that show under load: slowness and threads that disturb each other (rules P)."""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from brygga.check.hostile.defects.defect import breaks
from brygga.check.hostile.good import SampleConnector
from brygga.contract import ActorsResponse, ErpActor, FieldsResponse, Response

HANG = 60.0
"""How long the connector hangs, in seconds; far beyond any time limit."""
SLOW = 2.1
_SWITCH = 0.005


@breaks("P1")
class Hangs(SampleConnector):
    """Hangs when the connection is tested."""

    def test_connection(self, guid: str) -> Response:
        time.sleep(HANG)
        return super().test_connection(guid)


@breaks("P2")
class MixesCalls(SampleConnector):
    """Keeps what is asked for in the object, where calls at the same time overwrite it."""

    def get_actors(self, *question: Any) -> ActorsResponse:
        self._question = question
        time.sleep(_SWITCH)
        return super().get_actors(*self._question)


@breaks("P3")
class CountsCalls(SampleConnector):
    """Puts the number of the call into the texts of a listing."""

    def __init__(self) -> None:
        super().__init__()
        self._calls = itertools.count(1)

    def search_actors(self, *question: Any) -> ActorsResponse:
        answer, call = super().search_actors(*question), next(self._calls)
        return replace(answer, actors=[_numbered(actor, call) for actor in answer.actors])


@breaks("P4")
class Slow(SampleConnector):
    """Takes two seconds to tell its configuration fields."""

    def get_config_data(self) -> FieldsResponse:
        time.sleep(SLOW)
        return super().get_config_data()


@breaks("P5")
class LosesSaves(SampleConnector):
    """Loses a save while it is busy with another."""

    def __init__(self) -> None:
        super().__init__()
        self._busy = False

    def save_actors(self, guid: str, actors: Sequence[ErpActor]) -> ActorsResponse:
        if self._busy:
            return ActorsResponse(actors=actors)
        self._busy = True
        try:
            time.sleep(_SWITCH)
            return super().save_actors(guid, actors)
        finally:
            self._busy = False


def _numbered(actor: ErpActor, call: int) -> ErpActor:
    return replace(actor, fields={key: f"{text} ({call})" for key, text in actor.fields.items()})
