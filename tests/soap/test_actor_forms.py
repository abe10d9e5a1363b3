"""Actors are written by forms where that is possible; the outcome is the same as if each text were written alone."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.soap.strategies import actors, dictionaries

from brygga.contract import ActorType, ErpActor
from brygga.soap.encode import _actor, _any_actor

KEYED = ErpActor(ActorType.PERSON, "17", "5", ActorType.CUSTOMER, "10001", {"NAME": "Åsa", "AGE": "[I:42]", "NO": ""})
X = "x" * 150


@given(actors)
def test_any_actor_is_written_as_its_texts_are(actor: ErpActor) -> None:
    assert _actor("Actor", actor) == _any_actor("Actor", actor)


@given(st.builds(ErpActor, st.just(ActorType.SALE), st.just("1"), st.just("2"), fields=dictionaries))
def test_so_is_one_with_key_and_stamp(actor: ErpActor) -> None:
    assert _actor("ErpActorWS", actor) == _any_actor("ErpActorWS", actor)


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"parent_key": ""},
        {"parent_type": None},
        {"parent_key": "<1>"},
        {"parent_key": None},
        {"erp_key": ""},
        {"erp_key": None},
        {"last_modified": "&"},
        {"fields": {}},
        {"fields": {"%s": "%d", "{}": "{0}", "a&b": "x"}},
        {"fields": {X: X, "x": X * 3, "": "x"}},
        {"fields": {"A": None}},
        {"fields": {None: "a"}},
    ],
)
def test_nothing_in_an_actor_is_mistaken_for_the_form(changed: dict[str, Any]) -> None:
    values = {name: getattr(KEYED, name) for name in ErpActor.__slots__} | changed
    for _ in range(2):
        assert _actor("Actor", ErpActor(**values)) == _any_actor("Actor", ErpActor(**values))
